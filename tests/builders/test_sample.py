from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from builders.sample import clips, facts, splits
from hmu_bench import sample
from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair
from hmu_bench.sample.catalogue import FROZEN


@pytest.fixture(scope="module")
def built(tmp_path_factory, builders_command):
    folder = tmp_path_factory.mktemp("sample")
    result = builders_command(
        "sample", "--rule", "keywords", "--out", folder / "data", "--motions", folder / "motions",
        "--split", "val",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return folder


def test_the_forget_set_is_what_the_keywords_find(built):
    pair = load_pair(built / "data", "sample", "violence-keywords")
    words = load_concept("violence").keywords_for("sample").keywords
    expected = {
        clip.clip_id
        for clip in sample.clips()
        if any(word in caption.text for caption in clip.captions for word in words)
    }
    assert {row.clip_id for row in pair["forget"]} == expected
    everything = {clip.clip_id for clip in sample.clips()}
    assert {row.clip_id for row in pair["retain"]} == everything - expected


def test_rows_hold_what_the_sample_knows(built):
    names = {"train": "train", "val": "validation", "test": "test"}
    pair = load_pair(built / "data", "sample", "violence-keywords")
    rows = {row.clip_id: row for role in pair.values() for row in role}
    for clip in sample.clips()[:300]:
        row = rows[clip.clip_id]
        assert (row.split, row.num_frames, row.mirrored) == (
            names[clip.split], clip.num_frames, clip.mirrored,
        )  # fmt: skip
        assert row.base_id == clip.base_id
        assert [(c.text, c.tokens, c.start, c.end) for c in row.captions] == [
            (c.text, c.tokens, c.start, c.end) for c in clip.captions
        ]
        assert row.motion_path == f"new_joint_vecs/{clip.clip_id}.npy"


def test_motions_of_the_split_lie_where_the_rows_say(built):
    folder = built / "motions" / "new_joint_vecs"
    ids = {clip.clip_id for clip in sample.clips("val")}
    assert {path.stem for path in folder.iterdir()} == ids
    some = sorted(ids)[7]
    assert np.array_equal(np.load(folder / f"{some}.npy"), sample.features(some))


def test_the_list_can_be_made_again(tmp_path, builders_command):
    out = tmp_path / "clips.jsonl.gz"
    result = builders_command("sample-clips", "--out", out)
    assert result.returncode == 0, result.stderr
    with gzip.open(out, "rt") as made, gzip.open(FROZEN, "rt") as shipped:
        assert [json.loads(line) for line in made] == [json.loads(line) for line in shipped]


def test_clips_and_splits_fit_together():
    lists = splits()
    assert lists.all_ids == {clip.clip_id for clip in clips()}
    assert facts().license == "mit"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--split", "dev"], ["no split 'dev'", "train, val, test"]),
        (["--concept", "peace"], ["no concept 'peace'"]),
        (["--rule", "guess"], ["guess"]),
    ],
)
def test_bad_options_are_told_in_one_line(
    options, words, tmp_path, builders_command, one_line_error
):
    one_line_error(builders_command("sample", "--out", tmp_path / "x", *options), *words)
    assert not (tmp_path / "x").exists()
