"""Differences from the base model: those of `hmu-bench compare`, and where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals.paired import paired_difference
from hmu_bench.records import Value, write_record
from hmu_bench.scoring.terms import write_terms
from leaderboard import frame
from leaderboard.board import Board
from leaderboard.differences import Difference, FromBase, from_base, terms_of
from leaderboard.store import read_entries
from tests.leaderboard.made_up import sha
from tests.leaderboard.moving import METRICS, SIZES, TRACK, scored, world, write_world


def found_in(folder: Path, name: str = "erase", protocol: str = "hmu-1") -> FromBase:
    board = Board(read_entries(folder), frame.environment([]))
    records = (r for r in board.records if (r.id, r.protocol) == (name, protocol))
    return from_base(board, next(records))


def replaced(folder: Path, **changes: Any) -> Path:
    """The store with another `erase`."""
    record, terms = scored(4, id="erase", **changes)
    path = folder / TRACK / "erase.json"
    write_record(record, path)
    write_terms(terms, record, path.with_suffix(".parquet"))
    (folder / TRACK / "erase.preview.safetensors").unlink()
    (folder / TRACK / "erase.guo.json").unlink()
    return folder


def test_they_are_the_paired_differences(tmp_path: Path) -> None:
    found = found_in(write_world(tmp_path))
    assert set(found.differences) == {(name, metric) for name in SIZES for metric in METRICS}
    assert found.paired
    records = {record.id: terms for record, terms in world()}
    own, other = records["erase"], records["original"]
    for (name, metric), one in found.differences.items():
        rows = own.rows_of(str(name))
        known = rows[~np.isnan(own.columns[metric][rows])]
        groups = np.array(own.base_clip)[known]
        expected = paired_difference(
            own.columns[metric][known], other.columns[metric][known], groups
        )
        assert one.value.value == pytest.approx(expected.value, abs=1e-12)
        assert (one.value.low, one.value.high) == pytest.approx((expected.low, expected.high))
        assert one.verdict in ("better", "worse", "not told apart")


def test_without_numbers_of_prompts_there_is_no_interval(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    (folder / TRACK / "erase.parquet").unlink()
    found = found_in(folder)
    assert found.differences
    assert not found.paired
    assert {one.verdict for one in found.differences.values()} == {""}


def test_numbers_of_different_evaluators_are_not_subtracted(tmp_path: Path) -> None:
    made = {
        "package_version": "0.1.0",
        "evaluator": {"id": "another", "sha256": sha("9")},
        "submission_sha256": sha("4"),
    }
    found = found_in(replaced(write_world(tmp_path), provenance=made))
    assert found.differences == {}
    assert "different evaluators" in found.why_none


def test_without_a_base_model_there_are_none(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    assert found_in(folder, "original").why_none == "it has no base model on this board"
    assert found_in(folder, "erase", "guo").differences == {}


def test_numbers_of_another_record_stop_the_build(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    (folder / TRACK / "erase.parquet").write_bytes((folder / TRACK / "alone.parquet").read_bytes())
    with pytest.raises(InputError, match=r"erase\.parquet"):
        found_in(folder)


def test_the_numbers_beside_a_record(tmp_path: Path) -> None:
    board = Board(read_entries(write_world(tmp_path)), frame.environment([]))
    record = next(r for r in board.records if r.id == "alone")
    terms = terms_of(board, record)
    assert terms is not None
    assert terms.prompt_id == world()[4][1].prompt_id
    assert terms_of(board, None) is None


def test_signs() -> None:
    found = Difference(Value(value=0.0, low=-0.5, high=0.5)).shown
    assert (found.value, found.low, found.high) == ("0.00", "−0.50", "+0.50")
    assert Difference(Value(value=1.5)).shown.value == "+1.500"
