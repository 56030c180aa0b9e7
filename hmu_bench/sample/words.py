"""Phrases that several actions share: side, speed, count, steps."""

from __future__ import annotations

from hmu_bench.sample.stage import Params, number

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
)  # fmt: skip


def number_word(value: int) -> str:
    """A small number in letters.

    >>> number_word(3)
    'three'
    """
    return _NUMBERS[value]


def side_words(params: Params) -> dict[str, str]:
    """`side` and `other`: the acting side and the opposite one."""
    side = str(params["side"])
    return {"side": side, "other": "left" if side == "right" else "right"}


def speed_words(params: Params) -> str:
    """An alternative of adverbs for the tempo; empty at a normal one."""
    tempo = number(params, "tempo", 1.0)
    if tempo < 0.9:
        return "(slowly|slowly|at a slow pace|calmly)"
    if tempo > 1.1:
        return "(quickly|fast|rapidly|at a fast pace)"
    return ""


def adverb_words(params: Params) -> str:
    """Like `speed_words`, to stand before a verb."""
    tempo = number(params, "tempo", 1.0)
    return "(slowly|calmly)" if tempo < 0.9 else "(quickly|rapidly)" if tempo > 1.1 else ""


def count_words(count: int) -> str:
    """How often: `once`, `twice`, `three times`."""
    return {1: "once", 2: "(twice|two times)"}.get(count, f"{number_word(count)} times")


def steps_words(count: int) -> str:
    """A number of steps, sometimes vague."""
    vague = (
        "a couple of steps~NOUN"
        if count == 2
        else "a few steps~NOUN"
        if count < 5
        else "several steps~NOUN"
    )
    return f"({number_word(count)} steps~NOUN|{number_word(count)} steps~NOUN|{vague})"
