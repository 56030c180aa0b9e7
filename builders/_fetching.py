"""Pinned files of the web: fetched once, verified by hash, resumed, kept in a cache.

The libraries that fetch for one (pooch, huggingface_hub) check a hash of the bytes or an etag; what
is pinned here is a *git blob id*, and a download that broke off goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from hmu_bench import __version__
from hmu_bench.caching import CACHE, offline
from hmu_bench.errors import InputError
from hmu_bench.files import CHUNK, sha256_file
from hmu_bench.terminal import say

if TYPE_CHECKING:
    import requests
    from rich.progress import Progress

_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_REDIRECTS = 5
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_MAX_RESTARTS = 2
_KEPT = "what has arrived is kept: run it again to go on"


@dataclass(frozen=True, slots=True)
class Pin:
    """A file that never changes: where it is and what it must be.

    Attributes:
        url: http(s).
        digest: `git:<blob id>` (SHA-1 over `blob <size>`, a zero byte and the bytes) or
            `sha256:<hash>`, hexadecimal.
        instead: what the user can do without the download; ends the error lines.
        max_bytes: no more than this is ever read.
    """

    url: str
    digest: str
    instead: str
    max_bytes: int = 200 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try.

    Attributes:
        attempts: in a row without a new byte.
        pause: seconds before the second attempt; doubled before each further one.
        connect: seconds for a connection.
        read: seconds without a byte.
        total: seconds for the whole file; what has arrived is kept for the next run.
        lock: seconds to wait for another process that fetches the same file.
    """

    attempts: int = 4
    pause: float = 1.0
    connect: float = 10.0
    read: float = 30.0
    total: float = 3600.0
    lock: float = 3600.0


class _TryAgainError(Exception):
    """A failure that may pass."""


class _WrongRangeError(Exception):
    """The server does not go on where the file broke off."""


class _TooLargeError(Exception):
    """More comes than the pinned file can have."""


def git_blob_id(path: Path) -> str:
    """The id that git gives a file's content."""
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def digest_of(path: Path, like: str) -> str:
    """The digest of a file, of the same kind as another digest."""
    kind = like.partition(":")[0]
    return f"{kind}:{git_blob_id(path) if kind == 'git' else sha256_file(path)}"


def fetch(pin: Pin, target: Path, *, patience: Patience | None = None) -> Path:
    """The pinned file at `target`: from there if it is the right one, else downloaded.

    A file in place is verified and then never fetched again, so it works offline. A download goes
    to `<target>.part` and is moved into place when its digest is right; a wrong one is removed.
    Processes that want the same file wait for one another.

    Args:
        pin: the file.
        target: its place in a cache.
        patience: how long to try.

    Returns:
        `target`.

    Raises:
        InputError: if the network is forbidden or fails, the content is another one, or the
            folder cannot be written.
    """
    from filelock import FileLock, Timeout

    patience = patience or Patience()
    try:
        if _is(target, pin):
            return target
        if variable := offline():
            state = "the file in the cache is damaged" if target.exists() else "not in the cache"
            raise InputError(
                f"{state}, and {variable} forbids to download {pin.url}",
                where=target,
                fix=f"unset it, or {pin.instead}",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target.with_name(f".{target.name}.lock"))
        try:
            with lock.acquire(timeout=0):
                return _fetch(pin, target, patience)
        except Timeout:
            say(f"waiting for another process that fetches {target.name}")
        try:
            with lock.acquire(timeout=patience.lock):
                return _fetch(pin, target, patience)
        except Timeout as error:
            raise InputError("another process holds the file", where=lock.lock_file) from error
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            where=target,
            fix=f"set {CACHE} to a folder with room, or {pin.instead}",
        ) from error


def _is(path: Path, pin: Pin) -> bool:
    """Whether the pinned file is there."""
    if not path.is_file() or path.stat().st_size > pin.max_bytes:
        return False
    return digest_of(path, pin.digest) == pin.digest


def _fetch(pin: Pin, target: Path, patience: Patience) -> Path:
    """As `fetch`, with the lock held."""
    if _is(target, pin):  # another process was faster
        return target
    part = target.with_name(f"{target.name}.part")
    resumed = _size(part) > 0
    if not (resumed and _is(part, pin)):
        _download(pin, part, patience)
        if resumed and not _is(part, pin):
            # The beginning was of another file, or damaged: once more, from the start.
            part.unlink(missing_ok=True)
            _download(pin, part, patience)
    if not _is(part, pin):
        found = digest_of(part, pin.digest)
        part.unlink(missing_ok=True)
        raise InputError(
            f"the download is not the pinned file ({found}, expected {pin.digest}); it was removed",
            where=pin.url,
            fix=f"check the network (a proxy or login page may answer), or {pin.instead}",
        )
    part.replace(target)
    return target


