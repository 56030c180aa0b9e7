"""Files written whole or not at all, canonical JSON, hashes, bounded reads."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hmu_bench.errors import InputError

CHUNK = 1 << 20


def canonical_json(value: Any) -> str:
    r"""JSON that is the same text for the same value: indented, UTF-8, no NaN, final newline.

    Raises:
        ValueError: for NaN or infinity, which JSON does not have.

    >>> canonical_json({"b": 1, "a": [0.5, None]})
    '{\n  "b": 1,\n  "a": [\n    0.5,\n    null\n  ]\n}\n'
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return "\n".join(map(visible_json, text.split("\n"))) + "\n"


def visible_json(text: str) -> str:
    r"""JSON of one line, its invisible characters written as `\uXXXX`; the value stays the same.

    Control characters would act on a terminal, a direction mark would turn a line around, and half
    a surrogate cannot be written at all.

    >>> visible_json('"a\x9b\u202eb\U000e0001é"')
    '"a\\u009b\\u202eb\\udb40\\udc01é"'
    """
    if text.isprintable():
        return text
    # Outside of a JSON string there is no such character.
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def sha256_bytes(data: bytes) -> str:
    """Hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a regular file, read in pieces (errors as `open_regular`)."""
    with open_regular(path) as handle:
        try:
            return hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", where=path) from error


def sha256_files(files: Mapping[str, Path]) -> str:
    """SHA-256 over named files: sorted by name, each as `name NUL sha256 newline`."""
    lines = (f"{name}\0{sha256_file(files[name])}\n" for name in sorted(files))
    return sha256_bytes("".join(lines).encode())


def open_regular(path: Path) -> io.BufferedReader:
    """A regular file, opened for reading.

    What is opened is what is looked at, so that no pipe can be put there in between, and a pipe
    that nobody writes into keeps nobody waiting.

    Raises:
        InputError: if it is missing, a folder, a pipe or a device, or cannot be opened.
    """
    try:
        stream = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 (has an opener)
    except FileNotFoundError as error:
        raise InputError("the file does not exist", where=path, fix="check the path") from error
    except IsADirectoryError as error:
        raise _not_regular(path) from error
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({reason})", where=path) from error
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise _not_regular(path)
    return stream


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _not_regular(path: Path) -> InputError:
    return InputError("the file is not a regular file", where=path, fix="check the path")


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Raises:
        InputError: if the file is missing, is not a regular file or is larger.
    """
    try:
        with open_regular(path) as handle:
            data = handle.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    if len(data) > limit:
        raise InputError(f"the file is larger than {limit:,} bytes", where=path)
    return data


def read_text(path: Path, limit: int = 64 << 20) -> str:
    """A UTF-8 text file of at most `limit` bytes.

    Raises:
        InputError: as `read_bounded`, and if the bytes are not UTF-8 (with the line).
    """
    data = read_bounded(path, limit)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            "the file is not UTF-8", where=path, line=line, fix="convert it to UTF-8"
        ) from error


def require_inside(path: Path, folder: Path) -> Path:
    """The path with its links followed, if that still lies in the folder.

    Raises:
        InputError: if a link (or `..`) leads out of the folder, or the path cannot be resolved.
    """
    try:
        target, root = path.resolve(), folder.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"cannot be followed ({error})", where=path) from error
    if not target.is_relative_to(root):
        raise InputError(
            "the path leads out of its folder", where=path, fix="put the file itself there"
        )
    return target


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write a file aside and move it into place: never a partial file under `path`."""
    payload = data.encode("utf-8") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(payload)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def staged_directory(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of `target` when the block ends well.

    On an exception (KeyboardInterrupt included) nothing of it stays and `target` is untouched.
    An older `target` is moved aside first and removed last, so that no moment shows a mixture.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.new-"))
    staging.chmod(0o777 & ~_umask())
    try:
        yield staging
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old-"))
            target.replace(old / "old")
            staging.replace(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            staging.replace(target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
