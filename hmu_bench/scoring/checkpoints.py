"""Parts of a scoring that are done, kept aside so that an interrupted one goes on where it was.

Embedding is what takes long: hours for a large submission on a slow machine. What is known of each
motion (embedding, physics, facts) is kept in files of a fixed number of motions each, in
`$HMU_CACHE/scoring/<key>/`. The key is a hash of everything that these numbers depend on, so parts
of another submission, track, evaluator, package, library or kind of machine are never found. Each
file holds a hash of key, place and content; a damaged one is told once and made anew. Files are
written whole, so that a kill at any moment loses at most one part.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import platform
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from hmu_bench import __version__
from hmu_bench.caching import cache_folder
from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, sha256_bytes, write_atomic
from hmu_bench.scoring.paper import BATCH
from hmu_bench.submissions.facts import DIGEST_BYTES, MotionFacts
from hmu_bench.tensor_files import open_tensors

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.submissions import Submission
    from hmu_bench.tracks import Track

MOTIONS: Final = 1024
"""Motions of one file: seconds to a minute of work."""
FORMAT: Final = 1
KEPT_DAYS: Final = 30
"""What nobody came back for is removed after so long."""
MAX_PART_BYTES: Final = 1 << 30
_KEY = re.compile(r"[0-9a-f]{64}")
_LOG = logging.getLogger("hmu_bench")


@dataclass(frozen=True)
class Columns:
    """What is known of N motions, a row each, to be filled.

    Attributes:
        embeddings: (N, D) float32.
        physics: (N, K) float64.
        facts: (N, F) float64, see `MotionFacts`.
        digests: (N, 32) uint8.
    """

    embeddings: NDArray[np.float32]
    physics: NDArray[np.float64]
    facts: NDArray[np.float64]
    digests: NDArray[np.uint8]

    @classmethod
    def empty(cls, motions: int, dim: int, physics: int) -> Self:
        """Columns without a value yet."""
        return cls(
            np.empty((motions, dim), np.float32),
            np.empty((motions, physics)),
            np.empty((motions, len(MotionFacts._fields))),
            np.empty((motions, DIGEST_BYTES), np.uint8),
        )

    def rows(self, part: slice) -> dict[str, NDArray[Any]]:
        """The arrays of some of the motions, by name; views."""
        return {name: getattr(self, name)[part] for name in self.__dataclass_fields__}


@dataclass
class Checkpoints:
    """The files of one scoring.

    Attributes:
        folder: where they lie.
        key: hash of all that their numbers depend on.
        every: motions of each, a multiple of the batch.
        found: motions that were there already.
        kept: motions that are there now.
    """

    folder: Path
    key: str
    every: int
    found: int = 0
    kept: int = 0
    _told: bool = field(default=False, repr=False)

    def load(self, columns: Columns) -> list[slice]:
        """Fill what is there into the columns; the parts that are still to be done, in order."""
        missing, damaged = [], 0
        for part in _parts(len(columns.embeddings), self.every):
            path = self._path(part)
            try:
                found = _read(path, self.key, part, columns.rows(part))
            except InputError:
                damaged += path.exists()
                found = None
            if found is None:
                missing.append(part)
                continue
            for name, array in columns.rows(part).items():
                array[:] = found[name]
            self.found += part.stop - part.start
        if damaged:
            _LOG.warning("%d damaged checkpoints in %s are made anew", damaged, self.folder)
        self.kept = self.found
        if self.found:
            total = len(columns.embeddings)
            _LOG.info(
                "going on: %s of %s motions were done before", f"{self.found:,}", f"{total:,}"
            )
        return missing

    def keep(self, columns: Columns, part: slice) -> None:
        """Write a part that is done. A disk that takes no more is told once, and no error."""
        from safetensors.numpy import save

        arrays = columns.rows(part)
        sha = np.frombuffer(_hash(self.key, part, arrays), np.uint8)
        try:
            write_atomic(self._path(part), save({**arrays, "sha256": sha}))
        except OSError as error:
            if not self._told:
                _LOG.warning("no checkpoint can be kept in %s (%s)", self.folder, error.strerror)
            self._told = True
        else:
            self.kept += part.stop - part.start

    def remove(self) -> None:
        """Remove them all: the record is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, part: slice) -> Path:
        return self.folder / f"{part.start:06}-{part.stop:06}.safetensors"


