"""Scoring protocol `paper` on one prompt set: embeddings in, 20 repeats out.

The formulas and quirks are those of `hmu_bench.metrics.paper`. What needs the generator itself is
approximated from the motions that a submission holds:

* repeat r (0 to 19) evaluates motion repeat r mod R of every prompt (the reference generates anew
  each time);
* the prompts of a repeat are shuffled by `RandomState((10107, set, r))` and cut into batches of 32
  (the reference's data loader shuffles without a seed); within a batch the order is the shuffled
  one (the reference sorts by length with an unstable sort; only the pairs of diversity notice);
* the real side of FID is pair r of the pack's 20 drawn sets of windows;
* generated motions are continued by zeros like real ones (the reference's are continued by the
  decoder's answer to nothing);
* multimodality: the reference makes 30 motions for the prompts of its first three batches and
  draws 10 pairs of them. Here the first three batches of the repeat and the submission's R
  motions: 10 drawn pairs if R > 10, all R (R - 1) / 2 pairs if 2 <= R <= 10, no value if R = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics import multimodality
from hmu_bench.metrics.paper import (
    MULTIMODALITY_BATCHES,
    MULTIMODALITY_TIMES,
    NAMES,
    REPEATS,
    Outcome,
    batches_of,
    draw_repeats,
    paper_metrics,
    summarise_repeats,
)
from hmu_bench.records import Value

SEED = 10107
BATCH = 32
INTERVAL = "1.96 sd (ddof 0) / sqrt(20) over 20 repeats, motions a prompt: {}"

Embeddings = NDArray[np.float32]
Statistics = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class SetEmbeddings:
    """What one prompt set is scored from; rows in the order of the prompt ids.

    Attributes:
        text: (N, D), of the captions.
        masked_text: (N, D), of the masked captions; rows without masking are not used.
        masked: (N,), whether masking changed the caption.
        motions: (R, N, D), of the generated motions.
        multimodality: (N,), whether the prompt's repeats count for multimodality.
    """

    text: Embeddings
    masked_text: Embeddings
    masked: NDArray[np.bool_]
    motions: Embeddings
    multimodality: NDArray[np.bool_]


def shuffled(prompts: int, number: int, repeat: int) -> NDArray[np.intp]:
    """The order of the prompts of set `number` in one repeat."""
    generator = np.random.RandomState((SEED, number, repeat))
    return np.asarray(generator.permutation(prompts), dtype=np.intp)


def paper_repeats(
    part: SetEmbeddings, statistics: Callable[[int], Statistics], *, number: int
) -> list[dict[str, Outcome]]:
    """All metrics of the 20 repeats on one prompt set.

    Args:
        part: the embeddings.
        statistics: repeat -> mean (D,) and covariance (D, D) of the real motions.
        number: of the prompt set (0 forget, 1 retain); enters the seed of the shuffles.
    """
    available, prompts = part.motions.shape[:2]
    many = available > MULTIMODALITY_TIMES
    draws = draw_repeats(prompts, seed=SEED, generations=available if many else None)
    outcomes = []
    for repeat in range(REPEATS):
        batches = batches_of(shuffled(prompts, number, repeat), BATCH)
        rows = np.concatenate(batches[:MULTIMODALITY_BATCHES])
        generations = part.motions[:, rows[part.multimodality[rows]]].swapaxes(0, 1)
        outcome = paper_metrics(
            text=part.text,
            generated=part.motions[repeat % available],
            draws=draws[repeat],
            batches=batches,
            real_statistics=statistics(repeat),
            masked_text=part.masked_text,
            masked=part.masked,
            generations=generations if many and len(generations) else None,
        )
        if not many:
            outcome["multimodality"] = _all_pairs(generations)
        outcomes.append(outcome)
    return outcomes


def paper_values(
    outcomes: Sequence[dict[str, Outcome]], *, prompts: int, motions: int
) -> dict[str, Value]:
    """The values of a record (see `repeated_values`).

    Args:
        outcomes: of the 20 repeats.
        prompts: prompts of the set.
        motions: motions a prompt (R).
    """
    counts = dict.fromkeys(NAMES, prompts)
    counts["multimodality"] = min(prompts, MULTIMODALITY_BATCHES * BATCH)
    return repeated_values(outcomes, counts=counts, motions=motions)


def repeated_values(
    outcomes: Sequence[dict[str, Outcome]], *, counts: Mapping[str, int], motions: int
) -> dict[str, Value]:
    """The values of a record: mean over the repeats, its half-width, the prompts it rests on.

    Where all repeats agree there is no interval: it would have no width, and that would not mean
    that the value is certain.

    Args:
        outcomes: of the 20 repeats.
        counts: metric -> prompts that it rests on.
        motions: motions a prompt (R).
    """
    values = {}
    for name, outcome in summarise_repeats(outcomes).items():
        n = counts[name]
        mean, width = outcome.value, outcome.half_width
        if mean is None:
            values[name] = Value(value=None, n=n, reason=outcome.reason)
        elif width is None or width <= 1e-12 * abs(mean):
            values[name] = Value(value=mean, n=n)
        else:
            interval = INTERVAL.format(motions)
            values[name] = Value(
                value=mean, low=mean - width, high=mean + width, interval=interval, n=n
            )
    return values


def per_repeat(outcomes: Sequence[dict[str, Outcome]]) -> dict[str, NDArray[np.float64]]:
    """Metric -> (20,) values, for the metrics that have one in every repeat."""
    columns = {name: [outcome[name].value for outcome in outcomes] for name in NAMES}
    return {
        name: np.array(column, dtype=np.float64)
        for name, column in columns.items()
        if all(value is not None for value in column)
    }


def from_per_repeat(columns: dict[str, NDArray[np.float64]]) -> list[dict[str, Outcome]]:
    """The outcomes of the 20 repeats from what `per_repeat` kept."""
    missing = Outcome(reason="the real motions of this track have no such value")
    single = Outcome(reason="one motion a prompt; multimodality needs 2")
    return [
        {
            name: Outcome(float(columns[name][repeat]))
            if name in columns
            else (single if name == "multimodality" else missing)
            for name in NAMES
        }
        for repeat in range(REPEATS)
    ]


def _all_pairs(generations: Embeddings) -> Outcome:
    prompts, available = generations.shape[:2]
    if available < 2:
        return Outcome(reason="one motion a prompt; multimodality needs 2")
    if not prompts:
        return Outcome(reason="no prompt of the set is meant for multimodality")
    return Outcome(multimodality(generations))
