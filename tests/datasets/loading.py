"""What `load_dataset` reads of an emitted repository is what was built and what its YAML says."""

from __future__ import annotations

import yaml

from hmu_bench.datasets import load_rows, read_report
from hmu_bench.datasets.card import default_config


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
        tables = [loaded[split].with_format("arrow")[:] for split in loaded]
        rows = [row for table in tables for row in table.to_pylist()]
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
