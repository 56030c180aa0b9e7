"""The track page in a real browser: sort, filter, search, columns, keyboard, address, picture."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.build import build
from leaderboard.facts import PROMPT_SETS, Column
from leaderboard.references import reference_of, value_of
from leaderboard.tables import Table, all_tables
from leaderboard.tradeoff import tradeoff
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board, many, record, values, write_store
from tests.leaderboard.moving import write_world

pytestmark = pytest.mark.browser

MANY = "tracks/many/hmu-1/1/index.html"
MADE_UP = "tracks/made-up-track/paper/1/index.html"


def table_at(records: list[Record], track: str, protocol: str) -> Table:
    return next(t for t in all_tables(records) if (t.track, t.protocol) == (track, protocol))


def rows(page: Page, kind: str) -> list[str]:
    """The ids of the rows of a kind that can be seen, from top to bottom."""
    found = page.locator(f"tbody.kind-{kind} tr[data-id]:not([hidden])")
    return found.evaluate_all("all => all.map(row => row.dataset.id)")


def seen(page: Page) -> set[str]:
    return {name for kind in ("reference", "scored", "reported") for name in rows(page, kind)}


def number(record: Record, key: str) -> float | None:
    group, metric = key.split(".")
    if group == "scores":
        value = getattr(record.scores, metric, None)
    else:
        value = record.metrics.get(group, {}).get(metric)  # type: ignore[call-overload]
    return None if value is None else value.value


def near(table: Table, record: Record, key: str) -> float | None:
    group, metric = key.split(".")
    column = Column(PROMPT_SETS[group], METRICS[metric])  # type: ignore[index]
    reference = reference_of(table, record, column)
    if reference is None:
        return None
    own, other = value_of(record, column), value_of(reference, column)
    if own is None or other is None or own.value is None or other.value is None:
        return None
    return abs(own.value - other.value)


def in_order(table: Table, kind: str, key: str, order: str) -> list[str]:
    """The ids of a kind's rows as the page should show them; without a value they stand last."""
    records = [one for one in table.records if one.kind == kind]
    values = [near(table, one, key) if order == "near" else number(one, key) for one in records]
    sign = -1 if order == "high" else 1
    pairs = list(zip(records, values, strict=True))
    pairs.sort(key=lambda pair: (pair[1] is None, sign * (pair[1] or 0.0)))
    return [one.id for one, _ in pairs]


def head(page: Page, key: str) -> Any:
    return page.locator(f"th[data-key='{key}']")


def query(page: Page) -> str:
    return page.url.partition("?")[2]


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("retain.fid", [("low", "ascending"), ("high", "descending")]),
        ("retain.r_precision_3", [("high", "descending"), ("low", "ascending")]),
        ("forget.fid", [("near", "other"), ("high", "descending")]),
        ("retain.multimodality", [("high", "descending"), ("low", "ascending")]),
    ],
)
def test_sort_by_a_heading(
    key: str, ways: list[tuple[str, str]], site: Path, open_page: Open
) -> None:
    page = open_page((site / MADE_UP).as_uri() + "?main=0")
    table = table_at(board(), "made-up-track", "paper")
    kinds = ("reference", "scored", "reported")
    before = {kind: rows(page, kind) for kind in kinds}
    button = head(page, key).locator(".sort")
    for order, aria in ways:
        button.click()
        assert head(page, key).get_attribute("aria-sort") == aria
        assert page.locator("[aria-sort]").count() == 1
        for kind in kinds:
            assert rows(page, kind) == in_order(table, kind, key, order), (kind, order)
        assert f"sort={key}" in query(page)
        assert "first" in page.locator("#said").inner_text()
    button.click()
    assert page.locator("[aria-sort]").count() == 0
    assert {kind: rows(page, kind) for kind in kinds} == before
    assert "sort" not in query(page)


