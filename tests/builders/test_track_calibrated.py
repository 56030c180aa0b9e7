"""From real motion capture to a calibrated pack, and a submission scored against it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builders.track import run
from hmu_bench.datasets import load_pair
from hmu_bench.errors import InputError
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.records import read_record
from hmu_bench.tracks import load_track, load_written, written_prompts
from tests.mocap import PART, read, small_evaluator, write
from tests.stand_ins import write_submission

# The violent recordings of each split; safe clips go to the splits in turn.
VIOLENT = {
    "train": ("punch_normal_001", "slash_normal_001"),
    "val": ("punch_normal_002", "kick_normal_001"),
    "test": ("slash_normal_002",),
}
NAMES = {"train": "train", "val": "validation", "test": "test"}


@pytest.fixture(scope="module")
def mocap(shared, tmp_path_factory) -> Path:
    """Real clips in three splits, without a recording in two; one train clip has no motion."""
    rows = read(shared)
    safe = rows[~rows.violent].iloc[::4]
    splits = {
        split: [clip for clip in rows[rows.violent].clip_id if any(n in clip for n in recordings)]
        + list(safe.clip_id.iloc[number::3])
        for number, (split, recordings) in enumerate(VIOLENT.items())
    }
    rows = pd.concat([rows[rows.violent], safe])
    root = write(rows, tmp_path_factory.mktemp("mocap"), splits)
    (root / "new_joint_vecs" / f"{splits['train'][-1]}.npy").unlink()
    (root / "new_joints" / f"{splits['train'][-1]}.npy").unlink()
    return root


@pytest.fixture(scope="module")
def evaluator(shared, tmp_path_factory) -> Path:
    return small_evaluator(shared, tmp_path_factory.mktemp("evaluator") / "small")


@pytest.fixture(scope="module")
def pack(mocap, evaluator, builders_command) -> Path:
    built = builders_command(
        "humanml3d", "--texts", mocap / "texts", "--splits", mocap / "splits",
        "--rule", "calibrated", "--out", mocap / "out",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    result = builders_command(
        "track", "--dataset", mocap / "out", "--source", "humanml3d", "--config", "violence",
        "--motions", mocap, "--evaluator", evaluator, "--out", mocap / "tracks",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "train: 1 clips have no motion file" in result.stderr
    return Path(result.stdout.strip())


def build(mocap: Path, evaluator: Path, **options) -> None:
    """The builder in this process."""
    given = {"dataset": mocap / "out", "source": "humanml3d", "config": "violence",
             "motions": mocap, "out": mocap / "other", **options}  # fmt: skip
    run(**given, evaluator=str(evaluator))


def test_the_prompts_are_those_of_the_labels(mocap, pack):
    """Counted from the dataset's own files, row by row."""
    track = load_track(pack)
    expected = {"forget": [], "retain": []}
    for role in expected:
        folder = mocap / "out" / "hmu" / f"humanml3d-{role}" / "data" / "violence"
        for row in pd.concat([pd.read_parquet(p) for p in folder.glob("test-*")]).itertuples():
            length = len(np.load(mocap / "new_joint_vecs" / f"{row.clip_id}.npy"))
            asked = [c for c in row.captions if c["violent"]]
            if role == "retain":
                asked = [c for c in row.captions if c["end"] == 0][:1]
            if row.confident and 40 <= length < 200:
                for one in asked:
                    frames = 80 if one["text"].endswith(PART) else length // 4 * 4
                    expected[role].append((row.clip_id, one["text"], frames))
    for role, rows in expected.items():
        found = [(p.clip_id, p.text, p.num_frames) for p in track.prompts_of(role)]
        assert sorted(found) == sorted(rows)
    assert {p.clip_id.split("_f")[0] for p in track.prompts_of("forget")} >= {
        "bnr1_slash_normal_002"
    }
    assert len(expected["retain"]) > 5


def test_what_the_pack_tells(mocap, pack):
    info = load_track(pack).info
    assert (info.name, info.rule, info.protocols) == (
        "humanml3d-violence",
        "calibrated",
        ["hmu-1", "guo"],
    )
    assert info.written_sha256 == load_written("humanml3d").sha256
    facts = info.provenance.reference_clips
    pair = load_pair(mocap / "out", "humanml3d", "violence")
    for split in NAMES.values():
        rows = {role: [r for r in part if r.split == split] for role, part in pair.items()}
        missing = int(split == "train")
        assert facts[split].clips == len(rows["forget"]) + len(rows["retain"])
        assert facts[split].without_motion == missing
        assert facts[split].violent == len(rows["forget"])
    assert info.detector is not None or info.detector_reason


