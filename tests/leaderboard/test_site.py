"""The site as a whole: from file://, under a sub-path, without scripts, and with every link."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from playwright.sync_api import Browser

from tests.leaderboard.conftest import Open

PAGES = [
    "index.html",
    "metrics/index.html",
    "downloads/index.html",
    "datasets/index.html",
    "submit/index.html",
    "about/index.html",
    "tracks/made-up-track/index.html",
    "tracks/made-up-track/paper/1/index.html",
    "tracks/second-track/index.html",
    "submissions/made-up-track/paper/erase/index.html",
    "submissions/made-up-track/paper/paper.figures/index.html",
    "submissions/second-track/paper/empty/index.html",
]
VOID = {"meta", "link", "br", "img", "hr", "input", "col"}


class Page(HTMLParser):
    """Ids, links and the balance of the tags of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[dict[str, str]] = []
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == [], f"{path}: {self.open} are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs), f"an attribute twice: {attrs}"
        if "id" in found:
            self.ids.append(found["id"])
        if tag in ("a", "link"):
            self.links.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, f"<{tag}/> is no HTML"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"


def all_pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_tags_are_balanced_and_ids_unique(site: Path) -> None:
    pages = all_pages(site)
    assert {str(path.relative_to(site)) for path in pages} >= set(PAGES)
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path


def test_no_link_is_broken_and_none_is_absolute(site: Path) -> None:
    pages = all_pages(site)
    for path, page in pages.items():
        if path.name == "404.html":  # absolute on purpose: test_published_files.py
            continue
        for link in page.links:
            if link["href"].startswith(("http://", "https://")):
                assert link["rel"] == "noopener noreferrer nofollow"
                continue
            assert not link["href"].startswith("/")
            address, fragment = urldefrag(urljoin(path.as_uri(), link["href"]))
            target = Path(unquote(address.removeprefix("file://").partition("?")[0]))
            assert target.is_file(), f"{path}: {link['href']}"
            assert target.is_relative_to(site)
            if fragment:
                assert fragment in pages[target].ids, f"{path}: {link['href']}"


# What a reader can read without scripts and with them: all but what needs one or the other.
TEXT = """
() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('.needs-script, .no-script, #said').forEach(part => part.remove());
  return copy.textContent.replace(/\\s+/g, ' ');
}
"""


@pytest.mark.browser
@pytest.mark.parametrize("where", ["file", "server"])
def test_pages_work_with_and_without_scripts(
    where: str, site: Path, served: str, open_page: Open
) -> None:
    for name in PAGES:
        address = site / name if where == "file" else served + name
        texts = []
        for scripts in (True, False):
            page = open_page(address, scripts=scripts)
            texts.append(page.evaluate(TEXT))
            # the stylesheet has arrived, under the policy of the page
            assert page.locator("h1").evaluate("e => getComputedStyle(e).fontWeight") == "600"
        assert texts[0] == texts[1]
        assert len(texts[0]) > 200


@pytest.mark.browser
def test_a_reader_can_walk_from_page_to_page(served: str, open_page: Open) -> None:
    page = open_page(served, scripts=False)
    page.get_by_role("link", name="made-up-track", exact=True).click()
    page.get_by_role("link", name="Erase, made up").click()
    assert page.locator("h1").inner_text() == "Erase, made up"
    page.get_by_role("link", name="FID").first.click()
    assert page.url == served + "metrics/index.html#fid"
    page.get_by_role("link", name="Downloads").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="records.csv").click()
    assert download.value.path().read_bytes().startswith(b"track,")
    page.get_by_role("link", name="hmu-bench").first.click()
    assert page.url == served + "index.html"


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A server that is none of ours, and what it was asked for."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/x", asked
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize("with_policy", [True, False])
def test_the_policy_stops_what_gets_in(
    with_policy: bool,
    site: Path,
    browser: Browser,
    tmp_path: Path,
    outside: tuple[str, list[str]],
) -> None:
    """Were markup to slip through, it would neither run nor load anything.

    Without the policy the same page does both: so it is the policy that stops it.
    """
    copy = tmp_path / "copy"
    shutil.copytree(site, copy)
    index, (url, asked) = copy / "index.html", outside
    slipped = (
        f"<script>window.got_in = 1</script><script src='{url}1'></script><img src='{url}2'>"
        f"<iframe src='{url}3'></iframe><link rel=stylesheet href='{url}4'>"
        "<style>h1 { color: red }</style><a id='x' href='javascript:window.got_in = 1'>x</a>"
        f"<base href='{url}'></main>"
    )
    text = index.read_text().replace("</main>", slipped)
    if not with_policy:
        text = text.replace("Content-Security-Policy", "X-Nothing")
    index.write_text(text)
    context = browser.new_context()
    page = context.new_page()
    page.goto(index.as_uri())
    page.click("#x")
    page.wait_for_timeout(100)
    red = "getComputedStyle(document.querySelector('h1')).color === 'rgb(255, 0, 0)'"
    found = (page.evaluate("window.got_in"), page.evaluate(red), bool(asked))
    base = page.evaluate("document.baseURI")
    context.close()
    assert found == ((None, False, False) if with_policy else (1, True, True))
    assert base == (index.as_uri() if with_policy else url)
