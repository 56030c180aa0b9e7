from __future__ import annotations

import re

import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import NAMES
from hmu_bench.metrics.table import METRICS, card, card_lines, find, overview


@pytest.mark.parametrize("name", METRICS)
def test_every_metric(name):
    metric = METRICS[name]
    assert metric.name == name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    for text in (metric.label, metric.formula, metric.source):
        assert text == text.strip() != ""
    low, high = metric.range
    assert low is None or high is None or low < high
    assert card(metric)["range"] == [low, high]
    assert find(name) == [metric]
    assert metric.protocols
    assert set(metric.protocols) <= {"paper", "guo", "hmu-1"}
    assert card(metric)["protocols"] == list(metric.protocols)
    assert metric.note == metric.note.strip()


def test_labels_are_unique():
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)


def test_cards_say_only_what_applies():
    assert "range: at least 0" in card_lines(METRICS["fid"])
    assert "range: 0 to 1" in card_lines(METRICS["notox_accuracy"])
    assert "needs: masked" in card_lines(METRICS["mm_safe"])
    assert not any(line.startswith(("unit", "needs")) for line in card_lines(METRICS["fid"]))


def test_what_each_protocol_gives():
    of = {p: {m.name for m in METRICS.values() if p in m.protocols} for p in
          ("paper", "guo", "hmu-1")}  # fmt: skip
    assert of["paper"] == set(NAMES)
    assert of["guo"] == set(NAMES) - {"mm_safe", "toxic_distance", "notox_accuracy"}
    assert of["hmu-1"] == set(METRICS)
    assert card_lines(METRICS["kid"])[-2] == "protocols: hmu-1"


def test_the_card_of_fid_tells_how_to_read_it():
    note = METRICS["fid"].note
    assert "266" in note
    assert "KID" in note
    assert f"note: {note}" in card_lines(METRICS["fid"])


def test_overview_has_a_row_for_each():
    headers, rows = overview(find())
    assert [row[0] for row in rows] == list(METRICS)
    assert {len(row) for row in rows} == {len(headers)}


def test_unknown_names():
    with pytest.raises(InputError, match="did you mean 'r_precision_1'"):
        find("r_precision1")
    with pytest.raises(InputError, match="known: fid, kid, mm_dist"):
        find("zzz")
