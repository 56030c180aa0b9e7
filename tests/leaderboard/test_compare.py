"""Records side by side: numbers, differences, choice by mouse, keyboard and address, motions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard import frame
from leaderboard.board import Board
from leaderboard.build import build
from leaderboard.comparison import compare_link, compare_path, comparison, first_choice
from leaderboard.gallery import Gallery
from leaderboard.store import read_entries
from tests.leaderboard.conftest import Open, Watched
from tests.leaderboard.made_up import board as made_up_board
from tests.leaderboard.made_up import record as made_up_record
from tests.leaderboard.made_up import write_store
from tests.leaderboard.moving import SIZES, world, write_world
from tests.leaderboard.test_cells import rounded_from
from tests.leaderboard.test_submission import difference_of
from tests.leaderboard.test_viewer import until

PAGE = "compare/moving/hmu-1/1/index.html"
WORLD = {record.id: (record, terms) for record, terms in world()}

# Every row: set, metric, and the cells below the records' headings.
READ = """
table => [...table.tBodies].flatMap(body => [...body.rows].filter(row => row.dataset.metric)
  .map(row => [body.dataset.set, row.dataset.metric, [...row.querySelectorAll('td.cell')]
    .map(cell => ({
      text: cell.innerText,
      value: [...cell.querySelectorAll(':scope > data, :scope > .interval data')]
        .map(one => [one.getAttribute('value'), one.textContent]),
      delta: [...cell.querySelectorAll('.delta data')]
        .map(one => [one.getAttribute('value'), one.textContent]),
      verdict: cell.querySelector('.verdict')?.textContent ?? '',
    }))]))
