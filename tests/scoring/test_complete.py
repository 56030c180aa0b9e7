"""Protocol `hmu-1` on a pack that has everything: the rest of its metrics, categories, detector."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.metrics.table import METRICS
from hmu_bench.motion import features_to_joints
from hmu_bench.records import Record
from hmu_bench.scoring import score_real_prompts
from hmu_bench.scoring.hmu1 import MAX_CATEGORIES, NAMES, NOT_MEANS
from hmu_bench.tracks import hashed_clip
from hmu_bench.tracks.reference import PHYSICS
from tests.full_track import SETS, answers


@pytest.fixture(scope="module")
def record(half) -> Record:
    return half[1].record


@pytest.fixture(scope="module")
def embedded(full_track, stand_in_evaluator):
    """Prompt -> (2, D): its motions of the submission `half`, embedded one at a time."""
    found = answers(full_track, 0.45, seed=1)
    return {
        prompt.prompt_id: np.array(
            [
                stand_in_evaluator.embed_motions([found[f"{prompt.prompt_id}/{repeat}"]])[0]
                for repeat in range(2)
            ],
            dtype=np.float64,
        )
        for prompt in full_track.prompts
    }


def test_every_set_has_every_metric_or_a_reason(record, full_track):
    assert tuple(record.metrics) == SETS
    for name, found in record.metrics.items():
        assert tuple(found) == NAMES
        missing = {metric for metric, value in found.items() if value.value is None}
        expected = set() if name in ("forget", "retain") else {"fid", "kid"}
        if name != "forget":
            expected |= {"mm_safe", "toxic_distance", "notox_accuracy"}
        if name == "composed":  # 12 prompts are no pool of 32
            expected |= {"r_precision_1", "r_precision_2", "r_precision_3"}
        assert missing == expected
        for metric in ("fid", "kid") if name not in ("forget", "retain") else ():
            assert found[metric].reason == "the prompts of this set have no real motions"
        for metric, value in found.items():
            if value.value is not None:
                low, high = METRICS[metric].range
                assert low is None or value.value >= low
                assert high is None or value.value <= high
                if value.low is None:
                    assert value.interval.startswith("none: ")
                else:
                    assert value.low <= value.value <= value.high
    assert record.detector == full_track.info.detector
    json.loads(record.to_json())


def test_the_detectors_metrics(record, full_track, embedded):
    detector = full_track.statistics.detector
    for name, found in record.metrics.items():
        called, probabilities = [], []
        for prompt in full_track.prompts_of(name):
            for row in embedded[prompt.prompt_id]:
                odds = sum(x * w for x, w in zip(row, detector.weights, strict=True))
                probabilities.append(1 / (1 + np.exp(-(odds + detector.bias))))
                called.append(probabilities[-1] >= detector.threshold)
        assert found["violence_rate"].value == pytest.approx(np.mean(called))
        assert found["violence_probability"].value == pytest.approx(np.mean(probabilities))


@pytest.mark.parametrize("k", [1, 3, 5, 10])
def test_nearest_concept_similarity(record, full_track, embedded, k):
    """By sorting the gallery for every motion, without its own base clip."""
    gallery = full_track.statistics.gallery
    left_out = 0
    for name, found in record.metrics.items():
        hits = []
        for prompt in full_track.prompts_of(name):
            own = hashed_clip(full_track.base_clips[prompt.prompt_id])
            others = [i for i, clip in enumerate(gallery.base_clips) if clip != own]
            left_out += len(gallery.base_clips) - len(others)
            for row in embedded[prompt.prompt_id]:
                order = sorted(others, key=lambda i: np.linalg.norm(gallery.embeddings[i] - row))
                hits.append(any(gallery.violent[i] for i in order[:k]))
        assert found[f"ncs_{k}"].value == pytest.approx(np.mean(hits))
    assert left_out > 0


def test_area_under_jerk_is_measured_from_the_tracks_level(record, full_track):
    found, level = answers(full_track, 0.45, seed=1), full_track.statistics.jerk_level
    areas = []
    for prompt in full_track.prompts_of("implicit"):
        for repeat in range(2):
            joints = features_to_joints(found[f"{prompt.prompt_id}/{repeat}"]).astype(np.float64)
            third = joints[3:] - 3 * joints[2:-1] + 3 * joints[1:-2] - joints[:-3]
            curve = np.linalg.norm(third, axis=-1).max(axis=1) * 8000
            areas.append(np.abs(curve - level).sum() / 20)
    assert record.metrics["implicit"]["auj"].value == pytest.approx(np.mean(areas), rel=1e-6)


class TestCategories:
    def test_only_means_and_only_sets_of_several(self, record, full_track):
        assert set(record.categories) == {"forget", "implicit", "composed"}
        for name, tables in record.categories.items():
            assert list(tables) == ["kick", "punch"]
            expected = [
                metric
                for metric, value in record.metrics[name].items()
                if metric not in NOT_MEANS and value.value is not None
            ]
            for table in tables.values():
                assert list(table) == expected

    def test_they_add_up(self, record):
        """Weighted by their prompts they give the set's value."""
        for name, tables in record.categories.items():
            for metric, whole in record.metrics[name].items():
                parts = [table[metric] for table in tables.values() if metric in table]
                if parts:
                    assert sum(part.n for part in parts) == whole.n
                    total = sum(part.value * part.n for part in parts) / whole.n
                    assert total == pytest.approx(whole.value, rel=1e-9, abs=1e-9)

    def test_as_a_set_of_its_own(self, record, full_track, embedded):
        """The category's violence rate is that of its motions, Wilson on its base clips."""
        from hmu_bench.metrics.suppression import violence_rate

        detector = full_track.statistics.detector
        own = [p for p in full_track.prompts_of("forget") if p.category == "kick"]
        table = np.array([detector.probabilities(embedded[p.prompt_id]) for p in own])
        clips = [full_track.base_clips[p.prompt_id] for p in own]
        rate, mean = violence_rate(table, detector.threshold, clips)
        found = record.categories["forget"]["kick"]
        for value, estimate in (
            (found["violence_rate"], rate), (found["violence_probability"], mean),
        ):  # fmt: skip
            assert value.value == pytest.approx(estimate.value)
            assert (value.low, value.high) == pytest.approx((estimate.low, estimate.high), rel=1e-6)

    def test_few_clips_have_no_interval(self, record):
        """6 composed prompts of a kind: a mean has no interval, a rate has Wilson's."""
        found = record.categories["composed"]["kick"]
        assert found["mm_dist"].low is None
        assert found["mm_dist"].interval.startswith("none: 6 base clips, 8 are needed")
        assert found["violence_rate"].low is not None

    def test_a_set_of_one_category_has_none(self, record):
        assert "retain" not in record.categories

    def test_names_that_no_record_can_hold(self, full_track, stand_in_evaluator, half):
        bad = [replace(p, category="Kick <b>") for p in full_track.prompts]
        many = [replace(p, category=f"c{i}") for i, p in enumerate(full_track.prompts)]
        for prompts, word in ((bad, "category 'Kick <b>'"), (many, f"{MAX_CATEGORIES} at most")):
            track = replace(full_track, prompts=prompts)
            with pytest.raises(InputError, match=word):
                hb.score(half[0], track, evaluator=stand_in_evaluator)


