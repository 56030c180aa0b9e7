from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hmu_bench.errors import InputError
from leaderboard import store as store_module
from leaderboard.store import COMPANIONS, DEFAULT_RECORDS, read_entries, read_store
from tests.leaderboard.made_up import board, record, sha, write_store

TRACK = "made-up-track"


def test_reads_every_record_sorted(tmp_path: Path) -> None:
    records = read_store(write_store(board(), tmp_path))
    assert sorted(records, key=lambda r: (r.track.name, r.id)) == records
    assert {(r.track.name, r.id): r for r in records} == {(r.track.name, r.id): r for r in board()}


def test_the_committed_store_is_right() -> None:
    read_store(DEFAULT_RECORDS)


def test_an_empty_store_is_no_error(tmp_path: Path) -> None:
    assert read_store(tmp_path) == []
    (tmp_path / TRACK).mkdir()
    assert read_store(tmp_path) == []


def test_companions_readmes_and_dot_files_are_passed_over(tmp_path: Path) -> None:
    write_store([record()], tmp_path)
    for name in (
        "README.md", ".gitkeep", f"{TRACK}/.DS_Store", f"{TRACK}/README.md",
        f"{TRACK}/made-up.parquet", f"{TRACK}/made-up.run.json",
    ):  # fmt: skip
        (tmp_path / name).write_text("not JSON")
    assert [r.id for r in read_store(tmp_path)] == ["made-up"]


def other_id(folder: Path) -> Path:
    return (folder / TRACK / "made-up.json").rename(folder / TRACK / "other.json")


def other_track(folder: Path) -> Path:
    (folder / "other").mkdir()
    return (folder / TRACK / "made-up.json").rename(folder / "other" / "made-up.json")


def capital_name(folder: Path) -> Path:
    return (folder / TRACK / "made-up.json").rename(folder / TRACK / "Made-up.json")


def unknown_file(folder: Path) -> Path:
    path = folder / TRACK / "notes.txt"
    path.write_text("x")
    return path


def unknown_json_extension(folder: Path) -> Path:
    return (folder / TRACK / "made-up.json").rename(folder / TRACK / "made-up.JSON")


def file_beside_the_tracks(folder: Path) -> Path:
    path = folder / "record.json"
    path.write_text("{}")
    return path


def folder_in_a_track(folder: Path) -> Path:
    path = folder / TRACK / "deeper"
    path.mkdir()
    return path


def folder_named_as_a_record(folder: Path) -> Path:
    path = folder / TRACK / "folder.json"
    path.mkdir()
    return path


def companion_alone(folder: Path) -> Path:
    path = folder / TRACK / "nobody.parquet"
    path.write_text("x")
    return path


def record_with_the_name_of_a_companion(folder: Path) -> Path:
    path = folder / TRACK / "x.run.json"
    path.write_text(record(id="x.run").to_json())
    return path


def link_to_a_record(folder: Path) -> Path:
    path = folder / TRACK / "link.json"
    path.symlink_to(folder / TRACK / "made-up.json")
    return path


def link_to_a_track(folder: Path) -> Path:
    path = folder / "linked"
    path.symlink_to(folder / TRACK)
    return path


def link_to_nothing(folder: Path) -> Path:
    path = folder / TRACK / "nothing.json"
    path.symlink_to("/nowhere/at/all")
    return path


