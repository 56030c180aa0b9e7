"""Beside every record's page: its badge and its BibTeX entry."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.badge import badge
from leaderboard.board import Board, Output
from leaderboard.links import beside
from leaderboard.sharing import bibtex


def pages(board: Board) -> Iterator[Output]:
    """`badge.svg` and `cite.bib` of each record."""
    for record in board.records:
        yield Output(beside(record, "badge.svg"), badge(record))
        yield Output(beside(record, "cite.bib"), bibtex(record, board.base_url))
