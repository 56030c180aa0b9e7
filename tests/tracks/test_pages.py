"""Parquet that asks for more memory than it has: refused by its page headers."""

from __future__ import annotations

import contextlib
import io
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.tracks import table as prompt_table
from hmu_bench.tracks.pages import _page_sizes, _struct, _varint, check_pages
from hmu_bench.tracks.schema import PROMPT_COLUMNS
from hmu_bench.tracks.table import table_schema

TEXTS = [name for name, (kind, _) in PROMPT_COLUMNS.items() if kind == "string"]


def rows(count: int, text: str = "a person walks") -> pa.Table:
    row = {
        "prompt_set": "forget",
        "clip_id": None,
        "text": text,
        "tokens": "a/DET",
        "masked_tokens": None,
        "masked_tokens_paper": None,
        "num_frames": 40,
        "category": "none",
        "multimodality": False,
    }
    return pa.Table.from_pylist(
        [{"prompt_id": f"{number:016x}", **row} for number in range(count)], schema=table_schema()
    )


def packed(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **{"compression": "zstd", **options})
    return out.getvalue()


def check(data: bytes, max_bytes: int = 1 << 30, max_rows: int = 1 << 20) -> None:
    stream = io.BufferedReader(io.BytesIO(data))
    check_pages(stream, pq.read_metadata(stream), max_bytes, max_rows)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_dictionary": False},
        {"compression": "none"},
        {"row_group_size": 7},
        {"data_page_size": 64},
        {"data_page_version": "2.0"},
        {"write_statistics": True, "write_page_index": True, "write_page_checksum": True},
    ],
)
def test_every_page_is_seen(options):
    """The pages and their headers together are what the footer says the column has, unpacked."""
    data = packed(rows(100), **options)
    check(data)
    stream = io.BufferedReader(io.BytesIO(data))
    meta = pq.read_metadata(stream)
    for group in range(meta.num_row_groups):
        for number in range(meta.num_columns):
            chunk = meta.row_group(group).column(number)
            sizes = list(_page_sizes(stream, chunk))
            headers = chunk.total_uncompressed_size - sum(sizes)
            assert 0 < headers <= 150 * len(sizes)


def test_limits():
    data = packed(rows(100))
    with pytest.raises(ValueError, match="allowed are 99"):
        check(data, max_rows=99)
    with pytest.raises(ValueError, match="unpacks to more than 1,000 bytes"):
        check(data, max_bytes=1000)


def lie(data: bytes, unpacked: int) -> bytes:
    """The first page of the file claims another unpacked size of as many bytes."""
    start = 4
    fields, _ = _struct(data, start, 0)
    place = start + 1
    _, place = _varint(data, place)  # field 1: the kind of page
    _, end = _varint(data, place + 1)  # field 2
    assert fields[2] > 0
    claim = bytearray()
    value = unpacked << 1
    for _ in range(end - place - 2):
        claim.append(value & 127 | 128)
        value >>= 7
    claim.append(value & 127)
    assert value < 128
    return data[: place + 1] + bytes(claim) + data[end:]


def test_pages_are_believed_not_the_footer():
    large = packed(rows(1, "x" * 20_000_000), use_dictionary=False)
    assert len(large) < 20_000
    check(large, max_bytes=32 << 20)
    with pytest.raises(ValueError, match="unpacks to more"):
        check(large, max_bytes=16 << 20)
    small = packed(rows(100))
    check(small, max_bytes=6000)
    with pytest.raises(ValueError, match="unpacks to more"):
        check(lie(small, 8000), max_bytes=6000)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {
                "use_dictionary": False,
                "column_encoding": {
                    name: "DELTA_BYTE_ARRAY" if name in TEXTS else "PLAIN"
                    for name in PROMPT_COLUMNS
                },
            },
            "encoding",
        ),
        (
            {
                "use_dictionary": False,
                "column_encoding": {
                    name: "DELTA_BINARY_PACKED" if name == "num_frames" else "PLAIN"
                    for name in PROMPT_COLUMNS
                },
            },
            "encoding",
        ),
        ({"data_page_size": 1, "use_dictionary": False, "write_batch_size": 1}, "pages"),
    ],
)
def test_other_forms_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        check(packed(rows(3000), **options))


def test_other_writers_are_refused():
    data = packed(rows(3))
    name = pq.read_metadata(io.BytesIO(data)).created_by.encode()
    with pytest.raises(ValueError, match="not written by Arrow"):
        check(data.replace(name, b"parquet-mr version 1.2.0".ljust(len(name))))


def test_one_text_for_all_rows(tmp_path, monkeypatch):
    """100 KB that would become 4 GB: the text is stored once and used 40,000 times."""
    monkeypatch.setattr(prompt_table, "MAX_TEXT", 1 << 20)
    path = tmp_path / "prompts.parquet"
    path.write_bytes(packed(rows(1000, "x" * 300_000), dictionary_pagesize_limit=1 << 20))
    assert path.stat().st_size < 100_000
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    with pytest.raises(InputError, match="the texts have more than 268,435,456 bytes together"):
        prompt_table._rows(path)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert pa.total_allocated_bytes() - before < 8 << 20
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"\[text\]: a text is longer than 4000 characters"):
        prompt_table._rows(path)


GOOD = packed(rows(20))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_tables_never_get_past_input_error(tmp_path, data):
    whole = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "prompts.parquet"
    path.write_bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    # Anything but an InputError fails the test.
    with contextlib.suppress(InputError):
        prompt_table._rows(path)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_header_or_a_value_error(data):
    with contextlib.suppress(ValueError):
        fields, end = _struct(data, 0, 0)
        assert all(isinstance(name, int) for name in fields)
        assert end > 0
