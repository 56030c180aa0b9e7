"""A site of made-up records, a browser, and pages that fail on any noise or outside request."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, Response, Route, sync_playwright

from leaderboard.build import build
from tests.leaderboard.made_up import board, many, write_store

Theme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of made-up records."""
    return write_store(board(), tmp_path_factory.mktemp("store") / "records")


@pytest.fixture(scope="session")
def site(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that is built from them. Tests must not change it."""
    out = tmp_path_factory.mktemp("site") / "some" / "base path"
    build(out, store)
    return out


@pytest.fixture(scope="session")
def scored_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one made-up track under hmu-1: scores, all prompt sets, reference points."""
    folder = tmp_path_factory.mktemp("scored")
    build(folder / "site", write_store(many(8), folder / "records"))
    return folder / "site"


@contextlib.contextmanager
def serving(site: Path) -> Iterator[str]:
    """The address of a site that lies at `some/base path`, below a web server's root."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(site.parent.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some/base%20path/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address of the site under a sub-path of a web server."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


class Watched:
    """A page, kept for all tests of its kind, and what it did: requests and noise."""

    def __init__(self, browser: Browser, *, scripts: bool) -> None:
        self.allowed = ""
        self.requests: list[str] = []
        self.noise: list[str] = []
        context = browser.new_context(java_script_enabled=scripts, accept_downloads=True)
        context.route("**/*", self._decide)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.noise.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("dialog", self._asked)

    def _decide(self, route: Route) -> None:
        """Let only requests below `allowed` through."""
        url = route.request.url
        self.requests.append(url)
        if url.startswith(self.allowed):
            route.continue_()
        else:
            self.noise.append(f"a request outside: {url}")
            route.abort()

    def _failed(self, request: Request) -> None:
        # what was under way when the test went on to the next page is aborted, not failed
        if request.failure != "net::ERR_ABORTED":
            self.noise.append(f"{request.failure}: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.noise.append(f"{response.status}: {response.url}")

    def _asked(self, dialog: Dialog) -> None:
        self.noise.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, url: str, width: int, height: int, theme: Theme) -> Page:
        """Load an address of files, or of a server's sub-path `/some/`."""
        self.allowed = "file://" if url.startswith("file:") else url.split("/some/")[0] + "/some/"
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(media="screen", color_scheme=theme)
        # a link to a place in the page that is open would not load it anew
        self.page.goto("about:blank")
        self.page.goto(url)
        return self.page


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def watched(browser: Browser) -> dict[bool, Watched]:
    """A watched page with scripts and one without."""
    return {scripts: Watched(browser, scripts=scripts) for scripts in (True, False)}


@pytest.fixture
def open_page(watched: dict[bool, Watched]) -> Iterator[Open]:
    """Open an address in a watched page; any noise fails the test at its end."""
    for one in watched.values():
        one.requests.clear()
        one.noise.clear()

    def open_(
        address: str | Path,
        *,
        width: int = 1440,
        height: int = 900,
        theme: Theme = "light",
        scripts: bool = True,
    ) -> Page:
        url = address.as_uri() if isinstance(address, Path) else address
        return watched[scripts].open(url, width, height, theme)

    yield open_
    assert any(one.requests for one in watched.values()), "the test opened no page"
    assert not [text for one in watched.values() for text in one.noise]
