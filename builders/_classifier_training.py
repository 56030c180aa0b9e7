"""From labelled captions to the trained part of the rule `calibrated`. Deterministic.

Two views are trained: a weight for each word, and a linear head on the encoder's embedding. A few
coefficients then put them together with the lexicon's probability. The coefficients learn from
what the views say about captions that they did not see, or they would trust the views too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from builders._classifier_data import ATTACKS, Item, deal_folds
from builders._logistic import Fit, Floats, fit_logistic
from hmu_bench.concepts import Category
from hmu_bench.text.embedding import Embedder
from hmu_bench.text.lexicon import LexiconClassifier
from hmu_bench.text.views import (
    MAX_LOGIT,
    encoder_text,
    full_numbers,
    quick_numbers,
    sigmoid,
    words_of,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# l2 penalties to choose from, by log loss on captions that were left out
WORD_PENALTIES = (0.3, 1.0, 3.0)
ENCODER_PENALTIES = (0.03, 0.1, 0.3, 1.0)
BLEND_PENALTIES = (0.1, 1.0, 10.0)
CATEGORY_PENALTY = 0.3
MIN_GROUPS_A_WORD = 2  # a word that only one group of captions has says more about the group
INNER_FOLDS = 5

# A caption counts as much as this power of the captions that it stands for: 0 would forget the
# population, 1 would let a handful of heavy captions decide.
WEIGHT_POWER = 0.5
# The lexicon's and the views' odds are put together for real captions; challenge and written
# captions, half of them violent, count this much less there.
WRITTEN_IMPORTANCE = 0.3


@dataclass(frozen=True)
class Looked:
    """Captions, and what each view sees before anything is trained; rows belong together.

    Attributes:
        items: the captions.
        groups: what must stay in one fold.
        violent: (N,) 1 for V.
        known: (N,) whether the label is V or N.
        importance: (N,) how much each counts in training.
        base: (N, len(QUICK)) with zeros for the words.
        words: (N, W) sparse 0/1, one column a word of `vocabulary`.
        embeddings: (N, dim).
    """

    items: Sequence[Item]
    groups: Sequence[str]
    violent: Floats
    known: Bools
    importance: Floats
    base: Floats
    vocabulary: Sequence[str]
    words: Any
    embeddings: Floats


def look(
    items: Sequence[Item], groups: Sequence[str], lexicon: LexiconClassifier, encoder: Embedder
) -> Looked:
    """Everything about the captions that needs no training."""
    from scipy import sparse

    readings = lexicon.readings(
        [item.text for item in items],
        [{} if item.subset is None else {"subset": item.subset} for item in items],
    )
    base = quick_numbers(readings, np.zeros(len(items)), [item.is_label for item in items])
    words = [words_of(item.text, item.subset) for item in items]
    vocabulary = sorted({word for caption in words for word in caption})
    column = {word: number for number, word in enumerate(vocabulary)}
    pointers = np.cumsum([0, *(len(caption) for caption in words)])
    columns = [column[word] for caption in words for word in caption]
    table = sparse.csr_array(
        (np.ones(len(columns)), np.array(columns), pointers), shape=(len(items), len(vocabulary))
    )
    embeddings = encoder.embeddings([encoder_text(item.text, item.subset) for item in items])
    return Looked(
        items=items,
        groups=groups,
        violent=np.array([float(item.label == "V") for item in items]),
        known=np.array([item.label != "A" for item in items]),
        importance=np.array([item.weight**WEIGHT_POWER for item in items]),
        base=base,
        vocabulary=vocabulary,
        words=table,
        embeddings=embeddings,
    )


@dataclass(frozen=True)
class Trained:
    """What training finds; `builders/train_classifier.py` writes it down.

    Attributes:
        words: weights of the words of `Looked.vocabulary`, 0 for rare ones.
        encoder: of the embedding.
        quick: coefficients without the encoder.
        full: coefficients with it.
        categories: head of each kind of violence.
        choices: the penalties chosen.
        left_out: what the parts say about captions of the training set that they did not see.
    """

    words: Fit
    encoder: Fit
    quick: Floats
    full: Floats
    categories: dict[Category, Fit]
    choices: dict[str, float]
    left_out: LeftOut


@dataclass(frozen=True)
class LeftOut:
    """(N,) probabilities for the rows that were trained on, each by a model without its fold."""

    rows: Ints
    quick: Floats
    full: Floats


def train(data: Looked, rows: Ints) -> Trained:
    """Train on some rows; ambiguous captions are not learned from, but are left out in turn."""
    from threadpoolctl import threadpool_limits

    # One thread: the same sums wherever it runs, and no waiting for each other on a busy machine.
    with threadpool_limits(1, user_api="blas"):
        return _train(data, rows)


def _train(data: Looked, rows: Ints) -> Trained:
    items = [data.items[row] for row in rows]
    folds = deal_folds(items, [data.groups[row] for row in rows], INNER_FOLDS, salt="inner")
    known = data.known[rows]
    labels, importance = data.violent[rows], data.importance[rows]
    common = _common_words(data, rows[known])
    words = data.words[rows] @ common
    embeddings = data.embeddings[rows]

    real = np.array([item.origin.startswith("gold") for item in items])
    blend_importance = np.where(real, importance, WRITTEN_IMPORTANCE * importance)

    def choose(table: Any, counts: Floats, penalties: Sequence[float]) -> tuple[float, Floats]:
        tried = [
            (penalty, _cross_fit(table, labels, counts, known, folds, penalty))
            for penalty in penalties
        ]
        return min(tried, key=lambda t: _log_loss(t[1][known], labels[known], counts[known]))

    word_penalty, word_odds = choose(words, importance, WORD_PENALTIES)
    encoder_penalty, encoder_odds = choose(embeddings, importance, ENCODER_PENALTIES)
    quick = with_words(data.base[rows], word_odds)
    full = full_numbers(quick, encoder_odds)
    # the constant is the bias of the fit
    quick_penalty, quick_odds = choose(quick[:, 1:], blend_importance, BLEND_PENALTIES)
    full_penalty, full_odds = choose(full[:, 1:], blend_importance, BLEND_PENALTIES)

    def fit(table: Any, counts: Floats, penalty: float) -> Fit:
        return fit_logistic(table[known], labels[known], counts[known], penalty)

    word_fit = fit(words, importance, word_penalty)
    return Trained(
        words=replace(word_fit, weights=np.asarray(common @ word_fit.weights)),
        encoder=fit(embeddings, importance, encoder_penalty),
        quick=_coefficients(fit(quick[:, 1:], blend_importance, quick_penalty)),
        full=_coefficients(fit(full[:, 1:], blend_importance, full_penalty)),
        categories=_category_fits(items, embeddings, importance),
        choices={
            "word_penalty": word_penalty,
            "encoder_penalty": encoder_penalty,
            "quick_penalty": quick_penalty,
            "full_penalty": full_penalty,
        },
        left_out=LeftOut(rows, sigmoid(quick_odds), sigmoid(full_odds)),
    )


def with_words(base: Floats, odds: Floats) -> Floats:
    """The quick numbers with the words' log odds filled in."""
    numbers = base.copy()
    numbers[:, 4] = np.clip(odds, -MAX_LOGIT, MAX_LOGIT)
    numbers[:, 5] = numbers[:, 4] * numbers[:, 3]
    return numbers


