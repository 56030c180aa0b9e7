"""Joined motions: lazy, mapped, checked, told when missing; in every way a dataset is used."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import datasets
import numpy as np
import pytest

import hmu_bench as hb
from hmu_bench.errors import InputError

FRAMES = {"000001": 5, "M000001": 5, "kungfu/a/Kick": 7, "000004": 9}


@pytest.fixture(autouse=True)
def quiet_and_apart(tmp_path_factory, monkeypatch):
    """No bars, and a cache of its own: nothing computed earlier may answer here."""
    monkeypatch.setattr(
        datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("datasets"), raising=True
    )
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def values(clip_id, frames):
    return np.full((frames, 263), len(clip_id) / 8, dtype=np.float32)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "motions"
    for clip_id, frames in FRAMES.items():
        path = folder / "new_joint_vecs" / f"{clip_id}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, values(clip_id, frames))
    return folder


def rows(*clip_ids, num_frames=None):
    ids = clip_ids or tuple(FRAMES)
    table = {
        "clip_id": list(ids),
        "label": ["retain"] * len(ids),
        "motion_path": [f"new_joint_vecs/{clip_id}.npy" for clip_id in ids],
        "num_frames": [num_frames] * len(ids),
        "score": [0.25] * len(ids),
    }
    made = datasets.Dataset.from_dict(table)
    return made.cast_column("num_frames", datasets.Value("int32"))


def test_rows_get_their_motion(root):
    joined = hb.with_motions(rows(), root)
    assert joined.column_names == [
        "clip_id",
        "label",
        "motion_path",
        "num_frames",
        "score",
        "motion",
    ]
    for row in joined:
        expected = values(row["clip_id"], FRAMES[row["clip_id"]])
        assert isinstance(row["motion"], np.memmap)
        assert row["motion"].dtype == np.float32
        assert np.array_equal(row["motion"], expected)
        assert row["num_frames"] == len(expected)
    assert joined.features["num_frames"] == datasets.Value("int32")
    assert [len(m) for m in joined["motion"]] == list(FRAMES.values())
    assert [len(m) for m in joined[1:3]["motion"]] == [5, 7]


def test_nothing_is_read_before_a_row_is(root):
    joined = hb.with_motions(rows(), root)
    (root / "new_joint_vecs" / "000001.npy").unlink()
    (root / "new_joint_vecs" / "M000001.npy").write_bytes(b"not an array")
    bad = values("x", 9)
    bad[3, 4] = np.nan
    np.save(root / "new_joint_vecs" / "000004.npy", bad)
    assert joined["num_frames"][:] == [5, 5, 7, 9]
    assert joined.select_columns(["clip_id", "score"])[0]["clip_id"] == "000001"
    assert joined[2]["motion"].shape == (7, 263)
    for row, words in ((0, "does not exist"), (1, "not a NumPy"), (3, "not finite")):
        with pytest.raises(InputError, match=words) as caught:
            joined[row]
        assert f"{joined['clip_id'][row]}.npy" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_writing_into_a_motion_leaves_its_file_alone(root):
    joined = hb.with_motions(rows(), root)
    motion = joined[0]["motion"]
    motion -= motion.mean()
    assert np.array_equal(joined[0]["motion"], values("000001", 5))


@pytest.mark.parametrize("width", [262, 251])
def test_a_header_that_is_no_motions_stops_the_join(root, width):
    np.save(root / "new_joint_vecs" / "000004.npy", np.zeros((4, width), dtype=np.float32))
    with pytest.raises(InputError, match=rf"shape \(4, {width}\).*263") as caught:
        hb.with_motions(rows(), root)
    assert "000004.npy" in str(caught.value)


def test_missing_motions_are_kept_dropped_or_refused(root, caplog):
    some = rows("000001", "000002", "kungfu/a/Kick", "000003")
    with caplog.at_level(logging.WARNING):
        kept = hb.with_motions(some, root)
    (record,) = caplog.records
    assert record.name == "hmu_bench"
    text = record.getMessage()
    assert "2 of 4 clips have no motion (000002, 000003)" in text
    assert "missing_motions" in text
    assert "\n" not in text
    assert [m is None for m in kept["motion"]] == [False, True, False, True]
    assert kept["num_frames"][:] == [5, None, 7, None]
    assert hb.missing_motions(some, root) == ["000002", "000003"]

    dropped = hb.with_motions(some, root, missing="drop")
    assert dropped["clip_id"][:] == ["000001", "kungfu/a/Kick"]
    assert [len(m) for m in dropped["motion"]] == [5, 7]

    with pytest.raises(InputError, match="2 of 4 clips"):
        hb.with_motions(some, root, missing="error")
    with pytest.raises(InputError, match="must be one of: keep, drop, error"):
        hb.with_motions(some, root, missing="skip")
    with pytest.raises(InputError, match="none of the 2 clips"):
        hb.with_motions(rows("8", "9"), root)


def test_the_warning_reaches_stderr_of_a_plain_script(root):
    code = f"""
