"""How often a split rule is right: what `hmu_bench/text/quality.json` says of it.

That file holds what was measured on gold labels, for every rule, version, concept and source that
was measured:

    {"measured": [{"rule": "calibrated", "rule_version": "1", "concept": "violence",
                   "source": "humanml3d", "gold": "735 captions, ...", "items": 735,
                   "precision": {"value": 0.97, "low": 0.95, "high": 0.98},
                   "recall": {...}, "f1": {...}}]}

Other keys may stand beside these.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

import hmu_bench.text
from hmu_bench.files import read_text
from hmu_bench.models import LongText, ShortText, Slug, bad_model

QUALITY_FILE = Path(hmu_bench.text.__file__).with_name("quality.json")


class _Open(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Measure(_Open):
    """A measured share and its 95 % interval."""

    value: float
    low: float
    high: float


class Quality(_Open):
    """Precision, recall and F1 of a rule against gold labels, on captions.

    Attributes:
        gold: which labels, and how they were used.
        items: how many captions.
        precision: share of the captions called violent that are.
        recall: share of the violent captions that are called so.
        f1: their harmonic mean.
    """

    gold: LongText
    items: int
    precision: Measure
    recall: Measure
    f1: Measure


class _Measured(Quality):
    rule: Slug
    rule_version: ShortText
    concept: Slug
    source: Slug


class _File(_Open):
    measured: list[_Measured]


def quality_of(
    rule: str, version: str, concept: str, source: str, path: Path = QUALITY_FILE
) -> Quality | None:
    """What was measured of a rule on a source's captions; None if nothing was.

    Raises:
        InputError: if the file is there and is not as described.
    """
    wanted = (rule, version, concept, source)
    for entry in _measured(path) if path.is_file() else ():
        if (entry.rule, entry.rule_version, entry.concept, entry.source) == wanted:
            return Quality.model_validate(entry.model_dump())
    return None


@cache
def _measured(path: Path) -> list[_Measured]:
    try:
        return _File.model_validate_json(read_text(path)).measured
    except ValidationError as error:
        raise bad_model(error, path) from error
