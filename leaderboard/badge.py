"""A badge a record: a small picture with the track and the result, for somebody's README.

No font is asked: widths come from a table, and `textLength` makes every renderer keep to them.
"""

from __future__ import annotations

import unicodedata

from markupsafe import escape

from hmu_bench.records import Record
from leaderboard.facts import ROLES
from leaderboard.numbers import show
from leaderboard.text import shown

HEIGHT, SIZE, PADDING, BASELINE = 22, 11, 8, 15
LONGEST = 60
"""Characters; a longer text is cut, with an ellipsis."""
ALT_LONGEST = 300
NARROW, WIDE = frozenset("fijlrtI.,:;'|!()[] -"), frozenset("mwMW%@—")
COLOURS = {"left": ("#24262b", "#ffffff"), "right": ("#e9eaed", "#16181d")}


def badge(record: Record) -> str:
    """The badge as an SVG file of its own.

    Its accessible name is `alt`; nothing in it runs or loads anything.
    """
    left, right = _cut(f"hmu-bench · {record.track.name}"), _cut(result(record))
    first, second = width(left) + 2 * PADDING, width(right) + 2 * PADDING
    alt = escape(alternative(record))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{HEIGHT}" '
        f'viewBox="0 0 {first + second} {HEIGHT}" role="img" aria-label="{alt}">\n'
        f"<title>{alt}</title>\n"
        f'<path fill="{COLOURS["left"][0]}" d="M4 0h{first - 4}v{HEIGHT}h-{first - 4}'
        f'a4 4 0 0 1-4-4v-{HEIGHT - 8}a4 4 0 0 1 4-4z"/>\n'
        f'<path fill="{COLOURS["right"][0]}" d="M{first} 0h{second - 4}a4 4 0 0 1 4 4v{HEIGHT - 8}'
        f'a4 4 0 0 1-4 4h-{second - 4}z"/>\n'
        f'<g font-family="system-ui,Helvetica,Arial,sans-serif" font-size="{SIZE}">\n'
        f"{_text(left, PADDING, COLOURS['left'][1])}"
        f"{_text(right, first + PADDING, COLOURS['right'][1])}"
        "</g>\n</svg>\n"
    )


def result(record: Record) -> str:
    """What the right half says: the score with its interval, or what kind of row this is."""
    if record.kind != "scored":
        return record.kind if record.role == "method" else f"{record.kind} ({ROLES[record.role]})"
    if record.scores is None or record.scores.hmu.value is None:
        return f"scored, {record.protocol}"
    score = show(record.scores.hmu)
    interval = f" [{score.low}, {score.high}]" if score.low else ""
    return f"hmu {score.value}{interval}"


def alternative(record: Record) -> str:
    """The badge in words, for people and programs that do not see it."""
    text = f"hmu-bench: {shown(record.method.name).strip()} on {record.track.name}"
    text += f", version {shown(record.track.version)}, protocol {record.protocol}: {result(record)}"
    return _cut(text, ALT_LONGEST)


def width(text: str) -> int:
    """Pixels that a text takes at the badge's size, from a table of three widths.

    >>> width("hmu 0.71"), width("...")
    (51, 12)
    """
    return round(sum(map(_advance, text)))


def _advance(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return SIZE
    if character in NARROW:
        return 0.36 * SIZE
    return (0.9 if character in WIDE else 0.6) * SIZE


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text(text: str, x: int, colour: str) -> str:
    return (
        f'<text x="{x}" y="{BASELINE}" fill="{colour}" textLength="{width(text)}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>\n'
    )
