"""A few motions of a submission, small enough for a page: `<record>.preview.safetensors`.

The prompts are chosen from the track alone, so that the previews of all submissions show the same
ones and can be put side by side. What is stored are joints, as the scoring sees them, in whole
millimetres: one int16 tensor (frames, 22, 3) a prompt, named by its id, and one text of metadata
(JSON of `PreviewFacts`) under the key `hmu_bench_preview`. No real motion is ever in a preview.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import write_atomic
from hmu_bench.json_files import parse_json
from hmu_bench.models import LongText, Sha256, ShortText, Slug, Strict, bad_model
from hmu_bench.motion import features_to_joints
from hmu_bench.motion.skeleton import FPS, NUM_JOINTS
from hmu_bench.submissions.conversion import to_features
from hmu_bench.submissions.loading import Submission
from hmu_bench.submissions.reading import MotionReader
from hmu_bench.tensor_files import open_tensors
from hmu_bench.tracks import Prompt, Track
from hmu_bench.tracks.schema import MAX_FRAMES, PROMPT_ID_PATTERN, PROMPT_SETS, PromptSetName

SUFFIX: Final = ".preview.safetensors"
METADATA_KEY: Final = "hmu_bench_preview"
PROMPTS_PER_SET: Final = 4
MAX_PROMPTS: Final = PROMPTS_PER_SET * len(PROMPT_SETS)
MIN_FRAMES: Final = 4
MAX_PREVIEW_BYTES: Final = 768 << 10
"""20 motions of 196 frames take 517,440 bytes, their texts 100,000 at most."""
MAX_METADATA: Final = 200_000
LIMIT: Final = np.iinfo(np.int16).max
"""Millimetres from where the motion begins: 32.767 m."""

Millimetres = NDArray[np.int16]


class PreviewPrompt(Strict):
    """A prompt that a preview answers; `text` is empty where captions may not be passed on."""

    prompt_id: Annotated[str, Field(pattern=PROMPT_ID_PATTERN)]
    prompt_set: PromptSetName
    category: Slug
    text: LongText
    clipped: bool = Field(
        default=False, description="whether joints beyond 32.767 m were moved to there"
    )


class PreviewFacts(Strict):
    """The metadata of a preview: whose motions these are, and which prompts they answer."""

    format: Literal[1] = 1
    submission: Slug
    submission_sha256: Sha256
    track: Slug
    track_version: ShortText
    track_sha256: Sha256
    fps: Literal[20] = FPS
    prompts: list[PreviewPrompt] = Field(min_length=1, max_length=MAX_PROMPTS)


@dataclass(frozen=True)
class Preview:
    """A preview.

    Attributes:
        facts: whose it is, and the prompts in the order in which they are shown.
        motions: prompt id -> (frames, 22, 3) int16, millimetres, Y up, 20 frames a second; the
            root begins at X = Z = 0 and faces +Z.
    """

    facts: PreviewFacts
    motions: dict[str, Millimetres]


def preview_prompts(prompts: Sequence[Prompt], *, per_set: int = PROMPTS_PER_SET) -> list[Prompt]:
    """The prompts of a track that a preview shows: a few of each set, spread over the categories.

    Of each set: the first by id (a hash, so any) of every category in turn, the most frequent one
    first and `none` last, no text twice while there are others; until there are enough.

    Args:
        prompts: of the track.
        per_set: how many of a prompt set.

    Returns:
        By set, in the order of `PROMPT_SETS`; within a set in the order of choice.
    """
    chosen: list[Prompt] = []
    for name in PROMPT_SETS:
        chosen += _of_set([p for p in prompts if p.prompt_set == name], per_set)
    return chosen


def _of_set(prompts: Sequence[Prompt], count: int) -> list[Prompt]:
    waiting = sorted(prompts, key=lambda p: p.prompt_id)
    sizes = Counter(p.category for p in waiting)
    turns = sorted(sizes, key=lambda name: (name == "none", -sizes[name], name))
    chosen: list[Prompt] = []
    while waiting and len(chosen) < count:
        for category in turns:
            texts = {p.text for p in chosen}
            found = sorted(
                (p for p in waiting if p.category == category), key=lambda p: p.text in texts
            )
            if found and len(chosen) < count:
                chosen.append(found[0])
                waiting.remove(found[0])
    return chosen


def make_preview(submission: Submission, track: Track, *, texts: bool = True) -> Preview:
    """The first repeat of the preview's prompts, as joints.

    Args:
        submission: on this track.
        track: what it answers.
        texts: whether the captions may be passed on; else they are left empty.

    Raises:
        InputError: for a submission to another track, a motion that is missing, and for every
            motion that `validate` would refuse.
    """
    info = submission.info
    if info.track != track.info.name:
        raise InputError(
            f"the submission is for {info.track!r}, the track is {track.info.name!r}",
            where=submission.folder,
        )
    shown: list[PreviewPrompt] = []
    motions: dict[str, Millimetres] = {}
    with MotionReader(submission.folder) as reader:
        for prompt in preview_prompts(track.prompts):
            entry = submission.listing.entries.get(f"{prompt.prompt_id}/0")
            if entry is None:
                raise InputError(
                    "the prompt has no motion for repeat 0",
                    where=submission.folder,
                    key=prompt.prompt_id,
                    fix="see all problems with `hmu-bench validate`",
                )
            try:
                features = to_features(
                    reader.read(entry), info.representation, info.fps, prompt.num_frames
                )
            except InputError as error:
                where = submission.folder / entry.file
                raise InputError(error.what, where=where, key=entry.name) from error
            motion, clipped = to_millimetres(features_to_joints(features))
            motions[prompt.prompt_id] = motion
            shown.append(
                PreviewPrompt(
                    prompt_id=prompt.prompt_id,
                    prompt_set=prompt.prompt_set,
                    category=prompt.category,
                    text=prompt.text if texts else "",
                    clipped=clipped,
                )
            )
    facts = PreviewFacts(
        submission=info.name,
        submission_sha256=submission.sha256,
        track=track.info.name,
        track_version=track.info.version,
        track_sha256=track.sha256,
        prompts=shown,
    )
    return Preview(facts, motions)


def to_millimetres(joints: NDArray[np.floating]) -> tuple[Millimetres, bool]:
    """Joints in whole millimetres, and whether any lay too far away and was moved nearer.

    Args:
        joints: (T, 22, 3), metres, Y up.

    Returns:
        (T, 22, 3) int16, the root of the first frame at X = Z = 0; at most 0.5 mm off, where no
        joint is farther away than 32.767 m.

    >>> to_millimetres(np.array([[[5.0, 0.9, 2.0]], [[5.1, 0.9, 2.0]]]))[0].tolist()
    [[[0, 900, 0]], [[100, 900, 0]]]
    """
    positions = np.asarray(joints, dtype=np.float64)
    start = positions[0, 0] * np.array([1.0, 0.0, 1.0])
    rounded = np.rint((positions - start) * 1000.0)
    kept = np.clip(rounded, -LIMIT, LIMIT)
    return kept.astype(np.int16), bool((kept != rounded).any())


def preview_bytes(preview: Preview) -> bytes:
    """The file's content; the same preview gives the same bytes."""
    from safetensors.numpy import save

    tensors = {name: preview.motions[name] for name in sorted(preview.motions)}
    return save(tensors, metadata={METADATA_KEY: preview.facts.model_dump_json()})


