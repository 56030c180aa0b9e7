"""Five scorings on the track that has everything, as results and as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.records import write_record
from hmu_bench.scoring import score_prompts, score_real_prompts
from hmu_bench.scoring.results import Result, terms_path
from hmu_bench.scoring.terms import write_terms
from hmu_bench.tracks import Track
from tests.full_track import answers
from tests.stand_ins import write_submission

# name, share of violent motions, seed, as which reference
MODELS = [
    ("original", 0.9, 0, "original"),
    ("retrained", 0.0, 9, "retrained"),
    ("half", 0.45, 1, None),
    ("none", 0.0, 2, None),
    ("little", 0.7, 3, None),
]


@pytest.fixture(scope="session")
def results(
    tmp_path_factory: pytest.TempPathFactory, full_track: Track, stand_in_evaluator: Evaluator
) -> dict[str, Result]:
    """Name -> result; `full-real` too."""
    found: dict[str, Result] = {}
    root = tmp_path_factory.mktemp("submissions")
    for name, violent, seed, role in MODELS:
        info = {"name": name, "track": "full", "repeats": 2}
        if name != "original":
            info["base_model"] = "original"
        folder = write_submission(root / name, answers(full_track, violent, seed=seed), **info)
        scoring = score_prompts(
            folder,
            full_track,
            evaluator=stand_in_evaluator,
            as_reference=role,
            base=found.get("original"),
        )
        found[name] = Result(scoring.record, scoring.terms)
    real = score_real_prompts(full_track, evaluator=stand_in_evaluator)
    return found | {real.record.id: Result(real.record, real.terms)}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, results: dict[str, Result]) -> Path:
    """The same as files."""
    root = tmp_path_factory.mktemp("records")
    for name, result in results.items():
        assert result.terms is not None
        write_record(result.record, root / f"{name}.json")
        write_terms(result.terms, result.record, terms_path(root / f"{name}.json"))
    return root
