"""`hb.classify`: the one door to all classifiers."""

from __future__ import annotations

from functools import partial

import pytest

import hmu_bench as hb
from hmu_bench.errors import InputError


def test_classify_by_name_and_by_file(tmp_path):
    captions = ["a man kicks", "a man walks", "he beats a drum"]
    violent = hb.classify(captions, source="humanml3d", concept="violence", rule="keywords")
    assert [j.violent for j in violent] == [True, False, True]
    assert [j.category for j in violent] == ["kick", "none", "strike"]
    by_list = partial(hb.classify, captions, rule="keywords")
    assert [j.violent for j in by_list(concept="kick")] == [True, False, False]
    path = tmp_path / "walk.yaml"
    path.write_text(
        "name: walk\ntitle: Walk\ndescription: Walking.\n"
        "sources: {humanml3d: {origin: ours, keywords: {walk: none}}}\n",
        "utf-8",
    )
    assert [j.violent for j in by_list(concept=path)] == [False, True, False]
    assert hb.classify([]) == hb.classify([], rule="keywords") == []


def test_the_calibrated_rule_is_the_default():
    """A drum is no victim and "white" no hit; the paper's rule says otherwise."""
    captions = ["a man kicks another man", "he beats a drum", "a white cat walks"]
    assert hb.classify(captions) == hb.classify(captions, rule="calibrated")
    assert [j.violent for j in hb.classify(captions)] == [True, False, False]
    assert [j.violent for j in hb.classify(captions, rule="keywords")] == [True, True, True]


def test_the_source_chooses_the_list():
    label = ["katana sword slash"]
    by_list = partial(hb.classify, label, rule="keywords")
    assert not by_list(source="humanml3d")[0].violent
    assert by_list(source="motionx", context=[{"subset": "game_motion"}])[0].violent


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"rule": "taste"}, r"no rule 'taste' \(there are: calibrated, keywords, "),
        ({"rule": "calibrated", "concept": "kick"}, "no classifier is trained.*--rule keywords"),
        ({"concept": "nothing"}, "no concept 'nothing'"),
        ({"concept": "kick"}, "no classifier is trained.*--rule keywords"),
        ({"concept": "weapons", "rule": "keywords"}, "weapons: .*no keywords"),
        ({"context": []}, "1 captions but 0 contexts"),
        ({"captions": "a man kicks"}, "list of texts"),
        ({"captions": [None]}, "caption 0 is no text but NoneType"),
    ],
)
def test_bad_calls_are_told_in_one_line(call, told):
    with pytest.raises(InputError, match=told):
        hb.classify(**{"captions": ["a man kicks"], **call})
