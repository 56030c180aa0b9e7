"""STEM.run.json: when a record's scoring was finished."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import read_text
from hmu_bench.json_files import parse_json

MAX_BYTES = 1 << 20


def finished(path: Path) -> datetime | None:
    """The moment in UTC, or None where the file does not tell it.

    Raises:
        InputError: if the file is no JSON object, or what it tells is no moment with a time zone.
    """
    content = parse_json(read_text(path, MAX_BYTES), path)
    if not isinstance(content, dict):
        raise InputError("is no JSON object", where=path)
    text = content.get("finished")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{text!r} is no moment", where=path, key="finished", fix="write 2026-11-22T14:00:00Z"
        ) from error
