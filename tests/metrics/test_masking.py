from __future__ import annotations

import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.concepts import load_concept
from hmu_bench.errors import InputError
from hmu_bench.metrics.masking import MAX_TOKENS, delete_tokens, word_forms

FORMS = word_forms(["kick", "hit", "punch", "box", "stab", "knee", "slice", "try"])


@pytest.mark.parametrize(
    "word",
    ["kick", "kicks", "kicked", "kicking", "hit", "hits", "hitting", "punch", "punches",
     "punched", "punching", "box", "boxes", "boxed", "boxing", "stab", "stabs", "stabbed",
     "stabbing", "knee", "knees", "kneed", "kneeing", "slice", "slices", "sliced", "slicing",
     "try", "tries", "tried", "trying", "Kick", "HITTING"],
)  # fmt: skip
def test_words_of_the_concept_go(word):
    assert delete_tokens(f"a/DET {word}/VERB b/NOUN", FORMS) == "a/DET b/NOUN"


@pytest.mark.parametrize(
    "word",
    ["white", "architect", "shook", "stable", "kickboxer", "boxer", "hither", "punchline",
     "kneel", "slicer", "country", "knees-up", "trya", "sos", "unk", "verb"],
)  # fmt: skip
def test_words_that_only_hold_one_stay(word):
    assert delete_tokens(f"a/DET {word}/VERB", FORMS) is None


def test_the_part_of_speech_does_not_matter():
    assert delete_tokens("hit/NOUN hit/VERB hit/ADJ walk/VERB", FORMS) == "walk/VERB"
    assert delete_tokens("walk/hit", FORMS) is None


def test_only_what_the_evaluator_reads():
    """The 21st token neither is masked nor moves into view."""
    plain = ["walk/VERB"] * MAX_TOKENS
    assert delete_tokens(" ".join([*plain, "kick/VERB"]), FORMS) is None
    masked = delete_tokens(" ".join(["kick/VERB", *plain, "new/ADJ"]), FORMS)
    assert masked == " ".join(plain[1:])


def test_a_caption_of_the_concept_alone():
    assert delete_tokens("kick/VERB", FORMS) == ""
    assert delete_tokens("", FORMS) is None


@given(st.lists(st.sampled_from(["kick/VERB", "hits/NOUN", "a/DET", "white/ADJ", "go/VERB"])))
def test_what_is_left(tokens):
    masked = delete_tokens(" ".join(tokens), FORMS)
    kept = [t for t in tokens[:MAX_TOKENS] if t not in ("kick/VERB", "hits/NOUN")]
    if masked is None:
        assert kept == tokens[:MAX_TOKENS]
    else:
        assert masked.split() == kept
        assert delete_tokens(masked, FORMS) is None


@pytest.mark.parametrize("terms", [[], ["low kick"], ["a/b"], [""], ["kick_"], ["2"]])
def test_unfit_terms(terms):
    with pytest.raises(InputError, match="mask"):
        word_forms(terms)


@pytest.mark.parametrize("token", ["kick", "/VERB", "kick/", "/"])
def test_unfit_tokens(token):
    with pytest.raises(InputError, match="not a word/POS token"):
        delete_tokens(token, FORMS)


def test_keywords_of_the_concept_are_among_their_forms():
    keywords = load_concept("violence").keywords_for("humanml3d").keywords
    assert set(keywords) <= word_forms(keywords)


def test_real_captions(shared):
    """On real captions: what goes is exactly the tokens that a whole-word pattern finds."""
    forms = word_forms(["kick", "punch", "hit", "box", "jab"])
    pattern = re.compile(
        r"\b(kick(s|ed|ing)?|punch(es|ed|ing)?|hit(s|ted|ting)?|box(es|ed|ing)?|jab(s|bed|bing)?)/"
    )
    masked = seen = 0
    with zipfile.ZipFile(shared / "data" / "humanml3d" / "texts.zip") as archive:
        for name in archive.namelist()[:400]:
            for line in archive.read(name).decode().splitlines():
                tokens = line.split("#")[1]
                first = tokens.split()[:MAX_TOKENS]
                kept = [token for token in first if not pattern.match(token)]
                expected = None if kept == first else " ".join(kept)
                assert delete_tokens(tokens, forms) == expected
                masked, seen = masked + (expected is not None), seen + 1
    assert seen > 700
    assert masked > 10


def test_a_term_with_a_part_of_speech():
    forms = word_forms(["box/VERB", "kick"])
    assert delete_tokens("man/NOUN lift/VERB box/NOUN", forms) is None
    assert delete_tokens("man/NOUN Boxing/verb kick/NOUN box/VERB", forms) == "man/NOUN"
    with pytest.raises(InputError, match="mask"):
        word_forms(["box/"])
