"""Checkpoints: the same bytes after any interruption; what is damaged or foreign is not used."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.scoring import checkpoints as module
from hmu_bench.scoring import embedding, score_prompts
from hmu_bench.scoring.checkpoints import Checkpoints, Columns, open_checkpoints
from hmu_bench.submissions import load_submission
from tests.conftest import ROOT
from tests.stand_ins import random_answers, write_submission

REPEATS = 3


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("HMU_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def answers(stand_in_track) -> dict[str, np.ndarray]:
    return random_answers(stand_in_track, repeats=REPEATS)


@pytest.fixture(scope="module")
def submission(answers, tmp_path_factory) -> Path:
    return write_submission(tmp_path_factory.mktemp("many") / "s", answers, repeats=REPEATS)


@pytest.fixture(scope="module")
def uninterrupted(submission, stand_in_track, stand_in_evaluator) -> str:
    return scored(submission, stand_in_track, stand_in_evaluator, every=0)[0]


def scored(folder, track, evaluator, *, every=32, stop_after=None, monkeypatch=None, **more):
    """The record's text, and the checkpoints; interrupted after so many embedded batches."""
    opened: list[Checkpoints] = []
    if stop_after is not None:
        count = 0
        embed = embedding._embedded

        def stopping(*arguments):
            nonlocal count
            count += 1
            if count > stop_after:
                raise KeyboardInterrupt
            return embed(*arguments)

        monkeypatch.setattr(embedding, "_embedded", stopping)
    found = score_prompts(
        folder, track, protocol="paper", evaluator=evaluator, checkpoint_every=every,
        keeping=opened.append, **more,
    )  # fmt: skip
    return found.record.to_json(), opened


def interrupt(folder, track, evaluator, batches, monkeypatch, **more) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        scored(folder, track, evaluator, stop_after=batches, monkeypatch=patch, **more)


@pytest.mark.parametrize("every", [32, 96])
def test_the_record_is_the_same_after_interruptions(
    every, submission, stand_in_track, stand_in_evaluator, uninterrupted, monkeypatch, cache
):
    files = []
    for batches in (1, 0, 3, 2):
        interrupt(submission, stand_in_track, stand_in_evaluator, batches, monkeypatch, every=every)
        files.append(len(list(cache.rglob("*.safetensors"))))
    assert files == ([1, 1, 4, 6] if every == 32 else [0, 0, 1, 1])
    text, (opened,) = scored(submission, stand_in_track, stand_in_evaluator, every=every)
    assert text == uninterrupted
    assert opened.found == every * files[-1]
    motions = REPEATS * len(stand_in_track.prompts)
    assert opened.kept == motions
    again, (reopened,) = scored(submission, stand_in_track, stand_in_evaluator, every=every)
    assert (again, reopened.found) == (uninterrupted, motions)
    reopened.remove()
    assert list((cache / "scoring").iterdir()) == []


def test_without_checkpoints_nothing_is_written(
    submission, stand_in_track, stand_in_evaluator, uninterrupted, cache
):
    for every in (0, 1024):
        text, opened = scored(submission, stand_in_track, stand_in_evaluator, every=every)
        assert (text, opened) == (uninterrupted, [])
    assert not cache.exists()


@pytest.mark.parametrize("every", [-32, 33, 1])
def test_another_number_is_refused(submission, stand_in_track, stand_in_evaluator, every):
    with pytest.raises(InputError, match="give a multiple of 32, or 0 for none"):
        scored(submission, stand_in_track, stand_in_evaluator, every=every)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 8)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_part(path: Path) -> None:
    path.write_bytes((path.parent / "000032-000064.safetensors").read_bytes())


def other_tensors(path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(3)}, path)


