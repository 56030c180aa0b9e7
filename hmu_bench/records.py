"""The record: one scored, reported or reference result, as the leaderboard stores it.

`leaderboard/records/<track>/<id>.json`. Everything in it is a function of submission, track,
evaluator and package version; what may differ between two identical scorings (seconds, machine)
stands beside it in `<id>.run.json`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from hmu_bench.files import canonical_json, read_text, write_atomic
from hmu_bench.json_files import parse_json
from hmu_bench.metrics.table import METRICS
from hmu_bench.models import (
    DetectorQuality,
    LongText,
    Sha256,
    ShortText,
    Slug,
    Strict,
    bad_model,
    check_link,
)

SCHEMA_VERSION: Literal[1] = 1
MAX_RECORD_BYTES = 1 << 20
"""Fifty times a full record; what is larger could only slow the reader down."""
MAX_COUNT = 10**9

PromptSet = Literal["forget", "retain", "implicit", "implicit_safe", "composed"]
Kind = Literal["scored", "reported", "reference"]
Role = Literal["method", "original", "retrained", "real"]


class Value(Strict):
    """A metric's value with its 95 % interval; `value` is null only with a `reason`."""

    value: float | None
    low: float | None = None
    high: float | None = None
    interval: ShortText | None = Field(default=None, description="how the interval was made")
    n: int | None = Field(
        default=None, ge=0, le=MAX_COUNT, description="prompts that the value rests on"
    )
    reason: ShortText | None = Field(default=None, description="why there is no value")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise ValueError("NaN and infinity are not values; use null and a reason")
        if (self.value is None) != (self.reason is not None):
            raise ValueError("a value is null exactly when a reason is given")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has two ends")
        return self


class Method(Strict):
    """Who made the motions, and how."""

    name: ShortText
    description: LongText = ""
    base_model: Slug | None = Field(default=None, description="id of the base model's record")
    unlearned: list[ShortText] = Field(default_factory=list, max_length=100)
    authors: list[ShortText] = Field(default_factory=list, max_length=200)
    paper: str | None = None
    code: str | None = None
    license: ShortText | None = None
    family: ShortText | None = Field(
        default=None, description="kind of method: tensor edit, fine-tuning, retrieval, ..."
    )
    notes: LongText = ""

    _links = field_validator("paper", "code")(check_link)


class Coverage(Strict):
    """How much of the track was answered; ranking needs all of it."""

    prompts: int = Field(ge=0, le=MAX_COUNT)
    answered: int = Field(ge=0, le=MAX_COUNT)
    repeats: int = Field(ge=0, le=MAX_COUNT, description="motions per prompt (the smallest count)")

    @property
    def complete(self) -> bool:
        """Whether every prompt of the track has its motions."""
        return self.answered == self.prompts and self.repeats > 0


class Flag(Strict):
    """An honesty flag: something a reader should know before believing the numbers."""

    name: Slug
    message: LongText
    count: int = Field(default=1, ge=0, le=MAX_COUNT)


class Scores(Strict):
    """The three scores, each from 0 to 1, higher is better; shown beside the metrics."""

    suppression: Value
    preservation: Value
    hmu: Value


class TrackReference(Strict):
    """The track that was answered."""

    name: Slug
    version: ShortText
    sha256: Sha256 | None = None


class EvaluatorReference(Strict):
    """The evaluator that made the embeddings: its id and the hash over its sorted tensors."""

    id: ShortText
    revision: ShortText | None = None
    sha256: Sha256


class Provenance(Strict):
    """Everything that made the numbers."""

    package_version: ShortText
    evaluator: EvaluatorReference | None = None
    submission_sha256: Sha256 | None = None
    base_sha256: Sha256 | None = Field(
        default=None, description="of the base model's record, which the scores compare with"
    )
    seed: int | None = None
    command: LongText | None = Field(default=None, description="the command that repeats it")
    citation: LongText | None = Field(default=None, description="where reported figures stand")


class Record(Strict):
    """One result on one track under one protocol."""

    schema_version: Literal[1] = SCHEMA_VERSION
    id: Slug
    kind: Kind
    role: Role = "method"
    track: TrackReference
    protocol: Slug
    method: Method
    coverage: Coverage | None = None
    dry_run: bool = Field(
        default=False, description="made from a part of the prompts (--limit); never published"
    )
    metrics: dict[PromptSet, dict[str, Value]]
    categories: dict[PromptSet, dict[Slug, dict[str, Value]]] = Field(
        default_factory=dict, description="by kind of violence: metrics that are means of prompts"
    )
    scores: Scores | None = None
    detector: DetectorQuality | None = Field(
        default=None, description="of violence_rate: how good it is on real clips"
    )
    flags: list[Flag] = Field(default_factory=list, max_length=100)
    provenance: Provenance

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        tables = [*self.metrics.values()]
        tables += [table for parts in self.categories.values() for table in parts.values()]
        unknown = {name for table in tables for name in table} - set(METRICS)
        if unknown:
            raise ValueError(
                f"unknown metrics {', '.join(sorted(unknown))}; known: {', '.join(METRICS)}"
            )
        if self.kind == "reported" and not self.provenance.citation:
            raise ValueError("a reported record needs provenance.citation")
        if self.kind != "reported" and (self.provenance.evaluator is None or not self.coverage):
            raise ValueError("a measured record needs provenance.evaluator and coverage")
        if self.kind != "reference" and self.role == "real":
            raise ValueError("real motions are a record of kind 'reference'")
        return self

    def to_json(self) -> str:
        """The record as canonical JSON text: the same record gives the same bytes."""
        return canonical_json(self.model_dump(mode="json"))


def write_record(record: Record, path: Path) -> None:
    """Write the record whole."""
    write_atomic(path, record.to_json())


def read_record(path: Path) -> Record:
    """Read and check one record.

    Raises:
        InputError: with file, key and what is wrong with it; also where a key is given twice, for
            then people and programs may see different numbers.
    """
    text = read_text(path, MAX_RECORD_BYTES)
    parse_json(text, path)
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        raise bad_model(error, path) from error


def summary(record: Record) -> tuple[list[str], list[list[str]]]:
    """The record's metrics as a table of text: headers and rows, a column a prompt set.

    A value stands with its half-interval; without one the reason is told.
    """
    sets = list(record.metrics)
    names = [name for name in METRICS if any(name in record.metrics[s] for s in sets)]
    rows = [
        [METRICS[name].label, *(_cell(record.metrics[s].get(name)) for s in sets)] for name in names
    ]
    return ["metric", *sets], rows


def scores_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """The three scores as a table of text."""
    rows = [[name, _cell(getattr(scores, name))] for name in Scores.model_fields]
    return ["score", "value"], rows


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if value.value is None:
        return f"- ({value.reason})"
    if value.low is None or value.high is None:
        return f"{value.value:.4f}"
    return f"{value.value:.4f} ({value.low:.4f} to {value.high:.4f})"
