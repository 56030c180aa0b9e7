"""Kill builds at random moments: `python benchmarks/interrupt_builds.py [--times 20]`.

Builds made-up captions over an older build of other captions (every second time: into an empty
folder), stops the process with SIGINT or SIGKILL at a random moment, and looks at what is there:
each repository must be absent or be, byte for byte, the old build or the new one; the two must not
be of different builds; `load_dataset` must load what is there, with as many rows as were built.
Then the same command must succeed, leave the new build and nothing else. Prints one line a try and
a summary; ends with 1 if anything was wrong.
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
import zipfile
from collections import Counter
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
ROOT = Path(__file__).resolve().parents[1]
ROLES = ("forget", "retain")
# A background shell leaves Ctrl-C ignored, and the builds would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
SIGNALS = (signal.SIGINT, signal.SIGKILL)

Content = dict[str, bytes]


def write_texts(path: Path, clips: int, word: str) -> Path:
    """A zip of made-up texts; one in three is violent."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(clips):
            verb = "kicks" if number % 3 == 0 else "walks"
            line = f"a person {verb} {word} {number}#a/DET person/NOUN#0.0#0.0\n"
            archive.writestr(f"texts/{number:06d}.txt", line)
    return path


def start(texts: Path, out: Path) -> subprocess.Popen[str]:
    """A build, as a user would start it."""
    options = ["--concept", "violence", "--concept", "kick", "--rule", "keywords"]
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "builders", "humanml3d", "--texts", str(texts)),
            *(*options, "--out", str(out)),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole(texts: Path, out: Path) -> float:
    """A build that nobody stops; how many seconds it took."""
    started = time.perf_counter()
    process = start(texts, out)
    error = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"a build that nobody stopped failed: {error}")
    return time.perf_counter() - started


def content(out: Path, role: str) -> Content | None:
    """Every file of a repository; None if it is not there."""
    folder = out / f"hmu/humanml3d-{role}"
    if not folder.exists():
        return None
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def loaded(out: Path, role: str, cache: Path) -> tuple[int, int]:
    """How many rows `load_dataset` gives for the default configuration, and how many were built."""
    import datasets

    datasets.disable_progress_bars()
    folder = out / f"hmu/humanml3d-{role}"
    rows = datasets.load_dataset(str(folder), split="train", cache_dir=str(cache)).num_rows
    report = json.loads((folder / "build.json").read_text("utf-8"))
    files = report["files"][role][report["configs"][0]["name"]]["train"]
    return int(rows), sum(file["rows"] for file in files)


def check(out: Path, builds: dict[str, dict[str, Content | None]], cache: Path) -> str:
    """Which build is there, or which repository of it; SystemExit if it is a mixture."""
    names: dict[str, str] = {}
    for role in ROLES:
        files = content(out, role)
        if files is not None:
            same = (name for name, build in builds.items() if build[role] == files)
            names[role] = next(same, "broken")
    if "broken" in names.values() or len(set(names.values())) > 1:
        raise SystemExit(f"half a dataset: {names}")
    for role in names:
        rows, built = loaded(out, role, cache)
        if rows != built:
            raise SystemExit(f"humanml3d-{role} loads {rows} rows of {built}")
    if not names:
        return "nothing"
    (build,) = set(names.values())
    return f"{build} pair" if len(names) == len(ROLES) else f"{build} {next(iter(names))} alone"


def main() -> None:
    """Kill builds, look, build again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--clips", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = write_texts(folder / "old.zip", options.clips, "slowly")
        new = write_texts(folder / "new.zip", options.clips + 3, "fast")
        whole(old, folder / "good-old")
        seconds = min(whole(new, folder / "good-new") for _ in range(2))
        builds = {
            build: {role: content(folder / f"good-{build}", role) for role in ROLES}
            for build in ("old", "new")
        }
        print(f"a build of {options.clips:,} clips takes {seconds:.2f} s")
        number = stopped = 0
        while stopped < options.times:
            out = folder / f"out-{number}"
            before = "nothing" if number % 2 == 0 else "old pair"
            if before == "old pair":
                whole(old, out)
            kind = SIGNALS[number // 2 % 2]
            moment = draw.uniform(0.0, 1.0) * seconds
            process = start(new, out)
            time.sleep(moment)
            process.send_signal(kind)
            process.communicate()
            state = check(out, builds, folder / "cache")
            whole(new, out)
            after = check(out, builds, folder / "cache")
            left = sorted(path.name for path in (out / "hmu").iterdir() if path.name[0] == ".")
            if after != "new pair" or left:
                raise SystemExit(f"the next run left {after} and {left}")
            number += 1
            if process.returncode == 0:
                continue  # it was faster than we
            stopped += 1
            told = f"{kind.name:<8} after {moment:5.2f} s (exit {process.returncode:>4})"
            print(f"{told}: {before} -> {state}; next run: {after}", flush=True)
            seen[f"{before} -> {state}"] += 1
    print(f"{stopped} builds stopped, no half dataset, every next run succeeded:")
    for what, count in sorted(seen.items()):
        print(f"  {what}: {count}")


if __name__ == "__main__":
    main()
