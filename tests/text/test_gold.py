"""Gold files: read strictly, clips as clusters."""

from __future__ import annotations

import json

import pytest

from hmu_bench.errors import InputError
from hmu_bench.text.gold import by_source, challenge_gold, read_gold

SENTENCE = {
    "clip_id": "000001",
    "caption": "a man kicks",
    "gold": "V",
    "category": "kick",
    "annotator_1": "V",
    "annotator_2": "V",
    "stratum": "kw",
    "weight": 1.5,
}
LABEL = {
    "subset": "kungfu",
    "label": "Bow",
    "clips": 3,
    "gold": "N",
    "category": "none",
    "stratum": "rest",
    "weight": 47.0,
}


def write(tmp_path, *lines):
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", "utf-8")
    return path


def test_both_forms(tmp_path):
    other = {**SENTENCE, "source": "kitml", "clip_id": "x"}
    sentence, label, same, kit = read_gold(
        write(tmp_path, SENTENCE, LABEL, {**LABEL, "subset": "HAA500", "label": "bow "}, other)
    )
    assert (sentence.source, sentence.text, sentence.cluster) == (
        "humanml3d",
        "a man kicks",
        "000001",
    )
    assert (sentence.label, sentence.weight, sentence.context) == ("V", 1.5, {})
    assert (label.source, label.text, label.context) == ("motionx", "Bow", {"subset": "kungfu"})
    assert label.cluster == same.cluster
    assert kit.judged_as == "kitml"
    assert [len(items) for items in by_source([sentence, label, same, kit]).values()] == [1, 2, 1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gold": "X"}, r"gold\.jsonl:2 \[gold\]"),
        ({"weight": 0}, r":2 \[weight\]"),
        ({"weight": "NaN"}, r":2 \[weight\]"),
        ({"mood": 1}, r":2 \[mood\]"),
        ({"label": "x", "subset": "y"}, "either clip_id and caption, or subset and label"),
        ({"clip_id": None}, "needs its clip_id"),
        ({"caption": None, "label": "x"}, "needs its subset"),
        ({"category": "joy"}, r":2 \[category\]"),
    ],
)
def test_a_wrong_line_is_told(tmp_path, change, told):
    with pytest.raises(InputError, match=told):
        read_gold(write(tmp_path, SENTENCE, {**SENTENCE, **change}))


def test_an_empty_file_is_told(tmp_path):
    with pytest.raises(InputError, match="no labelled captions"):
        read_gold(write(tmp_path))


def test_the_challenge_set_as_gold():
    items = challenge_gold()
    assert {item.source for item in items} == {"challenge"}
    assert {item.judged_as for item in items} == {"humanml3d", "motionx"}
    assert sum(item.label == "V" for item in items) * 2 == len(items)
    assert len({item.cluster for item in items}) * 2 == len(items)
