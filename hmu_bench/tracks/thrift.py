"""Thrift's compact protocol, read only: the language of Parquet's footer and page headers.

The protocol: apache/thrift, `doc/specs/thrift-compact-protocol.md`. Refused is what a writer of
Parquet does not write and readers may take in different ways: a field given twice, an integer that
is larger than its type, long lists, deep nesting.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_DEPTH: Final = 12
MAX_LIST: Final = 10_000

Value = bool | int | float | bytes | list["Value"] | dict[int, "Value"] | None

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_BITS: Final = {_I16: 16, _I32: 32, _I64: 64}


class Parsed(NamedTuple):
    """The fields of a struct by number, and where it ends."""

    fields: dict[int, Value]
    end: int


def read_struct(data: bytes, place: int = 0, depth: int = 0) -> Parsed:
    """The struct that begins at a place.

    Integers of every width are integers, texts and bytes are bytes, lists and sets are lists.
    What stands in a map is passed over (None).

    Raises:
        ValueError: if it is damaged, cut off, or one of the things that are refused.
    """
    if depth > MAX_DEPTH:
        raise ValueError("it is nested too deeply")
    fields: dict[int, Value] = {}
    name = 0
    while True:
        first = _at(data, place)
        place += 1
        if first == 0:
            return Parsed(fields, place)
        kind, step = first & 15, first >> 4
        if step:
            name += step
        else:
            name, place = _integer(data, place, _I16)
        if name in fields:
            raise ValueError(f"field {name} is given twice")
        if kind in (_TRUE, _FALSE):
            fields[name] = kind == _TRUE
        else:
            fields[name], place = _value(data, place, kind, depth)


def _value(data: bytes, place: int, kind: int, depth: int) -> tuple[Value, int]:
    """A value that is no boolean field, and where it ends."""
    if kind in _BITS:
        return _integer(data, place, kind)
    if kind in (_TRUE, _FALSE, _BYTE):  # as elements of a list
        return _at(data, place), place + 1
    if kind == _DOUBLE:
        _at(data, place + 7)
        return None, place + 8
    if kind == _BINARY:
        length, place = _varint(data, place)
        if length > len(data) - place:
            raise ValueError("it is cut off")
        return data[place : place + length], place + length
    if kind in (_LIST, _SET):
        return _list(data, place, depth)
    if kind == _MAP:
        return _map(data, place, depth)
    if kind == _STRUCT:
        return read_struct(data, place, depth + 1)
    raise ValueError(f"there is no type {kind}")


def _list(data: bytes, place: int, depth: int) -> tuple[list[Value], int]:
    if depth > MAX_DEPTH:
        raise ValueError("it is nested too deeply")
    first = _at(data, place)
    place += 1
    kind, length = first & 15, first >> 4
    if length == 15:
        length, place = _varint(data, place)
    if length > MAX_LIST:
        raise ValueError(f"a list has {length:,} elements; allowed are {MAX_LIST:,}")
    values: list[Value] = []
    for _ in range(length):
        value, place = _value(data, place, kind, depth + 1)
        values.append(value)
    return values, place


def _map(data: bytes, place: int, depth: int) -> tuple[None, int]:
    length, place = _varint(data, place)
    if length > MAX_LIST or depth > MAX_DEPTH:
        raise ValueError(f"a map has {length:,} elements; allowed are {MAX_LIST:,}")
    if length:
        kinds = _at(data, place)
        place += 1
        for _ in range(length):
            for kind in (kinds >> 4, kinds & 15):
                _, place = _value(data, place, kind, depth + 1)
    return None, place


def _at(data: bytes, place: int) -> int:
    if place >= len(data):
        raise ValueError("it is cut off")
    return data[place]


def _integer(data: bytes, place: int, kind: int) -> tuple[int, int]:
    value, place = _varint(data, place)
    if value >> _BITS[kind]:
        raise ValueError("an integer is larger than its type")
    return (value >> 1) ^ -(value & 1), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = _at(data, place)
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("an integer has no end")
