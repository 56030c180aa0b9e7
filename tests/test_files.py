import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.files import (
    canonical_json,
    read_bounded,
    read_text,
    sha256_bytes,
    sha256_file,
    sha256_files,
    staged_directory,
    write_atomic,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)  # fmt: skip


@given(json_values)
def test_canonical_json_round_trip(value):
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@given(st.dictionaries(st.text(), st.text()))
@example({"\ud800": "a\udfffb\x9b\u202e\U000e0001\x7f"})
def test_canonical_json_shows_every_character(value):
    """Half surrogates, control characters, direction marks: readable, printable, unchanged."""
    text = canonical_json(value)
    assert all(line.isprintable() for line in text.split("\n"))
    assert json.loads(text.encode("utf-8")) == value


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), [1.0, float("-inf")]])
def test_canonical_json_has_no_nan(bad):
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(bad)


def test_hashes_agree_and_name_matters(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"x" * 3_000_000)
    b.write_bytes(b"y")
    assert sha256_file(a) == sha256_bytes(b"x" * 3_000_000)
    assert sha256_files({"a": a, "b": b}) == sha256_files({"b": b, "a": a})
    assert sha256_files({"a": a, "b": b}) != sha256_files({"a": b, "b": a})


def test_read_bounded_refuses_what_is_not_a_small_regular_file(tmp_path):
    small = tmp_path / "small"
    small.write_bytes(b"12345")
    assert read_bounded(small, 5) == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes"):
        read_bounded(small, 4)
    with pytest.raises(InputError, match="does not exist"):
        read_bounded(tmp_path / "none", 4)
    with pytest.raises(InputError, match="not a regular file"):
        read_bounded(tmp_path, 4)


def test_read_text_names_the_line_that_is_not_utf8(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"fine\nfine\nbad \xff\n")
    with pytest.raises(InputError, match=r"t\.txt:3: the file is not UTF-8"):
        read_text(path)


def test_write_atomic_replaces_whole_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "sub" / "f.txt"
    write_atomic(path, "one")
    write_atomic(path, "zwö")
    assert path.read_text("utf-8") == "zwö"
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, "three")
    assert path.read_text("utf-8") == "zwö"
    assert [p.name for p in path.parent.iterdir()] == ["f.txt"]


def test_staged_directory_replaces_whole(tmp_path):
    target = tmp_path / "out"
    for content in ("old", "new"):
        with staged_directory(target) as folder:
            (folder / content).write_text(content)
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("bad")])
def test_staged_directory_keeps_the_old_one_when_interrupted(tmp_path, error):
    target = tmp_path / "out"
    with staged_directory(target) as folder:
        (folder / "old").touch()

    def fill_and_fail() -> None:
        with staged_directory(target) as folder:
            (folder / "half").touch()
            raise error

    with pytest.raises((KeyboardInterrupt, InputError)):
        fill_and_fail()
    assert [p.name for p in target.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_pipe_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_bounded(tmp_path / "pipe", 10)
    with pytest.raises(InputError, match="not a regular file"):
        read_bounded(Path("/dev/zero"), 10)


@pytest.mark.parametrize("name", ["x" * 5000, "a/" * 3000, "nul\0byte"])
def test_names_that_no_file_can_have(name):
    with pytest.raises(InputError, match="cannot be read"):
        read_bounded(Path(name), 10)
