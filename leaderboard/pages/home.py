"""The home page: what this is, the tracks, how to read them."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.trace import trace


def pages(board: Board) -> Iterator[Output]:
    """`index.html`."""
    yield board.page("index.html", "home.html", trace=trace)