def _download(pin: Pin, part: Path, patience: Patience) -> None:
    """Fetch the rest of the file; what has arrived stays in `part` if that fails."""
    import requests

    deadline = time.monotonic() + patience.total
    failures = restarts = 0
    with requests.Session() as session, _bar(part.name.removesuffix(".part")) as bar:
        while True:
            before = _size(part)
            try:
                _attempt(session, pin, part, bar, patience, deadline)
                return
            except _WrongRangeError:
                part.unlink(missing_ok=True)
                restarts += 1
                if restarts <= _MAX_RESTARTS:
                    continue
                problem = "the server sends another part of the file than was asked for"
                failures = patience.attempts
            except _TooLargeError as error:
                part.unlink(missing_ok=True)
                raise InputError(
                    f"the download is larger than {pin.max_bytes:,} bytes, so not the pinned file",
                    where=pin.url,
                    fix=pin.instead,
                ) from error
            except _TryAgainError as error:
                failures = 0 if _size(part) > before else failures + 1
                problem = str(error)
            if time.monotonic() > deadline:
                problem = f"not finished after {patience.total:g} s"
            elif failures < patience.attempts:
                time.sleep(patience.pause * 2 ** max(0, failures - 1))
                continue
            raise InputError(
                problem, where=pin.url, fix=f"check the network ({_KEPT}), or {pin.instead}"
            )


def _attempt(
    session: requests.Session,
    pin: Pin,
    part: Path,
    bar: _Bar,
    patience: Patience,
    deadline: float,
) -> None:
    """One request for the rest of the file, appended to `part` as it arrives."""
    import requests
    import urllib3

    offset = _size(part)
    try:
        with _open(session, pin, offset, patience) as response:
            start, total = _extent(response, pin, offset)
            bar.begin(start, total)
            size = start
            with part.open("r+b" if start else "wb") as stream:
                stream.seek(start)
                while chunk := response.raw.read1(CHUNK, decode_content=False):
                    size += len(chunk)
                    if size > pin.max_bytes:
                        raise _TooLargeError
                    stream.write(chunk)
                    bar.advance(size)
                    if time.monotonic() > deadline:
                        raise _TryAgainError("too slow")
            if total is not None and size < total:
                raise _TryAgainError(f"the server stopped after {size:,} of {total:,} bytes")
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise _TryAgainError("the server does not answer in time") from error
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        raise InputError(
            "the server's certificate is not trusted", where=pin.url, fix=pin.instead
        ) from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise _TryAgainError("the server cannot be reached") from error
    except urllib3.exceptions.HTTPError as error:
        raise _TryAgainError(f"the connection broke off after {_size(part):,} bytes") from error
    except requests.RequestException as error:
        raise InputError(f"not a usable address ({type(error).__name__})", where=pin.url) from error


@contextmanager
def _open(
    session: requests.Session, pin: Pin, offset: int, patience: Patience
) -> Iterator[requests.Response]:
    """The answer (200 or 206) to a request from `offset` on; redirects stay http(s)."""
    # Compressed, the bytes would be counted wrongly.
    headers = {"User-Agent": f"hmu-bench/{__version__}", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    here = pin.url
    for _ in range(_MAX_REDIRECTS + 1):
        _check_address(here, came_from=pin.url)
        with session.get(
            here,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=(patience.connect, patience.read),
        ) as response:
            status = response.status_code
            if status in _REDIRECTS and response.headers.get("Location"):
                here = urljoin(here, response.headers["Location"])
                continue
            if status == 416:
                raise _WrongRangeError
            if status in _TRY_AGAIN:
                raise _TryAgainError(f"the server answers {status}")
            if status not in (200, 206):
                raise InputError(
                    f"the server answers {status}",
                    where=here,
                    fix=f"check that the address opens in a browser, or {pin.instead}",
                )
            yield response
            return
    raise InputError("the server redirects without end", where=pin.url, fix=pin.instead)


def _check_address(here: str, came_from: str) -> None:
    """Refuse what is not http(s), and a redirect from https to http."""
    scheme = urlsplit(here).scheme.lower()
    if scheme not in ("http", "https"):
        raise InputError(f"the address is not http(s) but {here[:200]!r}", where=came_from)
    if scheme == "http" and urlsplit(came_from).scheme.lower() == "https":
        raise InputError(f"the server redirects to the unsafe {here[:200]!r}", where=came_from)


def _extent(response: requests.Response, pin: Pin, offset: int) -> tuple[int, int | None]:
    """Where the answer begins in the file, and how large the file is (None: not told)."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise InputError(
            f"the server compresses the file ({encoding})", where=pin.url, fix=pin.instead
        )
    length = _number(response.headers.get("Content-Length"))
    if response.status_code == 200:
        start, total = 0, length
    else:
        unit, _, extent = response.headers.get("Content-Range", "").partition(" ")
        positions, _, whole = extent.partition("/")
        start_or_none = _number(positions.partition("-")[0])
        if unit.lower() != "bytes" or start_or_none != offset:
            raise _WrongRangeError
        start, total = offset, _number(whole)
    if total is not None and total > pin.max_bytes:
        raise _TooLargeError
    return start, total


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


class _Bar:
    """How much of a file has arrived."""

    def __init__(self, name: str, progress: Progress | None) -> None:
        self._progress = progress
        self._task = None if progress is None else progress.add_task(name, total=None)

    def begin(self, start: int, total: int | None) -> None:
        """Show an answer that begins at `start` of `total` bytes."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=start, total=total)

    def advance(self, size: int) -> None:
        """Show that `size` bytes are there."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=size)


@contextmanager
def _bar(name: str) -> Iterator[_Bar]:
    """A bar on stderr if that is a terminal, gone when done."""
    if not sys.stderr.isatty():
        yield _Bar(name, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as progress:
        yield _Bar(name, progress)
