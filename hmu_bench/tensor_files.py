"""Safetensors files of strangers: sizes checked before anything is read, errors in one line."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from hmu_bench.errors import InputError

MAX_HEADER_BYTES = 64 << 20


def check_header_size(path: Path, max_bytes: int) -> None:
    """Refuse a safetensors file that is missing, too large, or announces too large a header.

    Raises:
        InputError: with what is wrong.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError("is not a regular file", where=path)
        if size > max_bytes:
            raise InputError(
                f"the file has {size:,} bytes; {max_bytes:,} at most are read", where=path
            )
        with path.open("rb") as handle:
            start = handle.read(8)
    except FileNotFoundError as error:
        raise InputError("the file does not exist", where=path, fix="check the path") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    if len(start) < 8:
        raise InputError("the file is not safetensors (shorter than its header)", where=path)
    (header,) = struct.unpack("<Q", start)
    if header > MAX_HEADER_BYTES:
        raise InputError(
            f"the file is not safetensors, or its header is larger than {MAX_HEADER_BYTES:,} bytes",
            where=path,
        )


@contextmanager
def open_tensors(path: Path, max_bytes: int) -> Iterator[Any]:
    """The open file (`safetensors.safe_open`, numpy); nothing but its header has been read.

    Raises:
        InputError: if it is missing, too large, truncated or no safetensors.
    """
    check_header_size(path, max_bytes)
    try:
        handle = safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise InputError(f"the file is not readable safetensors ({error})", where=path) from error
    with handle:
        yield handle
