"""JSON of strangers: no key twice, no NaN, numbers and nesting within bounds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from hmu_bench.errors import InputError
from hmu_bench.files import read_text


def read_json(path: Path, limit: int) -> Any:
    """The value that a JSON file of at most `limit` bytes holds.

    Raises:
        InputError: if the file is missing, too large or no UTF-8; and as `parse_json`.
    """
    return parse_json(read_text(path, limit), path)


def parse_json(
    text: str,
    where: Path,
    *,
    mapping: Callable[[list[tuple[str, Any]]], Any] | None = None,
    allow_nan: bool = False,
) -> Any:
    """The value of a JSON text.

    Args:
        text: the JSON.
        where: the file it is from, for errors.
        mapping: makes an object of its pairs; by default a dictionary in which no key is given
            twice (which of the two counts would be up to the reader).
        allow_nan: whether NaN and Infinity are numbers, as Python's own writer has it.

    Raises:
        InputError: if it is no JSON, gives a key twice, holds NaN, Infinity or an integer of more
            than 4,300 digits, or is nested too deeply.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=mapping or _once,
            parse_constant=None if allow_nan else _refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise InputError(f"not valid JSON ({error.msg})", where=where, line=error.lineno) from error
    except ValueError as error:
        raise InputError(f"not valid JSON ({error})", where=where) from error
    except RecursionError as error:
        raise InputError("the JSON is nested too deeply", where=where) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key[:100]!r} is given twice")
            seen.add(key)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