def open_checkpoints(
    submission: Submission,
    track: Track,
    evaluator: Evaluator,
    *,
    every: int = MOTIONS,
    limit: int | None = None,
) -> Checkpoints | None:
    """The checkpoints of a scoring, in `$HMU_CACHE/scoring`; old ones are removed from there.

    Args:
        submission: is hashed, every byte of it.
        track: what it answers.
        evaluator: embeds its motions.
        every: motions of one file, a multiple of 32; 0 for none at all.
        limit: prompts of a set, in a dry run.

    Returns:
        None where there is nothing to keep: fewer motions than two files would hold, or `every` 0.

    Raises:
        InputError: if `every` is negative or no multiple of 32.
    """
    if every < 0 or every % BATCH:
        raise InputError(f"{every} motions a checkpoint; give a multiple of {BATCH}, or 0 for none")
    motions = len(track.prompts) * submission.info.repeats
    if not every or motions < 2 * every:
        return None
    folder = cache_folder() / "scoring"
    _remove_old(folder)
    key = _key(submission, track, evaluator, every, limit)
    return Checkpoints(folder / key, key, every)


def _key(
    submission: Submission, track: Track, evaluator: Evaluator, every: int, limit: int | None
) -> str:
    import torch

    facts = {
        "format": FORMAT,
        "submission": submission.sha256,
        "track": track.sha256,
        "evaluator": evaluator.sha256,
        "device": str(evaluator.device),
        "every": every,
        "limit": limit,
        "package": __version__,
        "numpy": np.__version__,
        "torch": str(torch.__version__),
        "machine": platform.machine(),
    }
    return sha256_bytes(canonical_json(facts).encode())


def _parts(motions: int, every: int) -> list[slice]:
    return [slice(s, min(s + every, motions)) for s in range(0, motions, every)]


def _read(
    path: Path, key: str, part: slice, expected: dict[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """The arrays of one file.

    Raises:
        InputError: if it is missing, damaged, or of another part or scoring.
    """
    with open_tensors(path, MAX_PART_BYTES) as file:
        if set(file.tensors) != {*expected, "sha256"}:
            raise InputError("is no checkpoint", where=path)
        for name, array in expected.items():
            place = file.tensors[name]
            if place.shape != array.shape or place.size != array.nbytes:
                raise InputError("is another checkpoint", where=path, key=name)
        if file.tensors["sha256"].size != hashlib.sha256().digest_size:
            raise InputError("is no checkpoint", where=path, key="sha256")
        found = {name: file.read(name) for name in file.tensors}
    sha = found.pop("sha256")
    for name, array in expected.items():
        if found[name].dtype != array.dtype:
            raise InputError("is another checkpoint", where=path, key=name)
    if sha.tobytes() != _hash(key, part, found):
        raise InputError("is damaged", where=path)
    return found


def _hash(key: str, part: slice, arrays: dict[str, NDArray[Any]]) -> bytes:
    found = hashlib.sha256(f"{key} {part.start} {part.stop}".encode())
    for name in sorted(arrays):
        found.update(name.encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.digest()


def _remove_old(folder: Path, now: float | None = None) -> None:
    oldest = (time.time() if now is None else now) - KEPT_DAYS * 86400
    found: Sequence[Path] = []
    with contextlib.suppress(OSError):
        found = list(folder.iterdir()) if folder.is_dir() else []
    for path in found:
        # Another scoring may remove the same ones meanwhile.
        with contextlib.suppress(OSError):
            if _KEY.fullmatch(path.name) and path.lstat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)
