"""Records of a stranger who means harm: their text is text, on every page and in every download."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from hmu_bench.records import Record
from leaderboard.build import build
from leaderboard.links import submission_path
from leaderboard.text import shown
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import record, sha, write_store

ATTACKS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    "\"><svg onload=window.hacked=1>",
    "'><iframe src=javascript:window.hacked=1>",
    "</title></td></table><h1>Best of all</h1>",
    "<!-- -->{{ 7 * 7 }}{% for x in y %}{# #}",
    "<base href=//example.org><style>body{display:none}</style>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "evil\u202egnp.exe\u202c \u2066isolate",
    "zero\u200bwidth\u200d\ufeff joined\u2060",
    "עברית عربى mixed with 0.999",
    "Z" + "\u0301\u0489" * 60,
    "W" * 200,
    "javascript:window.hacked=1//",
    "=HYPERLINK(\"http://example.org\")",
    "\u3164",
    "line\nbreak\ttab\x00null\x1b[31m",
    "]]><![CDATA[",
]  # fmt: skip


def attacked(place: int, text: str) -> Record:
    """A record with the text in every field that takes one."""
    text = text[:200]
    return record(
        id=f"h{place}",
        kind=("scored", "reported", "reference")[place % 3],
        track={"name": "hostile", "version": text},
        method={
            "name": text,
            "description": text * 3,
            "base_model": "h0",
            "unlearned": [text, text],
            "authors": [text],
            "paper": "https://example.org/%22%3E%3Cscript%3E?a=1&b={{x}}#" + "a" * 400,
            "code": "http://example.org/a;b&quot;",
            "license": text,
            "family": text,
            "notes": text,
        },
        flags=[{"name": "x", "message": text}],
        metrics={
            "forget": {
                "fid": {"value": 1.5, "low": 1.0, "high": 2.0, "interval": text},
                "mm_safe": {"value": None, "reason": text},
                "mm_dist": {"value": 1e300, "low": -1e300, "high": 1e308},
                "diversity": {"value": 5e-324},
            }
        },
        categories={"forget": {"kick": {"mm_dist": {"value": None, "reason": text}}}},
        scores={
            "suppression": {"value": 0.5, "low": 0.4, "high": 0.6, "interval": text},
            "preservation": {"value": None, "reason": text},
            "hmu": {"value": None, "reason": text},
        },
        provenance={
            "package_version": text,
            "evaluator": {"id": text, "revision": text, "sha256": sha("b")},
            "command": text,
            "citation": text,
        },
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    records = [attacked(place, text) for place, text in enumerate(ATTACKS)]
    build(folder / "site", write_store(records, folder / "records"))
    return folder / "site"


def test_nothing_invisible_is_in_any_page_or_table(hostile: Path) -> None:
    for path in [*hostile.rglob("*.html"), *hostile.rglob("*.csv")]:
        for character in path.read_text(encoding="utf-8"):
            category = unicodedata.category(character)
            assert character in "\n\t" or category not in ("Cc", "Cf", "Zl", "Zp"), (
                path,
                character,
            )


def as_text(text: str) -> str:
    """How a browser gives back a line of text that it shows."""
    return " ".join(shown(text).split()) or "(no name)"


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_hostile_records_are_text_and_run_nothing(
    width: int, hostile: Path, open_page: Open
) -> None:
    page = open_page(hostile / "index.html", width=width)
    kinds = set()
    for path in sorted(hostile.rglob("*.html")):
        if path.name == "404.html":  # its files lie at a host's root; it holds no record
            continue
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked") is None
        assert (
            page.locator(
                "script:not([src$='assets/site.js'], [src*='/data/compare/']), "
                "img:not([src='badge.svg']), iframe, object, embed, style, base, form"
            ).count()
            == 0
        )
        assert page.locator("[onload], [onerror], [onclick], [style]").count() == 0
        assert page.locator("h1").count() == 1
        assert page.locator("a[href^='javascript' i]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        kinds.add(path.relative_to(hostile).parts[0])
    assert kinds >= {"index.html", "metrics", "downloads", "tracks", "submissions"}


@pytest.mark.browser
def test_hostile_text_is_shown_in_full(hostile: Path, open_page: Open) -> None:
    names = {}
    for path in sorted(hostile.glob("tracks/hostile/*/*/index.html")):
        page = open_page(path)
        names |= {
            row.get_attribute("data-id"): row.locator("th bdi").inner_text()
            for row in page.locator("tr[data-id]").all()
        }
    assert {i: " ".join(name.split()) for i, name in names.items()} == {
        f"h{place}": as_text(text) for place, text in enumerate(ATTACKS)
    }
    for place, text in enumerate(ATTACKS):
        page.goto((hostile / submission_path(attacked(place, text))).as_uri())
        assert as_text(page.locator("h1").inner_text()) == as_text(text)
        title = " ".join(f"{shown(text)} on hostile · hmu-bench".split())
        assert page.title() == title
        for link in page.locator("a[href^=http]").all():
            assert link.get_attribute("rel") == "noopener noreferrer nofollow"
            assert (link.get_attribute("href") or "").startswith(
                ("https://example.org/", "http://example.org/")
            )


@pytest.mark.browser
def test_direction_tricks_stay_in_their_cell(hostile: Path, open_page: Open) -> None:
    """Text from right to left moves nothing outside of its own element."""
    page = open_page(hostile / "tracks" / "hostile" / "index.html")
    for row in page.locator("tr[data-id]").all():
        isolate = row.locator("th bdi").evaluate("e => getComputedStyle(e).unicodeBidi")
        assert isolate == "isolate"
    values = page.locator(".results td data").all_inner_texts()
    assert values[0] == "0.50"
    assert "1.50" in values
