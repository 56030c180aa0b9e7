"""Folders and zips of texts: the same files from both, nothing from outside, bounded."""

from __future__ import annotations

import contextlib
import os
import random
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def overlapping(path, count, size, name=b"texts/%07d.txt"):
    """A zip whose list names one packed file `count` times: small to send, large to unpack."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"x" * size
    packed = packer.compress(text) + packer.flush()
    sizes = (zlib.crc32(text), len(packed), size)
    facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, *sizes)
    first = name % 0
    body = b"PK\x03\x04" + facts + struct.pack("<HH", len(first), 0) + first + packed
    names = [name % number for number in range(count)]
    records = [
        b"PK\x01\x02" + b"\x14\x00" + facts
        + struct.pack("<HHHHHII", len(one), 0, 0, 0, 0, 0, 0) + one
        for one in names
    ]  # fmt: skip
    directory = b"".join(records)
    end = struct.pack("<HHHHIIH", 0, 0, min(count, 65535), min(count, 65535), len(directory),
                      len(body), 0)  # fmt: skip
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def test_overlapping_files_are_bounded_by_what_comes_out(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MAX_TOTAL_BYTES", 3_000_000)
    path = overlapping(tmp_path / "bomb.zip", 100, 1_000_000, b"texts/%03d.txt")
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match=r"more than 3,000,000 bytes|damaged"):
        read_tree(path, ("texts",))


def test_a_list_of_files_that_is_too_long_is_not_read(tmp_path):
    """Every name in the list costs half a kilobyte of memory, before anything is unpacked."""
    path = overlapping(tmp_path / "bomb.zip", 600_000, 1)
    assert path.stat().st_size < 40 << 20
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(InputError, match="its list of files has"):
        read_tree(path, ("texts",))
    assert time.perf_counter() - begin < 5
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packers_are_refused(tmp_path, method):
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("texts/1.txt", "x" * 100, compress_type=method)
        archive.writestr("texts/2.txt", "y")
    result = read_tree(path, ("texts",))
    assert [file.name for file in result.files] == ["2"]
    assert "packed with another method" in result.problems[0].what


def test_a_zip_with_a_password(tmp_path, write_texts):
    path = write_texts(tmp_path / "locked.zip", {"1": "a"})
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged or locked"):
        read_tree(path, ("texts",))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_zips_never_get_past_input_error(tmp_path, data):
    folder = tmp_path
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("texts/1.txt", "a man walks#a/DET#0.0#0.0\n" * 3)
        archive.writestr("texts/2.txt", "b#b/X#0.0#0.0\n")
    whole = bytearray((folder / "a.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255))
    (folder / "a.zip").write_bytes(whole)
    # Anything but an InputError fails the test.
    with contextlib.suppress(InputError):
        read_tree(folder / "a.zip", ("texts",))


def test_names_that_look_the_same_stay_apart(tmp_path, write_texts):
    """Composed and decomposed letters, small and capital ones: other bytes, other clips."""
    names = ["caf\u00e9", "cafe\u0301", "Walk", "walk", "\u0430", "a"]
    path = write_texts(tmp_path / "in.zip", dict.fromkeys(names, "x"))
    assert sorted(file.name for file in read_tree(path, ("texts",)).files) == sorted(names)


@pytest.mark.parametrize(
    "name", ["a\u202eb", "a\u200bb", "\ufeffa", "a\x1b[31m", "a\u2066b", "a\\b", "x" * 301, " a"]
)
def test_names_with_tricks_are_refused(tmp_path, write_texts, name):
    result = read_tree(write_texts(tmp_path / "in.zip", {name: "x", "good": "y"}), ("texts",))
    assert [file.name for file in result.files] == ["good"]
    assert [problem.kind for problem in result.problems] == ["refused file"]
