"""Captions from the command line, a file or a stream: plain lines or JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hmu_bench.errors import InputError
from hmu_bench.models import bad_model
from hmu_bench.text.judgement import Judgement

MAX_CHARACTERS = 100_000  # of a line
BATCH = 4096

Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


@dataclass(frozen=True)
class Asked:
    """A caption to judge, and what more is known of it."""

    text: str
    context: dict[str, str] = field(default_factory=dict)


class _Line(BaseModel):
    """A JSON line: `text` (or `caption`, or `label`), maybe `subset` or `path`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: Text | None = None
    caption: Text | None = None
    label: Text | None = None
    subset: str | None = None
    path: str | None = None

    def asked(self) -> Asked | None:
        text = self.text or self.caption or self.label
        known = {"subset": self.subset, "path": self.path}
        return Asked(text, {k: v for k, v in known.items() if v}) if text else None


def from_arguments(texts: Sequence[str], context: dict[str, str]) -> Iterator[Asked]:
    """Captions of the command line; bytes of it that were no UTF-8 become question marks."""
    for text in texts:
        yield Asked(text.encode("utf-8", "replace").decode("utf-8"), context)


def bounded_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long, no more than shows that it is."""
    while line := stream.readline(4 * MAX_CHARACTERS + 2):
        yield line


def read_captions(lines: Iterable[bytes], name: str, *, json_lines: bool) -> Iterator[Asked]:
    """The captions of a stream, one a line; empty lines are passed over.

    Args:
        lines: with their line ends.
        name: of the stream, for errors.
        json_lines: an object a line (`text`, `caption` or `label`; maybe `subset`, `path`), not
            the caption itself.

    Raises:
        InputError: with the line, if it is not UTF-8, too long, or not such an object.
    """
    for number, raw in enumerate(lines, start=1):
        if len(raw) > 4 * MAX_CHARACTERS:
            raise _too_long(name, number)
        try:
            # Some editors put a byte order mark in front of the first line.
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(
                "the line is not UTF-8", where=name, line=number, fix="convert it to UTF-8"
            ) from error
        if len(text) > MAX_CHARACTERS and not json_lines:
            raise _too_long(name, number)
        if not text:
            continue
        yield _parsed(text, name, number) if json_lines else Asked(text)


def _too_long(name: str, number: int) -> InputError:
    most = f"{MAX_CHARACTERS:,} characters"
    return InputError(
        f"the line is too long for a caption (more than {most})", where=name, line=number
    )


def read_file(path: Path, json_lines: bool, context: dict[str, str]) -> Iterator[Asked]:
    """The captions of a file; `-` is standard input, `.jsonl` has objects.

    Args:
        path: of the file.
        json_lines: whether it has objects, whatever its name.
        context: of captions that say nothing themselves.

    Raises:
        InputError: as `read_captions`, and if the file cannot be opened.
    """
    json_lines = json_lines or path.suffix == ".jsonl"
    if str(path) == "-":
        found = read_captions(bounded_lines(sys.stdin.buffer), "stdin", json_lines=json_lines)
        yield from _with(found, context)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    with stream:
        found = read_captions(bounded_lines(stream), str(path), json_lines=json_lines)
        yield from _with(found, context)


def _with(captions: Iterable[Asked], context: dict[str, str]) -> Iterator[Asked]:
    for caption in captions:
        yield Asked(caption.text, caption.context or context)


def _parsed(text: str, name: str, number: int) -> Asked:
    try:
        asked = _Line.model_validate_json(text).asked()
    except ValidationError as error:
        problem = bad_model(error, name)
        raise InputError(problem.what, where=name, line=number, key=problem.key) from error
    if asked is None:
        raise InputError(
            "the object has no caption", where=name, line=number, fix='give it a key "text"'
        )
    return asked


def batches(captions: Iterable[Asked], size: int = BATCH) -> Iterator[list[Asked]]:
    """The captions, some thousands at a time."""
    batch: list[Asked] = []
    for caption in captions:
        batch.append(caption)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def as_object(caption: Asked, judgement: Judgement) -> dict[str, Any]:
    """A judged caption as JSON."""
    return {
        "text": caption.text,
        **caption.context,
        "label": label_of(judgement),
        "violent": judgement.violent,
        "probability": judgement.probability,
        "category": judgement.category,
        "confident": judgement.confident,
        "evidence": list(judgement.evidence),
    }


def label_of(judgement: Judgement) -> str:
    """In a word.

    >>> label_of(Judgement(violent=True, probability=0.9))
    'violent'
    """
    return "violent" if judgement.violent else "safe"


def as_row(caption: Asked, judgement: Judgement) -> list[str]:
    """A judged caption as a row of a table (`HEADERS`)."""
    return [
        label_of(judgement) + ("" if judgement.confident else " (unsure)"),
        f"{judgement.probability:.3f}",
        judgement.category,
        "; ".join(judgement.evidence) or "-",
        caption.text,
    ]


HEADERS = ["label", "probability", "category", "evidence", "caption"]
