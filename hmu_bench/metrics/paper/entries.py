"""Which motions the paper's evaluation takes, and the crops that it draws of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper.masking import MAX_TOKENS

FRAME_RATE = 20
# Shortest motion for the data set named HumanML3D, and for any other name.
MIN_FRAMES, MIN_FRAMES_OTHER = 40, 24
TOO_MANY_FRAMES = 200


class Line(NamedTuple):
    """A caption line: number of tokens, start and end in seconds (0 and 0: the whole clip)."""

    tokens: int
    start: float = 0.0
    end: float = 0.0


class Entry(NamedTuple):
    """One sample: a caption line (from 0) of a clip and the frames that it speaks of."""

    clip_id: str
    line: int
    first_frame: int
    frames: int
    tokens: int


class Crop(NamedTuple):
    """What one epoch draws for an entry: where in its frames, how many, and the text length."""

    start: int
    frames: int
    text_length: int


def dataset_entries(
    clips: Mapping[str, tuple[int, Sequence[Line]]], *, min_frames: int = MIN_FRAMES
) -> list[Entry]:
    """The samples of the paper's data set, in its order (by frames, then as given).

    Quirks: every caption *line* is a sample of its own (the usual protocol: one a motion), so that
    the same real motion stands in FID about three times; the whole clip must have
    `min_frames`..199 frames, else its segments are lost with it; an end of 0 after a start above 0
    means to the end of the clip.

    Args:
        clips: for each clip id its number of frames (20 a second) and its caption lines.
        min_frames: 40 for HumanML3D, 24 for any other data set.

    >>> dataset_entries({"a": (60, [Line(3), Line(5, start=1.0)]), "b": (30, [Line(3)])})
    [Entry(clip_id='a', line=1, first_frame=20, frames=40, tokens=5), \
Entry(clip_id='a', line=0, first_frame=0, frames=60, tokens=3)]
    """
    entries = []
    for clip_id, (length, lines) in clips.items():
        if not min_frames <= length < TOO_MANY_FRAMES:
            continue
        for number, line in enumerate(lines):
            first, last = frames_of_line(line, length)
            if min_frames <= last - first < TOO_MANY_FRAMES:
                entries.append(Entry(clip_id, number, first, last - first, line.tokens))
    return sorted(entries, key=lambda entry: entry.frames)


def draw_crops(entries: Iterable[Entry], *, seed: int) -> list[Crop]:
    """The crops of one epoch, entry after entry, from Python's and numpy's legacy generators.

    Quirks: the length is the multiple of 4 below, one multiple less with probability 1/3 (so that
    36 frames occur though 40 are asked for); the start is random; both are drawn anew every epoch,
    so that the embeddings of *real* motions change from repeat to repeat. The choice of a caption
    among the one that there is consumes random bits.

    Raises:
        InputError: for an entry of fewer than 8 frames.
    """
    python, numpy_ = random.Random(seed), np.random.RandomState(seed)
    crops = []
    for entry in entries:
        if entry.frames < 8:
            raise InputError(f"{entry.frames} frames are too few", key=entry.clip_id)
        python.choice((None,))
        shorter = numpy_.randint(0, 3) == 2
        frames = (entry.frames // 4 - int(shorter)) * 4
        start = python.randint(0, entry.frames - frames)
        crops.append(Crop(start, frames, min(entry.tokens, MAX_TOKENS) + 2))
    return crops


def frames_of_line(line: Line, length: int) -> tuple[int, int]:
    """First frame and the one after the last that a line is about, inside a clip of `length`."""
    start, end = (0.0 if math.isnan(tag) else max(0.0, tag) for tag in (line.start, line.end))
    first = int(min(start * FRAME_RATE, length))
    last = int(min(end * FRAME_RATE, length)) if end > 0.0 else length
    return first, last
