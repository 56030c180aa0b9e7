"""The track pages: a permalink a protocol and version, and the track's own page."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.links import table_path, track_path


def pages(board: Board) -> Iterator[Output]:
    """`tracks/<track>/index.html` and `tracks/<track>/<protocol>/<version>/index.html`."""
    for track, tables in board.tracks.items():
        yield board.page(track_path(track), "track.html", table=tables[0], siblings=tables)
        for table in tables:
            path = table_path(table.track, table.protocol, table.version)
            yield board.page(path, "track.html", table=table, siblings=tables)
