"""Finding and reading motions: three layouts, and what strangers put there instead."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hmu_bench.errors import InputError
from hmu_bench.submissions import reading
from hmu_bench.submissions.reading import Entry, MotionReader, list_motions
from tests.stand_ins import random_answers, write_submission

A, B = "0123456789abcdef", "fedcba9876543210"


def array(value: float = 0.0) -> np.ndarray:
    return np.full((4, 263), value, np.float32)


def tensors(folder: Path, name: str, *keys: str) -> None:
    save_file({key: array(n) for n, key in enumerate(keys)}, folder / name)


def messages(folder: Path) -> list[str]:
    return [str(problem) for problem in list_motions(folder).problems]


@pytest.mark.parametrize("layout", ["one", "shards", "npy"])
def test_three_layouts_hold_the_same(stand_in_track, tmp_path, layout):
    answers = random_answers(stand_in_track)
    folder = write_submission(tmp_path / "s", answers, layout=layout, repeats=2)
    listing = list_motions(folder)
    assert listing.problems == []
    assert listing.entries.keys() == answers.keys()
    with MotionReader(folder) as reader:
        for name, entry in listing.entries.items():
            np.testing.assert_array_equal(reader.read(entry), answers[name])


def test_files_are_closed_and_opened_again(stand_in_track, tmp_path, monkeypatch):
    answers = random_answers(stand_in_track)
    folder = write_submission(tmp_path / "s", answers, layout="shards", repeats=2)
    monkeypatch.setattr(reading, "_MAX_OPEN", 1)
    with MotionReader(folder) as reader:
        found = {e.name: reader.read(e) for e in list_motions(folder).entries.values()}
    for name, expected in answers.items():
        np.testing.assert_array_equal(found[name], expected)


def test_no_motions(tmp_path):
    assert "there are no motions; give exactly one of" in messages(tmp_path)[0]


def test_two_layouts_at_once(tmp_path):
    tensors(tmp_path, "motions.safetensors", f"{A}/0")
    (tmp_path / "motions" / A).mkdir(parents=True)
    np.save(tmp_path / "motions" / A / "0.npy", array())
    found = messages(tmp_path)
    assert "there are motions.safetensors and motions/" in found[0]
    assert "the motion is in motions.safetensors too" in found[1]


def test_overlapping_shards(tmp_path):
    tensors(tmp_path, "motions-00001-of-00002.safetensors", f"{A}/0", f"{A}/1")
    tensors(tmp_path, "motions-00002-of-00002.safetensors", f"{A}/1", f"{B}/0")
    assert messages(tmp_path) == [
        f"error: motions-00002-of-00002.safetensors [{A}/1]: "
        "the motion is in motions-00001-of-00002.safetensors too"
    ]


def test_missing_and_foreign_shards(tmp_path):
    tensors(tmp_path, "motions-00001-of-00003.safetensors", f"{A}/0")
    tensors(tmp_path, "motions-00004-of-00003.safetensors", f"{A}/1")
    tensors(tmp_path, "motions-1-of-3.safetensors", f"{A}/2")
    tensors(tmp_path, "motions-00001-of-00002.safetensors", f"{A}/3")
    found = "\n".join(messages(tmp_path))
    for part in (
        "motions-00002-of-00003.safetensors: the shard is missing",
        "motions-00003-of-00003.safetensors: the shard is missing",
        "motions-00004-of-00003.safetensors: no such shard number",
        "motions-1-of-3.safetensors: a shard must be called",
        "the shards are of several sets: of 00002, 00003",
    ):
        assert part in found


@pytest.mark.parametrize(
    "key", ["x", f"{A}", f"{A}/", f"{A}/-1", f"{A}/00", f"{A}/1000", f"../{A}/0", f"{A.upper()}/0",
            f"{A}/0\n", "a" * 500],
)  # fmt: skip
def test_keys_that_are_none(tmp_path, key):
    tensors(tmp_path, "motions.safetensors", key)
    (found,) = messages(tmp_path)
    assert "the key is not <prompt_id>/<repeat>" in found
    assert len(found) < 250
    assert "\n" not in found


def test_a_truncated_file(tmp_path):
    tensors(tmp_path, "motions.safetensors", f"{A}/0")
    path = tmp_path / "motions.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    (found,) = messages(tmp_path)
    assert "not readable safetensors" in found


def test_names_in_the_folder(tmp_path):
    root = tmp_path / "motions"
    (root / A).mkdir(parents=True)
    (root / "..strange").mkdir()
    (root / "readme").mkdir()
    (root / B).write_text("a file")
    np.save(root / A / "0.npy", array())
    (root / A / "notes.txt").write_text("x")
    (root / A / "01.npy").write_text("x")
    (root / A / "2.npy").mkdir()
    (root / A / ".DS_Store").write_text("x")
    found = messages(tmp_path)
    assert found == [
        f"error: motions/{A}/01.npy: the name is not <repeat>.npy",
        f"error: motions/{A}/2.npy: is not a regular file",
        f"error: motions/{A}/notes.txt: the name is not <repeat>.npy",
        f"error: motions/{B}: is not a folder",
        "error: motions/readme: the name is not a prompt id",
    ]


def test_links_out_of_the_folder(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    np.save(outside / "0.npy", array())
    tensors(outside, "m.safetensors", f"{A}/0")
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for folder in (one, two, three):
        folder.mkdir()
    (one / "motions.safetensors").symlink_to(outside / "m.safetensors")
    (two / "motions" / A).mkdir(parents=True)
    (two / "motions" / A / "0.npy").symlink_to(outside / "0.npy")
    (two / "motions" / B).symlink_to(outside)
    (three / "motions").symlink_to(outside)
    for folder, number in ((one, 1), (two, 2), (three, 1)):
        listing = list_motions(folder)
        assert [p.message for p in listing.problems] == [
            "the path leads out of its folder"
        ] * number
        assert listing.entries == {}


def test_links_inside_and_loops(tmp_path):
    (tmp_path / "motions" / A).mkdir(parents=True)
    np.save(tmp_path / "motions" / A / "0.npy", array())
    (tmp_path / "motions" / A / "1.npy").symlink_to("0.npy")
    (tmp_path / "motions" / A / "2.npy").symlink_to("2.npy")
    listing = list_motions(tmp_path)
    assert sorted(listing.entries) == [f"{A}/0", f"{A}/1"]
    assert len(listing.problems) == 1


def test_a_pipe_is_not_read(tmp_path):
    (tmp_path / "motions" / A).mkdir(parents=True)
    os.mkfifo(tmp_path / "motions" / A / "0.npy")
    assert "is not a regular file" in messages(tmp_path)[0]


def test_too_many_motions(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_MOTIONS", 2)
    tensors(tmp_path, "motions.safetensors", f"{A}/0", f"{A}/1", f"{A}/2")
    listing = list_motions(tmp_path)
    assert "there are more than 2 motions" in listing.problems[0].message
    assert listing.entries == {}
    folder = tmp_path / "npy"
    for prompt in (A, B):
        (folder / "motions" / prompt).mkdir(parents=True)
        for repeat in range(2):
            np.save(folder / "motions" / prompt / f"{repeat}.npy", array())
    assert "there are more than 2 motions" in list_motions(folder).problems[0].message


def test_types_and_sizes_are_refused_before_reading(tmp_path):
    save_file(
        {
            f"{A}/0": np.zeros((4, 263)),
            f"{A}/1": np.zeros((4, 263), np.int32),
            f"{A}/2": np.zeros((20_000, 263), np.float32),
        },
        tmp_path / "motions.safetensors",
    )
    entries = list_motions(tmp_path).entries
    with MotionReader(tmp_path) as reader:
        for repeat, word in ((0, "has type F64"), (1, "has type I32"), (2, "has 21,040,000 bytes")):
            with pytest.raises(InputError, match=word):
                reader.read(entries[f"{A}/{repeat}"])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (np.array([{"a": 1}], dtype=object), "pickle"),
        (np.zeros((4, 263)), "has type float64"),
        (np.zeros((4, 263), dtype="i4"), "type"),
        (b"\x80\x04K\x01.", "not a NumPy"),
        (b"", "not a NumPy"),
    ],
)
def test_npy_files_of_strangers(tmp_path, content, word):
    path = tmp_path / "motions" / A / "0.npy"
    path.parent.mkdir(parents=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    with MotionReader(tmp_path) as reader, pytest.raises(InputError, match=word) as caught:
        reader.read(Entry(A, 0, f"motions/{A}/0.npy", None))
    assert str(path) in str(caught.value)


def test_a_link_that_appears_later_is_not_followed(tmp_path):
    """Between listing and reading a file is replaced by a link."""
    path = tmp_path / "s" / "motions" / A / "0.npy"
    path.parent.mkdir(parents=True)
    np.save(path, array())
    entry = list_motions(tmp_path / "s").entries[f"{A}/0"]
    path.rename(tmp_path / "0.npy")
    path.symlink_to(tmp_path / "0.npy")
    with (
        MotionReader(tmp_path / "s") as reader,
        pytest.raises(InputError, match="leads out of its folder"),
    ):
        reader.read(entry)


def test_the_stand_in_really_has_shards(stand_in_track, tmp_path):
    folder = write_submission(tmp_path / "s", random_answers(stand_in_track, 1), layout="shards")
    parts = [load_file(path) for path in sorted(folder.glob("*.safetensors"))]
    assert len(parts) == 2
    assert sum(map(len, parts)) == len(stand_in_track.prompts)
