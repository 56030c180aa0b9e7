from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.scatter import NARROW, WIDE, Frame, Scale, extent, scatter, shape, ticks
from leaderboard.tables import all_tables
from leaderboard.tradeoff import Axis, Measure, tradeoff
from tests.leaderboard.made_up import many

SVG = "{http://www.w3.org/2000/svg}"


def drawn(methods: int, frame: Frame = WIDE) -> ET.Element:
    (table,) = all_tables(many(methods))
    picture = tradeoff(table)
    assert picture
    text = str(scatter(picture, frame, "x"))
    return ET.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@pytest.mark.parametrize("frame", [WIDE, NARROW])
def test_every_point_stands_where_its_values_say(frame: Frame) -> None:
    (table,) = all_tables(many(12))
    picture = tradeoff(table)
    assert picture
    places = {}
    for group in drawn(12, frame).iter(f"{SVG}g"):
        if "data-id" in group.attrib:
            path = group.findall(f"{SVG}path")[-1].attrib["d"]
            first = path[1:].split("a")[0].split("h")[0].split("l")[0].split()
            places[group.attrib["data-id"]] = (float(first[0]), float(first[1]))
    methods = [p for p in picture.points if p.record.role == "method"]
    # affine in both axes: the outermost points fix the scale, all others must follow it
    for axis, measures in enumerate(([p.kept for p in methods], [p.forgotten for p in methods])):
        found = sorted(
            (measure.value, places[point.record.id][axis])
            for measure, point in zip(measures, methods, strict=True)
        )
        (low, start), (high, end) = found[0], found[-1]
        assert (end > start) == (axis == 0)
        for value, place in found:
            share = (value - low) / (high - low)
            assert place == pytest.approx(start + share * (end - start), abs=0.15)


def test_where_lower_is_better_the_axis_runs_backwards() -> None:
    scale = Scale(worst=10.0, best=0.0, start=50.0, end=150.0)
    assert (scale(10.0), scale(5.0), scale(0.0)) == (50.0, 100.0, 150.0)
    assert scale(1e9) == 50.0
    assert scale(-1e9) == 150.0


def test_it_has_a_title_a_description_and_a_name_on_every_mark() -> None:
    svg = drawn(5)
    ids = {one.attrib["id"] for one in svg.iter() if "id" in one.attrib}
    assert set(svg.attrib["aria-labelledby"].split()) <= ids
    assert svg.attrib["role"] == "img"
    marks = [g for g in svg.iter(f"{SVG}g") if "data-id" in g.attrib]
    assert len(marks) == 7
    assert all(mark.find(f"{SVG}title") is not None for mark in marks)


@pytest.mark.parametrize("methods", [0, 1, 30, 200])
def test_nothing_leaves_the_picture(methods: int) -> None:
    svg = drawn(methods, NARROW)
    for text in svg.iter(f"{SVG}text"):
        if text.attrib.get("class", "").startswith("label"):
            assert 0 <= float(text.attrib["x"]) <= NARROW.width
            assert 0 <= float(text.attrib["y"]) <= NARROW.height


def test_a_picture_is_the_same_each_time() -> None:
    assert ET.tostring(drawn(30)) == ET.tostring(drawn(30))


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.floats(1e-6, 1e9, allow_nan=False),
)
def test_ticks_are_few_even_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < 1e-6 * max(abs(low), abs(high), 1.0):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 12
    slack = 1e-6 * width
    assert all(low - slack <= tick <= high + slack for tick in found)
    steps = {round((b - a) / width, 4) for a, b in itertools.pairwise(found)}
    assert len(steps) <= 1 or max(steps) - min(steps) < 2e-3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 10.0], (0.0, 10.0)),  # zero is near: a perfect distance is in the picture
        ([9.0, 10.0], (9.0, 10.0)),  # zero is far: nothing but empty ground would be added
        ([-1.0, 3.0], (-1.0, 3.0)),
        ([2.0, 2.0], (2.0, 3.0)),
    ],
)
def test_extent(values: list[float], expected: tuple[float, float]) -> None:
    low, high = extent(Axis("a", "b", lower=True), [Measure(v) for v in values])
    air = 0.04 * (expected[1] - expected[0])
    assert low == pytest.approx(expected[0] - air)
    assert high == pytest.approx(expected[1] + air)


def test_extent_holds_the_intervals() -> None:
    low, high = extent(Axis("a", "b", lower=True), [Measure(5.0, 4.0, 7.0), Measure(6.0)])
    assert low < 4.0
    assert high > 7.0
    assert extent(Axis("a", "b", lower=False, domain=(0, 1)), [])[1] > 1


def test_roles_have_shapes_of_their_own() -> None:
    assert len({shape(role, 0, 0) for role in ("method", "original", "retrained", "real")}) == 4
