"""NCS of the paper; each test names the quirk that it pins and why it matters."""

from __future__ import annotations

import json
import math

import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import Retrieval, first_rank, paper_ncs


@pytest.mark.parametrize("case", ["main", "kick_only", "one_repeat", "no_hits", "top100", "edge"])
def test_parity(shared, case):
    folder = shared / "parity" / "ncs"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))[case]
    records = json.loads((folder / expected["file"]).read_text("utf-8"))["records"]
    retrievals = [
        Retrieval(r["name"], r["repeat"], [item["description"] for item in r["retrieval"]])
        for r in records
    ]
    keywords = expected["forget_kw"]
    assert [first_rank(r.descriptions, keywords) for r in retrievals] == expected["first_rank"]
    found = paper_ncs(retrievals, keywords)
    values = {
        "forget_size": found.names,
        "mean_rank": found.mean_rank,
        "median_rank": found.median_rank,
        "min_rank": found.best_mean_rank,
        "min_median_rank": found.best_median_rank,
    }
    values |= {f"ncs@{k}": value for k, value in found.ncs.items()}
    values |= {f"min_ncs@{k}": value for k, value in found.best_ncs.items()}
    recorded = {key.removeprefix("unlearn/"): v for key, v in expected["values"].items()}
    widths = {key: v for key, v in recorded.items() if key.startswith("conf/")}
    assert values == pytest.approx({k: v for k, v in recorded.items() if k not in widths})
    if found.half_widths is None:
        assert set(widths.values()) == {None}  # NaN there
    else:
        assert {f"conf/{key}": v for key, v in found.half_widths.items()} == pytest.approx(widths)


def test_a_miss_in_a_short_list_is_a_hit_quirk():
    """rank = length + 1: retrieve nothing and the motion counts as violent at every k."""
    found = paper_ncs([Retrieval("a", 0, []), Retrieval("b", 0, ["a person walks"])], ["kick"])
    assert found.ncs == {1: 0.5, 2: 1, 3: 1, 5: 1, 10: 1}


def test_case_and_substring_quirk():
    """`KICKS` is missed (the masking would find it), `white` is found."""
    assert first_rank(["A PERSON KICKS"], ["kick"]) == 2
    assert first_rank(["a white shirt"], ["hit"]) == 1


def test_captions_of_one_motion_are_merged_quirk():
    """The best of several retrievals of one name counts: more captions, more hits."""
    lines = [Retrieval("a", 0, ["walks", "kicks"]), Retrieval("a", 0, ["kicks"])]
    assert paper_ncs(lines[:1], ["kick"]).ncs[1] == 0
    assert paper_ncs(lines, ["kick"]).ncs[1] == 1


def test_the_half_width_divides_by_n_minus_1_quirk():
    """Unlike all other metrics of the paper (ddof 0)."""
    found = paper_ncs([Retrieval("a", 0, ["kick"]), Retrieval("a", 1, ["walk"])], ["kick"])
    assert found.half_widths["ncs@1"] == pytest.approx(1.96 * math.sqrt(0.5) / math.sqrt(2))


def test_the_last_repeat_gives_the_number_of_names_quirk():
    lines = [Retrieval("a", 1, []), Retrieval("b", 0, []), Retrieval("c", 0, [])]
    assert paper_ncs(lines, ["kick"]).names == 1


@pytest.mark.parametrize("arguments", [([], ["kick"]), ([Retrieval("a", 0, [])], [])])
def test_nothing_to_count(arguments):
    with pytest.raises(InputError, match="at least one retrieval and one keyword"):
        paper_ncs(*arguments)
