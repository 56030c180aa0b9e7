"""Reading an emitted repository back, checked against its build.json."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hmu_bench.datasets.model import LabelledClip, Role, SplitName
from hmu_bench.datasets.publishing import repository, unfinished
from hmu_bench.datasets.report import BuildReport, read_report
from hmu_bench.errors import InputError, one_line
from hmu_bench.files import read_bounded, require_inside, sha256_bytes

MAX_PARQUET_BYTES = 2 << 30


def load_rows(
    folder: Path, config: str | None = None, *, splits: Iterable[SplitName] | None = None
) -> list[LabelledClip]:
    """The rows of one configuration of an emitted repository, in order.

    Args:
        folder: such as `DIR/hmu/humanml3d-forget`.
        config: its name; None for the first one that has rows.
        splits: which splits; None for all. A split without rows gives none.

    Raises:
        InputError: if the folder is no such repository, has no such configuration, or a file is
            missing or not the one that was built.
    """
    _check_finished(folder)
    report = read_report(folder)
    role = _role(folder, report)
    configs = report.files[role]
    if config is None:
        config = next((name for name, files in configs.items() if files), report.configs[0].name)
    if config not in configs:
        raise InputError(
            f"there is no configuration {config!r} (there are: {', '.join(configs)})", where=folder
        )
    wanted = None if splits is None else set(splits)
    rows: list[LabelledClip] = []
    for split, files in configs[config].items():
        if wanted is None or split in wanted:
            for file in files:
                rows += read_file(require_inside(folder / file.path, folder), file.sha256)
    return rows


def load_pair(
    out: Path, name: str, config: str | None = None, *, splits: Iterable[SplitName] | None = None
) -> dict[Role, list[LabelledClip]]:
    """The rows of both repositories of a pair, which must come from one build.

    Args:
        out: the output folder of the builder (the one that holds `hmu/`).
        name: of the source, such as `humanml3d`.
        config: the configuration; None for the first.
        splits: which splits; None for all.

    Raises:
        InputError: as `load_rows`; also if a builder was killed here, or the two do not belong
            together.
    """
    folders: dict[Role, Path] = {role: repository(out, name, role) for role in ("forget", "retain")}
    _check_finished(folders["forget"])
    reports = {role: read_report(folder) for role, folder in folders.items()}
    if reports["forget"] != reports["retain"]:
        raise InputError(
            f"{name}-forget and {name}-retain are of different builds",
            where=out,
            fix="run the builder again",
        )
    config = config or reports["forget"].configs[0].name
    wanted = None if splits is None else tuple(splits)
    return {role: load_rows(folder, config, splits=wanted) for role, folder in folders.items()}


def _check_finished(folder: Path) -> None:
    if unfinished(folder):
        raise InputError(
            "a build was killed while it was moved into place",
            where=folder,
            fix="run the builder again",
        )


def _role(folder: Path, report: BuildReport) -> Role:
    for role in report.files:
        if folder.resolve().name == f"{report.name}-{role}":
            return role
    raise InputError(
        f"the folder must be called {report.name}-forget or {report.name}-retain", where=folder
    )


def read_file(path: Path, sha256: str) -> list[LabelledClip]:
    """The rows of one Parquet file, if it has this hash and our columns (InputError if not)."""
    import pyarrow as pa

    from hmu_bench.datasets.arrow import SCHEMA, labelled_clips, read_parquet

    data = read_bounded(path, MAX_PARQUET_BYTES)
    if sha256_bytes(data) != sha256:
        raise InputError("the file is not the one that was built (its sha256 differs)", where=path)
    try:
        table = read_parquet(data)
        if table.schema.remove_metadata() != SCHEMA:
            raise InputError(f"the columns are not {', '.join(SCHEMA.names)}", where=path)
        return labelled_clips(table)
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
    ) as error:  # TypeError: null for a list
        reason = one_line(str(error))[:200]
        raise InputError(f"not a readable Parquet file ({reason})", where=path) from error
