"""Is this the evaluator that the pack was made with? Weights, statistics and word vectors."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from hmu_bench.errors import InputError
from hmu_bench.tracks.schema import TrackEvaluator

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator


def evaluator_facts(evaluator: Evaluator) -> TrackEvaluator:
    """What a pack says of its evaluator.

    Beside the weights two things decide an embedding: the mean and standard deviation that
    motions are normalised with, and the word vectors. Each has a hash of its own.

    Raises:
        InputError: if the evaluator's statistics or word vectors are missing.
    """
    return TrackEvaluator(
        id=evaluator.id,
        revision=evaluator.revision,
        sha256=evaluator.sha256,
        dim=evaluator.dim,
        statistics_sha256=_sha256_statistics(evaluator),
        words_sha256=_sha256_words(evaluator),
    )


def check_evaluator(evaluator: Evaluator, expected: TrackEvaluator) -> None:
    """Refuse an evaluator that is not the pack's own.

    Raises:
        InputError: with what differs.
    """
    found = {
        "weights": (evaluator.sha256, expected.sha256),
        "feature statistics (stats/mean.npy, std.npy)": (
            _sha256_statistics(evaluator),
            expected.statistics_sha256,
        ),
        "word vectors": (_sha256_words(evaluator), expected.words_sha256),
    }
    for what, (sha256, wanted) in found.items():
        if wanted is not None and sha256 != wanted:
            raise InputError(
                f"the evaluator's {what} have sha256 {sha256[:12]}..., the track was made with "
                f"{wanted[:12]}...",
                where=evaluator.folder,
                fix=f"use the track's own evaluator, {expected.id!r}",
            )


def _sha256_statistics(evaluator: Evaluator) -> str:
    mean, std = evaluator.statistics
    both = np.stack([mean, std]).astype("<f8")
    return hashlib.sha256(both.tobytes()).hexdigest()


def _sha256_words(evaluator: Evaluator) -> str:
    words = evaluator.word_vectors
    digest = hashlib.sha256()
    for word in sorted(words.rows):
        digest.update(f"{word}\0{words.rows[word]}\n".encode())
    digest.update(np.ascontiguousarray(words.vectors, dtype="<f4").tobytes())
    return digest.hexdigest()
