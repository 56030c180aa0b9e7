"""Comparing: a page a table, on which the reader chooses records, and the list of these pages."""

from __future__ import annotations

import json
from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.comparison import compare_path, comparison, data_path, first_choice
from leaderboard.gallery import gallery

STATIC = 8
"""Records that stand in the table without scripts; beyond, the track's own table is the place."""


def pages(board: Board) -> Iterator[Output]:
    """`compare/index.html`, `compare/<track>/<protocol>/<version>/index.html`, and their data."""
    yield board.page("compare/index.html", "compare_index.html", compare_path=compare_path)
    for table in board.tables:
        path = data_path(table)
        value = json.dumps(
            comparison(board, table, gallery(board)), ensure_ascii=False, allow_nan=False
        )
        yield Output(path, f"hmu.data({json.dumps(path)}, {value});\n")
        chosen = first_choice(table)
        others = [record.id for record in table.records if record.id not in chosen]
        order = (chosen + others)[:STATIC]
        rows = {row.record.id: row for row in table.rows}
        yield board.page(
            compare_path(table),
            "compare.html",
            table=table,
            rows=[rows[name] for name in order],
            data=path,
        )
