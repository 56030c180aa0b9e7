"""The committed records: valid, of tracks that ship, and measured again where it is cheap."""

from __future__ import annotations

from pathlib import Path

import pytest

from hmu_bench.scoring import score_real
from hmu_bench.tracks import load_track
from leaderboard.store import read_store

STORE = Path(__file__).parents[2] / "leaderboard" / "records"
RECORDS = read_store(STORE)


def test_there_are_some():
    assert {record.id for record in RECORDS} >= {
        "sample-retrieval-original",
        "sample-retrieval-retrained",
        "sample-violence-keywords-real",
    }


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_measured_record_is_of_the_track_and_evaluator_that_ship(record):
    if record.kind == "reported":
        pytest.skip("not measured here")
    track = load_track(record.track.name)
    assert record.track.sha256 == track.sha256
    assert record.provenance.evaluator.sha256 == track.info.evaluator.sha256
    assert record.coverage.prompts == len(track.prompts)
    for prompt_set, values in record.metrics.items():
        counts = {value.n for name, value in values.items() if name != "multimodality"}
        assert counts == {len(track.prompts_of(prompt_set))}


def test_the_real_motions_give_the_same_numbers_again():
    (committed,) = [record for record in RECORDS if record.id == "sample-violence-keywords-real"]
    again = score_real(load_track("sample-violence-keywords"), protocol="paper")
    assert again.metrics.keys() == committed.metrics.keys()
    for prompt_set, values in again.metrics.items():
        for name, value in values.items():
            expected = committed.metrics[prompt_set][name]
            assert value.n == expected.n
            for one, other in ((value.value, expected.value), (value.low, expected.low)):
                assert one == (None if other is None else pytest.approx(other, rel=1e-4, abs=1e-6))
