"""Words to characters: inflected forms, misspellings, compounds, phrases that are one word.

Every word that the lexicon mentions has a character of its own; all others share one. A caption
becomes a short text of these characters, on which patterns are matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase

from hmu_bench.text.lexicon.patterns import (
    COMMA,
    END,
    FIRST_WORD,
    LAST_WORD,
    NUMBER,
    START,
    STOP,
    UNKNOWN,
    PatternError,
    Slot,
    parse,
)
from hmu_bench.text.lexicon.schema import WordFile

# A word; the 's of a possessive by itself; digits; the marks that end a clause or a sentence.
_TOKEN = re.compile(
    r"[^\W\d_]+(?=['’]s(?![^\W\d_]))|['’]s(?![^\W\d_])|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[,.;:!?()\[\]/\n]"
)
_TITLE = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z]{2})")
_MARKS = dict.fromkeys(".;:!?()[]\n", STOP) | {",": COMMA, "/": COMMA}
_VOWELS = frozenset("aeiou")
_MAX_WORD = 40  # longer ones are no words
_MAX_REMEMBERED = 200_000


def verb_forms(base: str, irregular: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The forms of a verb, regular unless told otherwise, and a sloppy "-in".

    >>> verb_forms("jab", {})
    ('jab', 'jabs', 'jabbed', 'jabbing', 'jabbin')
    """
    third = noun_forms(base)[1]
    if base in irregular:
        return tuple(dict.fromkeys((base, third, *irregular[base])))
    stem = base
    if base.endswith("e") and not base.endswith("ee"):
        stem = base[:-1]
    elif (
        len(base) > 2
        and base[-1] not in _VOWELS | frozenset("wxy")
        and base[-2] in _VOWELS
        and base[-3] not in _VOWELS
        and (len(base) <= 4 or base.endswith(("ab", "op", "ip", "un")))
    ):
        stem = base + base[-1]
    past = base[:-1] + "ied" if base.endswith("y") and base[-2] not in _VOWELS else stem + "ed"
    return tuple(dict.fromkeys((base, third, past, stem + "ing", stem + "in")))


def noun_forms(base: str) -> tuple[str, str]:
    """Singular and plural.

    >>> noun_forms("punch"), noun_forms("enemy")
    (('punch', 'punches'), ('enemy', 'enemies'))
    """
    if base.endswith(("s", "sh", "ch", "x", "z")):
        return base, base + "es"
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base, base[:-1] + "ies"
    return base, base + "s"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A caption as characters: `START`, one a word or mark, `END`.

    Attributes:
        text: the characters.
        tokens: the words that they stand for, without the two ends.
        offsets: the first word of each character and the end; None if each stands for one.
    """

    text: str
    tokens: list[str]
    offsets: list[int] | None

    def words(self, start: int, end: int) -> str:
        """The caption's own words from character `start` up to `end`, lower case."""
        first, last = max(start - 1, 0), min(end, len(self.text) - 1) - 1
        if self.offsets is not None:
            first, last = self.offsets[first], self.offsets[last]
        return " ".join(self.tokens[first:last])


