"""croissant.json: what it says is what lies in the folder, and `mlcroissant` reads the rows."""

from __future__ import annotations

import fnmatch
import json

import pytest

from hmu_bench.datasets import load_rows, read_source, read_splits
from hmu_bench.datasets.arrow import SCHEMA
from hmu_bench.files import sha256_file
from tests.datasets.toys import build


@pytest.fixture
def folder(toy, facts, tmp_path):
    source, lists = read_source(toy[0], "humanml3d"), read_splits(toy[1])
    concepts = ["violence", "kick", "none"]
    build(source, facts=facts, out=tmp_path, splits=lists, concepts=concepts, max_shard_bytes=300)
    return tmp_path / "hmu/toy-forget"


def test_files_and_columns(folder):
    told = json.loads((folder / "croissant.json").read_text("utf-8"))
    objects = {o["@id"]: o for o in told["distribution"] if o["@type"] == "cr:FileObject"}
    paths = [str(path.relative_to(folder)) for path in folder.rglob("*.parquet")]
    assert sorted(objects) == sorted(paths)
    assert len(paths) > 4, "some splits have several shards"
    for name, entry in objects.items():
        assert entry["sha256"] == sha256_file(folder / name)
        assert entry["contentSize"] == f"{(folder / name).stat().st_size} B"
    sets = {s["@id"]: s["includes"] for s in told["distribution"] if s["@type"] == "cr:FileSet"}
    found = [name for pattern in sets.values() for name in fnmatch.filter(paths, pattern)]
    assert sorted(found) == sorted(paths), "every file is in one set"
    ids = [records["@id"] for records in told["recordSet"]]
    assert ids == ["violence-keywords/train", "violence-keywords/test", "kick-keywords/train"]
    for records in told["recordSet"]:
        columns = [field["name"].removeprefix(f"{records['@id']}/") for field in records["field"]]
        assert columns == SCHEMA.names
    captions = next(f for f in told["recordSet"][0]["field"] if f["name"].endswith("/captions"))
    names = [part["name"].rpartition("/")[2] for part in captions["subField"]]
    assert names == [field.name for field in SCHEMA.field("captions").type.value_type]
    assert told["name"] == "toy-forget"
    assert told["license"] == "cc0-1.0"


def test_mlcroissant_reads_the_rows(folder):
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records("violence-keywords/train"))
    expected = load_rows(folder, "violence-keywords", splits=["train"])
    name = "violence-keywords/train/clip_id"
    assert [record[name].decode() for record in records] == [row.clip_id for row in expected]
