"""Where the motions of a submission lie, and reading them one at a time.

Three layouts, one of them per submission:

    motions.safetensors
    motions-00001-of-00002.safetensors, motions-00002-of-00002.safetensors
    motions/<prompt_id>/<repeat>.npy

Listing reads names and headers only. Nothing is unpickled, no link out of the folder is followed,
and sizes are checked before a motion is read. Names, motions and problems are counted, and listing
ends where there are too many of them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.files import open_regular, require_inside
from hmu_bench.motion.reading import MAX_BYTES, read_npy
from hmu_bench.submissions.problems import Problem
from hmu_bench.tensor_files import TensorPlace, open_tensors, read_array

SINGLE, FOLDER = "motions.safetensors", "motions"
MAX_MOTIONS = 500_000
MAX_PROBLEMS = 100_000
MAX_SHARDS = 10_000
MAX_SUBMISSION_BYTES = 256 << 30
"""Of all files together: thirty times the 88,000 motions of the largest track."""
MAX_HEADERS_BYTES = 128 << 20

_KEY = re.compile(r"([0-9a-f]{16})/(0|[1-9][0-9]{0,2})")
_SHARD = re.compile(r"motions-([0-9]{5})-of-([0-9]{5})\.safetensors")
_REPEAT_FILE = re.compile(r"(0|[1-9][0-9]{0,2})\.npy")
_PROMPT_FOLDER = re.compile(r"[0-9a-f]{16}")
_TYPES = ("F32", "F16")
_MAX_OPEN = 16


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One motion: which prompt and repeat it answers, and where it lies.

    `key` is the tensor's name in a safetensors file and `place` where in it; None in an .npy file.
    """

    prompt_id: str
    repeat: int
    file: str
    key: str | None
    place: TensorPlace | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """`<prompt_id>/<repeat>`."""
        return f"{self.prompt_id}/{self.repeat}"


@dataclass
class Listing:
    """The motions that were found, by name, the files they lie in, and what is wrong."""

    entries: dict[str, Entry] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    headers: int = 0

    def error(self, file: str, message: str, key: str | None = None) -> None:
        """Note an error."""
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooMuchError(f"there are more than {MAX_PROBLEMS:,} problems")
        self.problems.append(Problem("error", file, key, message))

    def add(self, entry: Entry) -> None:
        """Note a motion; a second one of its name is an error."""
        if len(self.entries) >= MAX_MOTIONS:
            raise _TooMuchError(f"there are more than {MAX_MOTIONS:,} motions")
        first = self.entries.setdefault(entry.name, entry)
        if first is not entry:
            self.error(entry.file, f"the motion is in {first.file} too", entry.name)

    def add_file(self, name: str, size: int, header_size: int = 0) -> None:
        """Note a file of motions."""
        self.files.append(name)
        self.size += size
        self.headers += header_size
        if self.size > MAX_SUBMISSION_BYTES or self.headers > MAX_HEADERS_BYTES:
            raise _TooMuchError(
                f"the files have more than {MAX_SUBMISSION_BYTES:,} bytes, or their headers more "
                f"than {MAX_HEADERS_BYTES:,}"
            )


class _TooMuchError(Exception):
    """There is more in the submission than is looked at."""


def list_motions(folder: Path) -> Listing:
    """Find every motion in a submission's folder; what is wrong is listed, not raised.

    Where there is too much of anything, the last problem says so and no motion is listed.

    Raises:
        InputError: if the folder cannot be read.
    """
    listing = Listing()
    try:
        _list(folder, listing)
    except _TooMuchError as error:
        listing.entries, listing.files = {}, []
        listing.problems.append(Problem("error", ".", None, str(error)))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=folder) from error
    return listing


def _list(folder: Path, listing: Listing) -> None:
    names = (entry.name for entry in _scan(folder))
    shards = [n for n in names if n.startswith("motions-") and n.endswith(".safetensors")]
    layouts = {
        SINGLE: _exists(folder / SINGLE),
        "motions-0000i-of-0000N.safetensors": bool(shards),
        FOLDER + "/": _exists(folder / FOLDER),
    }
    present = [name for name, there in layouts.items() if there]
    if len(present) != 1:
        found = " and ".join(present) or "no motions"
        listing.error(".", f"there are {found}; give exactly one of: {', '.join(layouts)}")
    if layouts[SINGLE]:
        _list_tensors(folder, SINGLE, listing)
    if shards:
        _list_shards(folder, shards, listing)
    if layouts[FOLDER + "/"]:
        _list_folder(folder, listing)


