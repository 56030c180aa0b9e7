"""All values as one flat table, one line a value: CSV for spreadsheets, Parquet for data frames."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import SCHEMA_VERSION, Record, Value
from hmu_bench.spreadsheets import plain_cell
from leaderboard.facts import PROMPT_SETS, SCORES, Column
from leaderboard.text import shown

Type = Literal["text", "integer", "number"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the flat table: its type and what it holds."""

    name: str
    type: Type
    about: str


FIELDS = tuple(
    Field(*row)
    for row in (
        ("track", "text", "the track that was answered"),
        ("track_version", "text", "its version"),
        ("protocol", "text", "scoring protocol"),
        ("id", "text", "of the record"),
        ("kind", "text", "scored, reported or reference"),
        ("role", "text", "method, original, retrained or real"),
        ("method", "text", "its name"),
        ("family", "text", "kind of method"),
        ("base_model", "text", "id of the base model's record"),
        ("prompt_set", "text", "of the value; none for a score, which spans several"),
        ("category", "text", "kind of violence; none for a value over the whole prompt set"),
        ("metric", "text", "metric or score, see metrics.json"),
        ("direction", "text", "which way is better: lower, higher, or target (the reference)"),
        ("unit", "text", "of value, low and high; none for a pure number"),
        ("value", "number", "unrounded; none where it does not exist, see reason"),
        ("low", "number", "lower end of the 95 % interval"),
        ("high", "number", "upper end of the 95 % interval"),
        ("interval", "text", "how the interval was made, or why there is none"),
        ("n", "integer", "prompts behind the value"),
        ("reason", "text", "why there is no value"),
        ("prompts", "integer", "of the track"),
        ("answered", "integer", "of these, answered in full"),
        ("repeats", "integer", "motions a prompt"),
        ("package_version", "text", "of hmu-bench"),
        ("evaluator", "text", "id of the evaluator"),
        ("evaluator_sha256", "text", "over its sorted tensors"),
        ("track_sha256", "text", "of the track pack"),
        ("submission_sha256", "text", "of the submission"),
    )
)
"""The columns, the same in both files."""


def rows(records: Sequence[Record]) -> Iterator[tuple[Cell, ...]]:
    """One row a value, in the order of records, prompt sets, categories and metrics."""
    for record in records:
        about = _about(record)
        for name, facts in PROMPT_SETS.items():
            parts: list[tuple[str | None, dict[str, Value]]] = [
                (None, record.metrics.get(name, {})),
                *record.categories.get(name, {}).items(),
            ]
            for category, values in parts:
                for metric in METRICS.values():
                    if metric.name in values:
                        way, unit = Column(facts, metric).direction, metric.unit or None
                        key = (name, category, metric.name, way, unit)
                        yield _row(about, key, values[metric.name])
        if record.scores:
            for score in SCORES:
                none = (None, None, score, "higher", None)
                yield _row(about, none, getattr(record.scores, score))


def _about(record: Record) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """What is the same in all lines of a record: before the value and after it."""
    made, method, coverage = record.provenance, record.method, record.coverage
    evaluator = made.evaluator
    before = (
        record.track.name, record.track.version, record.protocol, record.id, record.kind,
        record.role, method.name, method.family, method.base_model,
    )  # fmt: skip
    after = (
        coverage.prompts if coverage else None,
        coverage.answered if coverage else None,
        coverage.repeats if coverage else None,
        made.package_version,
        evaluator.id if evaluator else None,
        evaluator.sha256 if evaluator else None,
        record.track.sha256,
        made.submission_sha256,
    )
    return before, after


def _row(
    about: tuple[tuple[Cell, ...], tuple[Cell, ...]], key: tuple[Cell, ...], value: Value
) -> tuple[Cell, ...]:
    before, after = about
    numbers = (value.value, value.low, value.high, value.interval, value.n, value.reason)
    return (*before, *key, *numbers, *after)


def records_csv(records: Sequence[Record]) -> str:
    """RFC 4180, UTF-8, numbers unrounded, null as an empty field.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, and characters
    that cannot be seen are named.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(field.name for field in FIELDS)
    for row in rows(records):
        writer.writerow(_csv_cell(cell) for cell in row)
    return out.getvalue()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return plain_cell(shown(cell).strip()) if isinstance(cell, str) else repr(cell)


def records_parquet(records: Sequence[Record]) -> bytes:
    """Typed columns, null where there is nothing; texts exactly as they are in the records.

    Each column says in its metadata what it holds (`about`); the file's metadata `hmu_bench` holds
    the version of the records' schema and unit and direction of the metrics.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    types: dict[Type, Any] = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    facts = {
        "schema_version": SCHEMA_VERSION,
        "metrics": {
            m.name: {"unit": m.unit, "retain": m.direction, "forget": m.forget_direction}
            for m in METRICS.values()
        },
    }
    schema = pa.schema(
        [pa.field(f.name, types[f.type], metadata={"about": f.about}) for f in FIELDS],
        metadata={"hmu_bench": json.dumps(facts)},
    )
    columns = list(zip(*rows(records), strict=True)) or [()] * len(FIELDS)
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return sink.getvalue()
