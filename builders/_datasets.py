"""What the dataset builders share: their options, and how they tell what they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.datasets import BuildReport, SourceFacts

DEFAULT_CONCEPT = "violence"
MAX_TOLD = 20

Splits = Annotated[
    Path | None,
    typer.Option(help="Folder of train.txt, val.txt, test.txt; without it all clips are `train`."),
]
Concepts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Concept, or a concept file (.yaml); may be repeated. `all`: every one that the "
        "source has keywords for.",
        show_default=DEFAULT_CONCEPT,
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE", help="Split rule; may be repeated.", show_default="keywords"),
]
Out = Annotated[Path, typer.Option(help="Output folder; the datasets go to OUT/hmu/.")]
MinOccurrence = Annotated[
    int, typer.Option(min=1, help="How many violent captions make a clip violent.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave broken clips out (counted) instead of stopping.")
]


def concepts_for(source: str, asked: list[str] | None) -> list[str]:
    """The concepts asked for, `all` spelled out (violence first: the first is the default)."""
    from hmu_bench.concepts import concept_names, load_concept

    names: list[str] = []
    for name in asked or [DEFAULT_CONCEPT]:
        if name == "all":
            order = sorted(concept_names(), key=lambda n: (n != DEFAULT_CONCEPT, n))
            names += [n for n in order if load_concept(n).covers(source)]
        else:
            names.append(name)
    return list(dict.fromkeys(names))


def read_and_build(
    facts: SourceFacts,
    texts: Path | None,
    format_name: str,
    *,
    splits: Path | None,
    concepts: list[str] | None,
    rules: list[str] | None,
    out: Path,
    min_occurrence: int,
    skip_bad: bool,
    include_text: bool = True,
) -> BuildReport:
    """Read a source, build its datasets and tell what came out.

    Raises:
        InputError: for anything that is wrong with the options or the input.
    """
    from hmu_bench.datasets import build, read_source, read_splits
    from hmu_bench.progress import shown
    from hmu_bench.text import DEFAULT_RULE

    if texts is None:
        raise InputError("no captions given", fix="give their folder or file with --texts PATH")
    lists = None if splits is None else read_splits(splits)
    source = read_source(texts, format_name, shown)
    report = build(
        source,
        facts=facts,
        out=out,
        splits=lists,
        concepts=concepts_for(facts.name, concepts),
        rules=rules or [DEFAULT_RULE],
        min_occurrence=min_occurrence,
        include_text=include_text,
        skip_bad=skip_bad,
        progress=shown,
    )
    problems = source.problems + ([] if lists is None else lists.problems)
    for problem in problems[:MAX_TOLD]:
        say(f"left out: {InputError(problem.what, where=problem.where, line=problem.line)}")
    if len(problems) > MAX_TOLD:
        say(f"left out: {len(problems) - MAX_TOLD:,} more (see build.json)")
    tell(report, out)
    return report


def tell(report: BuildReport, out: Path) -> None:
    """The counts on stdout, what a reader should know on stderr."""
    from hmu_bench.datasets import repository

    width = max(len(config.name) for config in report.configs)
    typer.echo(f"{'config':<{width}}  {'split':<10}  {'forget':>7}  {'retain':>7}")
    for config in report.configs:
        for split, counts in config.splits.items():
            typer.echo(
                f"{config.name:<{width}}  {split:<10}  {counts.forget:>7}  {counts.retain:>7}"
            )
    for line in notes(report):
        say(f"note: {line}")
    say(f"written: {repository(out, report.name, 'forget')}")
    say(f"written: {repository(out, report.name, 'retain')}")


def notes(report: BuildReport) -> list[str]:
    """What a reader of the counts should know."""
    from hmu_bench.datasets.card import empty_parts

    whole = report.integrity
    lines = []
    if not report.inputs.splits_sha256:
        lines.append("no --splits given: all clips are in the split train")
    for some, what in (
        (whole.missing_texts, "listed ids have no text; they are in neither set"),
        (whole.left_out, "listed clips are broken and were left out"),
        (whole.unlisted, "clips are in no list, so in no split"),
        (whole.only_in_all, "ids are in all.txt but in no split"),
        (whole.missing_in_all, "ids are in a split but not in all.txt"),
    ):
        if some.count:
            lines.append(f"{some.count:,} {what} ({_few(some.examples)})")
    for config in report.configs:
        if config.twins_apart.count:
            lines.append(
                f"{config.name}: {config.twins_apart.count:,} of {config.twin_pairs:,} mirrored "
                f"twins are judged apart ({_few(config.twins_apart.examples)})"
            )
        if config.shared_texts.count:
            lines.append(
                f"{config.name}: {config.shared_texts.count:,} captions occur in both sets "
                f"({_few(config.shared_texts.examples)})"
            )
    for role in ("forget", "retain"):
        parts = empty_parts(report, role)
        if parts:
            lines.append(f"{report.name}-{role} has no rows for {_few(parts)}")
    return lines


def _few(items: list[str], at_most: int = 3) -> str:
    return ", ".join(items[:at_most]) + (", ..." if len(items) > at_most else "")
