"""A page a record, the record itself beside it, and the motions that the viewer loads."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.checks import MEANINGS
from leaderboard.comparison import compare_link
from leaderboard.facts import SCORES
from leaderboard.gallery import gallery
from leaderboard.links import beside, submission_path
from leaderboard.numbers import show
from leaderboard.report import report
from leaderboard.scenes import groups


def pages(board: Board) -> Iterator[Output]:
    """`submissions/<track>/<protocol>/<id>/index.html`, `record.json`, and `data/motions/...`."""
    shots = gallery(board)
    yield from shots.files()
    for record in board.records:
        yield Output(beside(record, "record.json"), record.to_json())
        base = board.base_of(record)
        shown = [("this record" if base else "", record)]
        if base:
            shown.insert(0, ("base model", base))
        yield board.page(
            submission_path(record),
            "submission.html",
            record=record,
            report=report(board, record),
            base=base,
            scenes=groups(shots, shown),
            compare=compare_link(board.table_of(record), record, base),
            meanings=MEANINGS,
            score_columns=SCORES,
            show=show,
        )
