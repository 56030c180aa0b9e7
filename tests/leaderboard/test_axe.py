"""axe-core finds no violation, on any page, in both themes, with everything opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from leaderboard.build import build
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board, write_store
from tests.leaderboard.rich import rich

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RUN = """async rules => {
  const only = rules.length ? {runOnly: rules} : {};
  const found = await axe.run(document, {resultTypes: ['violations'], preload: false, ...only});
  const told = found.violations.map(({id, help, nodes}) =>
    ({id, help, nodes: nodes.map(n => [n.target.join(' '), n.failureSummary])}));
  return {violations: told, passes: found.passes.length};
}"""
ON_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up records, one of which has everything, on a site that knows its address."""
    folder = tmp_path_factory.mktemp("axe")
    store = write_store([*board(), rich()], folder / "records")
    build(folder / "site", store, "https://example.org/board/")
    return folder / "site"


def axe(page: Page, *rules: str) -> dict[str, Any]:
    """Ask axe-core about the page as it is: all its rules, or these."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(RUN, rules)
    return found


def left_out(path: Path) -> bool:
    """Pages that are like others: documents but a few, a track's own page (that of a permalink).

    404.html takes its files from its host; it is the frame and four lines.
    """
    if path.match("docs/*/index.html"):
        return path.parent.name not in ("protocols", "classifiers", "threat-model")
    return path.name == "404.html" or path.match("tracks/*/index.html")


def test_every_page_in_both_themes(whole_site: Path, open_page: Open) -> None:
    paths = sorted(path for path in whole_site.rglob("*.html") if not left_out(path))
    assert len(paths) > 15
    bad: dict[str, Any] = {}
    for path in paths:
        page = open_page(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = axe(page)
        assert found["passes"] > 10
        page.emulate_media(color_scheme="dark")  # changes colours and nothing else
        dark = axe(page, *ON_COLOURS)
        assert dark["passes"]
        if found["violations"] or dark["violations"]:
            bad[str(path.relative_to(whole_site))] = (found["violations"], dark["violations"])
    assert bad == {}


@pytest.mark.parametrize("width", [390, 768])
def test_narrow_pages(width: int, whole_site: Path, open_page: Open) -> None:
    """One page of each kind."""
    kinds = {path.relative_to(whole_site).parts[0]: path for path in whole_site.rglob("*.html")}
    del kinds["404.html"]
    assert {"index.html", "tracks", "submissions", "metrics", "datasets"} <= set(kinds)
    for path in kinds.values():
        assert axe(open_page(path, width=width))["violations"] == [], path


def test_axe_finds_what_is_wrong(whole_site: Path, open_page: Open, tmp_path: Path) -> None:
    page = open_page(whole_site / "index.html")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [rule["id"] for rule in axe(page)["violations"]] == ["button-name"]