class Vocabulary(dict[str, str]):
    """Word -> character; knows inflected forms, misspellings and compounds.

    Args:
        words: the word file.
    """

    def __init__(self, words: WordFile) -> None:
        super().__init__(_MARKS)
        self._irregular = {base: tuple(forms.split()) for base, forms in words.irregular.items()}
        self._classes = words.classes
        self._class_characters: dict[str, frozenset[str]] = {}
        self._next = FIRST_WORD
        self._frozen = False
        self._compounds: dict[str, tuple[str, str] | None] = {}
        self._spelling = {
            wrong: right for right, wrongs in words.spelling.items() for wrong in wrongs.split()
        }
        self._parts = {
            name: tuple(sorted(stems.split(), key=len, reverse=True))
            for name, stems in words.parts.items()
        }
        self._part_characters = {name: self._add("+" + name) for name in words.parts}
        self._phrases = words.phrases
        self._open_phrases: set[str] = set()
        self._watched = words.watched
        self._real = frozenset(words.real.split())
        self._joins: dict[str, list[tuple[str, str]]] = {}
        self._join_sources = words.joins
        for name in words.classes:
            self.atom("{" + name + "}")
        self.breaks = frozenset().union(*(self.atom(word) for word in words.breaks.split()))

    def atom(self, text: str) -> frozenset[str]:
        """The characters of an atom of a pattern (PatternError for an unknown class)."""
        if text in ("START", "END"):
            return frozenset(START if text == "START" else END)
        if text.startswith("{") and text.endswith("}"):
            return self._class(text[1:-1])
        if text.endswith("~"):
            return frozenset(self._add(form) for form in verb_forms(text[:-1], self._irregular))
        if text.endswith("^"):
            return frozenset(self._add(form) for form in noun_forms(text[:-1]))
        if text in _MARKS:
            return frozenset(_MARKS[text])
        if text == "0":
            return frozenset(NUMBER)
        if not re.fullmatch(r"(?:[^\W\d_]+(?:[-_'][^\W\d_]+)*)|'s", text):
            raise PatternError(f"{text!r} is no word, verb~, noun^ or {{class}}")
        return frozenset(self._add(text))

    def phrase(self, name: str) -> list[list[Slot]]:
        """The alternatives of a named phrase (PatternError for an unknown one)."""
        if name not in self._phrases:
            raise PatternError(f"there is no phrase {name!r}")
        if name in self._open_phrases:
            raise PatternError(f"the phrase {name!r} contains itself")
        self._open_phrases.add(name)
        rows = parse(self._phrases[name], self)
        self._open_phrases.remove(name)
        return rows

    def _class(self, name: str) -> frozenset[str]:
        if name in self._part_characters and name not in self._classes:
            return frozenset(self._part_characters[name])
        if name not in self._classes:
            raise PatternError(f"there is no word class {name!r}")
        if name not in self._class_characters:
            self._class_characters[name] = frozenset()  # ends a circle of classes
            self._class_characters[name] = frozenset().union(
                *(self.atom(word) for word in self._classes[name].split()),
                *([self._part_characters[name]] if name in self._part_characters else []),
            )
        return self._class_characters[name]

    def _add(self, word: str) -> str:
        known = super().get(word)
        if known is not None:
            return known
        if self._frozen:
            raise PatternError(f"the word {word!r} came after the vocabulary was closed")
        if self._next > LAST_WORD:
            raise PatternError("the lexicon has too many words")
        character = chr(self._next)
        self._next += 1
        self[word] = character
        return character

    def close(self) -> None:
        """No more words; misspellings and phrases are added."""
        for joined, phrases in self._join_sources.items():
            character = self._add(joined)
            for phrase in phrases.split(" / "):
                for words in _spell_out(phrase.split(), self._irregular):
                    chars = "".join(self._add(word) for word in words)
                    self._joins.setdefault(chars[:2], []).append((chars, character))
        for options in self._joins.values():
            options.sort(key=lambda option: -len(option[0]))
        starts = "".join(sorted({chars[0] for chars in self._joins}))
        self._join_starts = re.compile(f"[{starts}]" if starts else "(?!)")
        wanted = frozenset().union(*(self.atom(word) for word in self._watched.split()))
        known = {word: character for word, character in self.items() if len(word) > 1}
        self._watched_words = {
            word: character for word, character in known.items() if character in wanted
        }
        for wrong, right in self._spelling.items():
            super().setdefault(wrong, self._resolved(right))
        for word, character in self._watched_words.items():
            for wrong in slips(word):
                if wrong not in self._real:
                    super().setdefault(wrong, character)
        self._compound_parts = frozenset(word for word in known if len(word) >= 3)
        self._size_when_closed = len(self)
        self._frozen = True

    def _resolved(self, word: str) -> str:
        known = super().get(word)
        return UNKNOWN if known is None else known

    def __missing__(self, word: str) -> str:
        character = self._guess(word)
        if len(self) < self._size_when_closed + _MAX_REMEMBERED and len(word) <= _MAX_WORD:
            self[word] = character
        return character

    def _guess(self, word: str) -> str:
        if word[0].isdigit():
            return NUMBER
        if len(word) > _MAX_WORD:
            return UNKNOWN
        plain = word.replace("’", "'")
        if plain != word:
            return self._resolved(plain)
        for name, stems in self._parts.items():
            if any(word.endswith(stem[1:]) if stem[0] == "-" else stem in word for stem in stems):
                return self._part_characters[name]
        return UNKNOWN

    def split_compound(self, word: str) -> tuple[str, str] | None:
        """Two known words that an unknown one is made of, one of them watched.

        >>> from hmu_bench.text.lexicon import load_lexicon
        >>> load_lexicon().vocabulary.split_compound("kicksomething")
        ('kick', 'something')
        """
        if not 6 <= len(word) <= _MAX_WORD:
            return None
        if word.startswith("to") and word[2:] in self._watched_words:
            return "to", word[2:]
        for cut in range(len(word) - 3, 2, -1):
            left, right = word[:cut], word[cut:]
            if (
                left in self._compound_parts
                and right in self._compound_parts
                and (
                    (cut > 3 and left in self._watched_words)
                    or (len(word) - cut > 3 and right in self._watched_words)
                )
            ):
                return left, right
        return None

    def encode(self, caption: str) -> Encoded:
        """The caption as characters."""
        if not caption.islower():
            caption = _TITLE.sub(" ", caption) if not caption.isupper() else caption
            caption = caption.lower()
        if "_" in caption:
            caption = caption.replace("_", " ")
        tokens = _TOKEN.findall(caption)
        text = "".join(map(self.__getitem__, tokens))
        if UNKNOWN in text:
            tokens, text = self._open_compounds(tokens, text)
        offsets = None
        if self._join_starts.search(text):
            text, offsets = self._join(text)
        return Encoded(f"{START}{text}{END}", tokens, offsets)

    def _open_compounds(self, tokens: list[str], text: str) -> tuple[list[str], str]:
        opened: list[str] = []
        for token, character in zip(tokens, text, strict=True):
            parts = self._compound(token) if character == UNKNOWN else None
            opened.extend(parts or (token,))
        return (
            (opened, "".join(map(self.__getitem__, opened)))
            if len(opened) > len(tokens)
            else (
                tokens,
                text,
            )
        )

    def _compound(self, token: str) -> tuple[str, str] | None:
        cache = self._compounds
        if token not in cache:
            if len(cache) > _MAX_REMEMBERED:
                cache.clear()
            cache[token] = self.split_compound(token)
        return cache[token]

    def _join(self, text: str) -> tuple[str, list[int] | None]:
        pieces: list[str] = []
        offsets: list[int] = []
        position = 0
        for match in self._join_starts.finditer(text):
            start = match.start()
            for chars, character in self._joins.get(text[start : start + 2], ()):
                if start >= position and text.startswith(chars, start):
                    pieces += (text[position:start], character)
                    offsets += range(position, start + 1)
                    position = start + len(chars)
                    break
        if not pieces:
            return text, None
        pieces.append(text[position:])
        offsets += range(position, len(text) + 1)
        return "".join(pieces), offsets


