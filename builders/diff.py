"""What changed between two builds, for the review of a new release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builders._emitted import sources_in
from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json
from hmu_bench.terminal import print_table, say

if TYPE_CHECKING:
    from hmu_bench.datasets.changes import Change, Changes, ConfigChanges

Build = Annotated[
    Path,
    typer.Argument(
        help="A builder's output folder (holds hmu/), or one of the repositories in it."
    ),
]

_TITLES = {
    "to_forget": "from retain to forget",
    "to_retain": "from forget to retain",
    "added": "added",
    "removed": "removed",
    "split_changed": "in another split",
    "otherwise": "same place, other captions, judgements or motion",
}


def run(
    before: Build,
    after: Build,
    name: Annotated[
        str | None, typer.Option(help="Only this source, such as humanml3d.", metavar="SOURCE")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="How many clips of each kind to list (JSON: all).")
    ] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every clip.")] = False,
) -> None:
    """What changed between two builds: clips added, removed and moved, with their captions."""
    first, second = sources_in(before), sources_in(after)
    every = list(dict.fromkeys([*second, *first]))
    if name is not None and name not in every:
        raise InputError(f"there is no build of {name!r} (there are: {', '.join(every)})")
    names, skipped = [], []
    for source in every if name is None else [name]:
        lacking = [path for path, has in ((before, first), (after, second)) if source not in has]
        if not lacking:
            names.append(source)
        elif name is not None:
            raise InputError(f"it holds no build of {name}", where=lacking[0])
        else:
            skipped.append(f"{source}: not compared, as {lacking[0]} holds no build of it")
    if not names:
        raise InputError(f"{before} and {after} hold no build of the same source")
    changes = [_compare(source, first[source], second[source]) for source in names]
    for line in skipped:
        say(line)
    if as_json:
        typer.echo(canonical_json([c.model_dump(mode="json") for c in changes]), nl=False)
        return
    for one in changes:
        _tell(one, limit)


def _compare(source: str, before: Path, after: Path) -> Changes:
    from hmu_bench.datasets import load_pair, read_report, repository
    from hmu_bench.datasets.changes import Changes, compare, made_differently

    reports = [read_report(repository(out, source, "forget")) for out in (before, after)]
    configs = [{config.name for config in report.configs} for report in reports]
    order = dict.fromkeys(c.name for report in reversed(reports) for c in report.configs)
    return Changes(
        source=source,
        made=made_differently(*reports),
        configs=[
            compare(
                config,
                *(
                    load_pair(out, source, config) if config in known else None
                    for out, known in zip((before, after), configs, strict=True)
                ),
            )
            for config in order
        ],
    )


def _tell(changes: Changes, limit: int) -> None:
    typer.echo(f"# {changes.source}")
    if not changes.differs:
        typer.echo("the two builds are the same")
        return
    for what, (old, new) in changes.made.items():
        typer.echo(f"{what}: {_short(old)} -> {_short(new)}")
    for config in changes.configs:
        typer.echo(f"\n## {config.config}")
        _tell_config(config, limit)


def _tell_config(config: ConfigChanges, limit: int) -> None:
    for what, counts in (("before", config.before), ("after", config.after)):
        if not counts:
            typer.echo(f"the build {what} does not have it")
            return
    rows = [[role, str(config.before[role]), str(config.after[role])] for role in config.before]
    print_table(["set", "before", "after"], rows)
    typer.echo(f"the same: {config.same:,}")
    for kind, title in _TITLES.items():
        found: list[Change] = getattr(config, kind)
        if not found:
            continue
        categories = config.moved_by_category.get(kind, {})
        split = ", ".join(f"{category} {count}" for category, count in categories.items())
        typer.echo(f"{title}: {len(found):,}{f' ({split})' if split else ''}")
        for change in found[:limit]:
            typer.echo(f"  {_line(change)}")
        if len(found) > limit:
            say(f"{config.config}, {title}: {len(found) - limit:,} more (--limit, --json)")


def _line(change: Change) -> str:
    from hmu_bench.errors import one_line

    side = change.after or change.before
    assert side is not None
    parts = [f"{change.clip_id} [{side.split}, {side.category}, {side.score:g}]"]
    parts += [f"({', '.join(change.changed)})"] if change.changed else []
    parts.append(" / ".join(caption for caption in change.captions if caption.strip("* ")))
    if change.evidence:
        parts.append(f"<- {', '.join(change.evidence)}")
    return one_line(" ".join(part for part in parts if part))


def _short(text: str | None) -> str:
    if text is None:
        return "none"
    is_hash = len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)
    return text[:12] if is_hash else text
