"""A record's page: every number on it is the record's, or follows from its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu_bench.comparison import compare_results
from hmu_bench.metrics.intervals.paired import paired_difference
from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, Value
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.terms import PromptTerms
from leaderboard.build import build
from leaderboard.checks import MEANINGS
from leaderboard.differences import WORDS
from leaderboard.links import submission_path
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board
from tests.leaderboard.moving import world, write_world
from tests.leaderboard.test_cells import SETS, number, rounded_from

pytestmark = pytest.mark.browser

RECORDS = [pytest.param(one, id=f"{one.track.name}-{one.id}") for one in board()]
WORLD = {record.id: (record, terms) for record, terms in world()}
# Every row of the page's tables of metrics: set, metric, and by heading the numbers in its cells.
READ = """
table => [...table.tBodies].flatMap(body => [...body.rows]
  .filter(row => row.dataset.metric)
  .map(row => [body.dataset.set, row.dataset.metric, Object.fromEntries(
    [...row.cells].map((cell, i) => [table.tHead.rows[0].cells[i].textContent, {
      text: cell.innerText.trim(),
      exact: [...cell.querySelectorAll('data')].map(one => one.getAttribute('value')),
      printed: [...cell.querySelectorAll('data')].map(one => one.textContent),
      links: [...cell.querySelectorAll('a')].map(one => one.getAttribute('href')),
    }]))]))
"""


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose records have numbers of single prompts and motions."""
    folder = tmp_path_factory.mktemp("moving")
    build(folder / "site", write_world(folder / "records"))
    return folder / "site"


def check(cell: dict[str, Any], value: Value | None) -> None:
    """A cell prints a value, exactly behind and rounded before the reader's eyes."""
    if value is None:
        assert cell["text"] in ("none", "")
        return
    if value.value is None:
        assert cell["exact"] == []
        assert cell["text"].startswith("—")
        return
    exact = [value.value]
    if value.low is not None and value.high is not None:
        exact += [value.low, value.high]
    assert [float(text) for text in cell["exact"]] == exact
    for printed, wanted in zip(cell["printed"], exact, strict=True):
        assert rounded_from(printed.removeprefix("+"), wanted)


def rows(page: Any, selector: str) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for table in page.locator(selector).all():
        for prompt_set, metric, cells in table.evaluate(READ):
            assert (prompt_set, metric) not in found
            found[prompt_set, metric] = cells
    return found


def check_tables(page: Any, record: Record) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    """Every value of the record stands in one of the two tables, once, in order."""
    found = rows(page, "table.metrics")
    expected = [
        (name, metric)
        for name in SETS.values()
        for metric in record.metrics.get(name, {})  # type: ignore[call-overload]
    ]
    assert sorted(found) == sorted(expected)
    notes = {
        one.get_attribute("id"): one.locator("bdi").inner_text()
        for one in page.locator("[aria-labelledby=methods] li").all()
    }
    for (name, metric), cells in found.items():
        value = record.metrics[name][metric]  # type: ignore[index]
        check(cells["This record"], value)
        assert cells["Prompts"]["text"] == ("not stated" if value.n is None else f"{value.n:,}")
        note = cells["Note"]
        if value.interval:
            assert notes[note["links"][0].removeprefix("#")] == value.interval
        if value.reason:
            assert value.reason in note["text"]
    return found


@pytest.mark.parametrize("record", RECORDS)
def test_metrics(record: Record, site: Path, open_page: Open) -> None:
    page = open_page(site / submission_path(record))
    if not record.metrics:
        assert "holds no metric" in page.inner_text("main")
        return
    found = check_tables(page, record)
    in_realism = {metric for _, metric in rows(page, "#realism-table")}
    assert in_realism == {m for _, m in found if METRICS[m].family == "realism"}


