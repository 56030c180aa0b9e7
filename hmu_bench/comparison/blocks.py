"""Per-prompt numbers of several results side by side, in blocks that are resampled together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import PromptSet
from hmu_bench.scoring.results import Result

Floats = NDArray[np.float64]

WIDEST = 512
"""Columns of a block: the resampled means of one take 40 MB."""


@dataclass(frozen=True)
class Block:
    """Numbers of one prompt set, all of the same prompts.

    Attributes:
        groups: (n,) base clips.
        columns: metric -> place of the result -> (n,) its terms.
    """

    groups: NDArray[np.str_]
    columns: dict[str, dict[int, Floats]]

    def table(self) -> tuple[list[tuple[str, int]], Floats]:
        """The columns as a table (n, K), and (metric, place) of each."""
        names = [(metric, place) for metric, found in self.columns.items() for place in found]
        return names, np.stack([self.columns[metric][place] for metric, place in names], axis=1)


def prompt_sets(results: Sequence[Result]) -> list[PromptSet]:
    """The prompt sets of all records, in the order of the first that has each."""
    return list(dict.fromkeys(name for result in results for name in result.record.metrics))


def blocks(results: Sequence[Result], prompt_set: PromptSet) -> Iterator[Block]:
    """The numbers of a prompt set, metrics of the same prompts together.

    A result whose numbers are of other prompts than those of the first that has the metric (so
    that they cannot be paired) is left out of it.
    """
    parts: dict[bytes, dict[str, dict[int, Floats]]] = {}
    names: dict[bytes, NDArray[np.str_]] = {}
    rows = {
        place: result.terms.rows_of(prompt_set)
        for place, result in enumerate(results)
        if result.terms is not None and prompt_set in result.record.metrics
    }
    for metric in METRICS:
        key: bytes | None = None
        for place, own in rows.items():
            terms = results[place].terms
            assert terms is not None
            if metric not in terms.columns:
                continue
            column = terms.columns[metric][own]
            known = ~np.isnan(column)
            if not known.any():
                continue
            if key is None:
                key = known.tobytes()
                names[key] = np.array([terms.base_clip[row] for row in own[known]])
                parts.setdefault(key, {})
            if key == known.tobytes():
                parts[key].setdefault(metric, {})[place] = column[known]
    for key, metrics in parts.items():
        yield from _split(names[key], metrics)


def _split(groups: NDArray[np.str_], metrics: dict[str, dict[int, Floats]]) -> Iterator[Block]:
    waiting: dict[str, dict[int, Floats]] = {}
    for metric, columns in metrics.items():
        if waiting and sum(map(len, waiting.values())) + len(columns) > WIDEST:
            yield Block(groups, waiting)
            waiting = {}
        waiting[metric] = columns
    if waiting:
        yield Block(groups, waiting)
