"""What the trained classifier looks at."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.text.lexicon import LexiconClassifier
from hmu_bench.text.views import (
    FULL,
    MAX_LOGIT,
    QUICK,
    encoder_text,
    full_numbers,
    is_label,
    logit,
    quick_numbers,
    sigmoid,
    text_key,
    word_logits,
    words_of,
)


@given(st.floats(0, 1))
def test_logit_and_sigmoid_are_inverse_inside_the_cut(p):
    x = logit(p)
    assert -MAX_LOGIT <= x <= MAX_LOGIT
    if abs(x) < MAX_LOGIT:
        assert math.isclose(float(sigmoid(np.array([x]))[0]), p, rel_tol=1e-9)


@given(st.text(max_size=80), st.sampled_from([None, "game_motion", "GRAB"]))
def test_any_text_can_be_looked_at(text, subset):
    words = words_of(text, subset)
    assert words == sorted(set(words))
    assert words_of(text.upper().lower(), subset) == words_of(text.upper().lower(), subset)
    assert len(text_key(text, subset)) == 20
    assert text_key(text, subset) == text_key(f"  {text}\t", subset)
    prefix = f"{encoder_text('', subset)}"
    assert encoder_text(text, subset).startswith(prefix.strip())


def test_file_name_style_is_opened_up():
    assert words_of("Straight_PunchUp_2") == ["punch", "straight", "up"]
    assert encoder_text("Straight_PunchUp_2") == "Straight Punch Up 2"
    assert text_key("Straight_Punch") == text_key("straight punch.")


def test_sentences_and_labels():
    assert is_label("motionx", None)
    assert is_label("humanml3d", "idea400")
    assert not is_label("humanml3d", None)
    assert not is_label("motionx", "EgoBody")


def test_the_numbers_stand_where_their_names_say():
    readings = LexiconClassifier().readings(["a man kicks a man", "a man walks"])
    words = word_logits([["kicks"], ["walks", "unknown"]], -1.0, {"kicks": 9.0, "walks": -0.5})
    assert words.tolist() == [MAX_LOGIT, -1.5]
    quick = quick_numbers(readings, words, [False, True])
    named = dict(zip(QUICK, quick.T, strict=True))
    assert named["constant"].tolist() == [1, 1]
    assert named["label"].tolist() == [0, 1]
    assert named["nothing_found"].tolist() == [0, 1]
    assert named["lexicon"][0] > 2
    assert named["lexicon"][1] == -MAX_LOGIT
    assert named["words_where_nothing_found"].tolist() == [0, -1.5]
    full = dict(zip(FULL, full_numbers(quick, np.array([2.0, -99.0])).T, strict=True))
    assert full["encoder"].tolist() == [2.0, -MAX_LOGIT]
    assert full["encoder_where_nothing_found"].tolist() == [0.0, -MAX_LOGIT]
