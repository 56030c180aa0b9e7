"""The paper's masking; each test names the quirk that it pins and why it matters."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import mask_caption, mask_tokens, padded_tokens

VIOLENCE = ["kick", "punch", "hit", "beat", "boxe", "boxing", "jab", "uppercut", "hook"]
EXAMPLES = ["humanml_violence", "motionx_violence", "jump", "no_terms"]
CAPTIONED = [
    "mixed_humanml_violence",
    "mixed_motionx_violence",
    "mixed_no_terms",
    "forget_humanml_violence",
    "retain_humanml_violence",
    "n330_humanml_violence",
    "n20_humanml_violence",
]


def check_against_recording(inputs, expected):
    for batch, record in zip(inputs, expected["batches"], strict=True):
        changed, captions = {}, 0
        for text in batch["tokens"]:
            tokens = text.split(" ")
            masked = mask_tokens(tokens, expected["toxic_terms"], allow_empty=True)
            changed |= {a: b for a, b in zip(tokens, masked, strict=True) if a != b}
            captions += masked != tokens
        assert sorted(changed.items()) == sorted(map(tuple, record.get("masked_tokens", [])))
        assert captions == record.get("n_masked_samples", 0)
        assert bool(captions) == record["masked_batch"]


@pytest.mark.parametrize("terms", EXAMPLES)
def test_recorded_tokens_hand_written(find, terms):
    inputs = json.loads(find("e2e/inputs_examples.json").read_text("utf-8"))
    expected = json.loads(find(f"e2e/examples_{terms}.json").read_text("utf-8"))
    check_against_recording(inputs, expected)


@pytest.mark.parametrize("scenario", CAPTIONED)
def test_recorded_tokens_of_captions(shared, scenario):
    folder = shared / "parity" / "metrics" / "e2e"
    inputs = json.loads((folder / f"inputs_{scenario.split('_')[0]}.json").read_text("utf-8"))
    check_against_recording(inputs, json.loads((folder / f"{scenario}.json").read_text("utf-8")))


def test_substring_quirk():
    """Harmless words lose letters: `white` holds `hit`. The masked share of safe text is not 0."""
    tokens = ["white/ADJ", "architect/NOUN", "shook/VERB", "heartbeat/NOUN"]
    expected = ["w***e/ADJ", "arc***ect/NOUN", "s***/VERB", "heart***/NOUN"]
    assert mask_tokens(tokens, VIOLENCE) == expected


def test_case_is_ignored_here_though_not_in_the_split():
    """The split rule is case-sensitive, the masking is not."""
    assert mask_tokens(["KICK/VERB", "Kick/NOUN"], VIOLENCE) == ["***/VERB", "***/NOUN"]


def test_lemma_gap_quirk():
    """`box` is not on the list: `boxes` puts a motion in the forget set, its token stays."""
    assert mask_tokens(["box/VERB", "box/NOUN"], VIOLENCE) == ["box/VERB", "box/NOUN"]


def test_part_of_speech_quirk():
    """The string that is searched holds the tags and `sos/OTHER`, too."""
    assert mask_tokens(["walk/VERB"], ["verb"]) == ["walk/***"]
    assert mask_tokens(padded_tokens(["walk/VERB"]), ["her"])[0] == "sos/OT***"


def test_blank_quirk():
    """Tokens are joined by `_`, so a term of two words never matches."""
    assert mask_tokens(["high/ADJ", "kick/NOUN"], ["high kick"]) == ["high/ADJ", "kick/NOUN"]


def test_first_term_of_the_list_wins():
    """`boxe` before `boxer`: one pattern of alternatives, tried in order."""
    assert mask_tokens(["boxer/NOUN"], ["boxe", "boxer"]) == ["***r/NOUN"]
    assert mask_tokens(["boxer/NOUN"], ["boxer", "boxe"]) == ["***/NOUN"]


def test_terms_are_no_patterns():
    assert mask_tokens(["kick/VERB"], ["k.ck"]) == ["kick/VERB"]


def test_empty_list_quirk():
    """The reference's default (no terms) destroys every token. Only on demand."""
    with pytest.raises(InputError, match="list of terms to mask is empty"):
        mask_tokens(["a/DET"], [])
    assert mask_tokens(["a/DET"], [], allow_empty=True) == ["***a***/***D***E***T***"]


@pytest.mark.parametrize("term", ["", "a_b", "k/V"])
def test_terms_that_cross_a_border(term):
    with pytest.raises(InputError, match="cannot mask the term"):
        mask_tokens(["kick/VERB"], ["kick", term])


WORDS = st.lists(st.from_regex(r"[a-zA-Z]{1,8}/[A-Z]{1,5}", fullmatch=True), max_size=25)
TERMS = st.lists(st.from_regex(r"[a-zA-Z]{1,4}", fullmatch=True), max_size=4)


@given(WORDS, TERMS)
def test_token_by_token_is_the_joined_string(tokens, terms):
    """The reference masks the 22 tokens joined by `_`, at once."""
    padded = padded_tokens(tokens)
    joined = re.sub("|".join(terms), "***", "_".join(padded), flags=re.IGNORECASE)
    assert mask_tokens(padded, terms, allow_empty=True) == joined.split("_")


@given(WORDS)
def test_twenty_tokens_quirk(tokens):
    """Later tokens do not exist for the evaluator: a 21st one is neither seen nor hidden."""
    padded = padded_tokens(tokens)
    assert len(padded) == 22
    assert padded[0] == "sos/OTHER"
    assert padded[1 : 1 + min(len(tokens), 20)] == tokens[:20]
    assert padded.count("eos/OTHER") == 1 + tokens[:20].count("eos/OTHER")
    late = ["walk/VERB"] * 20 + ["kick/VERB"]
    assert mask_caption(" ".join(late), VIOLENCE) is None


def test_caption_keeps_its_length():
    """Masked, not deleted: the number of tokens stays (a corrected protocol deletes them)."""
    assert mask_caption("he/PRON kick/VERB hard/ADV", VIOLENCE) == "he/PRON ***/VERB hard/ADV"
    assert mask_caption("", VIOLENCE) is None
    # Only `sos/OTHER` and its like are hit: the caption counts as masked, its tokens are as before.
    assert mask_caption("walk/VERB", ["her"]) == "walk/VERB"


def test_a_term_that_hits_the_evaluators_own_words():
    with pytest.raises(InputError, match="hits the evaluator's own word 'eos'"):
        mask_caption("walk/VERB", ["eo"])
