"""The pages of a Parquet file of strangers: how much memory they ask for, told before any is given.

A Parquet file says twice how large a column is when it is unpacked: in its footer, and in front of
every page, and readers believe the second. A page of a few bytes may ask for 2 GiB; a page that
stores every text as the difference to the one before it (`DELTA_BYTE_ARRAY`) unpacks to the square
of its size. So the headers of the pages are read here (a dozen numbers each, in Thrift's compact
protocol; the format: apache/parquet-format, `parquet.thrift`) and held against limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

MAX_PAGES = 20_000
# PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY: all that our writer uses.
ALLOWED_ENCODINGS = (0, 2, 3, 8)

_MAX_HEADER = 64 << 10
_MAX_DEPTH = 8
_I32, _STRUCT = 5, 12


def check_pages(stream: BufferedReader, meta: FileMetaData, max_bytes: int, max_rows: int) -> None:
    """Refuse a flat table whose pages would unpack to more than the limits.

    Args:
        stream: the file.
        meta: its footer.
        max_bytes: of all pages together, unpacked.
        max_rows: of all row groups together.

    Raises:
        ValueError: with what is wrong.
    """
    if not (meta.created_by or "").startswith("parquet-cpp"):
        # Readers are lenient with the offsets of some other writers.
        raise ValueError("the file is not written by Arrow (pyarrow)")
    groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
    rows = sum(group.num_rows for group in groups)
    if rows != meta.num_rows or rows > max_rows or any(group.num_rows < 0 for group in groups):
        raise ValueError(f"it claims {rows:,} or {meta.num_rows:,} rows; allowed are {max_rows:,}")
    unpacked = pages = 0
    for group in groups:
        for number in range(group.num_columns):
            chunk = group.column(number)
            if chunk.num_values != group.num_rows:
                raise ValueError("a column claims another number of rows than its row group")
            for size in _page_sizes(stream, chunk):
                unpacked += size
                pages += 1
                if unpacked > max_bytes or pages > MAX_PAGES:
                    raise ValueError(
                        f"it unpacks to more than {max_bytes:,} bytes or {MAX_PAGES:,} pages"
                    )


def _page_sizes(stream: BufferedReader, chunk: Any) -> Iterator[int]:
    """The unpacked size of every page of a column chunk, which must fill it exactly."""
    place = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < (chunk.dictionary_page_offset or 0) < place:
        place = chunk.dictionary_page_offset
    end = place + chunk.total_compressed_size
    if place < 4:
        raise ValueError("a column lies outside of the file")
    while place < end:
        stream.seek(place)
        header = stream.read(min(_MAX_HEADER, end - place))
        fields, length = _struct(header, 0, 0)
        unpacked, packed = _number(fields, 2), _number(fields, 3)
        for name, encoding in ((5, 2), (7, 2), (8, 4)):  # data page, dictionary, data page v2
            if name in fields and _number(_inner(fields, name), encoding) not in ALLOWED_ENCODINGS:
                raise ValueError("a column is stored in an encoding that is not read here")
        yield unpacked
        place += length + packed
    if place != end:
        raise ValueError("a page is longer than its column")


def _number(fields: dict[int, Any], name: int) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or value < 0:
        raise ValueError("the header of a page is damaged")
    return value


def _inner(fields: dict[int, Any], name: int) -> dict[int, Any]:
    value = fields[name]
    if not isinstance(value, dict):
        raise ValueError("the header of a page is damaged")
    return value


def _struct(data: bytes, place: int, depth: int) -> tuple[dict[int, Any], int]:
    """A struct of Thrift's compact protocol: 32-bit integers and structs by number, and its end."""
    fields: dict[int, Any] = {}
    name = 0
    while True:
        first, place = _byte(data, place)
        if first == 0:
            return fields, place
        kind, step = first & 15, first >> 4
        if step:
            name += step
        else:
            value, place = _varint(data, place)
            name = _signed(value)
        if name in fields:
            raise ValueError("the header of a page gives a field twice")
        fields[name], place = _value(data, place, kind, depth)


def _value(data: bytes, place: int, kind: int, depth: int) -> tuple[Any, int]:
    """A value and its end; None where only the end matters."""
    if depth > _MAX_DEPTH:
        raise ValueError("the header of a page is nested too deeply")
    if kind in (1, 2):  # true, false: no bytes
        return None, place
    if kind == 3:
        return None, place + 1
    if kind in (4, 5, 6):  # integers of 16, 32, 64 bits
        value, place = _varint(data, place)
        return (_signed(value) if kind == _I32 else None), place
    if kind == 7:  # floating point
        return None, place + 8
    if kind == 8:  # bytes
        length, place = _varint(data, place)
        return None, place + length
    if kind == _STRUCT:
        return _struct(data, place, depth + 1)
    # Lists, sets and maps occur in no header of a page.
    raise ValueError("the header of a page is damaged")


def _byte(data: bytes, place: int) -> tuple[int, int]:
    if place >= len(data):
        raise ValueError("the header of a page is cut off")
    return data[place], place + 1


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte, place = _byte(data, place)
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("the header of a page is damaged")


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
