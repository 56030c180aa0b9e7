"""A pack of Motion-X: its real labels and paths, made-up motions at 30 frames a second."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from builders.track import run
from hmu_bench.datasets import load_pair
from hmu_bench.errors import InputError
from hmu_bench.motion import resampled_length
from hmu_bench.tracks import load_track
from tests.stand_ins import joints

CLIPS = {"train": 120, "val": 60, "test": 120}
FPS = 30


def frames_of(clip_id: str) -> int:
    """Made-up lengths at 30 fps, from too short to far too long."""
    return 50 + 17 * (sum(clip_id.encode()) % 30)


def motion(frames: int, seed: int, fights: bool) -> np.ndarray:
    """Who fights swings four times as far, so that a detector can see it."""
    body = joints(frames, seed)
    rest = body.mean(axis=0, keepdims=True)
    return (rest + (4 if fights else 1) * (body - rest)).astype(np.float32)


@pytest.fixture(scope="module")
def source(shared, tmp_path_factory) -> Path:
    """Labels, lists and motions of a few hundred real paths; half of them fights."""
    data, root = shared / "data" / "motionx", tmp_path_factory.mktemp("motionx")
    (root / "splits").mkdir()
    with zipfile.ZipFile(data / "semantic_labels.zip") as archive:
        for name, count in CLIPS.items():
            listed = (data / f"{name}.txt").read_text().split()
            fights = [c for c in listed if "kungfu" in c or "Kick" in c or "Punch" in c]
            others = [c for c in listed if c not in set(fights)]
            chosen = [*fights[: count // 2], *others[: count // 2]]
            assert len(chosen) == count
            (root / "splits" / f"{name}.txt").write_text("\n".join(chosen) + "\n")
            for number, clip_id in enumerate(chosen):
                archive.extract(f"semantic_labels/{clip_id}.txt", root)
                path = root / "motions" / f"{clip_id}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, motion(frames_of(clip_id), number, clip_id in fights))
    return root


@pytest.fixture(scope="module")
def built(source, builders_command) -> Path:
    result = builders_command(
        "motionx", "--texts", source, "--splits", source / "splits", "--rule", "calibrated",
        "--text", "--out", source / "out",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return source / "out"


def build(source: Path, evaluator: Path, **options) -> None:
    given = {
        "dataset": source / "out",
        "source": "motionx",
        "config": "violence",
        "motions": source / "motions",
        "evaluator": str(evaluator),
        "out": source / "tracks",
        "fps": float(FPS),
    }
    run(**{**given, **options})


@pytest.fixture(scope="module")
def pack(source, built, stand_in_evaluator) -> Path:
    build(source, stand_in_evaluator.folder)
    return source / "tracks" / "motionx-violence"


def test_ids_with_folders_long_clips_cut_other_rates_resampled(source, pack):
    track = load_track(pack)
    assert (track.info.provenance.long_clips, track.info.provenance.motions_fps) == ("cut", FPS)
    pair = load_pair(source / "out", "motionx", "violence", splits=["test"])
    expected, cut = {}, 0
    for role, rows in pair.items():
        for row in rows:
            length = resampled_length(frames_of(row.clip_id), FPS) - 1
            if row.confident and length >= 40:
                cut += length >= 200
                expected[row.clip_id] = (role, min(196, length // 4 * 4), row.captions[0].text)
    real = [p for p in track.prompts if p.clip_id is not None]
    assert {p.clip_id: (p.prompt_set, p.num_frames, p.text) for p in real} == expected
    assert cut > 20
    assert all("/" in p.clip_id for p in real)
    assert track.info.provenance.captions_left_out["clip shorter than 40 frames"] > 0
    assert set(track.base_clips.values()) >= expected.keys()


def test_detector_and_gallery(pack):
    track = load_track(pack)
    clips = track.info.provenance.reference_clips
    assert len(track.statistics.gallery.violent) == clips["train"].used > 80
    assert track.info.detector.clips == clips["test"].used
    assert 0 < track.info.detector.violent < track.info.detector.clips
    assert track.info.detector.auc > 0.7


def test_long_clips_left_out_where_that_is_asked_for(source, built, pack, stand_in_evaluator):
    build(source, stand_in_evaluator.folder, long_clips="leave-out", out=source / "short")
    short = load_track(source / "short" / "motionx-violence")
    assert short.info.provenance.captions_left_out["clip longer than 199 frames"] > 20
    assert short.info.prompts["forget"] < load_track(pack).info.prompts["forget"]


def test_smplx_parameters_are_refused_in_one_line(source, built, stand_in_evaluator, tmp_path,
                                                  builders_command, one_line_error):  # fmt: skip
    clip_id = (source / "splits" / "test.txt").read_text().split()[0]
    path = tmp_path / f"{clip_id}.npy"
    path.parent.mkdir(parents=True)
    np.save(path, np.zeros((90, 322), np.float32))
    result = builders_command(
        "track", "--dataset", built, "--source", "motionx", "--config", "violence",
        "--motions", tmp_path, "--evaluator", stand_in_evaluator.folder, "--out", tmp_path / "t",
    )  # fmt: skip
    one_line_error(result, "SMPL-X parameters", path.name, "22 joints")
    assert not (tmp_path / "t").exists()


def test_a_dataset_without_its_texts_is_refused(source, built, stand_in_evaluator, tmp_path,
                                                builders_command):  # fmt: skip
    result = builders_command(
        "motionx", "--texts", source, "--splits", source / "splits", "--rule", "keywords",
        "--out", tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    with pytest.raises(InputError, match="built without its texts"):
        build(source, stand_in_evaluator.folder, dataset=tmp_path, config="violence-keywords")


def test_the_papers_rule_never_cuts(source, built, stand_in_evaluator, tmp_path, builders_command):
    result = builders_command(
        "motionx", "--texts", source, "--splits", source / "splits", "--rule", "keywords",
        "--text", "--out", tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    options = {"dataset": tmp_path, "config": "violence-keywords", "out": tmp_path / "tracks"}
    with pytest.raises(InputError, match="long clips are left out"):
        build(source, stand_in_evaluator.folder, long_clips="cut", **options)
    build(source, stand_in_evaluator.folder, **options)
    info = load_track(tmp_path / "tracks" / "motionx-violence-keywords").info
    assert (info.provenance.long_clips, set(info.prompts)) == ("leave-out", {"forget", "retain"})
    assert info.provenance.captions_left_out["clip longer than 199 frames"] > 20
