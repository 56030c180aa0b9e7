from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.records import Record
from leaderboard.tables import Table, all_tables
from leaderboard.tradeoff import LARGEST, Tradeoff, pareto, tradeoff
from tests.leaderboard.made_up import board, many, record, scores


def table_of(*records: Record) -> Table:
    (table,) = all_tables(records)
    return table


def of(*records: Record) -> Tradeoff:
    found = tradeoff(table_of(*records))
    assert found
    return found


def method(name: str, **changes: Any) -> Record:
    return record(id=name, method={"name": name, "base_model": "original"}, **changes)


def fids(forget: float, retain: float, half: float | None = None) -> dict[str, Any]:
    def value(x: float) -> dict[str, Any]:
        ends = {} if half is None else {"low": x - half, "high": x + half}
        return {"fid": {"value": x, **ends}}

    return {"forget": value(forget), "retain": value(retain)}


GONE = {"kind": "reference", "role": "retrained", "id": "retrained"}


def test_scores_are_the_axes_where_there_are_any() -> None:
    records = many(6)
    found = of(*records)
    assert found.scores
    assert (found.kept.label, found.forgotten.label) == ("Preservation", "Suppression")
    assert found.kept.domain == found.forgotten.domain == (0, 1)
    for point in found.points:
        own = point.record.scores
        assert own
        for measure, value in (
            (point.kept, own.preservation),
            (point.forgotten, own.suppression),
        ):
            assert (measure.value, measure.low, measure.high) == (
                value.value,
                value.low,
                value.high,
            )
    # null scores have no place
    assert [one.id for one in found.left_out] == ["real"]
    assert len(found.points) + 1 == len(records)


def test_without_scores_the_nearest_metrics_are() -> None:
    records = [one.model_copy(update={"scores": None}) for one in many(3)]
    found = of(*records)
    assert not found.scores
    assert found.kept.label == "KID on retain prompts"
    assert found.forgotten.label == "Violence rate on forget prompts"
    assert found.kept.lower
    assert found.forgotten.lower


def test_without_a_detector_it_is_the_distance_to_the_retrained_model() -> None:
    found = of(
        method("a", metrics=fids(2.0, 0.5, 1.0)),
        method("b", metrics=fids(9.0, 0.7, 3.0)),
        record(**GONE, metrics=fids(8.0, 0.6)),
    )
    assert "retrained" in found.forgotten.label
    places = {p.record.id: (p.forgotten, p.kept.value) for p in found.points}
    assert places["a"][0].value == 6.0
    assert (places["a"][0].low, places["a"][0].high) == (5.0, 7.0)
    # an interval that holds the reference begins at 0
    assert (places["b"][0].value, places["b"][0].low, places["b"][0].high) == (1.0, 0.0, 4.0)
    assert places["retrained"][0].value == 0.0
    assert places["b"][1] == 0.7
    assert found.has_intervals


def test_reported_figures_are_measured_from_the_reported_retrained_model() -> None:
    reported: dict[str, Any] = {
        "kind": "reported",
        "coverage": None,
        "provenance": {"package_version": "0.1.0", "citation": "Nobody 2026"},
    }
    found = of(
        method("a", metrics=fids(2.0, 0.5)),
        record(**GONE, metrics=fids(8.0, 0.6)),
        record(id="b", metrics=fids(5.0, 0.1), **reported),
        record(id="gone", role="retrained", metrics=fids(6.5, 0.1), **reported),
    )
    away = {p.record.id: p.forgotten.value for p in found.points}
    assert away == {"a": 6.0, "retrained": 0.0, "b": 1.5, "gone": 0.0}
    # reported methods are never set against scored ones
    assert [p.record.id for p in found.front] == ["a"]


def test_the_front_is_of_methods_that_answered_everything() -> None:
    part = {"coverage": {"prompts": 10, "answered": 9, "repeats": 1}}
    found = of(
        method("best", scores=scores(0.9, 0.9), **part),
        method("good", scores=scores(0.8, 0.3)),
        method("other", scores=scores(0.2, 0.7)),
        method("beaten", scores=scores(0.2, 0.3)),
        record(**GONE, scores=scores(1.0, 1.0)),
    )
    assert [p.record.id for p in found.front] == ["other", "good"]


def test_reported_methods_have_a_front_where_nothing_was_scored() -> None:
    figures = [one for one in board() if one.kind == "reported"]
    retrained = figures[0].model_copy(update={"id": "gone", "role": "retrained"})
    found = of(*figures, retrained)
    assert {p.record.id for p in found.front} <= {one.id for one in figures}
    assert found.front
    assert not found.has_intervals


@pytest.mark.parametrize("records", [[], [method("a", metrics={})], [record()]])
def test_there_is_no_picture_of_fewer_than_two_points(records: list[Record]) -> None:
    if records:
        assert tradeoff(table_of(*records)) is None


def test_a_value_beyond_all_others_is_left_out() -> None:
    found = of(
        method("a", metrics=fids(1.0, 1.0)),
        method("b", metrics=fids(1.0, 2 * LARGEST)),
        record(**GONE, metrics=fids(1.0, 2.0)),
    )
    assert [one.id for one in found.left_out] == ["b"]


coordinates = st.integers(0, 6).map(float)


@given(st.lists(st.tuples(coordinates, coordinates), max_size=12))
def test_pareto_is_what_nobody_beats(points: list[tuple[float, float]]) -> None:
    def beaten(i: int) -> bool:
        return any(
            all(a >= b for a, b in zip(other, points[i], strict=True)) and other != points[i]
            for other in points
        )

    assert pareto(points) == [i for i in range(len(points)) if not beaten(i)]


def test_the_front_falls_from_left_to_right() -> None:
    front = of(*many(40)).front
    assert len(front) > 2
    for a, b in itertools.pairwise(front):
        assert a.kept.value > b.kept.value
        assert a.forgotten.value < b.forgotten.value
