r"""The text files of a folder or a zip, read whole, bounded and safely.

Both give the same list for the same files: names are relative to the folder that holds the texts
(`texts/` for HumanML3D, `semantic_labels/` for Motion-X), wherever it lies in the tree.
"""

from __future__ import annotations

import io
import itertools
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hmu_bench.datasets.model import Problem, check_name
from hmu_bench.errors import InputError
from hmu_bench.files import open_regular, require_inside, sha256_bytes
from hmu_bench.progress import Progress, silent

MAX_FILE_BYTES = 4 << 20
MAX_TOTAL_BYTES = 256 << 20
MAX_FILES = 1_000_000
MAX_ZIP_BYTES = 1 << 30
MAX_ZIP_DIRECTORY = 32 << 20
"""Bytes of a zip's list of files, which is read whole: 300,000 files with long names."""

SUFFIX = ".txt"


@dataclass(frozen=True, slots=True)
class TextFile:
    """One text file: its name without `.txt` (the clip id), its place, its bytes."""

    name: str
    where: str
    data: bytes


@dataclass(frozen=True, slots=True)
class TextTree:
    """The text files, sorted by name, and what else was there.

    Attributes:
        files: every .txt file below the text folder.
        problems: files that were refused.
        ignored: how many other files there are.
    """

    files: list[TextFile]
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0

    @property
    def sha256(self) -> str:
        """Hash over names and contents: the same for a folder and a zip, in any order."""
        lines = (f"{file.name}\0{sha256_bytes(file.data)}\n" for file in self.files)
        return sha256_bytes("".join(lines).encode())


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str  # inside the tree, with forward slashes
    source: str | zipfile.ZipInfo
    refused: str | None = None


def read_tree(
    path: Path,
    roots: tuple[str, ...],
    progress: Progress = silent,
    *,
    is_top: Callable[[str], bool] | None = None,
    spelling: Callable[[str], str] = str,
) -> TextTree:
    """Read every text file of a folder or a zip.

    Args:
        path: the folder or zip.
        roots: names of folders that hold the texts; the first that occurs is the one that is read,
            and where none does, the whole tree is.
        progress: shows how far it is.
        is_top: whether a folder of this name stands at the top of the texts. Roots are looked for
            above such folders only; where there is no root, the one folder that all of them stand
            in is no part of the names.
        spelling: a name as the tree has it -> as it shall be.

    Raises:
        InputError: if there is no such path, it is neither folder nor zip, it holds no text file,
            a zip is damaged or leads out of its folder, or it is larger than the limits allow.
    """
    with ExitStack() as stack:
        archive: zipfile.ZipFile | None = None
        if path.is_dir():
            entries = list(_folder_entries(path))
        elif path.is_file():
            archive = _open_zip(path, stack)
            infos = (info for info in archive.infolist() if not info.filename.endswith("/"))
            entries = [_zip_entry(info, path) for info in infos]
        else:
            kind = "is neither a folder nor a file" if path.exists() else "does not exist"
            raise InputError(f"the path {kind}", where=path, fix="check the path")
        names = [spelling(name) for name in _names(entries, roots, is_top)]
        chosen, problems, ignored = _choose(entries, names, path)
        files = []
        room = MAX_TOTAL_BYTES
        for name, entry in progress(chosen, "reading texts"):
            data = _read(entry, archive, path)
            room -= len(data)
            if room < 0:
                raise InputError(f"the texts hold more than {MAX_TOTAL_BYTES:,} bytes", where=path)
            files.append(TextFile(name, f"{path}/{entry.path}", data))
    if not files and not problems:
        raise InputError(f"no .txt file in it ({ignored:,} others)", where=path, fix="check it")
    return TextTree(files, problems, ignored)


def _names(
    entries: list[_Entry], roots: tuple[str, ...], is_top: Callable[[str], bool] | None
) -> list[str]:
    """Every entry's path below the folder that holds the texts; empty if it is not below it."""
    folders = [tuple(entry.path.split("/")[:-1]) for entry in entries]
    above = [folder[: _top(folder, is_top)] for folder in folders]
    known = {name for folder in above for name in folder}
    root = next((root for root in roots if root in known), None)
    if root is not None:
        return [
            entry.path.split("/", folder.index(root) + 1)[-1] if root in folder else ""
            for entry, folder in zip(entries, above, strict=True)
        ]
    wrappers = {a for a, f in zip(above, folders, strict=True) if len(a) < len(f)}
    wrapper = "/".join([*wrappers.pop(), ""]) if is_top and len(wrappers) == 1 else ""
    return [entry.path.removeprefix(wrapper) for entry in entries]


