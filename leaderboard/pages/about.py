"""The about page: what this is, how ranks and intervals are made, licence, citation, content."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.bibtex import citation, of_benchmark, of_paper
from leaderboard.board import Board, Output
from leaderboard.reported import read_publications


def pages(board: Board) -> Iterator[Output]:
    """`about/index.html`."""
    yield board.page(
        "about/index.html",
        "about.html",
        own=citation(),
        entries=(
            ("cite-paper", "BibTeX of the paper", of_paper()),
            ("cite-benchmark", "BibTeX of the benchmark", of_benchmark(board.base_url or "")),
        ),
        publications=list(read_publications().values()),
    )
