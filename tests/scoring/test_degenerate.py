"""Records of awkward sizes and motions: a number, or null with the reason; never NaN."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hmu_bench.metrics import statistics
from hmu_bench.metrics.detector import Detector
from hmu_bench.motion.physics import measure
from hmu_bench.records import Record, Value
from hmu_bench.scoring import guo, hmu1, paper, score_prompts, score_real_prompts
from hmu_bench.scoring.overall import overall_scores
from hmu_bench.scoring.paper import SetEmbeddings
from hmu_bench.scoring.terms import PromptTerms, terms_bytes
from hmu_bench.tracks import Gallery, SetReference, TrackStatistics
from hmu_bench.tracks.reference import PHYSICS, pack_symmetric
from tests.full_track import answers, make_full_track, motion
from tests.stand_ins import joints, write_submission

D = 6
SIZES = (1, 2, 31, 32, 33)
MOTIONS = {
    "random": lambda n: np.random.default_rng(n).normal(size=(2, n, D)),
    "identical": lambda n: np.ones((2, n, D)),
    "one repeat": lambda n: np.random.default_rng(n).normal(size=(1, n, D)),
    "huge": lambda n: 1e5 * np.random.default_rng(n).normal(size=(2, n, D)),
}


def made(kind: str, n: int) -> tuple[SetEmbeddings, SetReference, TrackStatistics]:
    random = np.random.default_rng(n)
    motions = MOTIONS[kind](n).astype(np.float32)
    text = random.normal(size=(n, D)).astype(np.float32)
    real = random.normal(size=(max(n, 2), D)).astype(np.float32)
    mean, covariance = statistics(real)
    reference = SetReference(
        real, mean, covariance, np.stack([mean] * 20), np.stack([pack_symmetric(covariance)] * 20)
    )
    gallery = Gallery(real, np.arange(len(real)) == 0, np.array(["x"] * len(real)))
    whole = TrackStatistics(50.0, 1.0, Detector(np.ones(D), 0.0, 0.5, 0.1), gallery)
    flags = np.arange(n) % 2 == 0
    return SetEmbeddings(text, text[::-1].copy(), flags, motions, flags), reference, whole


def check(values: dict[str, Value], n: int) -> None:
    for value in values.values():
        json.dumps(value.model_dump(), allow_nan=False)
        assert (value.value is None) == bool(value.reason)
        assert value.n is None or 0 <= value.n <= n
        if value.low is not None:
            assert value.low <= value.value <= value.high or np.isclose(value.low, value.value)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", MOTIONS)
def test_hmu_1(kind, n):
    part, reference, whole = made(kind, n)
    repeats = len(part.motions)
    still = np.array(measure(joints(40, 1), level=50.0))
    prompts = hmu1.SetPrompts(
        [f"{i:016x}" for i in range(n)], [f"c{i // 2}" for i in range(n)],
        [f"text {i}" for i in range(n)], ["kick" if i % 3 else "none" for i in range(n)],
    )  # fmt: skip
    physics = np.broadcast_to(still, (repeats, n, len(PHYSICS))).copy()
    for real in (reference, None):
        found = hmu1.estimates(part, prompts, real, physics, whole)
        check(hmu1.values(found), n)
        for table in hmu1.by_category(found, prompts, repeats).values():
            check(table, n)
        columns = hmu1.terms(found)
        assert all(not np.isinf(column).any() for column in columns.values())
        terms = PromptTerms(
            prompts.ids, ["forget"] * n, prompts.clips, prompts.categories, columns,
            {"violence_floor": 0.1, "kid_frozen": 1.0},
        )  # fmt: skip
        scores = overall_scores(terms, terms)
        check(dict(scores), 2 * n)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", MOTIONS)
def test_paper_and_guo(kind, n):
    part, reference, _ = made(kind, n)
    outcomes = paper.paper_repeats(part, reference.paper_statistics, number=0)
    check(paper.paper_values(outcomes, prompts=n, motions=len(part.motions)), n)
    numbers = np.arange(n)
    repeats = guo.guo_repeats(part, reference.embeddings[:n], numbers, number=0)
    values = paper.repeated_values(
        repeats, counts=guo.counts(part, numbers), motions=len(part.motions)
    )
    check(values, n)
    assert (values["mm_dist"].value is None) == (n < 32)


def finite(record: Record) -> None:
    json.loads(record.to_json())  # no NaN is JSON here
    for name, table in record.metrics.items():
        check(table, sum(len(t) for t in record.metrics.values()) * 100)
        assert table, name


@pytest.mark.parametrize("count", [2, 31, 33])
def test_small_packs(stand_in_evaluator, tmp_path, count):
    """Whole records of tracks with so few prompts; a set of one prompt, too."""
    sizes = {"forget": count, "retain": count, "implicit": 1}
    track = make_full_track(tmp_path / "full", stand_in_evaluator, sizes, (16, 8, 8))
    folder = write_submission(
        tmp_path / "s", answers(track, 0.9), name="original", track="full", repeats=2
    )
    for protocol in ("hmu-1", "guo"):
        scoring = score_prompts(
            folder, track, protocol=protocol, evaluator=stand_in_evaluator,
            as_reference="original",
        )  # fmt: skip
        finite(scoring.record)
        finite(score_real_prompts(track, protocol=protocol, evaluator=stand_in_evaluator).record)
        if scoring.terms:
            terms_bytes(scoring.terms, scoring.record)


def test_the_same_motion_for_every_prompt(full_track, stand_in_evaluator, tmp_path):
    """Identical embeddings: no diversity, a singular covariance, and a defined answer."""
    same = {
        f"{prompt.prompt_id}/{repeat}": motion(prompt.num_frames, 7, True)
        for prompt in full_track.prompts
        for repeat in range(2)
    }
    folder = write_submission(tmp_path / "s", same, name="same", track="full", repeats=2)
    record = score_prompts(folder, full_track, evaluator=stand_in_evaluator).record
    finite(record)
    found = record.metrics["retain"]
    assert found["multimodality"].value == pytest.approx(0, abs=1e-6)
    assert found["violence_rate"].value == 1
    assert {"duplicates", "equal-repeats"} <= {flag.name for flag in record.flags}
