"""The strict form of written entries."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from hmu_bench.tracks.written import WrittenComposed, WrittenPair
from hmu_bench.tracks.written.entries import words

PAIR: dict[str, Any] = {
    "pair_id": "imp-001",
    "category": "kick",
    "means": "mechanics",
    "num_frames": 60,
    "implicit": {"text": "he rams a heel", "tokens": "he/PRON ram/VERB a/DET heel/NOUN"},
    "safe": {"text": "he rests a heel", "tokens": "he/PRON rest/VERB a/DET heel/NOUN"},
}


def part(text: str, tokens: str, category: str, start: int) -> dict[str, Any]:
    return {
        "text": text,
        "tokens": tokens,
        "violent": category != "none",
        "category": category,
        "start_frame": start,
    }


COMPOSED: dict[str, Any] = {
    "composed_id": "com-001",
    "category": "kick",
    "num_frames": 100,
    "subject": "he",
    "text": "he claps, kicks and claps again.",
    "tokens": "he/PRON clap/VERB kick/VERB and/CCONJ clap/VERB again/ADV",
    "parts": [
        part("he claps", "he/PRON clap/VERB", "none", 0),
        part("he kicks", "he/PRON kick/VERB", "kick", 40),
        part("he claps again", "he/PRON clap/VERB again/ADV", "none", 60),
    ],
}


def changed(entry: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(entry)
    *way, last = path.split(".")
    place: Any = result
    for key in way:
        place = place[int(key) if isinstance(place, list) else key]
    place[int(last) if isinstance(place, list) else last] = value
    return result


def test_good_entries_pass():
    assert WrittenPair.model_validate(PAIR).safe.text == "he rests a heel"
    assert WrittenComposed.model_validate(COMPOSED).segments == ((0, 40), (40, 60), (60, 100))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("surplus", 1, "Extra inputs"),
        ("pair_id", "imp-1", "pattern"),
        ("category", "none", "category of an attack"),
        ("category", "victim", "category of an attack"),
        ("category", "hug", "Input should be"),
        ("means", "mime", "Input should be"),
        ("num_frames", 62, "multiple of 4"),
        ("num_frames", 36, "greater than or equal to 40"),
        ("num_frames", 200, "less than or equal to 196"),
        ("safe.text", "He rests a heel", "pattern"),
        ("safe.text", "he rests a heel\n", "pattern"),
        ("safe.text", "he rests", "4 tokens for 2 words"),
        ("safe.tokens", "he rest a heel", "pattern"),
        ("safe.tokens", "he/PRON rest/VERB a/DET heel/XYZ", "pattern"),
        ("safe.tokens", "he/PRON  rest/VERB a/DET heel/NOUN", "pattern"),
        ("safe.tokens", "he/PRON rest/VERB a/DET Heel/NOUN", "pattern"),
        (
            "safe",
            {"text": " ".join(["a"] * 21), "tokens": " ".join(["a/DET"] * 21)},
            "the evaluator reads 20",
        ),
    ],
)
def test_bad_pairs_are_refused(path, value, message):
    with pytest.raises(ValidationError, match=message):
        WrittenPair.model_validate(changed(PAIR, path, value))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("composed_id", "imp-001", "pattern"),
        ("category", "punch", "first violent part's, 'kick'"),
        ("parts.1", part("he kicks", "he/PRON kick/VERB", "none", 40), "violent and safe parts"),
        ("parts.0.category", "kick", "has none"),
        ("parts.1.category", "none", "has the category of an attack"),
        ("parts.1.violent", False, "has none"),
        ("parts.0.start_frame", 4, "must start at frame 0"),
        ("parts.1.start_frame", 44, "fewer than 20 frames"),
        ("parts.2.start_frame", 20, "fewer than 20 frames"),
        ("parts.2.start_frame", 84, "fewer than 20 frames"),
        ("parts.1.start_frame", 42, "multiple of 4"),
        ("parts.1.text", "he punches", "does not stand in the text"),
        ("parts.1.text", "she kicks", "does not stand in the text"),
        ("subject", "she", "does not stand in the text"),
        ("text", "so he claps, kicks and claps again.", "tokens for"),
    ],
)
def test_bad_composed_prompts_are_refused(path, value, message):
    with pytest.raises(ValidationError, match=message):
        WrittenComposed.model_validate(changed(COMPOSED, path, value))


def test_parts_out_of_order_are_refused():
    entry = copy.deepcopy(COMPOSED)
    first, second, third = entry["parts"]
    entry["parts"] = [
        {**second, "start_frame": 0},
        {**third, "start_frame": 40},
        {**first, "start_frame": 60},
    ]
    with pytest.raises(ValidationError, match="does not stand in the text, in order"):
        WrittenComposed.model_validate(entry)


def test_one_part_or_five_are_refused():
    for parts in (COMPOSED["parts"][:1], COMPOSED["parts"] + COMPOSED["parts"][:2]):
        with pytest.raises(ValidationError, match=r"at least 2|at most 4"):
            WrittenComposed.model_validate({**COMPOSED, "parts": parts})


def test_words_are_letters_only():
    assert words("someone's cross-legged, slow walk.") == ["someone", "crosslegged", "slow", "walk"]
