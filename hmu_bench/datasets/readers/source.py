"""What every reader gives back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from hmu_bench.datasets.model import Clip, Problem, ProblemKind, check_name, is_mirrored
from hmu_bench.errors import InputError


@dataclass(frozen=True, slots=True)
class Borrowed:
    """What one source took from another.

    Attributes:
        source: the one that lent its captions.
        folder: the clips `<folder>/<id>` are the lender's `<id>`.
        sha256: hash over the lender's captions.
        clips: how many clips have the lender's captions.
        without: clips of the folder that the lender does not have, sorted.
    """

    source: str
    folder: str
    sha256: str
    clips: int
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceClips:
    """The clips of a source, sorted by id, and what is known about the input.

    Attributes:
        clips: every clip that could be read.
        problems: every clip, line or file that could not.
        format: the format that was read.
        sha256: hash over names and contents of the input.
        files: how many files were read.
        aside: clips, by id, that are no part of the source but count for their mirrored twins.
        borrowed: what was taken from another source, if anything.
    """

    clips: list[Clip]
    problems: list[Problem]
    format: str
    sha256: str
    files: int
    aside: Mapping[str, Clip] = field(default_factory=dict)
    borrowed: Borrowed | None = None

    @classmethod
    def of(cls, clips: Iterable[Clip]) -> SourceClips:
        """Clips that are in memory.

        Raises:
            InputError: if an id is given twice or is no id, or a clip has no captions.
        """
        ordered = sorted(clips, key=lambda clip: clip.clip_id)
        for before, clip in zip([None, *ordered], ordered, strict=False):
            if wrong := check_name(clip.clip_id):
                raise InputError(f"the clip id {wrong}", key=clip.clip_id)
            if before is not None and before.clip_id == clip.clip_id:
                raise InputError("the clip is given twice", key=clip.clip_id)
            if not clip.captions:
                raise InputError("the clip has no captions", key=clip.clip_id)
        digest = hashlib.sha256()
        for clip in ordered:
            digest.update(json.dumps(asdict(clip), sort_keys=True).encode() + b"\n")
        return cls(ordered, [], "memory", digest.hexdigest(), files=0)


class BadLine(ValueError):
    """What is wrong with a caption; the reader knows where it is."""

    def __init__(self, what: str, kind: ProblemKind = "unreadable line") -> None:
        super().__init__(what)
        self.kind = kind


def mirrored_ids(ids: list[str]) -> set[str]:
    """Which of the ids are mirrored twins."""
    known = frozenset(ids)
    return {clip_id for clip_id in ids if is_mirrored(clip_id, known)}


def seconds(value: float) -> float:
    """A time of a caption: NaN counts as 0 (the official texts hold some).

    Raises:
        BadLine: if it is negative or infinite.
    """
    if value != value:
        return 0.0
    if not 0.0 <= value < float("inf"):
        raise BadLine(f"the time {value} is not a number of seconds")
    return value + 0.0  # -0.0 becomes 0.0
