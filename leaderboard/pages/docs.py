"""The project's documents (`docs/`) as pages, where a reader of the board can look things up."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from leaderboard import markdown
from leaderboard.board import Board, Output

DOCS = Path(__file__).resolve().parents[2] / "docs"
INDEX = "README"


def pages(board: Board) -> Iterator[Output]:
    """`docs/index.html` and `docs/<name>/index.html`."""
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        yield board.page(
            page_of(path.stem),
            "doc.html",
            title=markdown.title(text),
            sections=markdown.sections(text) if path.stem != INDEX else [],
            html=markdown.render(text, partial(on_site, name=path.stem)),
            index=path.stem == INDEX,
        )


def page_of(name: str) -> str:
    """Where a document's page lies."""
    return "docs/index.html" if name == INDEX else f"docs/{name}/index.html"


def on_site(link: str, name: str) -> str:
    """A link of the document `name`, for its page.

    >>> on_site("protocols.md#guo", "intervals"), on_site("intervals.md", "README")
    ('../protocols/index.html#guo', 'intervals/index.html')
    """
    target, _, fragment = link.partition("#")
    if not target.endswith(".md") or "/" in target:
        return link
    here = posixpath.dirname(page_of(name))
    path = posixpath.relpath(page_of(target.removesuffix(".md")), here)
    return f"{path}#{fragment}" if fragment else path