def of_other_shapes(path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    save_file({**load_file(path), "facts": np.zeros((5000, 3))}, path)


def of_other_types(path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(path)
    save_file({**tensors, "facts": tensors["facts"].view(np.int64)}, path)


@pytest.mark.parametrize(
    "damage",
    [cut, flipped, emptied, of_another_part, other_tensors, of_other_shapes, of_other_types],
)
def test_damaged_ones_are_told_once_and_made_anew(
    damage, submission, stand_in_track, stand_in_evaluator, uninterrupted, monkeypatch, cache,
    caplog,
):  # fmt: skip
    interrupt(submission, stand_in_track, stand_in_evaluator, 3, monkeypatch)
    paths = sorted(cache.rglob("*.safetensors"))
    for path in (paths[0], paths[2]):
        damage(path)
    with caplog.at_level(logging.INFO, logger="hmu_bench"):
        text, (opened,) = scored(submission, stand_in_track, stand_in_evaluator)
    assert text == uninterrupted
    assert opened.found == 32
    damaged, going_on = (record.getMessage() for record in caplog.records)
    assert damaged.startswith("2 damaged checkpoints in ")
    assert going_on == f"going on: 32 of {REPEATS * len(stand_in_track.prompts)} motions were " + (
        "done before"
    )


def test_a_disk_that_takes_no_more_is_told_once(
    submission, stand_in_track, stand_in_evaluator, uninterrupted, monkeypatch, caplog
):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomic", full)
    text, (opened,) = scored(submission, stand_in_track, stand_in_evaluator)
    assert (text, opened.kept) == (uninterrupted, 0)
    (told,) = caplog.records
    assert "no checkpoint can be kept" in told.getMessage()
    assert "No space left" in told.getMessage()


def test_a_submission_that_changed_starts_anew(
    answers, stand_in_track, stand_in_evaluator, monkeypatch, tmp_path, cache
):
    folder = write_submission(tmp_path / "s", answers, repeats=REPEATS, layout="npy")
    interrupt(folder, stand_in_track, stand_in_evaluator, 2, monkeypatch)
    name = sorted(answers)[0]
    np.save(folder / "motions" / f"{name}.npy", answers[name] * np.float32(1.01))
    text, (opened,) = scored(folder, stand_in_track, stand_in_evaluator)
    assert opened.found == 0
    assert text == scored(folder, stand_in_track, stand_in_evaluator, every=0)[0]
    assert len(list((cache / "scoring").iterdir())) == 2


def test_a_submission_that_changes_meanwhile_is_refused(
    answers, stand_in_track, stand_in_evaluator, monkeypatch, tmp_path
):
    """The record would name the bytes that were hashed, not those that were read."""
    folder = write_submission(tmp_path / "s", answers, repeats=REPEATS, layout="npy")
    path = folder / "motions" / f"{min(answers)}.npy"
    embed = embedding._embedded

    def changing(*arguments):
        np.save(path, np.load(path) * np.float32(1.01))
        return embed(*arguments)

    monkeypatch.setattr(embedding, "_embedded", changing)
    for every in (0, 32):
        with pytest.raises(InputError, match=r"changed while it was read.*score it again"):
            scored(folder, stand_in_track, stand_in_evaluator, every=every)


def test_a_dry_run_has_its_own(
    submission, stand_in_track, stand_in_evaluator, monkeypatch, uninterrupted
):
    interrupt(submission, stand_in_track, stand_in_evaluator, 2, monkeypatch, limit=30)
    text, (opened,) = scored(submission, stand_in_track, stand_in_evaluator)
    assert (text, opened.found) == (uninterrupted, 0)
    _, (opened,) = scored(submission, stand_in_track, stand_in_evaluator, limit=30)
    assert opened.found == 64


def test_the_key_names_all_that_numbers_depend_on(
    submission, stand_in_track, stand_in_evaluator, monkeypatch
):
    def key(**more) -> str:
        opened = open_checkpoints(
            load_submission(submission), stand_in_track, stand_in_evaluator,
            **{"every": 32, **more},
        )  # fmt: skip
        return opened.key

    keys = [key(), key(every=64), key(limit=30)]
    for name in ("__version__", "FORMAT"):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, "9.9")
            keys.append(key())
    with monkeypatch.context() as patch:
        patch.setattr(np, "__version__", "9.9")
        keys.append(key())
    with monkeypatch.context() as patch:
        patch.setattr(stand_in_evaluator, "sha256", "0" * 64)
        keys.append(key())
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]


def test_what_nobody_came_back_for_is_removed(cache):
    folder = cache / "scoring"
    old, new, other = folder / ("a" * 64), folder / ("b" * 64), folder / "my notes"
    for path in (old, new, other):
        path.mkdir(parents=True)
        (path / "x").touch()
    link = folder / ("c" * 64)
    link.symlink_to(other)
    month = time.time() - 31 * 86400
    for path in (old, other):
        os.utime(path, (month, month))
    module._remove_old(folder)
    assert sorted(folder.iterdir()) == sorted([new, link, other])
    assert (other / "x").exists()


def test_what_another_scoring_removes_meanwhile_is_passed_over(cache, monkeypatch):
    gone = cache / "scoring" / ("a" * 64)
    gone.mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([gone, folder / ("b" * 64)]))
    module._remove_old(cache / "scoring", now=time.time() + 31 * 86400)
    assert not gone.exists()


def test_columns_hold_every_number():
    generator = np.random.default_rng(0)
    columns = Columns.empty(70, 5, 3)
    for array in columns.rows(slice(None)).values():
        array[:] = generator.integers(0, 200, array.shape)
    assert {name: array.shape for name, array in columns.rows(slice(64, 70)).items()} == {
        "embeddings": (6, 5), "physics": (6, 3), "facts": (6, 9), "digests": (6, 32),
    }  # fmt: skip


# --- the command ----------------------------------------------------------------------------------


def start(submission: Path, track, evaluator, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "hmu_bench", "score", str(submission), "--track",
            str(track.folder), "--evaluator", str(evaluator.folder), "--protocol", "paper",
            "--checkpoint-every", "32", "-o", str(out),
        ],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_files(process: subprocess.Popen[str], cache: Path, more_than: int) -> bool:
    """Whether more than so many checkpoints appeared before the command ended."""
    while process.poll() is None:
        if len(list(cache.rglob("[0-9]*.safetensors"))) > more_than:
            return True
        time.sleep(0.002)
    return False


def test_interrupted_the_same_command_goes_on(
    answers, stand_in_track, stand_in_evaluator, tmp_path, cache
):
    """Ctrl-C, then to the end: the record of a scoring that nobody stopped."""
    folder = write_submission(
        tmp_path / "s",
        {f"{n.split('/')[0]}/{4 * int(n.split('/')[1]) + k}": a for n, a in answers.items()
         for k in range(4)},
        repeats=4 * REPEATS,
    )  # fmt: skip
    out = tmp_path / "r.json"
    stopped = start(folder, stand_in_track, stand_in_evaluator, out)
    assert wait_for_files(stopped, cache, 1)
    stopped.send_signal(signal.SIGINT)
    printed, said = stopped.communicate()
    assert (stopped.returncode, printed) == (130, "")
    (how,) = said.splitlines()
    assert "interrupted; " in how
    assert "motions are done and kept; give the same command again to go on there" in how
    assert not out.exists()
    finished = start(folder, stand_in_track, stand_in_evaluator, out)
    _, said = finished.communicate()
    assert finished.returncode == 0, said
    assert said.startswith("going on: ")
    assert list((cache / "scoring").iterdir()) == []
    text, _ = scored(folder, stand_in_track, stand_in_evaluator, every=0)
    assert out.read_text() == text
