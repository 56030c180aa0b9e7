"""Rank intervals of records: against `rank_intervals`, scores included; who is ranked."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hmu_bench.comparison import blocks as blocks_module
from hmu_bench.comparison import rank_results
from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals import rank_intervals
from hmu_bench.records import Record
from hmu_bench.scoring.results import Result

METHODS = ("half", "none", "little")


@pytest.fixture(scope="module")
def ranks(results):
    return rank_results(list(results.values()))


def columns(results, metric, prompt_set, names=METHODS):
    terms = [results[name].terms for name in names]
    rows = terms[0].rows_of(prompt_set)
    groups = np.array(terms[0].base_clip)[rows]
    return [one.columns[metric][rows] for one in terms], groups


@pytest.mark.parametrize(
    ("prompt_set", "metric", "direction", "target"),
    [
        ("forget", "violence_rate", "lower", None),
        ("retain", "fid", "lower", None),
        ("retain", "r_precision_3", "higher", None),
        ("forget", "fid", "target", "retrained"),
        ("implicit", "peak_jerk", "target", "retrained"),
        ("retain", "diversity", "target", "full-real"),
    ],
)
def test_as_the_ranks_of_one_metric(ranks, results, prompt_set, metric, direction, target):
    terms, groups = columns(results, metric, prompt_set)
    goal = columns(results, metric, prompt_set, [target])[0][0] if target else None
    expected = rank_intervals(terms, groups, direction, target=goal)
    found = ranks.metrics[prompt_set][metric]
    assert found.direction == direction
    assert found.ranks == dict(zip(METHODS, expected, strict=True))


def test_scores(ranks, results):
    """Clear in suppression, open in preservation; in the order of the records' values."""
    for name, found in ranks.scores.items():
        values = {m: getattr(results[m].record.scores, name).value for m in METHODS}
        for method, rank in found.ranks.items():
            assert rank.rank == 1 + sum(v > values[method] for v in values.values())
            assert rank.low <= rank.rank <= rank.high
    assert [ranks.scores["suppression"].ranks[m].rank for m in METHODS] == [2, 1, 3]
    assert all(r.low == r.high for r in ranks.scores["suppression"].ranks.values())
    assert all((r.low, r.high) == (1, 3) for r in ranks.scores["preservation"].ranks.values())


def test_only_complete_submissions_are_ranked(ranks, results):
    for table in [*ranks.metrics.values(), ranks.scores]:
        for found in table.values():
            assert set(found.ranks) | set(found.left_out) == set(METHODS)
    content = json.loads(results["half"].record.to_json())
    cases = {
        "dry_run": True,
        "coverage": content["coverage"] | {"answered": 3},
        "kind": "reference",
    }
    for key, value in cases.items():
        other = Result(Record.model_validate(content | {key: value}), results["half"].terms)
        found = rank_results([other, results["none"], results["little"]])
        assert set(found.metrics["forget"]["ncs_1"].ranks) == {"none", "little"}


def test_who_has_no_rank_is_told_why(results):
    alone = rank_results([results[name] for name in METHODS])
    assert "fid" not in alone.metrics["forget"]  # its target is not there
    assert alone.scores == {}
    bare = [Result(results["half"].record), *(results[n] for n in ("original", "none", "little"))]
    found = rank_results(bare)
    why = "there are no per-prompt numbers beside the record"
    assert found.metrics["retain"]["kid"].left_out == {"half": why}
    assert found.scores["hmu"].left_out == {"half": why}
    other = Result(Record.model_validate_json(
        results["original"].record.to_json().replace('"method": {\n    "name": "Stand-in"',
                                                     '"method": {\n    "name": "Other"')
    ), results["original"].terms)  # fmt: skip
    found = rank_results([other, *(results[n] for n in METHODS)])
    assert found.scores == {}  # scored against another record of that name


def test_wide_tables_are_cut(results, ranks, monkeypatch):
    """Blocks of few columns give the same ranks."""
    monkeypatch.setattr(blocks_module, "WIDEST", 7)
    assert rank_results(list(results.values())) == ranks


def test_json(ranks):
    text = json.dumps(ranks.to_dict(), allow_nan=False)
    found = json.loads(text)
    assert found["scores"]["hmu"]["ranks"]["none"]["rank"] == 1
    assert found["metrics"]["forget"]["fid"]["direction"] == "target"


def test_refused(results):
    with pytest.raises(InputError, match="two records are called 'half'"):
        rank_results([results["half"], results["half"]])
    with pytest.raises(InputError, match="0 records"):
        rank_results([])
