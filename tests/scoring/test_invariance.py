"""Numbers of records do not depend on files, batches, threads or storage; on a whole pack."""

from __future__ import annotations

import os

import numpy as np
import pytest

from hmu_bench.records import Record, Value
from hmu_bench.scoring import embedding, score_prompts
from hmu_bench.scoring.results import read_result
from hmu_bench.scoring.terms import terms_bytes
from tests.full_track import answers
from tests.stand_ins import write_submission

ROUNDING = {"peak_jerk": 25.0, "auj": 10.0}
"""What rounding features to float16 does to smooth motions, in m/s^3 and m/s^2."""
INFO = {"name": "half", "track": "full", "repeats": 2, "base_model": "original"}


def tables(record: Record) -> dict[tuple[str, ...], Value]:
    """Every value of a record: metrics, categories, scores."""
    found: dict[tuple[str, ...], Value] = {}
    for name, table in record.metrics.items():
        found |= {(name, metric): value for metric, value in table.items()}
    for name, parts in record.categories.items():
        for category, table in parts.items():
            found |= {(name, category, metric): value for metric, value in table.items()}
    if record.scores:
        found |= {("score", name): value for name, value in record.scores}
    return found


def close(first: Record, second: Record, relative: float = 1e-6) -> None:
    """All values and intervals agree; what is nearly 0 by the size of its interval."""
    one, other = tables(first), tables(second)
    assert one.keys() == other.keys()
    for key, value in one.items():
        found = other[key]
        assert (found.reason, found.n) == (value.reason, value.n), key
        assert (found.low is None) == (value.low is None), key
        width = 0.0 if value.low is None else value.high - value.low
        for part in ("value", "low", "high"):
            expected = getattr(value, part)
            if expected is not None:
                slack = relative * max(abs(expected), width, 1e-9)
                assert getattr(found, part) == pytest.approx(expected, abs=slack, rel=0), (
                    key,
                    part,
                )


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    """The same motions in other files: shards in another order, or a file a motion."""

    def write(track, layout: str):
        found = answers(track, 0.45, seed=1)
        turned = dict(sorted(found.items(), key=lambda item: item[0][::-1]))
        folder = tmp_path_factory.mktemp("shuffled") / layout
        return write_submission(folder, turned, layout=layout, **INFO)

    return write


@pytest.mark.parametrize("layout", ["shards", "npy"])
@pytest.mark.parametrize("protocol", ["hmu-1", "guo"])
def test_other_files(half, shuffled, full_track, stand_in_evaluator, base, layout, protocol):
    options = {"base": base} if protocol == "hmu-1" else {}
    first, second = (
        score_prompts(
            folder, full_track, protocol=protocol, evaluator=stand_in_evaluator, **options
        ).record
        for folder in (half[0], shuffled(full_track, layout))
    )
    assert first.metrics == second.metrics
    assert first.categories == second.categories
    assert first.scores == second.scores
    assert first.provenance.submission_sha256 != second.provenance.submission_sha256


def test_two_scorings_are_the_same_bytes(half, full_track, stand_in_evaluator, base):
    folder, first = half
    second = score_prompts(str(folder), full_track, evaluator=stand_in_evaluator, base=base)
    assert second.record.to_json() == first.record.to_json()
    assert terms_bytes(second.terms, second.record) == terms_bytes(first.terms, first.record)


@pytest.mark.parametrize("size", [7, 100])
def test_another_batch(half, full_track, stand_in_evaluator, base, monkeypatch, size):
    monkeypatch.setattr(embedding, "BATCH", size)
    other = score_prompts(half[0], full_track, evaluator=stand_in_evaluator, base=base)
    close(half[1].record, other.record)


def test_one_or_two_threads(half, full_track, stand_in_evaluator, hmu_bench_command, tmp_path):
    """As the command does it, in processes of their own: of Torch and of NumPy."""
    found = []
    for threads in (1, 2):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        out = tmp_path / str(threads) / "half.json"
        result = hmu_bench_command(
            "score", half[0], "--track", full_track.folder, "--evaluator",
            stand_in_evaluator.folder, "-o", out,
            env=os.environ | dict.fromkeys(names, str(threads)),
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        found.append(read_result(out))
    close(found[0].record, found[1].record)
    for metric, column in found[0].terms.columns.items():
        np.testing.assert_allclose(
            found[1].terms.columns[metric], column, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(column))
        )


def test_storage_in_float16(half, full_track, stand_in_evaluator, base, tmp_path):
    """Within 1 % of the value or of its interval's width, whichever is more; and told by a flag.

    Jerk is the exception (`ROUNDING`). Measured on the sample's 2,454 prompts and their real
    motions: 0.02 % for what is made of embeddings, 0.07 % for peak jerk, 0.3 % for foot skating
    (docs/intervals.md).
    """
    small = {
        name: array.astype(np.float16) for name, array in answers(full_track, 0.45, seed=1).items()
    }
    folder = write_submission(tmp_path / "s", small, **INFO)
    record = score_prompts(folder, full_track, evaluator=stand_in_evaluator, base=base).record
    assert "float16" in [flag.name for flag in record.flags]
    known = tables(half[1].record)
    for key, value in tables(record).items():
        expected = known[key]
        if expected.value is not None:
            width = 0.0 if expected.low is None else expected.high - expected.low
            slack = max(0.01 * max(abs(expected.value), width), ROUNDING.get(key[-1], 0.0))
            assert value.value == pytest.approx(expected.value, abs=slack + 1e-12), key
