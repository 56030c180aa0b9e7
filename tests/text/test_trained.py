"""The shipped model file: its schema, and that it belongs to what is shipped beside it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.text.encoder import (
    ENCODER_DIM,
    ENCODER_ID,
    ENCODER_REVISION,
    ENCODER_SHA256,
    WEIGHTS,
)
from hmu_bench.text.lexicon import load_lexicon
from hmu_bench.text.rules import classify
from hmu_bench.text.trained import (
    FOLDER,
    Band,
    load_out_of_fold,
    load_trained,
    read_trained,
    trained_path,
)


@pytest.fixture(scope="module")
def model():
    return load_trained("violence")


def test_it_belongs_to_the_shipped_lexicon_encoder_and_predictions(model):
    assert model.lexicon_sha256 == load_lexicon().sha256, "train it anew"
    facts = model.encoder
    assert (facts.id, facts.revision, facts.dim) == (ENCODER_ID, ENCODER_REVISION, ENCODER_DIM)
    assert facts.sha256 == ENCODER_SHA256[WEIGHTS]
    assert load_out_of_fold("violence").trained_sha256 == model.sha256


def test_written_and_read_it_is_the_same(model):
    assert trained_path("violence").read_text("utf-8") == model.to_json()


def test_the_file_holds_no_caption(model):
    """Words one by one, and numbers."""
    assert all(" " not in word for word in model.words.weights)


def test_bands(model):
    band = Band(low=0.2, high=0.4)
    assert band.holds(np.array([0.2, 0.3, 0.4])).tolist() == [False, True, False]
    assert model.ask_encoder.low < model.threshold < model.ask_encoder.high
    assert model.unsure.low < model.threshold <= model.unsure.high


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update(format=2), "format"),
        (lambda m: m.update(more=1), "more"),
        (lambda m: m["quick"].pop("words"), "not those that this version knows"),
        (lambda m: m["encoder_head"]["weights"].pop(), "a head's length is not the encoder's"),
        (lambda m: m["encoder_head"]["weights"].__setitem__(0, 1e9), "encoder_head.weights.0"),
        (lambda m: m["unsure"].update(low=0.9, high=0.1), "low must not be above high"),
        (lambda m: m.update(threshold=float("nan")), "threshold"),
        (lambda m: m["category_heads"].update(joy=m["encoder_head"]), "category_heads.joy"),
    ],
)
def test_a_wrong_file_is_told_with_its_key(model, tmp_path, change, told):
    content = json.loads(model.to_json())
    change(content)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=told):
        read_trained(path)


def test_other_concepts_have_none():
    with pytest.raises(InputError, match=r"'kick' \(there is one for: violence\); use --rule"):
        load_trained("kick")


@pytest.mark.parametrize("rule", ["calibrated", "embedding"])
def test_a_concept_of_a_user_that_only_shares_the_name_is_refused(tmp_path, rule):
    path = tmp_path / "violence.yaml"
    whole = (FOLDER.parent.parent / "concepts" / "violence.yaml").read_text()
    path.write_text(whole)
    assert classify(["a man kicks"], concept=path, rule="keywords")[0].violent
    assert classify(["a man kicks"], concept=path, rule=rule)[0].violent  # the very same concept
    path.write_text(whole.replace("uppercut", "headbutt"))
    with pytest.raises(InputError, match="a name of its own and use --rule keywords"):
        classify(["a man kicks"], concept=path, rule=rule)
