"""Validate and score 88,000 motions; kill the scoring ten times: the record must be the same.

    python benchmarks/large_submission.py [--prompts 4400] [--repeats 20] [--kills 10]

Makes a submission (`make_large_submission.py`: 8 GB for 4,400 prompts x 20 repeats; removed at the
end), then runs the command line as a user would, each time in a process of its own whose time and
peak memory (`ru_maxrss` of that process) are printed:

1. `validate`;
2. `score` without interruption;
3. `score` killed with SIGKILL at random moments, as often as asked for, then let run to its end:
   record and numbers of each prompt must be those of step 2, byte for byte, and no checkpoint may
   be left;
4. with an evaluator of the official size and random weights: a scoring of a few prompts, and one
   whose embeddings are all in the checkpoints already (random ones), for the memory of what comes
   after them.

Ends with 1 if anything is not as it should be, or a peak is 2 GiB or more. Only processes that the
script itself started are killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAKE = Path(__file__).with_name("make_large_submission.py")
MOST = 2 << 30
SEED = 6


@dataclass(frozen=True)
class Run:
    """How one command ended: exit code (negative: killed), seconds, peak memory in bytes."""

    code: int
    seconds: float
    peak: int
    said: str

    @property
    def line(self) -> str:
        """Time and memory."""
        return f"{self.seconds:8.1f} s  {self.peak / 2**20:7,.0f} MiB"


def run(
    *arguments: str | Path, cache: Path, kill_after: float | None = None, program: str = "hmu_bench"
) -> Run:
    """Run a command to its end, or kill it after some seconds."""
    command = [sys.executable, *(["-m", program] if program == "hmu_bench" else [program])]
    begin = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "HMU_CACHE": str(cache), "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=said,
        )
        while True:
            # wait4 tells the peak of this very process.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if kill_after is not None and time.monotonic() - begin > kill_after:
                process.send_signal(signal.SIGKILL)
                kill_after = None
            time.sleep(0.05)
        code = process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Run(code, time.monotonic() - begin, usage.ru_maxrss * 1024, text)


class Bench:
    """One run of the benchmark, in a folder of its own."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self.folder, self.given, self.failed = folder, given, False

    def check(self, right: bool, what: str) -> None:
        """Note what is not as it should be."""
        if not right:
            self.failed = True
            print(f"WRONG: {what}", flush=True)

    def peak(self, name: str, done: Run) -> None:
        """Print one command that must have succeeded within the memory."""
        print(f"{name:44} {done.line}", flush=True)
        self.check(done.code == 0, f"{name}: exit code {done.code}: {done.said[-2000:]}")
        self.check(done.peak < MOST, f"{name}: {done.peak:,} bytes")

    def make(self, folder: Path, *options: str, cache: Path) -> dict[str, float]:
        """Make a submission in a process of its own: this one stays small."""
        done = run(folder, *options, cache=cache, program=str(MAKE))
        self.check(done.code == 0, done.said[-2000:])
        facts: dict[str, float] = json.loads(done.said.splitlines()[-1])
        print(
            f"made: {facts['motions']:,} motions of {facts['mean_frames']} frames on average, "
            f"{facts['bytes'] / 2**30:.2f} GiB ({done.seconds:.0f} s)",
            flush=True,
        )
        return facts

    def score(self, made: Path, out: Path, *more: str, cache: Path, **options: float) -> Run:
        """`hmu-bench score` of a made submission."""
        return run(
            "score", made / "submission", "--track", made / "track", "--evaluator",
            made / "evaluator", "--checkpoint-every", str(self.given.checkpoint_every),
            "-o", out, *more, cache=cache, **options,
        )  # fmt: skip

    def killed(self) -> None:
        """Steps 1 to 3."""
        given, made = self.given, self.folder / "made"
        size = ["--prompts", str(given.prompts), "--repeats", str(given.repeats)]
        facts = self.make(made, *size, cache=self.folder / "cache0")
        done = run(
            "validate", made / "submission", "--track", made / "track",
            cache=self.folder / "cache0",
        )  # fmt: skip
        self.peak("validate", done)
        print(f"  {facts['motions'] / done.seconds:,.0f} motions a second", flush=True)
        whole = self.folder / "whole.json"
        done = self.score(made, whole, cache=self.folder / "cache1")
        self.peak("score, not interrupted", done)
        print(f"  {facts['motions'] / done.seconds:,.0f} motions a second", flush=True)
        cache, out = self.folder / "cache2", self.folder / "killed.json"
        draw = random.Random(SEED)
        most, kills = 0, 0
        while kills < given.kills:
            after = draw.uniform(0.0, 2.0 * done.seconds / given.kills)
            stopped = self.score(made, out, cache=cache, kill_after=after)
            if out.exists():
                print("  ended before it was killed; begun anew", flush=True)
                self.same(whole, out)
                out.unlink()
                continue
            kills += 1
            self.check(stopped.code == -signal.SIGKILL, f"exit code {stopped.code}")
            kept = len(list(cache.rglob("[0-9]*.safetensors")))
            print(f"  killed after {after:.1f} s: {kept} checkpoints", flush=True)
            most = max(most, stopped.peak)
        self.check(most < MOST, f"killed ones: {most:,} bytes")
        done = self.score(made, out, cache=cache)
        self.peak(f"score, after {kills} kills", done)
        print("  " + next((line for line in done.said.splitlines() if "going on" in line), ""))
        print(f"  largest peak of the killed ones: {most / 2**20:,.0f} MiB")
        self.same(whole, out)
        left = [path for path in (cache / "scoring").rglob("*") if path.is_file()]
        self.check(not left, f"{len(left)} checkpoints are left")

    def same(self, whole: Path, out: Path) -> None:
        """Compare record and numbers of each prompt with those of the uninterrupted scoring."""
        for suffix in (".json", ".parquet"):
            same = whole.with_suffix(suffix).read_bytes() == out.with_suffix(suffix).read_bytes()
            self.check(same, f"{suffix} differs from that of the scoring that was not interrupted")
            print(f"  {suffix}: {'the same bytes' if same else 'DIFFERENT'}", flush=True)

    def official(self) -> None:
        """Step 4."""
        given, cache = self.given, self.folder / "cache3"
        made = self.folder / "official"
        few = ["--prompts", str(given.official), "--repeats", "2", "--size", "official"]
        facts = self.make(made, *few, cache=cache)
        done = self.score(made, self.folder / "few.json", cache=cache)
        self.peak(f"official size: score {facts['motions']:,} motions", done)
        print(f"  embeds {facts['embedded_a_second']:.1f} motions a second", flush=True)
        made = self.folder / "embedded"
        self.make(
            made, "--prompts", str(given.prompts), "--repeats", str(given.repeats), "--size",
            "official", "--embedded", "--checkpoint-every", str(given.checkpoint_every),
            cache=cache,
        )  # fmt: skip
        done = self.score(made, self.folder / "embedded.json", cache=cache)
        self.peak("official size: score, all embedded before", done)


def main() -> int:
    """The four steps; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=4400)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--checkpoint-every", type=int, default=1024)
    parser.add_argument("--official", type=int, default=240, help="prompts of the part")
    parser.add_argument("--no-official", action="store_true")
    parser.add_argument("--folder", type=Path, help="where to work; has to have room")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="large-submission-") as name:
        bench = Bench(Path(name), given)
        bench.killed()
        if not given.no_official:
            bench.official()
    print("all as it should be" if not bench.failed else "SOMETHING IS WRONG")
    return int(bench.failed)


if __name__ == "__main__":
    raise SystemExit(main())
