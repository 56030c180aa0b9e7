"""Reading a repository back through our own reader."""

from __future__ import annotations

import io
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hmu_bench.datasets import load_pair, load_rows, read_source, read_splits
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from tests.datasets.toys import build


@pytest.fixture
def out(toy, facts, tmp_path):
    source, lists = read_source(toy[0], "humanml3d"), read_splits(toy[1])
    build(source, facts=facts, out=tmp_path / "out", splits=lists, concepts=["none", "kick"])
    return tmp_path / "out"


def test_configurations_and_splits(out):
    forget, retain = out / "hmu/toy-forget", out / "hmu/toy-retain"
    assert [row.clip_id for row in load_rows(forget)] == ["000004", "000001"], "first with rows"
    assert load_rows(forget, "none-keywords") == []
    assert len(load_rows(retain, "none-keywords")) == 8
    assert [row.clip_id for row in load_rows(retain, "kick-keywords", splits=["validation"])] == [
        "M000002"
    ]
    assert load_rows(forget, "kick-keywords", splits=["validation"]) == []
    assert load_rows(retain, splits=[]) == []
    pair = load_pair(out, "toy", "kick-keywords", splits=["train"])
    assert {role: len(rows) for role, rows in pair.items()} == {"forget": 2, "retain": 2}
    assert load_pair(out, "toy") == {"forget": [], "retain": load_rows(retain, "none-keywords")}


def test_a_moved_folder_reads_and_a_renamed_one_does_not(out, tmp_path):
    shutil.copytree(out / "hmu/toy-forget", tmp_path / "toy-forget")
    assert load_rows(tmp_path / "toy-forget") == load_rows(out / "hmu/toy-forget")
    shutil.copytree(out / "hmu/toy-forget", tmp_path / "mine")
    with pytest.raises(InputError, match="must be called toy-forget or toy-retain"):
        load_rows(tmp_path / "mine")


def test_what_is_wrong_is_told(out, tmp_path):
    folder = out / "hmu/toy-forget"
    with pytest.raises(InputError, match=r"no configuration 'kick' .*kick-keywords"):
        load_rows(folder, "kick")
    with pytest.raises(InputError, match=r"build.json: the file does not exist"):
        load_rows(tmp_path)
    (file,) = folder.glob("data/kick-keywords/*.parquet")
    data = file.read_bytes()
    file.write_bytes(data[:-1] + b"!")
    with pytest.raises(InputError, match="not the one that was built"):
        load_rows(folder)
    file.unlink()
    with pytest.raises(InputError, match="does not exist"):
        load_rows(folder)
    (folder / "build.json").write_text('{"schema_version": 1}')
    with pytest.raises(InputError, match="Field required"):
        load_rows(folder)


def spoil(folder, data):
    """Put other bytes in the place of a file, with their hash in build.json."""
    (file,) = folder.glob("data/kick-keywords/*.parquet")
    old = sha256_bytes(file.read_bytes())
    file.write_bytes(data)
    report = (folder / "build.json").read_text()
    assert old in report
    (folder / "build.json").write_text(report.replace(old, sha256_bytes(data)))


@pytest.mark.parametrize("kind", ["no parquet", "cut", "other columns", "null for a list"])
def test_files_that_are_no_rows_of_ours(out, kind):
    folder = out / "hmu/toy-forget"
    (file,) = folder.glob("data/kick-keywords/*.parquet")
    table = pq.read_table(file)
    data = io.BytesIO()
    if kind == "other columns":
        pq.write_table(table.drop_columns(["captions"]), data)
    elif kind == "null for a list":
        captions = pa.nulls(table.num_rows, table.schema.field("captions").type)
        place = table.schema.names.index("captions")
        pq.write_table(table.set_column(place, table.schema.field("captions"), captions), data)
    else:
        data.write(b"PAR1 no more" if kind == "no parquet" else file.read_bytes()[:-20])
    spoil(folder, data.getvalue())
    with pytest.raises(InputError, match=r"\.parquet: (not a readable|the columns are not)"):
        load_rows(folder)


def test_build_json_cannot_point_outside(out, tmp_path):
    folder = out / "hmu/toy-forget"
    (file,) = folder.glob("data/kick-keywords/*.parquet")
    file.rename(tmp_path / "moved.parquet")
    report = (folder / "build.json").read_text()
    name = file.relative_to(folder).as_posix()
    (folder / "build.json").write_text(report.replace(name, str(tmp_path / "moved.parquet")))
    with pytest.raises(InputError, match="leads out of its folder"):
        load_rows(folder)
