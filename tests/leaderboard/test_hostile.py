"""Records of a stranger who means harm: their text is text, on every page and in every download."""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from markupsafe import escape

from hmu_bench.files import sha256_bytes
from hmu_bench.records import Record
from hmu_bench.submissions.preview import Preview, write_preview
from leaderboard.build import build
from leaderboard.frame import CONTENT_SECURITY_POLICY as POLICY
from leaderboard.links import submission_path
from leaderboard.text import shown
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import record, sha, write_store
from tests.leaderboard.moving import preview_of

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
    store = write_store(records, folder / "records")
    for one, text in zip(records, ATTACKS, strict=True):
        if one.kind == "scored":
            beside(store / "hostile" / one.id, one, text)
    build(folder / "site", store, base_url="https://example.org/board/")
    return folder / "site"


def beside(stem: Path, record: Record, text: str) -> None:
    """A dated scoring and a preview whose caption is the text."""
    facts = {"finished": "2026-11-22T14:00:00Z", "machine": text, text: text}
    stem.with_suffix(".run.json").write_text(json.dumps(facts))
    preview = preview_of(record, text=text)
    of = {
        "track": record.track.name,
        "track_version": record.track.version,
        "track_sha256": sha256_bytes(record.id.encode()),  # of one track all captions must agree
        "submission": record.id,
    }
    write_preview(
        Preview(preview.facts.model_copy(update=of), preview.motions),
        stem.with_suffix(".preview.safetensors"),
    )


def test_every_page_has_the_policy(hostile: Path) -> None:
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
    pages = list(hostile.rglob("*.html"))
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert text.count("http-equiv") == text.count(policy) == 1
        head = text[: text.index(policy)]
        assert "<script" not in head
        assert "<link" not in head
    assert len(pages) > 2 * len(ATTACKS)


def test_data_for_the_scripts_is_data(hostile: Path) -> None:
    """One call with a name and JSON, whatever the texts are: nothing of them is code."""
    found = list((hostile / "data").rglob("*.js"))
    for path in found:
        called = re.fullmatch(
            r"hmu\.data\((\"[a-z0-9./_-]+\"), (.+)\);\n", path.read_text(encoding="utf-8")
        )
        assert called, path
        assert json.loads(called[1]) == path.relative_to(hostile).as_posix()
        json.loads(called[2])
        # line ends of JavaScript that JSON allows in a text
        assert not set("\u2028\u2029") & set(called[2])
    assert {path.relative_to(hostile).parts[1] for path in found} == {"motions", "compare"}


def test_feed_sitemap_and_badges_hold_nothing_but_text(hostile: Path) -> None:
    feed = ET.parse(hostile / "feed.xml").getroot()
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == len(ATTACKS[::3])
    tags = {"feed", "title", "subtitle", "id", "updated", "link", "author", "name", "entry",
            "summary"}  # fmt: skip
    assert {element.tag.rpartition("}")[2] for element in feed.iter()} <= tags
    places = {element.text for element in ET.parse(hostile / "sitemap.xml").getroot().iter()}
    assert all(p.startswith("https://example.org/board/") for p in places if p and p.strip())
    for path in hostile.rglob("badge.svg"):
        for element in ET.parse(path).getroot().iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "image", "a")
            assert not [name for name in element.attrib if name.lower().startswith("on")]
            assert not [name for name in element.attrib if name.endswith("href")]


def test_every_file_has_a_plain_name(hostile: Path) -> None:
    for path in hostile.rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*|\.[a-z-]+", path.name), path
        assert not path.is_symlink()


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
