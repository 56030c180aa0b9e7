"""The home page: what this is, where methods stand on the main track, the tracks, how to read."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard.board import Board, Output
from leaderboard.scatter import NARROW, WIDE, scatter, thumbnail
from leaderboard.trace import trace
from leaderboard.tradeoff import Tradeoff, tradeoff


def pages(board: Board) -> Iterator[Output]:
    """`index.html`."""
    tracks = sorted(board.tracks.items(), key=lambda pair: (is_sample(pair[0]), pair[0]))
    pictures = {track: tradeoff(tables[0]) for track, tables in tracks}
    main = main_track(pictures)
    picture = pictures.get(main or "")
    yield board.page(
        "index.html",
        "home.html",
        trace=trace,
        tracks=[tables for _, tables in tracks],
        thumbnails={track: thumbnail(one) for track, one in pictures.items() if one},
        main=board.tracks[main][0] if main else None,
        picture=picture,
        drawn=[scatter(picture, WIDE, "wide"), scatter(picture, NARROW, "narrow")]
        if picture
        else [],
    )


def is_sample(track: str) -> bool:
    """Whether a track is of the made sample, whose figures say nothing about models."""
    return track.startswith("sample")


def main_track(pictures: dict[str, Tradeoff | None]) -> str | None:
    """The track whose picture opens the site: with the most scored, then reported methods.

    Tracks of the sample come after all others; of equal ones the first by name.
    """

    def order(track: str) -> tuple[bool, int, int, str]:
        picture = pictures[track]
        points = picture.points if picture else ()
        kinds = [p.record.kind for p in points if p.record.role == "method"]
        return is_sample(track), -kinds.count("scored"), -kinds.count("reported"), track

    return min((track for track, picture in pictures.items() if picture), key=order, default=None)
