"""Submissions of strangers: arrays, names and numbers of files, files that change meanwhile."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hmu_bench.errors import InputError
from hmu_bench.submissions import load_submission, pack, reading, validate
from hmu_bench.submissions.reading import list_motions
from tests.hostile.conftest import array_bytes, first_motion, npy, tree

HEADER = "{'descr': %s, 'fortran_order': False, 'shape': %s, }"
ONE = np.zeros((40, 263), np.float32)


def spoiled(place: tuple[int, ...], value: float, dtype: str = "f4") -> np.ndarray:
    array = ONE.astype(dtype)
    array[place] = value
    return array


ARRAYS = {
    "pickle": (array_bytes(np.array([{}], dtype=object)), "pickled objects"),
    "object type in the header": (npy(HEADER % ("'|O'", "(1,)"), b"\x80\x04N."), "pickled"),
    "fields": (array_bytes(np.zeros(3, dtype=[("a", "f4"), ("b", "O")])), "named fields"),
    "npz": (None, "not a NumPy .npy file"),
    "float64": (array_bytes(ONE.astype("f8")), "type float64"),
    "integers": (array_bytes(ONE.astype("i4")), "type <i4"),
    "complex": (array_bytes(ONE.astype("c8")), "type <c8"),
    "texts": (array_bytes(np.full((40, 263), "x")), "type <U1"),
    "dates": (array_bytes(np.zeros(3, "M8[s]")), "type <M8"),
    "NaN": (array_bytes(spoiled((3, 4), np.nan)), "not finite"),
    "infinity": (array_bytes(spoiled((3, 4), -np.inf)), "not finite"),
    "infinity in half precision": (array_bytes(spoiled((3, 4), np.inf, "f2")), "not finite"),
    "1e38": (array_bytes(spoiled((3, 4), 1e38)), "values up to 1e6"),
    "huge shape": (npy(HEADER % ("'<f4'", "(99999999999, 263)")), "claims an array"),
    "negative shape": (npy(HEADER % ("'<f4'", "(-1, 263)")), "not that of a plain array"),
    "code for a shape": (npy(HEADER % ("'<f4'", "(exit(),)")), "not that of a plain array"),
    "code for an order": (
        npy("{'descr': '<f4', 'fortran_order': print(1), 'shape': (1,), }"),
        "not that of a plain array",
    ),
    "no frames": (array_bytes(ONE[:0]), "has 0 frames"),
    "a number": (array_bytes(np.float32(1)), "has shape ()"),
    "axes": (array_bytes(ONE.reshape(1, 1, 40, 263)), "has shape (1, 1, 40, 263)"),
    "nothing": (b"", "not a NumPy"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_no_motions(name, npy_submission, stand_in_track, tmp_path):
    content, words = ARRAYS[name]
    path = first_motion(npy_submission)
    if content is None:
        np.savez(tmp_path / "a.npz", a=ONE)
        content = (tmp_path / "a.npz").read_bytes()
    path.write_bytes(content)
    report = validate(npy_submission, stand_in_track)
    (problem,) = report.errors
    assert words in problem.message
    assert problem.file == str(path.relative_to(npy_submission))
    assert report.answered == report.prompts - 1


@pytest.mark.parametrize(
    "change",
    [
        lambda array: array.astype(">f4"),
        lambda array: array.astype(">f2"),
        np.asfortranarray,
        lambda array: array * np.float32(0) + np.float32(1e-45),
        lambda array: array * np.float32(-0.0),
    ],
    ids=["big endian", "half, big endian", "by column", "denormal", "minus zero"],
)
def test_odd_but_right_arrays(change, npy_submission, stand_in_track):
    """Read as what they are; the same numbers in another order of bytes are the same numbers."""
    path = first_motion(npy_submission)
    array = np.load(path)
    np.save(path, change(array))
    report = validate(npy_submission, stand_in_track)
    assert report.errors == []
    with reading.MotionReader(npy_submission) as reader:
        entry = list_motions(npy_submission).entries[f"{path.parent.name}/{path.stem}"]
        found = reader.read(entry)
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, change(array))


def test_names_that_look_like_prompt_ids(npy_submission, stand_in_track):
    """Capitals, full-width digits, Cyrillic letters, zero-width characters: no prompt's names."""
    good = first_motion(npy_submission).parent
    names = [
        good.name.upper() if good.name != good.name.upper() else good.name[:-1] + "A",
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in good.name),
        good.name.replace("a", "\u0430").replace("e", "\u0435") + "\u200b",
        f"{good.name}\n",
        f"{good.name} ",
        f"\u202e{good.name[::-1]}",
        f"{good.name}.",
        "x" * 255,
    ]
    for name in names:
        (good.parent / name).mkdir()
    report = validate(npy_submission, stand_in_track)
    assert len(report.errors) == len(names)
    assert {problem.message for problem in report.errors} == {"the name is not a prompt id"}
    assert all(str(problem).isprintable() for problem in report.errors)
    assert report.answered == report.prompts


