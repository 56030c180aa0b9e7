"""A path of captions -> clips: which reader reads it."""

from __future__ import annotations

from collections.abc import Callable
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


def read_source(
    path: Path, format_name: str, progress: Progress = silent, *, motionx_tree: bool | None = None
) -> SourceClips:
    """Read the captions of a source.

    Args:
        path: a folder or zip of text files, or (annotations) a JSON file.
        format_name: one of `FORMATS`.
        progress: shows how far it is.
        motionx_tree: whether the text files lie in the subsets of Motion-X, whose spelling is
            made the official one (default: for the format `motionx`).

    Raises:
        InputError: if the input as a whole cannot be read. What is wrong with single clips comes
            back as `problems`.
    """
    if format_name == "annotations":
        return read_annotations(path, progress)
    parse = {"motionx": motionx.parse_label, "humanml3d": humanml3d.parse_line}.get(format_name)
    if parse is None:
        raise InputError(f"there is no format {format_name!r} (there are: {', '.join(FORMATS)})")
    roots = motionx.ROOTS if format_name == "motionx" else humanml3d.ROOTS
    if motionx_tree is None:
        motionx_tree = format_name == "motionx"
    if not motionx_tree:
        tree = read_tree(path, roots, progress)
        return read_lines(tree, format_name, parse, motionx.subset, lambda _: None)
    tree = read_tree(path, roots, progress, is_top=motionx.is_subset, spelling=motionx.official_id)
    return read_lines(tree, format_name, parse, motionx.subset, motionx.judged_as)


def list_spelling(format_name: str) -> Callable[[str], str]:
    """How the ids of split lists are spelled for a format (see `read_splits`)."""
    return motionx.official_id if format_name == "motionx" else str