import datasets, hmu_bench
rows = datasets.Dataset.from_dict({{"clip_id": ["000001", "000002"]}})
hmu_bench.with_motions(rows, {str(root)!r})
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "1 of 2 clips have no motion (000002)" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stdout == ""


def test_the_file_counts_where_the_row_says_other_frames(root, caplog):
    with caplog.at_level(logging.WARNING):
        joined = hb.with_motions(rows("000001", "kungfu/a/Kick", num_frames=5), root)
    assert joined["num_frames"][:] == [5, 7]
    assert "1 motions have other num_frames than their row said" in caplog.text
    assert "kungfu/a/Kick" in caplog.text


def test_a_dict_of_splits(root):
    both = datasets.DatasetDict(train=rows("000001", "000002"), test=rows("000004"))
    joined = hb.with_motions(both, root)
    assert isinstance(joined, datasets.DatasetDict)
    assert joined["train"][1]["motion"] is None
    assert joined["test"][0]["motion"].shape == (9, 263)
    assert hb.missing_motions(both, root) == {"train": ["000002"], "test": []}


def test_joining_again_replaces_the_motions(root, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    np.save(other / "000001.npy", values("x", 3))
    joined = hb.with_motions(hb.with_motions(rows("000001"), root), other)
    assert joined.column_names.count("motion") == 1
    assert joined[0]["motion"].shape == (3, 263)


def test_a_dataset_stays_a_dataset(root, tmp_path):
    joined = hb.with_motions(rows(), root)
    assert joined.select([3, 0])[0]["motion"].shape == (9, 263)
    assert joined.filter(lambda row: len(row["motion"]) > 5)["clip_id"][:] == [
        "kungfu/a/Kick",
        "000004",
    ]
    assert len(joined.shuffle(seed=1)[0]["motion"]) in FRAMES.values()
    twice = datasets.concatenate_datasets([joined, joined])
    assert twice[6]["motion"].shape == (7, 263)
    streamed = next(iter(joined.to_iterable_dataset()))
    assert isinstance(streamed["motion"], np.memmap)
    copied = pickle.loads(pickle.dumps(joined))  # noqa: S301 our own bytes
    assert isinstance(copied[0]["motion"], np.memmap)
    joined.save_to_disk(tmp_path / "saved")
    assert datasets.load_from_disk(tmp_path / "saved")[3]["motion"].shape == (9, 263)


def test_map_keeps_the_column_lazy_when_it_is_asked_by_name(root):
    joined = hb.with_motions(rows(), root)
    mapped = joined.map(lambda motion: {"height": float(motion[0, 3])}, input_columns="motion")
    assert isinstance(mapped[0]["motion"], np.memmap)
    assert mapped.features["motion"] == joined.features["motion"]
    assert mapped["height"][:] == [len(clip_id) / 8 for clip_id in FRAMES]
    untouched = joined.map(lambda row: {"name": row["clip_id"]})
    assert isinstance(untouched[0]["motion"], np.memmap)


def test_numpy_and_torch_formats(root):
    import torch

    joined = hb.with_motions(rows(), root)
    assert joined.with_format("numpy")[0]["motion"].shape == (5, 263)
    tensor = joined.with_format("torch")[2]["motion"]
    assert isinstance(tensor, torch.Tensor)
    assert torch.equal(tensor, torch.from_numpy(values("kungfu/a/Kick", 7)))
    # A format that was set before the join stays.
    assert isinstance(hb.with_motions(rows().with_format("torch"), root)[0]["motion"], torch.Tensor)


def first_frames(batch):
    return [None if row["motion"] is None else row["motion"].shape for row in batch]


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_of_a_data_loader(root, context):
    from torch.utils.data import DataLoader

    loader = DataLoader(
        hb.with_motions(rows("000001", "none", "000004"), root),
        batch_size=2,
        num_workers=1,
        collate_fn=first_frames,
        multiprocessing_context=context,
    )
    assert list(loader) == [[(5, 263), None], [(9, 263)]]


def test_rows_that_were_selected_before(root):
    chosen = rows().select([3, 1])
    joined = hb.with_motions(chosen, root)
    assert joined["clip_id"][:] == ["000004", "M000001"]
    assert [len(m) for m in joined["motion"]] == [9, 5]


def test_what_is_computed_is_not_reused_for_changed_files(root):
    def frames(dataset):
        mapped = dataset.map(lambda motion: {"n": float(motion.sum())}, input_columns="motion")
        return mapped["n"][:]

    before = hb.with_motions(rows("000001"), root)
    assert hb.with_motions(rows("000001"), root)._fingerprint == before._fingerprint
    first = frames(before)
    np.save(root / "new_joint_vecs" / "000001.npy", np.full((5, 263), 3, dtype=np.float32))
    after = hb.with_motions(rows("000001"), root)
    assert after._fingerprint != before._fingerprint
    assert frames(after) != first


def test_joints_and_other_motions(tmp_path):
    joints = np.random.default_rng(1).normal(size=(6, 22, 3)).astype(np.float32)
    np.save(tmp_path / "a.npy", joints)
    np.save(tmp_path / "b.npy", np.ones((4, 322), dtype=np.float32))
    table = datasets.Dataset.from_dict({"clip_id": ["a"]})
    joined = hb.with_motions(table, tmp_path)
    assert np.array_equal(joined[0]["motion"], joints)
    assert joined[0]["num_frames"] is None  # whose frame rate is not known
    with pytest.raises(InputError, match="expected"):
        hb.with_motions(table, tmp_path, kind="humanml3d-263")
    other = datasets.Dataset.from_dict({"clip_id": ["b"]})
    with pytest.raises(InputError, match="322"):
        hb.with_motions(other, tmp_path)
    assert hb.with_motions(other, tmp_path, kind="any")[0]["motion"].shape == (4, 322)
    with pytest.raises(InputError, match="expected"):
        hb.with_motions(other, tmp_path, kind="joints-22")[0]


def test_what_cannot_be_joined(root, tmp_path):
    with pytest.raises(InputError, match="IterableDataset"):
        hb.with_motions(rows().to_iterable_dataset(), root)
    with pytest.raises(InputError, match="no column clip_id"):
        hb.with_motions(datasets.Dataset.from_dict({"x": [1]}), root)
    with pytest.raises(InputError, match="another column `motion`"):
        hb.with_motions(rows().add_column("motion", [1] * 4), root)
    with pytest.raises(InputError, match="does not exist"):
        hb.with_motions(rows(), tmp_path / "none")
    with pytest.raises(InputError, match="clip id"):
        hb.with_motions(rows("../../etc/passwd"), root)
    with pytest.raises(InputError, match="no text"):
        hb.with_motions(datasets.Dataset.from_dict({"clip_id": [None, None]}), root)
    empty = hb.with_motions(rows().select([]), root)
    assert len(empty) == 0
    assert "motion" in empty.column_names


def test_real_rows_and_real_motions(shared, tmp_path):
    """An emitted repository, loaded by `datasets`, with three real motions."""
    from hmu_bench.datasets import SourceFacts, read_source
    from tests.datasets.toys import build

    data = shared / "data/humanml3d"
    texts = tmp_path / "texts"
    texts.mkdir()
    with zipfile.ZipFile(data / "texts.zip") as archive:
        for name in sorted(archive.namelist())[:4]:
            if name.endswith(".txt"):
                (texts / Path(name).name).write_bytes(archive.read(name))
    for clip_id in ("007005", "012314", "M010968"):  # these have motions there, but no texts
        line = "someone moves#someone/PRON move/VERB#0.0#0.0\n"
        (texts / f"{clip_id}.txt").write_text(line)
    facts = SourceFacts(
        name="humanml3d",
        pretty_name="HumanML3D",
        description="d",
        homepage="https://example.org",
        license="mit",
        citation="c",
        motion_path="new_joint_vecs/{clip_id}.npy",
    )
    build(read_source(texts, "humanml3d"), facts=facts, out=tmp_path / "out", rules=["keywords"])
    folders = [tmp_path / "out" / "hmu" / f"humanml3d-{role}" for role in ("forget", "retain")]
    loaded = [
        datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
        for folder in folders
    ]
    assert all(len(part) for part in loaded)
    rows_of_both = hb.with_motions(datasets.concatenate_datasets(loaded), data / "motions")
    assert rows_of_both.column_names[:-1] == loaded[0].column_names
    joined = []
    for row in rows_of_both:
        path = data / "motions" / "new_joint_vecs" / f"{row['clip_id']}.npy"
        assert (row["motion"] is not None) == path.exists()
        if row["motion"] is not None:
            joined.append(row["clip_id"])
            assert isinstance(row["motion"], np.memmap)
            assert np.array_equal(row["motion"], np.load(path))
            assert row["num_frames"] == len(np.load(path))
    assert sorted(joined) == ["007005", "012314", "M010968"]
    assert len(rows_of_both) == len(joined) + 4