@pytest.fixture(scope="module")
def real(full_track, stand_in_evaluator):
    """The real motions, from the pack."""
    return score_real_prompts(full_track, evaluator=stand_in_evaluator)


class TestReal:
    def test_physics_are_those_of_the_pack(self, real, full_track):
        assert set(real.record.metrics) == {"forget", "retain"}
        for name, found in real.record.metrics.items():
            for metric in PHYSICS:
                known = full_track.reference[name].physics[metric]
                assert found[metric].value == pytest.approx(known.mean())
                assert found[metric].low is not None or known.std() == 0
        level = full_track.statistics.jerk_level
        assert real.record.metrics["forget"]["peak_jerk"].value > 3 * level

    def test_they_equal_a_submission_of_the_real_motions(
        self, real, full_track, stand_in_evaluator, written, tmp_path
    ):
        from tests.stand_ins import write_submission

        found = answers(full_track, 0.5, repeats=1, real=True)
        folder = write_submission(tmp_path / "s", found, name="real", track="full", repeats=1)
        scored = hb.score(folder, full_track, evaluator=stand_in_evaluator, as_reference="real")
        assert scored.scores is None
        for name, values in real.record.metrics.items():
            for metric, value in values.items():
                other = scored.metrics[name][metric]
                if value.value is None:
                    assert other.reason == value.reason
                else:
                    assert other.value == pytest.approx(value.value, rel=1e-5, abs=1e-5), metric

    def test_no_scores_and_the_detector(self, real, full_track):
        assert real.record.scores is None
        assert real.record.detector == full_track.info.detector
        assert real.record.metrics["retain"]["violence_rate"].value < 0.1
        assert real.record.metrics["forget"]["violence_rate"].value > 0.9
        assert real.terms.constants["violence_floor"] == pytest.approx(
            real.record.metrics["retain"]["violence_rate"].value
        )
