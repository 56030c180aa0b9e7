"""The whole path on the embedded sample, as the commands that anybody would type."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.terminal import say

ROOT = Path(__file__).resolve().parent.parent
TRACK = "sample-violence-keywords"


def steps(out: Path) -> list[tuple[str, list[str]]]:
    """The commands of the demo, in order, each with what it does; paths below `out`."""
    datasets, track = out / "datasets", out / "tracks" / TRACK
    records = out / "records" / TRACK
    original, retrained = (
        f"{out}/submissions/sample-retrieval-{role}" for role in ("original", "retrained")
    )
    lines = [
        (
            "captions -> forget and retain datasets",
            f"python -m builders sample --rule keywords --out {datasets} --motions {out}/motions "
            "--split test",
        ),
        (
            "datasets and real motions -> a track pack",
            f"python -m builders track --dataset {datasets} --source sample "
            f"--config violence-keywords --motions {out}/motions --evaluator sample "
            f"--license MIT --out {out}/tracks",
        ),
        (
            "prompts -> motions of two simple models",
            f"python -m builders sample-models --dataset {datasets} --track {track} "
            f"--out {out}/submissions --repeats 2",
        ),
        ("checking a submission", f"hmu-bench validate {retrained} --track {track}"),
        (
            "motions -> scores: the model before unlearning",
            f"hmu-bench score {original} --track {track} --as-reference original "
            f"-o {records}/sample-retrieval-original.json",
        ),
        (
            "motions -> scores: the retrained model",
            f"hmu-bench score {retrained} --track {track} --as-reference retrained "
            f"-o {records}/sample-retrieval-retrained.json",
        ),
        (
            "the real motions, for comparison",
            f"hmu-bench score --real --track {track} -o {records}/{TRACK}-real.json",
        ),
        (
            "records -> the leaderboard",
            f"python -m leaderboard build --records {out}/records --out {out}/site",
        ),
    ]
    return [(what, shlex.split(line)) for what, line in lines]


def run(
    out: Annotated[Path, typer.Option(help="Everything is made in here.")] = Path("build/demo"),
) -> None:
    """The whole path on the embedded sample: build, score, show. No network."""
    started = time.perf_counter()
    for what, line in steps(out):
        say(f"\n# {what}\n$ {shlex.join(line)}")
        # `hmu-bench` may not be on the path of an environment that is not activated.
        module = line[2:] if line[0] == "python" else ["hmu_bench", *line[1:]]
        done = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)  # the step has said why
    say(f"\ndone in {time.perf_counter() - started:.0f} s")
    typer.echo(f"The page: {(ROOT / out / 'site' / 'index.html').as_uri()}")
