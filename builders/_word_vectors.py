"""Small word vectors of our own, from nothing but the captions that are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from hmu_bench.evaluators.word_vectors import WordVectors

SPECIAL = ("sos", "eos", "unk")


def small_word_vectors(
    texts: Sequence[str], dim: int, *, seed: int = 0, window: int = 4
) -> WordVectors:
    """Vectors (V, dim) of all words of the captions; the first half tells kinds, the second words.

    First half: words that stand in like company lie near each other. Words at a distance of
    1..window count 1/distance (sos and eos stand at the ends of a caption); the table of counts is
    turned into positive pointwise mutual information, max(0, log(p(a, b) / (p(a) p(b)))), whose
    leading eigenvectors, times the root of their eigenvalues, are the numbers.
    Second half: seeded normal draws, because words that must not be mistaken for each other, such
    as left and right, keep the very same company.

    Each half has a mean length of 1. `unk`, whose place is filled by any word, is 0. Deterministic;
    rounded to float16, in which it is stored. Words are in alphabetical order after sos, eos, unk.

    Args:
        texts: captions as `word/POS word/POS ...`.
        dim: numbers a word; where there are fewer eigenvectors than half of it, the rest are 0.
        seed: of the second half.
        window: the greatest distance.
    """
    sentences = [["sos", *_words(text), "eos"] for text in texts]
    names = [*SPECIAL, *sorted({w for sentence in sentences for w in sentence} - set(SPECIAL))]
    rows = {name: row for row, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for sentence in sentences:
        numbers = [rows[word] for word in sentence]
        for place, word in enumerate(numbers):
            for distance, other in enumerate(numbers[place + 1 : place + 1 + window], start=1):
                counts[word, other] += 1 / distance
                counts[other, word] += 1 / distance
    result = np.zeros((len(names), dim))
    kinds = _leading_vectors(positive_information(counts), dim // 2)
    result[:, : kinds.shape[1]] = kinds
    result[:, dim // 2 :] = np.random.default_rng(seed).standard_normal(
        (len(names), dim - dim // 2)
    )
    result[rows["unk"]] = 0.0
    for half in (result[:, : dim // 2], result[:, dim // 2 :]):
        half /= max(float(np.linalg.norm(half, axis=1).mean()), 1e-12)
    return WordVectors(result.astype(np.float16).astype(np.float32), rows)


def _leading_vectors(table: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(table)
    order = np.argsort(-values, kind="stable")[:count]
    leading = vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    # An eigenvector has no sign of its own: its largest entry is made positive.
    peaks = leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])]
    signed: NDArray[np.float64] = leading * np.where(peaks < 0, -1.0, 1.0)
    return signed


def _words(text: str) -> Iterable[str]:
    return (token.partition("/")[0] for token in text.split())


def positive_information(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positive pointwise mutual information of a symmetric table of counts; 0 where none."""
    total = counts.sum()
    expected = np.outer(counts.sum(axis=0), counts.sum(axis=0)) / max(total, 1.0)
    found = np.zeros_like(counts)
    present = counts > 0
    found[present] = np.log(counts[present] / expected[present])
    return np.maximum(found, 0.0)
