"""Captions and submitted motions -> embeddings, in fixed batches of 32, in the order of the ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.scoring.paper import BATCH, Embeddings, SetEmbeddings
from hmu_bench.submissions import Submission
from hmu_bench.submissions.problems import Problem, raise_first
from hmu_bench.submissions.reading import Entry
from hmu_bench.submissions.validation import (
    Observations,
    coverage_problems,
    expected_entries,
    stream,
)
from hmu_bench.tracks import Prompt, Track

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


def embed_submission(
    submission: Submission,
    track: Track,
    evaluator: Evaluator,
    progress: Progress = silent,
    watch: Callable[[Entry, NDArray[np.float32]], None] | None = None,
) -> tuple[Embeddings, Observations]:
    """Embeddings of all motions of a submission; one batch of motions is in memory at a time.

    Args:
        submission: its motions are read in the order of the prompts.
        track: what it answers.
        evaluator: embeds the motions.
        progress: shows how far it is.
        watch: is called with each motion's features (num_frames, 263) as it passes.

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
    for entry, features in stream(where, info, entries, track, observations, progress):
        if isinstance(features, Problem):
            raise InputError(
                features.message,
                where=where / features.file,
                key=features.key,
                fix="see every problem with `hmu-bench validate`",
            )
        if watch is not None:
            try:
                watch(entry, features)
            except InputError as error:
                raise InputError(error.what, where=where / entry.file, key=entry.name) from error
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
