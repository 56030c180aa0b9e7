"""The quality report: its schema, and the one that comes with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from hmu_bench.concepts import Category
from hmu_bench.files import canonical_json, read_text
from hmu_bench.models import LongText, Sha256, ShortText, Slug, Strict, bad_model

QUALITY_FILE = Path(__file__).with_name("quality.json")


class Figure(Strict):
    """A value and its 95 % interval; null where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


class CategoryQuality(Strict):
    """One kind of violence.

    Attributes:
        captions: labelled captions of the kind.
        right: share of them judged rightly, by weight: found, or (victim) left alone.
        named: share of the found ones that got this category, too.
    """

    captions: int
    right: Figure
    named: float | None


class Reliability(Strict):
    """A bin of the reliability curve (`measures.Bin`)."""

    low: float
    high: float
    captions: int
    share: float
    mean_probability: float
    violent_share: float


class ClassifierQuality(Strict):
    """One classifier on the captions of one source.

    Attributes:
        rule: the classifier's rule; `probe` for the yardstick.
        rule_version: of the rule.
        concept: what it looks for.
        source: whose captions they are.
        gold: which labels, and how they were used.
        items: captions labelled V or N.
        out_of_fold: captions judged by models that did not learn from them.
        in_view: captions that the authors of its rules (the lexicon's) had at hand.
        precision: and the following: see `measures.Measures`.
        gain: name of another classifier -> F1 less the other's F1, on the same captions.
        calibration_error: expected, over 0.05 < p < 0.95.
        reliability: the curve.
        unsure: share of all captions that it is not confident of, ambiguous ones included.
        ambiguous_unsure: share of the ambiguous captions that it is not confident of.
        confident_f1: F1 on the captions that it is confident of.
        categories: by kind of violence.
    """

    rule: Slug
    rule_version: ShortText
    concept: Slug
    source: Slug
    gold: LongText
    items: int
    out_of_fold: int
    in_view: int
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: Figure
    balanced_accuracy: Figure
    brier_skill: Figure
    gain: dict[str, Figure]
    calibration_error: float | None
    reliability: list[Reliability]
    unsure: float
    ambiguous_unsure: float | None
    confident_f1: float | None
    categories: dict[Category, CategoryQuality]


class SourceQuality(Strict):
    """The labelled captions of one source.

    Attributes:
        source: `humanml3d`, `motionx`, `challenge`, ...
        captions: labelled V or N.
        violent: of these, V.
        ambiguous: labelled A; they count in no figure but `unsure`.
        population: captions that they stand for.
        violent_share: of the population.
    """

    source: Slug
    captions: int
    violent: int
    ambiguous: int
    population: float
    violent_share: float


class QualityReport(Strict):
    """Everything that `hmu-bench quality` finds; `measured` is read by the dataset cards, too."""

    format: Literal[1]
    inputs: dict[ShortText, Sha256]
    resamples: Annotated[int, Field(ge=1)]
    seed: int
    sources: list[SourceQuality]
    measured: list[ClassifierQuality]

    def of(self, source: str) -> list[ClassifierQuality]:
        """The classifiers on the captions of a source."""
        return [one for one in self.measured if one.source == source]

    def to_json(self) -> str:
        """The file."""
        return canonical_json(self.model_dump(mode="json"))


def load_quality(path: Path = QUALITY_FILE) -> QualityReport:
    """The report that comes with the package (InputError if the file is wrong)."""
    try:
        return QualityReport.model_validate_json(read_text(path))
    except ValidationError as error:
        raise bad_model(error, path) from error