"""


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    build(folder / "site", write_world(folder / "records"))
    return folder / "site"


def rows(page: Page) -> dict[tuple[str, str], list[dict[str, Any]]]:
    page.locator("table.compared").wait_for()
    found = page.locator("table.compared").evaluate(READ)
    assert len({(name, metric) for name, metric, _ in found}) == len(found)
    return {(name, metric): cells for name, metric, cells in found}


def names(page: Page) -> list[str]:
    return [
        str(one.get_attribute("data-id"))
        for one in page.locator("table.compared thead th[data-id]").all()
    ]


def ready(page: Page) -> Page:
    page.locator(".compare-controls summary").wait_for()
    return page


def check_values(page: Page, chosen: list[Record]) -> None:
    found = rows(page)
    wanted = {
        (name, metric) for record in chosen for name, values in record.metrics.items()
        for metric in values
    }  # fmt: skip
    assert {key for key in found if key[0] != "scores"} == wanted
    for (name, metric), cells in found.items():
        assert len(cells) == len(chosen)
        for cell, record in zip(cells, chosen, strict=True):
            value = (
                getattr(record.scores, metric, None)
                if name == "scores"
                else record.metrics.get(name, {}).get(metric)  # type: ignore[call-overload]
            )
            if value is None:
                assert cell["value"] == []
            elif value.value is None:
                assert cell["value"] == []
                assert value.reason in cell["text"]
            else:
                exact = [value.value]
                if value.low is not None:
                    exact += [value.low, value.high]
                assert [float(one) for one, _ in cell["value"]] == exact
                for (_, printed), number in zip(cell["value"], exact, strict=True):
                    assert rounded_from(printed, number)


@pytest.mark.browser
def test_values_and_paired_differences(moving: Path, open_page: Open) -> None:
    page = ready(open_page(moving / PAGE))
    assert names(page) == ["original", "retrained", "alone", "erase"]
    check_values(page, [WORLD[name][0] for name in names(page)])
    own, other = WORLD["erase"][1], WORLD["original"][1]
    for (name, metric), cells in rows(page).items():
        assert cells[0]["delta"] == []
        if name not in SIZES:
            continue
        expected = difference_of(own, other, name, metric)
        assert [float(one) for one, _ in cells[3]["delta"]] == pytest.approx(expected, abs=1e-9)
        for (_, printed), number in zip(cells[3]["delta"], expected, strict=True):
            assert rounded_from(printed.removeprefix("+"), number)
        facts = METRICS[metric]
        direction = facts.direction if name == "retain" else facts.forget_direction
        if direction != "target":
            told = cells[3]["verdict"] == "not told apart"
            assert told == (expected[1] <= 0 <= expected[2])


@pytest.mark.browser
def test_another_baseline_turns_or_drops_the_intervals(moving: Path, open_page: Open) -> None:
    page = ready(open_page(moving / PAGE))
    before = rows(page)
    page.get_by_role("button", name="Make Erase <i> the baseline").click()
    assert names(page) == ["erase", "original", "retrained", "alone"]
    for key, cells in rows(page).items():
        if key[0] not in SIZES:
            continue
        # the base model against the record is the record against the base model, turned
        [(value, _), (low, low_text), (high, _)] = cells[1]["delta"]
        [(old, _), (old_low, _), (old_high, old_high_text)] = before[key][3]["delta"]
        assert [float(value), float(low), float(high)] == pytest.approx(
            [-float(old), -float(old_high), -float(old_low)]
        )
        swapped = {"better": "worse", "worse": "better"}
        was = before[key][3]["verdict"]
        assert cells[1]["verdict"] == swapped.get(was, was)
        sign = str.maketrans("+−", "−+")
        assert low_text == old_high_text.translate(sign)
        # two methods that are not each other's base model: the plain difference, no interval
        [(plain, printed)] = cells[2]["delta"]
        own, base = (WORLD[i][0].metrics[key[0]][key[1]].value for i in ("retrained", "erase"))  # type: ignore[index]
        assert own is not None
        assert base is not None
        assert float(plain) == pytest.approx(own - base)
        assert rounded_from(printed.removeprefix("+"), own - base)
        assert cells[2]["verdict"] == ""
    assert page.evaluate("document.activeElement.closest('th').dataset.id") == "erase"


@pytest.mark.browser
def test_the_state_is_in_the_address(moving: Path, open_page: Open) -> None:
    page = ready(open_page(moving / PAGE))
    page.get_by_role("checkbox", name="Real motions").check()
    page.get_by_role("button", name="Leave out Retrained").click()
    page.get_by_role("checkbox", name="Alone").uncheck()
    page.get_by_role("checkbox", name="Implicit", exact=True).uncheck()
    assert names(page) == ["original", "erase", "real"]
    assert {name for name, _ in rows(page)} == {"scores", "forget", "retain"}
    url = page.url
    assert "records=original%2Cerase%2Creal" in url
    assert page.locator("#said").inner_text() == "3 records are compared."
    page = ready(open_page(url))
    assert names(page) == ["original", "erase", "real"]
    assert {name for name, _ in rows(page)} == {"scores", "forget", "retain"}
    assert not page.get_by_role("checkbox", name="Alone").is_checked()
    # what the address says and the table does not have is passed over
    page = ready(open_page(f"{(moving / PAGE).as_uri()}?records=%3Cscript%3E,erase,erase,x&hide=y"))
    assert names(page) == ["erase"]
    assert page.locator("thead th.picture").count() == 0
    page.get_by_role("button", name="Leave out Erase <i>").click()
    assert page.locator(".compare-legend").inner_text() == "No record is chosen."


@pytest.mark.browser
def test_by_keyboard(moving: Path, open_page: Open) -> None:
    page = ready(open_page(moving / PAGE))
    page.get_by_role("checkbox", name="Alone").focus()
    page.keyboard.press("Space")
    assert names(page) == ["original", "retrained", "erase"]
    button = page.get_by_role("button", name="Make Retrained the baseline")
    button.focus()
    page.keyboard.press("Enter")
    assert names(page) == ["retrained", "original", "erase"]


@pytest.mark.browser
def test_the_picture_is_of_the_values(moving: Path, open_page: Open) -> None:
    page = ready(open_page(moving / PAGE))
    row = page.locator("tbody[data-set=forget] tr[data-metric=mm_dist]")
    found = row.locator("svg circle").evaluate_all("all => all.map(e => +e.getAttribute('cx'))")
    chosen = [WORLD[name][0].metrics["forget"]["mm_dist"] for name in names(page)]
    low = min(value.low for value in chosen)  # type: ignore[type-var]
    high = max(value.high for value in chosen)  # type: ignore[type-var]
    wanted = [6 + 148 * (value.value - low) / (high - low) for value in chosen]  # type: ignore[operator]
    assert found == pytest.approx(wanted, abs=0.06)


@pytest.mark.browser
def test_motions_side_by_side(moving: Path, open_page: Open, watched: dict[bool, Watched]) -> None:
    page = ready(open_page(moving / PAGE))
    section = page.locator(".compare-motions")
    assert not [url for url in watched[True].requests if "/data/motions/" in url]
    assert section.locator("button:visible").count() == 2  # the retain prompts
    section.get_by_role("button", name="a person of retain number 0").click()
    page.locator(".scene canvas").first.wait_for()
    assert page.locator(".pane figcaption").all_inner_texts() == [
        "Original", "Retrained", "Erase <i>",
    ]  # fmt: skip
    until(page, lambda: page.locator(".stage input[type=range]").input_value() > "3")
    page.get_by_role("button", name="Close the viewer").click()
    assert page.locator(".stage").count() == 0
    note = section.locator("details.content-note").first
    assert "these prompts ask for violence" in note.inner_text()
    assert "number 0" not in note.inner_text()
    note.locator("summary").click()
    assert note.locator("button:visible").count() == 2
    # who has no motions is not in the viewer; without any there is nothing to show
    page = ready(open_page(f"{(moving / PAGE).as_uri()}?records=alone,real"))
    assert not page.locator(".compare-motions").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_without_scripts_the_whole_table_is_there(
    width: int, moving: Path, open_page: Open
) -> None:
    page = open_page(moving / PAGE, scripts=False, width=width)
    links = page.locator("table.compared thead a").evaluate_all(
        "all => all.map(e => e.getAttribute('href').split('/').at(-2))"
    )
    assert links == ["original", "retrained", "alone", "erase", "real"]
    check_values(page, [WORLD[name][0] for name in links])
    assert "Here are all records." in page.inner_text("main")
    assert page.locator(".compare-controls, .compare-motions").locator("visible=true").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_of_a_large_table_some_records_and_the_way_to_all(tmp_path: Path) -> None:
    records = [made_up_record(id=f"r{n:02}") for n in range(12)]
    build(tmp_path / "site", write_store(records, tmp_path / "records"))
    text = (tmp_path / "site/compare/made-up-track/paper/1/index.html").read_text()
    assert "Here are 8 of the 12 records" in text
    assert 'href="../../../../tracks/made-up-track/paper/1/index.html"' in text
    data = (tmp_path / "site/data/compare/made-up-track/paper/1.js").read_text()
    assert len(json.loads(data.split(", ", 1)[1].removesuffix(");\n"))["records"]) == 12


@pytest.mark.browser
def test_every_table_can_be_compared(site: Path, open_page: Open) -> None:
    """Also without previews, numbers of prompts, or any metric."""
    index = open_page(site / "compare" / "index.html")
    links = index.locator("table.comparable a").evaluate_all("all => all.map(e => e.href)")
    tables = {(r.track.name, r.protocol, r.track.version) for r in made_up_board()}
    assert len(links) == len(tables)
    for link in links:
        page = ready(open_page(link))
        assert len(names(page)) >= 1


def test_the_first_choice_is_the_models_then_the_methods(tmp_path: Path) -> None:
    board = Board(read_entries(write_world(tmp_path)), frame.environment([]))
    table = next(one for one in board.tables if one.protocol == "hmu-1")
    assert first_choice(table) == ["original", "retrained", "alone", "erase"]
    by_id = table.by_id
    assert compare_link(table, by_id["erase"], by_id["original"]) == (
        f"{compare_path(table)}?records=original,erase"
    )
    assert compare_link(table, by_id["real"], None).endswith("=real,original,retrained,alone")


def test_the_data_are_json_and_hold_every_value(tmp_path: Path) -> None:
    board = Board(read_entries(write_world(tmp_path)), frame.environment([]))
    table = next(one for one in board.tables if one.protocol == "hmu-1")
    made = json.loads(json.dumps(comparison(board, table, Gallery(board)), allow_nan=False))
    assert {one["metric"] for one in made["columns"]} <= {
        *METRICS, "suppression", "preservation", "hmu"
    }  # fmt: skip
    for one in made["records"]:
        assert len(one["cells"]) == len(made["columns"])
        assert len(one["paired"]) in (0, len(made["columns"]))
        assert re.fullmatch(r"submissions/moving/hmu-1/[a-z]+/index\.html", one["page"])
    scenes = {group["set"]: group for group in made["scenes"]}
    assert {name: len(group["prompts"]) for name, group in scenes.items()} == dict.fromkeys(
        SIZES, 2
    )
    assert scenes["retain"]["note"] == ""
    assert "violence" in scenes["forget"]["note"]
