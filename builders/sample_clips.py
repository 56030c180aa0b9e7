"""The frozen list of the sample's clips, made again from its seed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.terminal import say


def run(
    out: Annotated[
        Path, typer.Option(help="The file to write.", show_default="the one in the package")
    ] = Path("hmu_bench/sample/clips.jsonl.gz"),
) -> None:
    """The sample's list of clips, made again from its seed.

    The list is frozen: evaluators and tracks are made from it. A new one is a new version of all of
    them; a test compares the shipped list with what this makes.
    """
    from hmu_bench.files import write_atomic
    from hmu_bench.sample.catalogue import encode
    from hmu_bench.sample.generator import generate

    rows = generate()
    write_atomic(out, encode(rows))
    say(f"written: {len(rows):,} clips in {out}")
