"""From captions and real motions to a pack, a submission and a record: the whole path."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builders._real_motions import find_motions
from builders._track_rows import mask_words
from builders.track import run
from hmu_bench.concepts import load_concept
from hmu_bench.datasets.report import ConfigReport
from hmu_bench.errors import InputError
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.motion import features_to_joints, joints_to_features
from hmu_bench.motion.physics import jerk
from hmu_bench.records import read_record
from hmu_bench.scoring import score
from hmu_bench.tracks import load_track
from tests.mocap import PART, read, small_evaluator, write
from tests.stand_ins import write_submission

RETAIN_CLIPS = 36


@pytest.fixture(scope="module")
def mocap(shared, tmp_path_factory) -> Path:
    """Every violent clip and some others, all of the test split; one has no motion."""
    rows = read(shared)
    violent, safe = rows[rows.violent], rows[~rows.violent]
    step = max(1, len(safe) // RETAIN_CLIPS)
    rows = pd.concat([violent, safe.iloc[::step]])
    root = write(rows, tmp_path_factory.mktemp("mocap"), {"test": list(rows.clip_id)})
    missing = sorted(rows.clip_id)[-1]
    (root / "new_joint_vecs" / f"{missing}.npy").unlink()
    (root / "new_joints" / f"{missing}.npy").unlink()
    return root


@pytest.fixture(scope="module")
def evaluator_folder(shared, tmp_path_factory) -> Path:
    return small_evaluator(shared, tmp_path_factory.mktemp("evaluator") / "small")


@pytest.fixture(scope="module")
def pack(mocap, evaluator_folder, builders_command) -> Path:
    built = builders_command(
        "humanml3d", "--texts", mocap / "texts", "--splits", mocap / "splits",
        "--concept", "violence", "--rule", "keywords", "--out", mocap / "out",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    result = builders_command(*track_arguments(mocap, evaluator_folder))
    assert result.returncode == 0, result.stderr
    assert "test: 1 clips have no motion file" in result.stderr
    return Path(result.stdout.strip())


def track_arguments(mocap: Path, evaluator: Path, **options: str | Path) -> list[str | Path]:
    given = {
        "dataset": mocap / "out",
        "source": "humanml3d",
        "config": "violence-keywords",
        "motions": mocap,
        "evaluator": evaluator,
        "out": mocap / "tracks",
        "name": "mocap-violence-keywords",
        **options,
    }
    return ["track", *(part for name, value in given.items() for part in (f"--{name}", value))]


def build(mocap: Path, evaluator: Path, **options: str | Path) -> None:
    """The builder in this process."""
    names = track_arguments(mocap, evaluator, **options)[1:]
    given = {str(n)[2:]: v for n, v in zip(names[::2], names[1::2], strict=True)}
    run(**{**given, "evaluator": str(evaluator)})


def test_the_pack_is_what_the_captions_say(mocap, pack):
    track = load_track(pack)
    dataset = sorted((mocap / "texts").glob("*.txt"))
    keywords = ("kick", "punch", "hit", "beat", "boxe", "boxing", "jab", "uppercut", "hook")
    expected = {}
    for path in dataset:
        motion = mocap / "new_joint_vecs" / path.name.replace(".txt", ".npy")
        text = path.read_text()
        if motion.exists() and 40 <= (length := len(np.load(motion))) < 200:
            role = "forget" if any(word in text for word in keywords) else "retain"
            for line in text.splitlines():
                caption = line.split("#")[0]
                frames = 80 if caption.endswith(PART) else length // 4 * 4
                expected.setdefault(role, []).append((path.stem, caption, frames))
    for role, rows in expected.items():
        found = [(p.clip_id, p.text, p.num_frames) for p in track.prompts_of(role)]
        assert sorted(found) == sorted(rows)
    assert track.info.prompts == {role: len(rows) for role, rows in expected.items()}
    assert track.info.provenance.clips_without_motion == 1
    assert track.info.mask_terms == list(keywords)
    assert track.info.protocols == ["paper", "guo", "hmu-1"]
    assert track.info.mask_words == load_concept("violence").mask_words
    forms = word_forms(track.info.mask_words)
    assert any(prompt.masked_tokens for prompt in track.prompts)
    for prompt in track.prompts:
        assert prompt.masked_tokens == delete_tokens(prompt.tokens, forms)
    assert [p.prompt_id for p in track.prompts] == sorted(p.prompt_id for p in track.prompts)
    assert not [p for p in pack.iterdir() if p.suffix == ".npy"]


def test_reference_statistics_against_a_plain_computation(mocap, pack, evaluator_folder):
    """One motion at a time, no window shared between captions: the same statistics."""
    track, evaluator = load_track(pack), load_evaluator(evaluator_folder, device="cpu")
    assert track.statistics.gallery is None  # no train clips here
    assert track.info.detector is None
    assert track.info.detector_reason == "the split 'train' has no violent real clip"
    assert track.info.written_sha256 is None
    reference, repeat = track.reference["forget"], 3
    python, numpy_ = random.Random(10107 + repeat), np.random.RandomState(10107 + repeat)
    fixed, drawn = [], []
    for prompt in track.prompts_of("forget"):
        motion = np.load(mocap / "new_joint_vecs" / f"{prompt.clip_id}.npy")
        part = motion[20:100] if prompt.text.endswith(PART) else motion
        fixed.append(evaluator.embed_motions([part[: prompt.num_frames]])[0])
        python.choice((None,))
        frames = 4 * (len(part) // 4 - (numpy_.randint(0, 3) == 2))
        start = python.randint(0, len(part) - frames)
        drawn.append(evaluator.embed_motions([part[start : start + frames]])[0])
    np.testing.assert_allclose(reference.embeddings, fixed, atol=1e-5)
    mean, covariance = reference.paper_statistics(repeat)
    np.testing.assert_allclose(mean, np.mean(drawn, axis=0), atol=1e-5)
    np.testing.assert_allclose(covariance, np.cov(drawn, rowvar=False), atol=1e-5)
    np.testing.assert_allclose(reference.covariance, np.cov(fixed, rowvar=False), atol=1e-5)
    assert len({m.tobytes() for m in reference.paper_means}) == 20
    assert set(reference.real) >= {"fid", "mm_dist", "diversity", "r_precision_1"}
    assert "multimodality" not in reference.real
    prompts = track.prompts_of("retain")
    curves = []
    for prompt in prompts:
        motion = np.load(mocap / "new_joint_vecs" / f"{prompt.clip_id}.npy")
        part = motion[20:100] if prompt.text.endswith(PART) else motion
        curves.append(jerk(features_to_joints(part[: prompt.num_frames])))
    level = np.mean([curve.mean() for curve in curves])
    assert track.statistics.jerk_level == pytest.approx(level, rel=1e-6)
    areas = [np.abs(curve - level).sum() / 20 for curve in curves]
    np.testing.assert_allclose(track.reference["retain"].physics["auj"], areas, rtol=1e-6)


def test_building_again_gives_the_same_bytes(mocap, pack, evaluator_folder):
    build(mocap, evaluator_folder, out=mocap / "again")
    again = mocap / "again" / pack.name
    before = {path.name: path.read_bytes() for path in pack.iterdir()}
    assert {path.name: path.read_bytes() for path in again.iterdir()} == before


def answers(mocap: Path, pack: Path, kind: str) -> dict[str, np.ndarray]:
    """The real motions as a submission: features, or the joints that they were made of."""
    found = {}
    for prompt in load_track(pack).prompts:
        array = np.load(mocap / kind / f"{prompt.clip_id}.npy")
        first = 20 if prompt.text.endswith(PART) else 0
        last = first + prompt.num_frames + (kind == "new_joints")
        found[f"{prompt.prompt_id}/0"] = array[first:last]
    return found


def test_a_submission_of_the_real_motions(
    mocap, pack, evaluator_folder, hmu_bench_command, tmp_path
):
    """In both representations, through the command line; near the pack's own real record."""
    common = {"track": "mocap-violence-keywords", "repeats": 1}
    submissions = {
        "features": write_submission(
            tmp_path / "features", answers(mocap, pack, "new_joint_vecs"), name="features", **common
        ),
        "joints": write_submission(
            tmp_path / "joints",
            answers(mocap, pack, "new_joints"),
            layout="npy",
            name="joints",
            representation="joints-22",
            **common,
        ),
    }
    real_file = tmp_path / "real.json"
    paper = ("--protocol", "paper")
    told = hmu_bench_command("score", "--real", "--track", pack, *paper, "-o", real_file)
    assert told.returncode == 0, told.stderr
    real = read_record(real_file)
    assert (real.kind, real.role) == ("reference", "real")
    for name, folder in submissions.items():
        checked = hmu_bench_command("validate", folder, "--track", pack, "--json")
        report = json.loads(checked.stdout)
        assert (checked.returncode, report["valid"]) == (0, True), report["problems"][:3]
        assert (
            report["answered"] == report["prompts"] == sum(load_track(pack).info.prompts.values())
        )
        out = tmp_path / f"{name}.json"
        scored = hmu_bench_command(
            "score", folder, "--track", pack, "--evaluator", evaluator_folder,
            "--as-reference", "real", *paper, "-o", out,
        )  # fmt: skip
        assert scored.returncode == 0, scored.stderr
        assert "FID" in scored.stdout
        assert out.with_suffix(".run.json").exists()
        record = read_record(out)
        assert record.coverage is not None
        assert record.coverage.complete
        for role, metrics in record.metrics.items():
            for metric, value in metrics.items():
                expected = real.metrics[role][metric]
                if expected.value is None:
                    assert value.value is None
                elif name == "features":
                    assert value.value == pytest.approx(expected.value, abs=1e-4), (role, metric)
                else:
                    # Features of a cut motion differ near its end from a cut of the features.
                    assert value.value is not None


