"""How good the classifiers are on gold labels, with intervals, beside the paper's keywords.

A caption that the shipped classifier learned from is reported by models that did not
(`trained.OutOfFold`): nothing here is measured on what it was trained on. The lexicon is another
matter, and the report says so: its rules were written by readers of the gold labels that this
project was given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hmu_bench.concepts import CATEGORIES, Category, load_concept
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.text.gold import GoldItem, by_source, challenge_gold, read_gold
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.measures import (
    Bin,
    Bools,
    Floats,
    Measures,
    effective_size,
    expected_calibration_error,
    interval,
    measures,
    reliability,
    resample,
    wilson,
)
from hmu_bench.text.quality_report import (
    CategoryQuality,
    ClassifierQuality,
    Figure,
    QualityReport,
    Reliability,
    SourceQuality,
)
from hmu_bench.text.rules import make_classifier
from hmu_bench.text.trained import load_out_of_fold, load_trained
from hmu_bench.text.views import text_key

BASELINE = "keywords"
# Not rules, only known out of fold, for captions that the shipped classifier learned from: the
# yardstick, and `calibrated` with the encoder asked about every caption.
PROBE, FULL = "probe", "full"
COMPARED = ("keywords", "probe", "embedding", "lexicon", "full", "calibrated")
RESAMPLES = 2000
SEED = 20250
DECIMALS = 4

FIGURES = ("precision", "recall", "f1", "average_precision", "balanced_accuracy", "brier_skill")


def measure_quality(
    gold: Sequence[Path],
    *,
    challenge: bool = False,
    source: str | None = None,
    rules: Sequence[str] = COMPARED,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> QualityReport:
    """Judge labelled captions by several rules and compare with the labels.

    Args:
        gold: files of labelled captions.
        challenge: whether to add the challenge set, as the source `challenge`.
        source: only this source.
        rules: what to compare; the keywords are always among them.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        InputError: for a file that is wrong, an unknown rule, or nothing to measure.
    """
    items: list[GoldItem] = []
    inputs: dict[str, str] = {}
    for path in gold:
        items += read_gold(path)
        inputs[path.name] = sha256_file(path)
    if challenge:
        items += challenge_gold()
    sources = by_source(items)
    if source is not None:
        if source not in sources:
            raise InputError(
                f"there are no labelled captions of the source {source!r}"
                f" (there are: {', '.join(sources) or 'none'})"
            )
        sources = {source: sources[source]}
    if not sources:
        raise InputError("there is nothing to measure", fix="give a file with --gold FILE")
    rules = list(dict.fromkeys([BASELINE, *rules]))
    found = [_measure(name, some, rules, resamples, seed) for name, some in sources.items()]
    return QualityReport(
        format=1,
        inputs=inputs,
        resamples=resamples,
        seed=seed,
        sources=[quality for quality, _ in found],
        measured=[one for _, measured in found for one in measured],
    )


def judge_honestly(items: Sequence[GoldItem], rule: str) -> tuple[list[Judgement], int, str] | None:
    """Judgements of a rule by models that did not learn from the captions.

    Returns:
        (judgements, how many of them are out of fold, version of the rule); None for what is no
        rule, where a caption was not learned from.
    """
    concept = load_concept("violence")
    known: dict[int, Judgement] = {}
    if rule in ("calibrated", "embedding", PROBE, FULL):
        known = _out_of_fold(items, rule)
        if rule in (PROBE, FULL):
            whole = len(known) == len(items)
            return ([known[i] for i in range(len(items))], len(items), "1") if whole else None
    judged: list[Judgement | None] = [known.get(index) for index in range(len(items))]
    version = ""
    for manner in dict.fromkeys(item.judged_as for item in items):
        classifier = make_classifier(rule, concept, manner)
        version = classifier.version
        rows = [i for i, item in enumerate(items) if item.judged_as == manner and i not in known]
        found = classifier.judge([items[i].text for i in rows], [items[i].context for i in rows])
        for row, judgement in zip(rows, found, strict=True):
            judged[row] = judgement
    return [judgement for judgement in judged if judgement is not None], len(known), version


def _out_of_fold(items: Sequence[GoldItem], rule: str) -> dict[int, Judgement]:
    """Index -> judgement, for the items that the shipped model learned from."""
    model, unseen = load_trained("violence"), load_out_of_fold("violence")
    if unseen.trained_sha256 != model.sha256:
        raise InputError(
            "the out-of-fold predictions belong to another model",
            fix="train it anew: python -m builders train-classifier",
        )
    known: dict[int, Judgement] = {}
    for index, item in enumerate(items):
        said = unseen.predictions.get(text_key(item.text, item.subset))
        if said is None:
            continue
        probability: float = getattr(said, rule)
        as_shipped = rule == "calibrated"
        known[index] = Judgement(
            violent=probability >= model.threshold,
            probability=probability,
            category=said.category if as_shipped else "none",
            confident=said.confident if as_shipped else True,
        )
    return known


def _measure(
    source: str, items: Sequence[GoldItem], rules: Sequence[str], resamples: int, seed: int
) -> tuple[SourceQuality, list[ClassifierQuality]]:
    weights = np.array([item.weight for item in items])
    known = np.array([item.label != "A" for item in items])
    violent = np.array([item.label == "V" for item in items])[known]
    if not violent.any() or violent.all():
        raise InputError(f"the labels of {source!r} are all the same; nothing can be measured")
    strata = _numbers([item.stratum for item in items])[known]
    clusters = _numbers([item.cluster for item in items])[known]
    rows = resample(_numbers(clusters.tolist()), strata, weights[known], resamples, seed)
    learned_from = len(_out_of_fold(items, "calibrated"))
    if source == "sample":  # what the rules missed of it was read, and they were mended
        learned_from = int(known.sum())
    quality = SourceQuality(
        source=source,
        captions=int(known.sum()),
        violent=int(violent.sum()),
        ambiguous=int((~known).sum()),
        population=_rounded(float(weights.sum())),
        violent_share=_rounded(float(weights[known][violent].sum() / weights[known].sum())),
    )
    found: dict[str, tuple[ClassifierQuality, Measures, Measures]] = {}
    for rule in rules:
        judged = judge_honestly(items, rule)
        if judged is None:
            continue
        judgements, unseen, version = judged
        called = np.array([j.violent for j in judgements])[known]
        probability = np.array([j.probability for j in judgements])[known]
        confident = np.array([j.confident for j in judgements])
        point = measures(violent, called, probability, weights[known])
        spread = measures(violent, called, probability, rows)
        bins = reliability(violent, probability, weights[known])
        gain = {
            other: _gain(point, spread, theirs[1], theirs[2])
            for other, theirs in found.items()
            if other in (BASELINE, PROBE)
        }
        one = ClassifierQuality(
            rule=rule,
            rule_version=version,
            concept="violence",
            source=source,
            gold=_told(quality, unseen, all(item.annotated for item in items)),
            items=quality.captions,
            out_of_fold=unseen,
            in_view=learned_from if rule in ("lexicon", FULL, "calibrated") else 0,
            **_figures(point, spread, violent, called, weights[known]),
            gain=gain,
            calibration_error=_number(expected_calibration_error(bins)),
            reliability=[_reliability(one) for one in bins],
            unsure=_rounded(float(weights @ ~confident / weights.sum())),
            ambiguous_unsure=_mean(~confident[~known], weights[~known]),
            confident_f1=_confident_f1(violent, called, confident[known], weights[known]),
            categories=_categories(items, judgements),
        )
        found[rule] = (one, point, spread)
    return quality, [one for one, _, _ in found.values()]


def _told(quality: SourceQuality, unseen: int, annotated: bool) -> str:
    text = (
        f"{quality.captions} captions, drawn by strata that stand for {quality.population:,.0f}, "
        "each labelled by two annotators (language models in the project's own files, not people)"
    )
    if not annotated:
        text = f"{quality.captions} captions, labelled as the file of gold labels says"
    if quality.source == "sample":
        text = (
            f"{quality.captions} captions of the sample, labelled by what its motions were made for"
        )
    if quality.source == "challenge":
        text = f"{quality.captions} captions of the challenge set, written and labelled by us"
    if unseen:
        text += f"; {unseen} of all judged by models that did not learn from them"
    return text


def _numbers(names: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The names as numbers 0.. in order of appearance."""
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], dtype=np.int64)


