"""Captions and submitted motions -> embeddings, in fixed batches of 32, in the order of the ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.scoring import hmu1
from hmu_bench.scoring.checkpoints import Checkpoints, Columns
from hmu_bench.scoring.paper import BATCH, Embeddings, SetEmbeddings
from hmu_bench.submissions import Submission
from hmu_bench.submissions.facts import FactTable
from hmu_bench.submissions.problems import Problem
from hmu_bench.submissions.reading import Entry
from hmu_bench.submissions.validation import Motion, expected_entries, stream
from hmu_bench.tracks import Prompt, Track
from hmu_bench.tracks.reference import PHYSICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hmu_bench.evaluators.loading import Evaluator


def embed_prompts(
    prompts: Sequence[Prompt],
    motions: Embeddings,
    evaluator: Evaluator,
    masked_tokens: Callable[[Prompt], str | None] = lambda prompt: prompt.masked_tokens_paper,
) -> SetEmbeddings:
    """The embeddings of one prompt set.

    Args:
        prompts: of the set, ordered by id.
        motions: (R, N, D) embeddings of their motions.
        evaluator: embeds the captions.
        masked_tokens: of a prompt, or None where nothing is masked.
    """
    text = evaluator.embed_texts([prompt.tokens for prompt in prompts])
    hidden = [masked_tokens(prompt) for prompt in prompts]
    masked = np.array([tokens is not None for tokens in hidden])
    masked_text = text.copy()
    if masked.any():
        masked_text[masked] = evaluator.embed_texts([t for t in hidden if t is not None])
    flags = np.array([prompt.multimodality for prompt in prompts])
    return SetEmbeddings(text, masked_text, masked, motions, flags)


@dataclass(frozen=True)
class Observed:
    """What all motions of a submission showed; nothing of it depends on the protocol.

    Prompts are in the order of their ids, N of them, with R motions each.

    Attributes:
        motions: (R, N, D) float32 embeddings.
        physics: (R, N, K) float64, `hmu1.physics` of each motion.
        table: facts of the motions, ordered by prompt, then repeat.
    """

    motions: Embeddings
    physics: NDArray[np.float64]
    table: FactTable


def observe(
    submission: Submission,
    track: Track,
    evaluator: Evaluator,
    progress: Progress = silent,
    checkpoints: Checkpoints | None = None,
) -> Observed:
    """Embeddings, physics and facts of the motions; one batch of motions is in memory at a time.

    Args:
        submission: answers the prompts; its motions are read in their order.
        track: what it answers.
        evaluator: embeds the motions.
        progress: shows how far it is.
        checkpoints: where parts are kept as soon as they are done, and taken from when it is
            started again.

    Raises:
        InputError: at the first motion that cannot be scored.
    """
    info = submission.info
    entries = expected_entries(info, submission.listing, track.prompts)
    columns = Columns.empty(len(entries), evaluator.dim, len(PHYSICS))
    parts = [slice(0, len(entries))]
    if checkpoints is not None:
        parts = checkpoints.load(columns)
    waiting = [entry for part in parts for entry in entries[part]]
    found = stream(submission.folder, info, waiting, track, progress)
    for part in parts:
        for start in range(part.start, part.stop, BATCH):
            stop = min(start + BATCH, part.stop)
            motions = [_scorable(submission, *next(found)) for _ in range(start, stop)]
            columns.embeddings[start:stop] = _embedded(submission, motions, evaluator)
            for row, (_, motion) in enumerate(motions, start):
                columns.physics[row] = hmu1.physics(motion.joints, track.statistics.jerk_level)
                columns.facts[row] = motion.facts
                columns.digests[row] = motion.digest
        if checkpoints is not None:
            checkpoints.keep(columns, part)
    shape = (len(track.prompts), info.repeats, -1)
    return Observed(
        np.ascontiguousarray(columns.embeddings.reshape(shape).swapaxes(0, 1)),
        np.ascontiguousarray(columns.physics.reshape(shape).swapaxes(0, 1)),
        FactTable([entry.name for entry in entries], columns.facts, columns.digests),
    )


def _scorable(
    submission: Submission, entry: Entry, motion: Motion | Problem
) -> tuple[Entry, Motion]:
    if isinstance(motion, Problem):
        raise InputError(
            motion.message,
            where=submission.folder / motion.file,
            key=motion.key,
            fix="see every problem with `hmu-bench validate`",
        )
    return entry, motion


def _embedded(
    submission: Submission, motions: Sequence[tuple[Entry, Motion]], evaluator: Evaluator
) -> Embeddings:
    """The embeddings of one batch."""
    batch = [motion.features for _, motion in motions]
    embedded = evaluator.embed_motions(batch, batch_size=BATCH)
    finite = np.isfinite(embedded).all(axis=1)
    if not finite.all():
        bad, _ = motions[int(np.flatnonzero(~finite)[0])]
        raise InputError(
            "the evaluator's embedding of the motion is not finite",
            where=submission.folder / bad.file,
            key=bad.name,
            fix="look for values far outside those of real motions",
        )
    return embedded