def test_joints_as_motions_make_the_same_features(mocap, pack, evaluator_folder, tmp_path):
    """A folder of joints alone is converted to the features that new_joint_vecs hold."""
    vectors = sorted((mocap / "new_joint_vecs").glob("*.npy"))[:3]
    (tmp_path / "new_joints").mkdir()
    for path in vectors:
        (tmp_path / "new_joints" / path.name).symlink_to(mocap / "new_joints" / path.name)
    places = {path.stem: f"new_joint_vecs/{path.name}" for path in vectors}
    with pytest.raises(InputError, match="leads out of its folder"):
        find_motions(tmp_path, places)
    found = find_motions(mocap / "new_joints", places)
    for path in vectors:
        np.testing.assert_array_equal(found.features(path.stem), np.load(path))


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("motions", "nowhere", "does not exist"),
        ("motions", "texts", "none of the"),
        ("config", "kick-keywords", "no configuration 'kick-keywords'"),
        ("split", "train", "no clips in the split 'train'"),
        ("split", "later", "unknown split 'later'"),
        ("dataset", "texts", "does not exist"),
        ("name", "Bad Name", "name"),
    ],
)
def test_bad_input(mocap, pack, evaluator_folder, tmp_path, option, value, word):
    options = {"out": tmp_path / "tracks", "name": "x"}
    options[option] = mocap / value if option in {"motions", "dataset"} else value
    with pytest.raises(InputError, match=word):
        build(mocap, evaluator_folder, **options)
    assert not (tmp_path / "tracks").exists()


