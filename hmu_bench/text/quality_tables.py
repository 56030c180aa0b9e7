"""The quality report as tables: for the terminal, the documentation and the dataset cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hmu_bench.text.quality_report import (
    ClassifierQuality,
    Figure,
    QualityReport,
)

Table = tuple[list[str], list[list[str]]]

_COLUMNS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
    "balanced_accuracy": "balanced accuracy",
    "brier_skill": "Brier skill",
}


def figure_text(figure: Figure | None) -> str:
    """A value and its interval, or a dash.

    >>> figure_text(Figure(value=0.5, low=0.25, high=1.0)), figure_text(None)
    ('0.500 [0.250, 1.000]', '-')
    """
    if figure is None or figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def number_text(value: float | None) -> str:
    """Three decimals, or a dash."""
    return "-" if value is None else f"{value:.3f}"


def classifier_table(measured: Sequence[ClassifierQuality]) -> Table:
    """Classifiers on the captions of one source, one a row."""
    headers = [
        "classifier",
        *_COLUMNS.values(),
        "calibration error",
        "F1 gain over keywords",
        "F1 gain over probe",
    ]
    rows = [
        [
            one.rule,
            *(figure_text(getattr(one, name)) for name in _COLUMNS),
            number_text(one.calibration_error),
            figure_text(one.gain.get("keywords")),
            figure_text(one.gain.get("probe")),
        ]
        for one in measured
    ]
    return headers, rows


def category_table(one: ClassifierQuality) -> Table:
    """A classifier by kind of violence."""
    headers = ["category", "captions", "judged rightly", "category right"]
    rows = [
        [name, str(kind.captions), figure_text(kind.right), number_text(kind.named)]
        for name, kind in one.categories.items()
    ]
    return headers, rows


def reliability_table(one: ClassifierQuality) -> Table:
    """A classifier's reliability curve."""
    headers = ["probability", "captions", "share", "said (mean)", "true (share violent)"]
    rows = [
        [
            f"{b.low:.2f}-{b.high:.2f}",
            str(b.captions),
            number_text(b.share),
            number_text(b.mean_probability),
            number_text(b.violent_share),
        ]
        for b in one.reliability
    ]
    return headers, rows


def sections(report: QualityReport) -> Iterator[tuple[str, Table]]:
    """All tables with their titles: each source, then its last classifier more closely."""
    for part in report.sources:
        measured = report.of(part.source)
        last = measured[-1]
        yield part.source, classifier_table(measured)
        yield f"{part.source}, {last.rule}: by category", category_table(last)
        yield f"{part.source}, {last.rule}: what is said and what is true", reliability_table(last)


def notes(report: QualityReport) -> Iterator[str]:
    """What a reader must know about the figures."""
    for quality in report.sources:
        yield (
            f"{quality.source}: {quality.captions} captions ({quality.violent} violent; "
            f"{quality.ambiguous} ambiguous ones left out) that stand for "
            f"{quality.population:,.0f}, {100 * quality.violent_share:.1f} % of them violent"
        )
        for one in report.of(quality.source):
            if one.out_of_fold:
                yield (
                    f"  {one.rule}: {one.out_of_fold} captions were learned from; models that did "
                    "not learn from them judge these (cross-validation)"
                )
            if one.in_view:
                yield (
                    f"  {one.rule}: the lexicon was written with {one.in_view} of these captions "
                    "at hand, which flatters it"
                )
    yield (
        f"intervals: 95 %, {report.resamples:,} bootstrap resamples of clips, strata keep their "
        "weight (Wilson's where no error was seen); the annotators of the project's gold labels "
        "are language models, not people"
    )
