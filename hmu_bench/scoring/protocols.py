"""The scoring protocols: what each makes of a submission, and of a track's real motions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics.intervals import SEED as BOOTSTRAP_SEED
from hmu_bench.progress import Progress
from hmu_bench.records import Flag, PromptSet, Value
from hmu_bench.scoring import hmu1
from hmu_bench.scoring.paper import (
    SEED,
    Embeddings,
    from_per_repeat,
    paper_repeats,
    paper_values,
)
from hmu_bench.scoring.terms import PromptTerms
from hmu_bench.submissions import Submission
from hmu_bench.submissions.reading import Entry
from hmu_bench.tracks import SetReference, Track
from hmu_bench.tracks.pack import SETS_WITH_REAL_MOTIONS

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.submissions.validation import Observations

Metrics = dict[PromptSet, dict[str, Value]]


@dataclass(frozen=True)
class Measured:
    """What a scoring found.

    Attributes:
        metrics: per prompt set.
        flags: honesty flags.
        terms: the numbers of each prompt, where the protocol has them.
    """

    metrics: Metrics
    flags: list[Flag] = field(default_factory=list)
    terms: PromptTerms | None = None


@dataclass(frozen=True)
class Protocol:
    """One protocol.

    Attributes:
        seed: of all that is drawn.
        submission: scores a submission.
        real: scores the real motions of a track, from its pack.
        real_needs_evaluator: whether `real` needs the evaluator, else it may be None.
    """

    seed: int
    submission: Callable[[Submission, Track, Evaluator, Progress], Measured]
    real: Callable[[Track, Evaluator | None], Measured]
    real_needs_evaluator: bool


def _paper_submission(
    submission: Submission, track: Track, evaluator: Evaluator, progress: Progress
) -> Measured:
    from hmu_bench.scoring.embedding import embed_prompts, embed_submission

    motions, observations = embed_submission(submission, track, evaluator, progress)
    metrics: Metrics = {}
    for name, reference in _sets_with_real_motions(track):
        prompts = track.prompts_of(name)
        part = embed_prompts(prompts, motions[:, _rows(track, name)], evaluator)
        outcomes = paper_repeats(
            part, reference.paper_statistics, number=SETS_WITH_REAL_MOTIONS.index(name)
        )
        metrics[name] = paper_values(
            outcomes, prompts=len(prompts), motions=submission.info.repeats
        )
    return Measured(metrics, _flags(observations))


def _paper_real(track: Track, evaluator: Evaluator | None) -> Measured:
    """From the values of the 20 repeats that the pack holds."""
    del evaluator
    return Measured(
        {
            name: paper_values(from_per_repeat(part.real), prompts=len(part.embeddings), motions=1)
            for name, part in _sets_with_real_motions(track)
        }
    )


def _hmu1_submission(
    submission: Submission, track: Track, evaluator: Evaluator, progress: Progress
) -> Measured:
    from hmu_bench.scoring.embedding import embed_submission

    hmu1.check_masking(track)
    place = {prompt.prompt_id: row for row, prompt in enumerate(track.prompts)}
    joints = np.empty((submission.info.repeats, len(place), len(hmu1.PHYSICS)))

    def watch(entry: Entry, features: NDArray[np.float32]) -> None:
        joints[entry.repeat, place[entry.prompt_id]] = hmu1.physics(features)

    motions, observations = embed_submission(submission, track, evaluator, progress, watch)
    found = {}
    for name in track.info.prompts:
        rows = _rows(track, name)
        found[name] = _hmu1_set(track, name, motions[:, rows], joints[:, rows], evaluator)
    return _hmu1_measured(track, found, _flags(observations))


def _hmu1_real(track: Track, evaluator: Evaluator | None) -> Measured:
    """From the embeddings that the pack holds; the evaluator embeds the captions."""
    assert evaluator is not None
    hmu1.check_masking(track)
    found = {
        name: _hmu1_set(track, name, part.embeddings[None], None, evaluator)
        for name, part in _sets_with_real_motions(track)
    }
    return _hmu1_measured(track, found, [])


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
    about = hmu1.SetPrompts(
        [prompt.prompt_id for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        [prompt.text for prompt in prompts],
    )
    real = dict(_sets_with_real_motions(track)).get(name)
    return hmu1.estimates(part, about, real, joints)


def _hmu1_measured(
    track: Track, found: dict[PromptSet, dict[str, hmu1.Scored]], flags: list[Flag]
) -> Measured:
    prompts = [prompt for name in found for prompt in track.prompts_of(name)]
    parts = [hmu1.terms(scored) for scored in found.values()]
    terms = PromptTerms(
        [prompt.prompt_id for prompt in prompts],
        [prompt.prompt_set for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        {name: np.concatenate([part[name] for part in parts]) for name in hmu1.NAMES},
    )
    metrics: Metrics = {name: hmu1.values(scored) for name, scored in found.items()}
    return Measured(metrics, flags, terms)


def _sets_with_real_motions(track: Track) -> list[tuple[PromptSet, SetReference]]:
    reference = track.reference
    return [(name, reference[name]) for name in SETS_WITH_REAL_MOTIONS if name in reference]


def _rows(track: Track, name: str) -> list[int]:
    """Where the prompts of a set stand among all, ordered by id."""
    return [row for row, prompt in enumerate(track.prompts) if prompt.prompt_set == name]


def _flags(observations: Observations) -> list[Flag]:
    return [
        Flag(name=name, message=message, count=count)
        for name, message, count in observations.warnings()
    ]


PROTOCOLS: dict[str, Protocol] = {
    "paper": Protocol(SEED, _paper_submission, _paper_real, real_needs_evaluator=False),
    "hmu-1": Protocol(BOOTSTRAP_SEED, _hmu1_submission, _hmu1_real, real_needs_evaluator=True),
}
"""By name. A protocol never changes in place: a correction gets a new name."""
