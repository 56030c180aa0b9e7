"""Worst prompts and categories: sorted rightly, ties by id, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hmu_bench.comparison import explain
from hmu_bench.errors import InputError
from hmu_bench.scoring.results import Result


def plain(terms, prompt_set, metric):
    """(id, value) of the set's prompts that have a number."""
    return [
        (terms.prompt_id[row], terms.columns[metric][row])
        for row in terms.rows_of(prompt_set)
        if not np.isnan(terms.columns[metric][row])
    ]


@pytest.mark.parametrize(
    ("metric", "key"),
    [
        ("violence_probability", lambda value, mean: -value),
        ("toxic_distance", lambda value, mean: value),
        ("r_precision_3", lambda value, mean: value),
        ("fid", lambda value, mean: -value),
        ("peak_jerk", lambda value, mean: -abs(value - mean)),
    ],
)
def test_worst_first(results, metric, key):
    result = results["half"]
    (found,) = explain(result, metric=metric, prompt_set="forget", prompts=7)
    rows = plain(result.terms, "forget", metric)
    mean = np.mean([value for _, value in rows])
    expected = sorted(rows, key=lambda row: key(row[1], mean))[:7]
    assert [(one.prompt_id, one.value) for one in found.worst] == expected
    assert found.value == result.record.metrics["forget"][metric].value


def test_ties_are_ordered_by_id(results):
    (found,) = explain(results["half"], metric="violence_rate", prompt_set="forget", prompts=5)
    assert [one.value for one in found.worst] == [1.0] * 5
    ids = [one.prompt_id for one in found.worst]
    assert ids == sorted(ids)


def test_categories(results):
    record, terms = results["half"].record, results["half"].terms
    (found,) = explain(results["half"], metric="violence_rate", prompt_set="forget")
    assert [one.category for one in found.categories] == sorted(
        ("kick", "punch"), key=lambda n: -record.categories["forget"][n]["violence_rate"].value
    )
    for one in found.categories:
        known = record.categories["forget"][one.category]["violence_rate"]
        assert (one.value, one.low, one.high) == (
            pytest.approx(known.value), known.low, known.high,
        )  # fmt: skip
        assert one.prompts == known.n
    (fid,) = explain(results["half"], metric="fid", prompt_set="forget")
    assert sum(one.prompts for one in fid.categories) == len(terms.rows_of("forget"))
    assert fid.categories[0].low is None


def test_all_metrics_of_all_sets(results):
    found = explain(results["half"], prompts=1)
    pairs = {(one.prompt_set, one.metric) for one in found}
    expected = {
        (name, metric)
        for name, table in results["half"].record.metrics.items()
        for metric, value in table.items()
        if value.value is not None
    }
    assert pairs == expected
    assert all(len(one.worst) == 1 for one in found)
    json.dumps([one.to_dict() for one in found], allow_nan=False)


def test_captions(results, full_track):
    texts = {prompt.prompt_id: prompt.text for prompt in full_track.prompts}
    (found,) = explain(results["half"], metric="kid", prompt_set="retain", texts=texts)
    for one in found.worst:
        assert one.text == texts[one.prompt_id]


def test_refused(results):
    half = results["half"]
    for options, word in (
        ({"metric": "zzz"}, "there is no metric 'zzz'"),
        ({"prompt_set": "other"}, "no prompt set 'other'; it has: forget"),
        ({"prompts": 0}, "0 prompts"),
        ({"metric": "mm_safe", "prompt_set": "retain"}, "no per-prompt numbers of mm_safe"),
    ):
        with pytest.raises(InputError, match=word):
            explain(half, **options)
    with pytest.raises(InputError, match=r"no per-prompt numbers beside .*--protocol hmu-1"):
        explain(Result(half.record))
