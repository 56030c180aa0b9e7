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
| `a|the|{his}` | any of these |
| `!{body}` | one word that is none of these |
| `*` | any one word |
| `..`, `..5` | up to 3 (5) words of the same clause: no comma, no full stop, no "then" |
| `...`, `...9` | up to 12 (9) words, commas, full stops and "then" included |
| `START`, `END` | the two ends of the caption |

A `?` after a slot makes it optional.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_GAP = 20
MAX_GAPS = 3
START, END, COMMA, STOP, NUMBER, UNKNOWN = "\u1000\u1001\u1002\u1003\u1004\u1005"
FIRST_WORD = 0x1010  # words take the characters from here on
LAST_WORD = 0xD7FF

_GAP = re.compile(r"(\.{2,3})(\d{1,2})?")


class PatternError(ValueError):
    """A pattern that cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot as a regular expression over the characters of words."""

    regex: str
    is_gap: bool


def parse(
    pattern: str, words_of: Callable[[str], frozenset[str]], breaks: frozenset[str]
) -> list[list[Slot]]:
    """The alternatives of a pattern, each a row of slots.

    Args:
        pattern: as described above.
        words_of: an atom (`ball`, `kick~`, `ball^`, `{ball}`) -> the characters of its words.
        breaks: the characters that `..` does not cross, besides commas and full stops.

    Raises:
        PatternError: if the pattern cannot be read.
    """
    alternatives = []
    for alternative in pattern.split(" / "):
        slots = [_slot(text, words_of, breaks, pattern) for text in alternative.split()]
        if not slots:
            raise PatternError(f"the pattern {pattern!r} has an empty alternative")
        if sum(slot.is_gap for slot in slots) > MAX_GAPS:
            raise PatternError(f"the pattern {pattern!r} has more than {MAX_GAPS} gaps")
        alternatives.append(slots)
    return alternatives


def compile_slots(alternatives: list[list[Slot]], *, backwards: bool = False) -> re.Pattern[str]:
    """One regular expression for all alternatives; `backwards` to match reversed captions."""
    rows = (reversed(slots) if backwards else slots for slots in alternatives)
    return re.compile("|".join("".join(slot.regex for slot in row) for row in rows))


def _slot(
    text: str,
    words_of: Callable[[str], frozenset[str]],
    breaks: frozenset[str],
    pattern: str,
) -> Slot:
    gap = _GAP.fullmatch(text)
    if gap:
        crosses_all = len(gap[1]) == 3
        length = int(gap[2]) if gap[2] else (12 if crosses_all else 3)
        if length > MAX_GAP:
            raise PatternError(f"a gap in the pattern {pattern!r} is longer than {MAX_GAP}")
        stops = START + END if crosses_all else START + END + COMMA + STOP + "".join(sorted(breaks))
        return Slot(f"[^{stops}]{{0,{length}}}?", True)
    body, optional = (text[:-1], "?") if text.endswith("?") else (text, "")
    negated = body.startswith("!")
    body = body.removeprefix("!")
    if body == "*":
        return Slot(f"[^{START}{END}{COMMA}{STOP}]{optional}", False)
    characters: set[str] = set()
    for atom in body.split("|"):
        if not atom:
            raise PatternError(f"the pattern {pattern!r} has an empty slot")
        characters |= words_of(atom)
    if negated:
        return Slot(f"[^{START}{END}{COMMA}{STOP}{''.join(sorted(characters))}]{optional}", False)
    return Slot(f"[{''.join(sorted(characters))}]{optional}", False)
