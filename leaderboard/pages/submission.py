"""A page a record, and the record itself beside it."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.links import submission_path


def pages(board: Board) -> Iterator[Output]:
    """`submissions/<track>/<protocol>/<id>/index.html` and `record.json`."""
    for record in board.records:
        path = submission_path(record)
        yield Output(path.removesuffix("index.html") + "record.json", record.to_json())
        yield board.page(
            path,
            "submission.html",
            record=record,
            base=board.base_of(record),
            sections=board.table_of(record).sections(record),
        )
