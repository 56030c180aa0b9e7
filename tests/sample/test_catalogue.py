from __future__ import annotations

import numpy as np
import pytest

from hmu_bench import sample
from hmu_bench.errors import InputError
from hmu_bench.motion import check_motion, read_motion
from hmu_bench.sample.body import mirror


def test_features_and_joints_have_the_frames_that_the_list_says():
    for clip in sample.clips("val")[:40]:
        joints = sample.joints(clip.clip_id)
        assert joints.shape == (clip.num_frames + 1, 22, 3)
        assert joints.dtype == np.float64
        features = sample.features(clip.clip_id)
        assert features.dtype == np.float32
        assert check_motion(features, "humanml3d-263", num_frames=clip.num_frames) == []


def test_a_twin_is_the_mirror_image_with_mirrored_words():
    for clip in sample.clips("test", twins=False)[:60]:
        twin = sample.clip(f"M{clip.clip_id}")
        assert twin.mirrored
        assert twin.base_id == clip.clip_id == clip.base_id
        assert (twin.split, twin.violent, twin.num_frames) == (
            clip.split, clip.violent, clip.num_frames,
        )  # fmt: skip
        assert np.array_equal(sample.joints(twin.clip_id), mirror(sample.joints(clip.clip_id)))
        for one, other in zip(clip.captions, twin.captions, strict=True):
            assert one.text.split().count("left") == other.text.split().count("right")
            assert one.tokens.split().count("right/ADJ") == other.tokens.split().count("left/ADJ")
            assert len(one.text.split()) == len(other.text.split())


def test_tokens_are_the_words_of_the_text():
    for clip in sample.clips("test"):
        for caption in clip.captions:
            assert len(caption.tokens.split()) == len(caption.text.split())


def test_clips_come_with_their_twin_behind_them():
    ids = [clip.clip_id for clip in sample.clips()[:4]]
    assert ids == ["000000", "M000000", "000001", "M000001"]
    assert not any(clip.mirrored for clip in sample.clips(twins=False))


def test_an_unknown_clip_is_told_with_the_ids_that_there_are():
    with pytest.raises(InputError, match="no clip '9'; ids run from 000000 to M002399"):
        sample.joints("9")


def test_motions_are_written_as_new_joint_vecs(tmp_path):
    ids = ["000003", "M000003"]
    sample.write_motions(ids, tmp_path / "new_joint_vecs")
    for clip_id in ids:
        path = tmp_path / "new_joint_vecs" / f"{clip_id}.npy"
        assert np.array_equal(read_motion(path, "humanml3d-263"), sample.features(clip_id))
    assert len(list((tmp_path / "new_joint_vecs").iterdir())) == 2
