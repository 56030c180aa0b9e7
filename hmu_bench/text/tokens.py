"""Tokens for captions that come without any: rules and a word list, no tagger.

HumanML3D's own tokens are spaCy's: lower case, words of letters only, nouns and verbs in their base
form. This module writes the same form from a list of a thousand words of our own. It is a stand-in
for `spacy_tokens`, where spaCy is not installed: datasets count it as `tokens_by_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hmu_bench.yaml_files import read_yaml

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BEFORE_NOUN = frozenset({"DET", "ADJ", "NUM"})
_POSSESSIVE = frozenset({"my", "your", "his", "her", "its", "our", "their", "whose"})
_AUXILIARIES = frozenset({"be", "have", "do"})
_OPEN = ("VERB", "NOUN")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class _Words:
    tags: dict[str, tuple[str, ...]]  # of a word as it stands
    bases: dict[str, tuple[str, ...]]  # VERB, NOUN or both, of what forms are made of
    irregular: dict[str, str]
    unchanged: frozenset[str]


@cache
def _words() -> _Words:
    data = read_yaml(Path(__file__).with_name("words.yaml"))
    irregular, unchanged = data.pop("irregular"), frozenset(data.pop("unchanged").split())
    closed: dict[str, tuple[str, ...]] = {}
    bases: dict[str, tuple[str, ...]] = {}
    for tag, words in data.items():
        for word in dict.fromkeys(words.split()):
            if tag in _OPEN:
                bases[word] = (*bases.get(word, ()), tag)
            else:
                closed.setdefault(word, (tag,))
    # As it stands, "lower" is an adjective; "lowers" is a form of the verb all the same.
    return _Words(bases | closed, bases, irregular, unchanged)


def rule_tokens(text: str) -> str:
    """The caption as "word/POS word/POS ...", in HumanML3D's form.

    Lower case; hyphens join ("cross-legged" is one word); words of letters only, numbers in digits
    fall away; "'s" and "n't" fall away; nouns and verbs in their base form. A word that may be a
    noun or a verb is a noun after a determiner, adjective, number or possessive, else a verb; "to"
    is PART before the base form of a verb, else ADP; a word that the list does not know is OTHER.

    >>> rule_tokens("A man kicks twice, then turns to his left.")
    'a/DET man/NOUN kick/VERB twice/ADV then/ADV turn/VERB to/ADP his/PRON left/ADJ'
    """
    tokens: list[str] = []
    before = word_before = ""
    infinitive = False  # after "to/PART", until its verb
    words = list(_split(text))
    for place, word in enumerate(words):
        base, tags = _look_up(word)
        tag = tags[0]
        if word == "to":
            infinitive = _begins_infinitive(words[place + 1 :])
            tag = "PART" if infinitive else "ADP"
        elif infinitive and _is_verb(word):
            infinitive, tag = False, "AUX" if word in _AUXILIARIES else "VERB"
        elif len(tags) > 1 and (before in _BEFORE_NOUN or word_before in _POSSESSIVE):
            tag = "NOUN"
        tokens.append(f"{base}/{tag}")
        before, word_before = tag, word
    return " ".join(tokens)


def _begins_infinitive(words: list[str]) -> bool:
    """Whether a verb in its base form follows, maybe after adverbs: "to walk", "to slowly walk"."""
    for word in words:
        if _is_verb(word):
            return True
        if _look_up(word)[1][0] != "ADV":
            return False
    return False


def _is_verb(word: str) -> bool:
    """Whether a word as it stands is the base form of a verb, whatever else it may be."""
    return "VERB" in _words().bases.get(word, ()) or word in _AUXILIARIES


def _split(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower().replace("-", "")):
        head, mark, tail = word.replace("’", "'").partition("'")
        if mark and tail == "t" and head.endswith("n") and head != "n":
            head = head[:-1] if head != "can" else head
        if head.isalpha():  # \w also holds signs such as the raised 2
            yield head


@cache
def _look_up(word: str) -> tuple[str, tuple[str, ...]]:
    """Base form and possible tags."""
    words = _words()
    if word in words.tags and (word in words.unchanged or word not in words.irregular):
        return word, words.tags[word]
    if word in words.unchanged:
        return word, ("OTHER",)
    for base in _base_forms(word, words.irregular):
        if base in words.bases:
            return base, words.bases[base]
    return word, ("OTHER",)


def _base_forms(word: str, irregular: dict[str, str]) -> Iterator[str]:
    """What the word may be a form of, likeliest first."""
    if word in irregular:
        yield irregular[word]
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem == word or not any(vowel in stem for vowel in _VOWELS + "y"):
            continue
        if len(stem) > 2 and stem[-1] == stem[-2]:
            yield stem[:-1]
        yield stem + "e"  # before the stem: "hoped" is of hope, as that of hop is "hopped"
        yield stem
        if ending == "ed" and stem.endswith("i"):
            yield stem[:-1] + "y"
