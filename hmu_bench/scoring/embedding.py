"""Captions and submitted motions -> embeddings, in fixed batches of 32, in the order of the ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.scoring.paper import BATCH, Embeddings, SetEmbeddings
from hmu_bench.submissions import Submission
from hmu_bench.submissions.problems import Problem, raise_first
from hmu_bench.submissions.validation import (
    Observations,
    coverage_problems,
    expected_entries,
    stream,
)
from hmu_bench.tracks import Prompt, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmu_bench.evaluators.loading import Evaluator


def embed_prompts(
    prompts: Sequence[Prompt], motions: Embeddings, evaluator: Evaluator
) -> SetEmbeddings:
    """The embeddings of one prompt set.

    Args:
        prompts: of the set, ordered by id.
        motions: (R, N, D) embeddings of their motions.
        evaluator: embeds the captions.
    """
    text = evaluator.embed_texts([prompt.tokens for prompt in prompts])
    masked = np.array([prompt.masked_tokens_paper is not None for prompt in prompts])
    masked_text = text.copy()
    if masked.any():
        hidden = [p.masked_tokens_paper for p in prompts if p.masked_tokens_paper is not None]
        masked_text[masked] = evaluator.embed_texts(hidden)
    flags = np.array([prompt.multimodality for prompt in prompts])
    return SetEmbeddings(text, masked_text, masked, motions, flags)


def embed_submission(
    submission: Submission,
    track: Track,
    evaluator: Evaluator,
    progress: Progress = silent,
) -> tuple[Embeddings, Observations]:
    """Embeddings of all motions of a submission; one batch of motions is in memory at a time.

    Returns:
        (R, N, D) float32, prompts in the order of the track (by id); and what the motions showed.

    Raises:
        InputError: if the submission does not answer the track, at the first problem.
    """
    info, where = submission.info, submission.folder
    raise_first(coverage_problems(info, submission.listing, track), where)
    entries = expected_entries(info, submission.listing, track)
    observations = Observations()
    embedded = np.empty((len(entries), evaluator.dim), dtype=np.float32)
    batch, done = [], 0
    for _, features in stream(where, info, entries, track, observations, progress):
        if isinstance(features, Problem):
            raise InputError(
                features.message,
                where=where / features.file,
                key=features.key,
                fix="see every problem with `hmu-bench validate`",
            )
        batch.append(features)
        if len(batch) == BATCH or done + len(batch) == len(entries):
            embedded[done : done + len(batch)] = evaluator.embed_motions(batch, batch_size=BATCH)
            done += len(batch)
            batch = []
    if not np.isfinite(embedded).all():
        bad = entries[int(np.flatnonzero(~np.isfinite(embedded).all(axis=1))[0])]
        raise InputError(
            "the evaluator's embedding of the motion is not finite",
            where=where / bad.file,
            key=bad.name,
            fix="look for values far outside those of real motions",
        )
    by_prompt = embedded.reshape(len(track.prompts), info.repeats, evaluator.dim)
    return np.ascontiguousarray(by_prompt.swapaxes(0, 1)), observations
