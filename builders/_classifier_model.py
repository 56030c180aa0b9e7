"""From what training found to the model file, and to what unseen captions get (out of fold)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from builders._classifier_data import Item, deal_folds
from builders._classifier_training import Ints, LeftOut, Looked, Trained, train
from builders._logistic import Fit, Floats, fit_logistic
from hmu_bench.concepts import load_concept
from hmu_bench.progress import Progress, silent
from hmu_bench.text.embedding import Embedder, EmbeddingClassifier
from hmu_bench.text.ensemble import EnsembleClassifier
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon import LexiconClassifier
from hmu_bench.text.trained import (
    DECIMALS,
    Band,
    EncoderFacts,
    Head,
    OutOfFold,
    TrainedModel,
    Training,
    Unseen,
    WordHead,
)
from hmu_bench.text.views import FULL, QUICK, encoder_text, sigmoid, text_key

WEIGHT_DECIMALS = 6
THRESHOLD = 0.5
# The quick part and the full one may differ in their verdict somewhat outside of where they did in
# training: the band is made wider by this factor of the odds, on both sides.
SAFETY = 2.0
PROBE_PENALTY = 0.1


@dataclass(frozen=True)
class Facts:
    """What a model file says of its making."""

    concept: str
    version: str
    lexicon_sha256: str
    encoder: EncoderFacts
    inputs: dict[str, str]
    counts: dict[str, int]


def assemble(found: Trained, data: Looked, facts: Facts) -> TrainedModel:
    """The model file: weights rounded, bands chosen."""
    weights = {
        word: round(weight, WEIGHT_DECIMALS)
        for word, weight in zip(data.vocabulary, found.words.weights.tolist(), strict=True)
    }
    rows = found.left_out.rows
    return TrainedModel(
        format=1,
        concept=facts.concept,
        version=facts.version,
        lexicon_sha256=facts.lexicon_sha256,
        encoder=facts.encoder,
        training=Training(inputs=facts.inputs, items=facts.counts, choices=found.choices),
        threshold=THRESHOLD,
        ask_encoder=where_to_ask(found.left_out),
        unsure=where_unsure([data.items[row] for row in rows], found.left_out.full),
        quick=dict(zip(QUICK, _rounded(found.quick), strict=True)),
        full=dict(zip(FULL, _rounded(found.full), strict=True)),
        words=WordHead(
            bias=round(found.words.bias, WEIGHT_DECIMALS),
            weights={word: weight for word, weight in weights.items() if weight},
        ),
        encoder_head=_head(found.encoder),
        category_heads={category: _head(fit) for category, fit in found.categories.items()},
    )


def _rounded(values: Floats) -> list[float]:
    return [round(value, WEIGHT_DECIMALS) for value in values.tolist()]


def _head(fit: Fit) -> Head:
    return Head(bias=round(fit.bias, WEIGHT_DECIMALS), weights=tuple(_rounded(fit.weights)))


def where_to_ask(left_out: LeftOut) -> Band:
    """The quick probabilities between which the encoder ever changed the verdict, made wider.

    Seen on captions that were left out of the fits. The odds of the ends are divided and
    multiplied by `SAFETY`. No change at all: the band around the threshold.
    """
    changed = (left_out.quick >= THRESHOLD) != (left_out.full >= THRESHOLD)
    seen = left_out.quick[changed]
    low = min(seen.min(initial=THRESHOLD), THRESHOLD)
    high = max(seen.max(initial=THRESHOLD), THRESHOLD)
    return Band(low=_with_odds(low, 1 / SAFETY), high=_with_odds(high, SAFETY))


def _with_odds(probability: float, factor: float) -> float:
    odds = factor * probability / (1.0 - probability)
    return round(float(odds / (1.0 + odds)), DECIMALS)


def where_unsure(items: Sequence[Item], probabilities: Floats) -> Band:
    """The band that finds best what readers or the classifier are in doubt about.

    Of all bands around the threshold, the one with the largest F1 for finding, among gold
    captions that were left out, those that are ambiguous (`A`) or misjudged; captions count as
    often as their weight says. Of equals, the narrowest. No doubt anywhere: an empty band.
    """
    gold = np.array([item.origin.startswith("gold") for item in items])
    values = probabilities.round(DECIMALS)[gold]
    weight = np.array([item.weight for item in items])[gold]
    label = np.array([item.label for item in items])[gold]
    doubtful = (label == "A") | ((values >= THRESHOLD) != (label == "V"))
    best = (0.0, 0.0, THRESHOLD, THRESHOLD)
    lows = np.unique(values[values < THRESHOLD])
    highs = np.unique(values[values >= THRESHOLD])
    for low in lows.tolist():
        for high in highs.tolist():
            inside = (values > low) & (values < high)
            found = float(weight[inside & doubtful].sum())
            wrong = float(weight[inside].sum() - found)
            total = float(weight[doubtful].sum())
            score = 2 * found / (total + found + wrong) if total else 0.0
            best = max(best, (round(score, 12), low - high, low, high))
    return Band(low=best[2], high=best[3])


class KnownTexts:
    """An encoder that has already read all its texts."""

    def __init__(self, sha256: str, texts: Sequence[str], embeddings: Floats) -> None:
        self._sha256 = sha256
        self._rows = {text: row for row, text in enumerate(texts)}
        self._embeddings = embeddings

    @property
    def sha256(self) -> str:
        """Hash of the encoder's weights."""
        return self._sha256

    def embeddings(self, texts: Sequence[str], /) -> Floats:
        """Those of known texts (KeyError for others)."""
        return np.asarray(self._embeddings[[self._rows[text] for text in texts]])

    def word_parts(self, text: str, direction: Floats, /) -> list[tuple[str, float]]:
        """Nothing: evidence is not asked for here."""
        return []


