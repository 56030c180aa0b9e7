"""Records -> what the pages print: columns, row groups, cells and notes. No HTML here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Kind, PromptSet, Record, Value
from leaderboard.facts import ARROWS as ARROWS
from leaderboard.facts import KINDS, SCORES, KindFacts, ScoreColumn
from leaderboard.facts import PROMPT_SETS as PROMPT_SETS
from leaderboard.facts import Column as Column
from leaderboard.facts import SetFacts as SetFacts
from leaderboard.numbers import DECIMALS, Shown, count, places_of, show

PROTOCOLS = ("hmu-1", "paper", "guo")
"""In the order of the pages; the first that a track has is its default."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A record's value in a column: a value, null with a note, or (value None) absent."""

    column: Column | ScoreColumn
    value: Value | None
    shown: Shown | None = None
    note: str = ""

    @property
    def n(self) -> str:
        """The number of prompts behind the value, as text; empty where it is not known."""
        return "" if self.value is None or self.value.n is None else count(self.value.n)


@dataclass(frozen=True, slots=True)
class Row:
    """A record and its cells, one a column; `scores` is empty where no record has scores."""

    record: Record
    cells: tuple[Cell, ...]
    scores: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of one kind."""

    kind: KindFacts
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A track under one protocol in one version; `notes` are (mark, reason) of null values."""

    track: str
    protocol: str
    version: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    notes: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]

    @cached_property
    def rows(self) -> list[Row]:
        """All rows in order."""
        return [row for group in self.groups for row in group.rows]

    @cached_property
    def records(self) -> list[Record]:
        """The records, in the order of the rows."""
        return [row.record for row in self.rows]

    @cached_property
    def by_id(self) -> dict[str, Record]:
        """The records by their id, which a table holds once."""
        return {record.id: record for record in self.records}

    def sets(self) -> list[tuple[SetFacts, list[Column]]]:
        """The columns by prompt set, in order."""
        return _by_set(self.columns)

    def sections(self, record: Record) -> list[tuple[SetFacts, list[Cell]]]:
        """One record's cells by prompt set, printed as in the table, without the absent ones."""
        row = next(row for row in self.rows if row.record.id == record.id)
        found: dict[str, tuple[SetFacts, list[Cell]]] = {}
        for column, cell in zip(self.columns, row.cells, strict=True):
            if cell.value is not None:
                facts = column.prompt_set
                found.setdefault(facts.name, (facts, []))[1].append(cell)
        return list(found.values())

    def kind_count(self, kind: Kind) -> int:
        """How many records of a kind there are."""
        return sum(record.kind == kind for record in self.records)


def order(records: Iterable[Record]) -> list[Record]:
    """Records by kind, then method name (case ignored), then id. This is no ranking."""
    kinds = list(KINDS)
    return sorted(records, key=lambda r: (kinds.index(r.kind), r.method.name.casefold(), r.id))


def all_tables(records: Iterable[Record]) -> list[Table]:
    """One table a track, protocol and version; of each track the default one first.

    Tracks stand by name, protocols in the order of `PROTOCOLS` (others after them by name),
    newer versions before older ones.
    """
    found: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        key = (record.track.name, record.protocol, record.track.version)
        found.setdefault(key, []).append(record)
    made = [table(*key, found[key]) for key in sorted(found)]
    made.sort(key=lambda t: natural(t.version), reverse=True)
    made.sort(key=lambda t: (t.track, _protocol_rank(t.protocol), t.protocol))
    return made


def natural(version: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers inside of a version by their size.

    >>> sorted(["10", "2", "1.10", "1.9"], key=natural)
    ['1.9', '1.10', '2', '10']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", version)
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts]


def _protocol_rank(protocol: str) -> int:
    return PROTOCOLS.index(protocol) if protocol in PROTOCOLS else len(PROTOCOLS)


def columns(records: Iterable[Record]) -> tuple[Column, ...]:
    """Every metric on every prompt set that any of the records has, in the metric table's order."""
    present = {
        (name, metric) for r in records for name, values in r.metrics.items() for metric in values
    }
    return tuple(
        Column(PROMPT_SETS[name], metric)
        for name in get_args(PromptSet)
        for metric in METRICS.values()
        if (name, metric.name) in present
    )


def table(track: str, protocol: str, version: str, records: Sequence[Record]) -> Table:
    """The table of the records of one track, protocol and version.

    Rows stand by kind and name, columns by prompt set and metric.
    """
    shape = columns(records)
    places = [_places(column, records) for column in shape]
    notes: dict[str, str] = {}
    rows = [_row(record, shape, places, notes, records) for record in order(records)]
    groups = (
        RowGroup(facts, tuple(row for row in rows if row.record.kind == kind))
        for kind, facts in KINDS.items()
    )
    return Table(
        track,
        protocol,
        version,
        shape,
        tuple(group for group in groups if group.rows),
        tuple((mark, reason) for reason, mark in notes.items()),
        tuple(_cautions(records)),
    )


def _row(
    record: Record,
    shape: Sequence[Column],
    places: Sequence[int],
    notes: dict[str, str],
    records: Sequence[Record],
) -> Row:
    scored = any(one.scores for one in records)
    scores = [(one, getattr(record.scores, name, None)) for name, one in SCORES.items() if scored]
    return Row(
        record,
        tuple(
            _cell(record, column, _value(record, column), digits, notes)
            for column, digits in zip(shape, places, strict=True)
        ),
        tuple(_cell(record, column, value, DECIMALS, notes) for column, value in scores),
    )


def _by_set(shape: Sequence[Column]) -> list[tuple[SetFacts, list[Column]]]:
    found = {column.prompt_set.name: column.prompt_set for column in shape}
    return [
        (facts, [column for column in shape if column.prompt_set is facts])
        for facts in found.values()
    ]


def _value(record: Record, column: Column) -> Value | None:
    return record.metrics.get(column.prompt_set.name, {}).get(column.metric.name)


def _places(column: Column, records: Sequence[Record]) -> int:
    """Decimals of a column's reported values: as many as the longest of them needs."""
    values = (_value(record, column) for record in records if record.kind == "reported")
    return max((places_of(v.value) for v in values if v and v.value is not None), default=0)


def _cell(
    record: Record,
    column: Column | ScoreColumn,
    value: Value | None,
    places: int,
    notes: dict[str, str],
) -> Cell:
    if value is None:
        return Cell(column, None)
    if value.value is None:
        reason = value.reason or ""
        return Cell(column, value, note=notes.setdefault(reason, letters(len(notes))))
    return Cell(column, value, show(value, places if record.kind == "reported" else DECIMALS))


def _cautions(records: Sequence[Record]) -> Iterable[str]:
    """What keeps rows of the same table from being compared."""
    if len({r.track.sha256 for r in records if r.track.sha256}) > 1:
        yield (
            "Rows answer different files of this track under the same version: their prompts may "
            "differ (see the provenance of each)."
        )
    evaluators = {r.provenance.evaluator.sha256 for r in records if r.provenance.evaluator}
    if len(evaluators) > 1:
        yield (
            "Rows were measured with different evaluators: their numbers are not on one scale "
            "(see the provenance of each)."
        )


def letters(place: int) -> str:
    """The marks of notes: a, b, ..., z, aa, ab, ...

    >>> [letters(i) for i in (0, 25, 26, 27, 701, 702)]
    ['a', 'z', 'aa', 'ab', 'zz', 'aaa']
    """
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
