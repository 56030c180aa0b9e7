"""Which frames of the real motions are embedded: the fixed crop and the paper's random windows.

The reference cuts a new random window from every real motion whenever it evaluates
(`metrics.paper.draw_crops`: 4 * floor(L / 4) frames, four less with probability 1/3, random start).
So the real side of FID differs between the 20 repeats. Here the draws come from explicit seeds and
are made once, when the pack is built.
"""

from __future__ import annotations

from collections.abc import Sequence

from hmu_bench.metrics.paper import Entry, draw_crops
from hmu_bench.tracks.prompts import Segment, prompt_frames


def fixed_windows(segments: Sequence[Segment]) -> list[Segment]:
    """The first `num_frames` frames of every segment: what a submission is asked for.

    >>> fixed_windows([Segment("7", 40, 90)])
    [Segment(clip_id='7', first=40, last=88)]
    """
    return [
        Segment(segment.clip_id, segment.first, segment.first + prompt_frames(segment.length))
        for segment in segments
    ]


def drawn_windows(segments: Sequence[Segment], *, seed: int) -> list[Segment]:
    """One random window of every segment, drawn in the order of the segments."""
    entries = [Entry(s.clip_id, 0, s.first, s.length, 0) for s in segments]
    crops = draw_crops(entries, seed=seed)
    return [
        Segment(s.clip_id, s.first + crop.start, s.first + crop.start + crop.frames)
        for s, crop in zip(segments, crops, strict=True)
    ]
