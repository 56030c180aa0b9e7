"""How long a build of HumanML3D's size takes: `python benchmarks/dataset_build.py`.

Writes 29,228 made-up text files (three captions each, split lists of the official sizes) to a
temporary folder, as a folder and as a zip, runs `python -m builders humanml3d` on both as a user
would (`--rule`: the split rule), and prints wall seconds, processor seconds and peak memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"train": 23384, "val": 1460, "test": 4384}
VERBS = (
    "walks",
    "kicks",
    "jumps",
    "sits down",
    "throws a ball",
    "punches",
    "waves",
    "turns around",
)
MANNERS = ("slowly", "twice", "with the left hand raised", "in a circle", "and then stands still")


def text_of(number: int) -> str:
    """Three caption lines for a clip."""
    lines = []
    for part in range(3):
        verb = VERBS[(number * 3 + part * part) % len(VERBS)]
        manner = MANNERS[(number + part) % len(MANNERS)]
        words = f"a person {verb} {manner} while looking to the front".split()
        tokens = " ".join(f"{word}/OTHER" for word in words)
        lines.append(f"{' '.join(words)}.#{tokens}#0.0#0.0")
    return "\n".join(lines) + "\n"


def write_input(folder: Path) -> None:
    """Texts as a folder and as a zip, and the split lists."""
    ids = [f"{mirror}{number:06d}" for number in range(14614) for mirror in ("", "M")]
    (folder / "texts").mkdir()
    with zipfile.ZipFile(folder / "texts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for clip_id in ids:
            text = text_of(int(clip_id.removeprefix("M")))
            (folder / f"texts/{clip_id}.txt").write_text(text, "utf-8")
            archive.writestr(f"texts/{clip_id}.txt", text)
    first = 0
    for split, size in SIZES.items():
        (folder / f"{split}.txt").write_text("\n".join(ids[first : first + size]) + "\n", "utf-8")
        first += size


def measure(texts: Path, lists: Path, out: Path, rule: str) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory in MiB of one build."""
    command = [sys.executable, "-m", "builders", "humanml3d", "--texts", str(texts)]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--splits", str(lists), "--rule", rule, "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"the build failed with status {status}")
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main() -> None:
    """Build three times from each, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rule", default="calibrated")
    rule = parser.parse_args().rule
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder)
        print(f"{'input':<10} {'seconds':>8} {'processor':>10} {'peak MiB':>9}")
        for texts in ("texts", "texts.zip"):
            for run in range(3):
                figures = measure(folder / texts, folder, folder / f"out-{texts}-{run}", rule)
                print(f"{texts:<10} {figures[0]:>8.1f} {figures[1]:>10.1f} {figures[2]:>9.0f}")


if __name__ == "__main__":
    main()
