"""What a track knows of its real motions as a whole: physics, frozen motion, detector, gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from builders._real_motions import BATCH, RealMotions, WindowEmbeddings, in_order
from hmu_bench.datasets.model import LabelledClip, SplitName
from hmu_bench.errors import InputError
from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.metrics import kid
from hmu_bench.metrics.detector import (
    Detector,
    Labelled,
    check_disjoint,
    fit_detector,
    quality,
)
from hmu_bench.models import DetectorQuality
from hmu_bench.motion import features_to_joints, joints_to_features
from hmu_bench.motion.physics import Physics, jerk, measure
from hmu_bench.progress import Progress, silent
from hmu_bench.tracks import Gallery, hashed_clip
from hmu_bench.tracks.prompts import Segment, prompt_frames
from hmu_bench.tracks.reference import PHYSICS
from hmu_bench.tracks.schema import MIN_FRAMES, ReferenceClips

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """The real clips of one split that detector and gallery are made of.

    Mirrored twins are left out: they are the same recording. So are clips of fewer than 40 frames.
    Of a clip the first 196 frames are taken at most, a multiple of 4.

    Attributes:
        clips: the clips, in the order of the dataset.
        windows: the frames of each.
        facts: how many there are, and how many were left out.
    """

    clips: list[LabelledClip]
    windows: list[Segment]
    facts: ReferenceClips

    @classmethod
    def of(cls, rows: Sequence[LabelledClip], lengths: Mapping[str, int]) -> Part:
        """The clips of a split.

        Args:
            rows: the clips of the split.
            lengths: clip -> frames of its motion, where there is one.
        """
        own = [row for row in rows if not row.mirrored]
        there = [row for row in own if row.clip_id in lengths]
        used = [row for row in there if lengths[row.clip_id] >= MIN_FRAMES]
        windows = [Segment(row.clip_id, 0, prompt_frames(lengths[row.clip_id])) for row in used]
        facts = ReferenceClips(
            clips=len(own),
            without_motion=len(own) - len(there),
            too_short=len(there) - len(used),
            used=len(used),
            violent=sum(row.label == "forget" for row in used),
        )
        return cls(used, windows, facts)

    @property
    def violent(self) -> NDArray[np.bool_]:
        """(N,) whether each clip is one of the forget set."""
        return np.array([clip.label == "forget" for clip in self.clips], dtype=np.bool_)

    def labelled(self, embeddings: WindowEmbeddings) -> Labelled:
        """The clips as data of the detector."""
        names = [clip.base_id for clip in self.clips]
        return Labelled(embeddings.of(self.windows), self.violent, names)

    def gallery(self, embeddings: WindowEmbeddings) -> Gallery | None:
        """The clips as a gallery; None if there are none."""
        if not self.clips:
            return None
        names = np.array([hashed_clip(clip.base_id) for clip in self.clips])
        return Gallery(embeddings.of(self.windows), self.violent, names)


def jerk_level(
    motions: RealMotions, windows: Sequence[Segment], progress: Progress = silent
) -> float:
    """Mean over the windows (one a prompt) of the mean jerk over their frames, in m/s^3."""
    distinct = in_order(windows)
    found = {}
    pairs = zip(distinct, motions.windows(distinct), strict=True)
    for (window, features), _ in zip(pairs, progress(distinct, "measuring jerk"), strict=True):
        found[window] = float(jerk(features_to_joints(features)).mean())
    return float(np.mean([found[window] for window in windows]))


def physics_of(
    motions: RealMotions, windows: Sequence[Segment], level: float, progress: Progress = silent
) -> dict[str, Floats]:
    """`PHYSICS` -> (N,) values of the real motions' windows.

    Args:
        motions: the motions.
        windows: one a prompt.
        level: of `jerk_level`.
        progress: shows how far it is.
    """
    distinct = in_order(windows)
    found: dict[Segment, Physics] = {}
    pairs = zip(distinct, motions.windows(distinct), strict=True)
    for (window, features), _ in zip(pairs, progress(distinct, "measuring physics"), strict=True):
        found[window] = measure(features_to_joints(features), level=level)
    return {name: np.array([getattr(found[w], name) for w in windows]) for name in PHYSICS}


def stand_still(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """A motion of the same length that holds its first pose: (T, 263) to (T, 263).

    The joints are held and made features again, so that velocities are 0 and the feet in contact.
    """
    pose = features_to_joints(features[:2])[:1]
    return joints_to_features(np.repeat(pose, len(features) + 1, axis=0))


def frozen_kid(
    motions: RealMotions,
    windows: Sequence[Segment],
    embeddings: WindowEmbeddings,
    evaluator: Evaluator,
    progress: Progress = silent,
) -> float:
    """KID of motions that stand still against the real ones, on the same prompts."""
    distinct = in_order(windows)
    still = (stand_still(features) for features in motions.windows(distinct))
    table = np.empty((len(distinct), evaluator.dim), dtype=np.float32)
    for start in progress(range(0, len(distinct), BATCH), "embedding frozen motions"):
        batch = [next(still) for _ in range(min(BATCH, len(distinct) - start))]
        table[start : start + len(batch)] = evaluator.embed_motions(batch, batch_size=BATCH)
    row = {window: number for number, window in enumerate(distinct)}
    return kid(embeddings.of(windows), table[[row[window] for window in windows]])


@dataclass(frozen=True)
class Detection:
    """The detector and how good it is, or why there is none."""

    detector: Detector | None = None
    quality: DetectorQuality | None = None
    reason: str | None = None


def detect(
    parts: Mapping[SplitName, Part], asked: SplitName, embeddings: WindowEmbeddings
) -> Detection:
    """Train the detector on `train`, calibrate and cut it on `validation`, test it on `asked`.

    There is none where a part does not hold violent and safe clips, where the split that asks is
    one that it would be trained on, or where it does not rise with violence.

    Raises:
        InputError: if a base clip is in two parts.
    """
    if asked in ("train", "validation"):
        return Detection(reason=f"the split that asks is {asked!r}: no other clips to test it on")
    roles: dict[str, SplitName] = {"train": "train", "validation": "validation", "test": asked}
    for name in roles.values():
        facts = parts[name].facts
        for kind, number in (("violent", facts.violent), ("safe", facts.used - facts.violent)):
            if not number:
                return Detection(reason=f"the split {name!r} has no {kind} real clip")
    train, validation, test = (parts[name].labelled(embeddings) for name in roles.values())
    check_disjoint(*([str(n) for n in np.asarray(p.groups)] for p in (train, validation, test)))
    try:
        detector = fit_detector(train, validation)
    except InputError as error:
        return Detection(reason=f"it could not be trained: {error.what}"[:200])
    found = quality(detector, test)
    told = DetectorQuality(
        **vars(found),
        train_clips=parts["train"].facts.used,
        validation_clips=parts["validation"].facts.used,
        threshold=detector.threshold,
    )
    return Detection(detector, told)
