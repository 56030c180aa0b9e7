"""Split lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets import SplitLists, read_splits, splits
from hmu_bench.errors import InputError


def test_blank_lines_and_the_last_newline_do_not_matter(tmp_path, write_lists):
    lists = read_splits(write_lists(tmp_path))
    assert lists.ids == {
        "train": ("000004", "000001", "M000001", "000002"),
        "validation": ("M000002",),
        "test": ("000003", "000005", "000006"),
    }
    assert lists.problems == []
    (tmp_path / "train.txt").write_text("\ufeff000004\r\n000001\r\nM000001\r\n 000002")
    again = read_splits(tmp_path)
    assert again.ids == lists.ids
    assert again.sha256 == lists.sha256


def test_duplicates_are_told_with_both_places(tmp_path, write_lists):
    folder = write_lists(tmp_path, {"train.txt": "1\n2\n1\n", "test.txt": "3\n2\n"})
    lists = read_splits(folder)
    assert lists.ids == {"train": ("1", "2"), "test": ("3",)}
    assert [(p.kind, p.where, p.line, p.what) for p in lists.problems] == [
        (
            "duplicate id",
            str(folder / "train.txt"),
            3,
            "the id '1' is given twice (first: train.txt:1)",
        ),
        (
            "duplicate id",
            str(folder / "test.txt"),
            2,
            "the id '2' is given twice (first: train.txt:2)",
        ),
    ]


def test_ids_that_are_none(tmp_path, write_lists):
    lists = read_splits(write_lists(tmp_path, {"train.txt": "1\n../2\n"}))
    assert lists.ids == {"train": ("1",)}
    assert [(p.kind, p.line) for p in lists.problems] == [("unreadable line", 2)]


def test_all_txt_is_compared(tmp_path, write_lists):
    lists = read_splits(write_lists(tmp_path, {"train.txt": "1\n2\n", "all.txt": "2\n3\n"}))
    assert (lists.only_in_all, lists.missing_in_all) == (("3",), ("1",))
    assert lists.ids == {"train": ("1", "2")}
    assert set(lists.sha256) == {"train.txt", "all.txt"}


def test_the_official_lists(shared):
    lists = read_splits(shared / "data/humanml3d/official_splits")
    assert {split: len(ids) for split, ids in lists.ids.items()} == {
        "train": 23384,
        "validation": 1460,
        "test": 4384,
    }
    assert (lists.problems, lists.only_in_all, lists.missing_in_all) == ([], (), ())


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ({}, "none of train.txt, val.txt, test.txt"),
        ({"all.txt": "1"}, "none of train.txt, val.txt, test.txt"),
        ({"train.txt": "\n"}, "empty"),
    ],
)
def test_a_folder_without_lists(tmp_path, write_lists, lists, told):
    with pytest.raises(InputError, match=told):
        read_splits(write_lists(tmp_path / "lists", lists))


def test_bad_paths_and_bytes(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_splits(tmp_path / "nowhere")
    (tmp_path / "train.txt").write_bytes(b"1\n\xff\n")
    with pytest.raises(InputError, match=r"train.txt:2: the file is not UTF-8"):
        read_splits(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        read_splits(tmp_path / "train.txt")


ids = st.text("abc", min_size=1, max_size=2)


@given(st.lists(ids, max_size=20))
def test_every_id_is_listed_once_or_a_problem(tmp_path_factory, listed):
    folder = tmp_path_factory.mktemp("lists")
    half = len(listed) // 2
    (folder / "train.txt").write_text("\n".join(listed[:half]))
    (folder / "test.txt").write_text("\n".join(listed[half:]))
    if not listed:
        with pytest.raises(InputError):
            read_splits(folder)
        return
    lists = read_splits(folder)
    kept = [clip_id for ids in lists.ids.values() for clip_id in ids]
    assert kept == list(dict.fromkeys(listed))
    assert len(kept) + len(lists.problems) == len(listed)


def test_lists_in_memory():
    lists = SplitLists.of({"test": ["b"], "train": ["a"]})
    assert list(lists.ids) == ["train", "test"]
    assert lists.given
    with pytest.raises(InputError, match=r"twice"):
        SplitLists.of({"test": ["b"], "train": ["b"]})
    with pytest.raises(InputError, match="no split 'val'"):
        SplitLists.of({"val": ["b"]})
    assert SplitLists.none(["b", "a"]).ids == {"train": ("a", "b")}


def test_bad_lines_are_counted(tmp_path, write_lists, monkeypatch):
    monkeypatch.setattr(splits, "MAX_PROBLEMS", 3)
    path = write_lists(tmp_path, {"train.txt": "x\n" * 10})
    with pytest.raises(InputError, match=r"train\.txt: there are more than 3 bad lines"):
        read_splits(path)
    monkeypatch.setattr(splits, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        read_splits(path)
