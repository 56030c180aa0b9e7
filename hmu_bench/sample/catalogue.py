"""The clips of the sample: the frozen list, their motions and their features.

Every clip has a mirrored twin (`M` + its id), as in HumanML3D: mirrored joints, captions with left
and right exchanged. The list ships as `clips.jsonl.gz`, one base clip a line.
"""

from __future__ import annotations

import functools
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.files import write_atomic
from hmu_bench.motion import joints_to_features
from hmu_bench.sample.body import mirror
from hmu_bench.sample.generator import make_joints
from hmu_bench.sample.grammar import mirror_text
from hmu_bench.sample.stage import Params

Split = Literal["train", "val", "test"]
FROZEN = Path(__file__).with_name("clips.jsonl.gz")


@dataclass(frozen=True)
class SampleCaption:
    """A caption of a clip; `start` and `end` in seconds, both 0 for the whole clip.

    `violent` and `category` are true by construction: what the described motion is.
    """

    text: str
    tokens: str
    start: float
    end: float
    violent: bool
    category: str


@dataclass(frozen=True)
class SampleClip:
    """A clip of the sample.

    Attributes:
        clip_id: six digits, `M` before them for the mirrored twin.
        split: train, val or test (the same for both twins).
        action: its action, or two joined by `+` that are played one after the other.
        parts: (action, parameters) of every part; the first has the body's.
        captions: three captions of the whole, or two of the whole and one of each part.
        num_frames: frames of its features (one less than of its joints).
        mirrored: whether it is the twin.
        violent: whether any part is an attack.
        category: kick, punch, strike, weapon, grapple or none.
    """

    clip_id: str
    split: Split
    action: str
    parts: tuple[tuple[str, Params], ...]
    captions: tuple[SampleCaption, ...]
    num_frames: int
    mirrored: bool
    violent: bool
    category: str

    @property
    def parameters(self) -> Params:
        """Parameters of the first part (those of the body are here)."""
        return self.parts[0][1]

    @property
    def base_id(self) -> str:
        """The id without the mark of the twin."""
        return self.clip_id.removeprefix("M")


def encode(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as the bytes of the frozen file (no time stamp inside)."""
    text = "".join(json.dumps(row, separators=(",", ":"), allow_nan=False) + "\n" for row in rows)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def read_rows(path: Path = FROZEN) -> list[dict[str, Any]]:
    """The rows of the frozen file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def _clip(row: dict[str, Any], mirrored: bool) -> SampleClip:
    change = mirror_text if mirrored else str
    captions = tuple(
        SampleCaption(change(text), change(tokens), start, end, violent, category)
        for text, tokens, start, end, violent, category in row["captions"]
    )
    violent = [caption.category for caption in captions if caption.violent]
    return SampleClip(
        clip_id=("M" if mirrored else "") + row["clip_id"],
        split=row["split"],
        action="+".join(name for name, _ in row["parts"]),
        parts=tuple((name, params) for name, params in row["parts"]),
        captions=captions,
        num_frames=row["num_frames"],
        mirrored=mirrored,
        violent=bool(violent),
        category=violent[0] if violent else "none",
    )


@functools.cache
def _all() -> dict[str, SampleClip]:
    clips: dict[str, SampleClip] = {}
    for row in read_rows():
        for mirrored in (False, True):
            clip = _clip(row, mirrored)
            clips[clip.clip_id] = clip
    return clips


def clips(split: Split | None = None, *, twins: bool = True) -> list[SampleClip]:
    """The clips of a split (or all), each followed by its mirrored twin unless `twins` is False."""
    return [
        clip
        for clip in _all().values()
        if (split is None or clip.split == split) and (twins or not clip.mirrored)
    ]


def clip(clip_id: str) -> SampleClip:
    """One clip.

    Raises:
        InputError: if the sample has no clip of that id.
    """
    try:
        return _all()[clip_id]
    except KeyError:
        last = next(reversed(_all()))
        raise InputError(
            f"the sample has no clip {clip_id!r}", fix=f"ids run from 000000 to {last}"
        ) from None


def joints(clip_id: str) -> NDArray[np.float64]:
    """The motion of a clip, made from its parameters.

    Returns:
        (num_frames + 1, 22, 3) float64 joints in metres, Y up, 20 fps; the heading is arbitrary.
    """
    chosen = clip(clip_id)
    motion = make_joints(chosen.parts)
    return mirror(motion) if chosen.mirrored else motion


def features(clip_id: str) -> NDArray[np.float32]:
    """The motion of a clip as (num_frames, 263) float32 HumanML3D features (not normalised)."""
    return joints_to_features(joints(clip_id))


def write_motions(clip_ids: Iterable[str], folder: Path) -> None:
    """Write `<clip_id>.npy` files of features, as HumanML3D's `new_joint_vecs`."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip_id in clip_ids:
        stream = io.BytesIO()
        np.save(stream, features(clip_id), allow_pickle=False)
        write_atomic(folder / f"{clip_id}.npy", stream.getvalue())
