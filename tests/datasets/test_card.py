"""The card: what `load_dataset` reads from it is what the files hold."""

from __future__ import annotations

import pytest
import yaml

from hmu_bench.datasets import SourceFacts, load_rows, read_report, read_source, read_splits
from hmu_bench.datasets.arrow import SCHEMA
from hmu_bench.datasets.card import FEATURES, default_config, plain
from hmu_bench.datasets.model import Caption, Clip
from tests.datasets.toys import build


@pytest.fixture(scope="session")
def hub():
    """`datasets`, quiet."""
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    return datasets


def head_of(folder):
    text = (folder / "README.md").read_text("utf-8")
    assert text.startswith("---\n")
    head, _, body = text[4:].partition("\n---\n")
    assert "&id" not in head, "no YAML aliases"
    return yaml.safe_load(head), body


def check_repository(hub, folder, name, cache):
    """Every configuration loads, holds the rows that were built, and is as the YAML says."""
    report = read_report(folder)
    role = name.rpartition("-")[2]
    head, _ = head_of(folder)
    configs = {config: splits for config, splits in report.files[role].items() if splits}
    assert [entry["config_name"] for entry in head["configs"]] == list(configs)
    assert [entry["config_name"] for entry in head["configs"] if entry.get("default")] == [
        default_config(report, role)
    ]
    infos = {info["config_name"]: info for info in head["dataset_info"]}
    assert list(infos) == list(configs)
    for config, splits in configs.items():
        loaded = hub.load_dataset(f"hmu/{name}", config, cache_dir=str(cache))
        assert list(loaded) == list(splits)
        rows = [row for split in loaded for row in loaded[split]]
        expected = load_rows(folder, config)
        assert [row["clip_id"] for row in rows] == [row.clip_id for row in expected]
        for row, right in zip(rows, expected, strict=True):
            assert (row["label"], row["split"], row["score"]) == (role, right.split, right.score)
            assert [c["text"] for c in row["captions"]] == [c.text for c in right.captions]
        info = infos[config]
        assert info["download_size"] == sum(f.bytes for files in splits.values() for f in files)
        for told in info["splits"]:
            got = loaded[told["name"]]
            assert (
                told["num_examples"] == got.num_rows == got.info.splits[told["name"]].num_examples
            )
            assert told["num_bytes"] == got.info.splits[told["name"]].num_bytes
            assert got.features._to_yaml_list() == info["features"]
        assert info["dataset_size"] == sum(told["num_bytes"] for told in info["splits"])


def test_the_features_are_those_of_the_files(hub):
    assert hub.Features.from_arrow_schema(SCHEMA)._to_yaml_list() == FEATURES


def test_every_configuration_loads_from_the_output_folder(hub, toy, facts, tmp_path, monkeypatch):
    concepts = ["none", "violence", "kick", "throw"]
    source, lists = read_source(toy[0], "humanml3d"), read_splits(toy[1])
    build(source, facts=facts, out=tmp_path / "out", splits=lists, concepts=concepts)
    monkeypatch.chdir(tmp_path / "out")
    for name in ("toy-forget", "toy-retain"):
        check_repository(hub, tmp_path / "out/hmu" / name, name, tmp_path / "cache")
    default = hub.load_dataset("hmu/toy-forget", cache_dir=str(tmp_path / "cache"))
    assert {split: rows.num_rows for split, rows in default.items()} == {"train": 2, "test": 1}
    with pytest.raises(ValueError, match="none-keywords"):
        hub.load_dataset("hmu/toy-forget", "none-keywords", cache_dir=str(tmp_path / "cache"))
    body = head_of(tmp_path / "out/hmu/toy-forget")[1]
    assert "`none-keywords`, `violence-keywords/validation`" in body


def test_many_shards_load(hub, facts, tmp_path, monkeypatch):
    clips = [Clip(f"{n:05d}", (Caption(f"{n}_0", f"kicks {n}", ""),)) for n in range(40)]
    build(clips, facts=facts, out=tmp_path, max_shard_bytes=1500)
    assert len(list((tmp_path / "hmu/toy-forget/data").rglob("*.parquet"))) > 2
    monkeypatch.chdir(tmp_path)
    check_repository(hub, tmp_path / "hmu/toy-forget", "toy-forget", tmp_path / "cache")


def test_a_rebuild_with_other_content_and_equal_counts_is_not_stale(
    hub, facts, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for word in ("first", "other"):
        clips = [Clip(str(n), (Caption(f"{n}_0", f"{word} kick {n}", ""),)) for n in range(3)]
        build(clips, facts=facts, out=tmp_path)
        loaded = hub.load_dataset("hmu/toy-forget", split="train", cache_dir=str(tmp_path / "c"))
        assert [row["captions"][0]["text"] for row in loaded] == [
            f"{word} kick {n}" for n in range(3)
        ]


def test_a_set_without_any_clip_says_so(hub, facts, tmp_path, monkeypatch):
    build([Clip("1", (Caption("1_0", "walks", ""),))], facts=facts, out=tmp_path)
    head, body = head_of(tmp_path / "hmu/toy-forget")
    assert head["configs"] == [{"config_name": "violence-keywords", "data_files": []}]
    assert "there is nothing to load" in body
    assert load_rows(tmp_path / "hmu/toy-forget") == []
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hub.exceptions.DataFilesNotFoundError):
        hub.load_dataset("hmu/toy-forget", cache_dir=str(tmp_path / "c"))


def test_the_numbers_of_the_card_are_those_of_the_build(toy, facts, tmp_path):
    source, lists = read_source(toy[0], "humanml3d"), read_splits(toy[1])
    report = build(source, facts=facts, out=tmp_path, splits=lists)
    for role, other in (("forget", "retain"), ("retain", "forget")):
        head, body = head_of(tmp_path / f"hmu/toy-{role}")
        (config,) = report.configs
        totals = {
            key: sum(getattr(counts, key) for counts in config.splits.values())
            for key in ("forget", "retain")
        }
        assert f"| {totals[role]} | {totals[other]} | 1 of 2 | 1 |" in body
        for split, counts in config.splits.items():
            assert f"| {split} | {counts.forget} | {counts.retain} |" in body
        assert "8 of 8 listed clips" in body
        assert "3 of 10 captions were judged to belong to the concept (1 of them describe" in body
        assert head["license"] == "cc0-1.0"
        assert head["size_categories"] == ["n<1K"]


def test_facts_and_texts_cannot_break_the_card(tmp_path):
    facts = SourceFacts(
        name="odd",
        pretty_name="a | b <script>",
        description="line\nbreak `code` [x](javascript:alert(1))",
        license="other",
        license_name="terms-1",
        license_link="https://example.org/terms",
        limits=["*stars*"],
    )
    text = "kicks | a <img src=x> `x`\n---\n# head"
    build([Clip("1", (Caption("1_0", text, ""),))], facts=facts, out=tmp_path)
    head, body = head_of(tmp_path / "hmu/odd-forget")
    assert head["pretty_name"] == "a | b <script>, forget set"
    assert (head["license_name"], head["license_link"]) == ("terms-1", "https://example.org/terms")
    assert "<img" not in body
    assert "<script>" not in body
    assert "\n---\n" not in body
    assert plain("a\nb") == "a b"
    assert f"| {plain(text)} |" in body