def known_texts(data: Looked, sha256: str) -> Embedder:
    """An encoder for the captions that were looked at."""
    texts = [encoder_text(item.text, item.subset) for item in data.items]
    return KnownTexts(sha256, texts, data.embeddings)


def judge_unseen(data: Looked, folds: Ints, fold: int, facts: Facts) -> dict[str, Unseen]:
    """Train on all folds but one, choices and bands and all, and judge that fold as it would ship.

    Args:
        data: all captions.
        folds: (N,) fold of each.
        fold: the one to leave out.
        facts: for the model file.

    Returns:
        `text_key` -> what is said of the captions of the fold.
    """
    model = assemble(train(data, np.flatnonzero(folds != fold)), data, facts)
    items = [data.items[row] for row in np.flatnonzero(folds == fold).tolist()]
    encoder = known_texts(data, facts.encoder.sha256)
    always = model.model_copy(update={"ask_encoder": Band(low=0.0, high=1.0)})
    texts = [item.text for item in items]
    context = [{} if item.subset is None else {"subset": item.subset} for item in items]

    def judge(with_model: TrainedModel) -> list[Judgement]:
        # The source only decides about captions without a subset: sentences here.
        return EnsembleClassifier(
            with_model, "humanml3d", LexiconClassifier(), encoder, explain=False
        ).judge(texts, context)

    alone = EmbeddingClassifier(model, encoder).judge(texts, context)
    probed = probe(data, folds, fold)
    together = zip(items, judge(model), judge(always), alone, probed, strict=True)
    return {
        text_key(item.text, item.subset): Unseen(
            calibrated=cascade.probability,
            category=cascade.category,
            confident=cascade.confident,
            full=full.probability,
            embedding=only.probability,
            probe=plain,
        )
        for item, cascade, full, only, plain in together
    }


def probe(data: Looked, folds: Ints, fold: int) -> list[float]:
    """The yardstick's probabilities for a fold, trained on the gold labels of the others.

    A logistic head on the embedding and a flag: does a keyword of the paper occur?
    """
    concept = load_concept("violence")
    lists = {
        label: concept.keywords_for("motionx" if label else "humanml3d").keywords
        for label in (False, True)
    }
    flags = [float(any(k in item.text for k in lists[item.is_label])) for item in data.items]
    table = np.column_stack([data.embeddings, flags])
    gold = np.array([item.origin.startswith("gold") for item in data.items])
    seen, left = gold & data.known & (folds != fold), folds == fold
    fit = fit_logistic(table[seen], data.violent[seen], data.importance[seen], PROBE_PENALTY)
    return [round(value, DECIMALS) for value in sigmoid(fit(table[left])).tolist()]


def out_of_fold(
    data: Looked, facts: Facts, model: TrainedModel, folds: int, progress: Progress = silent
) -> OutOfFold:
    """Every caption judged by models that did not learn from it (nested cross-validation)."""
    dealt = deal_folds(data.items, data.groups, folds)
    predictions: dict[str, Unseen] = {}
    for fold in progress(range(folds), "cross-validation"):
        predictions |= judge_unseen(data, dealt, fold, facts)
    return OutOfFold(format=1, trained_sha256=model.sha256, predictions=predictions)
