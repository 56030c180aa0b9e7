"""A path of captions -> clips: which reader reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from hmu_bench.datasets.readers import humanml3d, motionx
from hmu_bench.datasets.readers.annotations import read_annotations
from hmu_bench.datasets.readers.lines import read_lines
from hmu_bench.datasets.readers.source import SourceClips
from hmu_bench.datasets.tree import read_tree
from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent

Format = Literal["humanml3d", "annotations", "motionx"]
FORMATS: tuple[Format, ...] = get_args(Format)


def read_source(path: Path, format_name: str, progress: Progress = silent) -> SourceClips:
    """Read the captions of a source.

    Args:
        path: a folder or zip of text files, or (annotations) a JSON file.
        format_name: one of `FORMATS`.
        progress: shows how far it is.

    Raises:
        InputError: if the input as a whole cannot be read. What is wrong with single clips comes
            back as `problems`.
    """
    if format_name == "annotations":
        return read_annotations(path, progress)
    if format_name == "motionx":
        tree = read_tree(path, motionx.ROOTS, progress)
        return read_lines(tree, "motionx", motionx.parse_label, motionx.subset)
    if format_name == "humanml3d":
        tree = read_tree(path, humanml3d.ROOTS, progress)
        return read_lines(tree, "humanml3d", humanml3d.parse_line, motionx.subset)
    raise InputError(f"there is no format {format_name!r} (there are: {', '.join(FORMATS)})")
