"""Joining the motions of a user's own folder to the rows of one of our datasets."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from hmu_bench.datasets.motion_column import Kind, Motion
from hmu_bench.datasets.motion_files import PLACES, find_motion, num_frames, require_folder
from hmu_bench.errors import InputError, one_line
from hmu_bench.motion import npy_shape
from hmu_bench.progress import Progress, shown

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

Missing = Literal["keep", "drop", "error"]
MISSING: tuple[Missing, ...] = get_args(Missing)

COLUMN = "motion"
MAX_TOLD = 5

# Either; the same kind comes back.
Rows = TypeVar("Rows", "Dataset", "DatasetDict")

_log = logging.getLogger("hmu_bench")


def with_motions(
    dataset: Rows,
    root: str | Path,
    *,
    missing: Missing = "keep",
    kind: Kind | None = None,
    progress: Progress = shown,
) -> Rows:
    """The dataset with its motions, from a folder that the user has.

    The new column `motion` gives a `numpy.memmap` when a row is looked at, and not before:
    float32 (frames, 263) for HumanML3D's features, (frames, 22, 3) for joints. It works under
    `select`, `filter`, `shuffle`, `with_format("torch")` and in the workers of a data loader, and
    is checked whenever it is read. Writing into an array does not change its file. `num_frames` is
    filled from the headers of features (20 frames a second); the file counts where the row says
    something else.

    A function given to `map` should get the column by name (`input_columns="motion"`), else
    `datasets` copies every motion that the function looks at into the new table. The column holds
    paths of this machine: remove it before you publish a dataset.

    Args:
        dataset: a `datasets.Dataset` or `DatasetDict` with a column `clip_id`.
        root: the folder of motions. A clip's file is where its row's `motion_path` says, or
            `<clip_id>.npy` in the root, its `new_joint_vecs/` or its `new_joints/`.
        missing: what becomes of rows without a motion: `keep` them with None, `drop` them, or
            `error`. How many they are is logged as a warning; `missing_motions` lists them.
        kind: accept only `humanml3d-263` or only `joints-22` (default: either), or `any` array
            (frames, ...), such as Motion-X's 322 numbers a frame.
        progress: shows how far it is.

    Returns:
        The same kind of object, rows in the same order.

    Raises:
        InputError: if the folder is missing, has no motion for any clip, or a file's header is
            bad; with `error`, if a motion is missing. A motion whose values are bad raises it when
            its row is read, naming the file.
    """
    if missing not in MISSING:
        raise InputError(f"missing is {missing!r}; it must be one of: {', '.join(MISSING)}")
    base = require_folder(root)
    parts = _parts(dataset)
    found = {name: _find(part, base, kind, progress) for name, part in parts.items()}
    _tell(found, root, missing)
    joined = {name: _join(part, found[name], missing, kind) for name, part in parts.items()}
    return joined[""] if "" in joined else type(dataset)(joined)


def missing_motions(dataset: Dataset | DatasetDict, root: str | Path) -> Any:
    """The ids of the clips that have no motion in a folder, in the order of the rows.

    Args:
        dataset: as for `with_motions`.
        root: the folder of motions.

    Returns:
        A list of ids; for a `DatasetDict` a mapping split -> list.

    Raises:
        InputError: if the folder is missing, or the dataset has no column `clip_id`.
    """
    base = require_folder(root)
    lists = {
        name: [clip_id for clip_id, place in _places(part) if not find_motion(base, clip_id, place)]
        for name, part in _parts(dataset).items()
    }
    return lists.get("", lists)


@dataclass
class _Found:
    """What was found for the rows of one split, in their order (None where nothing was)."""

    paths: list[str | None] = field(default_factory=list)
    frames: list[int | None] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    stamp: str = ""


def _parts(dataset: Any) -> dict[str, Any]:
    """Split -> Dataset; a Dataset alone has the name ''."""
    import datasets

    if isinstance(dataset, datasets.DatasetDict):
        parts = dict(dataset)
    elif isinstance(dataset, datasets.Dataset):
        parts = {"": dataset}
    else:
        raise InputError(
            f"expected a datasets.Dataset or DatasetDict, not {type(dataset).__name__}",
            fix="load it with datasets.load_dataset, without streaming",
        )
    for part in parts.values():
        if "clip_id" not in part.column_names:
            raise InputError("the dataset has no column clip_id", fix="load one of our datasets")
        if COLUMN in part.column_names and not isinstance(part.features[COLUMN], Motion):
            raise InputError("the dataset has another column `motion`", fix="rename that column")
    return parts


def _column(part: Any, name: str) -> list[Any]:
    """The values of a column whatever the format; Nones where there is none."""
    if name not in part.column_names:
        return [None] * len(part)
    if len(part) == 0:
        return []
    values: list[Any] = part.select_columns([name]).with_format("arrow")[:][name].to_pylist()
    return values


def _places(part: Any) -> Sequence[tuple[str, str | None]]:
    ids, places = _column(part, "clip_id"), _column(part, "motion_path")
    if not all(isinstance(clip_id, str) for clip_id in ids):
        raise InputError("the column clip_id holds something that is no text")
    return list(zip(ids, places, strict=True))


def _find(part: Any, base: Path, kind: Kind | None, progress: Progress) -> _Found:
    """Look up and measure the motions of one split."""
    found = _Found()
    stamp = hashlib.sha256(f"{part._fingerprint}\n{kind}\n".encode())
    old_frames = _column(part, "num_frames")
    rows = list(zip(_places(part), old_frames, strict=True))
    for (clip_id, place), frames in progress(rows, "measuring motions"):
        path = find_motion(base, clip_id, place)
        if path is None:
            found.missing.append(clip_id)
        else:
            new = _frames(path, kind)
            if new is not None and frames not in (None, new):
                found.differing.append(clip_id)
            frames = frames if new is None else new
            status = path.stat()
            stamp.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        found.paths.append(None if path is None else os.fspath(path))
        found.frames.append(frames)
    found.stamp = stamp.hexdigest()[:16]
    return found


def _frames(path: Path, kind: Kind | None) -> int | None:
    """The frames of features; None for other motions, whose frame rate is not known."""
    if kind == "humanml3d-263":
        return num_frames(path)
    features = len(npy_shape(path)) == 2 and kind is None
    return num_frames(path) if features else None


def _tell(found: dict[str, _Found], root: str | Path, missing: Missing) -> None:
    """Say what is missing and what differs, or stop."""
    lost = [clip_id for part in found.values() for clip_id in part.missing]
    rows = sum(len(part.paths) for part in found.values())
    if lost and len(lost) == rows:
        raise InputError(
            f"none of the {rows:,} clips has a motion in the folder",
            where=root,
            fix=f"put them at {' or '.join(place.format('<clip_id>') for place in PLACES)}",
        )
    if lost:
        text = f"{len(lost):,} of {rows:,} clips have no motion ({_few(lost)})"
        if missing == "error":
            raise InputError(text, where=root, fix="add them, or pass missing='keep' or 'drop'")
        became = "their rows are left out" if missing == "drop" else "their motion is None"
        listed = "hmu_bench.missing_motions(dataset, root) lists them"
        _log.warning("%s", one_line(f"{root}: {text}; {became}; {listed}"))
    differing = [clip_id for part in found.values() for clip_id in part.differing]
    if differing:
        text = f"{len(differing):,} motions have other num_frames than their row said"
        _log.warning("%s", one_line(f"{root}: {text} ({_few(differing)}); the file counts"))


def _few(ids: list[str]) -> str:
    return ", ".join(ids[:MAX_TOLD]) + (", ..." if len(ids) > MAX_TOLD else "")


def _join(part: Any, found: _Found, missing: Missing, kind: Kind | None) -> Any:
    """One split with the columns `num_frames` and `motion`."""
    import datasets

    columns = [name for name in part.column_names if name != COLUMN]
    if "num_frames" not in columns:
        columns.append("num_frames")
    given = [name for name in ("num_frames", COLUMN) if name in part.column_names]
    joined = part.remove_columns(given).add_column(
        "num_frames", found.frames, feature=datasets.Value("int32")
    )
    # `datasets` caches what is computed from a dataset under its fingerprint: the state of the
    # motion files is part of it, or a changed file would meet an old result.
    joined = joined.add_column(
        COLUMN, found.paths, feature=Motion(kind), new_fingerprint=found.stamp
    )
    joined = joined.select_columns([*columns, COLUMN])
    if missing == "drop" and found.missing:
        joined = joined.select([i for i, path in enumerate(found.paths) if path is not None])
    return joined
