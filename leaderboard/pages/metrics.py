"""The metrics page: the metric table, told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from hmu_bench.records import PromptSet
from leaderboard.board import Board, Output


def pages(board: Board) -> Iterator[Output]:
    """`metrics/index.html`."""
    yield board.page("metrics/index.html", "metrics.html", sets=get_args(PromptSet))
