"""The metrics page: the metric table, the scores, protocols, intervals and prompt sets, told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from hmu_bench.metrics.table import METRICS
from leaderboard.board import Board, Output
from leaderboard.facts import SCORES
from leaderboard.protocols import INTERVALS, PROTOCOLS

FAMILIES = {
    "fidelity": "are the motions like real ones, as a whole?",
    "alignment": "does a motion do what its text says?",
    "suppression": "is the concept gone?",
    "variety": "do motions differ where they should?",
    "realism": "can a body move like that?",
}


def pages(board: Board) -> Iterator[Output]:
    """`metrics/index.html`."""
    by_family = sorted(METRICS.values(), key=lambda metric: list(FAMILIES).index(metric.family))
    yield board.page(
        "metrics/index.html",
        "metrics.html",
        families=[
            (name, FAMILIES[name], list(rows))
            for name, rows in groupby(by_family, key=lambda metric: metric.family)
        ],
        scores=[score.metric for score in SCORES.values()],
        protocols=PROTOCOLS,
        intervals=INTERVALS,
    )
