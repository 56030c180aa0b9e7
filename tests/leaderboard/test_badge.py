from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.badge import alternative, badge, result, width
from tests.leaderboard.conftest import Open
from tests.leaderboard.made_up import board, record
from tests.leaderboard.rich import rich

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_it_tells_track_and_score() -> None:
    assert texts(badge(rich())) == ["hmu-bench · made-up-track", "hmu 0.712 [0.680, 0.744]"]
    scores = {name: {"value": 0.5} for name in ("suppression", "preservation", "hmu")}
    assert result(rich(scores=scores)) == "hmu 0.500"


def test_without_a_score_it_tells_the_kind() -> None:
    found = {one.id: result(one) for one in board() if one.track.name == "made-up-track"}
    assert found == {
        "real": "reference (real motions)",
        "original": "reference (original model)",
        "retrained": "reference (retrained model)",
        "erase": "scored, paper",
        "another": "scored, guo",
        "paper.figures": "reported",
        "second-figures": "reported",
    }
    none = {name: {"value": None, "reason": "x"} for name in ("suppression", "preservation", "hmu")}
    assert result(rich(scores=none)) == "scored, hmu-1"
    assert result(rich(kind="reported", role="original", provenance={
        "package_version": "1", "citation": "x"})) == "reported (original model)"  # fmt: skip


def test_its_name_is_the_same_for_every_reader() -> None:
    root = ET.fromstring(badge(rich()))
    assert root.get("role") == "img"
    assert root.get("aria-label") == alternative(rich())
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == alternative(rich())
    assert alternative(rich()).startswith("hmu-bench: Rich on made-up-track, version 1")


def test_halves_are_as_wide_as_their_texts() -> None:
    root = ET.fromstring(badge(rich()))
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    left, right = root.iter(f"{SVG}text")
    first = int(left.get("textLength") or 0) + 16
    assert int(right.get("x") or 0) == first + 8
    assert int(root.get("width") or 0) == first + int(right.get("textLength") or 0) + 16


@given(st.text(max_size=200))
def test_any_name_makes_wellformed_xml_that_holds_nothing_else(name: str) -> None:
    root = ET.fromstring(badge(record(method={"name": name.encode("utf-8", "replace").decode()})))
    assert {node.tag for node in root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "path", "g", "text")
    }
    names = {key for node in root.iter() for key in node.attrib}
    assert not [key for key in names if key.startswith("on") or "href" in key]


@given(st.text(max_size=50), st.text(max_size=50))
def test_more_text_is_no_narrower(one: str, other: str) -> None:
    assert width(one) <= width(one + other)


@pytest.mark.browser
def test_a_browser_draws_the_text_as_wide_as_told(open_page: Open, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "badge.svg"
    path.write_text(badge(rich()), encoding="utf-8")
    page = open_page(path)
    drawn = page.evaluate(
        """[...document.querySelectorAll('text')].map(
             t => [t.getBoundingClientRect().width, Number(t.getAttribute('textLength'))])"""
    )
    assert len(drawn) == 2
    for real, told in drawn:
        assert abs(real - told) < 1.5
