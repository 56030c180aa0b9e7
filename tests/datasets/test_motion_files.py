"""Finding and measuring motion files: layouts, headers only, hostile folders, the index."""

from __future__ import annotations

import os

import numpy as np
import pytest

from hmu_bench.datasets.motion_files import find_motion, frames_of, frames_of_index
from hmu_bench.errors import InputError


def put(path, frames, width=263):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.zeros((frames, width), dtype=np.float32))
    return path


@pytest.mark.parametrize("folder", ["", "new_joint_vecs", "new_joints"])
@pytest.mark.parametrize("clip_id", ["000001", "kungfu/subset_0001/Kick I"])
def test_a_clip_is_found_in_every_layout(tmp_path, folder, clip_id):
    path = put(tmp_path / folder / f"{clip_id}.npy", 3)
    assert find_motion(tmp_path, clip_id) == path.resolve()
    assert find_motion(tmp_path, "other") is None


def test_the_place_that_the_row_names_comes_first(tmp_path):
    put(tmp_path / "000001.npy", 3)
    named = put(tmp_path / "KIT" / "3" / "kick_left02_poses.npy", 4)
    assert find_motion(tmp_path, "000001", "KIT/3/kick_left02_poses.npy") == named.resolve()
    assert find_motion(tmp_path, "000001", "KIT/3/none.npy") == (tmp_path / "000001.npy").resolve()


@pytest.mark.parametrize("bad", ["../secret", "/etc/passwd", "a/../../b", "", "a\\b", "a\nb"])
def test_no_name_leads_out_of_the_folder(tmp_path, bad):
    root = tmp_path / "motions"
    put(root / "1.npy", 3)
    put(tmp_path / "secret.npy", 3)
    with pytest.raises(InputError, match="clip id"):
        find_motion(root, bad)
    with pytest.raises(InputError, match="motion_path"):
        find_motion(root, "1", bad)


def test_no_link_leads_out_of_the_folder(tmp_path):
    root = tmp_path / "motions"
    put(root / "1.npy", 3)
    (root / "2.npy").symlink_to(put(tmp_path / "secret.npy", 3))
    for look in (lambda: find_motion(root, "2"), lambda: frames_of(root)):
        with pytest.raises(InputError, match="leads out of its folder"):
            look()
    (root / "2.npy").unlink()
    (root / "3.npy").symlink_to(root / "1.npy")
    assert frames_of(root) == {"1": 3, "3": 3}
    # The root itself may be a link.
    (tmp_path / "link").symlink_to(root)
    assert frames_of(tmp_path / "link") == {"1": 3, "3": 3}


def test_the_folder_of_features_may_not_be_elsewhere(tmp_path):
    put(tmp_path / "disk" / "1.npy", 3)
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "new_joint_vecs").symlink_to(tmp_path / "disk")
    with pytest.raises(InputError, match="leads out of its folder"):
        frames_of(tmp_path / "root")


def test_frames_of_measures_what_is_there(tmp_path):
    put(tmp_path / "new_joint_vecs" / "b" / "M2.npy", 7)
    put(tmp_path / "new_joint_vecs" / "1.npy", 5)
    put(tmp_path / "new_joint_vecs" / ".hidden.npy", 5)
    put(tmp_path / "new_joint_vecs" / ".cache" / "9.npy", 5)
    (tmp_path / "new_joint_vecs" / "notes.txt").write_text("x")
    put(tmp_path / "elsewhere.npy", 9)
    np.save(tmp_path / "new_joint_vecs" / "Mean.npy", np.zeros(263))
    found = frames_of(tmp_path)
    assert found == {"1": 5, "b/M2": 7}
    assert list(found) == ["1", "b/M2"]
    assert frames_of(tmp_path / "new_joint_vecs") == found


def test_frames_of_reads_headers_only(tmp_path):
    path = tmp_path / "1.npy"
    header = np.lib.format.header_data_from_array_1_0(np.zeros((4000, 263), dtype=np.float32))
    with path.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, header)
        handle.truncate(handle.tell() + 4000 * 263 * 4)
    allocated = path.stat().st_blocks
    assert frames_of(tmp_path) == {"1": 4000}
    assert path.stat().st_blocks == allocated


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((5, 262), dtype=np.float32), r"\(5, 262\); expected \(frames, 263\)"),
        (np.zeros((5, 22, 3), dtype=np.float32), r"expected \(frames, 263\)"),
        (np.zeros((0, 263), dtype=np.float32), "shape"),
        (np.zeros((5, 263), dtype=np.int64), "type <i8"),
        (np.array([{}], dtype=object), "pickled objects"),
    ],
)
def test_a_file_that_is_no_motion_is_named(tmp_path, array, words):
    np.save(tmp_path / "bad.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=words) as caught:
        frames_of(tmp_path)
    assert "bad.npy" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_without_motions(tmp_path):
    with pytest.raises(InputError, match="no motion"):
        frames_of(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        frames_of(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is not a folder"):
        frames_of(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe.npy")
    with pytest.raises(InputError, match="not a regular file"):
        frames_of(tmp_path)


def test_the_real_motions(shared):
    root = shared / "data/humanml3d/motions"
    assert frames_of(root) == {"007005": 199, "012314": 170, "M010968": 70}


INDEX = """source_path,start_frame,end_frame,new_name
./pose_data/KIT/1/made_up_poses.npy,3,203,007005.npy
./pose_data/humanact12/humanact12/made_up.npy,0,-1,000001.npy
./pose_data/BMLmovi/made_up_poses.npy,0,71,010968.npy
./pose_data/Eyes_Japan_Dataset/made/up_poses.npy,3,203,000006.npy
./pose_data/EKUT/1/made_up_poses.npy,0,1,011059.npy
"""


def test_the_index_gives_what_the_real_motions_have(tmp_path, shared):
    (tmp_path / "index.csv").write_text(INDEX)
    frames = frames_of_index(tmp_path / "index.csv")
    assert set(frames) == {"007005", "M007005", "010968", "M010968"}
    measured = frames_of(shared / "data/humanml3d/motions")
    for clip_id in ("007005", "M010968"):
        assert frames[clip_id] == measured[clip_id]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a,b,c,d\n", 1),
        (INDEX + "x,1,2\n", 7),
        (INDEX + "x,one,2,9.npy\n", 7),
        (INDEX + "x,0,90,../9.npy\n", 7),
        (INDEX + "x,0,90,007005.npy\n", 7),
    ],
)
def test_a_bad_index_is_told_with_its_line(tmp_path, text, line):
    path = tmp_path / "index.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        frames_of_index(path)
    assert str(caught.value).startswith(f"{path}:{line}:")
