"""The pages of a Parquet file of strangers: how much memory they ask for, told before any is given.

A Parquet file says twice how large a column is when it is unpacked: in its footer, and in front of
every page, and readers believe the second. A page of a few bytes may ask for 2 GiB; a page that
stores every text as the difference to the one before it (`DELTA_BYTE_ARRAY`) unpacks to the square
of its size. So the headers of the pages are read here and held against limits. The footer is read
here too: asked for its columns, pyarrow ends the whole process where one of them is damaged.

The format: apache/parquet-format, `src/main/thrift/parquet.thrift`; the numbers below are its.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BufferedReader

from hmu_bench.tracks.thrift import Value, read_struct

MAX_PAGES = 20_000
MAX_FOOTER_BYTES = 1 << 20
# PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY: all that our writer uses.
ALLOWED_ENCODINGS = (0, 2, 3, 8)

_MAGIC = b"PAR1"
_MAX_HEADER = 64 << 10


def check_pages(stream: BufferedReader, max_bytes: int, max_rows: int) -> None:
    """Refuse a flat table whose pages would unpack to more than the limits.

    Args:
        stream: the file.
        max_bytes: of all pages together, unpacked.
        max_rows: of all row groups together.

    Raises:
        ValueError: with what is wrong.
    """
    footer = _footer(stream)
    if not _bytes(footer, 6).startswith(b"parquet-cpp"):
        # Readers are lenient with the offsets of some other writers.
        raise ValueError("the file is not written by Arrow (pyarrow)")
    groups = [_struct(group) for group in _list(footer, 4)]
    rows = sum(_number(group, 3) for group in groups)
    if rows != _number(footer, 3) or rows > max_rows:
        raise ValueError(
            f"it claims {rows:,} or {_number(footer, 3):,} rows; allowed are {max_rows:,}"
        )
    unpacked = pages = 0
    for group in groups:
        for column in _list(group, 1):
            chunk = _struct(_struct(column).get(3))
            if 1 in _struct(column) or _number(chunk, 5) != _number(group, 3):
                raise ValueError("a column lies elsewhere, or has other rows than its row group")
            for size in _page_sizes(stream, chunk):
                unpacked += size
                pages += 1
                if unpacked > max_bytes or pages > MAX_PAGES:
                    raise ValueError(
                        f"it unpacks to more than {max_bytes:,} bytes or {MAX_PAGES:,} pages"
                    )


def _footer(stream: BufferedReader) -> dict[int, Value]:
    """The fields of FileMetaData."""
    size = os.fstat(stream.fileno()).st_size
    stream.seek(max(size - 8, 0))
    end = stream.read(8)
    if size < 12 or end[4:] != _MAGIC:
        raise ValueError("it does not end as Parquet does")
    length = int.from_bytes(end[:4], "little")
    if length > min(MAX_FOOTER_BYTES, size - 12):
        raise ValueError(f"its footer claims {length:,} bytes; allowed are {MAX_FOOTER_BYTES:,}")
    stream.seek(size - 8 - length)
    return read_struct(stream.read(length)).fields


def _page_sizes(stream: BufferedReader, chunk: dict[int, Value]) -> Iterator[int]:
    """The unpacked size of every page of a ColumnMetaData, which they must fill exactly."""
    place, dictionary = _number(chunk, 9), chunk.get(11)
    if isinstance(dictionary, int) and 0 < dictionary < place:
        place = dictionary
    end = place + _number(chunk, 7)
    while place < end:
        stream.seek(place)
        header, length = read_struct(stream.read(min(_MAX_HEADER, end - place)))
        # Data page, dictionary page, data page of version 2: the field, and its encoding's.
        for name, encoding in ((5, 2), (7, 2), (8, 4)):
            if name in header and _number(_struct(header[name]), encoding) not in ALLOWED_ENCODINGS:
                raise ValueError("a column is stored in an encoding that is not read here")
        yield _number(header, 2)
        place += length + _number(header, 3)
    if place != end:
        raise ValueError("a page is longer than its column")


def _number(fields: dict[int, Value], name: int) -> int:
    value = fields.get(name)
    if type(value) is not int or value < 0:
        raise ValueError("its footer or a page's header is damaged")
    return value


def _bytes(fields: dict[int, Value], name: int) -> bytes:
    value = fields.get(name)
    return value if isinstance(value, bytes) else b""


def _list(fields: dict[int, Value], name: int) -> list[Value]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise ValueError("its footer is damaged")
    return value


def _struct(value: Value) -> dict[int, Value]:
    if not isinstance(value, dict):
        raise ValueError("its footer or a page's header is damaged")
    return value