@pytest.mark.parametrize("record", RECORDS)
def test_facts(record: Record, site: Path, open_page: Open) -> None:
    page = open_page(site / submission_path(record))
    assert page.inner_text("h1") == record.method.name
    facts = {
        row.locator("dt").inner_text(): row.locator("dd").inner_text().strip()
        for row in page.locator("dl.facts > div").all()
    }
    method, made = record.method, record.provenance
    assert facts["Protocol"] == record.protocol
    assert facts["Family"] == (method.family or "not stated")
    assert facts["Authors"] == (", ".join(method.authors) or "not stated")
    assert facts["Unlearned"] == (", then ".join(method.unlearned) or "not stated")
    assert facts["Paper"] == (method.paper or "not stated")
    assert facts["Code"] == (method.code or "not stated")
    assert facts["Track SHA-256"] == (record.track.sha256 or "not stated")
    assert facts["Submission SHA-256"] == (made.submission_sha256 or "not stated")
    assert facts["Evaluator SHA-256"] == (made.evaluator.sha256 if made.evaluator else "not stated")
    assert facts["hmu-bench"] == made.package_version
    assert facts["Seed"] == ("none" if made.seed is None else str(made.seed))
    assert facts.get("Citation") == made.citation
    commands = page.locator("#repeat").all_inner_texts()
    assert commands == ([made.command] if made.command else [])
    for flag, item in zip(record.flags, page.locator("ul.flags > li").all(), strict=True):
        text = item.inner_text()
        assert text.startswith(f"{flag.name} × {flag.count}")
        assert flag.message in text
        assert MEANINGS.get(flag.name, "") in text


def value_of(record: Record, name: str, metric: str) -> Value:
    return record.metrics[name][metric]  # type: ignore[index]


def test_beside_the_base_model(moving: Path, open_page: Open) -> None:
    """Base value, paired difference with its interval and verdict, reference and real values."""
    (record, own), (base, other) = WORLD["erase"], WORLD["original"]
    made = compare_results(*(Result(*WORLD[one]) for one in ("erase", "original")),
                           [Result(*WORLD[one]) for one in ("retrained", "real")])  # fmt: skip
    verdicts = {(one.prompt_set, one.metric): one.verdict for one in made}
    page = open_page(moving / submission_path(record))
    for (name, metric), cells in check_tables(page, record).items():
        check(cells["Base model"], value_of(base, name, metric))
        expected = difference_of(own, other, name, metric)
        cell = cells["Difference"]
        assert [float(text) for text in cell["exact"]] == pytest.approx(expected, abs=1e-9)
        for printed, wanted in zip(cell["printed"], expected, strict=True):
            assert rounded_from(printed.removeprefix("+"), wanted)
            assert printed[0] in "+−" or number(printed) == 0
        facts = METRICS[metric]
        direction = facts.direction if name == "retain" else facts.forget_direction
        low, high = expected[1:]
        if direction == "target":
            verdict = WORDS[verdicts[name, metric]]
        elif low <= 0 <= high:
            verdict = "not told apart"
        else:
            verdict = "better" if (high < 0) == (direction == "lower") else "worse"
        assert cell["text"].endswith(verdict)
        if facts.family == "realism":
            check(cells["Real motions"], value_of(WORLD["real"][0], name, metric))
        elif direction == "target":
            target = WORLD["real" if name == "retain" else "retrained"][0]
            check(cells["Reference"], value_of(target, name, metric))
        else:
            assert cells["Reference"]["exact"] == []


def difference_of(own: PromptTerms, other: PromptTerms, name: str, metric: str) -> list[float]:
    found = own.rows_of(name)
    known = found[~np.isnan(own.columns[metric][found])]
    one = paired_difference(
        own.columns[metric][known], other.columns[metric][known], np.array(own.base_clip)[known]
    )
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    return [one.value, one.low, one.high]


def test_a_record_that_is_its_own_reference_says_so(moving: Path, open_page: Open) -> None:
    page = open_page(moving / submission_path(WORLD["retrained"][0]))
    for (name, metric), cells in rows(page, "#metrics-table").items():
        if METRICS[metric].forget_direction == "target" and name != "retain":
            assert cells["Reference"]["text"] == "itself"
            assert not cells["Difference"]["text"].endswith(("better", "worse"))


