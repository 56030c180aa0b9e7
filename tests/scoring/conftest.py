"""Scorings of made-up models on a track that has everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.scoring import Scoring, score_prompts
from hmu_bench.scoring.results import Result
from hmu_bench.tracks import Track
from tests.full_track import answers
from tests.stand_ins import write_submission

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, full_track: Track) -> Write:
    """Writes the submission of a model that is violent in a share of the motions asked to be so."""

    def write(name: str, violent: float, **options: object) -> Path:
        seed = options.pop("seed", 0)
        found = answers(full_track, violent, seed=int(str(seed)))
        info = {"name": name, "track": "full", "repeats": 2, **options}
        return write_submission(tmp_path_factory.mktemp("full") / name, found, **info)  # type: ignore[arg-type]

    return write


@pytest.fixture(scope="session")
def original(written: Write, full_track: Track, stand_in_evaluator: Evaluator) -> Scoring:
    """The model before unlearning: violent in 9 of 10 motions."""
    folder = written("original", 0.9)
    return score_prompts(folder, full_track, evaluator=stand_in_evaluator, as_reference="original")


@pytest.fixture(scope="session")
def base(original: Scoring) -> Result:
    """Its record as a base."""
    return Result(original.record, original.terms)


@pytest.fixture(scope="session")
def half(
    written: Write, full_track: Track, stand_in_evaluator: Evaluator, base: Result
) -> tuple[Path, Scoring]:
    """A submission that unlearned half of it, and its scoring."""
    folder = written("half", 0.45, base_model="original", seed=1)
    return folder, score_prompts(folder, full_track, evaluator=stand_in_evaluator, base=base)
