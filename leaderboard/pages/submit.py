"""The submit guide: from prompts to a record on the board. Keys and limits come from the models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hmu_bench.motion.reading import MAX_BYTES
from hmu_bench.submissions.reading import MAX_MOTIONS
from hmu_bench.submissions.reading import MAX_SUBMISSION_BYTES as MAX_ALL_BYTES
from hmu_bench.submissions.schema import MAX_SUBMISSION_BYTES, SubmissionInfo
from hmu_bench.tracks.schema import FPS, MAX_FRAMES, MIN_FRAMES
from leaderboard.board import Board, Output
from leaderboard.checks import MEANINGS
from leaderboard.pages.datasets import packs

EXAMPLE = """\
name: my-method
track: TRACK
method: My method
description: One paragraph on what it does.
base_model: my-base-model
unlearned: [violence]
authors: [A. Author, B. Author]
paper: https://arxiv.org/abs/0000.00000
code: https://example.org/code
license: MIT
family: fine-tuning
representation: humanml3d-263
repeats: 3
seed: 1
"""
MEANING = {
    "name": "id of the record: lower case, digits, dots, dashes",
    "track": "the track that is answered",
    "method": "the name that readers see",
    "description": "what it does",
    "base_model": "id of the record of the model before unlearning; the scores need it",
    "unlearned": "concepts that were unlearned, in order",
    "authors": "in order",
    "paper": "http or https",
    "code": "http or https",
    "license": "of what you send",
    "family": "kind of method: tensor edit, fine-tuning, retrieval, ...",
    "representation": "humanml3d-263 or joints-22",
    "fps": "of joints-22; other rates are resampled to 20",
    "repeats": "motions for every prompt; multimodality needs 2",
    "seed": "that made the motions",
    "notes": "what a reader should know",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of `submission.yaml`."""

    name: str
    type: str
    needed: bool
    default: str
    about: str


def pages(board: Board) -> Iterator[Output]:
    """`submit/index.html`."""
    yield board.page(
        "submit/index.html",
        "submit.html",
        keys=yaml_keys(),
        example=EXAMPLE.replace("TRACK", _track()),
        track=_track(),
        flags=MEANINGS,
        fps=FPS,
        frames=(MIN_FRAMES, MAX_FRAMES),
        limits=(MAX_MOTIONS, MAX_BYTES >> 20, MAX_ALL_BYTES >> 30, MAX_SUBMISSION_BYTES >> 10),
    )


def _track() -> str:
    """The pack that the examples name: the first that comes with the package."""
    return packs()[0].name


def yaml_keys() -> list[Key]:
    """Every key of `submission.yaml`, from its model."""
    schema = SubmissionInfo.model_json_schema()
    needed = set(schema["required"])
    return [
        Key(name, _type(rule), name in needed, _default(rule), MEANING[name])
        for name, rule in schema["properties"].items()
    ]


def _type(rule: dict[str, Any]) -> str:
    """A rule of a JSON Schema in words."""
    if "anyOf" in rule:
        return _type(next(part for part in rule["anyOf"] if part != {"type": "null"}))
    if "enum" in rule:
        return "one of " + ", ".join(rule["enum"])
    kind = {"string": "text", "array": "list of texts", "integer": "whole number"}
    words = kind.get(rule["type"], str(rule["type"]))
    if "maxLength" in rule:
        return f"{words}, at most {rule['maxLength']:,} characters"
    if "maxItems" in rule:
        return f"{words}, at most {rule['maxItems']:,}"
    if "minimum" in rule and "maximum" in rule:
        return f"{words}, {rule['minimum']:g} to {rule['maximum']:g}"
    return words


def _default(rule: dict[str, Any]) -> str:
    default = rule.get("default")
    return "" if default in (None, "", []) else f"{default:g}"