def test_without_a_base_model_there_is_nothing_to_compare(moving: Path, open_page: Open) -> None:
    page = open_page(moving / submission_path(WORLD["original"][0]))
    heads = page.locator("#metrics-table thead th").all_inner_texts()
    assert heads == ["Metric", "This record", "Reference", "Prompts", "Note"]


def test_by_category(moving: Path, open_page: Open) -> None:
    record = WORLD["erase"][0]
    page = open_page(moving / submission_path(record))
    found = rows(page, "table.by-category")
    kinds = record.categories["forget"]
    assert {metric for _, metric in found} == set(kinds["kick"])
    for (name, metric), cells in found.items():
        assert name == "forget"
        assert list(cells)[1:] == ["kick", "punch", "weapon", "other"]
        for label, kind in zip(list(cells)[1:], ["kick", "punch", "weapon", "none"], strict=True):
            value = kinds[kind][metric]
            check(cells[label], value)
            assert cells[label]["text"].endswith(f"n {value.n}")


def test_scores_and_detector(moving: Path, open_page: Open) -> None:
    record = WORLD["erase"][0]
    assert record.scores
    assert record.detector
    page = open_page(moving / submission_path(record))
    for name in ("suppression", "preservation", "hmu"):
        card = page.locator(f".score-{name}")
        value: Value = getattr(record.scores, name)
        printed = card.locator("data").all_inner_texts()
        exact = [float(str(one.get_attribute("value"))) for one in card.locator("data").all()]
        if value.value is None:
            assert exact == []
            assert value.reason
            assert value.reason in card.inner_text()
            continue
        assert exact == [value.value, value.low, value.high]
        assert all(rounded_from(text, one) for text, one in zip(printed, exact, strict=True))
        point = float(str(card.locator(".gauge .point").get_attribute("cx")))
        assert point == pytest.approx(200 * value.value, abs=0.05)
    facts = {
        row.locator("dt").inner_text(): row.locator("dd").inner_text()
        for row in page.locator("dl.detector > div").all()
    }
    assert facts == {
        "Area under ROC": "0.980",
        "Calibration error": "0.020",
        "False positives": "5.0 % of safe clips",
        "False negatives": "6.2 % of violent clips",
        "Threshold": "0.500",
        "Tested on": "1,100 clips, 30 of them violent",
        "Trained on": "300 clips",
        "Calibrated on": "50 clips",
    }


def test_prompt_by_prompt(moving: Path, open_page: Open) -> None:
    record, terms = WORLD["erase"]
    page = open_page(moving / submission_path(record), scripts=False)
    figures = page.locator("figure.spread")
    assert figures.count() == 3 * 5
    for figure in figures.all():
        assert figure.get_by_role("img").count() == 1
        assert figure.locator(".base").count() == 1
    assert not page.locator("table.quantiles").is_visible()
    page.locator("summary", has_text="Quantiles").click()
    found = rows_of_quantiles(page)
    for (name, metric), cells in found.items():
        column = terms.columns[metric][terms.rows_of(name)]
        known = column[~np.isnan(column)]
        assert cells[1] == str(len(known))
        for text, share in zip(cells[2:], (0.05, 0.25, 0.5, 0.75, 0.95), strict=True):
            assert rounded_from(text, float(np.quantile(known, share)))
    assert len(found) == 3 * 7


def rows_of_quantiles(page: Any) -> dict[tuple[str, str], list[str]]:
    return {
        (str(row.get_attribute("data-set")), str(row.get_attribute("data-metric"))): row.locator(
            "td"
        ).all_inner_texts()
        for row in page.locator("table.quantiles tbody tr").all()
    }


def test_a_copy_button_copies_the_command(moving: Path, open_page: Open) -> None:
    record = WORLD["erase"][0]
    page = open_page(moving / submission_path(record))
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', "
        "{value: {writeText: async text => { window.copied = text; }}})"
    )
    button = page.locator("button[data-copy=repeat]")
    button.click()
    assert page.evaluate("window.copied") == record.provenance.command
    assert button.inner_text() == "Copied"
