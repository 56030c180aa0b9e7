from __future__ import annotations

import re

import pytest

from hmu_bench.errors import InputError
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


def test_labels_are_unique():
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)


def test_cards_say_only_what_applies():
    assert "range: at least 0" in card_lines(METRICS["fid"])
    assert "range: 0 to 1" in card_lines(METRICS["notox_accuracy"])
    assert "needs: masked" in card_lines(METRICS["mm_safe"])
    assert not any(line.startswith(("unit", "needs")) for line in card_lines(METRICS["fid"]))


def test_overview_has_a_row_for_each():
    headers, rows = overview(find())
    assert [row[0] for row in rows] == list(METRICS)
    assert {len(row) for row in rows} == {len(headers)}


def test_unknown_names():
    with pytest.raises(InputError, match="did you mean 'r_precision_1'"):
        find("r_precision1")
    with pytest.raises(InputError, match="known: fid, mm_dist"):
        find("zzz")