def not_json(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_text("{")
    return path


def not_a_number(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    text = path.read_text()
    assert '"value": 1.01234567' in text
    path.write_text(text.replace('"value": 1.01234567', '"value": NaN'))
    return path


def not_utf8(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_bytes(b'{"id": "\xff"}')
    return path


def half_a_surrogate(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_text(path.read_text().replace("Made-up method", "\\ud800"))
    return path


def unknown_key(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"rank": 1}))
    return path


def unknown_metric(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_text(path.read_text().replace('"mm_dist"', '"my_own_metric"'))
    return path


def javascript_link(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    content = json.loads(path.read_text())
    content["method"]["paper"] = "javascript:alert(1)"
    path.write_text(json.dumps(content))
    return path


def dry_run(folder: Path) -> Path:
    path = folder / TRACK / "made-up.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"dry_run": True}))
    return path


def same_submission_twice(folder: Path) -> Path:
    made = {**record().model_dump(mode="json")["provenance"], "submission_sha256": sha("c")}
    write_store([record(id="a", provenance=made), record(id="b", provenance=made)], folder)
    return folder / TRACK / "b.json"


BREAKS = [
    other_id, other_track, capital_name, unknown_file, unknown_json_extension,
    file_beside_the_tracks, folder_in_a_track, folder_named_as_a_record, companion_alone,
    record_with_the_name_of_a_companion, link_to_a_record, link_to_a_track, link_to_nothing,
    not_json, not_a_number, not_utf8, half_a_surrogate, unknown_key, unknown_metric,
    javascript_link, dry_run, same_submission_twice,
]  # fmt: skip


@pytest.mark.parametrize("break_store", BREAKS)
def test_refuses(break_store: Callable[[Path], Path], tmp_path: Path) -> None:
    culprit = break_store(write_store([record()], tmp_path))
    with pytest.raises(InputError) as caught:
        read_store(tmp_path)
    assert str(culprit) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_dry_run_is_never_published(tmp_path: Path) -> None:
    dry_run(write_store([record()], tmp_path))
    with pytest.raises(InputError, match=r"is a dry run .*; score it again without --limit"):
        read_store(tmp_path)


def test_one_id_under_several_protocols_is_a_file_each(tmp_path: Path) -> None:
    two = [record(), record(protocol="guo")]
    write_store(two, tmp_path)
    for name in ("made-up.parquet", "made-up.guo.run.json", "made-up.guo.preview.safetensors"):
        (tmp_path / TRACK / name).write_text("not read here")
    entries = {entry.record.protocol: entry for entry in read_entries(tmp_path)}
    assert {name: entry.path.name for name, entry in entries.items()} == {
        "paper": "made-up.json",
        "guo": "made-up.guo.json",
    }
    found = {
        (name, end): entry.companion(end) is not None
        for name, entry in entries.items()
        for end in COMPANIONS
    }
    assert {key for key, there in found.items() if there} == {
        ("paper", ".parquet"),
        ("guo", ".run.json"),
        ("guo", ".preview.safetensors"),
    }


@pytest.mark.parametrize("name", ["made-up.hmu-1", "made-up.", "paper", "made-up.paper.paper"])
def test_refuses_a_name_that_is_neither_id_nor_id_and_protocol(name: str, tmp_path: Path) -> None:
    write_store([record()], tmp_path)
    (tmp_path / TRACK / "made-up.json").rename(tmp_path / TRACK / f"{name}.json")
    with pytest.raises(InputError, match="name the file"):
        read_store(tmp_path)


@pytest.mark.parametrize("changes", [{"id": "made-up.run"}, {"protocol": "run"}])
def test_refuses_a_record_that_hides_as_a_companion(
    changes: dict[str, str], tmp_path: Path
) -> None:
    """Passed over as facts of a run, it would be on no page."""
    write_store([record()], tmp_path)
    (tmp_path / TRACK / "made-up.run.json").write_text(record(**changes).to_json())
    with pytest.raises(InputError, match=r"is a record, under the name of a companion of made-up"):
        read_store(tmp_path)


@pytest.mark.parametrize("where", ["id", "protocol", "track"])
def test_refuses_the_name_of_a_page(where: str, tmp_path: Path) -> None:
    """A folder of that name would lie where a page lies."""
    track = {"name": "index.html", "version": "1"}
    one = record(**{where: track if where == "track" else "index.html"})
    with pytest.raises(InputError, match=r"index\.html is the name of a page"):
        read_store(write_store([one], tmp_path))


@pytest.mark.parametrize(
    "name", ["MADE-UP", "Made-up", "made-up\u200b", "\uff4dade-up", "made-up "]
)
def test_refuses_names_that_look_alike(name: str, tmp_path: Path) -> None:
    write_store([record()], tmp_path)
    (tmp_path / TRACK / "made-up.json").rename(tmp_path / TRACK / f"{name}.json")
    with pytest.raises(InputError, match="name the file"):
        read_store(tmp_path)
    (tmp_path / TRACK / f"{name}.json").rename(tmp_path / TRACK / "made-up.JSON")
    with pytest.raises(InputError, match="neither a record nor its companion"):
        read_store(tmp_path)


def test_refuses_one_id_twice_under_one_protocol(tmp_path: Path) -> None:
    write_store([record()], tmp_path)
    (tmp_path / TRACK / "made-up.paper.json").write_text(record().to_json())
    with pytest.raises(InputError, match=r"stands in made-up\.json"):
        read_store(tmp_path)


def test_the_same_submission_under_two_protocols_is_two_results(tmp_path: Path) -> None:
    made = {**record().model_dump(mode="json")["provenance"], "submission_sha256": sha("c")}
    two = [record(id="a", provenance=made), record(id="b", provenance=made, protocol="guo")]
    assert len(read_store(write_store(two, tmp_path))) == 2


def test_refuses_a_missing_folder_and_too_many_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_store(tmp_path / "nowhere")
    monkeypatch.setattr(store_module, "MAX_RECORDS", 1)
    with pytest.raises(InputError, match="more than 1 records"):
        read_store(write_store([record(id="a"), record(id="b")], tmp_path))


@pytest.mark.parametrize(
    ("limit", "told"), [("MAX_BYTES", "more than 1,000 bytes"), ("MAX_ENTRIES", "more than")]
)
def test_refuses_a_store_that_is_too_large(
    limit: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, limit, 1000 if limit == "MAX_BYTES" else 1)
    with pytest.raises(InputError, match=told):
        read_store(write_store([record(id="a"), record(id="b")], tmp_path))
