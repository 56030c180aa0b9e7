"""Packs: found by name or path, read strictly, written whole."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from safetensors.numpy import save_file

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.metrics.detector import Detector
from hmu_bench.tracks import TrackStatistics, load_track
from hmu_bench.tracks.reference import to_tensors
from hmu_bench.tracks.table import table_schema
from hmu_bench.yaml_files import read_yaml, write_yaml

QUALITY = {
    "auc": 0.9,
    "ece": 0.05,
    "false_positive_rate": 0.1,
    "false_negative_rate": 0.1,
    "clips": 40,
    "violent": 20,
    "train_clips": 100,
    "validation_clips": 40,
    "threshold": 0.4,
}


@pytest.fixture
def copy(stand_in_track, tmp_path) -> Path:
    """A pack that a test may spoil."""
    return Path(shutil.copytree(stand_in_track.folder, tmp_path / "pack"))


def edit(folder: Path, **changes: object) -> None:
    """Change keys of track.yaml; None removes one."""
    content = read_yaml(folder / "track.yaml")
    for key, value in changes.items():
        content.pop(key, None)
        if value is not None:
            content[key] = value
    (folder / "track.yaml").write_text(write_yaml(content))


def replace_rows(folder: Path, change, schema: pa.Schema | None = None) -> None:
    """Change the rows of prompts.parquet and the hash in track.yaml."""
    path = folder / "prompts.parquet"
    rows = pq.read_table(path).to_pylist()
    rows = change(rows) or rows
    pq.write_table(pa.Table.from_pylist(rows, schema=schema or table_schema()), path)
    files = read_yaml(folder / "track.yaml")["files"]
    edit(folder, files={**files, "prompts.parquet": sha256_file(path)})


def test_a_pack_says_what_it_is(stand_in_track):
    track = hb.load_track(stand_in_track.folder)
    assert track.sha256 == stand_in_track.sha256
    assert track.prompts == stand_in_track.prompts
    assert sum(track.info.prompts.values()) == len(track.prompts) == len(track.by_id)
    assert {p.name for p in track.folder.iterdir()} == {
        "track.yaml",
        "prompts.parquet",
        "reference.safetensors",
    }
    assert track.info.fps == 20
    assert (track.info.min_frames, track.info.max_frames) == (40, 196)
    forget = track.prompts_of("forget")
    assert any(prompt.masked_tokens_paper for prompt in forget)
    assert not any(prompt.masked_tokens_paper for prompt in track.prompts_of("retain"))


def test_found_by_name_in_the_cache(stand_in_track, tmp_path, monkeypatch):
    monkeypatch.setenv("HMU_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="there is no track 'stand-in'"):
        load_track("stand-in")
    shutil.copytree(stand_in_track.folder, tmp_path / "tracks" / "stand-in")
    assert load_track("stand-in").sha256 == stand_in_track.sha256
    with pytest.raises(InputError, match=r"no track 'standin'.*one of: .*stand-in"):
        load_track("standin")


@pytest.mark.parametrize("name", ["nowhere/track", "../x", "/nowhere"])
def test_no_such_folder(name):
    with pytest.raises(InputError, match="there is no track pack"):
        load_track(name)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"colour": "red"}, "[colour]"),
        ({"source": None}, "[source]"),
        ({"fps": 30}, "[fps]"),
        ({"prompts": {"forget": 0}}, "no prompt"),
        ({"prompts": {"nice": 3}}, "[prompts.nice"),
        ({"schema_version": 2}, "[schema_version]"),
        ({"name": "../x"}, "[name]"),
        ({"files": {"prompts.parquet": "0" * 64}}, "files must name"),
        ({"max_frames": 400}, "[max_frames]"),
        ({"detector": {**QUALITY, "auc": 1.5}}, "[detector.auc]"),
        ({"detector": {**QUALITY, "f1": 0.5}}, "[detector.f1]"),
        ({"detector": QUALITY, "detector_reason": "none"}, "a reason why there is none"),
        ({"written_sha256": "x"}, "[written_sha256]"),
    ],
)
def test_a_bad_track_yaml(copy, changes, key):
    edit(copy, **changes)
    with pytest.raises(InputError) as caught:
        load_track(copy)
    assert key in str(caught.value)
    assert str(copy / "track.yaml") in str(caught.value)


@pytest.mark.parametrize("name", ["prompts.parquet", "reference.safetensors"])
def test_files_are_the_ones_that_were_built(copy, name):
    with (copy / name).open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(InputError, match=rf"{name}: the content is not what track.yaml names"):
        load_track(copy)
    (copy / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: the file does not exist"):
        load_track(copy)


@pytest.mark.parametrize("name", ["track.yaml", "prompts.parquet", "reference.safetensors"])
def test_a_link_out_of_the_pack(copy, tmp_path, name):
    (copy / name).rename(tmp_path / name)
    (copy / name).symlink_to(tmp_path / name)
    with pytest.raises(InputError, match=rf"{name}: the path leads out of its folder"):
        load_track(copy)


def set_first(**values):
    return lambda rows: rows[0].update(values)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (set_first(prompt_id="../../etc/passwd"), "not 16 hexadecimal digits"),
        (set_first(prompt_set="kind"), "unknown prompt_set 'kind'"),
        (set_first(num_frames=41), "num_frames is 41"),
        (set_first(num_frames=400), "num_frames is 400"),
        (set_first(text="x" * 5000), "longer than 4000"),
        (lambda rows: rows[::-1], "ordered by id"),
        (lambda rows: [rows[0], *rows], "ordered by id"),
        (lambda rows: rows[1:], "not that of track.yaml"),
    ],
)
def test_bad_prompts(copy, change, word):
    replace_rows(copy, change)
    with pytest.raises(InputError, match=word):
        load_track(copy)


def test_other_columns(copy):
    replace_rows(copy, lambda rows: None, table_schema().remove(3))
    with pytest.raises(InputError, match="the columns are not prompt_id"):
        load_track(copy)


def test_empty_cells(copy):
    schema = pa.schema([field.with_nullable(True) for field in table_schema()])
    replace_rows(copy, set_first(text=None), schema)
    with pytest.raises(InputError, match="the columns are not"):
        load_track(copy)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\x00" * 40 + b"PAR1", b"[]"])
def test_no_parquet(copy, data):
    (copy / "prompts.parquet").write_bytes(data)
    content = read_yaml(copy / "track.yaml")
    edit(
        copy,
        files={**content["files"], "prompts.parquet": sha256_file(copy / "prompts.parquet")},
    )
    with pytest.raises(InputError, match="not a readable Parquet file"):
        load_track(copy)


def test_prompts_command(stand_in_track, hmu_bench_command, one_line_error, tmp_path):
    out = tmp_path / "prompts.csv"
    result = hmu_bench_command("prompts", stand_in_track.folder, "-o", out)
    assert result.returncode == 0, result.stderr
    assert len(out.read_text().splitlines()) == len(stand_in_track.prompts) + 1
    bad = hmu_bench_command("prompts", stand_in_track.folder, "-o", tmp_path / "prompts.doc")
    one_line_error(bad, "prompts.doc", "unknown suffix")
    one_line_error(hmu_bench_command("prompts", "no-such-track"), "no-such-track")
    assert [p.name for p in tmp_path.iterdir()] == ["prompts.csv"]


def test_the_facts_are_plain_yaml(stand_in_track):
    """Any YAML reader can read the pack's facts."""
    content = yaml.safe_load((stand_in_track.folder / "track.yaml").read_text())
    assert content["name"] == "stand-in"
    assert asdict(stand_in_track.prompts[0]).keys() == set(table_schema().names)


