"""Putting the two repositories of a pair in place: both whole, or nothing changed.

No file system swaps two folders in one step, so the pair goes through a folder that is complete:

    .NAME.new-XXXX   being filled; removed if the build fails, or by the next run if it was killed
    .NAME.ready      complete: from here on the new pair is what counts
    .NAME.old        the pair that it replaces

`.new-XXXX` becomes `.ready` in one rename; then both old folders are moved away, then both new
ones in. Killed in between, a folder of the pair can be absent (loading it fails), but never do
folders of two builds stand side by side; the next run that finds `.ready` finishes the move.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hmu_bench import HUB_ORGANISATION
from hmu_bench.datasets.model import ROLES, Role
from hmu_bench.datasets.report import BUILD_FILE
from hmu_bench.errors import InputError

try:
    import fcntl
except ImportError:  # no such locks on Windows: do not run two builds of one name at once there
    fcntl = None  # type: ignore[assignment]

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EBADF, errno.EINVAL)


def repository(out: Path, name: str, role: Role) -> Path:
    """Where a repository of a pair stands below the output folder."""
    return out / HUB_ORGANISATION / f"{name}-{role}"


def unfinished(folder: Path) -> bool:
    """Whether a run was killed while it moved this repository and its counterpart into place."""
    folder = folder.absolute()
    return _ready(folder.parent, folder.name.rpartition("-")[0]).exists()


def check_target(out: Path, name: str) -> None:
    """Refuse to replace what no builder made.

    Raises:
        InputError: if the output folder is a file, or a folder of the pair was not made by us.
    """
    for folder in (out, out / HUB_ORGANISATION):
        if folder.exists() and not folder.is_dir():
            raise InputError("the output path is not a folder", where=folder)
    for role in ROLES:
        target = repository(out, name, role)
        ours = (target / BUILD_FILE).is_file() or (target.is_dir() and not any(target.iterdir()))
        if target.exists() and not ours:
            raise InputError(
                f"it is in the way and was not made by a builder (no {BUILD_FILE})",
                where=target,
                fix="move it away, or choose another --out",
            )


@contextlib.contextmanager
def staged_pair(out: Path, name: str) -> Iterator[dict[Role, Path]]:
    """Two empty folders to fill; they take the pair's place when the block ends well.

    On an exception (KeyboardInterrupt included) nothing of them stays and the old pair, if any, is
    as it was.

    Raises:
        InputError: if the output folder cannot be written.
    """
    hub = out / HUB_ORGANISATION
    made = [folder for folder in (hub, *hub.parents) if not folder.exists()]
    try:
        hub.mkdir(parents=True, exist_ok=True)
        with _locked(hub):
            _finish(hub, name)
            _sweep(hub, name)
            staging = Path(tempfile.mkdtemp(dir=hub, prefix=f".{name}.new-"))
            # The lock tells the next run that this folder is in use; it ends with the process.
            alive = contextlib.ExitStack()
            alive.enter_context(_locked(staging))
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=hub) from error
    with alive:
        try:
            folders = {role: staging / role for role in ROLES}
            for folder in folders.values():
                folder.mkdir()
            yield folders
            _sync(staging)
            with _locked(hub):
                _finish(hub, name)
                check_target(out, name)
                staging.replace(_ready(hub, name))
                try:
                    _finish(hub, name)
                except KeyboardInterrupt:
                    _finish(hub, name)
                    raise
        except BaseException as error:
            shutil.rmtree(staging, ignore_errors=True)
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if isinstance(error, OSError) and error.errno is not None:
                raise InputError(f"cannot be written ({error.strerror})", where=hub) from error
            raise


def _ready(hub: Path, name: str) -> Path:
    return hub / f".{name}.ready"


def _finish(hub: Path, name: str) -> None:
    """Move a pair that is ready into place; does nothing if there is none. May be repeated."""
    ready, old = _ready(hub, name), hub / f".{name}.old"
    if ready.exists():
        waiting = [role for role in ROLES if (ready / role).exists()]
        old.mkdir(exist_ok=True)
        for role in waiting:
            target = hub / f"{name}-{role}"
            if target.exists():
                target.replace(Path(tempfile.mkdtemp(dir=old)) / role)
        for role in waiting:
            (ready / role).replace(hub / f"{name}-{role}")
        _sync_folder(hub)
        shutil.rmtree(ready)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(hub: Path, name: str) -> None:
    """Remove what killed runs left behind; folders of runs that are alive stay."""
    for stale in hub.glob(f".{name}.new-*"):
        with contextlib.suppress(BlockingIOError), _locked(stale, wait=False):
            shutil.rmtree(stale, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold the folder's lock. Raises BlockingIOError if we do not wait and cannot have it now.

    Some network file systems know no locks: then a run that waits goes on without one, and a run
    that does not wait takes the folder to be in use.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if not wait:
                raise BlockingIOError from error
            if error.errno not in _NO_LOCKS:
                raise
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Have everything below the folder on disk."""
    for place, _, files in os.walk(folder):
        for name in files:
            _sync_folder(Path(place) / name)
        _sync_folder(Path(place))


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
