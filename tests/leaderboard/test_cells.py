"""Every cell of every table of the built site equals its record, read in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hmu_bench.metrics.table import METRICS, Metric
from hmu_bench.records import Record, Value
from leaderboard.links import submission_path, table_path
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board

pytestmark = pytest.mark.browser

SETS = {
    "Forget": "forget",
    "Retain": "retain",
    "Implicit": "implicit",
    "Implicit, safe": "implicit_safe",
    "Composed": "composed",
}
BY_LABEL = {metric.label: metric for metric in METRICS.values()}
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
      lines: [...cell.querySelectorAll('.value, .interval, .n')].map(visible),
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


def check_value(cell: dict[str, Any], value: Value, record: Record) -> None:
    """The printed value, interval and n, and the exact numbers behind them, are the record's."""
    assert value.value is not None
    lines = list(cell["lines"])
    assert rounded_from(lines[0], value.value)
    if record.kind == "reported":
        assert number(lines.pop(0)) == value.value
    else:
        lines.pop(0)
    exact = [value.value]
    if value.low is not None and value.high is not None:
        ends = re.fullmatch(r"\[(.+), (.+)\]", lines.pop(0))
        assert ends
        assert rounded_from(ends[1], value.low)
        assert rounded_from(ends[2], value.high)
        exact += [value.low, value.high]
    assert [float(text) for text in cell["data"]] == exact
    if lines:
        assert lines.pop(0) == f"n {value.n:,}"
    else:
        assert value.n is None
    assert not lines


def parsed(text: str) -> tuple[Metric, str, str]:
    """The metric, the arrow and the unit of a heading "Label arrow" or "Label arrow unit"."""
    found = re.fullmatch(r"(.+) ([↓↑→])( (.+))?", text)
    assert found, text
    return BY_LABEL[found[1]], found[2], found[4] or ""


@pytest.mark.parametrize("where", TABLES, ids="-".join)
def test_track_table(where: tuple[str, str, str], site: Path, open_page: Open) -> None:
    page = open_page(site / table_path(*where))
    table = read(page, "table")
    records = {
        record.id: record
        for record in board()
        if (record.track.name, record.protocol, record.track.version) == where
    }
    order = [(metric.label, metric.name) for metric in METRICS.values()]
    shown_columns = [(SETS[top], *parsed(low)) for top, low in table["columns"] if top in SETS]
    # the columns are those that any record has, in the order of the sets and of the metric table
    expected = [
        (prompt_set, metric)
        for prompt_set in SETS.values()
        for _, metric in order
        if any(metric in r.metrics.get(prompt_set, {}) for r in records.values())  # type: ignore[call-overload]
    ]
    assert [(name, metric.name) for name, metric, *_ in shown_columns] == expected
    for name, metric, arrow, unit in shown_columns:
        assert unit == metric.unit
        side = metric.direction if name in ("retain", "implicit_safe") else metric.forget_direction
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
            for (prompt_set, metric), cell in zip(expected, cells, strict=True):
                value = record.metrics.get(prompt_set, {}).get(metric)  # type: ignore[call-overload]
                if value is None:
                    assert cell["text"] == ""
                elif value.value is None:
                    mark = cell["links"][0].removeprefix("#note-")
                    assert cell["text"] == f"—{mark}"
                    assert notes[mark] == value.reason
                else:
                    check_value(cell, value, record)
            check_facts(facts, record, records)
        assert len(kinds) == 1
        assert heading[0]["span"] == len(expected) + 5
    assert sorted(seen) == sorted(records)
    by_kind = ["reference", "scored", "reported"]
    assert seen == sorted(
        seen, key=lambda i: (by_kind.index(records[i].kind), records[i].method.name.lower(), i)
    )


def check_facts(cells: list[dict[str, Any]], record: Record, records: dict[str, Record]) -> None:
    base, protocol, coverage, flags = (cell["text"] for cell in cells)
    wanted = record.method.base_model
    assert base == (records[wanted].method.name if wanted in records else wanted or "not stated")
    assert protocol == record.protocol
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
        label, family, forget, retain, key = (cell["text"] for cell in row)
        assert (label, family, key) == (metric.label, metric.family, metric.name)
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