def test_every_column_sorts_best_first(scored_site: Path, open_page: Open) -> None:
    page = open_page((scored_site / MANY).as_uri() + "?main=0")
    table = table_at(many(8), "many", "hmu-1")
    way = {"lower": "low", "higher": "high", "target": "near"}
    for found in page.locator("th[data-key]").all():
        key, direction = found.get_attribute("data-key"), found.get_attribute("data-direction")
        assert key
        assert direction
        page.locator("select[data-control=sort]").select_option(key)
        assert rows(page, "scored") == in_order(table, "scored", key, way[direction]), key


def test_sort_by_the_lists(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    table = table_at(many(8), "many", "hmu-1")
    by, order = page.locator("[data-control=sort]"), page.locator("[data-control=order]")
    assert order.is_disabled()
    by.select_option("forget.kid")
    for way in ("near", "low", "high"):
        order.select_option(way)
        assert rows(page, "scored") == in_order(table, "scored", "forget.kid", way)
        assert f"order={way}" in query(page)
    # where there is no reference nothing can be near to it
    order.select_option("near")
    by.select_option("forget.violence_rate")
    assert order.input_value() == "best"
    assert order.locator("option[value=near]").is_disabled()
    assert rows(page, "scored") == in_order(table, "scored", "forget.violence_rate", "low")


def test_search_and_filters(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    records = many(8)
    everything = {one.id for one in records}
    assert seen(page) == everything
    search = page.locator("[data-control=q]")
    for text, expected in (
        ("METHOD 003", {"method-003"}),
        ("nobody  2", {"method-002"}),
        ("steering", {one.id for one in records if one.method.family == "steering"}),
        ("no such thing", set()),
        ("", everything),
    ):
        search.fill(text)
        assert seen(page) == expected
        told = f"{len(expected)} of {len(everything)} records"
        assert page.locator("[data-tally]").inner_text() == told
        assert page.locator("#said").inner_text().startswith(told)
        assert page.locator("[data-nothing]").is_visible() == (not expected)
    for control, value, keep in (
        ("base", "elsewhere", lambda r: r.method.base_model == "elsewhere"),
        # a base model stands beside the methods that start from it
        ("base", "original", lambda r: "original" in (r.method.base_model, r.id)),
        ("family", "retrieval", lambda r: r.method.family == "retrieval"),
        ("kind", "reference", lambda r: r.kind == "reference"),
    ):
        page.locator(f"[data-control={control}]").select_option(value)
        assert seen(page) == {one.id for one in records if keep(one)}
        groups = page.locator("tbody > tr.group:not([hidden])").count()
        assert groups == len({one.kind for one in records if keep(one)})
        page.locator(f"[data-control={control}]").select_option("")
    # together, in one go
    page.locator("[data-control=base]").select_option("original")
    page.locator("[data-control=kind]").select_option("scored")
    search.fill("tensor")
    assert seen(page) == {"method-000"}
    page.locator(".controls [data-control=reset]").click()
    assert seen(page) == everything
    assert query(page) == ""


def test_the_picture_dims_what_the_filter_hides(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    page.locator("[data-control=q]").fill("method 001")
    left = page.locator(".plot-wide .point:not(.dim)").evaluate_all("a => a.map(p => p.dataset.id)")
    assert left == ["method-001"]


def shown_columns(page: Page) -> list[str]:
    return page.locator("th[data-key]:visible").evaluate_all("all => all.map(e => e.dataset.key)")


def test_columns_can_be_folded_away(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    main = shown_columns(page)
    assert {key.split(".")[1] for key in main} == {
        "suppression", "preservation", "hmu", "fid", "kid", "r_precision_3", "diversity",
        "violence_rate",
    }  # fmt: skip
    page.locator("[data-control=main]").uncheck()
    every = shown_columns(page)
    assert len(every) == 3 + 5 * len(METRICS)
    assert "main=0" in query(page)
    for group in ("forget", "implicit", "scores"):
        page.locator(f"[data-group={group}]").uncheck()
        assert not [key for key in shown_columns(page) if key.startswith(f"{group}.")]
    assert "off=scores.forget.implicit" in query(page)
    page.locator("[data-group=record]").uncheck()
    assert not page.get_by_role("columnheader", name="Coverage").is_visible()
    for row in page.locator("table.results tr:visible").all()[1:6]:
        widths = row.evaluate(
            "r => [...r.cells].filter(c => c.offsetWidth).reduce((n, c) => n + c.colSpan, 0)"
        )
        assert widths in (len(shown_columns(page)) + 1, len(shown_columns(page)))
    assert page.locator(".cell small:visible").count() > 0
    page.locator("[data-control=intervals]").uncheck()
    assert page.locator(".cell small:not(.n):visible").count() == 0


def test_a_heading_stands_over_its_cells(scored_site: Path, open_page: Open) -> None:
    page = open_page((scored_site / MANY).as_uri() + "?off=retain")
    row = page.locator("tr[data-id=method-001]")
    for found in page.locator("th[data-key]:visible").all():
        place = found.evaluate("e => [...e.parentElement.cells].indexOf(e)")
        box, below = found.bounding_box(), row.locator("td").nth(place).bounding_box()
        assert box
        assert below
        assert box["x"] == pytest.approx(below["x"], abs=1)
        assert box["width"] == pytest.approx(below["width"], abs=1)


@pytest.mark.parametrize("where", ["file", "server"])
def test_the_address_holds_the_state(where: str, site: Path, served: str, open_page: Open) -> None:
    start = (site / MADE_UP).as_uri() if where == "file" else served + MADE_UP
    page = open_page(start)
    page.locator("[data-control=q]").fill("er a")
    page.locator("[data-control=kind]").select_option("scored")
    page.locator("[data-group=retain]").uncheck()
    page.locator("[data-control=sort]").select_option("forget.mm_dist")
    page.locator("[data-control=order]").select_option("high")
    page.locator("[data-control=main]").uncheck()
    state = """() => [...document.querySelectorAll('.controls input, .controls select')]
                     .map(e => e.type === 'checkbox' ? e.checked : e.value)"""
    before, address = page.evaluate(state), page.url
    assert address.startswith(start + "?")
    found = seen(page)
    page = open_page(address)
    assert page.evaluate(state) == before
    assert seen(page) == found == {"erase"}
    # a link to a place in the page keeps it
    page.locator(".masthead a").first.focus()
    assert page.url == address


def test_a_made_up_address_is_no_error(site: Path, open_page: Open) -> None:
    bad = "?sort=__proto__&order=constructor&kind=x&base=%00&off=.&main=7&q=%3Cscript%3E&intervals="
    page = open_page((site / MADE_UP).as_uri() + bad)
    assert seen(page) == set()
    assert page.locator("[aria-sort]").count() == 0
    page.locator("[data-nothing] button").click()
    assert len(seen(page)) == len(table_at(board(), "made-up-track", "paper").records)
    assert page.evaluate("document.activeElement.dataset.control") == "q"


def test_all_of_it_with_the_keyboard(site: Path, open_page: Open) -> None:
    page = open_page(site / MADE_UP)
    table = table_at(board(), "made-up-track", "paper")
    page.locator(".behind summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("table.points").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.control") == "q"
    page.keyboard.type("erase")
    assert seen(page) == {"erase"}
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    while page.evaluate("document.activeElement.dataset.group") != "forget":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert not [key for key in shown_columns(page) if key.startswith("forget.")]
    page.keyboard.press("Space")
    focused = "document.activeElement"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.className") == "sort needs-script":
            break
    key = page.evaluate(f"{focused}.closest('th').dataset.key")
    assert key == "forget.fid"
    page.keyboard.press("Enter")
    assert rows(page, "reference") == in_order(table, "reference", key, "near")
    # the focus stays where it was, and can be seen
    assert page.evaluate(f"{focused}.closest('th').dataset.key") == key
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    page.keyboard.press("Space")
    assert rows(page, "reference") == in_order(table, "reference", key, "high")


@pytest.mark.parametrize("start", ["light", "dark"])
def test_the_theme_is_the_readers(start: str, site: Path, open_page: Open) -> None:
    page = open_page(site / MADE_UP, theme=start)  # type: ignore[arg-type]
    page.evaluate("localStorage.clear()")
    page.reload()
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = {}
    button = page.locator("button.theme")
    for expected in ("as the system", "light", "dark"):
        assert button.get_attribute("aria-label") == f"Theme: {expected}"
        grounds[expected] = page.evaluate(ground)
        button.click()
    assert grounds["as the system"] == grounds[start]
    assert grounds["light"] != grounds["dark"]
    button.click()
    button.click()
    # on the next page, and before anything is drawn, it is as chosen
    page.goto((site / "metrics" / "index.html").as_uri())
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(ground) == grounds["dark"]
    # paper is white all the same
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.evaluate("localStorage.clear()")


def test_without_scripts_nothing_is_offered_that_does_not_work(site: Path, open_page: Open) -> None:
    page = open_page(site / MADE_UP, scripts=False)
    for selector in (".controls", ".sort", "button.theme"):
        assert not page.locator(selector).first.is_visible()
    assert page.locator(".jumps").is_visible()
    assert page.locator(".plot-wide").is_visible()
    assert page.locator("td.more").first.is_visible()
    page.locator(".behind summary").click()
    assert page.locator("table.points").is_visible()


# The picture.


def test_the_picture_and_its_table_are_the_records(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    picture = tradeoff(table_at(many(8), "many", "hmu-1"))
    assert picture
    page.locator(".behind summary").click()
    for row, point in zip(page.locator("table.points tbody tr").all(), picture.points, strict=True):
        cells = row.locator("th, td").all_inner_texts()
        assert cells[0] == point.record.method.name
        assert cells[4] == ("yes" if point.front else "no")
        exact = row.locator("data").evaluate_all("all => all.map(e => Number(e.value))")
        assert exact == [point.forgotten.value, point.kept.value]
    drawn = page.locator(".plot-wide .point").evaluate_all("all => all.map(e => e.dataset.id)")
    assert sorted(drawn) == sorted(point.record.id for point in picture.points)
    front = page.locator(".plot-wide .point.on-front").count()
    assert front == len(picture.front)


@pytest.mark.parametrize(("width", "there"), [(390, "narrow"), (768, "wide"), (1440, "wide")])
def test_labels_keep_out_of_each_other(
    width: int, there: str, scored_site: Path, open_page: Open
) -> None:
    page = open_page(scored_site / MANY, width=width)
    assert page.locator(".tradeoff figure > svg:visible").count() == 1
    boxes = page.locator(f".plot-{there} .label").evaluate_all(
        "all => all.map(e => { const b = e.getBoundingClientRect();"
        " return [b.left, b.top + 2, b.right, b.bottom - 3]; })"
    )
    assert len(boxes) >= 6
    svg = page.locator(f".plot-{there}").bounding_box()
    assert svg
    for left, _, right, _ in boxes:
        assert svg["x"] - 2 <= left
        assert right <= svg["x"] + svg["width"] + 2
    for a, b in itertools.combinations(boxes, 2):
        assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_rows_and_marks_point_at_each_other(scored_site: Path, open_page: Open) -> None:
    page = open_page(scored_site / MANY)
    page.locator("tr[data-id=method-002] th").hover()
    lit = page.locator(".plot-wide .lit").evaluate_all("all => all.map(e => e.dataset.id)")
    assert lit == ["method-002"]
    page.locator(".plot-wide .point[data-id=method-003] .mark").click()
    assert page.evaluate("document.activeElement.closest('tr').dataset.id") == "method-003"


# Many rows.


def long_records() -> list[Record]:
    """63 records; the one that is last by retain FID has the widest cell of that column."""
    records = many(60)
    wide = values(1.0)
    wide["fid"] = {"value": 987654.3215, "low": 987654.321, "high": 987654.322, "n": 64}
    records[-1] = records[-1].model_copy(
        update={"metrics": record(metrics={"forget": values(1.0), "retain": wide}).metrics}
    )
    return records


@pytest.fixture(scope="module")
def long_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    build(folder / "site", write_store(long_records(), folder / "records"))
    return folder / "site"


def test_a_long_table_sorts_whole_and_keeps_its_columns(long_site: Path, open_page: Open) -> None:
    page = open_page(long_site / MANY)
    table = table_at(long_records(), "many", "hmu-1")
    widths = "() => [...document.querySelectorAll('th[data-key]')].map(e => e.offsetWidth)"
    before = page.evaluate(widths)
    ready = "() => !document.querySelector('table.results').hasAttribute('aria-busy')"
    # faster than the rows can follow: only the last one counts
    for key in ("forget.kid", "retain.kid", "scores.hmu"):
        head(page, key).locator(".sort").click()
    page.wait_for_function(ready)
    assert rows(page, "scored") == in_order(table, "scored", "scores.hmu", "high")
    after = page.evaluate(widths)
    assert after == pytest.approx(before, abs=1.01)
    # the rows in view come in the same turn as the click
    first = page.evaluate(
        """() => { document.querySelector('th[data-key="retain.fid"] .sort').click();
             return [[...document.querySelectorAll('.kind-scored tr[data-id]')]
                       .map(row => row.dataset.id),
                     [...document.querySelectorAll('th[data-key]')].map(e => e.offsetWidth)]; }"""
    )
    expected = in_order(table, "scored", "retain.fid", "low")
    assert sorted(first[0]) == sorted(expected)
    assert first[0][:12] == expected[:12]
    assert first[0] != expected
    # while the others are under way the columns stand still
    assert first[1] == pytest.approx(before, abs=1.01)
    page.wait_for_function(ready)
    assert rows(page, "scored") == expected
    page.locator("[data-control=q]").fill("tensor")
    assert len(seen(page)) == 15
    page.locator("[data-control=sort]").select_option("")
    page.locator("[data-control=q]").fill("")
    page.wait_for_function(ready)
    assert rows(page, "scored") == [f"method-{place:03d}" for place in range(60)]


# Ranks.


@pytest.fixture(scope="module")
def ranked_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranked")
    build(folder / "site", write_world(folder / "records"))
    return folder / "site"


@pytest.mark.parametrize("scripts", [True, False])
def test_ranks_are_intervals_of_scored_methods_only(
    scripts: bool, ranked_site: Path, open_page: Open
) -> None:
    page = open_page(ranked_site / "tracks/moving/hmu-1/1/index.html", scripts=scripts)
    assert page.get_by_role("columnheader", name="Rank").is_visible()
    cells = page.locator("tr[data-id]").evaluate_all(
        "all => all.map(r => [r.dataset.id, r.cells[1].firstChild.textContent])"
    )
    found = dict(cells)
    for name in ("real", "original", "retrained"):
        assert found[name] == "—"
    for name in ("alone", "erase"):
        assert found[name] in ("1", "2", "1–2")
    # under another protocol there are no numbers of prompts, hence no ranks, and it is told
    page = open_page(ranked_site / "tracks/moving/guo/1/index.html", scripts=scripts)
    assert not page.get_by_role("columnheader", name="Rank").is_visible()
    assert "no method has per-prompt numbers" in page.inner_text(".notes")


def test_ranks_follow_the_column_that_is_sorted_by(ranked_site: Path, open_page: Open) -> None:
    page = open_page((ranked_site / "tracks/moving/hmu-1/1/index.html").as_uri() + "?main=0")
    for key in ("retain.kid", "forget.violence_rate"):
        page.locator("[data-control=sort]").select_option(key)
        place = head(page, key).evaluate("e => [...e.parentElement.cells].indexOf(e)")
        for row in page.locator("tr[data-id]").all():
            own = row.locator("td").nth(place + 1).get_attribute("data-rank")
            assert row.locator("td.rank").inner_text() == (own or "—")
        label = METRICS[key.split(".")[1]].label
        assert label in page.locator("th.rank").inner_text()
