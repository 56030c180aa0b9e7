"""What a program may want of the board: all records as JSON and as a flat table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from hmu_bench.files import canonical_json
from hmu_bench.metrics.table import METRICS, card
from hmu_bench.records import SCHEMA_VERSION, Record
from hmu_bench.spreadsheets import plain_cell
from leaderboard.tables import Column, columns
from leaderboard.text import shown

FIELDS = (
    "track", "track_version", "protocol", "id", "kind", "role", "method", "base_model",
    "prompt_set", "metric", "direction", "unit", "value", "low", "high", "interval", "n", "reason",
)  # fmt: skip


def records_json(records: Sequence[Record]) -> str:
    """All records, sorted by track and id, with the whole metric table."""
    return canonical_json(
        {
            "schema_version": SCHEMA_VERSION,
            "metrics": [card(metric) for metric in METRICS.values()],
            "records": [record.model_dump(mode="json") for record in _sorted(records)],
        }
    )


def records_csv(records: Sequence[Record]) -> str:
    """One line a value: RFC 4180, UTF-8, numbers unrounded, null as an empty field.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for record in _sorted(records):
        for column in columns([record]):
            writer.writerow(_line(record, column))
    return out.getvalue()


def _sorted(records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.track.name, record.id))


def _line(record: Record, column: Column) -> Iterator[str]:
    value = record.metrics[column.prompt_set.name][column.metric.name]
    texts = (
        record.track.name, record.track.version, record.protocol, record.id, record.kind,
        record.role, record.method.name, record.method.base_model, column.prompt_set.name,
        column.metric.name, column.direction, column.metric.unit,
    )  # fmt: skip
    yield from (_text(text) for text in texts)
    yield from (_number(number) for number in (value.value, value.low, value.high))
    yield _text(value.interval)
    yield _number(value.n)
    yield _text(value.reason)


def _text(text: str | None) -> str:
    return plain_cell(shown(text or "").strip())


def _number(number: float | None) -> str:
    return "" if number is None else repr(number)
