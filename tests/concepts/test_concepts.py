"""The concept files: complete, faithful to the paper's lists, strict."""

from __future__ import annotations

import json

import pytest

from hmu_bench.concepts import CATEGORIES, concept_names, load_concept
from hmu_bench.errors import InputError

GOOD = """
name: push
title: Pushing
description: Pushing someone.
sources:
  humanml3d: {origin: ours, keywords: {push: grapple, shove: grapple}}
"""


@pytest.mark.parametrize("name", concept_names())
def test_every_concept_reads_and_has_a_list(name):
    concept = load_concept(name)
    assert concept.title
    assert concept.description
    assert any(concept.covers(source) for source in ("humanml3d", "motionx"))
    for source in concept.sources:
        keywords = concept.keywords_for(source)
        assert keywords.made_for == source
        assert set(keywords.keywords.values()) <= set(CATEGORIES)


def test_the_lists_are_the_papers_word_for_word_and_in_order(shared):
    paper = json.loads((shared / "data/paper_concepts.json").read_text("utf-8"))["splits"]
    ours = {"HumanML3D": "humanml3d", "Motion-X": "motionx"}
    assert {name for lists in paper.values() for name in lists} == set(concept_names())
    for theirs, source in ours.items():
        covered = {name for name in concept_names() if load_concept(name).covers(source)}
        assert covered == set(paper[theirs])
        for name, entry in paper[theirs].items():
            keywords = load_concept(name).keywords_for(source)
            assert list(keywords.keywords) == entry["forget_texts"]
            assert keywords.origin == "paper"


@pytest.mark.parametrize("source", ["kitml", "sample", "my-captions"])
def test_other_sources_take_humanml3ds_list_marked_as_ours(source):
    violence = load_concept("violence")
    taken = violence.keywords_for(source)
    assert taken.keywords == violence.keywords_for("humanml3d").keywords
    assert (taken.origin, taken.made_for) == ("ours", "humanml3d")


def test_a_source_with_lists_of_its_own_is_not_given_another_ones():
    weapons = load_concept("weapons")
    assert not weapons.covers("humanml3d")
    assert not weapons.covers("kitml")
    with pytest.raises(InputError, match=r"weapons: .*no keywords for the source 'humanml3d'"):
        weapons.keywords_for("humanml3d")


def test_a_users_own_file(tmp_path):
    path = tmp_path / "push.yaml"
    path.write_text(GOOD, "utf-8")
    for given in (path, str(path)):
        concept = load_concept(given)
        assert concept.keywords_for("mine").keywords == {"push": "grapple", "shove": "grapple"}
    path.write_text(GOOD + "  mine: {origin: ours, keywords: {barge: none}}\n", "utf-8")
    assert load_concept(path).keywords_for("mine").made_for == "mine"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("grapple,", "wrestle,"), "sources.humanml3d.keywords.push"),
        (("title: Pushing\n", ""), "title"),
        (("sources:", "colour: red\nsources:"), "colour"),
        (("{push: grapple, shove: grapple}", "{}"), "sources.humanml3d.keywords"),
        (("push: grapple,", "'  ': grapple,"), "sources.humanml3d.keywords"),
        (("push: grapple,", "'a#b': grapple,"), "sources.humanml3d.keywords"),
        (("name: push", "name: ../push"), "name"),
        (("title: Pushing", "title: 'Pushing"), "push.yaml:"),
    ],
)
def test_a_wrong_file_is_one_line_with_file_and_key(tmp_path, change, told):
    path = tmp_path / "push.yaml"
    assert change[0] in GOOD
    path.write_text(GOOD.replace(*change), "utf-8")
    with pytest.raises(InputError) as caught:
        load_concept(path)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_concept_names_the_known_ones():
    with pytest.raises(InputError, match=r"no concept 'voilence' .*violence"):
        load_concept("voilence")
    with pytest.raises(InputError, match="does not exist"):
        load_concept("nowhere.yaml")


def test_the_hash_follows_the_content(tmp_path):
    path = tmp_path / "push.yaml"
    path.write_text(GOOD, "utf-8")
    before = load_concept(path).sha256
    path.write_text(GOOD + "\n# a remark\n", "utf-8")
    assert load_concept(path).sha256 == before
    path.write_text(GOOD.replace("shove", "poke"), "utf-8")
    assert load_concept(path).sha256 != before