def test_a_bad_motion(mocap, pack, evaluator_folder, builders_command, one_line_error, tmp_path):
    motion = sorted((mocap / "new_joint_vecs").glob("*.npy"))[0]
    array = np.load(motion)
    array[3, 7] = np.nan
    (tmp_path / "new_joint_vecs").mkdir()
    np.save(tmp_path / "new_joint_vecs" / motion.name, array)
    options = {"motions": tmp_path, "out": tmp_path / "tracks"}
    result = builders_command(*track_arguments(mocap, evaluator_folder, **options))
    one_line_error(result, motion.name, "NaN")
    np.save(tmp_path / "new_joint_vecs" / motion.name, np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(InputError, match=rf"{motion.name}: .*pickle"):
        build(mocap, evaluator_folder, **options)
    assert not (tmp_path / "tracks").exists()


def test_joints_are_scored_as_the_features_that_they_make(mocap, pack, evaluator_folder, tmp_path):
    joints = answers(mocap, pack, "new_joints")
    made = {key: joints_to_features(array) for key, array in joints.items()}
    common = {"track": "mocap-violence-keywords", "repeats": 1}
    evaluator = load_evaluator(evaluator_folder, device="cpu")
    one = write_submission(tmp_path / "1", joints, representation="joints-22", **common)
    two = write_submission(tmp_path / "2", made, layout="shards", **common)
    first, second = (score(folder, pack, evaluator=evaluator) for folder in (one, two))
    assert first.metrics == second.metrics
    assert first.provenance.submission_sha256 != second.provenance.submission_sha256


@pytest.mark.parametrize(
    ("concept", "sha256", "keywords", "words", "told"),
    [
        ("violence", None, ["boxe", "kick"], load_concept("violence").mask_words, ""),
        ("violence", "0" * 64, ["boxe", "kick"], ["boxe", "kick"], "another version"),
        ("mine", "0" * 64, ["wave"], ["wave"], ""),
        ("mine", "0" * 64, ["low kick"], [], "no protocol hmu-1"),
    ],
)
def test_mask_words(concept, sha256, keywords, words, told, capsys):
    """The concept's own, else the keywords, else none and no protocol `hmu-1`."""
    about = ConfigReport.model_construct(
        concept=concept,
        concept_sha256=sha256 or load_concept(concept).sha256,
        keywords=dict.fromkeys(keywords, "none"),
    )
    assert mask_words(about) == words
    assert told in capsys.readouterr().err
