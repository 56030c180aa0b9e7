"""What a build gave, for a terminal: a table of counts, and what a reader should know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from hmu_bench.datasets.card import empty_parts
from hmu_bench.datasets.model import ROLES, Problem
from hmu_bench.datasets.publishing import repository
from hmu_bench.datasets.releases import NONE_FROZEN
from hmu_bench.datasets.report import BuildReport, ConfigReport, Inputs, Integrity, Some
from hmu_bench.errors import InputError
from hmu_bench.terminal import print_table, say

MAX_TOLD = 20


def tell(report: BuildReport, out: Path, *, as_json: bool = False) -> None:
    """The counts (or the whole report) on stdout, what a reader should know on stderr."""
    if as_json:
        typer.echo(report.to_json(), nl=False)
    else:
        print_table(*counts(report))
    for line in notes(report):
        say(f"note: {line}")
    for role in ROLES:
        say(f"written: {repository(out, report.name, role)}")


def counts(report: BuildReport) -> tuple[list[str], list[list[str]]]:
    """The headers and the rows of a table: clips per configuration and split."""
    rows = [
        [config.name, split, str(count.forget), str(count.retain)]
        for config in report.configs
        for split, count in config.splits.items()
    ]
    return ["config", "split", "forget", "retain"], rows


def left_out(problems: Sequence[Problem]) -> list[str]:
    """What was left out and why, the first few in words."""
    lines = [
        f"left out: {InputError(problem.what, where=problem.where, line=problem.line)}"
        for problem in problems[:MAX_TOLD]
    ]
    if len(problems) > MAX_TOLD:
        lines.append(f"left out: {len(problems) - MAX_TOLD:,} more (see build.json)")
    return lines


def notes(report: BuildReport) -> list[str]:
    """What a reader of the counts should know: the integrity of input and output."""
    lines = _of_input(report.integrity, report.inputs)
    for config in report.configs:
        lines += [f"{config.name}: {line}" for line in _of_config(config, report.integrity)]
    for pair in report.agreements:
        kappa = "undefined" if pair.kappa is None else f"{pair.kappa:.3f}"
        lines.append(
            f"{pair.config} and {pair.papers}: Cohen's kappa {kappa}; forget in both "
            f"{pair.both_forget:,}, in the first only {_some(pair.only_config)}, in the second "
            f"only {_some(pair.only_papers)}"
        )
    for role in ROLES:
        parts = empty_parts(report, role)
        if parts:
            lines.append(f"{report.name}-{role} has no rows for {_few(parts)}")
    return lines


def _of_input(whole: Integrity, inputs: Inputs) -> list[str]:
    lines = []
    if not inputs.splits_sha256:
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
    if inputs.num_frames_sha256 and whole.without_num_frames.count:
        lines.append(f"the length of {_some(whole.without_num_frames)} clips is not known")
    without = {"the rules": whole.tokens_by_rules} | whole.tokens_by_spacy
    for tokeniser, captions in without.items():
        if captions:
            lines.append(f"{captions:,} captions without tokens got them by {tokeniser}")
    borrowed = inputs.borrowed
    if borrowed is not None:
        lines.append(
            f"{borrowed.clips:,} clips of {borrowed.folder}/ have the captions of "
            f"{borrowed.source}; {_some(borrowed.without)} have none there"
        )
    for source, clips in whole.judged_as.items():
        if borrowed is None:
            lines.append(
                f"{clips:,} clips are judged as clips of {source}, by the captions given here"
            )
    return lines


def _of_config(config: ConfigReport, whole: Integrity) -> list[str]:
    lines = [f"release {config.release}"] if config.release else []
    if config.release_reason not in (None, NONE_FROZEN):
        lines.append(str(config.release_reason))
    if config.twins_apart.count:
        lines.append(
            f"{config.twins_apart.count:,} of {config.twin_pairs:,} mirrored twins are judged "
            f"apart ({_few(config.twins_apart.examples)})"
        )
    if config.forget_by_twin.count:
        lines.append(f"{_some(config.forget_by_twin)} clips are forget because of their twin only")
    if whole.sub_clip_captions:
        lines.append(
            f"{config.violent_sub_clip_captions:,} of {whole.sub_clip_captions:,} captions about "
            f"a part of a clip are of the concept; {_some(config.forget_by_part)} clips are "
            "forget because of such captions only"
        )
    if config.unsure["forget"] or config.unsure["retain"]:
        lines.append(
            f"not confident of {config.unsure['forget']:,} forget and "
            f"{config.unsure['retain']:,} retain clips"
        )
    if config.shared_texts.count:
        lines.append(
            f"{config.shared_texts.count:,} captions occur in both sets "
            f"({_few(config.shared_texts.examples)}); {config.shared_violent_texts.count:,} of "
            "them are of the concept somewhere"
        )
    return lines


def _some(some: Some) -> str:
    return f"{some.count:,} ({_few(some.examples)})" if some.count else "0"


def _few(items: list[str], at_most: int = 3) -> str:
    return ", ".join(items[:at_most]) + (", ..." if len(items) > at_most else "")
