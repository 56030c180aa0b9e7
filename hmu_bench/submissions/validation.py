"""Checking a submission against a track: every problem, and the motions one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import require_inside
from hmu_bench.progress import Progress, silent
from hmu_bench.submissions.conversion import to_features, to_joints
from hmu_bench.submissions.facts import DIGEST_BYTES, FactTable, MotionFacts, digest, motion_facts
from hmu_bench.submissions.findings import motion_findings
from hmu_bench.submissions.problems import Problem, Report
from hmu_bench.submissions.reading import Entry, Listing, MotionReader, list_motions
from hmu_bench.submissions.schema import MAX_SUBMISSION_BYTES, SUBMISSION_FILE, SubmissionInfo
from hmu_bench.tracks import Prompt, Track
from hmu_bench.yaml_files import read_yaml


@dataclass(frozen=True)
class Motion:
    """A motion that can be scored.

    Attributes:
        features: (num_frames, 263).
        joints: (num_frames, 22, 3) of the features.
        facts: what it shows.
        digest: (32,) uint8, of the features.
    """

    features: NDArray[np.float32]
    joints: NDArray[np.float32]
    facts: MotionFacts
    digest: NDArray[np.uint8]


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
    entries = expected_entries(info, listing, track.prompts)
    good: Counter[str] = Counter()
    names, facts, digests = [], [], []
    for entry, motion in stream(folder, info, entries, track, progress):
        if isinstance(motion, Problem):
            problems.append(motion)
            continue
        good[entry.prompt_id] += 1
        names.append(entry.name)
        facts.append(motion.facts)
        digests.append(motion.digest)
    table = FactTable(
        names,
        np.array(facts, dtype=np.float64).reshape(-1, len(MotionFacts._fields)),
        np.array(digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES),
    )
    for name, message, number in motion_findings(table):
        problems.append(Problem("warning", ".", None, f"{number} {message} ({name})"))
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


def coverage_problems(
    info: SubmissionInfo, listing: Listing, track: Track, asked: Sequence[Prompt] | None = None
) -> list[Problem]:
    """The wrong track, prompts without motions, motions without a prompt.

    Args:
        info: `submission.yaml`.
        listing: the motions that are there.
        track: what should be answered.
        asked: the prompts that must be answered; all of the track by default.
    """
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
    for prompt in track.prompts if asked is None else asked:
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


def expected_entries(
    info: SubmissionInfo, listing: Listing, prompts: Sequence[Prompt]
) -> list[Entry]:
    """The motions that the prompts ask for and that are there, ordered by prompt and repeat."""
    names = (f"{p.prompt_id}/{r}" for p in prompts for r in range(info.repeats))
    return [listing.entries[name] for name in names if name in listing.entries]


def stream(
    folder: Path,
    info: SubmissionInfo,
    entries: Sequence[Entry],
    track: Track,
    progress: Progress = silent,
) -> Iterator[tuple[Entry, Motion | Problem]]:
    """The motions one at a time, ready to be scored; or the problem instead."""
    with MotionReader(folder) as reader:
        for entry in progress(entries, "motions"):
            frames = track.by_id[entry.prompt_id].num_frames
            try:
                raw = reader.read(entry)
                features = to_features(raw, info.representation, info.fps, frames)
                joints = to_joints(features)
            except InputError as error:
                yield entry, Problem("error", entry.file, entry.name, error.what)
            else:
                facts = motion_facts(raw, features, joints, info.representation)
                yield entry, Motion(features, joints, facts, digest(features))
