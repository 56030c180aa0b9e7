"""Names and links of strangers, in every model at the edges."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from hmu_bench.models import LongText, ShortText, Slug, check_link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "example.org",
        "ftp://example.org",
        "https:/example.org",
        "https://example.org/a b",
        "https://example.org/\"onmouseover='x'",
        "https://example.org/<script>",
        "https://example.org/`",
        "https://example.org\\@other.org",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\u200b",
        "https://example.org/\x1b[31m",
        "https://example.org/\ud800",
        "https://example.org/" + "x" * 500,
        "",
    ],
)
def test_links_that_are_refused(link):
    with pytest.raises(ValueError, match="http"):
        check_link(link)


@pytest.mark.parametrize("link", [None, "https://example.org/a?b=c&d=%20#e", "HTTP://example.org"])
def test_links(link):
    assert check_link(link) == link


@pytest.mark.parametrize(
    "name",
    [
        "", "A", "a b", "a/b", "..", ".a", "a.", "-a", "../a", "a\n", "a\x00", "\u0430", "a\u0308b",
        "\u00e4", "a\u200bb", "a\u202eb", "\uff41", "a" * 81, "con\\", "a\u0131",
    ],
)  # fmt: skip
def test_names_that_are_refused(name):
    """Lower-case ASCII only: no two names look alike, differ by case, or are a path."""
    with pytest.raises(ValidationError):
        TypeAdapter(Slug).validate_python(name)


@pytest.mark.parametrize("name", ["a", "my-method.v2_final", "0", "a" * 80])
def test_names(name):
    assert TypeAdapter(Slug).validate_python(name) == name


@pytest.mark.parametrize(("kind", "most"), [(ShortText, 200), (LongText, 4000)])
def test_texts_have_a_length_and_are_unicode(kind, most):
    adapter = TypeAdapter(kind)
    assert adapter.validate_python("x" * most)
    for text in ("x" * (most + 1), "\ud800"):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
