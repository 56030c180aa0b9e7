"""What a submission must answer: prompts, statistics of the real motions, protocols."""

from __future__ import annotations

from hmu_bench.tracks.pack import (
    Track,
    check_facts,
    known_tracks,
    load_track,
    write_track,
)
from hmu_bench.tracks.prompts import Caption, Clip, Prompt, Segment, paper_prompts
from hmu_bench.tracks.reference import Gallery, SetReference, TrackStatistics, hashed_clip
from hmu_bench.tracks.schema import TrackInfo
from hmu_bench.tracks.written import load_written, written_entries, written_prompts

__all__ = [
    "Caption",
    "Clip",
    "Gallery",
    "Prompt",
    "Segment",
    "SetReference",
    "Track",
    "TrackInfo",
    "TrackStatistics",
    "check_facts",
    "hashed_clip",
    "known_tracks",
    "load_track",
    "load_written",
    "paper_prompts",
    "write_track",
    "written_entries",
    "written_prompts",
]
