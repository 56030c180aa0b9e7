"""The project's documents (Markdown) as HTML that fits the site: no styles, anchors, our links."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def title(text: str) -> str:
    """A document's title: its first heading."""
    tokens = PARSER.parse(text)
    place = next(i for i, token in enumerate(tokens) if token.tag == "h1")
    return plain(tokens[place + 1])


def sections(text: str) -> list[tuple[str, str]]:
    """(anchor, heading) of the sections, for a list of contents."""
    tokens = PARSER.parse(text)
    _headings(tokens)
    return [
        (str(token.attrs["id"]), plain(tokens[place + 1]))
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]


def render(text: str, link: Callable[[str], str]) -> Markup:
    """A document without its title as HTML.

    Headings get anchors (`## What is there` is `#what-is-there`), tables and code can be scrolled
    with the keyboard, alignment is a class, as the site's policy allows no inline style.

    Args:
        text: Markdown; HTML in it is shown, not passed on.
        link: what a link of the document leads to on the site.
    """
    tokens = PARSER.parse(text)
    _headings(tokens)
    first = next(i for i, token in enumerate(tokens) if token.tag == "h1")
    tokens = tokens[:first] + tokens[first + 3 :]
    for token in tokens:
        _fit(token)
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs["href"] = link(str(child.attrs["href"]))
    html = PARSER.renderer.render(_without_empty_heads(tokens), PARSER.options, {})
    html = html.replace("<table>", '<div class="table-region narrow" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    return Markup(html.replace("<pre><code", '<pre class="command" tabindex="0"><code'))


def plain(inline: Token) -> str:
    """The text of a piece of Markdown without its marks."""
    return "".join(child.content for child in inline.children or ())


def anchor(heading: str) -> str:
    """The anchor of a heading, as code hosts make it.

    >>> anchor("Is it whole? The integrity report")
    'is-it-whole-the-integrity-report'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _headings(tokens: Sequence[Token]) -> None:
    """Give each heading its anchor; a second one of a name gets a number."""
    seen: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            name = anchor(plain(tokens[place + 1]))
            seen[name] = seen.get(name, 0) + 1
            token.attrs["id"] = name if seen[name] == 1 else f"{name}-{seen[name] - 1}"


def _fit(token: Token) -> None:
    """What the site's policy and its tables ask for."""
    style = token.attrs.pop("style", None)
    if style == "text-align:right":
        token.attrs["class"] = "number"
    if token.type == "th_open":
        token.attrs["scope"] = "col"


def _without_empty_heads(tokens: Sequence[Token]) -> list[Token]:
    """A head cell that says nothing is no head: it becomes a plain cell."""
    found = list(tokens)
    for place, token in enumerate(found):
        if token.type == "th_open" and not found[place + 1].content.strip():
            token.tag = found[place + 2].tag = "td"
            token.attrs.pop("scope")
    return found
