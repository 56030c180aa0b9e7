from __future__ import annotations

import numpy as np
import pytest

from builders import sample_baselines
from builders.demo import steps
from hmu_bench.motion import features_to_joints
from hmu_bench.submissions import load_submission, validate
from hmu_bench.submissions.reading import MotionReader
from hmu_bench.tracks import load_track


@pytest.fixture(scope="module")
def made(tmp_path_factory, builders_command):
    root = tmp_path_factory.mktemp("baselines")
    done = builders_command(
        "sample", "--rule", "keywords", "--no-mirrored", "--out", str(root / "datasets")
    )
    assert done.returncode == 0, done.stderr
    sample_baselines.run(
        root / "datasets", "sample-violence", root / "out", config="violence-keywords", repeats=1
    )
    return root / "out"


def test_every_method_answers_the_whole_track(made):
    track = load_track("sample-violence")
    for name, (heading, family, _) in sample_baselines.METHODS.items():
        report = validate(made / name, track)
        assert not report.errors
        assert report.answered == len(track.prompts)
        info = load_submission(made / name).info
        assert (info.method, info.family) == (heading, family)
        assert info.base_model == "sample-retrieval-original"
    assert sorted(p.name for p in made.iterdir()) == sorted(sample_baselines.METHODS)


def test_standing_still_does_not_move(made):
    submission = load_submission(made / "sample-standing-still")
    with MotionReader(submission.folder) as reader:
        for entry in list(submission.listing.entries.values())[:20]:
            joints = features_to_joints(reader.read(entry))
            np.testing.assert_allclose(joints, np.broadcast_to(joints[:1], joints.shape), atol=1e-3)


def test_the_demo_scores_them_where_asked(tmp_path):
    plain, more = steps(tmp_path, ["calibrated"]), steps(tmp_path, ["calibrated"], baselines=True)
    added = [line for line in more if line not in plain]
    assert len(added) == 1 + 2 * len(sample_baselines.METHODS)
    assert added[0][1][3] == "sample-baselines"
