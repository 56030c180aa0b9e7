"""`sitemap.xml` and `robots.txt`: what search engines ask for."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from leaderboard.board import Board, Output
from leaderboard.links import without_index
from leaderboard.pages.not_found import PATH as NOT_FOUND


def pages(board: Board) -> Iterator[Output]:
    """`robots.txt`: everything may be read. Hosts look at it at their root only."""
    sitemap = f"Sitemap: {board.base_url}sitemap.xml\n" if board.base_url else ""
    yield Output("robots.txt", f"User-agent: *\nAllow: /\n{sitemap}")


def after(board: Board, paths: Sequence[str]) -> Iterator[Output]:
    """`sitemap.xml`, whose addresses must be whole: only where the site's address is known."""
    if board.base_url:
        yield Output("sitemap.xml", sitemap(board.base_url, paths))


def sitemap(base_url: str, paths: Sequence[str]) -> str:
    """A sitemap (protocol 0.9) of the pages; the page of errors is not one of them."""
    urls = ET.Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    for path in paths:
        if path != NOT_FOUND:
            url = ET.SubElement(urls, "url")
            ET.SubElement(url, "loc").text = f"{base_url}{without_index(path)}"
    ET.indent(urls, "")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(urls, encoding="unicode")}\n'
