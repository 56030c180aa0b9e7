"""Records -> the site: read, render, write aside, move into place whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import staged_directory
from leaderboard import frame, links, pages
from leaderboard.board import Board
from leaderboard.store import read_entries

MARKER = ".hmu-bench-leaderboard"
"""The file that tells a folder of ours, which may be replaced, from any other."""
MARKER_TEXT = "Written by `python -m leaderboard build`, which replaces this folder whole.\n"


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote."""

    index: Path
    tracks: int
    records: int


def build(out: Path, records_folder: Path, base_url: str | None = None) -> Built:
    """Write the whole site for the records of a store.

    The same records and address give the same bytes. `out` is written aside and replaces an older
    site.

    Args:
        out: the folder to write.
        records_folder: the store.
        base_url: where the site will be published, if that is known: pages link to one another
            without it, and only the sitemap, the feed and previews elsewhere name it.

    Raises:
        InputError: for a store that is not right (see `store.read_entries`), for an `out` that
            holds anything but an older site, and for an address that is none.
    """
    target = check_target(out, records_folder)
    address = None if base_url is None else links.checked_address(base_url)
    board = Board(read_entries(records_folder), frame.environment(pages.names()), address)
    try:
        with staged_directory(target) as folder:
            _write(folder / MARKER, MARKER_TEXT)
            shutil.copytree(frame.SITE / "assets", folder / "assets")
            _write(folder / "assets" / "site.css", frame.stylesheet())
            _write(folder / "assets" / "site.js", frame.script())
            for output in pages.outputs(board):
                _write(folder / output.path, output.content)
    except OSError as error:
        raise InputError(
            f"the site cannot be written ({error.strerror})", where=out, fix="choose another --out"
        ) from error
    return Built(out / "index.html", len(board.tracks), len(board.records))


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


def _write(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8 with the line ends as they are; each file once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as handle:
        handle.write(content.encode() if isinstance(content, str) else content)
