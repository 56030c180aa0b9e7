"""Records -> the site: read, render, write aside, move into place whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import staged_directory
from leaderboard import downloads, pages
from leaderboard.store import read_store

MARKER = ".hmu-bench-leaderboard"
"""The file that tells a folder of ours, which may be replaced, from any other."""
MARKER_TEXT = "Written by `python -m leaderboard build`, which replaces this folder whole.\n"
STYLES = ("tokens", "base", "layout", "table", "pieces", "print")


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote."""

    index: Path
    tracks: int
    records: int


def build(out: Path, records_folder: Path) -> Built:
    """Write the whole site for the records of a store.

    The same records give the same bytes. `out` is written aside and replaces an older site.

    Raises:
        InputError: for a store that is not right (see `store.read_store`), and for an `out` that
            holds anything but an older site.
    """
    target = check_target(out, records_folder)
    records = read_store(records_folder)
    data = {
        "records.json": downloads.records_json(records),
        "records.csv": downloads.records_csv(records),
    }
    about = {
        "records.json": "all records whole, with the units and directions of the metrics",
        "records.csv": "one line a value, for spreadsheets and data frames",
    }
    files = [(name, about[name], len(text.encode())) for name, text in data.items()]
    try:
        with staged_directory(target) as folder:
            _write(folder / MARKER, MARKER_TEXT)
            _write(folder / "assets" / "site.css", stylesheet())
            shutil.copyfile(pages.SITE / "assets" / "icon.svg", folder / "assets" / "icon.svg")
            for name, text in data.items():
                _write(folder / "downloads" / name, text)
            for record in records:
                own = folder / pages.submission_path(record)
                _write(own.with_name("record.json"), record.to_json())
            for path, html in pages.render(records, files):
                _write(folder / path, html)
    except OSError as error:
        raise InputError(
            f"the site cannot be written ({error.strerror})", where=out, fix="choose another --out"
        ) from error
    return Built(out / "index.html", len({record.track.name for record in records}), len(records))


def check_target(out: Path, records_folder: Path) -> Path:
    """The folder to write, if it is free, empty or an older site of ours.

    Raises:
        InputError: if it is anything else, or if it and the store hold each other.
    """
    target, store = out.resolve(), records_folder.resolve()
    if target == store or target in store.parents or store in target.parents:
        raise InputError(
            "the site and the records would lie in one another",
            where=out,
            fix="choose another --out",
        )
    if not target.exists():
        return target
    if not target.is_dir():
        raise InputError("is not a folder", where=out, fix="choose another --out")
    if any(target.iterdir()) and not is_site(target):
        raise InputError(
            "the folder is not empty and no site of ours",
            where=out,
            fix="choose another --out or empty it yourself",
        )
    return target


def is_site(folder: Path) -> bool:
    """Whether a folder is a site that `build` wrote."""
    marker = folder / MARKER
    return marker.is_file() and not marker.is_symlink()


def stylesheet() -> str:
    """The one stylesheet of the site, from its parts in their order."""
    parts = (pages.SITE / "styles" / f"{name}.css" for name in STYLES)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _write(path: Path, text: str) -> None:
    """Write UTF-8 with the line ends as they are; each file once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as handle:
        handle.write(text)
