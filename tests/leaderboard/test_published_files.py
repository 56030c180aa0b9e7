"""What a published site has besides its pages: sitemap, robots, 404, previews, whole addresses."""

from __future__ import annotations

import hashlib
import json
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmu_bench.errors import InputError
from leaderboard import frame, pages
from leaderboard.board import Board
from leaderboard.build import build
from leaderboard.links import checked_address
from leaderboard.pages import downloads
from leaderboard.store import read_entries
from tests.leaderboard.made_up import board, record, write_store
from tests.leaderboard.rich import rich
from tests.leaderboard.test_site import Page

BASE = "https://example.org/some/board/"
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that knows its address."""
    folder = tmp_path_factory.mktemp("published")
    store = write_store([*board(), rich()], folder / "records")
    build(folder / "site", store, BASE.rstrip("/"))
    return folder / "site"


def test_the_sitemap_names_every_page_once(published: Path) -> None:
    found = [node.text for node in ET.parse(published / "sitemap.xml").iter(f"{S}loc")]
    expected = {
        BASE + str(path.relative_to(published)).removesuffix("index.html")
        for path in published.rglob("*.html")
        if path.name != "404.html"
    }
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert f"Sitemap: {BASE}sitemap.xml\n" in (published / "robots.txt").read_text()


def test_without_an_address_nothing_is_whole(site: Path) -> None:
    assert not (site / "sitemap.xml").exists()
    assert "Sitemap" not in (site / "robots.txt").read_text()
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "og:url" not in text
        assert 'rel="canonical"' not in text


class Head(Page):
    """A page and what its head tells other sites."""

    def __init__(self, path: Path) -> None:
        self.meta: dict[str, str] = {}
        super().__init__(path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        found = dict(attrs)
        if tag == "meta" and (found.get("property") or found.get("name")):
            name = found.get("property") or found["name"] or ""
            assert name not in self.meta, f"{name} twice"
            self.meta[name] = found["content"] or ""


def heads(folder: Path) -> Iterator[tuple[Path, Head]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, Head(path)


def test_every_page_says_how_a_link_to_it_looks(published: Path) -> None:
    titles = set()
    for path, head in heads(published):
        assert head.meta["og:title"]
        assert head.meta["og:description"] == head.meta["description"]
        (feed,) = [link for link in head.links if link.get("type") == "application/atom+xml"]
        assert feed["href"].endswith("feed.xml")
        if path.name == "404.html":
            assert "og:url" not in head.meta
            assert head.meta["robots"] == "noindex"
            continue
        name = str(path.relative_to(published)).removesuffix("index.html")
        assert head.meta["og:url"] == BASE + name
        (canonical,) = [link for link in head.links if link.get("rel") == "canonical"]
        assert canonical["href"] == BASE + name
        picture = published / head.meta["og:image"].removeprefix(BASE)
        assert picture.is_file()
        titles.add(head.meta["og:title"])
    assert len(titles) > 8


def test_the_preview_is_a_picture_of_the_told_size(published: Path) -> None:
    data = (published / "assets" / "social.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 200_000


@pytest.mark.parametrize("base", [None, BASE])
def test_the_page_of_errors_works_at_any_depth(
    base: str | None, site: Path, published: Path
) -> None:
    folder, root = (published, BASE) if base else (site, "/")
    page = Page(folder / "404.html")
    assert page.links
    for link in page.links:
        href = link["href"].split("#")[0]
        assert href == "" or (folder / href.removeprefix(root)).is_file()
        assert href == "" or href.startswith(root)


def test_hashes_sizes_and_companions_of_the_downloads(published: Path) -> None:
    text = (published / "downloads" / "index.html").read_text("utf-8")
    lines = (published / "downloads" / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 5
    for line in lines:
        digest, name = line.split("  ")
        data = (published / "downloads" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert digest in text
        assert f">{len(data):,}</td>" in text
    schema = json.loads((published / "downloads" / "record.schema.json").read_text())
    assert schema["$id"].startswith(BASE)


def test_values_per_prompt_are_copied_and_listed(tmp_path: Path) -> None:
    store = write_store([*board(), rich()], tmp_path / "records")
    (store / "made-up-track" / "rich.parquet").write_bytes(b"PAR1, made up")
    env = frame.environment(pages.names())
    made = {o.path: o.content for o in downloads.pages(Board(read_entries(store), env))}
    own = "submissions/made-up-track/hmu-1/rich/prompts.parquet"
    assert made.pop(own) == b"PAR1, made up"
    assert all(path.startswith("downloads/") for path in made)
    text = str(made["downloads/index.html"])
    assert f'href="../{own}"' in text
    assert hashlib.sha256(b"PAR1, made up").hexdigest() in text


def test_every_record_has_badge_and_bibtex(published: Path, tmp_path: Path) -> None:
    store = write_store([*board(), rich()], tmp_path / "records")
    for entry in read_entries(store):
        one = entry.record
        folder = published / "submissions" / one.track.name / one.protocol / one.id
        assert ET.fromstring((folder / "badge.svg").read_text("utf-8")).get("aria-label")
        assert (folder / "cite.bib").read_text("utf-8").startswith("@misc{hmu-bench:")


@pytest.mark.parametrize(
    "address",
    [
        "example.org", "ftp://example.org", "javascript:alert(1)", "https://", "https:///x",
        "https://example.org/?a=1", "https://example.org/#x", "https://a@example.org/", "",
        "https://exa mple.org", "https://example.org/\"><script>", "https://example.org/<",
        "https://bücher.example/", "https://[::1/", "https://example.org/a&b",
    ],
)  # fmt: skip
def test_refuses_what_is_no_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--base-url"):
        checked_address(address)
    with pytest.raises(InputError):
        build(tmp_path / "site", write_store([record()], tmp_path / "records"), address)
    assert not (tmp_path / "site").exists()


def test_command(leaderboard_command, one_line_error, store: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "site"
    result = leaderboard_command("build", "--records", store, "--out", out, "--base-url", BASE)
    assert result.returncode == 0, result.stderr
    assert (out / "sitemap.xml").is_file()
    one_line_error(
        leaderboard_command("build", "--records", store, "--out", out, "--base-url", "board"),
        "--base-url",
    )
