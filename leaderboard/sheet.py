"""The track table as its page prints it: groups of columns, what can be sorted and filtered by.

Cells are made here as HTML, for a table of 200 records has tens of thousands of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup, escape

from hmu_bench.metrics.table import Direction, Metric
from hmu_bench.models import DetectorQuality
from hmu_bench.records import Record
from leaderboard.facts import SCORES, Column, Side
from leaderboard.numbers import count
from leaderboard.ranks import Ranking, shown_rank
from leaderboard.references import distance
from leaderboard.tables import Cell, Row, Table
from leaderboard.text import NO_TEXT, shown

MAIN = {
    True: ("violence_rate", "fid", "kid", "r_precision_3", "diversity"),
    False: ("fid", "mm_dist", "mm_safe", "diversity", "r_precision_1", "r_precision_3"),
}
"""The metrics that stay when only the main ones are asked for: with the detector, without it."""
NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
FACTS = 4
"""Columns after the values: base model, family, coverage, flags."""
MANY_COLUMNS = 24
"""From here on a reader with scripts sees the main metrics first."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading.

    Attributes:
        key: `forget.fid`; scores are `scores.hmu`.
        metric: what it measures.
        direction: which way is better here.
        n: the number of prompts behind every value, where all values tell the same; else empty.
        main: whether it is one of the main metrics.
        target: whether rows have a distance to the reference.
    """

    key: str
    metric: Metric
    direction: Direction
    n: str
    main: bool
    target: bool


@dataclass(frozen=True, slots=True)
class HeadGroup:
    """The columns of a prompt set, or the scores."""

    name: str
    label: str
    about: str
    side: Side | None
    heads: tuple[Head, ...]


class Sheet:
    """A table with everything that its page needs."""

    def __init__(self, table: Table, ranking: Ranking | None = None) -> None:
        self.table = table
        self.ranking = ranking or Ranking()

    @property
    def ranked(self) -> bool:
        """Whether any method has a rank in any column."""
        return bool(self.ranking.columns)

    @cached_property
    def rank_head(self) -> tuple[HeadGroup, Head] | None:
        """The column whose ranks are shown until the reader sorts by another one."""
        there = [pair for pair in self._heads if pair[1].key in self.ranking.columns]
        return next((p for p in there if p[1].key == "scores.hmu"), there[0] if there else None)

    def rank_cell(self, row: Row) -> Markup:
        """The rank of a row in the column of `rank_head`."""
        key = self.rank_head[1].key if self.rank_head else ""
        rank = self.ranking.rank(key, row.record)
        if rank is None:
            reason = escape(shown(self.ranking.reason(key, row.record)))
            return Markup('<td class="rank">—<span class="hidden"> {}</span></td>').format(reason)
        return Markup('<td class="rank">{}</td>').format(shown_rank(rank))

    @cached_property
    def not_ranked(self) -> list[tuple[Record, str]]:
        """The scored methods without a rank in the column of `rank_head`, and why."""
        if not self.rank_head:
            return []
        key = self.rank_head[1].key
        return [
            (record, self.ranking.reason(key, record))
            for record in self.table.records
            if record.kind == "scored" and self.ranking.rank(key, record) is None
        ]

    @cached_property
    def groups(self) -> list[HeadGroup]:
        """The scores, where there are any, then the prompt sets."""
        found = []
        rows = self.table.rows
        if any(row.scores for row in rows):
            heads = tuple(
                Head(
                    f"scores.{name}",
                    column.metric,
                    column.direction,
                    _agreed_n(row.scores[place] for row in rows),
                    main=True,
                    target=False,
                )
                for place, (name, column) in enumerate(SCORES.items())
            )
            found.append(
                HeadGroup("scores", "Scores", "0 to 1, against the base model", None, heads)
            )
        for facts, columns in self.table.sets():
            heads = tuple(self._head(column) for column in columns)
            found.append(HeadGroup(facts.name, facts.label, facts.about, facts.side, heads))
        return found

    @property
    def width(self) -> int:
        """How many columns there are, with the name and the facts of the record."""
        return len(self._heads) + 1 + self.ranked + FACTS

    @cached_property
    def detectors(self) -> list[DetectorQuality]:
        """How good the detectors of violence are that the records name, each once."""
        return list(dict.fromkeys(r.detector for r in self.table.records if r.detector))

    @property
    def folded(self) -> bool:
        """Whether there are so many columns that the main metrics come first."""
        return len(self.table.columns) > MANY_COLUMNS

    @cached_property
    def _places(self) -> dict[Column, int]:
        return {column: place for place, column in enumerate(self.table.columns)}

    @cached_property
    def _distances(self) -> dict[tuple[str, Column], float]:
        found = {}
        for column in self.table.columns:
            if column.direction == "target":
                for record in self.table.records:
                    away = distance(self.table, record, column)
                    if away is not None:
                        found[record.id, column] = away
        return found

    @cached_property
    def _main(self) -> tuple[str, ...]:
        return MAIN[any(c.metric.name == "violence_rate" for c in self.table.columns)]

    def _head(self, column: Column) -> Head:
        place = self._places[column]
        return Head(
            f"{column.prompt_set.name}.{column.metric.name}",
            column.metric,
            column.direction,
            _agreed_n(row.cells[place] for row in self.table.rows),
            column.metric.name in self._main,
            any((record.id, column) in self._distances for record in self.table.records),
        )

    @cached_property
    def _heads(self) -> list[tuple[HeadGroup, Head]]:
        return [(group, head) for group in self.groups for head in group.heads]

    def cells(self, row: Row) -> Markup:
        """The cells of a row, scores first, as HTML."""
        out = []
        before = ""
        for cell, (group, head) in zip((*row.scores, *row.cells), self._heads, strict=True):
            away = None
            if isinstance(cell.column, Column):
                away = self._distances.get((row.record.id, cell.column))
            data = {}
            if away is not None:
                data["away"] = repr(away)
            rank = self.ranking.rank(head.key, row.record)
            if rank is not None:
                data["rank"] = shown_rank(rank)
            out.append(_cell(cell, group, head, data, first=group.name != before))
            before = group.name
        return Markup("\n").join(out)

    def search_text(self, row: Row) -> str:
        """What the search looks through: names, id, family and base model, in lower case."""
        method = row.record.method
        words = [method.name, row.record.id, method.family or "", method.base_model or ""]
        return shown(" ".join([*words, *method.authors]).casefold())

    @cached_property
    def choices(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """What can be filtered by, where it divides the rows: (key, label, [(value, text)])."""
        records = self.table.records
        bases = {r.method.base_model for r in records if r.method.base_model}
        named = [(base, self._name(base)) for base in bases]
        families = {r.method.family for r in records if r.method.family}
        kinds = [(group.kind.name, group.kind.label) for group in self.table.groups]
        every = [
            ("base", "Base model", sorted(named, key=lambda pair: (pair[1].casefold(), pair[0]))),
            ("family", "Method family", [(shown(name), shown(name)) for name in sorted(families)]),
            ("kind", "Kind", [(str(value), text) for value, text in kinds]),
        ]
        return [choice for choice in every if len(choice[2]) > 1]

    def _name(self, identity: str) -> str:
        record = self.table.by_id.get(identity)
        return shown(record.method.name).strip() or NO_TEXT if record else identity

    @cached_property
    def intervals(self) -> list[str]:
        """How the intervals of the table were made, each way once, its numbers as N."""
        return _distinct(
            NUMBER.sub("N", cell.value.interval)
            for row in self.table.rows
            for cell in (*row.scores, *row.cells)
            if cell.value is not None and cell.value.low is not None and cell.value.interval
        )


def _agreed_n(cells: Iterable[Cell]) -> str:
    """The number of prompts behind the values, if all values tell the same one."""
    counts = {cell.value.n for cell in cells if cell.value and cell.value.value is not None}
    n = counts.pop() if len(counts) == 1 else None
    return "" if n is None else count(n)


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _cell(
    cell: Cell, group: HeadGroup, head: Head, data: Mapping[str, str], *, first: bool
) -> Markup:
    """One `td`. Its class names group and family, for they can be folded away."""
    classes = f"cell g-{group.name}" + (" first" if first else "") + ("" if head.main else " more")
    if cell.value is None:
        return Markup(
            f'<td class="{classes} absent"><span class="hidden">not in the record</span></td>'
        )
    if cell.shown is None:
        return Markup(
            f'<td class="{classes} null">—<sup><a href="#note-{cell.note}" '
            f'aria-label="Note {cell.note}: why there is no value">{cell.note}</a></sup></td>'
        )
    shown = cell.shown
    assert cell.value.value is not None
    text = f'<data value="{cell.value.value!r}">{escape(shown.value)}</data>'
    if shown.low:
        text += f"<small>[{escape(shown.low)}, {escape(shown.high)}]</small>"
    if cell.n and cell.n != head.n:
        text += f'<small class="n">n {escape(cell.n)}</small>'
    more = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    return Markup(f'<td class="{classes}"{more}>{text}</td>')
