"""The rules `calibrated` and `embedding`: what is asked when, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hmu_bench as hb
from hmu_bench.concepts import CATEGORIES, load_concept
from hmu_bench.errors import InputError
from hmu_bench.text import ensemble as module
from hmu_bench.text.embedding import EmbeddingClassifier
from hmu_bench.text.ensemble import EnsembleClassifier, Memory
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon import LexiconClassifier
from hmu_bench.text.trained import Band, Head, load_trained
from hmu_bench.text.views import encoder_text

CAPTIONS = [
    "a person kicks something with the right leg",
    "a person kicks a ball to a friend",
    "the man is shoved and stumbles",
    "a person lunges and strikes at a foe",
    "a woman dances around in a white dress",
    "she wards something off with both hands",
]


class Scripted:
    """An encoder that says what it is told, and remembers what it was asked."""

    def __init__(self, sha256, values=None):
        self.sha256 = sha256
        self.values = values or {}
        self.asked = []

    def embeddings(self, texts):
        self.asked += texts
        rows = np.zeros((len(texts), 384))
        rows[:, 0] = [self.values.get(text, 0.0) for text in texts]
        return rows

    def word_parts(self, text, direction):
        return [(word, len(word) - 3.5) for word in text.split()]


@pytest.fixture
def made():
    """A classifier whose encoder's log odds are what `values` says, and that encoder."""

    def make(values=None, source="humanml3d", **changes):
        shipped = load_trained("violence")
        head = Head(bias=0.0, weights=(1.0, *([0.0] * 383)))
        model = shipped.model_copy(update={"encoder_head": head, **changes})
        encoder = Scripted(model.encoder.sha256, values)
        return EnsembleClassifier(model, source, LexiconClassifier(), encoder), encoder

    return make


def test_the_answers_of_the_shipped_rule():
    found = hb.classify(CAPTIONS, rule="calibrated")
    assert [j.violent for j in found[:5]] == [True, False, False, True, False]
    assert [j.category for j in found[:5]] == ["kick", "none", "victim", "strike", "none"]
    assert all(j.evidence for j in found if j.violent)
    label = hb.classify(
        ["katana fu", "pause katana"],
        source="motionx",
        rule="calibrated",
        context=[{"subset": "game_motion"}] * 2,
    )
    assert [j.violent for j in label] == [True, False]


def test_order_repeats_and_company_do_not_matter():
    rule = EnsembleClassifier.of(load_concept("violence"), "humanml3d")
    fresh = replace(rule, memory=Memory())
    mixed = [*CAPTIONS, *CAPTIONS[::-1], CAPTIONS[0]]
    together = fresh.judge(mixed)
    assert together == [replace(rule, memory=Memory()).judge([c])[0] for c in mixed]
    assert fresh.judge([]) == []


def test_the_encoder_is_asked_only_in_the_band(made):
    rule, encoder = made()
    rule.judge(CAPTIONS)
    quick, never = made(ask_encoder=Band(low=0.5, high=0.5))
    quick.judge(CAPTIONS)
    full, always = made(ask_encoder=Band(low=0.0, high=1.0))
    full.judge(CAPTIONS)
    assert never.asked == []
    assert always.asked == [encoder_text(caption) for caption in CAPTIONS]
    assert set(encoder.asked) < set(always.asked)


def test_the_encoder_can_tip_the_balance_and_says_so(made):
    text = "she wards something off with both hands"
    everywhere = {"ask_encoder": Band(low=0.0, high=1.0)}
    (against,) = made({encoder_text(text): -5.0}, **everywhere)[0].judge([text])
    (in_favour,) = made({encoder_text(text): 5.0}, **everywhere)[0].judge([text])
    assert against.probability < 0.5 < in_favour.probability
    (lexicon,) = LexiconClassifier().judge([text])
    if lexicon.violent:
        assert "encoder: against" in against.evidence
        assert in_favour.evidence == lexicon.evidence
    nothing = "a person arranges flowers"
    (found,) = made({nothing: 5.0}, **everywhere)[0].judge([nothing])
    assert found.violent
    assert found.evidence == ("encoder: arranges, flowers, person",)
    assert found.category not in ("none", "victim")


def test_what_was_judged_is_remembered_up_to_a_bound(made):
    rule, encoder = made(ask_encoder=Band(low=0.0, high=1.0))
    rule = replace(rule, memory=Memory(2))
    rule.judge(["one", "two", "two"])
    assert encoder.asked == ["one", "two"]
    rule.judge(["one", "three"])  # forgets "two"
    assert encoder.asked == ["one", "two", "three"]
    rule.judge(["one", "two"])
    assert encoder.asked == ["one", "two", "three", "two"]
    assert len(rule.memory) == 2


