"""`python -m builders kitml`."""

from __future__ import annotations

import json

from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair, load_rows, read_report
from tests.datasets.loading import check_repository


def test_humanml3ds_list_on_kitml_marked_as_ours(
    shared, builders_command, tmp_path, hub, monkeypatch
):
    data = shared / "data/kitml"
    result = builders_command(
        *("kitml", "--texts", data / "annotations.json", "--splits", data, "--out", tmp_path),
        *("--rule", "keywords", "--concept", "all", "--tokens", "rules"),
    )
    assert result.returncode == 0, result.stderr
    keywords = list(load_concept("violence").keywords_for("humanml3d").keywords)
    clips = json.loads((data / "annotations.json").read_text("utf-8"))
    matching = {
        clip_id
        for clip_id, clip in clips.items()
        if any(k in item["text"] for item in clip["annotations"] for k in keywords)
    }
    pair = load_pair(tmp_path, "kitml")
    names = {"train": "train", "val": "validation", "test": "test"}
    for file, split in names.items():
        listed = (data / f"{file}.txt").read_text("utf-8").split()
        forget = [row.clip_id for row in pair["forget"] if row.split == split]
        retain = [row.clip_id for row in pair["retain"] if row.split == split]
        assert forget == [clip_id for clip_id in listed if clip_id in matching]
        assert retain == [clip_id for clip_id in listed if clip_id not in matching]
    report = read_report(tmp_path / "hmu/kitml-forget")
    assert report.configs[0].keywords_origin == "ours"
    assert report.configs[0].keywords_made_for == "humanml3d"
    assert report.integrity.tokens_by_rules == report.integrity.captions == 6096
    card = (tmp_path / "hmu/kitml-forget/README.md").read_text("utf-8")
    assert "our choice: the list made for humanml3d" in card
    assert "license: unknown" in card
    assert "names no licence of its annotations" in card
    first = pair["forget"][0]
    assert first.motion_path == clips[first.clip_id]["path"] + ".npy"
    assert all(caption.whole_clip for row in pair["forget"] for caption in row.captions)
    monkeypatch.chdir(tmp_path)
    for name in ("kitml-forget", "kitml-retain"):
        check_repository(hub, tmp_path / "hmu" / name, name, tmp_path / "cache")


def test_without_text(shared, builders_command, tmp_path):
    data = shared / "data/kitml"
    result = builders_command(
        *("kitml", "--texts", data / "annotations.json", "--splits", data, "--out", tmp_path),
        *("--rule", "keywords", "--no-text"),
    )
    assert result.returncode == 0, result.stderr
    rows = load_rows(tmp_path / "hmu/kitml-forget")
    assert {caption.text for row in rows for caption in row.captions} == {""}
