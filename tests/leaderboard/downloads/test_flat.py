from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.downloads.flat import FIELDS, records_csv, records_parquet
from leaderboard.tables import PROMPT_SETS, Column
from tests.leaderboard.made_up import board, record
from tests.leaderboard.rich import rich

NAMES = [field.name for field in FIELDS]
RECORDS = [*board(), rich()]


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def table(records: list[Record]) -> pa.Table:
    return pq.read_table(io.BytesIO(records_parquet(records)))


def expected(records: list[Record]) -> dict[tuple[str | None, ...], object]:
    """(track, protocol, id, prompt set, category, metric) -> value, written down another way."""
    found: dict[tuple[str | None, ...], object] = {}
    for one in records:
        key = (one.track.name, one.protocol, one.id)
        content = one.model_dump()
        for prompt_set, values in content["metrics"].items():
            found |= {(*key, prompt_set, None, name): value for name, value in values.items()}
        for prompt_set, parts in content["categories"].items():
            for category, values in parts.items():
                found |= {
                    (*key, prompt_set, category, name): value for name, value in values.items()
                }
        for name, value in (content["scores"] or {}).items():
            found[(*key, None, None, name)] = value
    return found


def key_of(line: dict[str, object]) -> tuple[object, ...]:
    names = ("track", "protocol", "id", "prompt_set", "category", "metric")
    return tuple(line[name] or None for name in names)


def test_csv_holds_every_value_unrounded() -> None:
    found = {key_of(line): line for line in lines(records_csv(RECORDS))}
    every = expected(RECORDS)
    assert found.keys() == every.keys()
    for key, value in every.items():
        for name in ("value", "low", "high", "n"):
            cell = found[key][name]
            assert (float(cell) if cell else None) == value[name]
        for name in ("interval", "reason"):
            assert found[key][name] == (value[name] or "")


def test_parquet_holds_the_same_with_types() -> None:
    found = table(RECORDS)
    assert found.schema.names == NAMES
    assert found.schema.field("value").type == pa.float64()
    assert found.schema.field("n").type == pa.int64()
    assert found.schema.field("method").type == pa.string()
    for field in FIELDS:
        assert found.schema.field(field.name).metadata == {b"about": field.about.encode()}
    rows = found.to_pylist()
    every = expected(RECORDS)
    assert [key_of(row) for row in rows] == [key_of(line) for line in lines(records_csv(RECORDS))]
    for row in rows:
        value = every[key_of(row)]
        assert {name: row[name] for name in value} == value
    facts = json.loads(found.schema.metadata[b"hmu_bench"])
    assert facts["metrics"].keys() == METRICS.keys()


def test_units_and_directions_are_those_of_the_table() -> None:
    for row in table(RECORDS).to_pylist():
        if row["prompt_set"] is None:
            assert (row["direction"], row["unit"]) == ("higher", None)
        else:
            metric = METRICS[row["metric"]]
            assert row["direction"] == Column(PROMPT_SETS[row["prompt_set"]], metric).direction
            assert row["unit"] == (metric.unit or None)


def test_every_line_tells_where_its_record_comes_from() -> None:
    by_id = {(r.track.name, r.protocol, r.id): r for r in RECORDS}
    for row in table(RECORDS).to_pylist():
        one = by_id[row["track"], row["protocol"], row["id"]]
        made, coverage = one.provenance, one.coverage
        assert row["track_version"] == one.track.version
        assert (row["kind"], row["role"]) == (one.kind, one.role)
        assert (row["method"], row["family"]) == (one.method.name, one.method.family)
        assert row["base_model"] == one.method.base_model
        assert row["answered"] == (coverage.answered if coverage else None)
        assert row["evaluator_sha256"] == (made.evaluator.sha256 if made.evaluator else None)
        assert row["submission_sha256"] == made.submission_sha256


def test_the_same_records_give_the_same_bytes() -> None:
    assert records_parquet(RECORDS) == records_parquet(list(RECORDS))
    assert records_parquet(RECORDS) != records_parquet(RECORDS[1:])


def test_csv_is_rfc_4180() -> None:
    text = records_csv(RECORDS)
    assert text.startswith(",".join(NAMES) + "\r\n")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n=1", "＝1", "\u200b=1", '=HYPERLINK("x")'],
)
def test_csv_runs_nothing_in_a_spreadsheet(name: str) -> None:
    hostile = record(
        method={"name": name, "family": name},
        metrics={"forget": {"fid": {"value": None, "reason": name}}},
        provenance={
            "package_version": name,
            "evaluator": {"id": name, "sha256": "b" * 64},
        },
    )
    (line,) = lines(records_csv([hostile]))
    for cell in ("method", "family", "reason", "package_version", "evaluator"):
        assert line[cell][0] not in "=+-@\t\r\n＝＋－＠ ", cell
    # and Parquet, which nothing runs, holds the text as it is
    assert table([hostile]).column("method")[0].as_py() == name


def test_csv_keeps_ordinary_text() -> None:
    name = 'Möller, "the method" – 日本語'
    (line, *_) = lines(records_csv([record(method={"name": name})]))
    assert line["method"] == name


def test_no_records_give_empty_files() -> None:
    assert lines(records_csv([])) == []
    assert table([]).num_rows == 0
    assert table([]).schema.names == NAMES