def slips(word: str) -> Iterator[str]:
    """Likely misspellings of a word: a letter lost, added, changed or swapped (not the first).

    Of a word of four or five letters only two letters swapped or one doubled: any other slip may be
    another word.

    >>> sorted(slips("kicks"))
    ['kciks', 'kiccks', 'kickks', 'kicsk', 'kiicks', 'kikcs']
    >>> "pucnhing" in set(slips("punching")), "puching" in set(slips("punching"))
    (True, True)
    """
    if len(word) < 4 or "_" in word or word.startswith("+"):
        return
    if len(word) < 6:
        for at in range(1, len(word) - 1):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            yield word[: at + 1] + word[at:]
        return
    for at in range(1, len(word)):
        if at < len(word) - 1:
            yield word[:at] + word[at + 1 :]
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        for letter in ascii_lowercase:
            yield word[:at] + letter + word[at:]
            if letter != word[at]:
                yield word[:at] + letter + word[at + 1 :]


def _spell_out(words: list[str], irregular: dict[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """Every row of plain words that a phrase with `verb~` and `noun^` stands for."""
    rows: list[list[str]] = [[]]
    for word in words:
        forms: tuple[str, ...] = (word,)
        if word.endswith("~"):
            forms = verb_forms(word[:-1], irregular)
        elif word.endswith("^"):
            forms = noun_forms(word[:-1])
        rows = [[*row, form] for row in rows for form in forms]
    yield from rows
