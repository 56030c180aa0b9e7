"""A submission folder of motions that a simple model answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import yaml
from numpy.typing import NDArray

from hmu_bench.baselines.retrieval import fit_length, retrieve
from hmu_bench.errors import InputError
from hmu_bench.files import staged_directory
from hmu_bench.progress import Progress, silent
from hmu_bench.submissions.schema import SUBMISSION_FILE, SubmissionInfo

if TYPE_CHECKING:
    from hmu_bench.datasets import LabelledClip

# A shard is held in memory while it is written.
SHARD_BYTES = 128 << 20
_FEATURES = 263

Load = Callable[[str], NDArray[Any]]
Answer = Callable[[int, int], NDArray[np.float32]]
"""(number of the prompt, repeat) -> features (num_frames, 263)."""


class Asked(Protocol):
    """A prompt, as far as a generator sees it."""

    @property
    def prompt_id(self) -> str:
        """Its opaque name."""
        ...

    @property
    def text(self) -> str:
        """The caption."""
        ...

    @property
    def num_frames(self) -> int:
        """The frames asked for."""
        ...


@dataclass(frozen=True)
class Library:
    """The training motions of a retrieval model.

    Attributes:
        clip_ids: their ids.
        groups: the base clip of each.
        texts: the captions of each.
        num_frames: the frames of each.
        load: the (T, 263) features of a clip.
    """

    clip_ids: tuple[str, ...]
    groups: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    num_frames: tuple[int, ...]
    load: Load

    @classmethod
    def of(cls, rows: Iterable[LabelledClip], load: Load) -> Library:
        """A library of the clips of emitted datasets, sorted by id; captions of parts are left out.

        Give the rows of the train split: forget and retain together for the original model, retain
        alone for the retrained one. Clips without a caption of the whole are left out.

        Raises:
            InputError: if the length of a clip is not known and its motion has none.
        """
        chosen = []
        for row in sorted(rows, key=lambda row: row.clip_id):
            texts = tuple(c.text for c in row.captions if c.whole_clip)
            if texts:
                frames = row.num_frames if row.num_frames is not None else len(load(row.clip_id))
                chosen.append((row.clip_id, row.base_id, texts, frames))
        if not chosen:
            raise InputError("no training clip has a caption of the whole clip")
        ids, groups, texts_of, frames_of = zip(*chosen, strict=True)
        return cls(ids, groups, texts_of, frames_of, load)


def retrieval_submission(
    out: Path,
    info: SubmissionInfo,
    prompts: Sequence[Asked],
    library: Library,
    *,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress = silent,
) -> list[str]:
    """Answer every prompt with retrieved motions and write the submission folder.

    Deterministic: the repeats of a prompt are its nearest, second nearest, ... distinct base clips.

    Args:
        out: the folder to make; an older one is replaced.
        info: what submission.yaml says; its representation must be `humanml3d-263`.
        prompts: what the track asks for.
        library: the training motions.
        shard_bytes: motions of more than this are spread over several files.
        progress: shows how far it is.

    Returns:
        The names of the files of motions.

    Raises:
        InputError: for another representation, or as `retrieve` and `fit_length`.
    """
    answer = retrieval_answer(library, prompts, info.repeats)
    return write_submission(out, info, prompts, answer, shard_bytes=shard_bytes, progress=progress)


def retrieval_answer(library: Library, prompts: Sequence[Asked], repeats: int) -> Answer:
    """The nearest, second nearest, ... base clips of each prompt, by their captions.

    Raises:
        InputError: as `retrieve`; the answers as `fit_length`.
    """
    chosen = retrieve(
        [prompt.text for prompt in prompts],
        [prompt.num_frames for prompt in prompts],
        library.texts,
        library.num_frames,
        repeats=repeats,
        groups=library.groups,
    )

    def answer(row: int, repeat: int) -> NDArray[np.float32]:
        return fitted(library, int(chosen[row, repeat]), prompts[row].num_frames)

    return answer


def write_submission(
    out: Path,
    info: SubmissionInfo,
    prompts: Sequence[Asked],
    answer: Answer,
    *,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress = silent,
) -> list[str]:
    """Write a submission folder; `retrieval_submission` tells of the arguments.

    Args:
        out: the folder to make; an older one is replaced.
        info: what submission.yaml says; its representation must be `humanml3d-263`.
        prompts: what the track asks for.
        answer: the motion of a prompt and repeat.
        shard_bytes: motions of more than this are spread over several files.
        progress: shows how far it is.

    Returns:
        The names of the files of motions.

    Raises:
        InputError: for another representation, or as `answer`.
    """
    from safetensors.numpy import save

    if info.representation != "humanml3d-263":
        raise InputError(
            f"the representation is {info.representation!r}", fix="humanml3d-263 is written here"
        )
    shards = list(_shards(prompts, info.repeats, shard_bytes))
    names = ["motions.safetensors"]
    if len(shards) > 1:
        names = [
            f"motions-{number:05}-of-{len(shards):05}.safetensors"
            for number in range(1, len(shards) + 1)
        ]
    with staged_directory(out) as folder:
        text = yaml.safe_dump(info.model_dump(), sort_keys=False, allow_unicode=True)
        (folder / SUBMISSION_FILE).write_text(text, "utf-8")
        for name, shard in progress(list(zip(names, shards, strict=True)), "motions"):
            motions = {
                f"{prompts[row].prompt_id}/{repeat}": answer(row, repeat) for row, repeat in shard
            }
            (folder / name).write_bytes(save(motions))
    return names


def fitted(library: Library, index: int, num_frames: int) -> NDArray[np.float32]:
    """A training motion, cropped or stretched to the frames asked for (see `fit_length`).

    Raises:
        InputError: as `fit_length`, naming the clip.
    """
    clip_id = library.clip_ids[index]
    try:
        return fit_length(library.load(clip_id), num_frames)
    except InputError as error:
        raise InputError(error.what, key=clip_id) from error


def _shards(prompts: Sequence[Asked], repeats: int, limit: int) -> Iterator[list[tuple[int, int]]]:
    """(prompt, repeat) pairs, together at most `limit` bytes (or a single motion)."""
    shard: list[tuple[int, int]] = []
    filled = 0
    for row, prompt in enumerate(prompts):
        for repeat in range(repeats):
            size = 4 * _FEATURES * prompt.num_frames
            if shard and filled + size > limit:
                yield shard
                shard, filled = [], 0
            shard.append((row, repeat))
            filled += size
    yield shard