def _figures(
    point: Measures, spread: Measures, violent: Bools, called: Bools, weights: Floats
) -> dict[str, Figure]:
    figures = {name: _figure(getattr(point, name), getattr(spread, name)) for name in FIGURES}
    # Where no error at all was seen, drawing the same captions again cannot show one either:
    # Wilson's interval for shares, the same put together for what is made of shares.
    lows = {
        name: wilson(1.0, effective_size(weights[among]))[0]
        for name, among in (("precision", called), ("recall", violent), ("safe", ~violent))
    }
    lows["f1"] = 2 * lows["precision"] * lows["recall"] / (lows["precision"] + lows["recall"])
    lows["balanced_accuracy"] = (lows["recall"] + lows["safe"]) / 2
    for name, figure in figures.items():
        if figure.value == 1.0:
            low = lows.get(name)
            high = None if low is None else 1.0
            figures[name] = Figure(value=1.0, low=None if low is None else _rounded(low), high=high)
    return figures


def _figure(value: Floats, spread: Floats) -> Figure:
    low, high = interval(spread)
    return Figure(value=_number(float(value[0])), low=_number(low), high=_number(high))


def _gain(mine: Measures, my_spread: Measures, theirs: Measures, their_spread: Measures) -> Figure:
    """F1 less the other's F1, drawn on the same captions each time."""
    return _figure(mine.f1 - theirs.f1, my_spread.f1 - their_spread.f1)


