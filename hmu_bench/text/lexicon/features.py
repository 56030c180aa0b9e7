"""What the lexicon found, as numbers for a trained head."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hmu_bench.concepts import CATEGORIES
from hmu_bench.text.lexicon.classifier import (
    SURELY_SAFE,
    SURELY_VIOLENT,
    LexiconClassifier,
)
from hmu_bench.text.lexicon.engine import NOTHING, Reading, subset_of
from hmu_bench.text.lexicon.loading import Lexicon
from hmu_bench.text.lexicon.patterns import UNKNOWN

SUBSETS = (
    "aist",
    "animation",
    "dance",
    "fitness",
    "game_motion",
    "GRAB",
    "HAA500",
    "humman",
    "idea400",
    "kungfu",
    "music",
    "perform",
)

Floats = npt.NDArray[np.float32]


def feature_names(lexicon: Lexicon) -> tuple[str, ...]:
    """The columns of `features`, in their order.

    They depend on the lexicon's files only (`lexicon.sha256` names their state): probability and
    counts; the highest probability of each category and sense; word classes; subsets; length.
    """
    return (
        "logit",
        "logit_any",
        "violent_findings",
        "unsure_findings",
        "safe_findings",
        *(f"category:{category}" for category in CATEGORIES if category != "none"),
        *(f"sense:{sense.name}" for sense in lexicon.senses),
        *(f"topic:{topic}" for topic in lexicon.topics),
        *(f"subset:{subset}" for subset in SUBSETS),
        "subset:other",
        "log_words",
        "unknown_share",
    )


def features(
    classifier: LexiconClassifier,
    captions: Sequence[str],
    contexts: Sequence[Mapping[str, str]] | None = None,
) -> tuple[Floats, tuple[str, ...]]:
    """What the lexicon found in each caption.

    Args:
        classifier: the lexicon to ask.
        captions: N sentences or labels.
        contexts: one mapping a caption (subset or path), or None.

    Returns:
        (N, F) float32 array and the F names of its columns. `logit` is the logit of the caption's
        probability, `logit_any` that of 1 - product of (1 - p) over all findings; `category:...`
        and `sense:...` are the highest probability of theirs, 0 where nothing was found; topics
        and subsets are 0 or 1; `log_words` is log(1 + words).

    >>> values, names = features(LexiconClassifier(), ["a man kicks a ball", "a man kicks a man"])
    >>> values.shape == (2, len(names)), bool(values[0, 0] < 0 < values[1, 0])
    (True, True)
    """
    lexicon = classifier.lexicon
    names = feature_names(lexicon)
    topics = [lexicon.vocabulary.atom("{" + topic + "}") for topic in lexicon.topics]
    readings = classifier.readings(captions, contexts)
    subsets = [None] * len(readings) if contexts is None else [subset_of(c) for c in contexts]
    values = np.zeros((len(readings), len(names)), dtype=np.float32)
    for row, reading, subset in zip(values, readings, subsets, strict=True):
        row[:] = list(_row(lexicon, reading, subset, topics))
    return values, names


def _row(
    lexicon: Lexicon, reading: Reading, subset: str | None, topics: Sequence[frozenset[str]]
) -> Iterator[float]:
    findings = reading.findings
    yield _logit(reading.probability)
    none = 1 - NOTHING
    for finding in findings:
        none *= 1 - finding.probability
    yield _logit(1 - none)
    yield sum(f.probability >= 0.5 for f in findings)
    yield sum(SURELY_SAFE < f.probability < SURELY_VIOLENT for f in findings)
    yield sum(f.probability <= SURELY_SAFE for f in findings)
    categories = dict.fromkeys(CATEGORIES, 0.0)
    senses = [0.0] * len(lexicon.senses)
    for finding in findings:
        categories[finding.category] = max(categories[finding.category], finding.probability)
        senses[finding.number] = max(senses[finding.number], finding.probability)
    yield from (value for category, value in categories.items() if category != "none")
    yield from senses
    text = reading.encoded.text[1:-1]
    here = set(text)
    yield from (float(not here.isdisjoint(topic)) for topic in topics)
    yield from (float(subset == name) for name in SUBSETS)
    yield float(subset is not None and subset not in SUBSETS)
    yield math.log1p(len(text))
    yield text.count(UNKNOWN) / max(len(text), 1)


def _logit(probability: float) -> float:
    clipped = min(max(probability, 0.001), 0.999)
    return math.log(clipped / (1 - clipped))
