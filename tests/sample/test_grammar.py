from __future__ import annotations

import pytest

from hmu_bench.sample.actions import ACTIONS
from hmu_bench.sample.grammar import expand, mirror_text, plain, tokens
from hmu_bench.sample.lexicon import LEXICON
from hmu_bench.sample.stage import Draw
from hmu_bench.sample.words import count_words

TAGS = {"ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PRON", "SCONJ", "VERB"}


def test_choices_optional_parts_and_slots():
    seen = {
        expand("{who} (a|b (c|d)) [{x}]", {"who": "w", "x": "(y|z)"}, Draw(n)) for n in range(200)
    }
    heads = {"w a", "w b c", "w b d"}
    assert seen == heads | {f"{h} {x}" for h in heads for x in "yz"}


@pytest.mark.parametrize("template", ["a (b|c", "a b)", "a [b"])
def test_unbalanced_templates_are_our_bug(template):
    with pytest.raises((ValueError, IndexError)):
        expand(template, {}, Draw(1))


def test_the_subject_comes_from_the_pool():
    subjects = {expand("{who}", {}, Draw(n)) for n in range(2000)}
    assert {"a person", "someone", "a man in a white shirt"} <= subjects


def test_marks_change_the_part_of_speech_and_vanish_from_the_text():
    sentence = "two kicks and three kicks~NOUN"
    assert plain(sentence) == "two kicks and three kicks"
    assert tokens(sentence) == "two/NUM kick/VERB and/CCONJ three/NUM kick/NOUN"
    assert tokens("dashing dropping goes") == "dash/VERB drop/VERB go/VERB"


def test_an_unknown_word_is_told():
    with pytest.raises(KeyError, match="flabbergasts"):
        tokens("someone flabbergasts")


def test_mirroring_is_its_own_inverse_and_leaves_other_words():
    text = "steps left, turns clockwise, leftover"
    assert mirror_text(text) == "steps right, turns counterclockwise, leftover"
    assert mirror_text(mirror_text(text)) == text


def test_every_tag_is_one_of_the_official_ones():
    assert {tag for _, tag in LEXICON.values()} <= TAGS


@pytest.mark.parametrize("name", ACTIONS)
def test_every_template_of_every_action_has_words_that_the_lexicon_knows(name):
    action = ACTIONS[name]
    for seed in range(25):
        draw = Draw(seed)
        slots = action.words(action.draw(draw))
        for template in action.captions:
            sentence = expand(template, slots, draw)
            assert tokens(sentence).count("/") == len(sentence.split())
            assert plain(sentence) == plain(sentence).lower()


def test_counts_are_told_in_words():
    assert [count_words(n) for n in (1, 2, 3)] == ["once", "(twice|two times)", "three times"]


def test_draws_are_the_same_everywhere():
    draw = Draw(7)
    assert [draw.uniform(0, 1), draw.integer(1, 6), draw.pick("a", "b", "c"), draw.chance(0.5)] == [
        0.324,
        1,
        "b",
        True,
    ]