def test_a_file_of_a_terabyte_is_not_hashed(copy):
    """Sparse, it costs the sender nothing."""
    with (copy / "prompts.parquet").open("ab") as handle:
        handle.truncate(1 << 40)
    begin = time.perf_counter()
    with pytest.raises(InputError, match=r"prompts\.parquet: the file has 1,099,511,627,776 bytes"):
        load_track(copy)
    assert time.perf_counter() - begin < 5


def test_base_clips(stand_in_track):
    """A twin belongs to the clip that it mirrors, a prompt without a clip to itself."""
    names = ["000001", "M000001", "game/walk", "game/Mwalk", "game/Move", None]
    prompts = [
        replace(prompt, clip_id=name)
        for prompt, name in zip(stand_in_track.prompts, names, strict=False)
    ]
    found = list(replace(stand_in_track, prompts=prompts).base_clips.values())
    own = f"prompt {prompts[-1].prompt_id}"
    assert found == ["000001", "000001", "game/walk", "game/walk", "game/Move", own]


def test_a_detector_and_what_track_yaml_tells_of_it(stand_in_track, copy):
    """Both or neither, with one threshold."""
    detector = Detector(np.ones(16), 0.0, QUALITY["threshold"], 0.1)
    statistics = TrackStatistics(detector=detector)
    reference = copy / "reference.safetensors"

    def load():
        edit(
            copy,
            files={
                "prompts.parquet": sha256_file(copy / "prompts.parquet"),
                "reference.safetensors": sha256_file(reference),
            },
        )
        return load_track(copy).statistics

    assert load() == TrackStatistics()
    edit(copy, detector=QUALITY)
    with pytest.raises(InputError, match="not both"):
        load()
    save_file(to_tensors(stand_in_track.reference, statistics), reference)
    assert load().detector.threshold == QUALITY["threshold"]
    edit(copy, detector={**QUALITY, "threshold": 0.5})
    with pytest.raises(InputError, match=r"\[detector/threshold\]: is not the threshold"):
        load()
    edit(copy, detector=None)
    with pytest.raises(InputError, match="not both"):
        load()
