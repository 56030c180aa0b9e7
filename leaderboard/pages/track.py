"""The track pages: a permalink a protocol and version, and the track's own page."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.links import table_path, track_path
from leaderboard.ranks import ranking
from leaderboard.scatter import NARROW, WIDE, scatter
from leaderboard.sheet import Sheet
from leaderboard.tradeoff import tradeoff


def pages(board: Board) -> Iterator[Output]:
    """`tracks/<track>/index.html` and `tracks/<track>/<protocol>/<version>/index.html`."""
    for track, tables in board.tracks.items():
        for place, table in enumerate(tables):
            picture = tradeoff(table)
            values = {
                "table": table,
                "siblings": tables,
                "sheet": Sheet(table, ranking([board.entry(one) for one in table.records])),
                "picture": picture,
                "drawn": [scatter(picture, WIDE, "wide"), scatter(picture, NARROW, "narrow")]
                if picture
                else [],
            }
            permalink = table_path(table.track, table.protocol, table.version)
            yield board.page(permalink, "track.html", **values)
            if place == 0:
                yield board.page(track_path(track), "track.html", **values)