def test_a_million_files_end_early(tmp_path, monkeypatch):
    """Counted, not read: after so many files or problems nothing more is looked at."""
    monkeypatch.setattr(reading, "MAX_MOTIONS", 1000)
    monkeypatch.setattr(reading, "MAX_PROBLEMS", 500)
    wide = tmp_path / "wide" / "motions"
    wide.mkdir(parents=True)
    for number in range(1001):
        (wide / f"{number:016x}").touch()
    listing = list_motions(tmp_path / "wide")
    assert listing.problems[-1].message == "there are more than 1,000 files in motions/"
    assert len(listing.problems) == 1
    (wide / f"{0:016x}").unlink()
    listing = list_motions(tmp_path / "wide")
    assert listing.problems[-1].message == "there are more than 500 problems"
    assert len(listing.problems) == 501
    assert listing.entries == {}


def test_shards_of_thousands_of_sets(tmp_path):
    """Each of them would have ten thousand missing shards."""
    good = save_to_bytes(tmp_path, {"0123456789abcdef/0": ONE})
    for number in range(1, 41):
        (tmp_path / f"motions-00001-of-{10_000 + number}.safetensors").write_bytes(good)
    begin = time.perf_counter()
    listing = list_motions(tmp_path)
    assert time.perf_counter() - begin < 5
    assert len(listing.problems) <= reading.MAX_PROBLEMS + 1
    assert listing.problems[-1].message == "there are more than 100,000 problems"


def save_to_bytes(folder: Path, tensors: dict[str, np.ndarray]) -> bytes:
    save_file(tensors, folder / "a.st")
    data = (folder / "a.st").read_bytes()
    (folder / "a.st").unlink()
    return data


def test_sizes_together(submission, monkeypatch):
    monkeypatch.setattr(reading, "MAX_SUBMISSION_BYTES", 100_000_000)
    assert list_motions(submission).problems == []
    size = (submission / "motions.safetensors").stat().st_size
    monkeypatch.setattr(reading, "MAX_SUBMISSION_BYTES", size + 1)
    assert list_motions(submission).problems == []
    monkeypatch.setattr(reading, "MAX_HEADERS_BYTES", 100)
    assert "their headers more than 100" in list_motions(submission).problems[-1].message
    monkeypatch.setattr(reading, "MAX_SUBMISSION_BYTES", size - 1)
    assert "at most are read" in list_motions(submission).problems[-1].message


# --- files that change after they were looked at --------------------------------------------------


def truncated(path: Path) -> None:
    os.truncate(path, 100)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def removed(path: Path) -> None:
    path.unlink()


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def made_a_link(path: Path) -> None:
    outside = next(p for p in path.parents if p.name == "submission").parent / "moved"
    path.rename(outside)
    path.symlink_to(outside)


def made_a_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


CHANGES = [
    truncated, emptied, removed, made_a_folder, made_a_pipe, made_a_link, made_a_link_to_itself,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("layout", ["one", "npy"])
def test_a_file_that_changes_after_it_was_listed(change, layout, good, tmp_path):
    folder = Path(shutil.copytree(good[layout], tmp_path / "a" / "submission"))
    opened = load_submission(folder)
    path = folder / "motions.safetensors" if layout == "one" else first_motion(folder)
    change(path)
    begin = time.perf_counter()
    with pytest.raises(InputError):
        pack(opened, tmp_path / "out")
    with pytest.raises(InputError):
        _ = opened.sha256 if change not in (truncated, emptied) else load_submission_again(folder)
    assert time.perf_counter() - begin < 5
    assert not any(name.startswith(str(tmp_path / "out")) for name in tree(tmp_path))


def load_submission_again(folder: Path) -> None:
    """A shortened file has a hash; that it is no submission any more is seen when it is read."""
    pack(load_submission(folder), folder / "again")


def test_a_file_that_shrinks_between_two_motions(good, tmp_path):
    """Mapped into memory, this would kill the process; here it is one line."""
    folder = Path(shutil.copytree(good["one"], tmp_path / "submission"))
    entries = list(list_motions(folder).entries.values())
    with reading.MotionReader(folder) as reader:
        reader.read(entries[-1])
        os.truncate(folder / "motions.safetensors", 50_000)
        with pytest.raises(InputError, match="shortened while it was read"):
            reader.read(entries[-1])


def test_other_numbers_in_the_same_place_are_other_numbers(good, tmp_path):
    """What is scored is what lies there when it is read, and it is checked then."""
    folder = Path(shutil.copytree(good["one"], tmp_path / "submission"))
    listing = list_motions(folder)
    tensors = load_file(folder / "motions.safetensors")
    save_file(
        {name: np.full_like(array, np.nan) for name, array in tensors.items()},
        folder / "motions.safetensors",
    )
    with reading.MotionReader(folder) as reader:
        assert np.isnan(reader.read(next(iter(listing.entries.values())))).all()