def test_written_prompts_are_in_it_with_the_masks_of_the_track(pack):
    track = load_track(pack)
    forms = word_forms(track.info.mask_words)
    written = {p.prompt_id: p for p in written_prompts("humanml3d")}
    found = [p for p in track.prompts if p.clip_id is None]
    assert {p.prompt_id for p in found} == written.keys()
    for prompt in found:
        assert prompt.text == written[prompt.prompt_id].text
        assert prompt.masked_tokens == delete_tokens(prompt.tokens, forms)
        assert prompt.tokens.count("/") == len(prompt.tokens.split()) > 0
    for name in ("implicit", "implicit_safe", "composed", "forget", "retain"):
        prompts = track.prompts_of(name)
        assert [p.multimodality for p in prompts] == [n < 100 for n in range(len(prompts))]


def test_building_again_gives_the_same_bytes(mocap, pack, evaluator):
    build(mocap, evaluator, out=mocap / "again")
    before = {path.name: path.read_bytes() for path in pack.iterdir()}
    again = mocap / "again" / pack.name
    assert {path.name: path.read_bytes() for path in again.iterdir()} == before


def test_without_written_prompts_and_with_a_split_that_would_train(mocap, pack, evaluator):
    build(mocap, evaluator, written=False, split="validation")
    track = load_track(mocap / "other" / "humanml3d-violence")
    assert set(track.info.prompts) == {"forget", "retain"}
    assert track.info.written_sha256 is None
    assert "no other clips to test it on" in track.info.detector_reason
    gallery = track.statistics.gallery
    wanted = load_track(pack).statistics.gallery
    np.testing.assert_array_equal(gallery.base_clips, wanted.base_clips)
    np.testing.assert_allclose(gallery.embeddings, wanted.embeddings, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"fps": 3.0}, "fps is 3"),
        ({"config": "kick"}, "no configuration 'kick'"),
        ({"motions": "texts"}, "none of the"),
        ({"split": "nowhere"}, "unknown split 'nowhere'"),
    ],
)
def test_bad_input(mocap, pack, evaluator, tmp_path, options, word):
    if "motions" in options:
        options = {"motions": mocap / options["motions"]}
    with pytest.raises(InputError, match=word):
        build(mocap, evaluator, out=tmp_path / "tracks", **options)
    assert not (tmp_path / "tracks").exists()


def test_the_real_motions_as_a_submission(mocap, pack, evaluator, hmu_bench_command, tmp_path):
    """With the pack, the evaluator and the package alone: FID 0, and the pack's own physics."""
    track = load_track(pack)
    motions = {p.stem: np.load(p) for p in (mocap / "new_joint_vecs").glob("*.npy")}
    longest = np.tile(max(motions.values(), key=len), (2, 1))
    answers = {}
    for prompt in track.prompts:
        motion = longest if prompt.clip_id is None else motions[prompt.clip_id]
        first = 20 if prompt.text.endswith(PART) else 0
        answers[f"{prompt.prompt_id}/0"] = motion[first : first + prompt.num_frames]
    folder = write_submission(tmp_path / "real", answers, name="real", track=track.info.name)
    result = hmu_bench_command(
        "score", folder, "--track", pack, "--evaluator", evaluator, "-o", tmp_path / "r.json"
    )
    assert result.returncode == 0, result.stderr
    record = read_record(tmp_path / "r.json")
    assert record.protocol == "hmu-1"
    assert set(record.metrics) == set(track.info.prompts)
    for name in ("forget", "retain"):
        found = record.metrics[name]
        assert found["fid"].value == pytest.approx(0, abs=1e-6)
        for metric, values in track.reference[name].physics.items():
            assert found[metric].value == pytest.approx(values.mean(), rel=1e-4), metric
    listed = json.loads(hmu_bench_command("tracks", pack, "--json").stdout)
    assert listed[-1]["prompts"] == track.info.prompts
