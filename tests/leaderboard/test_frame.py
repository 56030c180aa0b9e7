from __future__ import annotations

import re
from pathlib import Path

import pytest

from hmu_bench.errors import InputError
from leaderboard import frame, pages
from leaderboard.board import Board, Output
from leaderboard.build import build
from leaderboard.pages import metrics as a_page
from leaderboard.store import Entry
from tests.leaderboard.made_up import board, record, write_store


def a_board() -> Board:
    entries = [Entry(one, Path(f"{one.id}.json")) for one in board()]
    return Board(entries, frame.environment(pages.names()))


def test_navigation_names_only_pages_that_are_there() -> None:
    def shown(*names: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = frame.environment(names).globals["navigation"]  # type: ignore[assignment]
        return found

    assert shown("home", "about", "_x") == [("index.html", "Tracks"), ("about/index.html", "About")]
    every = {name for name, _, _ in frame.NAVIGATION}
    assert {path for path, _ in shown(*every)} == {path for _, path, _ in frame.NAVIGATION}


def test_the_script_begins_with_the_frame_and_is_one_classic_file() -> None:
    text = frame.script()
    names = sorted(path.name for path in (frame.SITE / "scripts").glob("*.js"))
    assert names[0] == "00-frame.js"
    assert text.startswith((frame.SITE / "scripts" / names[0]).read_text())
    for word in ("fetch(", "import(", "XMLHttpRequest", "eval(", "innerHTML", "document.write"):
        assert word not in text, word
    assert not [line for line in text.splitlines() if line.startswith(("import ", "export "))]


def test_the_stylesheet_holds_every_part_once_and_prints_last() -> None:
    text = frame.stylesheet()
    for path in (frame.SITE / "styles").glob("*.css"):
        assert text.count(path.read_text()) == 1, path.name
    assert text.startswith((frame.SITE / "styles" / "tokens.css").read_text())
    assert text.endswith((frame.SITE / "styles" / "print.css").read_text())


def test_colours_are_named_and_used_by_their_names() -> None:
    for path in (frame.SITE / "styles").glob("*.css"):
        for line in path.read_text().splitlines():
            if re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(", line) and "mask-image" not in line:
                assert line.strip().startswith("--"), (path.name, line)


def test_every_page_module_is_asked_and_after_knows_all_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    def after(board: Board, paths: list[str]) -> list[Output]:
        told.extend(paths)
        return [Output("made-up.txt", "x")]

    monkeypatch.setattr(a_page, "after", after, raising=False)
    found = [output.path for output in pages.outputs(a_board())]
    assert len(found) == len(set(found))
    assert "made-up.txt" in found
    assert told == sorted(path for path in found if path.endswith(".html"))
    assert "index.html" in told


def test_two_pages_of_one_path_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(board: Board) -> list[Output]:
        return [Output("twice.txt", "a"), Output("twice.txt", "b")]

    monkeypatch.setattr(a_page, "pages", twice)
    with pytest.raises(InputError, match="cannot be written"):
        build(tmp_path / "site", write_store([record()], tmp_path / "records"))
    assert not (tmp_path / "site").exists()
