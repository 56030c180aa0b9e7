"""The embedded default: procedural motions, captions, a tiny trained evaluator."""

from __future__ import annotations

from hmu_bench.sample.catalogue import (
    SampleCaption,
    SampleClip,
    clip,
    clips,
    features,
    joints,
    write_motions,
)

__all__ = ["SampleCaption", "SampleClip", "clip", "clips", "features", "joints", "write_motions"]
