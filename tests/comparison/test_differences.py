"""Paired differences: against a plain bootstrap, both ways, with targets, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hmu_bench.comparison import compare_results
from hmu_bench.errors import InputError
from hmu_bench.metrics.table import METRICS, direction_on
from hmu_bench.records import Record
from hmu_bench.scoring.results import Result


@pytest.fixture(scope="module")
def found(results):
    """half minus little, with everything at hand."""
    return {
        (one.prompt_set, one.metric): one
        for one in compare_results(results["half"], results["little"], list(results.values()))
    }


def test_every_metric_of_both_and_the_scores(found, results):
    expected = {(n, m) for n, table in results["half"].record.metrics.items() for m in table}
    expected |= {(None, score) for score in ("suppression", "preservation", "hmu")}
    assert set(found) == expected
    for (prompt_set, metric), one in found.items():
        if prompt_set is not None:
            assert one.direction == direction_on(metric, prompt_set)
        if one.first is not None and one.second is not None:
            assert one.difference.value == pytest.approx(one.first - one.second, abs=1e-9)
        else:
            assert (one.difference.value, one.verdict) == (None, "unknown")


def slow_bootstrap(results, prompt_set, metric, draws=3000):
    """Differences of means over resampled base clips, by a loop."""
    first, second = (results[name].terms for name in ("half", "little"))
    rows = first.rows_of(prompt_set)
    gap = (first.columns[metric] - second.columns[metric])[rows]
    clips = np.array(first.base_clip)[rows]
    parts = [gap[clips == name] for name in sorted(set(clips))]
    random = np.random.default_rng(0)
    return [
        np.concatenate([parts[i] for i in random.integers(0, len(parts), len(parts))]).mean()
        for _ in range(draws)
    ]


@pytest.mark.parametrize(
    ("prompt_set", "metric"),
    [("forget", "violence_rate"), ("forget", "kid"), ("retain", "mm_dist"), ("implicit", "ncs_3")],
)
def test_intervals_by_another_bootstrap(found, results, prompt_set, metric):
    draws = slow_bootstrap(results, prompt_set, metric)
    one = found[prompt_set, metric].difference
    width = one.high - one.low
    # Ours are expanded percentiles: a little wider for few base clips.
    low, high = np.quantile(draws, [0.025, 0.975])
    assert one.low == pytest.approx(low, abs=0.12 * width)
    assert one.high == pytest.approx(high, abs=0.12 * width)


def test_verdicts(found):
    for (prompt_set, metric), one in found.items():
        gap = one.difference
        if gap.low is None or one.direction == "target":
            continue
        if gap.low <= 0 <= gap.high:
            assert one.verdict == "no difference"
        else:
            lower = METRICS[metric].forget_direction if prompt_set else "higher"
            assert one.verdict in ("better", "worse")
            assert (one.verdict == "better") == ((gap.value < 0) == (lower == "lower"))
    assert found["forget", "violence_rate"].verdict == "better"
    assert found[None, "suppression"].verdict == "better"
    assert found["retain", "penetration"].verdict == "no difference"  # 0 in every motion
    assert found["composed", "multimodality"].verdict == "unknown"  # 6 base clips


def test_a_target_is_the_retrained_or_the_real_value(found, results):
    """On forget closer to the retrained model, on retain closer to the real motions."""
    for prompt_set, name in (("forget", "retrained"), ("retain", "full-real")):
        for metric in ("diversity", "peak_jerk"):
            goal = results[name].record.metrics[prompt_set][metric].value
            one = found[prompt_set, metric]
            closer = abs(one.first - goal) < abs(one.second - goal)
            assert one.verdict in ("better" if closer else "worse", "no difference")
    assert found["forget", "fid"].verdict == "better"


def test_the_target_itself_is_better_only_where_it_differs(results):
    """Its distance is 0, and that of any other model is not, by chance alone."""
    for one in compare_results(results["retrained"], results["none"], list(results.values())):
        gap = one.difference
        if one.direction == "target" and one.prompt_set in ("forget", "implicit") and gap.low:
            apart = gap.low > 0 or gap.high < 0
            assert one.verdict == ("better" if apart else "no difference"), one.metric


def test_without_the_target_only_different(results):
    one = next(
        d
        for d in compare_results(results["half"], results["little"])
        if (d.prompt_set, d.metric) == ("forget", "fid")
    )
    assert one.verdict == "different"


def test_the_other_way_round(found, results):
    back = compare_results(results["little"], results["half"], list(results.values()))
    opposite = {"better": "worse", "worse": "better"}
    for one in back:
        other = found[one.prompt_set, one.metric]
        assert one.verdict == opposite.get(other.verdict, other.verdict)
        if one.difference.low is not None:
            assert one.difference.value == pytest.approx(-other.difference.value, abs=1e-9)
            assert (one.difference.low, one.difference.high) == pytest.approx(
                (-other.difference.high, -other.difference.low), rel=1e-6, abs=1e-9
            )


def test_a_record_and_itself(results):
    one = results["half"]
    copy = Result(Record.model_validate_json(one.record.to_json()), one.terms)
    for difference in compare_results(one, copy, list(results.values()), labels=("a", "b")):
        if difference.difference.value is not None:
            assert difference.difference.value == 0
            assert difference.verdict in ("no difference", "unknown")


def test_scores_need_the_bases_record(results):
    """Their values are in the records; an interval takes the base model's numbers."""
    found = {d.metric: d for d in compare_results(results["half"], results["little"])}
    assert found["hmu"].difference.value is not None
    assert found["hmu"].difference.low is None
    assert found["hmu"].verdict == "unknown"


