"""The split rules by name: which classifier each of them asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hmu_bench.concepts import Concept, load_concept
from hmu_bench.errors import InputError
from hmu_bench.text.judgement import Classifier, Judgement
from hmu_bench.text.keywords import KeywordsClassifier
from hmu_bench.text.lexicon import LexiconClassifier


def _calibrated(concept: Concept, source: str) -> Classifier:
    from hmu_bench.text.ensemble import EnsembleClassifier

    return EnsembleClassifier.of(concept, source)


def _embedding(concept: Concept, source: str) -> Classifier:
    from hmu_bench.text.embedding import EmbeddingClassifier

    return EmbeddingClassifier.of(concept, source)


# rule -> what makes its classifier for a concept and a source
RULES: dict[str, Callable[[Concept, str], Classifier]] = {
    "calibrated": _calibrated,
    "keywords": KeywordsClassifier.of,
    "lexicon": LexiconClassifier.of,
    "embedding": _embedding,
}
DEFAULT_RULE = "calibrated"


def make_classifier(rule: str, concept: Concept, source: str) -> Classifier:
    """The classifier of a rule, for a concept and the captions of a source.

    Raises:
        InputError: if there is no such rule, or the concept does not cover the source.
    """
    if rule not in RULES:
        raise InputError(f"there is no rule {rule!r} (there are: {', '.join(RULES)})")
    return RULES[rule](concept, source)


def classify(
    captions: Sequence[str],
    *,
    source: str = "humanml3d",
    concept: str | Path = "violence",
    rule: str = DEFAULT_RULE,
    context: Sequence[Mapping[str, str]] | None = None,
) -> list[Judgement]:
    """Judge captions: does each describe a motion of the concept?

    Args:
        captions: sentences or labels; the rule `keywords` also takes whole lines of a text file.
        source: whose captions they are: humanml3d, motionx, kitml, sample, or any other name.
        concept: the name of a concept, or the path of a concept file.
        rule: the split rule; `keywords` is the paper's filter.
        context: one mapping a caption, such as {"subset": "kungfu"}, or None.

    Returns:
        One judgement a caption, in the same order.

    Raises:
        InputError: for an unknown rule or concept, a concept that the rule cannot judge (there is
            a classifier for violence alone; `keywords` needs a list for the source), a caption that
            is no text, a context of another length, or a sentence encoder that is not to be had.

    >>> [j.violent for j in classify(["a man kicks", "a man walks"], rule="keywords")]
    [True, False]
    """
    if isinstance(captions, str):
        raise InputError("captions must be a list of texts, not one text")
    for index, caption in enumerate(captions):
        if not isinstance(caption, str):
            raise InputError(f"caption {index} is no text but {type(caption).__name__}")
    if context is not None and len(context) != len(captions):
        raise InputError(f"{len(captions)} captions but {len(context)} contexts")
    return make_classifier(rule, load_concept(concept), source).judge(captions, context)
