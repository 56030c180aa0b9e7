"""Every cell of every table of the built site equals its record, read in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, Value
from leaderboard.links import submission_path, table_path
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board, many

pytestmark = pytest.mark.browser

SETS = {
    "Forget": "forget",
    "Retain": "retain",
    "Implicit": "implicit",
    "Implicit, safe": "implicit_safe",
    "Composed": "composed",
}
GROUPS = {"Scores": "scores", **SETS}
LABELS = {metric.label: metric.name for metric in METRICS.values()} | {
    "Suppression": "suppression",
    "Preservation": "preservation",
    "HMU": "hmu",
}
TABLES = sorted({(record.track.name, record.protocol, record.track.version) for record in board()})

# Each column's headings by position, and the text of each row's cells: nothing of our own markup
# but thead, tbody, rows and spans is used to find a cell.
READ_TABLE = """
table => {
  const visible = cell => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll('.hidden').forEach(part => part.remove());
    return copy.textContent.trim().replace(/\\s+/g, ' ');
  };
  const grid = [];
  [...table.tHead.rows].forEach((row, y) => {
    let x = 0;
    for (const cell of row.cells) {
      while (grid[y]?.[x] !== undefined) x++;
      for (let dy = 0; dy < cell.rowSpan; dy++)
        for (let dx = 0; dx < cell.colSpan; dx++) {
          grid[y + dy] ??= [];
          grid[y + dy][x + dx] = cell;
        }
      x += cell.colSpan;
    }
  });
  const strong = cell => visible(cell.querySelector('.stick')?.firstChild?.nodeType === 3
    ? {cloneNode: () => { const s = document.createElement('span');
         s.textContent = cell.querySelector('.stick').firstChild.textContent; return s; }}
    : cell);
  return {
    columns: grid[0].map((cell, x) => [strong(cell), ...grid.slice(1).map(row => visible(row[x]))]),
    bodies: [...table.tBodies].map(body => [...body.rows].map(row => [...row.cells].map(cell => ({
      text: visible(cell),
      lines: [...cell.querySelectorAll('data, small')].map(visible),
      away: cell.dataset.away === undefined ? null : Number(cell.dataset.away),
      data: [...cell.querySelectorAll('data')].map(one => one.getAttribute('value')),
      links: [...cell.querySelectorAll('a')].map(one => one.getAttribute('href')),
      span: cell.colSpan,
    })))),
  };
}
"""


def read(page: Page, selector: str) -> Any:
    return page.locator(selector).evaluate(READ_TABLE)


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def rounded_from(text: str, exact: float) -> bool:
    """Whether the text is the number, correctly rounded to the digits that are printed."""
    mantissa, _, exponent = text.partition("e")
    unit = 10.0 ** (number(exponent or "0") - len(mantissa.partition(".")[2]))
    return abs(number(text) - exact) <= unit / 2 * (1 + 1e-9) + abs(exact) * 1e-15


def check_value(cell: dict[str, Any], value: Value, record: Record, n: str) -> None:
    """The printed value, interval and n, and the exact number behind them, are the record's.

    `n` is what the heading says; a cell tells its own only where it differs.
    """
    assert value.value is not None
    lines = list(cell["lines"])
    assert rounded_from(lines[0], value.value)
    if record.kind == "reported":
        assert number(lines.pop(0)) == value.value
    else:
        lines.pop(0)
    assert [float(text) for text in cell["data"]] == [value.value]
    if value.low is not None and value.high is not None:
        ends = re.fullmatch(r"\[(.+), (.+)\]", lines.pop(0))
        assert ends
        assert rounded_from(ends[1], value.low)
        assert rounded_from(ends[2], value.high)
    told = lines.pop(0).removeprefix("n ") if lines else n
    assert told == ("" if value.n is None else f"{value.n:,}")
    assert not lines


def parsed(text: str) -> tuple[str, str, str, str]:
    """Label, arrow, unit and n of a heading "Label arrow [unit] [n 64]"."""
    found = re.fullmatch(r"(.+?) ([↓↑→])( [^ ]+?)??( ?n ([0-9,]+))?", text)
    assert found, text
    return found[1], found[2], (found[3] or "").strip(), found[5] or ""


Where = tuple[str, str, str]
EVERY_COLUMN = "?main=0"


def in_table(records: list[Record], where: Where) -> dict[str, Record]:
    return {
        record.id: record
        for record in records
        if (record.track.name, record.protocol, record.track.version) == where
    }


@pytest.mark.parametrize("where", TABLES, ids="-".join)
def test_track_table(where: Where, site: Path, open_page: Open) -> None:
    page = open_page((site / table_path(*where)).as_uri() + EVERY_COLUMN)
    check_table(page, in_table(board(), where))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_table_with_scores(scripts: bool, scored_site: Path, open_page: Open) -> None:
    where = ("many", "hmu-1", "1")
    page = open_page((scored_site / table_path(*where)).as_uri() + EVERY_COLUMN, scripts=scripts)
    records = in_table(many(8), where)
    check_table(page, records)
    # a third kind of direction: the distance to the reference stands in the cell, exactly
    columns = page.locator("th[data-key]").evaluate_all("all => all.map(e => e.dataset.key)")
    place = columns.index("forget.fid")
    for row in read(page, "table.results")["bodies"][1][1:]:
        record = records[row[0]["links"][0].split("/")[-2]]
        own = record.metrics["forget"]["fid"].value
        reference = records["retrained"].metrics["forget"]["fid"].value
        assert own is not None
        assert reference is not None
        known = record.method.base_model in ("original", None)
        assert row[1 + place]["away"] == (abs(own - reference) if known else None)


def values_of(record: Record, group: str) -> dict[str, Value]:
    if group == "scores":
        return dict(record.scores) if record.scores else {}
    return record.metrics.get(group, {})  # type: ignore[call-overload]


def check_table(page: Page, records: dict[str, Record]) -> None:
    """The whole track table of a page, heading by heading and cell by cell."""
    table = read(page, "table.results")
    shown_columns = [(GROUPS[top], *parsed(low)) for top, low in table["columns"] if top in GROUPS]
    # the columns are those that any record has, in the order of the sets and of the metric table
    expected = [
        ("scores", name)
        for name in ("suppression", "preservation", "hmu")
        if any(record.scores for record in records.values())
    ] + [
        (prompt_set, metric)
        for prompt_set in SETS.values()
        for metric in METRICS
        if any(metric in values_of(record, prompt_set) for record in records.values())
    ]
    assert [(name, LABELS[label]) for name, label, *_ in shown_columns] == expected
    counts = []
    for (name, metric), (_, _, arrow, unit, n) in zip(expected, shown_columns, strict=True):
        counts.append(n)
        if name == "scores":
            assert (arrow, unit) == ("↑", "")
            continue
        facts = METRICS[metric]
        assert unit == facts.unit
        side = facts.direction if name in ("retain", "implicit_safe") else facts.forget_direction
        assert arrow == {"lower": "↓", "higher": "↑", "target": "→"}[side]

    notes = {
        note.locator(".mark").inner_text(): note.locator("bdi").inner_text()
        for note in page.locator(".notes li").all()
    }
    seen = []
    for body in table["bodies"]:
        heading, *rows = body
        kinds = set()
        for row in rows:
            record = records[row[0]["links"][0].split("/")[-2]]
            seen.append(record.id)
            kinds.add(record.kind)
            assert row[0]["text"].startswith(record.method.name)
            assert record.kind in row[0]["text"]
            cells, facts = row[1 : 1 + len(expected)], row[1 + len(expected) :]
            assert len(facts) == 4
            for (group, metric), cell, n in zip(expected, cells, counts, strict=True):
                value = values_of(record, group).get(metric)
                if value is None:
                    assert cell["text"] == ""
                elif value.value is None:
                    mark = cell["links"][0].removeprefix("#note-")
                    assert cell["text"] == f"—{mark}"
                    assert notes[mark] == value.reason
                else:
                    check_value(cell, value, record, n)
            check_facts(facts, record, records)
        assert len(kinds) == 1
        assert heading[0]["span"] <= len(expected) + 5
    assert sorted(seen) == sorted(records)
    by_kind = ["reference", "scored", "reported"]
    assert seen == sorted(
        seen, key=lambda i: (by_kind.index(records[i].kind), records[i].method.name.lower(), i)
    )


def check_facts(cells: list[dict[str, Any]], record: Record, records: dict[str, Record]) -> None:
    base, family, coverage, flags = (cell["text"] for cell in cells)
    wanted = record.method.base_model
    assert base == (records[wanted].method.name if wanted in records else wanted or "not stated")
    assert family == (record.method.family or "not stated")
    if record.coverage is None:
        assert coverage == "not stated"
    else:
        whole = record.coverage
        assert coverage.startswith(f"{whole.answered} of {whole.prompts} prompts × {whole.repeats}")
        assert ("incomplete" in coverage) == (not whole.complete)
    assert flags == (", ".join(flag.name for flag in record.flags) or "none")


def test_home_lists_every_record_once(site: Path, open_page: Open) -> None:
    page = open_page(site / "index.html")
    listed = [
        link.get_attribute("href") for link in page.locator(".card dd a[href^=submissions]").all()
    ]
    default = [one for one in board() if one.protocol == "paper"]
    assert sorted(listed) == sorted(submission_path(one) for one in default)
    names = sorted({name for name, *_ in TABLES})
    assert page.locator(".card h3").all_inner_texts() == names


def test_metrics_page_is_the_metric_table(site: Path, open_page: Open) -> None:
    page = open_page(site / "metrics" / "index.html")
    words = {
        "lower": "lower is better",
        "higher": "higher is better",
        "target": "closer to the reference is better",
    }
    rows = read(page, "table.overview")["bodies"][0]
    for row, metric in zip(rows, METRICS.values(), strict=True):
        label, family, forget, retain, unit, protocols, key = (cell["text"] for cell in row)
        assert (label, family, key) == (metric.label, metric.family, metric.name)
        assert (unit, protocols) == (metric.unit or "none", ", ".join(metric.protocols))
        assert forget.endswith(words[metric.forget_direction])
        assert retain.endswith(words[metric.direction])
    for metric in METRICS.values():
        card = page.locator(f"section[aria-labelledby={metric.name}]")
        assert card.locator(".formula").inner_text() == metric.formula
        for text in (metric.source, metric.note, ", ".join(metric.protocols)):
            assert text in card.inner_text()


def test_downloads_page_tells_the_sizes(site: Path, open_page: Open) -> None:
    page = open_page(site / "downloads" / "index.html")
    for row in read(page, "table.files")["bodies"][0]:
        file = site / "downloads" / row[0]["links"][0]
        assert row[2]["text"] == f"{file.stat().st_size:,}"
