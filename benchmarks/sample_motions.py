"""How fast clips of the sample are made: `python -m benchmarks.sample_motions`.

Prints milliseconds per clip for joints and for features, over the first 300 base clips.
"""

from __future__ import annotations

import time

from hmu_bench import sample


def main() -> None:
    """Print the two numbers."""
    ids = [clip.clip_id for clip in sample.clips(twins=False)[:300]]
    for name, function in (("joints", sample.joints), ("features", sample.features)):
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            for clip_id in ids:
                function(clip_id)
            best = min(best, time.perf_counter() - start)
        print(f"{name}: {best / len(ids) * 1000:.2f} ms a clip")


if __name__ == "__main__":
    main()
