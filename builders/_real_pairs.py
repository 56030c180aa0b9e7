"""Real motions with their captions, split by split, read from disk when they are needed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from builders._evaluator_data import Motion, Pairs
from builders._real_motions import RealMotions, find_motions
from hmu_bench.datasets import LabelledClip, load_pair
from hmu_bench.datasets.model import SPLITS
from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.tracks.prompts import Segment
from hmu_bench.tracks.schema import FPS, MIN_FRAMES


@dataclass(frozen=True)
class RealPairs:
    """One split.

    Attributes:
        pairs: whole clips with the captions of the whole, and captioned parts, in order of clips.
        clips: the base clip of each pair.
        whole: whether the pair is a whole clip of its own name (no part, no mirrored twin).
        missing: clips without a motion file.
        short: motions and parts of fewer than 40 frames.
        sha256: over the motions and the captions.
    """

    pairs: Pairs
    clips: list[str]
    whole: list[bool]
    missing: int
    short: int
    sha256: str

    def whole_base_clips(self) -> list[int]:
        """The numbers of the pairs that are whole clips, without mirrored twins."""
        return [number for number, whole in enumerate(self.whole) if whole]


class LazyMotions(Sequence[Motion]):
    """Segments of motion files; the last files read stay in memory, up to a limit in bytes."""

    def __init__(self, motions: RealMotions, segments: list[Segment], limit: int) -> None:
        self._motions, self._segments, self._limit = motions, segments, limit
        self._kept: OrderedDict[str, Motion] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._segments)

    @overload
    def __getitem__(self, index: int) -> Motion: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Motion]: ...

    def __getitem__(self, index: int | slice) -> Motion | Sequence[Motion]:
        if isinstance(index, slice):
            return LazyMotions(self._motions, self._segments[index], self._limit)
        segment = self._segments[index]
        return self._read(segment.clip_id)[segment.first : segment.last]

    def _read(self, clip_id: str) -> Motion:
        if clip_id in self._kept:
            self._kept.move_to_end(clip_id)
            return self._kept[clip_id]
        motion = self._motions.features(clip_id)
        self._kept[clip_id] = motion
        self._size += motion.nbytes
        while self._size > self._limit and self._kept:
            self._size -= self._kept.popitem(last=False)[1].nbytes
        return motion


def read_pairs(
    dataset: Path, source: str, motions: Path, limit: int, progress: Progress = silent
) -> dict[str, RealPairs]:
    """The splits of an emitted dataset, joined with motion files.

    Args:
        dataset: a builder's output; its first configuration is read (all hold the same clips).
        source: the dataset's name.
        motions: the folder of motions.
        limit: bytes of motions that stay in memory.
        progress: shows how far it is.

    Raises:
        InputError: for a dataset without its texts, or as `find_motions` does.
    """
    found: dict[str, RealPairs] = {}
    for split in SPLITS:
        pair = load_pair(dataset, source, splits=[split])
        rows = sorted([*pair["forget"], *pair["retain"]], key=lambda row: row.clip_id)
        found[split] = _split(rows, dataset, motions, limit, progress)
    return found


def _split(
    rows: list[LabelledClip], dataset: Path, folder: Path, limit: int, progress: Progress
) -> RealPairs:
    if not rows:
        return RealPairs(Pairs([], []), [], [], 0, 0, hashlib.sha256().hexdigest())
    if not any(caption.tokens for row in rows for caption in row.captions):
        raise InputError(
            "the dataset was built without its texts",
            where=dataset,
            fix="build it with its texts (--text) first",
        )
    motions = find_motions(folder, {row.clip_id: row.motion_path for row in rows}, progress)
    segments, texts, clips, whole, short = [], [], [], [], 0
    for row in rows:
        length = motions.lengths.get(row.clip_id)
        if length is None:
            continue
        for part, (segment, captions) in enumerate(_captioned(row, length)):
            if segment.length < MIN_FRAMES:
                short += 1
                continue
            segments.append(segment)
            texts.append(captions)
            clips.append(row.base_id)
            whole.append(part == 0 and segment.length == length and not row.mirrored)
    digest = hashlib.sha256(motions.sha256.encode())
    for segment, captions in zip(segments, texts, strict=True):
        digest.update(repr((segment.clip_id, segment.first, segment.last, captions)).encode())
    return RealPairs(
        Pairs(LazyMotions(motions, segments, limit), texts),
        clips,
        whole,
        len(motions.missing),
        short,
        digest.hexdigest(),
    )


def _captioned(row: LabelledClip, length: int) -> list[tuple[Segment, list[str]]]:
    """First the whole clip with its captions, if it has any; then each captioned part."""
    everything = [c.tokens for c in row.captions if not (c.start or c.end) and c.tokens]
    found = [(Segment(row.clip_id, 0, length), everything)] if everything else []
    for caption in row.captions:
        if (caption.start or caption.end) and caption.tokens:
            first, last = int(FPS * caption.start), min(int(FPS * caption.end), length)
            found.append((Segment(row.clip_id, first, max(first, last)), [caption.tokens]))
    return found
