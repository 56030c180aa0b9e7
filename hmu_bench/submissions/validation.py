"""Checking a submission against a track: every problem, and the motions one at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import require_inside
from hmu_bench.progress import Progress, silent
from hmu_bench.submissions.conversion import to_features
from hmu_bench.submissions.problems import Problem, Report
from hmu_bench.submissions.reading import Entry, Listing, MotionReader, list_motions
from hmu_bench.submissions.schema import MAX_SUBMISSION_BYTES, SUBMISSION_FILE, SubmissionInfo
from hmu_bench.tracks import Track
from hmu_bench.yaml_files import read_yaml

# Features that move less than this in every frame are one pose held still.
FROZEN = 1e-4


@dataclass
class Observations:
    """What the motions show while they pass: facts for warnings and honesty flags."""

    half_precision: int = 0
    frozen: list[str] = field(default_factory=list)
    digests: dict[str, list[str]] = field(default_factory=dict)

    def note(self, entry: Entry, raw: NDArray[Any], features: NDArray[np.float32]) -> None:
        """Note one readable motion."""
        self.half_precision += raw.dtype.itemsize == 2
        if float(np.abs(features - features[0]).max()) < FROZEN:
            self.frozen.append(entry.name)
        digest = hashlib.sha256(features.tobytes()).hexdigest()
        self.digests.setdefault(digest, []).append(entry.name)

    def warnings(self) -> list[tuple[str, str, int]]:
        """Name, message and count of each kind of thing worth a warning."""
        found = []
        if self.half_precision:
            found.append(
                (
                    "float16",
                    "motions are stored in float16; its rounding raises jerk",
                    self.half_precision,
                )
            )
        if self.frozen:
            found.append(
                ("frozen", f"motions do not move (first: {self.frozen[0]})", len(self.frozen))
            )
        shared = 0
        repeated: set[str] = set()
        for names in self.digests.values():
            prompts = Counter(name.split("/")[0] for name in names)
            shared += len(names) if len(prompts) > 1 else 0
            repeated |= {prompt for prompt, times in prompts.items() if times > 1}
        if shared:
            found.append(("duplicates", "motions are the same for more than one prompt", shared))
        if repeated:
            found.append(
                ("equal-repeats", "prompts have repeats that are the same motion", len(repeated))
            )
        return found


def validate(path: str | Path, track: Track, *, progress: Progress = silent) -> Report:
    """Every problem of the submission in a folder, on a track.

    Args:
        path: the submission's folder.
        track: what it should answer.
        progress: shows how far it is.

    Raises:
        InputError: if there is no such folder.
    """
    folder = submission_folder(path)
    info, problems = read_info(folder)
    listing = list_motions(folder)
    problems += listing.problems
    if info is None:
        return Report(len(track.prompts), 0, len(listing.entries), problems)
    problems += coverage_problems(info, listing, track)
    observations = Observations()
    entries = expected_entries(info, listing, track)
    good: Counter[str] = Counter()
    for entry, features in stream(folder, info, entries, track, observations, progress):
        if isinstance(features, Problem):
            problems.append(features)
        else:
            good[entry.prompt_id] += 1
    for name, message, count in observations.warnings():
        problems.append(Problem("warning", ".", None, f"{count} {message} ({name})"))
    answered = sum(good[prompt.prompt_id] == info.repeats for prompt in track.prompts)
    return Report(len(track.prompts), answered, len(listing.entries), problems)


def submission_folder(path: str | Path) -> Path:
    """The folder of a submission.

    Raises:
        InputError: if it is none.
    """
    folder = Path(path)
    if not folder.is_dir():
        wrong = "is a file, not a folder" if folder.exists() else "does not exist"
        raise InputError(f"the submission {wrong}", where=folder, fix="give its folder")
    return folder


def read_info(folder: Path) -> tuple[SubmissionInfo | None, list[Problem]]:
    """`submission.yaml`, or None and everything that is wrong with it."""
    try:
        path = require_inside(folder / SUBMISSION_FILE, folder)
        value = read_yaml(path, MAX_SUBMISSION_BYTES)
    except InputError as error:
        line = f"line {error.line}" if error.line else None
        return None, [Problem("error", SUBMISSION_FILE, line, error.what)]
    try:
        return SubmissionInfo.model_validate(value), []
    except ValidationError as error:
        problems = []
        for one in error.errors(include_url=False):
            key = ".".join(str(part) for part in one["loc"])[:200] or None
            problems.append(Problem("error", SUBMISSION_FILE, key, one["msg"]))
        return None, problems


def coverage_problems(info: SubmissionInfo, listing: Listing, track: Track) -> list[Problem]:
    """The wrong track, prompts without motions, motions without a prompt."""
    problems = []
    if info.track != track.info.name:
        problems.append(
            Problem(
                "error",
                SUBMISSION_FILE,
                "track",
                f"the submission is for {info.track!r}, the track is {track.info.name!r}",
            )
        )
    for prompt in track.prompts:
        missing = [
            str(r) for r in range(info.repeats) if f"{prompt.prompt_id}/{r}" not in listing.entries
        ]
        if missing:
            which = "repeat" if len(missing) == 1 else "repeats"
            message = f"the prompt has no motion for {which} {', '.join(missing)}"
            problems.append(Problem("error", ".", prompt.prompt_id, message))
    for entry in sorted(listing.entries.values(), key=lambda e: (e.prompt_id, e.repeat)):
        if entry.prompt_id not in track.by_id:
            problems.append(
                Problem("error", entry.file, entry.name, "the track has no such prompt")
            )
        elif entry.repeat >= info.repeats:
            message = f"submission.yaml announces {info.repeats} repeats (0 to {info.repeats - 1})"
            problems.append(Problem("error", entry.file, entry.name, message))
    return problems


def expected_entries(info: SubmissionInfo, listing: Listing, track: Track) -> list[Entry]:
    """The motions that the track asks for and that are there, ordered by prompt and repeat."""
    names = (f"{p.prompt_id}/{r}" for p in track.prompts for r in range(info.repeats))
    return [listing.entries[name] for name in names if name in listing.entries]


def stream(
    folder: Path,
    info: SubmissionInfo,
    entries: list[Entry],
    track: Track,
    observations: Observations,
    progress: Progress = silent,
) -> Iterator[tuple[Entry, NDArray[np.float32] | Problem]]:
    """The motions one at a time: features (num_frames, 263), or the problem instead."""
    with MotionReader(folder) as reader:
        for entry in progress(entries, "motions"):
            frames = track.by_id[entry.prompt_id].num_frames
            try:
                raw = reader.read(entry)
                features = to_features(raw, info.representation, info.fps, frames)
            except InputError as error:
                yield entry, Problem("error", entry.file, entry.name, error.what)
            else:
                observations.note(entry, raw, features)
                yield entry, features
