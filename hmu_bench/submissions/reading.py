"""Where the motions of a submission lie, and reading them one at a time.

Three layouts, one of them per submission:

    motions.safetensors
    motions-00001-of-00002.safetensors, motions-00002-of-00002.safetensors
    motions/<prompt_id>/<repeat>.npy

Listing reads names and headers only. Nothing is unpickled, no link out of the folder is followed,
and sizes are checked before a motion is read.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.files import require_inside
from hmu_bench.motion.reading import MAX_BYTES, read_npy
from hmu_bench.submissions.problems import Problem
from hmu_bench.tensor_files import open_tensors

SINGLE, FOLDER = "motions.safetensors", "motions"
MAX_MOTIONS = 500_000
MAX_SHARDS = 10_000
MAX_SHARD_BYTES = 256 << 30

_KEY = re.compile(r"([0-9a-f]{16})/(0|[1-9][0-9]{0,2})")
_SHARD = re.compile(r"motions-([0-9]{5})-of-([0-9]{5})\.safetensors")
_REPEAT_FILE = re.compile(r"(0|[1-9][0-9]{0,2})\.npy")
_PROMPT_FOLDER = re.compile(r"[0-9a-f]{16}")
_ITEM_SIZE = {"F16": 2, "F32": 4}
# A mapped file counts as memory in use; opening it anew lets go of what has been read.
_REOPEN_AFTER_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One motion: which prompt and repeat it answers, and where it lies.

    `key` is the tensor's name in a safetensors file, None in an .npy file.
    """

    prompt_id: str
    repeat: int
    file: str
    key: str | None

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

    def error(self, file: str, message: str, key: str | None = None) -> None:
        """Note an error."""
        self.problems.append(Problem("error", file, key, message))

    def add(self, entry: Entry) -> None:
        """Note a motion; a second one of its name is an error."""
        first = self.entries.setdefault(entry.name, entry)
        if first is not entry:
            self.error(entry.file, f"the motion is in {first.file} too", entry.name)


def list_motions(folder: Path) -> Listing:
    """Find every motion in a submission's folder; what is wrong is listed, not raised."""
    listing = Listing()
    shards = sorted(p.name for p in folder.glob("motions-*.safetensors"))
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
    return listing


class MotionReader:
    """Reads motions of a submission, one at a time; a context manager.

    Sequential reading in the order of the names is fastest, and memory stays bounded in any order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, Any] = {}
        self._stack = contextlib.ExitStack()
        self._read = 0

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
        if entry.key is None:
            array = read_npy(require_inside(path, self.folder), where=path)
            if array.dtype.itemsize > 4:
                raise InputError(
                    f"has type {array.dtype}; allowed are float32 and float16", where=path
                )
            return array
        part = self._handle(entry.file).get_slice(entry.key)
        shape, dtype = part.get_shape(), part.get_dtype()
        if dtype not in _ITEM_SIZE:
            raise InputError(
                f"has type {dtype}; allowed are F32 and F16", where=path, key=entry.key
            )
        size = math.prod(shape) * _ITEM_SIZE[dtype]
        if size > MAX_BYTES:
            raise InputError(
                f"has {size:,} bytes (shape {tuple(shape)}); allowed are {MAX_BYTES:,}",
                where=path,
                key=entry.key,
            )
        self._read += size
        tensor: NDArray[np.floating[Any]] = self._handle(entry.file).get_tensor(entry.key)
        return tensor

    def _handle(self, file: str) -> Any:
        if self._read > _REOPEN_AFTER_BYTES or (file not in self._open and len(self._open) >= 16):
            self._close()
        if file not in self._open:
            path = require_inside(self.folder / file, self.folder)
            self._open[file] = self._stack.enter_context(open_tensors(path, MAX_SHARD_BYTES))
        return self._open[file]

    def _close(self) -> None:
        self._open, self._read = {}, 0
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
        listing.error(".", f"the shards are of several sets: of {', '.join(sorted(numbers))}")
    for total, there in numbers.items():
        expected = set(range(1, int(total) + 1))
        for number in sorted(expected - there)[:MAX_SHARDS]:
            listing.error(f"motions-{number:05}-of-{total}.safetensors", "the shard is missing")
        for number in sorted(there - expected):
            listing.error(f"motions-{number:05}-of-{total}.safetensors", "no such shard number")


def _list_tensors(folder: Path, file: str, listing: Listing) -> None:
    try:
        path = require_inside(folder / file, folder)
        with open_tensors(path, MAX_SHARD_BYTES) as handle:
            names: list[str] = sorted(handle.keys())
    except InputError as error:
        listing.error(file, error.what)
        return
    listing.files.append(file)
    if len(listing.entries) + len(names) > MAX_MOTIONS:
        listing.error(file, f"there are more than {MAX_MOTIONS:,} motions")
        return
    for name in names:
        match = _KEY.fullmatch(name)
        if match:
            listing.add(Entry(match[1], int(match[2]), file, name))
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
        try:
            inside = require_inside(Path(directory.path), folder)
        except InputError as error:
            listing.error(place, error.what)
            continue
        if not inside.is_dir():
            listing.error(place, "is not a folder")
            continue
        if not _list_repeats(folder, inside, directory.name, listing):
            return


def _list_repeats(folder: Path, inside: Path, prompt_id: str, listing: Listing) -> bool:
    for file in _scan(inside):
        place = f"{FOLDER}/{prompt_id}/{file.name}"
        match = _REPEAT_FILE.fullmatch(file.name)
        if not match:
            listing.error(place, "the name is not <repeat>.npy")
            continue
        if len(listing.entries) >= MAX_MOTIONS:
            listing.error(FOLDER, f"there are more than {MAX_MOTIONS:,} motions")
            return False
        try:
            if not require_inside(Path(file.path), folder).is_file():
                raise InputError("is not a regular file")
        except InputError as error:
            listing.error(place, error.what)
            continue
        listing.files.append(place)
        listing.add(Entry(prompt_id, int(match[1]), place, None))
    return True


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    # Hidden files (.DS_Store and the like) are nobody's motion.
    with os.scandir(folder) as entries:
        yield from sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
