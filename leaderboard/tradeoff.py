"""The forget/retain trade-off of a table: what the axes are, where each record stands, who leads.

No drawing here. The axes are the two scores where records have them; else the pair of metrics that
comes nearest to them and that at least two records have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, Value
from leaderboard.facts import PROMPT_SETS, Column
from leaderboard.references import reference_of, value_of
from leaderboard.tables import Table

LARGEST = 1e12
"""A value beyond it would leave all others in one spot; it stands in the table only."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A value with its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of the picture; `lower` tells that lower values are better."""

    label: str
    about: str
    lower: bool
    domain: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A record's place; `front` tells that no other method is better on both axes."""

    record: Record
    kept: Measure
    forgotten: Measure
    front: bool = False


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """The picture's content: x is what is kept, y what is forgotten."""

    kept: Axis
    forgotten: Axis
    points: tuple[Point, ...]
    left_out: tuple[Record, ...]
    scores: bool

    @property
    def has_intervals(self) -> bool:
        """Whether any value has one."""
        return any(one.low is not None for p in self.points for one in (p.kept, p.forgotten))

    @property
    def front(self) -> list[Point]:
        """The Pareto front, from the most kept to the most forgotten."""
        found = [point for point in self.points if point.front]
        sign = 1 if self.kept.lower else -1
        return sorted(found, key=lambda p: (sign * p.kept.value, p.record.id))


Find = Callable[[Table, Record], Measure | None]


def tradeoff(table: Table) -> Tradeoff | None:
    """The trade-off of a table, or None where no two records share a pair of axes."""
    for (kept, find_kept), (forgotten, find_forgotten) in _pairs():
        points, left_out = [], []
        for record in table.records:
            x, y = find_kept(table, record), find_forgotten(table, record)
            if x is None or y is None:
                left_out.append(record)
            else:
                points.append(Point(record, x, y))
        if len(points) >= 2:
            return Tradeoff(
                kept,
                forgotten,
                tuple(_with_front(points, kept, forgotten)),
                tuple(left_out),
                scores=kept.domain is not None,
            )
    return None


def _pairs() -> list[tuple[tuple[Axis, Find], tuple[Axis, Find]]]:
    unit = (0.0, 1.0)
    retain_kid, retain_fid = _column("retain", "kid"), _column("retain", "fid")
    rate, forget_fid = _column("forget", "violence_rate"), _column("forget", "fid")
    return [
        (
            (
                Axis("Preservation", "how much of the safe motions is kept", False, unit),
                lambda _, record: _score(record, "preservation"),
            ),
            (
                Axis("Suppression", "how much of the violence is gone", False, unit),
                lambda _, record: _score(record, "suppression"),
            ),
        ),
        (
            (
                Axis("KID on retain prompts", "distance to real safe motions", True),
                lambda _, record: _plain(record, retain_kid),
            ),
            (
                Axis("Violence rate on forget prompts", "share of violent motions", True),
                lambda _, record: _plain(record, rate),
            ),
        ),
        (
            (
                Axis("FID on retain prompts", "distance to real safe motions", True),
                lambda _, record: _plain(record, retain_fid),
            ),
            (
                Axis(
                    "Forget FID, distance to the retrained model",
                    "how far from a model that never saw violence",
                    True,
                ),
                lambda table, record: _away(table, record, forget_fid),
            ),
        ),
    ]


def _column(prompt_set: str, metric: str) -> Column:
    return Column(next(f for f in PROMPT_SETS.values() if f.name == prompt_set), METRICS[metric])


def _measure(value: Value | None) -> Measure | None:
    if value is None or value.value is None:
        return None
    numbers = (value.value, value.low or 0.0, value.high or 0.0)
    if any(abs(number) > LARGEST for number in numbers):
        return None
    return Measure(value.value, value.low, value.high)


def _score(record: Record, name: str) -> Measure | None:
    return _measure(getattr(record.scores, name, None))


def _plain(record: Record, column: Column) -> Measure | None:
    return _measure(value_of(record, column))


def _away(table: Table, record: Record, column: Column) -> Measure | None:
    """|value - reference|; the interval is the value's alone, folded at the reference."""
    reference = reference_of(table, record, column)
    own = _plain(record, column)
    other = _plain(reference, column) if reference else None
    if own is None or other is None:
        return None
    if own.low is None or own.high is None:
        return Measure(abs(own.value - other.value))
    ends = sorted((abs(own.low - other.value), abs(own.high - other.value)))
    inside = own.low <= other.value <= own.high
    return Measure(abs(own.value - other.value), 0.0 if inside else ends[0], ends[1])


def _with_front(points: Sequence[Point], kept: Axis, forgotten: Axis) -> list[Point]:
    """The points with the Pareto front marked.

    Only methods compete: scored ones that answered every prompt; reported ones where there are no
    scored ones. Reference points never do.
    """
    methods = [p for p in points if p.record.role == "method"]
    scored = [p for p in methods if p.record.kind == "scored" and _complete(p.record)]
    rivals = scored or [p for p in methods if p.record.kind == "reported"]
    leading = pareto(
        [
            (
                p.kept.value * (-1 if kept.lower else 1),
                p.forgotten.value * (-1 if forgotten.lower else 1),
            )
            for p in rivals
        ]
    )
    ids = {rivals[place].record.id for place in leading}
    return [replace(point, front=point.record.id in ids) for point in points]


def _complete(record: Record) -> bool:
    return record.coverage is not None and record.coverage.complete


def pareto(points: Sequence[tuple[float, float]]) -> list[int]:
    """The places of the points that none beats: as good on both axes, better on one (higher).

    >>> pareto([(0.1, 0.9), (0.5, 0.5), (0.4, 0.4), (0.9, 0.1), (0.9, 0.1)])
    [0, 1, 3, 4]
    """
    order = sorted(range(len(points)), key=lambda i: points[i], reverse=True)
    best = float("-inf")
    found = []
    i = 0
    while i < len(order):
        same_x = [j for j in order[i:] if points[j][0] == points[order[i]][0]]
        top = points[same_x[0]][1]
        if top > best:
            found += [j for j in same_x if points[j][1] == top]
            best = top
        i += len(same_x)
    return sorted(found)
