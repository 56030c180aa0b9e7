"""Real motions of a track: found, measured, cut into windows, embedded, summarised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmu_bench.datasets.motion_files import PLACES, find_motion, require_folder
from hmu_bench.errors import InputError
from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.metrics import statistics
from hmu_bench.metrics.paper import REPEATS
from hmu_bench.motion import FPS, features_to_joints, joints_to_features, resample
from hmu_bench.motion.reading import read_npy
from hmu_bench.progress import Progress, silent
from hmu_bench.scoring.embedding import embed_prompts
from hmu_bench.scoring.paper import paper_repeats, per_repeat
from hmu_bench.tracks.prompts import Prompt, Segment
from hmu_bench.tracks.reference import SetReference, pack_symmetric
from hmu_bench.tracks.windows import drawn_windows, fixed_windows

BATCH = 32

# What else the motions of a source may come as, by the numbers of a frame.
OTHER_SHAPES = {
    322: "SMPL-X parameters (Motion-X): run the body model and keep its first 22 joints",
    623: "whole-body features (Motion-X): build 263-d features of the body's 22 joints",
}


@dataclass
class RealMotions:
    """The motion files of a folder.

    Attributes:
        root: the folder.
        fps: frames a second of the files; the features here are at 20.
        paths: clip -> its file.
        lengths: clip -> frames of its features, for the clips whose file was found.
        missing: clips without a file, in the order asked for.
        sha256: over the files that were read, by clip.
    """

    root: Path
    fps: float = FPS
    paths: dict[str, Path] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    sha256: str = ""

    def features(self, clip_id: str) -> NDArray[np.float32]:
        """The clip's features (T, 263) at 20 fps; joints (T + 1, 22, 3) are converted.

        At another rate the joints are resampled linearly, those that features describe as well.

        Raises:
            InputError: if the file is damaged, has another shape or holds NaN.
        """
        path = self.paths[clip_id]
        array = read_npy(path)
        joints = array.ndim == 3 and array.shape[1:] == (22, 3)
        if not joints and (array.ndim != 2 or array.shape[1] != 263):
            what = OTHER_SHAPES.get(array.shape[-1], "") if array.ndim == 2 else ""
            raise InputError(
                f"the motion has shape {array.shape}; expected (frames, 263) or (frames, 22, 3)",
                where=path,
                fix=what and f"these are {what}",
            )
        if not np.isfinite(array).all():
            raise InputError("the motion holds NaN or infinity", where=path)
        if not joints and self.fps == FPS:
            return array.astype(np.float32)
        try:
            positions = array if joints else features_to_joints(array.astype(np.float32))
            return joints_to_features(
                positions if self.fps == FPS else resample(positions, self.fps)
            )
        except InputError as error:
            raise InputError(error.what, where=path) from error

    def windows(self, windows: Sequence[Segment]) -> Iterator[NDArray[np.float32]]:
        """The features of windows that are ordered by clip; one clip is in memory at a time."""
        clip_id, features = "", np.empty((0, 263), dtype=np.float32)
        for window in windows:
            if window.clip_id != clip_id:
                clip_id, features = window.clip_id, self.features(window.clip_id)
            yield features[window.first : window.last]


def find_motions(
    root: Path, places: Mapping[str, str], progress: Progress = silent, *, fps: float = FPS
) -> RealMotions:
    """Look up every clip's motion file and measure it.

    Args:
        root: the folder of motions.
        places: clip -> the place below it that its dataset row names.
        progress: shows how far it is.
        fps: frames a second of the files.

    Raises:
        InputError: if the folder is missing, holds no clip's file, or a file is bad.
    """
    motions = RealMotions(require_folder(root), fps)
    digest = hashlib.sha256()
    for clip_id in progress(sorted(places), "measuring motions"):
        path = find_motion(motions.root, clip_id, places[clip_id])
        if path is None:
            motions.missing.append(clip_id)
            continue
        motions.paths[clip_id] = path
        features = motions.features(clip_id)
        motions.lengths[clip_id] = len(features)
        content = hashlib.sha256(features.tobytes()).hexdigest()
        digest.update(f"{clip_id}\0{content}\n".encode())
    require_motions(motions, list(places))
    motions.sha256 = digest.hexdigest()
    return motions


def require_motions(motions: RealMotions, clips: Sequence[str]) -> None:
    """Refuse a folder without a motion of any of these clips."""
    if not any(clip in motions.lengths for clip in clips):
        raise InputError(
            f"none of the {len(clips)} clips has a motion file",
            where=motions.root,
            fix=f"put them at {' or '.join(place.format('<clip_id>') for place in PLACES)}",
        )


def in_order(windows: Sequence[Segment]) -> list[Segment]:
    """Each distinct window once, in the order of clip, first and last frame."""
    return sorted(set(windows), key=lambda w: (w.clip_id, w.first, w.last))


class WindowEmbeddings:
    """Embeddings of windows of real motions; each distinct window is embedded once.

    Windows are embedded in the order of clip, first and last frame, in batches of 32.
    """

    def __init__(
        self,
        motions: RealMotions,
        windows: Sequence[Segment],
        evaluator: Evaluator,
        progress: Progress = silent,
    ) -> None:
        distinct = in_order(windows)
        self._rows = {window: row for row, window in enumerate(distinct)}
        self._table = np.empty((len(distinct), evaluator.dim), dtype=np.float32)
        arrays = motions.windows(distinct)
        starts = range(0, len(distinct), BATCH)
        for start in progress(starts, "embedding motions"):
            batch = [next(arrays) for _ in range(min(BATCH, len(distinct) - start))]
            self._table[start : start + len(batch)] = evaluator.embed_motions(
                batch, batch_size=BATCH
            )

    def of(self, windows: Sequence[Segment]) -> NDArray[np.float32]:
        """Embeddings (N, dim) of these windows."""
        return self._table[[self._rows[window] for window in windows]]


def draw_sets(segments: Sequence[Segment], *, seed: int, number: int) -> list[list[Segment]]:
    """The 20 drawn sets of windows of prompt set `number`; r is drawn by seed + 20 number + r."""
    first = seed + REPEATS * number
    return [drawn_windows(segments, seed=first + repeat) for repeat in range(REPEATS)]


def set_reference(
    segments: Sequence[Segment], draws: Sequence[Sequence[Segment]], windows: WindowEmbeddings
) -> SetReference:
    """Embeddings and statistics of the real motions of one prompt set (without own metrics)."""
    embeddings = windows.of(fixed_windows(segments))
    mean, covariance = statistics(embeddings)
    drawn = [statistics(windows.of(one)) for one in draws]
    return SetReference(
        embeddings=embeddings,
        mean=mean,
        covariance=covariance,
        paper_means=np.stack([m for m, _ in drawn]),
        paper_covariances=np.stack([pack_symmetric(c) for _, c in drawn]),
    )


def own_metrics(
    reference: SetReference, prompts: Sequence[Prompt], number: int, evaluator: Evaluator
) -> SetReference:
    """The reference with the metrics that its real motions get, as one repeat of a submission."""
    part = embed_prompts(prompts, reference.embeddings[None], evaluator)
    outcomes = paper_repeats(part, reference.paper_statistics, number=number)
    return replace(reference, real=per_repeat(outcomes))
