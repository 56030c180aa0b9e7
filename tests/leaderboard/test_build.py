from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hmu_bench.errors import InputError
from leaderboard import frame
from leaderboard.build import MARKER, build
from leaderboard.links import submission_path, table_path, track_path
from leaderboard.store import read_entries
from tests.leaderboard.made_up import board, record, write_store


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_records_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    shuffled = board()
    random.Random(1).shuffle(shuffled)
    build(tmp_path / "again", write_store(shuffled, tmp_path / "records"))
    assert files(tmp_path / "again") == files(site)


def test_every_record_has_its_page_and_file(site: Path, store: Path) -> None:
    for entry in read_entries(store):
        one = entry.record
        folder = (site / submission_path(one)).parent
        assert (folder / "record.json").read_bytes() == entry.path.read_bytes()
        assert (folder / "index.html").is_file()
        assert (site / track_path(one.track.name)).is_file()
        assert (site / table_path(one.track.name, one.protocol, one.track.version)).is_file()


def test_a_rebuild_replaces_the_site_whole(tmp_path: Path) -> None:
    out = tmp_path / "site"
    build(out, write_store(board(), tmp_path / "many"))
    build(out, write_store([record()], tmp_path / "one"))
    assert [path.name for path in (out / "tracks").iterdir()] == ["made-up-track"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many", "one", "site"]


def test_a_bad_record_leaves_the_older_site(tmp_path: Path) -> None:
    out, store = tmp_path / "site", write_store([record()], tmp_path / "records")
    build(out, store)
    before = files(out)
    (store / "made-up-track" / "made-up.json").write_text("{}")
    with pytest.raises(InputError):
        build(out, store)
    assert files(out) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_build_leaves_nothing(
    stop: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise stop

    monkeypatch.setattr(frame, "stylesheet", fail)
    store = write_store([record()], tmp_path / "records")
    with pytest.raises((KeyboardInterrupt, InputError)):
        build(tmp_path / "site", store)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_an_empty_folder_and_a_link_to_a_site_may_be_written(tmp_path: Path) -> None:
    store = write_store([record()], tmp_path / "records")
    out = tmp_path / "site"
    out.mkdir()
    build(out, store)
    link = tmp_path / "link"
    link.symlink_to(out)
    build(link, store)
    assert link.is_symlink()
    assert (link / "index.html").is_file()


def foreign_folder(folder: Path) -> Path:
    (folder / "site").mkdir()
    (folder / "site" / "thesis.tex").write_text("years of work")
    return folder / "site"


def linked_marker(folder: Path) -> Path:
    out = foreign_folder(folder)
    (out / MARKER).symlink_to(out / "thesis.tex")
    return out


def a_file(folder: Path) -> Path:
    (folder / "site").write_text("x")
    return folder / "site"


def the_records(folder: Path) -> Path:
    return folder / "records"


def inside_the_records(folder: Path) -> Path:
    return folder / "records" / "site"


def around_the_records(folder: Path) -> Path:
    return folder


def below_a_file(folder: Path) -> Path:
    return a_file(folder) / "site"


@pytest.mark.parametrize(
    "place",
    [
        foreign_folder, linked_marker, a_file, the_records, inside_the_records,
        around_the_records, below_a_file,
    ],
)  # fmt: skip
def test_refuses_to_write(place: Callable[[Path], Path], tmp_path: Path) -> None:
    store = write_store([record()], tmp_path / "records")
    out = place(tmp_path)
    before = files(tmp_path)
    with pytest.raises(InputError) as caught:
        build(out, store)
    assert str(out) in str(caught.value)
    assert files(tmp_path) == before


def test_an_empty_store_makes_a_site_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    built = build(tmp_path / "site", tmp_path / "records")
    assert (built.records, built.tracks) == (0, 0)
    assert "no records yet" in built.index.read_text()


def test_no_page_holds_an_inline_script_or_style(site: Path) -> None:
    for name, content in files(site).items():
        if name.endswith(".html"):
            text = content.decode()
            root = "/" if name == "404.html" else "../" * name.count("/")
            assert re.findall(r"<script[^>]*>[^<]*</script>", text) == [
                f'<script src="{root}assets/site.js"></script>'
            ]
            assert text.count("<script") == 1
            assert "style=" not in text
            assert " on" not in {word[:3] for word in text.split("=") if word.startswith(" on")}
            assert "Content-Security-Policy" in text


def test_the_output_names_no_path_of_this_machine(site: Path, store: Path) -> None:
    for name, content in files(site).items():
        for path in (str(store), str(site), str(Path.cwd())):
            assert path.encode() not in content, name


# The command line.


def test_command_builds(leaderboard_command, store: Path, tmp_path: Path) -> None:
    result = leaderboard_command("build", "--records", store, "--out", tmp_path / "site")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str(tmp_path / "site" / "index.html")
    assert result.stderr.strip() == "9 records on 2 tracks"


def test_command_builds_the_committed_store(leaderboard_command, tmp_path: Path) -> None:
    assert leaderboard_command("build", "--out", tmp_path / "site").returncode == 0


def test_command_refuses(leaderboard_command, one_line_error, store: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    out = tmp_path / "site"
    one_line_error(leaderboard_command("build", "--records", nowhere, "--out", out), "nowhere")
    foreign = foreign_folder(tmp_path)
    one_line_error(
        leaderboard_command("build", "--records", store, "--out", foreign), "site", "not empty"
    )
    bad = write_store([record()], tmp_path / "bad")
    (bad / "made-up-track" / "made-up.json").write_text('{"id": "<script>\\n"}')
    one_line_error(
        leaderboard_command("build", "--records", bad, "--out", tmp_path / "new"), "made-up.json"
    )
    assert not (tmp_path / "new").exists()
    one_line_error(leaderboard_command("build"), "--out")
    one_line_error(leaderboard_command("publish"), "publish")


def test_command_without_arguments_helps(leaderboard_command) -> None:
    result = leaderboard_command()
    assert result.returncode == 0
    assert "build" in result.stdout
    assert "serve" in result.stdout
