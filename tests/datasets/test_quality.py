"""How often a rule is right: from the file to build.json and the card."""

from __future__ import annotations

import json

import pytest

from hmu_bench.datasets import quality
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.datasets.quality import QUALITY_FILE, quality_of
from hmu_bench.errors import InputError
from tests.datasets.toys import build

SHARE = {"value": 0.97, "low": 0.9512, "high": 0.9849, "method": "bootstrap"}
ENTRY = {
    "rule": "keywords",
    "rule_version": "1",
    "concept": "violence",
    "source": "toy",
    "gold": "735 made-up labels",
    "items": 735,
    "precision": SHARE,
    "recall": {"value": 0.5, "low": 0.4, "high": 0.6},
    "f1": SHARE,
    "brier": 0.1,
}


def write(path, *entries):
    path.write_text(json.dumps({"made_by": "a test", "measured": entries}), "utf-8")
    return path


def test_only_what_was_measured_of_this_rule_version_concept_and_source(tmp_path):
    path = write(tmp_path / "q.json", {**ENTRY, "source": "kitml", "items": 3}, ENTRY)
    found = quality_of("keywords", "1", "violence", "toy", path)
    assert found is not None
    assert (found.items, found.precision.value, found.recall.high) == (735, 0.97, 0.6)
    for other in (
        ("calibrated", "1", "violence", "toy"),
        ("keywords", "2", "violence", "toy"),
        ("keywords", "1", "kick", "toy"),
        ("keywords", "1", "violence", "humanml3d"),
    ):
        assert quality_of(*other, path) is None
    assert quality_of("keywords", "1", "violence", "toy", tmp_path / "nowhere") is None


def test_a_file_that_is_not_as_described_is_told(tmp_path):
    path = write(tmp_path / "q.json", {**ENTRY, "recall": 0.5})
    with pytest.raises(InputError, match=r"q.json \[measured.0.recall\]"):
        quality_of("keywords", "1", "violence", "toy", path)


def test_the_shipped_file_reads():
    if QUALITY_FILE.exists():
        assert quality._measured(QUALITY_FILE)
    else:
        assert quality_of("keywords", "1", "violence", "humanml3d") is None


def test_the_card_tells_it_or_says_that_it_is_not_known(tmp_path, facts, monkeypatch):
    clips = [Clip("1", (Caption("1_0", "kicks", ""),)), Clip("2", (Caption("2_0", "walks", ""),))]
    options = {"facts": facts, "concepts": ["violence", "kick"]}
    build(clips, out=tmp_path / "without", **options)
    card = (tmp_path / "without/hmu/toy-forget/README.md").read_text("utf-8")
    assert "Not measured on this source: `violence-keywords`, `kick-keywords`." in card
    path = write(tmp_path / "q.json", ENTRY)
    monkeypatch.setattr(quality.quality_of, "__defaults__", (path,))
    report = build(clips, out=tmp_path / "with", **options)
    assert [config.quality is not None for config in report.configs] == [True, False]
    card = (tmp_path / "with/hmu/toy-forget/README.md").read_text("utf-8")
    assert (
        "| `violence-keywords` | 735 | 735 made-up labels | 0.970 (0.951 to 0.985) |"
        " 0.500 (0.400 to 0.600) | 0.970 (0.951 to 0.985) |"
    ) in card
    assert "Not measured on this source: `kick-keywords`." in card
