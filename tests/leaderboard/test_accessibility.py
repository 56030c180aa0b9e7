"""What a reader with a keyboard, a screen reader, a phone or weak eyes needs. No axe yet."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.leaderboard.conftest import Open
from tests.leaderboard.test_site import PAGES

pytestmark = pytest.mark.browser

# WCAG 2.2 contrast of every text against the nearest painted ground behind it.
CONTRAST = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92
                                         : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] === 255) return color;
      if (color[3] !== 0) throw new Error('a ground that is half transparent');
    }
    throw new Error('no ground');
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest('.hidden')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(ground(element))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), walk.currentNode.textContent.trim(),
                parseFloat(style.fontSize)]);
  }
  return found;
}
"""


@pytest.mark.parametrize("name", PAGES)
def test_contrast_and_size_of_all_text(name: str, site: Path, open_page: Open) -> None:
    page = open_page(site / name)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found = page.evaluate(CONTRAST)
        assert len(found) > 20
        assert not [text for ratio, text, _ in found if ratio < 4.5], theme
        assert not [text for _, text, size in found if size < 12]


def test_the_themes_differ(site: Path, open_page: Open) -> None:
    grounds = {
        theme: open_page(site / "index.html", theme=theme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for theme in ("light", "dark")
    }
    assert grounds["light"] != grounds["dark"]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_never_scrolls_sideways(name: str, site: Path, open_page: Open) -> None:
    page = open_page(site / name)
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_structure(name: str, site: Path, open_page: Open) -> None:
    page = open_page(site / name)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith(" · hmu-bench")
    for landmark in ("header", "nav[aria-label='Site']", "main", "footer"):
        assert page.locator(landmark).count() == 1
    levels = [
        int(heading.evaluate("e => e.tagName")[1])
        for heading in page.locator("h1, h2, h3, h4").all()
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert all(
        page.locator("a").evaluate_all(
            "all => all.map(e => e.getAttribute('aria-label') || e.textContent.trim())"
        )
    )
    assert not page.evaluate(
        """[...document.querySelectorAll('[aria-labelledby]')].filter(
             e => !e.getAttribute('aria-labelledby').split(' ').every(
                    id => document.getElementById(id)))
           .map(e => e.outerHTML)"""
    )


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_captions_scopes_and_a_focusable_region(
    name: str, site: Path, open_page: Open
) -> None:
    page = open_page(site / name)
    for table in page.locator("table").all():
        assert (table.locator("caption").text_content() or "").strip()
        scopes = table.locator("th").evaluate_all("all => all.map(e => e.getAttribute('scope'))")
        assert set(scopes) <= {"col", "row", "colgroup", "rowgroup"}
        region = table.locator("xpath=..")
        assert region.get_attribute("role") == "region"
        assert region.get_attribute("tabindex") == "0"
        # each row of every body fills the same number of columns
        widths = table.evaluate(
            """t => [...t.tBodies].flatMap(b => [...b.rows])
                 .map(r => [...r.cells].filter(c => getComputedStyle(c).display !== 'none')
                   .reduce((n, c) => n + c.colSpan, 0))"""
        )
        assert len(set(widths)) == 1


def test_keyboard(site: Path, open_page: Open) -> None:
    page = open_page(site / "tracks" / "made-up-track" / "index.html", width=390, height=800)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.className") == "skip"
    assert page.evaluate(f"{focused}.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "main"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.className") == "table-region":
            break
    assert page.evaluate(f"{focused}.className") == "table-region"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    moved = page.locator(".sheet .table-region").evaluate("e => e.scrollLeft")
    assert moved > 50
    # the first column stays in view while the others move
    name = page.locator(".results tbody th.name").first
    assert name.bounding_box()["x"] == page.locator(".sheet .table-region").bounding_box()["x"]  # type: ignore[index]


@pytest.mark.parametrize("width", [390, 1440])
def test_links_to_column_groups_bring_them_into_view(
    width: int, site: Path, open_page: Open
) -> None:
    page = open_page(
        site / "tracks" / "made-up-track" / "index.html",
        width=width,
        height=800,
        scripts=False,
    )
    for group in ("retain", "record", "forget", "record", "retain"):
        page.locator(f".jumps a[href='#columns-{group}']").click()
        box = page.locator(f"#columns-{group}").bounding_box()
        region = page.locator(".sheet .table-region").bounding_box()
        name = page.locator(".results tbody th.name").first.bounding_box()
        assert box
        assert region
        assert name
        assert box["x"] >= name["x"] + name["width"] - 16
        assert box["x"] + min(box["width"], 60) <= region["x"] + region["width"]


def test_paper(site: Path, open_page: Open) -> None:
    page = open_page(site / "submissions" / "made-up-track" / "paper" / "erase" / "index.html")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav[aria-label='Site'] ul").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.table-region')).overflowX")
        == "visible"
    )
