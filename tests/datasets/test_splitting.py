"""A caption set of one's own: `hmu_bench.split` and `hmu-bench split`."""

from __future__ import annotations

import json

import pytest

import hmu_bench as hb
from hmu_bench.datasets import SourceFacts, load_pair, load_rows, read_report
from hmu_bench.datasets.splitting import facts_for
from hmu_bench.errors import InputError

PUSH = """
name: push
title: Pushing
description: Pushing someone.
sources:
  mine: {origin: ours, keywords: {push: grapple, wave: none}}
"""


def test_split_of_texts_with_lists_and_a_concept_of_ones_own(toy, tmp_path):
    texts, lists = toy
    concept = tmp_path / "push.yaml"
    concept.write_text(PUSH, "utf-8")
    report = hb.split(
        texts,
        format="humanml3d",
        name="mine",
        concept=[str(concept), "violence"],
        rule="keywords",
        out=tmp_path / "out",
        splits=lists,
    )
    assert [config.name for config in report.configs] == ["push-keywords", "violence-keywords"]
    assert report.configs[0].keywords == {"push": "grapple", "wave": "none"}
    assert report == read_report(tmp_path / "out/hmu/mine-forget")
    pair = load_pair(tmp_path / "out", "mine", "push-keywords")
    assert [row.clip_id for row in pair["forget"]] == ["000005"]
    assert len(pair["retain"]) == 7
    assert report.facts.license == "unknown"


@pytest.mark.parametrize("name", ["Mine", "a--b", "a..b", "../x", "", "x" * 90])
def test_names_that_no_repository_may_have(name, tmp_path):
    with pytest.raises(InputError, match="is no name for a dataset"):
        hb.split(tmp_path, format="humanml3d", name=name, out=tmp_path, rule="keywords")


def test_facts_of_ones_own(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text(
        "name: mine\npretty_name: My captions\ndescription: d\nlicense: cc-by-4.0\n", "utf-8"
    )
    assert facts_for("mine", path).pretty_name == "My captions"
    given = SourceFacts(name="mine", pretty_name="M", description="d", license="mit")
    assert facts_for("mine", given) is given
    with pytest.raises(InputError, match="the facts are of 'mine', not of 'other'"):
        facts_for("other", path)
    for change, told in (
        ("license: other\n", "belong to license: other"),
        ("license: mit\nlicense_link: https://example.org\n", "belong to license: other"),
        ("license: mit\ncolour: red\n", "colour"),
        ("license: mit\nhomepage: javascript:x\n", "homepage"),
    ):
        path.write_text(f"name: mine\npretty_name: M\ndescription: d\n{change}", "utf-8")
        with pytest.raises(InputError, match=told):
            facts_for("mine", path)


def test_the_command(toy, hmu_bench_command, tmp_path):
    texts, lists = toy
    common = ("--format", "humanml3d", "--name", "mine", "--rule", "keywords", "--splits", lists)
    result = hmu_bench_command("split", texts, *common, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["config", "split", "forget", "retain"]
    assert lines[1] == ["violence-keywords", "train", "2", "2"]
    assert "1 of 2 mirrored twins are judged apart (000001)" in result.stderr
    assert "1 of 1 captions about a part of a clip are violent; 1 (000004)" in result.stderr
    assert "1 captions occur in both sets (000004_0 = M000001_0); 0 of them" in result.stderr
    again = hmu_bench_command(
        "split", texts, *common, "--out", tmp_path / "b", "--json", "--no-text"
    )
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert report == json.loads((tmp_path / "b/hmu/mine-retain/build.json").read_text("utf-8"))
    assert {c.text for row in load_rows(tmp_path / "b/hmu/mine-forget") for c in row.captions} == {
        ""
    }


def test_bad_input_is_one_line_and_writes_nothing(toy, hmu_bench_command, one_line_error, tmp_path):
    texts, _ = toy
    out = tmp_path / "out"
    good = {"--format": "humanml3d", "--name": "mine", "--rule": "keywords"}
    for change, words in (
        ({"--format": "txt"}, ["no format 'txt'", "humanml3d, annotations, motionx"]),
        ({"--name": "My Set"}, ["'My Set' is no name for a dataset"]),
        ({"--rule": "guess"}, ["no rule 'guess'"]),
        ({"--concept": "peace"}, ["no concept 'peace'"]),
        ({"--concept": tmp_path / "no.yaml"}, ["no.yaml", "does not exist"]),
        ({"--motions": tmp_path / "nowhere"}, ["nowhere", "does not exist"]),
        ({"--splits": tmp_path / "nowhere"}, ["nowhere", "does not exist"]),
        ({"--facts": tmp_path / "nowhere.yaml"}, ["nowhere.yaml", "does not exist"]),
        ({"--format": "annotations"}, [str(texts)]),
    ):
        options = [item for pair in (good | change).items() for item in pair]
        one_line_error(hmu_bench_command("split", texts, "--out", out, *options), *words)
        assert not out.exists(), change


def test_lengths_from_motions_and_from_an_index(toy, tmp_path):
    import numpy as np

    texts, lists = toy
    folder = tmp_path / "motions/new_joint_vecs"
    folder.mkdir(parents=True)
    np.save(folder / "000004.npy", np.zeros((57, 263), np.float32))
    np.save(folder / "M000001.npy", np.zeros((40, 263), np.float32))
    index = tmp_path / "index.csv"
    index.write_text(
        "source_path,start_frame,end_frame,new_name\n./x/a.npy,0,41,000001.npy\n", "utf-8"
    )
    common = {"format": "humanml3d", "name": "mine", "rule": "keywords", "splits": lists}
    for motions, lengths in (
        (tmp_path / "motions", {"000004": 57, "M000001": 40}),
        (index, {"000001": 40, "M000001": 40}),
    ):
        report = hb.split(texts, out=tmp_path / "out", motions=motions, **common)
        pair = load_pair(tmp_path / "out", "mine")
        rows = {row.clip_id: row.num_frames for rows in pair.values() for row in rows}
        assert {clip_id: n for clip_id, n in rows.items() if n is not None} == lengths
        assert report.integrity.without_num_frames.count == 6
        assert report.inputs.num_frames_sha256 is not None
        card = (tmp_path / "out/hmu/mine-forget/README.md").read_text("utf-8")
        assert "The length of 2 of 8 clips is known" in card
