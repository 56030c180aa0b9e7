"""What a demo made -> the packs that ship with the package, and their records in the store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builders.demo import ROOT, TRACKS
from hmu_bench.errors import InputError
from hmu_bench.files import staged_directory
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.tracks import Track

PACKS = ROOT / "hmu_bench" / "sample" / "tracks"
RECORDS = ROOT / "leaderboard" / "records"


def run(
    demo: Annotated[
        Path, typer.Option("--from", help="What `python -m builders demo` wrote, of both rules.")
    ] = Path("build/demo"),
    packs: Annotated[
        Path, typer.Option(help="Gets the packs.", show_default="the package's own")
    ] = PACKS,
    records: Annotated[
        Path, typer.Option(help="Gets their records.", show_default="the store")
    ] = RECORDS,
) -> None:
    """Embed what a demo made: the sample's track packs and their records, old ones replaced.

    The demo must have made both:
    `python -m builders demo --rule calibrated --rule keywords --baselines`.
    Nothing is copied unless every pack is whole and every record is of its pack.
    """
    from hmu_bench.tracks import load_track

    found = {name: load_track(_made(demo / "tracks" / name)) for name in TRACKS.values()}
    for name, track in found.items():
        _check_records(demo / "records" / name, track)
    for name, track in found.items():
        _copy(track.folder, packs / name)
        _copy(demo / "records" / name, records / name)
        say(f"{packs / name} and {records / name} written")


def _made(folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError(
            "the demo has not made this",
            where=folder,
            fix="run: python -m builders demo --rule calibrated --rule keywords --baselines",
        )
    return folder


def _check_records(folder: Path, track: Track) -> None:
    """Refuse records of another pack."""
    from hmu_bench.records import read_record

    paths = sorted(_made(folder).glob("*.json"))
    of_pack = [path for path in paths if not path.name.endswith(".run.json")]
    if not of_pack:
        raise InputError("there is no record", where=folder, fix="run the demo again")
    for path in of_pack:
        record = read_record(path)
        if record.track.sha256 != track.sha256:
            raise InputError("the record is of another pack", where=path, fix="run the demo again")


def _copy(source: Path, target: Path) -> None:
    with staged_directory(target) as staging:
        for path in sorted(source.iterdir()):
            shutil.copyfile(path, staging / path.name)
