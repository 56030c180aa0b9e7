"""Parquet that asks for more memory than it has: refused by its page headers."""

from __future__ import annotations

import contextlib
import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.files import open_regular
from hmu_bench.tracks import table as prompt_table
from hmu_bench.tracks.pages import _footer, _list, _page_sizes, _struct, check_pages
from hmu_bench.tracks.schema import PROMPT_COLUMNS
from hmu_bench.tracks.table import table_schema
from hmu_bench.tracks.thrift import _varint, read_struct

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


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[io.BufferedReader]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        with open_regular(Path(file.name)) as stream:
            yield stream


def check(data: bytes, max_bytes: int = 1 << 30, max_rows: int = 1 << 20) -> None:
    with opened(data) as stream:
        check_pages(stream, max_bytes, max_rows)


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
    meta = pq.read_metadata(io.BytesIO(data))
    with opened(data) as stream:
        groups = _list(_footer(stream), 4)
        assert len(groups) == meta.num_row_groups
        for number, group in enumerate(groups):
            columns = _list(_struct(group), 1)
            assert len(columns) == meta.num_columns
            for place, column in enumerate(columns):
                chunk = meta.row_group(number).column(place)
                sizes = list(_page_sizes(stream, _struct(_struct(column)[3])))
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
    fields, _ = read_struct(data, start)
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


def test_a_footer_that_ends_the_process(tmp_path):
    """A histogram of repetitions in a column without any: pyarrow aborts when asked for the column.

    `ParquetFile(path).metadata.row_group(0).column(2)` ends Python with SIGABRT (pyarrow 26).
    """
    length = int.from_bytes(GOOD[-8:-4], "little")
    before, footer = GOOD[: -8 - length], GOOD[-8 - length : -8]
    none, two = b"\x19\x06\x19\x26", b"\x19\x26\x00\x00\x19\x26"  # lists of integers
    assert none in footer
    footer = footer.replace(none, two, 1)
    path = tmp_path / "prompts.parquet"
    path.write_bytes(before + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(InputError, match="histogram size mismatch"):
        prompt_table._rows(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut off"),
        (b"\x15", "cut off"),
        (b"\x15\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", "no end"),
        (b"\x15\xff\xff\xff\xff\x7f\x00", "larger than its type"),
        (b"\x15\x02\x05\x02\x02\x00", "field 1 is given twice"),
        (b"\x18\xff\xff\xff\x7f", "cut off"),
        (b"\x19\xf5\xff\xff\xff\x7f", "elements"),
        (b"\x1b\xff\xff\xff\x7f\x55", "elements"),
        (b"\x1c" * 30, "nested too deeply"),
        (b"\x19" + b"\x19" * 30, "nested too deeply"),
        (b"\x17\x00", "cut off"),
        (b"\x1d", "there is no type 13"),
    ],
)
def test_damaged_structs(data, words):
    with pytest.raises(ValueError, match=words):
        read_struct(data)


def test_a_struct_of_everything():
    data = (
        b"\x11\x12\x13\x05\x14\x03\x15\x04\x16\x05\x17" + bytes(8) + b"\x18\x02ab"
        b"\x19\x25\x02\x03\x1a\x12\x01\x1b\x01\x55\x02\x04\x1c\x15\x02\x00\x05\x64\x06\x00rest"
    )  # fmt: skip
    fields, end = read_struct(data)
    assert data[end:] == b"rest"
    assert fields == {
        1: True, 2: False, 3: 5, 4: -2, 5: 2, 6: -3, 7: None, 8: b"ab", 9: [1, -2], 10: [1],
        11: None, 12: {1: 1}, 50: 3,
    }  # fmt: skip


@given(st.binary(max_size=60))
def test_any_bytes_are_a_header_or_a_value_error(data):
    with contextlib.suppress(ValueError):
        fields, end = read_struct(data)
        assert all(isinstance(name, int) for name in fields)
        assert 0 < end <= len(data)
