"""Documents on the site: nothing is lost, links lead on, anchors are those of code hosts."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from leaderboard.markdown import anchor, render, sections, title
from leaderboard.pages.docs import DOCS, on_site

PATHS = sorted(DOCS.glob("*.md"))
TAGS = re.compile(r"<[^>]*>")


def same(link: str) -> str:
    return link


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_word_of_a_document_is_on_its_page(path: Path) -> None:
    text = path.read_text("utf-8")
    shown = words(html.unescape(f"{title(text)} {TAGS.sub(' ', render(text, same))}"))
    text = re.sub(r"^```\w*$", "", text, flags=re.MULTILINE)  # the languages
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where links lead
    text = re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE)  # numbers of lists
    for word in set(words(text)):
        assert shown.count(word) >= text_count(text, word), word


def text_count(text: str, word: str) -> int:
    return words(text).count(word)


def test_markup_of_a_document_is_text() -> None:
    made = render("# T\n\n<script>alert(1)</script> [x](javascript:alert(1)) <b>", same)
    assert "<script" not in made
    assert "<b>" not in made
    assert 'href="javascript' not in made


def test_tables_and_code_fit_the_policy_and_the_keyboard() -> None:
    made = render("# T\n\n| a | |\n| --: | --- |\n| 1 | 2 |\n\n```sh\nx < y\n```\n", same)
    assert "style=" not in made
    assert '<td class="number">1</td>' in made
    assert '<th class="number" scope="col">a</th>' in made
    assert "<th></th>" not in made
    assert '<div class="table-region narrow" tabindex="0"><table>' in made
    assert '<pre class="command" tabindex="0"><code class="language-sh">x &lt; y' in made


def test_title_sections_and_anchors() -> None:
    text = "# The `T`\n\n## What is there?\n\n### Deep\n\n## What is there?\n"
    assert title(text) == "The T"
    assert sections(text) == [
        ("what-is-there", "What is there?"),
        ("what-is-there-1", "What is there?"),
    ]
    made = render(text, same)
    assert "<h1" not in made
    assert made.count('id="what-is-there"') == 1
    assert anchor("`hmu-1`, thin") == "hmu-1-thin"


def test_links_between_documents_and_out() -> None:
    assert on_site("sample.md", "protocols") == "../sample/index.html"
    assert on_site("README.md", "protocols") == "../index.html"
    assert on_site("#flags", "submissions") == "#flags"
    assert on_site("https://example.org/x.md", "sample") == "https://example.org/x.md"


def test_every_document_is_reached_from_the_index(site: Path) -> None:
    index = (site / "docs" / "index.html").read_text("utf-8")
    for path in PATHS:
        if path.stem != "README":
            assert f'href="{path.stem}/index.html"' in index