def _reliability(one: Bin) -> Reliability:
    return Reliability(
        low=_rounded(one.low),
        high=_rounded(one.high),
        captions=one.captions,
        share=_rounded(one.share),
        mean_probability=_rounded(one.mean_probability),
        violent_share=_rounded(one.violent_share),
    )


def _confident_f1(violent: Bools, called: Bools, confident: Bools, weights: Floats) -> float | None:
    rows = np.where(confident, weights, 0.0)
    hit = float(rows @ (violent & called))
    both = float(rows @ violent + rows @ called)
    return _rounded(2 * hit / both) if both > 0 else None


def _categories(
    items: Sequence[GoldItem], judgements: Sequence[Judgement]
) -> dict[Category, CategoryQuality]:
    found: dict[Category, CategoryQuality] = {}
    for category in CATEGORIES:
        rows = [
            (item, judgement)
            for item, judgement in zip(items, judgements, strict=True)
            if item.label != "A" and item.category == category
        ]
        if category == "none" or not rows:
            continue
        weights = np.array([item.weight for item, _ in rows])
        right = np.array([j.violent == (item.label == "V") for item, j in rows])
        hits = np.array([j.violent and item.label == "V" for item, j in rows])
        named = np.array([j.category == category for _, j in rows])
        share = float(weights @ right / weights.sum())
        low, high = wilson(share, effective_size(weights))
        found[category] = CategoryQuality(
            captions=len(rows),
            right=Figure(value=_rounded(share), low=_rounded(low), high=_rounded(high)),
            named=_mean(named[hits], weights[hits]),
        )
    return found


def _mean(values: Bools, weights: Floats) -> float | None:
    total = float(weights.sum())
    return _rounded(float(weights @ values) / total) if total > 0 else None


def _number(value: float) -> float | None:
    return _rounded(value) if math.isfinite(value) else None


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS)
