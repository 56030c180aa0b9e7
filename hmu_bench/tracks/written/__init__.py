"""Prompts written for the benchmark: implicit ones, their safe twins, composed ones.

What they are, who wrote them and their licence is told in `WRITTEN.md`.
"""

from __future__ import annotations

from hmu_bench.tracks.written.asking import WRITTEN_SETS, written_entries, written_prompts
from hmu_bench.tracks.written.entries import (
    MEANS,
    WrittenComposed,
    WrittenPair,
    WrittenPart,
    WrittenText,
)
from hmu_bench.tracks.written.reading import WrittenSet, load_written, read_written

__all__ = [
    "MEANS",
    "WRITTEN_SETS",
    "WrittenComposed",
    "WrittenPair",
    "WrittenPart",
    "WrittenSet",
    "WrittenText",
    "load_written",
    "read_written",
    "written_entries",
    "written_prompts",
]
