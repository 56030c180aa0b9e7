"""How often a split rule is right: what the shipped quality report says of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hmu_bench.models import LongText, Strict
from hmu_bench.text.quality_report import QUALITY_FILE, ClassifierQuality, Figure, load_quality


class Quality(Strict):
    """Precision, recall and F1 of a rule against gold labels, on captions, with 95 % intervals.

    Attributes:
        gold: which labels, and how they were used.
        items: how many captions.
        precision: share of the captions called violent that are.
        recall: share of the violent captions that are called so.
        f1: their harmonic mean.
    """

    gold: LongText
    items: int
    precision: Figure
    recall: Figure
    f1: Figure


def quality_of(
    rule: str, version: str, concept: str, source: str, path: Path = QUALITY_FILE
) -> Quality | None:
    """What was measured of a rule on a source's captions; None if nothing was.

    Another version of the rule is another rule.

    Raises:
        InputError: if the report is there and cannot be read.
    """
    wanted = (rule, version, concept, source)
    for one in _measured(path) if path.is_file() else ():
        if (one.rule, one.rule_version, one.concept, one.source) == wanted:
            return Quality(
                gold=one.gold,
                items=one.items,
                precision=one.precision,
                recall=one.recall,
                f1=one.f1,
            )
    return None


@cache
def _measured(path: Path) -> list[ClassifierQuality]:
    return load_quality(path).measured


def told(figure: Figure) -> str:
    """A figure with its interval.

    >>> told(Figure(value=0.971, low=0.95, high=0.98))
    '0.971 (0.950 to 0.980)'
    >>> told(Figure(value=None, low=None, high=None))
    'undefined'
    """
    if figure.value is None:
        return "undefined"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
