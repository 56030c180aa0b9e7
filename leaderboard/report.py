"""What a record's page tells, in the order in which it is told. No HTML here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, Value
from leaderboard.board import Board
from leaderboard.differences import Difference, FromBase, from_base, terms_of
from leaderboard.distributions import Spread, spreads
from leaderboard.facts import PROMPT_SETS, Column, SetFacts
from leaderboard.numbers import show
from leaderboard.references import reference_of
from leaderboard.tables import Cell, letters


@dataclass(frozen=True, slots=True)
class Line:
    """A metric on a prompt set: this record's cell, the base model's, and what lies between.

    Attributes:
        cell: this record's.
        base: the base model's.
        difference: this record less the base model.
        real: the real motions'.
        target: the value to come close to, where that is what is better.
        method: the mark of the note that says how the interval was made.
    """

    cell: Cell
    base: Cell | None
    difference: Difference | None
    real: Cell | None
    target: Cell | None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of a prompt set."""

    facts: SetFacts
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """A prompt set's metrics by kind of violence: (kind, prompts) and (metric, cells)."""

    facts: SetFacts
    categories: tuple[str, ...]
    rows: tuple[tuple[Column, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Report:
    """One record's page.

    Attributes:
        record: the record.
        base: its base model's record, if the board has it.
        real: the record of the real motions in the same table, if there is one.
        sections: all metrics but those of realism, by prompt set.
        realism: smoothness and ground contact, by prompt set.
        methods: (mark, how intervals were made).
        categories: metrics by kind of violence.
        spreads: values of single prompts.
        differences: from the base model.
        targets: whether some value should come close to another one.
    """

    record: Record
    base: Record | None
    real: Record | None
    sections: tuple[Section, ...]
    realism: tuple[Section, ...]
    methods: tuple[tuple[str, str], ...]
    categories: tuple[CategoryTable, ...]
    spreads: tuple[Spread, ...]
    differences: FromBase
    targets: bool


def report(board: Board, record: Record) -> Report:
    """Everything that a record's page tells of it."""
    table = board.table_of(record)
    base = board.base_of(record)
    reals = [one for one in table.records if one.role == "real" and one.id != record.id]
    real = reals[0] if len(reals) == 1 else None
    own, other = terms_of(board, record), terms_of(board, base)
    differences = from_base(board, record)
    targets = {column: reference_of(table, record, column) for column in table.columns}
    chosen = {one.id for one in (record, base, real, *targets.values()) if one}
    cells = {
        row.record.id: _present(table.columns, row.cells)
        for row in table.rows
        if row.record.id in chosen
    }
    methods: dict[str, str] = {}

    def line(column: Column) -> Line:
        cell = cells[record.id][column]
        other = cells[base.id].get(column) if base else None
        target = targets[column]
        method = cell.value.interval if cell.value else None
        return Line(
            cell,
            other,
            differences.differences.get((column.prompt_set.name, column.metric.name)),
            cells[real.id].get(column) if real else None,
            cells[target.id].get(column) if target else None,
            methods.setdefault(method, letters(len(methods))) if method else "",
        )

    def lines(keep: Callable[[Column], bool]) -> tuple[Section, ...]:
        found = []
        for facts, columns in table.sets():
            present = [c for c in columns if keep(c) and c in cells[record.id]]
            made = tuple(line(column) for column in present)
            if made:
                found.append(Section(facts, made))
        return tuple(found)

    sections = lines(lambda column: column.metric.family != "realism")
    realism = lines(lambda column: column.metric.family == "realism")
    return Report(
        record=record,
        base=base,
        real=real,
        sections=sections,
        realism=realism,
        methods=tuple((mark, method) for method, mark in methods.items()),
        categories=tuple(category_tables(record)),
        spreads=tuple(spreads(own, other)) if own else (),
        differences=differences,
        targets=any(one.target for part in sections for one in part.lines),
    )


def _present(columns: Iterable[Column], cells: Iterable[Cell]) -> dict[Column, Cell]:
    pairs = zip(columns, cells, strict=True)
    return {column: cell for column, cell in pairs if cell.value is not None}


def category_tables(record: Record) -> Iterable[CategoryTable]:
    """The record's values by kind of violence, one table a prompt set that has several."""
    for name, facts in PROMPT_SETS.items():
        parts = record.categories.get(name, {})
        metrics = [m for m in METRICS.values() if any(m.name in part for part in parts.values())]
        if not metrics or len(parts) < 2:
            continue
        names = tuple(sorted(parts, key=lambda category: (category == "none", category)))
        rows = []
        for metric in metrics:
            column = Column(facts, metric)
            cells = (_category_cell(column, parts[category].get(metric.name)) for category in names)
            rows.append((column, tuple(cells)))
        yield CategoryTable(facts, names, tuple(rows))


def _category_cell(column: Column, value: Value | None) -> Cell:
    shown = show(value) if value is not None and value.value is not None else None
    return Cell(column, value, shown)
