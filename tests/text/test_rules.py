"""`hb.classify`: the one door to all classifiers."""

from __future__ import annotations

import pytest

import hmu_bench as hb
from hmu_bench.errors import InputError


def test_classify_by_name_and_by_file(tmp_path):
    captions = ["a man kicks", "a man walks", "he beats a drum"]
    violent = hb.classify(captions, source="humanml3d", concept="violence", rule="keywords")
    assert [j.violent for j in violent] == [True, False, True]
    assert [j.category for j in violent] == ["kick", "none", "strike"]
    assert hb.classify(captions) == violent
    assert [j.violent for j in hb.classify(captions, concept="kick")] == [True, False, False]
    path = tmp_path / "walk.yaml"
    path.write_text(
        "name: walk\ntitle: Walk\ndescription: Walking.\n"
        "sources: {humanml3d: {origin: ours, keywords: {walk: none}}}\n",
        "utf-8",
    )
    assert [j.violent for j in hb.classify(captions, concept=path)] == [False, True, False]
    assert hb.classify([]) == []


def test_the_source_chooses_the_list():
    label = ["katana sword slash"]
    assert not hb.classify(label, source="humanml3d")[0].violent
    assert hb.classify(label, source="motionx", context=[{"subset": "game_motion"}])[0].violent


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"rule": "taste"}, r"no rule 'taste' \(there are: calibrated, keywords, "),
        ({"rule": "calibrated", "concept": "kick"}, "no classifier is trained.*--rule keywords"),
        ({"concept": "nothing"}, "no concept 'nothing'"),
        ({"concept": "weapons"}, "weapons: .*no keywords"),
        ({"context": []}, "1 captions but 0 contexts"),
        ({"captions": "a man kicks"}, "list of texts"),
        ({"captions": [None]}, "caption 0 is no text but NoneType"),
    ],
)
def test_bad_calls_are_told_in_one_line(call, told):
    with pytest.raises(InputError, match=told):
        hb.classify(**{"captions": ["a man kicks"], **call})
