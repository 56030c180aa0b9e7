"""`hmu-bench tracks`: packs where they lie, broken ones with what is wrong."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.tracks import known_tracks, load_track
from hmu_bench.tracks.listing import find_tracks
from hmu_bench.yaml_files import read_yaml, write_yaml


@pytest.fixture
def packs(stand_in_track, tmp_path) -> Path:
    """A folder with a right pack, a pack to break, and things that are none."""
    root = tmp_path / "packs"
    for name in ("good", "second"):
        shutil.copytree(stand_in_track.folder, root / name)
    (root / "no-pack").mkdir()
    (root / "a-file").write_text("x")
    return root


def edit_yaml(folder: Path, **changes: object) -> None:
    content = read_yaml(folder / "track.yaml")
    (folder / "track.yaml").write_text(write_yaml({**content, **changes}))


def spoil_table(folder: Path) -> None:
    (folder / "prompts.parquet").write_bytes(b"PAR1")


def spoil_reference(folder: Path) -> None:
    """A tensor that does not belong there, under the right hash."""
    path = folder / "reference.safetensors"
    tensors = load_file(path)
    tensors["gallery/violent"] = tensors.pop("forget/mean")
    save_file(tensors, path)
    files = read_yaml(folder / "track.yaml")["files"]
    edit_yaml(folder, files={**files, path.name: sha256_file(path)})


def spoil_link(folder: Path) -> None:
    (folder / "track.yaml").unlink()
    (folder / "track.yaml").symlink_to(folder.parent / "nowhere")


def test_embedded_packs_are_listed():
    found = {track.info.name: track for track in find_tracks() if track.where == "embedded"}
    assert found.keys() == {name for name, path in known_tracks().items() if "sample" in str(path)}
    assert not any(track.problem for track in found.values())


def test_packs_of_the_cache(stand_in_track, tmp_path, monkeypatch):
    monkeypatch.setenv("HMU_CACHE", str(tmp_path))
    assert not [track for track in find_tracks() if track.where == "cache"]
    shutil.copytree(stand_in_track.folder, tmp_path / "tracks" / "mine")
    (cached,) = (track for track in find_tracks() if track.where == "cache")
    assert cached.info == stand_in_track.info
    assert load_track("mine").sha256 == stand_in_track.sha256


def test_a_pack_or_a_folder_of_packs(packs):
    listed = [track for track in find_tracks([packs, packs / "good"]) if track.where == "folder"]
    assert [track.folder.name for track in listed] == ["good", "second", "good"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda folder: edit_yaml(folder, fps=30), "[fps]"),
        (lambda folder: (folder / "track.yaml").write_bytes(b"\xff"), "not UTF-8"),
        (lambda folder: (folder / "prompts.parquet").unlink(), "does not exist"),
        (spoil_table, "not what track.yaml names"),
        (spoil_reference, "[forget/mean]: the tensor is missing"),
        (spoil_link, "track.yaml"),
    ],
)
def test_a_broken_pack_is_told_and_the_others_are_listed(packs, spoil, word):
    spoil(packs / "second")
    good, broken = (track for track in find_tracks([packs]) if track.where == "folder")
    assert good.problem is None
    assert broken.info is None
    assert word in broken.problem
    assert "second" in broken.problem


def test_a_folder_that_cannot_be_read(packs, monkeypatch):
    def refused(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(packs), "iterdir", refused)
    with pytest.raises(InputError, match=r"cannot be read \(Permission denied\)"):
        find_tracks([packs])


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder"])
def test_a_pack_whose_files_are_no_files(packs, kind):
    """None is waited for, read without end, or taken from elsewhere."""
    for name in ("track.yaml", "prompts.parquet", "reference.safetensors"):
        shutil.rmtree(packs / "second")
        shutil.copytree(packs / "good", packs / "second")
        path = packs / "second" / name
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero" if kind == "device" else packs / "good" / name)
        _, broken = (track for track in find_tracks([packs]) if track.where == "folder")
        assert broken.info is None
        assert name in broken.problem


def test_the_command(packs, hmu_bench_command, one_line_error, tmp_path):
    spoil_table(packs / "second")
    table = hmu_bench_command("tracks", packs)
    assert table.returncode == 0
    line = next(row for row in table.stdout.splitlines() if str(packs / "good") in row)
    assert "paper, hmu-1" in line
    assert table.stderr.count("\n") == 1
    assert table.stderr.startswith(f"broken: {packs / 'second'}")
    told = json.loads(hmu_bench_command("tracks", packs, "--json").stdout)
    good, broken = (track for track in told if track["where"] == "folder")
    info = load_track(packs / "good").info
    assert (good["name"], good["prompts"]) == (info.name, info.prompts)
    assert good["evaluator"]["sha256"] == info.evaluator.sha256
    assert good["problem"] is None
    assert broken["name"] is None
    assert "prompts.parquet" in broken["problem"]
    one_line_error(hmu_bench_command("tracks", tmp_path / "nowhere"), "nowhere", "does not exist")
    one_line_error(hmu_bench_command("tracks", packs / "no-pack"), "no track pack here")


def test_no_pack_at_all(tmp_path):
    with pytest.raises(InputError, match="no track pack here"):
        find_tracks([tmp_path])
