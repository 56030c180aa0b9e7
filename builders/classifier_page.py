"""Writes the figures of docs/classifiers.md from what the package ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.text.quality_report import QualityReport
    from hmu_bench.text.quality_tables import Table
    from hmu_bench.text.trained import OutOfFold, TrainedModel

PAGE = Path("docs/classifiers.md")


def run(
    page: Annotated[Path, typer.Option(help="The page to bring up to date.")] = PAGE,
) -> None:
    """Bring the figures of docs/classifiers.md up to date.

    Everything between `<!-- made: NAME -->` and `<!-- end -->` is written anew, from the shipped
    model, its out-of-fold predictions and hmu_bench/text/quality.json. To make that file:
    `hmu-bench quality --gold FILE ... --challenge --json`.
    """
    from hmu_bench.files import read_text, write_atomic

    text = read_text(page)
    write_atomic(page, rewritten(text, parts(), page))
    say(f"{page} written")


def parts() -> dict[str, str]:
    """Name -> Markdown of every part that is made."""
    from hmu_bench.text.quality_report import load_quality
    from hmu_bench.text.trained import load_out_of_fold, load_trained

    model, unseen, report = load_trained("violence"), load_out_of_fold("violence"), load_quality()
    return {
        "figures": "\n\n".join(_figures(report)),
        "calibration": "\n\n".join(_calibration(report)),
        "categories": "\n\n".join(_categories(report)),
        "training": "\n".join(_training(model)),
        "phenomena": _markdown(_phenomena(unseen)),
        "misjudged": "\n".join(_misjudged(unseen)),
    }


def rewritten(text: str, made: dict[str, str], page: Path) -> str:
    r"""The page with its made parts replaced.

    Raises:
        InputError: if the page asks for a part that is not made, or lacks one.

    >>> rewritten("a\n<!-- made: x -->old<!-- end -->", {"x": "new"}, Path("p"))
    'a\n<!-- made: x -->\n\nnew\n\n<!-- end -->'
    """
    found: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        found.append(name)
        if name not in made:
            raise InputError(f"there is no made part {name!r}", where=page)
        return f"<!-- made: {name} -->\n\n{made[name]}\n\n<!-- end -->"

    pattern = re.compile(r"<!-- made: ([a-z]+) -->.*?<!-- end -->", re.DOTALL)
    new = pattern.sub(replace, text)
    missing = [name for name in made if name not in found]
    if missing:
        raise InputError(f"the page has no place for {', '.join(missing)}", where=page)
    return new


def _markdown(table: Table) -> str:
    headers, rows = table
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _figures(report: QualityReport) -> Iterator[str]:
    from hmu_bench.text.quality_tables import classifier_table

    for part in report.sources:
        yield (
            f"**{part.source}**: {part.captions} captions ({part.violent} violent, "
            f"{part.ambiguous} ambiguous ones left out) that stand for {part.population:,.0f}, "
            f"{100 * part.violent_share:.1f} % of them violent."
        )
        yield _markdown(classifier_table(report.of(part.source)))


def _calibration(report: QualityReport) -> Iterator[str]:
    from hmu_bench.text.quality_tables import number_text, reliability_table

    for part in report.sources:
        one = report.of(part.source)[-1]
        yield (
            f"**{part.source}**: expected calibration error {number_text(one.calibration_error)} "
            f"over 0.05 < p < 0.95; not confident of {100 * one.unsure:.1f} % of all captions and "
            f"of {_percent(one.ambiguous_unsure)} of the ambiguous ones; F1 on the confident ones "
            f"{number_text(one.confident_f1)}."
        )
        yield _markdown(reliability_table(one))


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.0f} %"


def _categories(report: QualityReport) -> Iterator[str]:
    from hmu_bench.text.quality_tables import category_table

    for part in report.sources:
        yield f"**{part.source}**"
        yield _markdown(category_table(report.of(part.source)[-1]))


def _training(model: TrainedModel) -> Iterator[str]:
    items = ", ".join(f"{count} {name}" for name, count in model.training.items.items())
    yield f"- Rule version {model.version}, model `{model.sha256[:12]}`."
    yield f"- Learned from: {items}."
    yield (
        f"- Violent from {model.threshold} on; the encoder is asked between "
        f"{model.ask_encoder.low} and {model.ask_encoder.high}; not confident between "
        f"{model.unsure.low} and {model.unsure.high}."
    )
    coefficients = ", ".join(f"{name} {value:.2f}" for name, value in model.full.items())
    yield f"- Coefficients of the log odds: {coefficients}."


def _phenomena(unseen: OutOfFold) -> Table:
    from hmu_bench.text.challenge import PHENOMENA, load_challenge_captions
    from hmu_bench.text.views import text_key

    right: dict[str, list[bool]] = {name: [] for name in PHENOMENA}
    for caption in load_challenge_captions():
        said = unseen.predictions[text_key(caption.text, caption.context.get("subset"))]
        right[caption.phenomenon].append((said.calibrated >= 0.5) == caption.violent)
    rows = [
        [name, PHENOMENA[name], f"{sum(values)} of {len(values)}"]
        for name, values in sorted(right.items(), key=lambda r: (sum(r[1]) / len(r[1]), r[0]))
    ]
    return ["phenomenon", "what its pairs ask", "judged rightly"], rows


def _misjudged(unseen: OutOfFold) -> Iterator[str]:
    from hmu_bench.text.challenge import load_challenge_captions
    from hmu_bench.text.views import text_key

    for caption in load_challenge_captions():
        subset = caption.context.get("subset")
        said = unseen.predictions[text_key(caption.text, subset)]
        if (said.calibrated >= 0.5) != caption.violent:
            truth = "violent" if caption.violent else "safe"
            where = f" [{subset}]" if subset else ""
            yield f'- {truth}, but p = {said.calibrated:.3f}: "{caption.text}"{where}'
