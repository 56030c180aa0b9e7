"""The evaluator that ships with the sample is as good as its quality.json says."""

from __future__ import annotations

import json

import pytest

from builders.sample_evaluator import MAX_BYTES, measure
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.files import sha256_file
from hmu_bench.sample import clips, features
from hmu_bench.sample.catalogue import FROZEN


@pytest.fixture(scope="module")
def evaluator():
    return load_evaluator("sample", device="cpu")


@pytest.fixture(scope="module")
def quality(evaluator):
    return json.loads((evaluator.folder / "quality.json").read_text())


def test_it_was_made_from_these_clips(evaluator, quality):
    assert evaluator.id == "sample"
    assert quality["evaluator_sha256"] == evaluator.sha256
    assert quality["clips_sha256"] == sha256_file(FROZEN), "train it again: the clips have changed"


def test_it_is_small(evaluator, quality):
    sizes = [path.stat().st_size for path in evaluator.folder.rglob("*") if path.is_file()]
    assert sum(sizes) < MAX_BYTES
    assert quality["weight_bytes"] == (evaluator.folder / "model.safetensors").stat().st_size


def test_every_word_of_the_captions_is_known(evaluator):
    words = {
        token.partition("/")[0]
        for clip in clips("train")
        for caption in clip.captions
        for token in caption.tokens.split()
    }
    assert words <= evaluator.word_vectors.rows.keys()


def test_quality_measured_again(evaluator, quality):
    """The thresholds of the sample, on its test motions made anew."""
    needed = [*clips("train", twins=False), *clips("test", twins=False)]
    found = measure(evaluator, {clip.clip_id: features(clip.clip_id) for clip in needed})["test"]
    assert found["violent"] >= 64
    assert found["retrieval"]["r_precision_3"] >= 0.6
    within = found["retrieval_within_action"]
    assert within["r_precision_1"] > 1.2 * within["chance"]
    assert found["violent_vs_safe"]["auc"] >= 0.95
    written = quality["test"]
    for part in ("retrieval", "retrieval_within_action", "violent_vs_safe"):
        for name, value in written[part].items():
            expected = value if isinstance(value, str) else pytest.approx(value, abs=2e-3)
            assert found[part][name] == expected, (part, name)
