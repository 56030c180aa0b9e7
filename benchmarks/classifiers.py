"""How fast the rule `calibrated` is beside plain encoding: `python -m benchmarks.classifiers`.

Judges the unique captions of a caption set (default: the HumanML3D texts of ../shared) and, in the
same run on the same two threads, encodes them with sentence-transformers as it comes. Both models
are loaded and warm; nothing is cached. Prints the captions a minute, the ratio, how often the
encoder was asked, and the largest memory that the process had.
"""

from __future__ import annotations

import argparse
import resource
import time
import zipfile
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "humanml3d" / "texts.zip"
THREADS = 2
RUNS = 3


def unique_captions(path: Path) -> list[str]:
    """The different captions of a zip of HumanML3D texts, or the lines of a text file."""
    if path.suffix != ".zip":
        return list(dict.fromkeys(filter(None, path.read_text("utf-8").splitlines())))
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".txt"))
        lines = [line for name in names for line in archive.read(name).decode().splitlines()]
    return list(dict.fromkeys(line.split("#")[0] for line in lines if line.strip()))


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("captions", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--source", default="humanml3d")
    options = parser.parse_args()
    captions = unique_captions(options.captions)

    import torch

    from hmu_bench.concepts import load_concept
    from hmu_bench.text.encoder import load_encoder
    from hmu_bench.text.ensemble import EnsembleClassifier, Memory

    torch.set_num_threads(THREADS)
    encoder = load_encoder()
    shipped = EnsembleClassifier.of(load_concept("violence"), options.source)
    encoder.model.encode(captions[:64])
    shipped.judge(captions[:64])
    plain, cascade, violent = [], [], 0
    for _ in range(RUNS):  # in turn, so that a busy machine is busy for both
        start = time.perf_counter()
        encoder.model.encode(captions, show_progress_bar=False)
        plain.append(time.perf_counter() - start)
        fresh = EnsembleClassifier(
            shipped.model, shipped.source, shipped.lexicon, encoder, memory=Memory()
        )
        start = time.perf_counter()
        violent = sum(judgement.violent for judgement in fresh.judge(captions))
        cascade.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    count = len(captions)
    for name, seconds in (("sentence-transformers", min(plain)), ("calibrated", min(cascade))):
        print(f"{name:<22} {seconds:7.2f} s  {60 * count / seconds:10,.0f} captions a minute")
    print(f"ratio {min(plain) / min(cascade):.1f} ({count:,} unique captions, best of {RUNS})")
    print(f"{violent:,} violent; peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    main()
