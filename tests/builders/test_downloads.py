"""`python -m builders humanml3d` without --texts: the official texts, pinned."""

from __future__ import annotations

import io
import os
import zipfile

import pytest

from builders import _downloads, humanml3d
from builders._downloads import HUMANML3D, Origin, humanml3d_splits, humanml3d_texts
from builders._fetching import git_blob_id
from hmu_bench.datasets import load_pair
from hmu_bench.errors import InputError

OFFICIAL = f"/{HUMANML3D.repository}/{HUMANML3D.commit}"


def blob_id(data, folder):
    path = folder / "blob"
    path.write_bytes(data)
    return git_blob_id(path)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("HMU_CACHE", str(folder))
    return folder


@pytest.fixture
def repository(web, tmp_path, monkeypatch, cache):
    """A small repository of the same shape, pinned, on the local server; path -> content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, words in enumerate(("a man kicks", "a man walks", "a man sits", "he waves")):
            line = f"{words}#a/DET man/NOUN#0.0#0.0\n"
            archive.writestr(f"texts/{number:06}.txt", line)
    files = {
        "HumanML3D/texts.zip": packed.getvalue(),
        "HumanML3D/train.txt": b"000000\n000001\n",
        "HumanML3D/val.txt": b"000002\n",
        "HumanML3D/test.txt": b"000003\n",
    }
    origin = Origin(
        "someone/texts", "0" * 40, {p: blob_id(d, tmp_path) for p, d in files.items()}, "mit"
    )
    monkeypatch.setattr(_downloads, "HUMANML3D", origin)
    monkeypatch.setenv("HMU_GITHUB_MIRROR", web.url + "/")
    for path, data in files.items():
        web.serve(f"/someone/texts/{'0' * 40}/{path}", web.good(data))
    return files


def build(out):
    humanml3d.run(out=out, rule=["keywords"])
    return load_pair(out, "humanml3d", "violence-keywords")


def test_the_pins_are_those_of_the_official_lists(shared):
    folder = shared / "data/humanml3d/official_splits"
    for name in ("train.txt", "val.txt", "test.txt"):
        assert git_blob_id(folder / name) == HUMANML3D.files[f"HumanML3D/{name}"]


def test_texts_and_lists_are_fetched_once_and_then_used_offline(
    web, repository, cache, tmp_path, monkeypatch
):
    pair = build(tmp_path / "out")
    assert [row.clip_id for row in pair["forget"]] == ["000000"]
    assert {row.clip_id: row.split for row in pair["retain"]} == {
        "000001": "train",
        "000002": "validation",
        "000003": "test",
    }
    assert len(web.requests) == 4
    monkeypatch.setenv("HMU_OFFLINE", "1")
    again = build(tmp_path / "again")
    assert again == pair
    assert len(web.requests) == 4
    held = sorted(p.relative_to(cache).as_posix() for p in cache.rglob("*.*") if p.stat().st_size)
    base = f"downloads/someone/texts/{'0' * 40}"
    assert held == [
        f"{base}/splits/test.txt",
        f"{base}/splits/train.txt",
        f"{base}/splits/val.txt",
        f"{base}/texts.zip",
    ]


def test_the_users_own_lists_are_used(web, repository, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "test.txt").write_text("000000\n000001\n")
    humanml3d.run(out=tmp_path / "out", rule=["keywords"], splits=own)
    rows = load_pair(tmp_path / "out", "humanml3d", "violence-keywords")
    assert {row.split for part in rows.values() for row in part} == {"test"}
    assert [path for path, _ in web.requests if "texts.zip" not in path] == []


def test_a_file_that_another_takes_the_place_of_is_not_used(web, repository, cache, tmp_path):
    build(tmp_path / "out")
    (texts,) = cache.rglob("texts.zip")
    good = texts.read_bytes()
    texts.write_bytes(good[:-1] + b"x")
    assert humanml3d_texts().read_bytes() == good
    assert (humanml3d_splits() / "val.txt").read_bytes() == repository["HumanML3D/val.txt"]


def test_a_missing_list_stops_the_build(web, repository, tmp_path):
    web.answers.pop(f"/someone/texts/{'0' * 40}/HumanML3D/val.txt")
    with pytest.raises(InputError, match=r"val\.txt: the server answers 404.*--splits FOLDER"):
        humanml3d.run(out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def environment(**settings):
    inherited = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    for name in ("HMU_OFFLINE", "HF_HUB_OFFLINE"):
        inherited.pop(name, None)
    return inherited | {"no_proxy": "127.0.0.1"} | settings


@pytest.mark.parametrize("name", ["HMU_OFFLINE", "HF_HUB_OFFLINE"])
def test_the_command_offline(builders_command, one_line_error, cache, tmp_path, name):
    out = tmp_path / "out"
    result = builders_command("humanml3d", "--out", out, env=environment(**{name: "1"}))
    one_line_error(result, "texts.zip", f"{name}=1 forbids", "--texts PATH")
    assert not cache.exists()
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"<html>log in first</html>", b"PK\x05\x06" + bytes(18)])
def test_the_command_refuses_other_content(
    web, builders_command, one_line_error, cache, tmp_path, content
):
    web.serve(f"{OFFICIAL}/HumanML3D/texts.zip", web.good(content))
    out = tmp_path / "out"
    settings = environment(HMU_GITHUB_MIRROR=web.url)
    result = builders_command("humanml3d", "--out", out, env=settings)
    one_line_error(result, "not the pinned file", HUMANML3D.files["HumanML3D/texts.zip"])
    assert [path for path in cache.rglob("*") if path.is_file() and path.stat().st_size] == []
    assert not out.exists()


@pytest.mark.parametrize("mirror", ["file:///etc", "nowhere", "ftp://127.0.0.1"])
def test_a_mirror_that_is_no_web_address(builders_command, one_line_error, cache, tmp_path, mirror):
    settings = environment(HMU_GITHUB_MIRROR=mirror)
    result = builders_command("humanml3d", "--out", tmp_path / "out", env=settings)
    one_line_error(result, "not http(s)")
