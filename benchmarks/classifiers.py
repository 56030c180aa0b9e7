"""How fast the rule `calibrated` is beside plain encoding: `python -m benchmarks.classifiers`.

Judges the unique captions of a caption set (default: the HumanML3D texts of ../shared) and, in the
same run on the same two threads, encodes them with sentence-transformers as it comes. Both models
are loaded and warm; nothing is cached, and evidence is made as the builders make it. Prints the
captions a minute, the ratio, how often the encoder was asked, and the largest memory that the
process had after judging alone and in all.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmu_bench.text.encoder import Encoder

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT = {
    "humanml3d": DATA / "humanml3d" / "texts.zip",
    "motionx": DATA / "motionx" / "semantic_labels.zip",
}
THREADS = 2
RUNS = 3


def unique_captions(path: Path, format_name: str) -> dict[str, dict[str, str]]:
    """The different captions of a caption set, each with the context of its first clip."""
    from hmu_bench.datasets import read_source

    found: dict[str, dict[str, str]] = {}
    for clip in read_source(path, format_name).clips:
        for caption in clip.captions:
            found.setdefault(caption.text, dict(clip.context))
    return found


@dataclass
class Counting:
    """An encoder that counts what it is asked."""

    encoder: Encoder
    asked: int = 0

    @property
    def sha256(self) -> str:
        """Hash of its weights."""
        return self.encoder.sha256

    def embeddings(self, texts):
        """Those of the encoder."""
        self.asked += len(texts)
        return self.encoder.embeddings(texts)

    def word_parts(self, text, direction):
        """Those of the encoder."""
        return self.encoder.word_parts(text, direction)


def peak_gib() -> float:
    """The largest memory that the process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("captions", type=Path, nargs="?")
    parser.add_argument("--source", default="humanml3d")
    parser.add_argument("--format", choices=["humanml3d", "motionx", "annotations"])
    options = parser.parse_args()
    path = options.captions or DEFAULT.get(options.source)
    if path is None:
        parser.error("give the captions of this source")
    format_name = options.format or ("motionx" if options.source == "motionx" else "humanml3d")
    captions = unique_captions(path, format_name)
    texts, context = list(captions), list(captions.values())

    import torch

    from hmu_bench.concepts import load_concept
    from hmu_bench.text.encoder import load_encoder
    from hmu_bench.text.ensemble import EnsembleClassifier, Memory

    torch.set_num_threads(THREADS)
    encoder = load_encoder()
    shipped = EnsembleClassifier.of(load_concept("violence"), options.source)
    encoder.model.encode(texts[:64], show_progress_bar=False)
    shipped.judge(texts[:64], context[:64])
    plain, cascade, asked, violent, alone = [], [], 0, 0, 0.0
    for _ in range(RUNS):  # in turn, so that a busy machine is busy for both
        counting = Counting(encoder)
        fresh = EnsembleClassifier(
            shipped.model, shipped.source, shipped.lexicon, counting, memory=Memory()
        )
        start = time.perf_counter()
        violent = sum(judgement.violent for judgement in fresh.judge(texts, context))
        cascade.append(time.perf_counter() - start)
        asked, alone = counting.asked, alone or peak_gib()
        start = time.perf_counter()
        encoder.model.encode(texts, show_progress_bar=False)
        plain.append(time.perf_counter() - start)
    count = len(texts)
    for name, seconds in (("sentence-transformers", plain), ("calibrated", cascade)):
        runs = ", ".join(f"{one:.2f}" for one in seconds)
        print(
            f"{name:<22} {min(seconds):7.2f} s  {60 * count / min(seconds):10,.0f} captions a "
            f"minute (runs: {runs} s)"
        )
    ratios = ", ".join(f"{a / b:.1f}" for a, b in zip(plain, cascade, strict=True))
    print(f"ratio {min(plain) / min(cascade):.1f}, best of {RUNS} (run by run: {ratios})")
    print(f"{count:,} unique captions, {violent:,} violent; encoder asked about {asked:,}")
    print(f"peak memory: {alone:.2f} GiB after judging, {peak_gib():.2f} GiB after both")


if __name__ == "__main__":
    main()
