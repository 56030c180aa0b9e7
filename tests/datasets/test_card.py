"""The card: what `load_dataset` reads from it is what the files hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from hmu_bench.datasets import SourceFacts, load_rows, read_source, read_splits
from hmu_bench.datasets.arrow import SCHEMA
from hmu_bench.datasets.card import FEATURES, plain
from hmu_bench.datasets.model import Caption, Clip
from tests.datasets.loading import check_repository, head_of
from tests.datasets.toys import build


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


@pytest.fixture
def both_rules(toy, facts, tmp_path, calibrated):
    """A build under both rules, and its report."""
    source, lists = read_source(toy[0], "humanml3d"), read_splits(toy[1])
    concepts = ["violence", "none"]
    options = {"splits": lists, "concepts": concepts, "rules": ["keywords", "calibrated"]}
    return tmp_path / "out", build(source, facts=facts, out=tmp_path / "out", **options)


def test_the_hub_reads_the_yaml(both_rules):
    """By the rules that `huggingface_hub` and `datasets` know offline; their lists, not ours."""
    from datasets.utils import resources
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard, DatasetCardData
    from huggingface_hub.utils import validate_repo_id

    allowed = {
        name: json.loads((Path(resources.__path__[0]) / f"{name}.json").read_text("utf-8"))
        for name in ("creators", "size_categories")
    }
    out, report = both_rules
    for role in ("forget", "retain"):
        validate_repo_id(f"hmu/{report.name}-{role}")
        text = (out / f"hmu/toy-{role}/README.md").read_text("utf-8")
        card = DatasetCard(text, ignore_metadata_errors=False)
        assert isinstance(card.data, DatasetCardData)
        head, _ = head_of(out / f"hmu/toy-{role}")
        assert card.data.to_dict() == head, "nothing is lost or renamed"
        assert yaml.safe_load(card.data.to_yaml()) == head
        assert set(card.data.annotations_creators) <= set(allowed["creators"]["annotations"])
        assert set(card.data.language_creators) <= set(allowed["creators"]["language"])
        assert set(card.data.size_categories) <= set(allowed["size_categories"])
        configs = MetadataConfigs.from_dataset_card_data(card.data)
        assert configs.get_default_config_name() == "violence"
        for key in ("pretty_name", "license", "source_datasets", "task_categories", "tags"):
            assert head[key]


def test_agreement_with_the_papers_rule(both_rules):
    out, report = both_rules
    pair, nothing = report.agreements
    assert (pair.config, pair.papers) == ("violence", "violence-keywords")
    # Kicks: 000001, its twin and 000004; the list also finds "hit" in 000003's "white".
    counts = (pair.both_forget, pair.only_config.count, pair.only_papers.count, pair.both_retain)
    assert counts == (2, 1, 1, 4)
    assert pair.kappa == pytest.approx((6 / 8 - 34 / 64) / (1 - 34 / 64), abs=1e-4)
    assert pair.only_config.examples == ["M000001"]
    assert pair.only_papers.examples == ["000003"]
    assert (nothing.papers, nothing.both_retain) == ("none-keywords", 5)
    body = head_of(out / "hmu/toy-forget")[1]
    assert "| `violence` | `violence-keywords` | 2 | 1 | 1 | 4 | 75.0 % | 0.467 |" in body
    assert "- 000003: a white cat sits." in body
    assert "**Rule `calibrated`**" in body
    assert "because their mirrored twin is" in body
    assert "\n\n\n\n" not in body


def test_captions_in_both_sets_are_counted_and_shown(facts, tmp_path):
    def clip(name, *lines):
        return Clip(
            name,
            tuple(
                Caption(f"{name}_{n}", text, "", line=line) for n, (text, line) in enumerate(lines)
            ),
        )

    walk, wave, leap = ("he walks", "he walks"), ("he WAVES", "x"), ("he leaps", "he leaps")
    clips = [
        clip("a", walk, ("he moves", "he moves kick")),
        clip("b", walk, wave, ("HE  moves", "he moves")),
        clip("c", leap, ("kicks", "kicks")),
        clip("d", ("he waves", "x")),
    ]
    report = build(clips, facts=facts, out=tmp_path / "out")
    (config,) = report.configs
    assert config.shared_texts.examples == ["a_0 = b_0", "a_1 = b_2"]
    assert config.shared_violent_texts.examples == ["a_1 = b_2"]
    body = head_of(tmp_path / "out/hmu/toy-forget")[1]
    assert "| `violence-keywords` | 2 | 1 |" in body
    assert "- a\\_1 = b\\_2: he moves" in body
    build(clips, facts=facts, out=tmp_path / "without", include_text=False)
    body = head_of(tmp_path / "without/hmu/toy-forget")[1]
    assert "he moves" not in body
    assert "| `violence-keywords` | 2 | 1 |" in body


def test_examples_show_every_category_first(facts, tmp_path):
    words = ["kicks"] * 8 + ["punches", "hits"]
    clips = [Clip(f"{n:02d}", (Caption(f"{n}_0", w, ""),)) for n, w in enumerate(words)]
    build(clips, facts=facts, out=tmp_path)
    body = head_of(tmp_path / "hmu/toy-forget")[1]
    shown = [line.split(" | ")[0] for line in body.splitlines() if line.startswith("| 0")]
    assert shown == ["| 00", "| 08", "| 09", "| 01", "| 02"]
