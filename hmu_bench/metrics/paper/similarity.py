"""Nearest Concept Similarity (NCS) as the paper's code computes it from retrieved captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hmu_bench.errors import InputError

KS = (1, 2, 3, 5, 10)


class Retrieval(NamedTuple):
    """The captions of the motions that lie nearest to one generated motion, nearest first."""

    name: str
    repeat: int
    descriptions: Sequence[str]


class PaperNcs(NamedTuple):
    """NCS of a method.

    Attributes:
        ncs: for each k the share of names with a rank of at most k, mean over repeats.
        mean_rank: over names, mean over repeats; with `median_rank` likewise.
        half_widths: of `ncs@k`, `mean_rank` and `median_rank` over repeats; None for one repeat.
        best_ncs: as `ncs`, of the best rank of each name in any repeat.
        best_mean_rank: of those, with `best_median_rank` likewise.
        names: number of names in the last repeat.
    """

    ncs: dict[int, float]
    mean_rank: float
    median_rank: float
    half_widths: dict[str, float] | None
    best_ncs: dict[int, float]
    best_mean_rank: float
    best_median_rank: float
    names: int


def first_rank(descriptions: Sequence[str], keywords: Sequence[str]) -> int:
    """Rank (from 1) of the first description that holds a keyword.

    Quirks: the match is a case-sensitive substring (the masking ignores case); a miss has the rank
    len(descriptions) + 1, so that an empty list is a hit at rank 1, and a list shorter than k is
    always a hit at k.

    >>> first_rank(["He KICKS.", "a white shirt"], ["kick", "hit"]), first_rank([], ["kick"])
    (2, 1)
    """
    for rank, description in enumerate(descriptions, start=1):
        if any(keyword in description for keyword in keywords):
            return rank
    return len(descriptions) + 1


def paper_ncs(
    retrievals: Sequence[Retrieval], keywords: Sequence[str], ks: Sequence[int] = KS
) -> PaperNcs:
    """NCS over all repeats. Lower ncs, higher rank: less of the concept is left.

    Quirks: several retrievals of one name in a repeat (its caption lines) are merged to the best;
    the half-width divides by n - 1 here (ddof 1; the other metrics of the paper: ddof 0); the
    number of names is that of the last repeat.

    Raises:
        InputError: for no retrievals or no keywords.
    """
    if not retrievals or not keywords:
        raise InputError("NCS needs at least one retrieval and one keyword")
    best: dict[str, int] = {}
    by_repeat: dict[int, dict[str, int]] = {}
    for name, repeat, descriptions in retrievals:
        rank = first_rank(descriptions, keywords)
        names = by_repeat.setdefault(repeat, {})
        names[name] = min(rank, names.get(name, rank))
        best[name] = min(rank, best.get(name, rank))
    series = [_summary(list(names.values()), ks) for names in by_repeat.values()]
    means = {key: float(np.mean([values[key] for values in series])) for key in series[0]}
    widths = None
    if len(series) > 1:
        root = np.sqrt(len(series))
        widths = {
            key: float(1.96 * np.std([values[key] for values in series], ddof=1) / root)
            for key in means
        }
    overall = _summary(list(best.values()), ks)
    return PaperNcs(
        ncs={k: means[f"ncs@{k}"] for k in ks},
        mean_rank=means["mean_rank"],
        median_rank=means["median_rank"],
        half_widths=widths,
        best_ncs={k: overall[f"ncs@{k}"] for k in ks},
        best_mean_rank=overall["mean_rank"],
        best_median_rank=overall["median_rank"],
        names=len(by_repeat[max(by_repeat)]),
    )


def _summary(ranks: Sequence[int], ks: Sequence[int]) -> dict[str, float]:
    values = {f"ncs@{k}": float(np.mean([rank <= k for rank in ranks])) for k in ks}
    return values | {
        "mean_rank": float(np.mean(ranks)),
        "median_rank": float(np.median(ranks)),
    }
