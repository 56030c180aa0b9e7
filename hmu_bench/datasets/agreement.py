"""How two configurations agree on the same clips."""

from __future__ import annotations

from collections.abc import Sequence

from hmu_bench.datasets.model import Role
from hmu_bench.datasets.report import Agreement, Some

KAPPA_DECIMALS = 4


def cohens_kappa(both: int, only_first: int, only_second: int, neither: int) -> float | None:
    """Agreement beyond chance of two raters who sort the same items into two classes.

    (p_o - p_e) / (1 - p_e): p_o is the share on which they agree, p_e the share on which they
    would agree if each kept its rates and chose at random. In [-1, 1], 1 = they always agree.
    None where p_e is 1: both use one and the same class only.

    Source: Cohen, A coefficient of agreement for nominal scales, 1960.

    >>> cohens_kappa(20, 5, 10, 15), cohens_kappa(0, 0, 0, 9)
    (0.4, None)
    """
    total = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    # Both sides times total squared, so that whole numbers stay exact.
    chance = first * second + (total - first) * (total - second)
    if chance == total * total:
        return None
    return ((both + neither) * total - chance) / (total * total - chance)


def agreement(
    config: str, papers: str, clip_ids: Sequence[str], labels: Sequence[Sequence[Role]]
) -> Agreement:
    """Compare the labels of two configurations, given in the order of the clips.

    Args:
        config: name of the first.
        papers: name of the second, the paper's rule.
        clip_ids: the clips.
        labels: of the first and of the second.
    """
    pairs = list(zip(*labels, strict=True))
    only_config = [i for i, p in zip(clip_ids, pairs, strict=True) if p == ("forget", "retain")]
    only_papers = [i for i, p in zip(clip_ids, pairs, strict=True) if p == ("retain", "forget")]
    both, neither = pairs.count(("forget", "forget")), pairs.count(("retain", "retain"))
    kappa = cohens_kappa(both, len(only_config), len(only_papers), neither)
    return Agreement(
        config=config,
        papers=papers,
        both_forget=both,
        both_retain=neither,
        only_config=Some.of(only_config),
        only_papers=Some.of(only_papers),
        kappa=None if kappa is None else round(kappa, KAPPA_DECIMALS),
    )