def _top(folder: tuple[str, ...], is_top: Callable[[str], bool] | None) -> int:
    """The place of the first part that stands at the top of the texts; the end if none does."""
    if is_top is None:
        return len(folder)
    return next((place for place, name in enumerate(folder) if is_top(name)), len(folder))


def _choose(
    entries: list[_Entry], names: list[str], path: Path
) -> tuple[list[tuple[str, _Entry]], list[Problem], int]:
    """The entries that are texts, by name, sorted; those refused; how many others there are."""
    chosen: list[tuple[str, _Entry]] = []
    problems: list[Problem] = []
    ignored = 0
    for entry, full in zip(entries, names, strict=True):
        parts = full.split("/")
        name = full.removesuffix(SUFFIX)
        junk = any(part.startswith(".") or part == "__MACOSX" for part in parts)
        if junk or not parts[-1].endswith(SUFFIX):
            ignored += 1
            continue
        wrong = entry.refused
        if wrong is None and (bad := check_name(name)):
            wrong = f"the name {bad}"
        if wrong is not None:
            where = f"{path}/{entry.path}"
            problems.append(Problem("refused file", wrong, where, name + SUFFIX, clip_id=name))
        else:
            chosen.append((name, entry))
    if len(chosen) > MAX_FILES:
        raise InputError(f"more than {MAX_FILES:,} text files", where=path)
    chosen.sort(key=lambda pair: (pair[0], pair[1].path))
    problems.sort(key=lambda problem: problem.name)
    return chosen, problems, ignored


def _folder_entries(folder: Path) -> Iterator[_Entry]:
    """Regular files, and links to such that stay in the folder; linked folders are not entered."""
    pending = [(os.fspath(folder), "")]
    count = 0
    while pending:
        place, prefix = pending.pop()
        try:
            found = list(itertools.islice(os.scandir(place), 2 * MAX_FILES + 1))
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", where=place) from error
        count += len(found)
        if count > 2 * MAX_FILES:
            raise InputError(f"more than {2 * MAX_FILES:,} files", where=folder)
        for item in found:
            if item.is_dir(follow_symlinks=False):
                pending.append((item.path, f"{prefix}{item.name}/"))
            elif item.is_symlink():
                refused = _link_problem(Path(item.path), folder)
                yield _Entry(prefix + item.name, item.path, refused)
            elif item.is_file(follow_symlinks=False):
                yield _Entry(prefix + item.name, item.path)


def _link_problem(link: Path, folder: Path) -> str | None:
    try:
        target = require_inside(link, folder)
    except InputError:
        return "it is a link that leads out of the folder"
    return None if target.is_file() else "it is a link that leads to no file"


class _BoundedReader(io.BufferedReader):
    """A file that gives no more at once than the longest list of files a zip may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_ZIP_DIRECTORY:
            raise zipfile.BadZipFile(f"its list of files has {size:,} bytes")
        return super().read(size)


def _open_zip(path: Path, stack: ExitStack) -> zipfile.ZipFile:
    stream = stack.enter_context(_BoundedReader(open_regular(path).detach()))
    if os.fstat(stream.fileno()).st_size > MAX_ZIP_BYTES:
        raise InputError(f"the file is larger than {MAX_ZIP_BYTES:,} bytes", where=path)
    try:
        return stack.enter_context(zipfile.ZipFile(stream))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, OverflowError) as error:
        raise InputError(
            f"not a zip file that can be read ({error})",
            where=path,
            fix="give a folder of .txt files, or a zip of it",
        ) from error


def _zip_entry(info: zipfile.ZipInfo, path: Path) -> _Entry:
    name = info.filename
    if name.startswith("/") or ".." in name.split("/"):
        raise InputError("the zip names a file outside its own folder", where=path, key=name)
    if stat.S_ISLNK(info.external_attr >> 16):
        return _Entry(name, info, "it is a link")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The others may reserve gigabytes before they give a byte.
        return _Entry(name, info, "it is packed with another method than deflate")
    return _Entry(name, info)


def _read(entry: _Entry, archive: zipfile.ZipFile | None, path: Path) -> bytes:
    where = f"{path}/{entry.path}"
    try:
        if isinstance(entry.source, str):
            with open(entry.source, "rb") as handle:  # noqa: PTH123 (a Path each is slow)
                data = handle.read(MAX_FILE_BYTES + 1)
        else:
            assert archive is not None
            with archive.open(entry.source) as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", where=where) from error
    except (
        zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, NotImplementedError, EOFError,
        ValueError, OverflowError,
    ) as error:  # fmt: skip
        raise InputError(f"the zip is damaged or locked here ({error})", where=where) from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"the text file is larger than {MAX_FILE_BYTES:,} bytes", where=where)
    return data
