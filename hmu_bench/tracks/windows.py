"""Which frames of the real motions are embedded: the fixed crop and the paper's random windows.

The reference cuts a new random window from every real motion whenever it evaluates (REPORT, section
3, item 12): its length is 4 * floor(L / 4) with probability 2/3 and four frames less with
probability 1/3, its start is uniform. So the real side of FID differs between the 20 repeats. Here
the draws come from explicit seeds and are made once, when the pack is built.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hmu_bench.tracks.prompts import UNIT_FRAMES, Segment, prompt_frames

IntArray = NDArray[np.int64]


def fixed_windows(segments: Sequence[Segment]) -> list[Segment]:
    """The first `num_frames` frames of every segment: what a submission is asked for.

    >>> fixed_windows([Segment("7", 40, 90)])
    [Segment(clip_id='7', first=40, last=88)]
    """
    windows = []
    for segment in segments:
        frames = prompt_frames(segment.length)
        if frames is None:
            raise ValueError(f"a segment of {segment.length} frames is no test entry")
        windows.append(Segment(segment.clip_id, segment.first, segment.first + frames))
    return windows


def drawn_windows(segments: Sequence[Segment], generator: np.random.Generator) -> list[Segment]:
    """One random window of every segment, as the reference draws it.

    All length coins are drawn first, then all starts, each in the order of the segments.

    Args:
        segments: real segments, 40 to 199 frames each.
        generator: where the draws come from.
    """
    lengths = np.array([segment.length for segment in segments], dtype=np.int64)
    starts, sizes = draw(lengths, generator)
    return [
        Segment(s.clip_id, s.first + int(start), s.first + int(start + size))
        for s, start, size in zip(segments, starts, sizes, strict=True)
    ]


def draw(lengths: IntArray, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Starts and sizes of one random window for motions of these lengths.

    size = 4 * floor(L / 4), less 4 with probability 1/3; start uniform in 0 .. L - size.

    Returns:
        Starts (N,) and sizes (N,), in frames.
    """
    shorter = generator.integers(3, size=len(lengths)) == 2
    sizes = UNIT_FRAMES * (lengths // UNIT_FRAMES - shorter)
    starts = generator.integers(0, lengths - sizes, endpoint=True)
    return starts.astype(np.int64), sizes.astype(np.int64)