class MotionReader:
    """Reads motions of a submission, one at a time and in any order; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, BufferedReader] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def read(self, entry: Entry) -> NDArray[np.floating[Any]]:
        """The array of one motion as it lies there, float32 or float16.

        Raises:
            InputError: for another type, too large a motion, or a damaged file.
        """
        path = self.folder / entry.file
        if entry.place is None:
            array = read_npy(require_inside(path, self.folder), where=path)
            if array.dtype.itemsize > 4:
                raise InputError(
                    f"has type {array.dtype}; allowed are float32 and float16", where=path
                )
            return array
        place = entry.place
        if place.dtype not in _TYPES:
            raise InputError(
                f"has type {place.dtype}; allowed are {' and '.join(_TYPES)}",
                where=path,
                key=entry.key,
            )
        if place.size > MAX_BYTES:
            raise InputError(
                f"has {place.size:,} bytes (shape {place.shape}); allowed are {MAX_BYTES:,}",
                where=path,
                key=entry.key,
            )
        return read_array(self._file(entry.file), place, path, entry.name)

    def _file(self, name: str) -> BufferedReader:
        if name not in self._open:
            if len(self._open) >= _MAX_OPEN:
                self._close()
            path = require_inside(self.folder / name, self.folder)
            self._open[name] = self._stack.enter_context(open_regular(path))
        return self._open[name]

    def _close(self) -> None:
        self._open = {}
        self._stack.close()
        self._stack = contextlib.ExitStack()


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _list_shards(folder: Path, shards: list[str], listing: Listing) -> None:
    if len(shards) > MAX_SHARDS:
        listing.error(".", f"there are {len(shards):,} shards; allowed are {MAX_SHARDS:,}")
        return
    numbers: dict[str, set[int]] = {}
    for name in shards:
        match = _SHARD.fullmatch(name)
        if not match:
            listing.error(name, "a shard must be called motions-0000i-of-0000N.safetensors")
            continue
        numbers.setdefault(match[2], set()).add(int(match[1]))
        _list_tensors(folder, name, listing)
    if len(numbers) > 1:
        sets = sorted(numbers)
        more = f" and {len(sets) - 5} more" if len(sets) > 5 else ""
        listing.error(".", f"the shards are of several sets: of {', '.join(sets[:5])}{more}")
    for total, there in numbers.items():
        expected = set(range(1, int(total) + 1))
        for number in sorted(expected - there)[:MAX_SHARDS]:
            listing.error(f"motions-{number:05}-of-{total}.safetensors", "the shard is missing")
        for number in sorted(there - expected):
            listing.error(f"motions-{number:05}-of-{total}.safetensors", "no such shard number")


def _list_tensors(folder: Path, file: str, listing: Listing) -> None:
    try:
        path = require_inside(folder / file, folder)
        with open_tensors(path, MAX_SUBMISSION_BYTES) as found:
            listing.add_file(file, found.size, found.header_size)
            tensors = found.tensors
    except InputError as error:
        listing.error(file, error.what, error.key)
        return
    for name in sorted(tensors):
        match = _KEY.fullmatch(name)
        if match:
            listing.add(Entry(match[1], int(match[2]), file, name, tensors[name]))
        else:
            listing.error(file, "the key is not <prompt_id>/<repeat>", name[:100])


def _list_folder(folder: Path, listing: Listing) -> None:
    try:
        root = require_inside(folder / FOLDER, folder)
    except InputError as error:
        listing.error(FOLDER, error.what)
        return
    if not root.is_dir():
        listing.error(FOLDER, "is not a folder")
        return
    for directory in _scan(root):
        place = f"{FOLDER}/{directory.name}"
        if not _PROMPT_FOLDER.fullmatch(directory.name):
            listing.error(place, "the name is not a prompt id")
            continue
        inside = Path(directory.path)
        if directory.is_symlink():
            try:
                inside = require_inside(inside, folder)
            except InputError as error:
                listing.error(place, error.what)
                continue
        if not inside.is_dir():
            listing.error(place, "is not a folder")
            continue
        _list_repeats(folder, inside, directory.name, listing)


def _list_repeats(folder: Path, inside: Path, prompt_id: str, listing: Listing) -> None:
    for file in _scan(inside):
        place = f"{FOLDER}/{prompt_id}/{file.name}"
        match = _REPEAT_FILE.fullmatch(file.name)
        if not match:
            listing.error(place, "the name is not <repeat>.npy")
            continue
        try:
            # Only a link can lead out: its folder lies inside.
            if file.is_symlink():
                require_inside(Path(file.path), folder)
        except InputError as error:
            listing.error(place, error.what)
            continue
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            listing.error(place, "is not a regular file")
            continue
        listing.add_file(place, status.st_size)
        listing.add(Entry(prompt_id, int(match[1]), place, None))


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder, sorted by name."""
    with os.scandir(folder) as entries:
        found = list(itertools.islice(entries, MAX_MOTIONS + 1))
    if len(found) > MAX_MOTIONS:
        raise _TooMuchError(f"there are more than {MAX_MOTIONS:,} files in {folder.name}/")
    # Hidden files (.DS_Store and the like) are nobody's motion.
    return sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)
