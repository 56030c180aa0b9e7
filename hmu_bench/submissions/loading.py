"""A submission that can be read: its `submission.yaml` is right and its motions are listed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import require_inside, sha256_files
from hmu_bench.submissions.problems import raise_first
from hmu_bench.submissions.reading import Listing, list_motions
from hmu_bench.submissions.schema import SUBMISSION_FILE, SubmissionInfo
from hmu_bench.submissions.validation import read_info, submission_folder


@dataclass(frozen=True)
class Submission:
    """A submission's folder, what `submission.yaml` says, and where its motions lie.

    Attributes:
        folder: the folder.
        info: `submission.yaml`.
        listing: the motions by name `<prompt_id>/<repeat>`; nothing but headers has been read.
    """

    folder: Path
    info: SubmissionInfo
    listing: Listing

    @cached_property
    def sha256(self) -> str:
        """Hash over `submission.yaml` and every file of motions (see `files.sha256_files`)."""
        return sha256_files(
            {name: require_inside(self.folder / name, self.folder) for name in self._names}
        )

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """While the block reads motions: what it read is what `sha256` says.

        Raises:
            InputError: after the block, if a file is not the one any more that it was before (by
                its size, time of change and place on the disk).
        """
        before = [self._state(name) for name in self._names]
        yield
        _ = self.sha256
        for name, state in zip(self._names, before, strict=True):
            if state is None or self._state(name) != state:
                raise InputError(
                    "the file was changed while it was read",
                    where=self.folder / name,
                    fix="leave the submission alone and score it again",
                )

    @property
    def _names(self) -> list[str]:
        return [SUBMISSION_FILE, *self.listing.files]

    def _state(self, name: str) -> tuple[int, ...] | None:
        """What changes when the file does; None if it is gone."""
        try:
            found = (self.folder / name).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def load_submission(path: str | Path) -> Submission:
    """Open a submission; its motions are not read yet.

    Args:
        path: the submission's folder.

    Raises:
        InputError: if the folder, `submission.yaml` or the layout of the motions is wrong. Whether
            it answers a track is for `validate` and `score` to say.
    """
    folder = submission_folder(path)
    info, problems = read_info(folder)
    raise_first(problems, folder)
    assert info is not None
    listing = list_motions(folder)
    raise_first(listing.problems, folder)
    return Submission(folder, info, listing)
