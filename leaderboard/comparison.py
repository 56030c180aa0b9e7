"""One table's records as data for the page that compares some of them: numbers and their texts.

Texts are made here, so that numbers look alike everywhere; the script only chooses and subtracts.
"""

from __future__ import annotations

from typing import Any

from hmu_bench.records import Record
from leaderboard.board import Board
from leaderboard.differences import Difference, from_base
from leaderboard.facts import ARROWS, KINDS, SCORES, Column, ScoreColumn
from leaderboard.gallery import Gallery
from leaderboard.links import folder_of, submission_path
from leaderboard.scenes import Group, groups
from leaderboard.tables import Cell, Row, Table
from leaderboard.text import shown

CHOSEN = 4
"""How many records are chosen at first."""


def compare_path(table: Table) -> str:
    """Where a table's records are compared."""
    return f"compare/{table.track}/{table.protocol}/{folder_of(table.version)}/index.html"


def compare_link(table: Table, record: Record, base: Record | None) -> str:
    """The page that compares a record with its base model, or with the usual choice."""
    others = [base.id] if base else [name for name in first_choice(table) if name != record.id]
    names = [*others, record.id] if base else [record.id, *others[: CHOSEN - 1]]
    return f"{compare_path(table)}?records={','.join(names)}"


def data_path(table: Table) -> str:
    """Where the page's data lie."""
    return f"data/compare/{table.track}/{table.protocol}/{folder_of(table.version)}.js"


def first_choice(table: Table) -> list[str]:
    """The records that are compared when the reader has not chosen: the base model first.

    The original and the retrained model, then the scored records in the order of the rows.
    """
    models = [r for r in table.records if r.role in ("original", "retrained")]
    measured = [r for r in models if r.kind != "reported"] or models
    order = sorted(measured, key=lambda r: r.role != "original")
    order += [r for r in table.records if r not in measured and r.role != "real"]
    order += [r for r in table.records if r.role == "real"]
    return [r.id for r in order[:CHOSEN]]


def comparison(board: Board, table: Table, shots: Gallery) -> dict[str, Any]:
    """Everything that the page's script needs, as JSON."""
    columns = list(_columns(table))
    return {
        "first": first_choice(table),
        "kinds": [[one.name, one.label] for one in KINDS.values() if table.kind_count(one.name)],
        "columns": [_column(column) for column in columns],
        "records": [_record(board, row, columns, shots) for row in table.rows],
        "scenes": [_scene(group) for group in _groups(table, shots)],
    }


def _columns(table: Table) -> list[Column | ScoreColumn]:
    scores: list[Column | ScoreColumn] = []
    if any(row.scores for row in table.rows):
        scores += SCORES.values()
    return [*scores, *table.columns]


def _column(column: Column | ScoreColumn) -> dict[str, Any]:
    arrow, meaning = ARROWS[column.direction]
    facts = column.prompt_set if isinstance(column, Column) else None
    return {
        "set": facts.name if facts else "scores",
        "setLabel": facts.label if facts else "Scores",
        "about": facts.about if facts else "0 to 1, against the base model",
        "side": facts.side if facts else "",
        "metric": column.metric.name,
        "label": column.metric.label,
        "unit": column.metric.unit,
        "direction": column.direction,
        "arrow": arrow,
        "meaning": meaning,
    }


def _record(
    board: Board, row: Row, columns: list[Column | ScoreColumn], shots: Gallery
) -> dict[str, Any]:
    record = row.record
    base = board.base_of(record)
    cells = [*row.scores, *row.cells]
    return {
        "id": record.id,
        "name": shown(record.method.name).strip() or record.id,
        "kind": record.kind,
        "role": record.role,
        "family": shown(record.method.family or ""),
        "page": submission_path(record),
        "base": base.id if base else None,
        "cells": [_cell(cell) for cell in cells],
        "paired": _paired(board, record, columns) if base else [],
        "scale": _scale(record),
        "motions": {key: shot.data for key, shot in shots.shots(record).items()},
    }


def _cell(cell: Cell) -> list[Any] | str | None:
    """[text, low, high, value, low, high, n]; the reason where there is none; null if absent."""
    if cell.value is None:
        return None
    if cell.shown is None:
        return shown(cell.value.reason or "")
    value, text = cell.value, cell.shown
    return [text.value, text.low, text.high, value.value, value.low, value.high, cell.n]


def _paired(
    board: Board, record: Record, columns: list[Column | ScoreColumn]
) -> list[list[Any] | None]:
    """Differences from the base model that have an interval, column by column."""
    found = from_base(board, record).differences
    keys = ((c.prompt_set.name if isinstance(c, Column) else None, c.metric.name) for c in columns)
    differences = (found.get(key) for key in keys)
    return [_difference(one) if one and one.paired else None for one in differences]


def _difference(found: Difference) -> list[Any]:
    text, value = found.shown, found.value
    return [text.value, text.low, text.high, value.value, value.low, value.high, found.verdict]


def _scale(record: Record) -> str | None:
    """What records must share for their values to be subtracted; reported ones share nothing."""
    evaluator = record.provenance.evaluator
    if record.kind == "reported" or evaluator is None:
        return None
    return f"{(record.track.sha256 or '')[:12]} {evaluator.sha256[:12]}"


def _groups(table: Table, shots: Gallery) -> list[Group]:
    """The prompts that any record answers, each once, by prompt set."""
    found: dict[str, Record] = {}
    for record in table.records:
        for key in shots.shots(record):
            found.setdefault(key, record)
    by_record: dict[str, Record] = {record.id: record for record in found.values()}
    merged: dict[str, Group] = {}
    for record in by_record.values():
        for group in groups(shots, [("", record)]):
            wanted = tuple(s for s in group.scenes if found[s.prompt.prompt_id] is record)
            before = merged.get(group.facts.name)
            scenes = (*(before.scenes if before else ()), *wanted)
            merged[group.facts.name] = Group(group.facts, scenes)
    return [group for group in merged.values() if group.scenes]


def _scene(group: Group) -> dict[str, Any]:
    return {
        "set": group.facts.name,
        "label": group.facts.label,
        "about": group.facts.about,
        "side": group.facts.side,
        "note": group.note,
        "prompts": [
            {
                "id": scene.prompt.prompt_id,
                "text": shown(scene.prompt.text),
                "category": scene.prompt.category,
                "seconds": f"{scene.seconds:.1f} s",
            }
            for scene in group.scenes
        ],
    }
