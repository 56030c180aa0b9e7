"""Which configurations a build has."""

from __future__ import annotations

import pytest

from hmu_bench.concepts import concept_names, load_concept
from hmu_bench.datasets.configs import config_name, make_config, make_configs
from hmu_bench.errors import InputError


def names(*arguments, **options):
    return [config.name for config in make_configs(*arguments, **options)]


def test_calibrated_comes_first_and_bears_the_bare_name(calibrated):
    assert config_name("kick", "calibrated") == "kick"
    asked = (["violence", "kick"], ["keywords", "calibrated", "keywords"], "humanml3d")
    assert names(*asked) == ["violence", "violence-keywords", "kick", "kick-keywords"]


def test_all_is_what_each_rule_can_judge_violence_first(calibrated):
    found = names(["all"], ["keywords", "calibrated"], "motionx")
    assert found[:2] == ["violence", "violence-keywords"]
    covered = {name for name in concept_names() if load_concept(name).covers("motionx")}
    assert set(found[1:]) == {f"{name}-keywords" for name in covered}
    assert names(["kick", "all"], ["keywords"], "humanml3d")[:2] == [
        "kick-keywords",
        "violence-keywords",
    ]


def test_only_the_papers_rule_has_keywords_and_judges_clips_alone(calibrated):
    papers, ours = make_configs(["violence"], ["keywords", "calibrated"], "kitml")[::-1]
    assert papers.keywords is not None
    assert papers.keywords.origin == "ours"
    assert ours.keywords is None
    assert (papers.whole_base_clips, ours.whole_base_clips) == (False, True)


def test_what_judges_the_clips_of_another_source(calibrated):
    config = make_config(load_concept("kick"), "keywords", "motionx", judged_as={"humanml3d"})
    assert config.judge_of(None) is config.classifier
    assert list(config.judge_of("humanml3d").keywords) == ["kick"]
    violence = make_config(load_concept("violence"), "keywords", "motionx", 1, {"humanml3d"})
    assert "hook" in violence.judge_of("humanml3d").keywords
    assert "hook" not in violence.judge_of(None).keywords
    weapons = make_config(load_concept("weapons"), "keywords", "motionx", 1, {"humanml3d"})
    assert weapons.judge_of("humanml3d") is weapons.classifier, "HumanML3D has no such list"


def test_what_cannot_be_made_is_told(calibrated, tmp_path):
    other = tmp_path / "x.yaml"
    other.write_text(
        "name: violence-keywords\ntitle: V\ndescription: v\n"
        "sources: {humanml3d: {origin: ours, keywords: {walk: none}}}\n"
    )
    for concepts, chosen, told in (
        ([], ["keywords"], "no concept or no rule"),
        (["violence"], [], "no concept or no rule"),
        (["violence"], ["guess"], "no rule 'guess'"),
        (["weapons"], ["keywords"], "weapons: .*no keywords"),
        (["violence", other], ["keywords", "calibrated"], "violence-keywords: two different"),
    ):
        with pytest.raises(InputError, match=told):
            make_configs(concepts, chosen, "humanml3d")