def test_memory_tells_text_subset_and_manner_apart():
    memory = Memory()
    captions = [("a", None, False), ("a", None, True), ("a", "x", True), ("xa", None, True)]
    for number, caption in enumerate(captions):
        memory.put(caption, Judgement(False, number / 10))
    assert [memory.get(caption).probability for caption in captions] == [0.0, 0.1, 0.2, 0.3]
    assert memory.get(("b", None, False)) is None


def test_many_captions_are_judged_in_parts(made, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    rule, _ = made()
    whole, _ = made()
    monkeypatch.setattr(module, "CHUNK", 100)
    assert rule.judge(CAPTIONS) == whole.judge(CAPTIONS)


@pytest.mark.parametrize(("exact", "violent"), [(0.49951, True), (0.49949, False)])
def test_rounded_first_compared_then(made, exact, violent):
    odds = float(np.log(exact / (1 - exact)))
    shipped = load_trained("violence")
    quick = dict.fromkeys(shipped.quick, 0.0) | {"constant": odds}
    rule, _ = made(quick=quick, ask_encoder=Band(low=0.5, high=0.5))
    (found,) = rule.judge(["a person walks"])
    assert found.probability == round(exact, 3)
    assert found.violent is violent


def test_confidence_follows_the_band(made):
    everything, _ = made(unsure=Band(low=0.0, high=1.0))
    nothing, _ = made(unsure=Band(low=0.5, high=0.5))
    assert not any(j.confident for j in everything.judge(CAPTIONS) if 0 < j.probability < 1)
    assert all(j.confident for j in nothing.judge(CAPTIONS))


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_gets_a_whole_judgement(captions):
    shipped = load_trained("violence")
    rule = EnsembleClassifier(shipped, "humanml3d", encoder=Scripted(shipped.encoder.sha256))
    for found in rule.judge(captions):
        assert 0.0 <= found.probability <= 1.0
        assert found.probability == round(found.probability, 3)
        assert found.violent == (found.probability >= 0.5)
        assert found.category in CATEGORIES
        if found.violent:
            assert found.category not in ("none", "victim")
            assert found.evidence


def test_half_a_character_is_no_reason_to_stop():
    for rule in ("calibrated", "embedding"):
        assert len(hb.classify(["a \ud800 wards off \udfff something"], rule=rule)) == 1


def test_another_encoder_or_lexicon_is_refused(monkeypatch):
    shipped = load_trained("violence")
    rule = EnsembleClassifier(
        shipped.model_copy(update={"ask_encoder": Band(low=0.0, high=1.0)}),
        "humanml3d",
        encoder=Scripted("0" * 64),
    )
    with pytest.raises(InputError, match="trained on another encoder"):
        rule.judge(["a person kicks"])
    other = shipped.model_copy(update={"lexicon_sha256": "0" * 64})
    monkeypatch.setattr(module, "load_trained", lambda concept: other)
    with pytest.raises(InputError, match=r"lexicon was changed.*train-classifier"):
        EnsembleClassifier.of(load_concept("violence"), "humanml3d")


def test_the_version_names_everything_that_decides():
    rule = EnsembleClassifier.of(load_concept("violence"), "humanml3d")
    other = replace(rule, model=rule.model.model_copy(update={"threshold": 0.6}))
    assert rule.version.startswith(f"{rule.model.version}-")
    assert rule.version == EnsembleClassifier.of(load_concept("violence"), "kitml").version
    assert rule.version != other.version


def test_concepts_without_a_trained_classifier_are_refused_with_the_fix():
    for rule in ("calibrated", "embedding"):
        with pytest.raises(InputError, match=r"'kick'.*use --rule keywords"):
            hb.classify(["a kick"], rule=rule, concept="kick")


def test_embedding_alone():
    found = hb.classify([*CAPTIONS, CAPTIONS[0]], rule="embedding")
    assert found[0] == found[-1]
    assert found[0].violent
    assert not found[4].violent
    assert found[0].evidence[0].startswith("encoder: kicks")
    assert hb.classify([], rule="embedding") == []
    head = Head(bias=9.0, weights=(0.0,) * 384)
    model = load_trained("violence").model_copy(update={"encoder_head": head})
    (sure,) = EmbeddingClassifier(model, Scripted(model.encoder.sha256)).judge(["so it is"])
    assert sure.violent
    assert sure.probability == 1.0
