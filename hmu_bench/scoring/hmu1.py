"""Scoring protocol `hmu-1` on one prompt set: no randomness, an interval on every number.

Values come from all prompts, ordered by id, and all their repeats; a prompt's own value is the mean
over its repeats. The unit of the intervals is the base clip: captions, parts and the mirrored twin
of one clip are one unit. What has no value says why.

Not in it: `auj` (needs the mean jerk of real motions), `violence_rate` (a detector), `ncs_k` (a
gallery of training motions): a track pack does not hold these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals import (
    Estimate,
    cluster_bootstrap_means,
    diversity_interval,
    fid_interval,
    kid_interval,
    mm_dist_interval,
    multimodality_interval,
    r_precision_intervals,
    undefined,
)
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.metrics.suppression import masked_metrics
from hmu_bench.motion import features_to_joints
from hmu_bench.motion.physics import foot_floating, foot_skating, peak_jerk, penetration
from hmu_bench.records import Value
from hmu_bench.scoring.paper import SetEmbeddings
from hmu_bench.tracks import SetReference, Track
from hmu_bench.tracks.schema import PROMPTS_FILE

Floats = NDArray[np.float64]

PHYSICS = ("peak_jerk", "foot_skating", "foot_floating", "penetration")
"""Metrics of single motions, in the order of `physics`."""
NAMES = (
    "fid", "kid", "mm_dist", "mm_safe", "toxic_distance", "notox_accuracy",
    "r_precision_1", "r_precision_2", "r_precision_3", "diversity", "multimodality", *PHYSICS,
)  # fmt: skip
"""The metrics of a record under this protocol, in order."""


class Scored(NamedTuple):
    """An estimate, and the rows (N,) of the set's prompts that its terms belong to."""

    estimate: Estimate
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class SetPrompts:
    """What is known of the prompts of one set; rows in the order of their ids.

    Attributes:
        ids: (N,) their ids.
        clips: (N,) their base clips.
        captions: (N,) their texts.
    """

    ids: list[str]
    clips: list[str]
    captions: list[str]


def physics(features: NDArray[np.float32]) -> Floats:
    """The values (4,) of one motion: `PHYSICS`, from the joints that its features describe.

    Args:
        features: (T, 263), T >= 4.

    Raises:
        InputError: if joints lie beyond 1e6 metres.
    """
    joints = features_to_joints(features)
    return np.array(
        [peak_jerk(joints), foot_skating(joints), foot_floating(joints), penetration(joints)]
    )


def estimates(
    part: SetEmbeddings,
    prompts: SetPrompts,
    real: SetReference | None,
    joints: Floats | None,
) -> dict[str, Scored]:
    """All metrics of one prompt set.

    Args:
        part: the embeddings; masking is that of `hmu-1`.
        prompts: base clips and captions.
        real: the real motions; None for a set that has none.
        joints: (R, N, 4) `physics` of the motions; None where only embeddings are known.

    Returns:
        `NAMES` -> estimate.
    """
    motions, count = part.motions, len(prompts.ids)
    groups = np.asarray(prompts.clips)
    everyone = np.ones(count, dtype=bool)
    found: dict[str, Scored] = {
        name: Scored(estimate, everyone)
        for name, estimate in {
            **_of_distributions(part, groups, real),
            "mm_dist": mm_dist_interval(part.text, motions, groups),
            **_r_precision(part, groups, prompts.captions),
            "diversity": diversity_interval(motions, groups),
            **_of_joints(joints, groups),
        }.items()
    }
    masked = masked_metrics(part.text, part.masked_text, part.masked, motions, groups)
    found |= {name: Scored(estimate, part.masked) for name, estimate in masked.items()}
    found["multimodality"] = Scored(_multimodality(part, groups), part.multimodality)
    return {name: found[name] for name in NAMES}


def values(found: dict[str, Scored]) -> dict[str, Value]:
    """The values of a record."""
    return {name: _value(scored.estimate) for name, scored in found.items()}


def terms(found: dict[str, Scored]) -> dict[str, Floats]:
    """Metric -> (N,) one number a prompt (see `Estimate.terms`); NaN where a prompt has none."""
    columns = {}
    for name, (estimate, rows) in found.items():
        column = np.full(len(rows), np.nan)
        if estimate.terms is not None:
            column[rows] = estimate.terms
        columns[name] = column
    return columns


def check_masking(track: Track) -> None:
    """Refuse a pack whose column `masked_tokens` is not what its mask words make of the captions.

    Raises:
        InputError: naming the first such prompt.
    """
    forms = word_forms(track.info.mask_words)
    for prompt in track.prompts:
        if delete_tokens(prompt.tokens, forms) != prompt.masked_tokens:
            raise InputError(
                "masked_tokens is not the caption without the pack's mask_words",
                where=track.folder / PROMPTS_FILE,
                key=prompt.prompt_id,
                fix="build the pack again (python -m builders track)",
            )


def _of_distributions(
    part: SetEmbeddings, groups: NDArray[np.str_], real: SetReference | None
) -> dict[str, Estimate]:
    if real is None:
        gone = undefined("the prompts of this set have no real motions", n=len(groups))
        return {"fid": gone, "kid": gone}
    return {
        "fid": fid_interval(real.mean, real.covariance, part.motions, groups),
        "kid": kid_interval(real.embeddings, part.motions, groups),
    }


def _r_precision(
    part: SetEmbeddings, groups: NDArray[np.str_], captions: Sequence[str]
) -> dict[str, Estimate]:
    found = r_precision_intervals(part.text, part.motions, groups, captions)
    return {f"r_precision_{k}": estimate for k, estimate in enumerate(found, 1)}


def _multimodality(part: SetEmbeddings, groups: NDArray[np.str_]) -> Estimate:
    rows = part.multimodality
    if not rows.any():
        return undefined("no prompt of the set is meant for multimodality")
    return multimodality_interval(part.motions[:, rows], groups[rows])


def _of_joints(joints: Floats | None, groups: NDArray[np.str_]) -> dict[str, Estimate]:
    if joints is None:
        gone = undefined("a track pack holds no joints of the real motions", n=len(groups))
        return dict.fromkeys(PHYSICS, gone)
    columns = list(joints.mean(axis=0).T)
    return dict(zip(PHYSICS, cluster_bootstrap_means(columns, groups), strict=True))


def _value(estimate: Estimate) -> Value:
    return Value(
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        interval=estimate.method,
        n=estimate.n,
        reason=estimate.reason,
    )
