"""A short run of benchmarks/fuzz_readers.py; the script itself runs as long as one likes."""

from __future__ import annotations

import random
import time
import warnings
from pathlib import Path

import pytest

from benchmarks import fuzz_readers
from benchmarks.fuzz_readers import Result, fuzz, mutate, try_input
from benchmarks.fuzz_targets import TARGETS, Target
from hmu_bench.errors import InputError

INPUTS = 200
FEWER = {"record, its pages": 60}
"""Of readers that take long for each."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_spoiled_file_gets_past_input_error(name, tmp_path):
    inputs = FEWER.get(name, INPUTS)
    result = fuzz(name, tmp_path / "work", inputs=inputs, seed=2026, save=tmp_path / "saved")
    assert result.crashes == {}
    assert result.hangs == 0
    assert result.inputs == result.refused + result.accepted == inputs
    assert result.refused > 0
    assert result.rss - result.rss_start < 256


def read_badly(data: bytes, folder: Path) -> None:
    """A reader that breaks in every way."""
    if data == b"bug":
        raise KeyError("x")
    if data == b"hang":
        time.sleep(10)
    if data == b"warning":
        warnings.warn("ouch", stacklevel=1)
    if data == b"bad":
        raise InputError("bad")


def test_the_script_sees_crashes_and_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_readers, "HANG_SECONDS", 0.1)
    target, result = Target(lambda: [b""], read_badly), Result()
    for data in (b"bug", b"hang", b"warning", b"bad", b"good"):
        try_input(target, data, tmp_path / "work", result, tmp_path / "saved")
    assert (result.inputs, result.refused, result.accepted, result.hangs) == (5, 1, 2, 1)
    assert [key.split(" at ")[0] for key in result.crashes] == ["KeyError", "warning: ouch"]
    assert len(list((tmp_path / "saved").glob("*.txt"))) == 3


def test_spoiled_files_differ():
    seeds = [b"a right file of some length", b"another one"]
    chance = random.Random(1)
    spoiled = {mutate(seeds, (b"word",), chance) for _ in range(300)}
    assert len(spoiled) > 200
    assert all(len(data) < 1000 for data in spoiled)
