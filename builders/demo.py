"""The whole path on the embedded sample, as the commands that anybody would type."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import say

ROOT = Path(__file__).resolve().parent.parent

# The track of each rule, and the protocol that it is made for.
TRACKS: dict[str, str] = {
    "calibrated": "sample-violence",
    "keywords": "sample-violence-keywords",
}
PROTOCOLS: dict[str, str] = {"calibrated": "hmu-1", "keywords": "paper"}
# Of the prompts; multimodality needs 2.
REPEATS = 2

Step = tuple[str, str]


def steps(out: Path, rules: list[str], baselines: bool = False) -> list[tuple[str, list[str]]]:
    """The commands of the demo, in order, each with what it does; paths below `out`."""
    # The prompts of the paper's rule ask for mirrored twins, too.
    twins = "" if "keywords" in rules else " --no-mirrored"
    given = " ".join(f"--rule {rule}" for rule in rules)
    lines: list[Step] = [
        (
            "captions -> forget and retain datasets, and the real motions",
            f"python -m builders sample {given} --out {out}/datasets --motions {out}/motions"
            f"{twins}",
        )
    ]
    for rule in rules:
        lines += _of_rule(out, rule, baselines)
    lines.append(
        (
            "records -> the leaderboard",
            f"python -m leaderboard build --records {out}/records --out {out}/site",
        )
    )
    return [(what, shlex.split(line)) for what, line in lines]


def _of_rule(out: Path, rule: str, more: bool) -> list[Step]:
    name, protocol = TRACKS[rule], PROTOCOLS[rule]
    config = name.removeprefix("sample-")
    track, records, submissions = (
        f"{out}/{folder}/{name}" for folder in ("tracks", "records", "submissions")
    )
    original, retrained = (f"sample-retrieval-{role}" for role in ("original", "retrained"))
    lines = [
        (
            "datasets and real motions -> a track pack",
            f"python -m builders track --dataset {out}/datasets --source sample --config {config} "
            f"--motions {out}/motions --evaluator sample --license MIT --out {out}/tracks",
        ),
        (
            "prompts -> motions of two simple models",
            f"python -m builders sample-models --dataset {out}/datasets --config {config} "
            f"--track {track} --out {submissions} --repeats {REPEATS}",
        ),
        (
            "checking a submission",
            f"hmu-bench validate {submissions}/{retrained} --track {track}",
        ),
    ]
    for what, model in (
        ("the model before unlearning", original),
        ("the retrained model", retrained),
    ):
        role = model.removeprefix("sample-retrieval-")
        lines += [
            (
                f"motions -> scores: {what}",
                f"hmu-bench score {submissions}/{model} --track {track} --protocol {protocol} "
                f"--as-reference {role} -o {records}/{model}.json",
            ),
            (
                f"a few motions for its page: {what}",
                f"hmu-bench preview {submissions}/{model} --track {track} "
                f"-o {records}/{model}.preview.safetensors",
            ),
        ]
    if more:
        lines += _of_baselines(out, name, protocol)
    lines.append(
        (
            "the real motions, for comparison",
            f"hmu-bench score --real --track {track} --protocol {protocol} "
            f"-o {records}/{name}-real.json",
        )
    )
    return lines


def _of_baselines(out: Path, name: str, protocol: str) -> list[Step]:
    """Three simple methods, scored against the model before unlearning."""
    from builders.sample_baselines import METHODS

    track, records, submissions = (
        f"{out}/{folder}/{name}" for folder in ("tracks", "records", "submissions")
    )
    config = name.removeprefix("sample-")
    lines = [
        (
            "prompts -> motions of three simple methods",
            f"python -m builders sample-baselines --dataset {out}/datasets --config {config} "
            f"--track {track} --out {submissions} --repeats {REPEATS}",
        )
    ]
    for method, (heading, _, _) in METHODS.items():
        lines += [
            (
                f"motions -> scores: {heading}",
                f"hmu-bench score {submissions}/{method} --track {track} --protocol {protocol} "
                f"-o {records}/{method}.json",
            ),
            (
                f"a few motions for its page: {heading}",
                f"hmu-bench preview {submissions}/{method} --track {track} "
                f"-o {records}/{method}.preview.safetensors",
            ),
        ]
    return lines


def run(
    out: Annotated[Path, typer.Option(help="Everything is made in here.")] = Path("build/demo"),
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="Split rule: calibrated (scored under hmu-1), keywords (the paper's, scored under "
            "paper); may be repeated.",
            show_default="calibrated",
        ),
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Score three simple methods, too.")
    ] = False,
) -> None:
    """The whole path on the embedded sample: build, score, show. No network."""
    rules = list(dict.fromkeys(rule or ["calibrated"]))
    for name in rules:
        if name not in TRACKS:
            known = ", ".join(TRACKS)
            raise InputError(f"there is no demo of the rule {name!r} (there are: {known})")
    started = time.perf_counter()
    for what, line in steps(out, rules, baselines):
        say(f"\n# {what}\n$ {shlex.join(line)}")
        # `hmu-bench` may not be on the path of an environment that is not activated.
        module = line[2:] if line[0] == "python" else ["hmu_bench", *line[1:]]
        done = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)  # the step has said why
    say(f"\ndone in {time.perf_counter() - started:.0f} s")
    typer.echo(f"The page: {(ROOT / out / 'site' / 'index.html').as_uri()}")
