"""The pattern language of the sense files: a few words of context, compiled to regular expressions.

A caption is read as one character a word (see `vocabulary.py`), so that a class of words is a
character class and a gap is a bounded repeat: matching takes time linear in the caption.

A pattern is a row of slots with spaces between them; ` / ` separates whole alternatives:

| slot | matches |
| --- | --- |
| `ball` | this word |
| `kick~` | any form of the verb: kick, kicks, kicked, kicking |
| `ball^` | singular and plural |
| `{ball}` | any word of a class |
| `<person>` | any alternative of a named phrase |
| `a|the|{own}|<person>` | any of these |
| `!{body}` | one word that is none of these |
| `*` | any one word |
| `..`, `..5` | up to 3 (5) words of the same clause: no comma, no full stop, none of `breaks` |
| `...`, `...9` | up to 12 (9) words, commas, full stops and `breaks` included |
| `,`, `.` | a comma; a full stop or another mark that ends a sentence |
| `START`, `END` | the two ends of the caption |

A `?` after a slot makes it optional.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

MAX_GAP = 20
MAX_GAPS = 3
START, END, COMMA, STOP, NUMBER, UNKNOWN = "\u1000\u1001\u1002\u1003\u1004\u1005"
FIRST_WORD = 0x1010  # words take the characters from here on
LAST_WORD = 0xD7FF

_NO_WORDS = START + END + COMMA + STOP
_GAP = re.compile(r"(\.{2,3})(\d{1,2})?")


class PatternError(ValueError):
    """A pattern that cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot as a regular expression over the characters of words, read either way.

    Attributes:
        forwards: for captions as they are.
        backwards: for reversed captions.
        gaps: how many gaps it has.
        may_be_empty: whether it also matches no word at all.
    """

    forwards: str
    backwards: str
    gaps: int = 0
    may_be_empty: bool = False


class Words(Protocol):
    """What a pattern needs to know of the vocabulary."""

    @property
    def breaks(self) -> frozenset[str]:
        """Characters that `..` does not cross, besides commas and full stops."""

    def atom(self, text: str) -> frozenset[str]:
        """The characters of `ball`, `kick~`, `ball^`, `{ball}`; PatternError if there are none."""

    def phrase(self, name: str) -> list[list[Slot]]:
        """The alternatives of a named phrase; PatternError if there is no such phrase."""


def parse(pattern: str, words: Words) -> list[list[Slot]]:
    """The alternatives of a pattern, each a row of slots.

    Raises:
        PatternError: if the pattern cannot be read.
    """
    alternatives = []
    for alternative in pattern.split(" / "):
        slots = [_slot(text, words, pattern) for text in alternative.split()]
        if not slots:
            raise PatternError(f"the pattern {pattern!r} has an empty alternative")
        if all(slot.may_be_empty for slot in slots):
            raise PatternError(f"the pattern {pattern!r} has an alternative that always matches")
        if sum(slot.gaps for slot in slots) > MAX_GAPS:
            raise PatternError(f"the pattern {pattern!r} has more than {MAX_GAPS} gaps in a row")
        alternatives.append(slots)
    return alternatives


def compile_slots(alternatives: list[list[Slot]], *, backwards: bool = False) -> re.Pattern[str]:
    """One regular expression for all alternatives; `backwards` to match reversed captions."""
    return re.compile(_backwards(alternatives) if backwards else _forwards(alternatives))


def _forwards(alternatives: list[list[Slot]]) -> str:
    return "|".join("".join(slot.forwards for slot in row) for row in alternatives)


def _backwards(alternatives: list[list[Slot]]) -> str:
    return "|".join("".join(slot.backwards for slot in reversed(row)) for row in alternatives)


def _slot(text: str, words: Words, pattern: str) -> Slot:
    gap = _GAP.fullmatch(text)
    if gap:
        crosses_all = len(gap[1]) == 3
        length = int(gap[2]) if gap[2] else (12 if crosses_all else 3)
        if length > MAX_GAP:
            raise PatternError(f"a gap in the pattern {pattern!r} is longer than {MAX_GAP}")
        stops = START + END
        if not crosses_all:
            stops += COMMA + STOP + "".join(sorted(words.breaks))
        regex = f"[^{stops}]{{0,{length}}}?"
        return Slot(regex, regex, gaps=1, may_be_empty=True)
    body, optional = (text[:-1], "?") if text.endswith("?") else (text, "")
    if body == "*":
        regex = f"[^{_NO_WORDS}]{optional}"
        return Slot(regex, regex, may_be_empty=bool(optional))
    negated = body.startswith("!")
    characters: set[str] = set()
    rows: list[list[Slot]] = []
    for atom in body.removeprefix("!").split("|"):
        if not atom:
            raise PatternError(f"the pattern {pattern!r} has an empty slot")
        if atom.startswith("<") and atom.endswith(">") and not negated:
            rows += words.phrase(atom[1:-1])
        else:
            characters |= words.atom(atom)
    row = "".join(sorted(characters))
    regex = f"[^{_NO_WORDS}{row}]" if negated else f"[{row}]"
    if not rows:
        return Slot(regex + optional, regex + optional, may_be_empty=bool(optional))
    if characters:
        rows = [[Slot(regex, regex)], *rows]
    gaps = max(sum(slot.gaps for slot in row) for row in rows)
    return Slot(
        f"(?:{_forwards(rows)}){optional}",
        f"(?:{_backwards(rows)}){optional}",
        gaps,
        may_be_empty=bool(optional),
    )
