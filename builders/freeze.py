"""Releases: freezes the ids and labels of a built dataset, or checks it against what is frozen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from builders._emitted import sources_in
from hmu_bench.errors import InputError
from hmu_bench.files import write_atomic
from hmu_bench.terminal import print_table, say

if TYPE_CHECKING:
    from hmu_bench.datasets.releases import Release

# Of the embedded sample, all that is published.
SAMPLE_RULES = ("calibrated", "keywords")


class Outcome(NamedTuple):
    """What was found of a configuration, and the release to write, if one is."""

    source: str
    config: str
    told: str
    right: bool = True
    write: Release | None = None


def run(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            help="A builder's output folder (holds hmu/), or one of the repositories in it; "
            "without it the embedded sample is built for this."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Only this source, such as humanml3d.")
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option(metavar="CONFIG", help="Only this configuration; may be repeated."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; tell whether it is the release.")
    ] = False,
    version: Annotated[
        str | None, typer.Option(help="Of the release: 1, 2, ... [default: the newest, or 1].")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Overwrite a release that nobody has been given yet."),
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where releases lie [default: those of the package].")
    ] = None,
) -> None:
    """Freeze the ids and labels of a built dataset as a release, or check them against one.

    Every row is read, and the hashes are made from the rows. Later builds of the same input say
    whether they are the release. A new classifier is a new release, under a new --version.
    """
    if check and (replace or version):
        raise InputError("--check writes nothing", fix="leave out --replace and --version")
    with _built(dataset) as out:
        outcomes = [
            _check(release, folder) if check else _freeze(release, folder, version, replace)
            for release in _of_rows(out, source, config, version or "1")
        ]
    if all(outcome.right for outcome in outcomes):
        for outcome in outcomes:
            _write(outcome.write, folder)
    print_table(["source", "config", "release"], [outcome[:3] for outcome in outcomes])
    wrong = [outcome for outcome in outcomes if not outcome.right]
    if wrong:
        what = f"{wrong[0].source}/{wrong[0].config}: {wrong[0].told}"
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise InputError(f"{what}{more}", fix=_fix(dataset, check))


def _fix(dataset: Path | None, check: bool) -> str:
    freeze = "python -m builders freeze" + ("" if dataset is None else f" {dataset}")
    anew = f"{freeze} with a new --version, or --replace if that release was never published"
    if check:
        return (
            "`python -m builders diff` with the published datasets shows the clips; if the change "
            f"is wanted: {anew}"
        )
    return anew


@contextmanager
def _built(dataset: Path | None) -> Iterator[Path]:
    """The folder to look into; the embedded sample is built for it where none is given."""
    if dataset is not None:
        yield dataset
        return
    from builders import sample
    from hmu_bench.datasets import build

    say("building the embedded sample")
    with tempfile.TemporaryDirectory() as folder:
        build(
            sample.clips(),
            facts=sample.facts(),
            out=Path(folder),
            splits=sample.splits(),
            rules=SAMPLE_RULES,
        )
        yield Path(folder)


def _of_rows(
    dataset: Path, source: str | None, configs: list[str] | None, version: str
) -> Iterator[Release]:
    """What would be frozen of every configuration, made from the rows themselves."""
    from pydantic import ValidationError

    from hmu_bench.datasets import load_pair, read_report, repository
    from hmu_bench.datasets.releases import Release, SplitLabels, labels_hash
    from hmu_bench.models import bad_model

    found = sources_in(dataset)
    if source is not None and source not in found:
        raise InputError(f"it holds no build of {source}", where=dataset)
    known = set()
    for name in found if source is None else [source]:
        report = read_report(repository(found[name], name, "forget"))
        for config in report.configs:
            known.add(config.name)
            if configs and config.name not in configs:
                continue
            rows = [
                row for part in load_pair(found[name], name, config.name).values() for row in part
            ]
            labels = {
                split: [(row.clip_id, row.label) for row in rows if row.split == split]
                for split in config.splits
            }
            try:
                release = Release(
                    source=name,
                    config=config.name,
                    version=version,
                    made=report.made(config),
                    splits={
                        split: SplitLabels(
                            forget=sum(label == "forget" for _, label in pairs),
                            retain=sum(label == "retain" for _, label in pairs),
                            labels_sha256=labels_hash(pairs),
                        )
                        for split, pairs in labels.items()
                    },
                )
            except ValidationError as error:
                raise bad_model(error, "the release") from error
            if release.splits != config.split_labels() or len(rows) != sum(
                map(len, labels.values())
            ):
                raise InputError(
                    f"the rows of {config.name} are not those that build.json counts",
                    where=dataset,
                    fix="build it again",
                )
            yield release
    if lost := [name for name in configs or [] if name not in known]:
        raise InputError(f"there is no configuration {lost[0]!r}", where=dataset)


def _check(release: Release, folder: Path | None) -> Outcome:
    from hmu_bench.datasets.releases import compare, releases_of

    frozen = releases_of(release.source, release.config, folder)
    found, reason = compare(release.made, release.splits, frozen)
    return Outcome(release.source, release.config, found or str(reason), found is not None)


def _freeze(release: Release, folder: Path | None, version: str | None, replace: bool) -> Outcome:
    from hmu_bench.datasets.releases import compare, differences, releases_of

    name = release.source, release.config
    frozen = releases_of(*name, folder)
    found, _ = compare(release.made, release.splits, frozen)
    if found is not None:
        return Outcome(*name, f"{found} (as it was)")
    if version is None and frozen:
        release = release.model_copy(update={"version": frozen[0].version})
    old = next((one for one in frozen if one.version == release.version), None)
    if old is not None and not replace:
        differs = "; ".join(differences(release.made, release.splits, old))
        told = f"not release {old.version}, which is frozen: {differs}"
        return Outcome(*name, told, right=False)
    told = f"{release.version} ({'frozen' if old is None else 'replaced'})"
    return Outcome(*name, told, write=release)


def _write(release: Release | None, folder: Path | None) -> None:
    from hmu_bench.datasets.releases import release_path

    if release is not None:
        path = release_path(release.source, release.config, release.version, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, release.to_json())
