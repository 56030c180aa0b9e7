"""The scoring protocols: what each makes of a submission, and of a track's real motions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hmu_bench.metrics.intervals import SEED as BOOTSTRAP_SEED
from hmu_bench.models import DetectorQuality
from hmu_bench.records import PromptSet, Value
from hmu_bench.scoring import guo, hmu1
from hmu_bench.scoring.paper import (
    SEED,
    Embeddings,
    from_per_repeat,
    paper_repeats,
    paper_values,
    repeated_values,
)
from hmu_bench.scoring.terms import PromptTerms
from hmu_bench.tracks import SetReference, Track
from hmu_bench.tracks.pack import SETS_WITH_REAL_MOTIONS

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.scoring.embedding import Observed

Metrics = dict[PromptSet, dict[str, Value]]
Categories = dict[PromptSet, dict[str, dict[str, Value]]]


@dataclass(frozen=True)
class Measured:
    """What a scoring found.

    Attributes:
        metrics: per prompt set.
        terms: the numbers of each prompt, where the protocol has them.
        categories: metrics that are means over prompts, by kind of violence.
        detector: how good the track's detector is, where the protocol uses it.
    """

    metrics: Metrics
    terms: PromptTerms | None = None
    categories: Categories = field(default_factory=dict)
    detector: DetectorQuality | None = None


@dataclass(frozen=True)
class Protocol:
    """One protocol.

    Attributes:
        seed: of all that is drawn.
        submission: scores what a submission's motions showed.
        real: scores the real motions of a track, from its pack.
        real_needs_evaluator: whether `real` needs the evaluator, else it may be None.
        has_scores: whether it gives S, P and hmu.
    """

    seed: int
    submission: Callable[[Observed, Track, Evaluator], Measured]
    real: Callable[[Track, Evaluator | None], Measured]
    real_needs_evaluator: bool
    has_scores: bool = False


def _paper_submission(observed: Observed, track: Track, evaluator: Evaluator) -> Measured:
    from hmu_bench.scoring.embedding import embed_prompts

    motions = observed.motions
    metrics: Metrics = {}
    for name, reference in _sets_with_real_motions(track):
        prompts = track.prompts_of(name)
        part = embed_prompts(prompts, motions[:, _rows(track, name)], evaluator)
        outcomes = paper_repeats(
            part, reference.paper_statistics, number=SETS_WITH_REAL_MOTIONS.index(name)
        )
        metrics[name] = paper_values(outcomes, prompts=len(prompts), motions=len(motions))
    return Measured(metrics)


def _paper_real(track: Track, evaluator: Evaluator | None) -> Measured:
    """From the values of the 20 repeats that the pack holds."""
    del evaluator
    return Measured(
        {
            name: paper_values(from_per_repeat(part.real), prompts=len(part.embeddings), motions=1)
            for name, part in _sets_with_real_motions(track)
        }
    )


def _guo_submission(observed: Observed, track: Track, evaluator: Evaluator) -> Measured:
    metrics: Metrics = {}
    for name, reference in _sets_with_real_motions(track):
        motions = observed.motions[:, _rows(track, name)]
        metrics[name] = _guo_set(track, name, motions, reference, evaluator)
    return Measured(metrics)


def _guo_real(track: Track, evaluator: Evaluator | None) -> Measured:
    """From the embeddings that the pack holds; the evaluator embeds the captions."""
    assert evaluator is not None
    metrics: Metrics = {
        name: _guo_set(track, name, part.embeddings[None], part, evaluator)
        for name, part in _sets_with_real_motions(track)
    }
    return Measured(metrics)


def _guo_set(
    track: Track,
    name: PromptSet,
    motions: Embeddings,
    reference: SetReference,
    evaluator: Evaluator,
) -> dict[str, Value]:
    from hmu_bench.scoring.embedding import embed_prompts

    prompts = track.prompts_of(name)
    real = reference.embeddings[: len(prompts)]  # a dry run has the first prompts
    part = embed_prompts(prompts, motions, evaluator, lambda prompt: None)
    numbers = guo.motion_numbers(prompts, real)
    outcomes = guo.guo_repeats(part, real, numbers, number=SETS_WITH_REAL_MOTIONS.index(name))
    return repeated_values(outcomes, counts=guo.counts(part, numbers), motions=len(motions))


def _hmu1_submission(observed: Observed, track: Track, evaluator: Evaluator) -> Measured:
    hmu1.check_pack(track)
    found = {}
    for name in track.info.prompts:
        rows = _rows(track, name)
        found[name] = _hmu1_set(
            track, name, observed.motions[:, rows], observed.physics[:, rows], evaluator
        )
    return _hmu1_measured(track, found, len(observed.motions))


def _hmu1_real(track: Track, evaluator: Evaluator | None) -> Measured:
    """From the embeddings that the pack holds; the evaluator embeds the captions."""
    assert evaluator is not None
    hmu1.check_pack(track)
    found = {
        name: _hmu1_set(track, name, part.embeddings[None], hmu1.real_physics(part), evaluator)
        for name, part in _sets_with_real_motions(track)
    }
    return _hmu1_measured(track, found, 1)


def _hmu1_set(
    track: Track,
    name: PromptSet,
    motions: Embeddings,
    joints: hmu1.Floats | None,
    evaluator: Evaluator,
) -> dict[str, hmu1.Scored]:
    from hmu_bench.scoring.embedding import embed_prompts

    prompts = track.prompts_of(name)
    part = embed_prompts(prompts, motions, evaluator, lambda prompt: prompt.masked_tokens)
    real = dict(_sets_with_real_motions(track)).get(name)
    return hmu1.estimates(part, _set_prompts(track, name), real, joints, track.statistics)


def _set_prompts(track: Track, name: str) -> hmu1.SetPrompts:
    prompts = track.prompts_of(name)
    return hmu1.SetPrompts(
        [prompt.prompt_id for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        [prompt.text for prompt in prompts],
        [prompt.category for prompt in prompts],
    )


def _hmu1_measured(
    track: Track, found: dict[PromptSet, dict[str, hmu1.Scored]], repeats: int
) -> Measured:
    prompts = [prompt for name in found for prompt in track.prompts_of(name)]
    parts = [hmu1.terms(scored) for scored in found.values()]
    terms = PromptTerms(
        [prompt.prompt_id for prompt in prompts],
        [prompt.prompt_set for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        [prompt.category for prompt in prompts],
        {name: np.concatenate([part[name] for part in parts]) for name in hmu1.NAMES},
        hmu1.constants(track),
    )
    metrics: Metrics = {name: hmu1.values(scored) for name, scored in found.items()}
    categories: Categories = {
        name: tables
        for name, scored in found.items()
        if (tables := hmu1.by_category(scored, _set_prompts(track, name), repeats))
    }
    return Measured(metrics, terms, categories, track.info.detector)


def _sets_with_real_motions(track: Track) -> list[tuple[PromptSet, SetReference]]:
    reference = track.reference
    return [(name, reference[name]) for name in SETS_WITH_REAL_MOTIONS if name in reference]


def _rows(track: Track, name: str) -> list[int]:
    """Where the prompts of a set stand among all, ordered by id."""
    return [row for row, prompt in enumerate(track.prompts) if prompt.prompt_set == name]


PROTOCOLS: dict[str, Protocol] = {
    "paper": Protocol(SEED, _paper_submission, _paper_real, real_needs_evaluator=False),
    "guo": Protocol(SEED, _guo_submission, _guo_real, real_needs_evaluator=True),
    "hmu-1": Protocol(BOOTSTRAP_SEED, _hmu1_submission, _hmu1_real, True, has_scores=True),
}
"""By name. A protocol never changes in place: a correction gets a new name."""
