"""The committed records: valid, of tracks that ship, and measured again where it is cheap."""

from __future__ import annotations

from pathlib import Path

import pytest

from hmu_bench.metrics.table import METRICS
from hmu_bench.scoring import score_real
from hmu_bench.tracks import load_track
from leaderboard.store import read_store

STORE = Path(__file__).parents[2] / "leaderboard" / "records"
RECORDS = read_store(STORE)


def test_there_are_some():
    assert {record.id for record in RECORDS} >= {
        "sample-retrieval-original",
        "sample-retrieval-retrained",
        "sample-violence-real",
        "sample-violence-keywords-real",
    }
    assert {record.track.name for record in RECORDS} >= {
        "sample-violence",
        "sample-violence-keywords",
    }


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r.track.name}/{r.id}")
def test_a_measured_record_is_of_the_track_and_evaluator_that_ship(record):
    if record.kind == "reported":
        pytest.skip("not measured here")
    track = load_track(record.track.name)
    assert record.track.sha256 == track.sha256
    assert record.provenance.evaluator.sha256 == track.info.evaluator.sha256
    asked = sum(len(track.prompts_of(name)) for name in record.metrics)
    assert record.coverage.prompts == asked
    for prompt_set, values in record.metrics.items():
        prompts = track.prompts_of(prompt_set)
        masked = sum(prompt.masked_tokens is not None for prompt in prompts)
        for name, value in values.items():
            needs = (
                METRICS[name].needs if record.protocol == "hmu-1" or name == "multimodality" else ""
            )
            most = {"masked": masked, "repeats": len(prompts)}
            if value.value is not None:
                assert value.n <= most[needs] if needs else value.n == len(prompts), name


@pytest.mark.parametrize(
    ("name", "protocol"), [("sample-violence", "hmu-1"), ("sample-violence-keywords", "paper")]
)
def test_the_real_motions_give_the_same_numbers_again(name, protocol):
    (committed,) = [record for record in RECORDS if record.id == f"{name}-real"]
    again = score_real(load_track(name), protocol=protocol)
    assert again.metrics.keys() == committed.metrics.keys()
    for prompt_set, values in again.metrics.items():
        for name, value in values.items():
            expected = committed.metrics[prompt_set][name]
            assert value.n == expected.n
            for one, other in ((value.value, expected.value), (value.low, expected.low)):
                assert one == (None if other is None else pytest.approx(other, rel=1e-4, abs=1e-6))
