"""Prompts as a generator wants them: id, text, tokens, frames; never the prompt set."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import visible_json
from hmu_bench.spreadsheets import plain_cell
from hmu_bench.tracks.prompts import Prompt

FIELDS = ("prompt_id", "text", "tokens", "num_frames")


def as_jsonl(prompts: Sequence[Prompt]) -> str:
    """One JSON object a line; the exact texts."""
    rows = ({name: getattr(prompt, name) for name in FIELDS} for prompt in prompts)
    return "".join(visible_json(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def as_csv(prompts: Sequence[Prompt]) -> str:
    """CSV with a header that a spreadsheet may open: no cell is taken for a formula.

    What would be one gets an apostrophe in front (see `spreadsheets`); JSON lines hold the exact
    texts.
    """
    stream = io.StringIO()
    # Texts in quotes: a carriage return in one would end the row.
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(FIELDS)
    for prompt in prompts:
        texts = (plain_cell(text) for text in (prompt.prompt_id, prompt.text, prompt.tokens))
        writer.writerow([*texts, prompt.num_frames])
    return stream.getvalue()


def as_text(prompts: Sequence[Prompt]) -> str:
    """Tab-separated lines `prompt_id num_frames text tokens`, without a header.

    Tabs, line breaks and other control characters inside a text become blanks.
    """
    order = ("prompt_id", "num_frames", "text", "tokens")
    lines = ("\t".join(_plain(str(getattr(p, name))) for name in order) for p in prompts)
    return "".join(line + "\n" for line in lines)


FORMATS: dict[str, Callable[[Sequence[Prompt]], str]] = {
    ".jsonl": as_jsonl,
    ".csv": as_csv,
    ".txt": as_text,
}


def format_for(path: Path) -> Callable[[Sequence[Prompt]], str]:
    """The writer that the file's suffix asks for.

    Raises:
        InputError: for another suffix.
    """
    if path.suffix not in FORMATS:
        raise InputError(
            f"unknown suffix {path.suffix!r} for prompts",
            where=path,
            fix=f"use one of {', '.join(FORMATS)}",
        )
    return FORMATS[path.suffix]


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
