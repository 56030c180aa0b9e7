"""Unified annotations."""

from __future__ import annotations

import json

import pytest

from hmu_bench.datasets import read_source
from hmu_bench.errors import InputError


def entry(**changes):
    caption = {"seg_id": "1_0", "text": "a man kicks", "start": 0.0, "end": 4.0}
    caption |= changes.pop("caption", {})
    return {"path": "KIT/1/kick", "duration": 4.0, "annotations": [caption], **changes}


def read(tmp_path, data):
    path = tmp_path / "annotations.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return read_source(path, "annotations")


def test_clips_are_sorted_and_twins_known(tmp_path):
    source = read(tmp_path, {"M00001": entry(), "00002": entry(path=None), "00001": entry()})
    assert [(c.clip_id, c.mirrored) for c in source.clips] == [
        ("00001", False),
        ("00002", False),
        ("M00001", True),
    ]
    assert [c.motion_path for c in source.clips] == ["KIT/1/kick.npy", None, "KIT/1/kick.npy"]
    caption = source.clips[0].captions[0]
    assert (caption.caption_id, caption.line, caption.tokens_by) == ("1_0", None, "rules")
    assert caption.tokens == "a/DET man/NOUN kick/VERB"


@pytest.mark.parametrize(
    ("start", "end", "read_as"),
    [
        (0.0, 4.0, (0.0, 0.0)),
        (0.0, 3.96, (0.0, 0.0)),
        (2.0, 6.0, (0.0, 0.0)),
        (0.0, 3.9, (0.0, 3.9)),
        (1.0, 2, (1.0, 2.0)),
        (float("nan"), 4.0, (0.0, 0.0)),
    ],
)
def test_as_long_as_the_clip_is_the_whole_clip(tmp_path, start, end, read_as):
    source = read(tmp_path, {"1": entry(caption={"start": start, "end": end})})
    caption = source.clips[0].captions[0]
    assert (caption.start, caption.end) == read_as


def test_the_hash_is_over_the_content(tmp_path):
    first = read(tmp_path, {"1": entry(), "2": entry()}).sha256
    assert read(tmp_path, json.dumps({"2": entry(), "1": entry()}, indent=3)).sha256 == first
    assert read(tmp_path, {"1": entry(), "2": entry(duration=5.0)}).sha256 != first


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ([], "unreadable line", "no mapping"),
        (entry(annotations=None), "unreadable line", "missing or no list"),
        (entry(annotations=[]), "no captions", "empty"),
        (entry(annotations=["kick"]), "unreadable line", "no mapping with `text`"),
        (entry(caption={"text": " "}), "unreadable line", "missing or blank"),
        (entry(caption={"text": 3}), "unreadable line", "missing or blank"),
        (entry(caption={"text": "\ud800"}), "unreadable line", "Unicode"),
        (entry(caption={"start": "0"}), "unreadable line", "`start` is no number"),
        (entry(caption={"end": -1}), "unreadable line", "not a number of seconds"),
        (entry(caption={"end": 10**400}), "unreadable line", "no number of seconds"),
        (entry(caption={"end": True}), "unreadable line", "`end` is no number"),
        (entry(caption={"seg_id": "../x"}), "unreadable line", "`seg_id`"),
        (entry(path="../../etc/passwd"), "unreadable line", "`path` has a part that is '..'"),
        (entry(path=3), "unreadable line", "`path` is no text"),
        (entry(duration="long"), "unreadable line", "`duration`"),
        (entry(annotations=[entry()["annotations"][0]] * 2), "unreadable line", "seg_id is given"),
    ],
)
def test_a_broken_clip_is_told_with_its_key_and_left_out(tmp_path, value, kind, told):
    source = read(tmp_path, {"bad": value, "good": entry()})
    assert [clip.clip_id for clip in source.clips] == ["good"]
    (problem,) = source.problems
    assert (problem.kind, problem.key, problem.clip_id) == (kind, "bad", "bad")
    assert told in problem.what


def test_a_key_given_twice(tmp_path):
    one = json.dumps(entry())
    source = read(tmp_path, f'{{"1": {one}, "2": {one}, "1": {one}}}')
    assert [clip.clip_id for clip in source.clips] == ["2"]
    assert [(p.kind, p.key) for p in source.problems] == [("duplicate id", "1")]
    twice = one.replace('"duration"', '"path": "x", "duration"')
    source = read(tmp_path, f'{{"1": {twice}, "2": {one}}}')
    assert [(p.kind, p.key) for p in source.problems] == [("unreadable line", "1")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not valid JSON"),
        ('{"1": \n{]}', r"annotations.json:2: not valid JSON"),
        ("[]", "must hold a mapping"),
        ("{}", "must hold a mapping"),
        ("[" * 100_000, "nested too deeply"),
        ('{"1": {"duration": ' + "9" * 5000 + "}}", "4300 digits"),
    ],
)
def test_what_is_no_annotations_file(tmp_path, text, told):
    with pytest.raises(InputError, match=told):
        read(tmp_path, text)


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_source(tmp_path / "annotations.json", "annotations")
    (tmp_path / "annotations.json").write_bytes(b'{"1": "\xff"}')
    with pytest.raises(InputError, match="not UTF-8"):
        read_source(tmp_path / "annotations.json", "annotations")


def test_kitml_reads_whole(shared):
    source = read_source(shared / "data/kitml/annotations.json", "annotations")
    assert (len(source.clips), source.problems) == (2892, [])
    assert sum(len(clip.captions) for clip in source.clips) == 6096
    assert all(caption.whole_clip for clip in source.clips for caption in clip.captions)
    assert sum(clip.mirrored for clip in source.clips) == 1446
