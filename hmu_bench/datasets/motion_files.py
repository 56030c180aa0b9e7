"""The motion files of a user's folder: which is a clip's, and how long it is (headers only)."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from hmu_bench.datasets.model import check_name
from hmu_bench.errors import InputError
from hmu_bench.files import read_text, require_inside
from hmu_bench.motion import npy_shape
from hmu_bench.progress import Progress, silent

SUFFIX = ".npy"
FEATURES_FOLDER = "new_joint_vecs"
NUM_FEATURES = 263
MAX_FILES = 1_000_000

# Where a clip's file may lie below the folder of motions, beside the place that its row names.
PLACES = ("{}" + SUFFIX, FEATURES_FOLDER + "/{}" + SUFFIX, "new_joints/{}" + SUFFIX)

# Lies beside the motions of HumanML3D, and is none.
_STATISTICS = frozenset({"Mean.npy", "Std.npy"})

# Parts of AMASS whose recordings HumanML3D shortens before it cuts clips out of them: there the
# end that the index gives may lie behind the end of what is left.
_SHORTENED = ("Eyes_Japan_Dataset", "MPI_HDM05", "TotalCapture", "MPI_Limits", "Transitions_mocap")
_INDEX_COLUMNS = ["source_path", "start_frame", "end_frame", "new_name"]


def find_motion(root: Path, clip_id: str, motion_path: str | None = None) -> Path | None:
    """The motion file of a clip, with links followed; None if there is none.

    Args:
        root: the folder of motions.
        clip_id: the clip; may contain "/".
        motion_path: the place below the root that the clip's row names. It is looked at first,
            then `PLACES`.

    Raises:
        InputError: if the id or the place is no name, or a link leads out of the root.
    """
    for what, name in (("clip id", clip_id), ("motion_path", motion_path)):
        if name is not None and (wrong := check_name(name)):
            raise InputError(f"the {what} {wrong}", key=name[:80], fix="correct the dataset")
    given = () if motion_path is None else (motion_path,)
    for place in (*given, *(pattern.format(clip_id) for pattern in PLACES)):
        path = root / place
        try:
            found = path.is_file()
        except OSError as error:
            raise InputError(f"cannot be looked at ({error.strerror})", where=path) from error
        if found:
            return require_inside(path, root)
    return None


def require_folder(root: str | Path) -> Path:
    """The folder of motions, with links followed (InputError if there is none)."""
    path = Path(root)
    if not path.is_dir():
        kind = "is not a folder" if path.exists() else "does not exist"
        raise InputError(f"the folder of motions {kind}", where=path, fix="check the path")
    return path.resolve()


def num_frames(path: Path) -> int:
    """The frames of a file of features (frames, 263), from its header alone.

    Raises:
        InputError: if it is no such file.
    """
    shape = npy_shape(path)
    if len(shape) != 2 or shape[1] != NUM_FEATURES or shape[0] == 0:
        raise InputError(
            f"the motion has shape {shape}; expected (frames, {NUM_FEATURES})", where=path
        )
    return shape[0]


def frames_of(root: str | Path, progress: Progress = silent) -> dict[str, int]:
    """How many frames the features (frames, 263; 20 frames a second) of every clip have.

    Every `.npy` file below `new_joint_vecs/` is a clip, or below the root where there is no such
    folder. Only headers are read. `Mean.npy`, `Std.npy` and hidden files are passed over.

    Args:
        root: the folder of motions.
        progress: shows how far it is.

    Returns:
        clip id (the path without `.npy`) -> frames, sorted by id.

    Raises:
        InputError: if the folder is missing or holds no motion, a link leads out of it, or a file
            holds no features.
    """
    base = require_folder(root)
    if (base / FEATURES_FOLDER).is_dir():
        base = require_inside(base / FEATURES_FOLDER, base)
    names = _names(base)
    if not names:
        raise InputError("no motion (.npy) in the folder", where=root, fix="check the path")
    frames = {}
    for name in progress(names, "measuring motions"):
        path = base / name
        # Folders were not entered through links, so only the file itself can be one.
        inside = require_inside(path, base) if path.is_symlink() else path
        frames[name.removesuffix(SUFFIX)] = num_frames(inside)
    return frames


def read_lengths(path: Path, progress: Progress = silent) -> dict[str, int]:
    """How many frames the clips have, from a folder of motions or the official index.csv.

    Raises:
        InputError: as `frames_of` and `frames_of_index`.
    """
    return frames_of_index(path) if path.suffix == ".csv" else frames_of(path, progress)


def _names(base: Path) -> list[str]:
    names: list[str] = []
    for folder, below, files in os.walk(base):
        below[:] = [name for name in below if not name.startswith(".")]
        inner = Path(folder).relative_to(base)
        names += [
            (inner / name).as_posix()
            for name in files
            if name.endswith(SUFFIX) and not name.startswith(".") and name not in _STATISTICS
        ]
        if len(names) > MAX_FILES:
            raise InputError(f"more than {MAX_FILES:,} motions in the folder", where=base)
    return sorted(names)


def frames_of_index(path: Path) -> dict[str, int]:
    """How many frames of features the official `index.csv` of HumanML3D gives every clip.

    A clip is cut out of a recording from `start_frame` to before `end_frame`; features need one
    frame more than they have, so there are end - start - 1. Clips for which that is not certain
    are left out: those of HumanAct12 (the index gives -1) and of the parts of AMASS that are
    shortened first. The mirrored twin of a clip is as long as the clip.

    Raises:
        InputError: if the file is missing, or a line is not as described.
    """
    rows = csv.reader(io.StringIO(read_text(path)))
    frames: dict[str, int] = {}
    try:
        if next(rows, None) != _INDEX_COLUMNS:
            raise InputError(
                f"the first line is not {','.join(_INDEX_COLUMNS)}", where=path, line=1
            )
        for row in rows:
            source, start, end, name = row
            clip_id = name.removesuffix(SUFFIX)
            if check_name(clip_id) or clip_id in frames:
                raise ValueError
            length = int(end) - int(start) - 1
            certain = int(end) >= 0 and not any(part in source for part in _SHORTENED)
            if certain and length > 0:
                frames |= {clip_id: length, f"M{clip_id}": length}
    except (ValueError, csv.Error) as error:
        raise InputError(
            "not a line of source_path,start_frame,end_frame,new_name, or a clip given twice",
            where=path,
            line=rows.line_num,
        ) from error
    return frames
