"""How long comparing takes at the size of a full track: `python benchmarks/comparison.py`.

Ten made-up methods with their per-prompt numbers on 4,000 retain, 400 forget and 480 written
prompts, every metric of `hmu-1`: rank intervals of all metrics and scores, and the differences of
two. Printed are seconds, and seconds of processor time (what one idle core would take).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hmu_bench.comparison import compare_results, rank_results
from hmu_bench.metrics.table import METRICS
from hmu_bench.records import (
    Coverage,
    EvaluatorReference,
    Method,
    Provenance,
    Record,
    TrackReference,
    Value,
)
from hmu_bench.scoring.overall import no_scores
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.terms import PromptTerms

SIZES = {"forget": 400, "retain": 4000, "implicit": 240, "implicit_safe": 240}
METHODS = 10


def made_up(number: int, base: Result | None) -> Result:
    """A result whose numbers are noise around its own level; the first is the base model."""
    random = np.random.default_rng(number)
    sets = [name for name, count in SIZES.items() for _ in range(count)]
    names = [metric for metric, row in METRICS.items() if "hmu-1" in row.protocols]
    columns = {name: random.random(len(sets)) + 0.1 * number for name in names}
    terms = PromptTerms(
        [f"{place:016x}" for place in range(len(sets))], sets,
        [f"clip {place // 3}" for place in range(len(sets))], ["none"] * len(sets), columns,
        {"violence_floor": 0.1, "kid_frozen": 9.0},
    )  # fmt: skip
    record = Record(
        id=f"method-{number}",
        kind="scored" if base else "reference",
        role="method" if base else "original",
        track=TrackReference(name="made-up", version="1", sha256="0" * 64),
        protocol="hmu-1",
        method=Method(name=f"Method {number}", base_model="method-0" if base else None),
        coverage=Coverage(prompts=len(sets), answered=len(sets), repeats=3),
        metrics={
            name: {
                metric: Value(value=float(column[terms.rows_of(name)].mean()))
                for metric, column in columns.items()
            }
            for name in ("forget", "retain", "implicit", "implicit_safe")
        },
        scores=no_scores("made up"),
        provenance=Provenance(
            package_version="0",
            evaluator=EvaluatorReference(id="none", sha256="0" * 64),
            base_sha256=base.sha256 if base else None,
        ),
    )
    return Result(record, terms)


def timed(label: str, function: Callable[[], object]) -> None:
    """One line: how long it takes."""
    start, busy = time.perf_counter(), time.process_time()
    function()
    wall, work = time.perf_counter() - start, time.process_time() - busy
    print(f"{label:50} {wall:6.2f} s ({work:.2f} s of processor time)")


def main() -> None:
    """Print the table."""
    base = made_up(0, None)
    results = [base, *(made_up(number, base) for number in range(1, METHODS + 1))]
    prompts = sum(SIZES.values())
    print(f"{METHODS} methods, {prompts} prompts of {prompts // 3} base clips, 10,000 resamples")
    timed("ranks of every metric and score", lambda: rank_results(results))
    timed("differences of two", lambda: compare_results(results[1], results[2], [base]))


if __name__ == "__main__":
    main()
