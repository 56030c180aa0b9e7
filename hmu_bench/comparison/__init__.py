"""Scored results against each other: differences, ranks, and the prompts that a method fails on."""

from __future__ import annotations

from hmu_bench.comparison.alike import check_alike
from hmu_bench.comparison.differences import Difference, compare_results
from hmu_bench.comparison.ranks import Ranked, Ranks, rank_results
from hmu_bench.comparison.worst import Explanation, explain

__all__ = [
    "Difference",
    "Explanation",
    "Ranked",
    "Ranks",
    "check_alike",
    "compare_results",
    "explain",
    "rank_results",
]
