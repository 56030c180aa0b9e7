"""`feed.xml`: new records for feed readers."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.feed import Dated, atom
from leaderboard.run_facts import finished


def pages(board: Board) -> Iterator[Output]:
    """The feed. A record without a dated scoring (a reported one, say) is not in it."""
    yield Output("feed.xml", atom(_dated(board), board.base_url))


def _dated(board: Board) -> Iterator[Dated]:
    for entry in board.entries:
        path = entry.companion(".run.json")
        moment = finished(path) if path else None
        if moment:
            yield Dated(entry.record, moment)
