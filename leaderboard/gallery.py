"""The motions of the board: previews read and checked, as stills and as files for the viewer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from hmu_bench.errors import InputError
from hmu_bench.motion.skeleton import FPS
from hmu_bench.records import Record
from hmu_bench.submissions.preview import (
    SUFFIX,
    Millimetres,
    Preview,
    PreviewPrompt,
    read_preview,
)
from leaderboard.board import Board, Output
from leaderboard.stills import POSES, strip
from leaderboard.text import shown


@dataclass(frozen=True, slots=True)
class Shot:
    """One motion of one record, as the pages show it.

    Attributes:
        prompt: what was asked for.
        frames: how many it has, 20 a second.
        still: its poses.
        data: the path of its file for the viewer.
    """

    prompt: PreviewPrompt
    frames: int
    still: Markup
    data: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / FPS


class Gallery:
    """The shots of every record that has a preview, or whose submission has one elsewhere."""

    def __init__(self, board: Board) -> None:
        self._shots: dict[tuple[str, str, str], dict[str, Shot]] = {}
        self._files: list[Output] = []
        prompts: dict[tuple[str, str], PreviewPrompt] = {}
        of_submission: dict[tuple[str, str | None, str | None], dict[str, Shot]] = {}
        for entry in board.entries:
            path = entry.companion(SUFFIX)
            if path is None:
                continue
            preview = read_preview(path)
            check_owner(preview, entry.record, path)
            for prompt in preview.facts.prompts:
                _check_agreement(prompts, prompt, preview, path)
            shots = self._add(entry.record, preview)
            self._shots[_key(entry.record)] = shots
            of_submission.setdefault(_submission(entry.record), shots)
        for record in board.records:
            # One submission, scored under several protocols, needs its preview once.
            if _key(record) not in self._shots and _submission(record) in of_submission:
                self._shots[_key(record)] = of_submission[_submission(record)]

    def shots(self, record: Record | None) -> dict[str, Shot]:
        """Prompt id -> shot of a record, in the order to be shown; empty without a preview."""
        return {} if record is None else self._shots.get(_key(record), {})

    def files(self) -> Iterator[Output]:
        """The files that the viewer loads."""
        yield from self._files

    def _add(self, record: Record, preview: Preview) -> dict[str, Shot]:
        shots = {}
        for prompt in preview.facts.prompts:
            motion = preview.motions[prompt.prompt_id]
            path = motion_path(record, prompt.prompt_id)
            self._files.append(Output(path, motion_script(path, motion)))
            label = f"{shown(record.method.name)}: {POSES} poses over {len(motion) / FPS:.1f} s"
            shots[prompt.prompt_id] = Shot(prompt, len(motion), strip(motion, label), path)
        return shots


@lru_cache(maxsize=1)
def gallery(board: Board) -> Gallery:
    """The gallery of a board, made once.

    Raises:
        InputError: for a preview that is not right, is of another submission or track than its
            record, is of real motions, or says of a prompt what another one does not.
    """
    return Gallery(board)


def motion_path(record: Record, prompt_id: str) -> str:
    """Where the viewer finds a motion."""
    return f"data/motions/{record.track.name}/{record.protocol}/{record.id}/{prompt_id}.js"


def motion_script(path: str, motion: Millimetres) -> str:
    """A motion as a script: it loads from file://, where other files are refused.

    The joints are base64 of int16, little-endian, (frames, 22, 3), millimetres.
    """
    joints = base64.b64encode(motion.astype("<i2").tobytes()).decode("ascii")
    value = json.dumps({"frames": len(motion), "joints": joints})
    return f"hmu.data({json.dumps(path)}, {value});\n"


def check_owner(preview: Preview, record: Record, path: Path) -> None:
    """Refuse a preview that is not of its record's submission.

    Raises:
        InputError: saying what differs.
    """
    facts = preview.facts
    if record.role == "real" or record.kind == "reported":
        raise InputError(
            "real motions and reported figures have no preview", where=path, fix="remove it"
        )
    pairs = (
        ("submission", facts.submission, record.id),
        ("track", facts.track, record.track.name),
        ("track's version", facts.track_version, record.track.version),
        ("track's sha256", facts.track_sha256, record.track.sha256),
        ("submission's sha256", facts.submission_sha256, record.provenance.submission_sha256),
    )
    for what, found, wanted in pairs:
        if wanted is not None and found != wanted:
            raise InputError(
                f"the {what} is {found!r}, its record's is {wanted!r}",
                where=path,
                fix="make it again with `hmu-bench preview`",
            )


def _check_agreement(
    seen: dict[tuple[str, str], PreviewPrompt],
    prompt: PreviewPrompt,
    preview: Preview,
    path: Path,
) -> None:
    """A prompt is the same prompt whoever answers it; only its text may be withheld."""
    first = seen.setdefault((preview.facts.track_sha256, prompt.prompt_id), prompt)
    same = (first.prompt_set, first.category) == (prompt.prompt_set, prompt.category)
    if not same or (first.text and prompt.text and first.text != prompt.text):
        raise InputError(
            "another preview on this track says another set, category or text of the prompt",
            where=path,
            key=prompt.prompt_id,
            fix="make it again with `hmu-bench preview`",
        )


def _key(record: Record) -> tuple[str, str, str]:
    return record.track.name, record.protocol, record.id


def _submission(record: Record) -> tuple[str, str | None, str | None]:
    """What makes two records those of one submission's motions on the same prompts."""
    made = record.provenance.submission_sha256
    return record.track.name, record.track.sha256, made or f"unknown: {_key(record)}"
