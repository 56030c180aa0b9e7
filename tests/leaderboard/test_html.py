"""Every page is valid HTML, and nothing on it points to what is not there."""

from __future__ import annotations

import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from tinyhtml5.parser import HTMLParser as Validator

from leaderboard.build import build
from leaderboard.store import DEFAULT_RECORDS
from tests.leaderboard.made_up import board, write_store
from tests.leaderboard.rich import rich
from tests.leaderboard.test_hostile import ATTACKS, attacked
from tests.leaderboard.test_site import Page

BASE = "https://example.org/board/"


@pytest.fixture(scope="module", params=["made up", "hostile", "committed", "empty"])
def any_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sites of made-up, hostile, committed and no records."""
    folder = tmp_path_factory.mktemp("html")
    records = {
        "made up": [*board(), rich()],
        "hostile": [attacked(place, text) for place, text in enumerate(ATTACKS)],
        "empty": [],
    }
    store = DEFAULT_RECORDS
    if request.param in records:
        store = write_store(records[request.param], folder / "records")
    build(folder / "site", store, BASE if request.param == "made up" else None)
    return folder / "site"


def test_pages_parse_without_any_error(any_site: Path) -> None:
    paths = sorted(any_site.rglob("*.html"))
    assert len(paths) >= 7
    for path in paths:
        validator = Validator()
        validator.parse(path.read_bytes(), transport_encoding="utf-8")
        assert validator.errors == [], path


def test_the_nu_checker_finds_no_error(any_site: Path) -> None:
    """The W3C's checker, where its vnu.jar is named by HMU_VNU_JAR (and Java is there)."""
    jar = os.environ.get("HMU_VNU_JAR")
    if not jar:
        pytest.skip("HMU_VNU_JAR is not set")
    command = ["java", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always"]
    files = [str(path) for path in sorted(any_site.rglob("*.html"))]
    badges = [str(path) for path in sorted(any_site.rglob("*.svg"))]
    messages = []
    for kind, some in (("--html", files), ("--svg", badges)):
        result = subprocess.run(
            [*command, kind, *some], capture_output=True, text=True, check=True, timeout=300
        )
        messages += json.loads(result.stdout)["messages"]
    # it takes a file's own folder for another origin than the policy's 'self'
    told = [m for m in messages if "Content Security Policy" not in m["message"]]
    assert [(m.get("url"), m["message"]) for m in told if m["type"] == "error"] == []


class Pointers(Page):
    """A page and everything on it that points somewhere."""

    WITHIN = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "data-copy", "list")
    TO_FILES = ("href", "src", "poster")

    def __init__(self, path: Path) -> None:
        self.within: list[str] = []
        self.to_files: list[str] = []
        super().__init__(path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        for name, value in attrs:
            if name in self.WITHIN:
                self.within += (value or "").split()
            elif name in self.TO_FILES:
                self.to_files.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_startendtag(tag, attrs)
        self.to_files += [value or "" for name, value in attrs if name in self.TO_FILES]


def test_nothing_points_to_what_is_not_there(any_site: Path) -> None:
    pages = {path: Pointers(path) for path in sorted(any_site.rglob("*.html"))}
    count = 0
    for path, page in pages.items():
        assert set(page.within) <= set(page.ids), path
        for link in page.to_files:
            if link.startswith(BASE):
                link = urljoin(any_site.as_uri() + "/", link.removeprefix(BASE))
            elif link.startswith(("http://", "https://", "data:image/")):
                continue
            elif path.name == "404.html":
                link = urljoin(any_site.as_uri() + "/", link.lstrip("/"))
            address, fragment = urldefrag(urljoin(path.as_uri(), link))
            target = Path(unquote(address.removeprefix("file://").partition("?")[0]))
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path}: {link}"
            assert target.is_relative_to(any_site), f"{path}: {link}"
            assert not fragment or fragment in pages[target].ids, f"{path}: {link}"
            count += 1
    assert count > 50


def test_every_page_is_reached_from_the_home_page(any_site: Path) -> None:
    found, todo = set(), [any_site / "index.html"]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        for link in Page(path).links:
            address = urldefrag(urljoin(path.as_uri(), link["href"]))[0]
            target = Path(unquote(address.removeprefix("file://").partition("?")[0]))
            if target.suffix == ".html" and target.is_file():
                todo.append(target)
    every = set(any_site.rglob("*.html")) - {any_site / "404.html"}
    assert found - {any_site / "404.html"} == every


def test_pictures_and_feeds_are_wellformed_xml(any_site: Path) -> None:
    paths = [*any_site.rglob("*.svg"), *any_site.rglob("*.xml")]
    assert len(paths) >= 2
    for path in paths:
        ET.fromstring(path.read_text("utf-8"))
