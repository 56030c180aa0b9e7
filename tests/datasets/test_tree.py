"""Folders and zips of texts: the same files from both, nothing from outside, bounded."""

from __future__ import annotations

import os
import random
import stat
import zipfile

import pytest

from hmu_bench.datasets import tree
from hmu_bench.datasets.tree import read_tree
from hmu_bench.errors import InputError

FILES = {"000001": "a", "sub/x y": "b", "M000001": "c"}


def test_a_folder_and_zips_in_any_order_are_the_same(tmp_path, write_texts):
    folder = read_tree(write_texts(tmp_path / "folder", FILES), ("texts",))
    bare = read_tree(write_texts(tmp_path / "bare", FILES, prefix=""), ("texts",))
    assert [file.name for file in folder.files] == sorted(FILES)
    for seed in range(3):
        names = list(FILES)
        random.Random(seed).shuffle(names)
        path = write_texts(
            tmp_path / f"{seed}.zip", {n: FILES[n] for n in names}, prefix="HumanML3D/texts/"
        )
        archive = read_tree(path, ("texts",))
        assert archive.sha256 == folder.sha256 == bare.sha256
        assert [f.data for f in archive.files] == [f.data for f in folder.files]
        assert archive.files[0].where == f"{path}/HumanML3D/texts/000001.txt"


def test_the_hash_sees_names_and_contents(tmp_path, write_texts):
    hashes = {
        read_tree(write_texts(tmp_path / str(n), texts), ("texts",)).sha256
        for n, texts in enumerate(({"a": "x"}, {"a": "y"}, {"b": "x"}, {"a": "x", "b": ""}))
    }
    assert len(hashes) == 4


def test_what_is_no_text_is_counted_and_left(tmp_path, write_texts):
    folder = write_texts(tmp_path / "in", FILES)
    (folder / "train.txt").write_text("000001\n")
    (folder / "texts/readme.md").write_text("x")
    (folder / "texts/.hidden.txt").write_text("x")
    os.mkfifo(folder / "texts/pipe.txt")
    result = read_tree(folder, ("texts",))
    assert [file.name for file in result.files] == sorted(FILES)
    assert (result.ignored, result.problems) == (3, [])
    path = write_texts(tmp_path / "mac.zip", {**FILES, "../__MACOSX/texts/._1": "x"}, "texts/")
    with pytest.raises(InputError, match="outside its own folder"):
        read_tree(path, ("texts",))
    path = write_texts(
        tmp_path / "mac2.zip", {"texts/1": "a", "__MACOSX/texts/._1": "x"}, prefix=""
    )
    assert [file.name for file in read_tree(path, ("texts",)).files] == ["1"]


def test_links_are_followed_inside_only(tmp_path, write_texts):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = write_texts(tmp_path / "in", FILES)
    (folder / "texts/out.txt").symlink_to(secret)
    (folder / "texts/in.txt").symlink_to(folder / "texts/000001.txt")
    (folder / "texts/dead.txt").symlink_to(folder / "nothing")
    (folder / "texts/up").symlink_to(tmp_path)
    result = read_tree(folder, ("texts",))
    assert {file.name for file in result.files} == {*FILES, "in"}
    assert [(p.name, p.kind) for p in result.problems] == [
        ("dead.txt", "refused file"),
        ("out.txt", "refused file"),
    ]
    assert "leads out of the folder" in result.problems[1].what
    assert b"secret" not in b"".join(file.data for file in result.files)


@pytest.mark.parametrize("name", ["../up.txt", "/etc/abs.txt", "texts/../../up.txt"])
def test_a_zip_that_names_files_outside_is_refused(tmp_path, name):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(InputError, match="outside its own folder"):
        read_tree(path, ("texts",))


def test_links_and_odd_names_in_a_zip_are_refused_one_by_one(tmp_path):
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("texts/fine.txt", "x")
        archive.writestr("texts/a\nb.txt", "x")
        link = zipfile.ZipInfo("texts/link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    result = read_tree(path, ("texts",))
    assert [file.name for file in result.files] == ["fine"]
    assert {p.what for p in result.problems} == {
        "it is a link",
        "the name has control characters, backslashes or blanks at its ends",
    }


def test_limits(tmp_path, write_texts, monkeypatch):
    folder = write_texts(tmp_path / "in", {"a": "x" * 50, "b": "x" * 50, "c": "x" * 50})
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as handle:
        for name in "abc":
            handle.writestr(f"texts/{name}.txt", "x" * 50)
    for path in (folder, archive):
        with monkeypatch.context() as patch:
            patch.setattr(tree, "MAX_FILE_BYTES", 49)
            with pytest.raises(InputError, match=r"texts/a.txt: .*larger than 49 bytes"):
                read_tree(path, ("texts",))
        with monkeypatch.context() as patch:
            patch.setattr(tree, "MAX_TOTAL_BYTES", 149)
            with pytest.raises(InputError, match="more than 149 bytes"):
                read_tree(path, ("texts",))
        with monkeypatch.context() as patch:
            patch.setattr(tree, "MAX_FILES", 1)
            with pytest.raises(InputError, match="more than"):
                read_tree(path, ("texts",))
    monkeypatch.setattr(tree, "MAX_ZIP_BYTES", 10)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        read_tree(archive, ("texts",))


def test_a_zip_that_lies_about_its_sizes(tmp_path):
    """The declared size says 5 bytes; what comes out is bounded by what is read, not by that."""
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("texts/a.txt", "x" * 5000)
    data = bytearray(path.read_bytes())
    for offset in range(len(data) - 4):
        if data[offset : offset + 4] == (5000).to_bytes(4, "little"):
            data[offset : offset + 4] = (5).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        read_tree(path, ("texts",))


def test_what_cannot_be_read_is_one_line(tmp_path, write_texts):
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.zip").write_text("no zip")
    good = write_texts(tmp_path / "good.zip", FILES)
    data = good.read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    broken = bytearray(data)
    broken[data.index(b"000001.txt") + len("000001.txt")] ^= 0xFF
    (tmp_path / "broken.zip").write_bytes(broken)
    for name, told in (
        ("nowhere", "does not exist"),
        ("empty", "no .txt file in it"),
        ("no.zip", "not a zip file"),
        ("cut.zip", "not a zip file"),
        ("broken.zip", "damaged"),
    ):
        with pytest.raises(InputError, match=told) as caught:
            read_tree(tmp_path / name, ("texts",))
        assert str(tmp_path / name) in str(caught.value)


def test_the_first_root_that_occurs_is_read(tmp_path, write_texts):
    folder = write_texts(tmp_path / "in", {"texts/semantic_labels/a/x": "x", "texts/y": "y"}, "")
    labels = read_tree(folder, ("semantic_labels", "texts"))
    assert [file.name for file in labels.files] == ["a/x"]
    assert [file.name for file in read_tree(folder, ("texts",)).files] == [
        "semantic_labels/a/x",
        "y",
    ]