def _common_words(data: Looked, rows: Ints) -> Any:
    """(W, W) sparse diagonal: 1 for the words that enough groups of these rows have."""
    from scipy import sparse

    names = {name: number for number, name in enumerate(dict.fromkeys(data.groups))}
    membership = sparse.csr_array(
        (np.ones(len(rows)), ([names[data.groups[row]] for row in rows], np.arange(len(rows)))),
        shape=(len(names), len(rows)),
    )
    groups_with = (membership @ data.words[rows] > 0).sum(axis=0)
    return sparse.diags_array((np.asarray(groups_with) >= MIN_GROUPS_A_WORD).astype(float)).tocsr()


def _coefficients(fit: Fit) -> Floats:
    return np.concatenate([[fit.bias], fit.weights])


def _cross_fit(
    table: Any, labels: Floats, importance: Floats, known: Bools, folds: Ints, penalty: float
) -> Floats:
    """(N,) log odds of each row, by a fit without the rows of its fold."""
    odds = np.zeros(len(labels))
    for fold in range(int(folds.max()) + 1):
        seen, left = known & (folds != fold), folds == fold
        odds[left] = fit_logistic(table[seen], labels[seen], importance[seen], penalty)(table[left])
    return odds


def _log_loss(odds: Floats, labels: Floats, importance: Floats) -> float:
    losses = np.logaddexp(0.0, -(2.0 * labels - 1.0) * odds)
    return float(importance @ losses / importance.sum())


def _category_fits(
    items: Sequence[Item], embeddings: Floats, importance: Floats
) -> dict[Category, Fit]:
    """One against the rest, among violent captions."""
    violent = np.array([item.label == "V" for item in items])
    names = np.array([item.category for item in items])[violent]
    return {
        category: fit_logistic(
            embeddings[violent],
            (names == category).astype(float),
            importance[violent],
            CATEGORY_PENALTY,
        )
        for category in ATTACKS
    }