def write_preview(preview: Preview, path: Path) -> None:
    """Write the file whole."""
    write_atomic(path, preview_bytes(preview))


def read_preview(path: Path) -> Preview:
    """Read and check a preview; it may be anybody's file.

    Raises:
        InputError: if it is no safetensors or larger than `MAX_PREVIEW_BYTES`; if its metadata are
            not `PreviewFacts`; if a prompt stands there twice, has no tensor or a tensor has no
            prompt; and for a tensor that is not int16 (4 to 196 frames, 22, 3).
    """
    with open_tensors(path, MAX_PREVIEW_BYTES) as file:
        facts = _facts(file.metadata, path)
        ids = [prompt.prompt_id for prompt in facts.prompts]
        if len(set(ids)) < len(ids):
            raise InputError("a prompt stands there twice", where=path)
        if set(ids) != set(file.tensors):
            odd = min(set(ids) ^ set(file.tensors))[:100]
            raise InputError("a prompt without its motion, or the reverse", where=path, key=odd)
        for name, place in file.tensors.items():
            frames = place.shape[0] if place.shape else 0
            if place.dtype != "I16" or place.shape != (frames, NUM_JOINTS, 3):
                raise InputError(
                    f"is {place.dtype} of shape {place.shape}; expected I16 (frames, 22, 3)",
                    where=path,
                    key=name,
                )
            if not MIN_FRAMES <= frames <= MAX_FRAMES:
                raise InputError(
                    f"has {frames} frames; allowed are {MIN_FRAMES} to {MAX_FRAMES}",
                    where=path,
                    key=name,
                )
        return Preview(facts, {name: file.read(name) for name in ids})


def _facts(metadata: dict[str, str], path: Path) -> PreviewFacts:
    text = metadata.get(METADATA_KEY)
    if text is None or set(metadata) != {METADATA_KEY}:
        raise InputError(
            f"the metadata are not {METADATA_KEY} alone",
            where=path,
            fix="make it with `hmu-bench preview`",
        )
    if len(text) > MAX_METADATA:
        raise InputError(f"the metadata are longer than {MAX_METADATA:,} characters", where=path)
    parse_json(text, path)
    try:
        return PreviewFacts.model_validate_json(text)
    except ValidationError as error:
        raise bad_model(error, path) from error
