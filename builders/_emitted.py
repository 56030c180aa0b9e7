"""Folders that dataset builders wrote: which sources are in them."""

from __future__ import annotations

from pathlib import Path

from hmu_bench.errors import InputError


def sources_in(path: Path) -> dict[str, Path]:
    """The sources of which a folder holds a build -> the output folder of the builder.

    Args:
        path: a builder's output folder (holds hmu/), or one of the repositories in it.

    Raises:
        InputError: if it is no folder, or holds no build.
    """
    from hmu_bench import HUB_ORGANISATION
    from hmu_bench.datasets.model import ROLES
    from hmu_bench.datasets.report import BUILD_FILE

    if not path.is_dir():
        kind = "is not a folder" if path.exists() else "does not exist"
        raise InputError(f"the folder {kind}", where=path, fix="check the path")
    if (path / BUILD_FILE).is_file():
        return {path.resolve().name.rpartition("-")[0]: path.resolve().parent.parent}
    hub = path / HUB_ORGANISATION
    found = {
        folder.name.removesuffix(f"-{role}"): path
        for role in ROLES
        for folder in sorted(hub.glob(f"*-{role}"))
        if (folder / BUILD_FILE).is_file()
    }
    if not found:
        raise InputError(
            "it holds no dataset that a builder made",
            where=path,
            fix="give the folder that was the builder's --out",
        )
    return found
