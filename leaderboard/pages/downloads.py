"""The downloads: all records as files with their hashes, and the page that lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hmu_bench.files import read_bounded, sha256_bytes
from hmu_bench.records import Record
from leaderboard import downloads
from leaderboard.board import Board, Output
from leaderboard.downloads.flat import FIELDS, Field
from leaderboard.downloads.schema import FILE as SCHEMA_FILE
from leaderboard.links import beside

MAX_PROMPTS_BYTES = 64 << 20
SUMS = "SHA256SUMS"
ABOUT = {
    "records.json": "all records whole, with the metric table",
    "records.csv": "one line a value, for spreadsheets",
    "records.parquet": "the same lines with typed columns, for data frames",
    "metrics.json": "the metric table: direction on every prompt set, unit, range, formula, source",
    SCHEMA_FILE: "JSON Schema of a record (draft 2020-12), with units and directions",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to download."""

    name: str
    about: str
    size: int
    sha256: str


def pages(board: Board) -> Iterator[Output]:
    """`downloads/index.html`, the files beside it, and every record's values per prompt."""
    data: dict[str, str | bytes] = {
        "records.json": downloads.records_json(board.records),
        "records.csv": downloads.records_csv(board.records),
        "records.parquet": downloads.records_parquet(board.records),
        "metrics.json": downloads.metrics_json(),
        SCHEMA_FILE: downloads.record_schema(board.base_url),
    }
    files = [_file(name, ABOUT[name], content) for name, content in data.items()]
    data[SUMS] = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    for name, content in data.items():
        yield Output(f"downloads/{name}", content)
    prompts: list[tuple[Record, File]] = []
    for entry in board.entries:
        path = entry.companion(".parquet")
        if path:
            content = read_bounded(path, MAX_PROMPTS_BYTES)
            output = Output(beside(entry.record, "prompts.parquet"), content)
            prompts.append((entry.record, _file(output.path, "", content)))
            yield output
    yield board.page(
        "downloads/index.html",
        "downloads.html",
        files=files,
        sums=SUMS,
        prompts=prompts,
        columns=[(field, _type(field)) for field in FIELDS],
    )


def _file(name: str, about: str, content: str | bytes) -> File:
    data = content.encode() if isinstance(content, str) else content
    return File(name, about, len(data), sha256_bytes(data))


def _type(field: Field) -> str:
    return {"text": "text", "integer": "int64", "number": "float64"}[field.type]