def test_without_per_prompt_numbers(results):
    bare = Result(results["little"].record)
    for one in compare_results(results["half"], bare):
        if one.difference.value is not None:
            assert one.difference.interval == "none: no per-prompt numbers of both"
            assert one.verdict == "unknown"


def test_a_difference_beyond_all_numbers_has_a_reason(results):
    """Values of a stranger's record may be as large as numbers are."""
    pair = []
    for name, value in (("half", 1.7e308), ("little", -1.7e308)):
        raw = results[name].record.model_dump(mode="json")
        raw["metrics"]["retain"]["fid"] = {"value": value}
        pair.append(Result(Record.model_validate(raw)))
    found = {(d.prompt_set, d.metric): d for d in compare_results(*pair)}
    one = found["retain", "fid"]
    assert one.difference.value is None
    assert one.difference.reason == "the difference is too large for a number"
    assert (one.first, one.second, one.verdict) == (1.7e308, -1.7e308, "unknown")


def test_the_original_is_worse_than_the_methods(results):
    found = {
        d.metric: d
        for d in compare_results(results["original"], results["none"], list(results.values()))
        if d.prompt_set is None
    }
    assert found["suppression"].verdict == "worse"
    assert found["suppression"].first == 0


CHANGES = [
    ({"track": {"name": "other"}}, "of different tracks: full and other"),
    ({"track": {"sha256": "0" * 64}}, "versions of the track"),
    ({"protocol": "guo"}, "of different protocols: hmu-1 and guo"),
    ({"provenance": {"evaluator": {"sha256": "1" * 64}}}, "of different evaluators"),
    ({"kind": "reported", "provenance": {"citation": "x"}}, "'half' is reported"),
]


@pytest.mark.parametrize(("change", "word"), CHANGES)
def test_other_scales_are_refused(results, change, word):
    content = json.loads(results["half"].record.to_json())

    def merge(target, facts):
        for key, value in facts.items():
            if isinstance(value, dict):
                merge(target[key], value)
            else:
                target[key] = value

    merge(content, change)
    other = Result(Record.model_validate(content))
    with pytest.raises(InputError, match=word):
        compare_results(results["little"], other)


def test_other_prompts_are_refused(results):
    terms = results["half"].terms
    moved = replace(terms, prompt_id=["f" * 16, *terms.prompt_id[1:]])
    with pytest.raises(InputError, match="are of different prompts"):
        compare_results(results["little"], Result(results["half"].record, moved))
