"""The downloads: all records as files, and the page that lists them."""

from __future__ import annotations

from collections.abc import Iterator

from leaderboard import downloads
from leaderboard.board import Board, Output

ABOUT = {
    "records.json": "all records whole, with the units and directions of the metrics",
    "records.csv": "one line a value, for spreadsheets and data frames",
}


def pages(board: Board) -> Iterator[Output]:
    """`downloads/index.html` and the files beside it."""
    data = {
        "records.json": downloads.records_json(board.records),
        "records.csv": downloads.records_csv(board.records),
    }
    for name, text in data.items():
        yield Output(f"downloads/{name}", text)
    files = [(name, ABOUT[name], len(text.encode())) for name, text in data.items()]
    yield board.page(
        "downloads/index.html", "downloads.html", files=files, records=len(board.records)
    )
