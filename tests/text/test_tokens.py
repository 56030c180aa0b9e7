"""Rule tokens: HumanML3D's form, and close to what a tagger gives."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.text.tokens import rule_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A man kicks.", "a/DET man/NOUN kick/VERB"),
        ("the kick", "the/DET kick/NOUN"),
        ("his punches", "his/PRON punch/NOUN"),
        ("running, RAN; runs", "run/VERB run/VERB run/VERB"),
        ("hopping hoped dances carried", "hop/VERB hope/VERB dance/VERB carry/VERB"),
        ("takes 4 steps", "take/VERB step/VERB"),
        ("takes four steps", "take/VERB four/NUM step/NOUN"),
        ("turns left with his left leg", "turn/VERB left/ADJ with/ADP his/PRON left/ADJ leg/NOUN"),
        ("lower; lowers", "lower/ADJ lower/VERB"),
        ("doesn't someone's he’s", "does/AUX someone/PRON he/PRON"),
        ("cross-legged", "crosslegged/ADJ"),
        ("katana umgekehrte haltung", "katana/NOUN umgekehrte/OTHER haltung/OTHER"),
        ("two feet, both knives", "two/NUM foot/NOUN both/DET knife/NOUN"),
        ("turns to his left", "turn/VERB to/ADP his/PRON left/ADJ"),
        ("bends to lift it", "bend/VERB to/PART lift/VERB it/PRON"),
        ("to slowly lower an arm", "to/PART slowly/ADV lower/VERB an/DET arm/NOUN"),
        ("back to standing, to be still", "back/ADV to/ADP stand/VERB to/PART be/AUX still/ADV"),
        ("side to side to", "side/NOUN to/ADP side/NOUN to/ADP"),
        ("", ""),
        ("42 !?", ""),
    ],
)
def test_known_sentences(text, tokens):
    assert rule_tokens(text) == tokens


@given(st.text(max_size=60))
def test_any_text_gives_well_formed_tokens(text):
    tokens = rule_tokens(text)
    for token in tokens.split(" ") if tokens else ():
        word, tag = token.split("/")
        assert word.isalpha()
        assert re.fullmatch("[A-Z]+", tag)
    assert rule_tokens(text) == tokens


def test_words_agree_with_a_taggers_on_real_captions(shared):
    """The base forms, which the word vectors need; tags are a guess where a word has two."""
    same_words = same_tags = compared = 0
    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        for info in archive.infolist()[::5]:
            for line in archive.read(info).decode().splitlines():
                text, tokens = line.split("#")[:2]
                theirs, ours = tokens.split(), rule_tokens(text).split()
                if len(theirs) != len(ours):
                    continue
                compared += len(ours)
                for their, our in zip(theirs, ours, strict=True):
                    same_words += their.split("/")[0] == our.split("/")[0]
                    same_tags += their == our
    assert compared > 10_000
    assert same_words / compared > 0.97
    assert same_tags / compared > 0.86


def test_to_is_a_preposition_where_a_tagger_says_so(shared):
    """Before a verb it is PART. The tagger errs, too: it calls "side to side" a verb."""
    seen = {"ADP": [], "PART": []}
    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        for info in archive.infolist()[::3]:
            for line in archive.read(info).decode().splitlines():
                text, tokens = line.split("#")[:2]
                theirs, ours = tokens.split(), rule_tokens(text).split()
                for their, our in zip(theirs, ours, strict=False):
                    if len(theirs) == len(ours) and their in ("to/ADP", "to/PART"):
                        seen[their[3:]].append(our == their)
    assert len(seen["ADP"]) > 300
    assert all(seen["ADP"])
    assert sum(seen["PART"]) > 0.6 * len(seen["PART"])


def test_few_words_of_kitml_are_unknown(shared):
    clips = json.loads((shared / "data/kitml/annotations.json").read_text("utf-8")).values()
    texts = [item["text"] for clip in clips for item in clip["annotations"]]
    tokens = [token for text in texts[::7] for token in rule_tokens(text).split()]
    assert len(tokens) > 5_000
    assert sum(token.endswith("/OTHER") for token in tokens) / len(tokens) < 0.03
