"""Per-prompt numbers beside a record: written and read again; what strangers send is refused."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.table import METRICS
from hmu_bench.scoring import terms as module
from hmu_bench.scoring.terms import TEXTS, read_terms, terms_bytes, write_terms


@pytest.fixture
def path(half, tmp_path):
    _, scoring = half
    file = tmp_path / "half.parquet"
    write_terms(scoring.terms, scoring.record, file)
    return file


def test_read_again(half, path):
    _, scoring = half
    found, known = read_terms(path, scoring.record), scoring.terms
    order = np.argsort(known.prompt_id)
    for name in TEXTS:
        assert getattr(found, name) == [getattr(known, name)[row] for row in order]
    assert found.constants == known.constants
    assert set(found.columns) <= set(known.columns)
    for name, column in known.columns.items():
        if name in found.columns:
            np.testing.assert_array_equal(found.columns[name], column[order])
        else:
            assert np.isnan(column).all()
    assert terms_bytes(found, scoring.record) == path.read_bytes()


def test_rows_of_a_set_are_ordered_by_id(half):
    terms = half[1].terms
    rows = terms.rows_of("implicit")
    ids = [terms.prompt_id[row] for row in rows]
    assert ids == sorted(ids)
    assert {terms.prompt_set[row] for row in rows} == {"implicit"}
    assert len(terms.rows_of("nothing")) == 0


def test_a_mean_over_a_set_is_the_records_value(half):
    _, scoring = half
    terms = scoring.terms
    for name, values in scoring.record.metrics.items():
        for metric, value in values.items():
            column = terms.columns[metric][terms.rows_of(name)]
            if value.value is None:
                assert np.isnan(column).all()
            else:
                assert np.nanmean(column) == pytest.approx(value.value, rel=1e-9, abs=1e-9)


def rewritten(path, change) -> None:
    """The file again, after a change of its table."""
    table = pq.read_table(path)
    pq.write_table(change(table), path, compression="zstd")


def replaced(name: str, values) -> object:
    def change(table: pa.Table) -> pa.Table:
        place = table.column_names.index(name)
        array = values(table[name])
        return table.set_column(place, pa.field(name, array.type), array)

    return change


def metadata(**facts: str) -> object:
    def change(table: pa.Table) -> pa.Table:
        known = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        return table.replace_schema_metadata(known | facts)

    return change


def ids(change):
    return replaced("prompt_id", lambda column: pa.array(change(column.to_pylist())))


BAD = {
    "columns": (lambda t: t.drop_columns(["category"]), "the columns are not"),
    "types": (replaced("kid", lambda c: c.cast(pa.float32())), "the columns are not"),
    "unknown": (lambda t: t.rename_columns([*t.column_names[:-1], "zzz"]), "is not a metric"),
    "twice": (lambda t: t.append_column("kid", t["kid"]), "is there twice"),
    "record": (metadata(record_sha256="0" * 64), "not of the record 'half'"),
    "no metadata": (lambda t: t.replace_schema_metadata(None), "not of the record 'half'"),
    "constants": (metadata(constants="[1]"), "metadata 'constants'"),
    "nan constant": (metadata(constants='{"kid_frozen": NaN}'), "metadata 'constants'"),
    "nested": (metadata(constants="[" * 100_000), "metadata 'constants'"),
    "order": (ids(lambda i: [i[1], i[0], *i[2:]]), "ordered by id"),
    "same id": (ids(lambda i: [i[1], *i[1:]]), "ordered by id"),
    "id": (ids(lambda i: ["../../x", *i[1:]]), "ordered by id"),
    "null": (ids(lambda i: [None, *i[1:]]), "missing or longer"),
    "long": (
        replaced("base_clip", lambda c: pa.array(["x" * 5000, *c.to_pylist()[1:]])),
        "missing or longer",
    ),
    "set": (
        replaced("prompt_set", lambda c: pa.array(["other", *c.to_pylist()[1:]])),
        "sets are not those of the record",
    ),
    "value": (
        replaced("mm_dist", lambda c: pa.array([9.0, *c.to_pylist()[1:]])),
        "is not the record's value",
    ),
    "category": (
        replaced("category", lambda c: pa.array(["\x1b[31m", *c.to_pylist()[1:]])),
        "not a short lower-case name",
    ),
    "infinite": (
        replaced("mm_dist", lambda c: pa.array([np.inf, *c.to_pylist()[1:]])),
        "not finite",
    ),
    "huge": (
        replaced("mm_dist", lambda c: pa.array([1e300, *c.to_pylist()[1:]])),
        "not finite",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_ours_is_refused(half, path, case):
    change, word = BAD[case]
    rewritten(path, change)
    with pytest.raises(InputError, match=word) as error:
        read_terms(path, half[1].record)
    assert str(path) in str(error.value)


def test_texts_that_would_fill_the_memory(half, path, monkeypatch):
    """One long text used in every row; a category for every prompt."""
    record = half[1].record
    known = read_terms(path, record)
    monkeypatch.setattr(module, "MAX_CATEGORIES", len(set(known.category)))
    read_terms(path, record)
    monkeypatch.setattr(module, "MAX_CATEGORIES", len(set(known.category)) - 1)
    with pytest.raises(InputError, match=r"categories; \d+ at most are read"):
        read_terms(path, record)
    monkeypatch.setattr(module, "MAX_NAMES", 16 * len(known.prompt_id) - 1)
    with pytest.raises(InputError, match="the texts are too long: 200 of up to 16 bytes"):
        read_terms(path, record)


def test_a_column_that_the_record_has_no_value_for(half, path):
    record = half[1].record
    assert record.metrics["retain"]["mm_safe"].value is None
    rewritten(path, replaced("mm_safe", lambda c: pa.array([1.0] * len(c))))
    with pytest.raises(InputError, match="is not the record's value"):
        read_terms(path, record)


def test_texts_that_are_no_utf_8(half, path):
    record = half[1].record
    name = half[1].terms.base_clip[0]
    rewritten(path, replaced("base_clip", lambda c: pa.array([b"\xff" * len(x) if (x := v.as_py())
              == name else x.encode() for v in c], pa.binary()).view(pa.string())))  # fmt: skip
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_terms(path, record)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 5, b"\0" * 1000])
def test_no_parquet(half, path, data):
    path.write_bytes(data)
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_terms(path, half[1].record)


def test_every_truncation_and_many_flips(half, path):
    """One line for each, whatever bytes change; or the numbers, unchanged."""
    record, data = half[1].record, path.read_bytes()
    known = read_terms(path, record)
    random = np.random.default_rng(0)
    for place in [*range(0, len(data), len(data) // 40), len(data) - 1]:
        path.write_bytes(data[:place])
        with pytest.raises(InputError):
            read_terms(path, record)
    for _ in range(200):
        changed = bytearray(data)
        changed[random.integers(len(data))] ^= 1 << int(random.integers(8))
        path.write_bytes(bytes(changed))
        try:
            found = read_terms(path, record)
        except InputError:
            continue
        assert set(found.columns) <= set(METRICS)
        assert len(found.prompt_id) == len(known.prompt_id)
        json.dumps(found.constants, allow_nan=False)
