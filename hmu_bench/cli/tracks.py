"""Commands about tracks: `tracks`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.files import canonical_json
from hmu_bench.terminal import print_table, say


def tracks(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER...", help="Packs, or folders that hold packs."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The track packs that are there: in the package, in $HMU_CACHE/tracks, and in FOLDERs.

    Every pack is read and checked; what is wrong with a broken one is told beside it.
    """
    from hmu_bench.tracks.listing import HEADERS, as_object, as_row, find_tracks

    found = find_tracks(folders or [])
    if as_json:
        typer.echo(canonical_json([as_object(track) for track in found]), nl=False)
        return
    if found:
        print_table(HEADERS, [as_row(track) for track in found])
    for track in found:
        if track.problem:
            say(f"broken: {track.problem}")
