"""Submission x track -> record."""

from __future__ import annotations

from hmu_bench.scoring.scores import (
    PROTOCOLS,
    REFERENCE_ROLES,
    Scoring,
    run_facts,
    score,
    score_prompts,
    score_real,
    score_real_prompts,
)

__all__ = [
    "PROTOCOLS",
    "REFERENCE_ROLES",
    "Scoring",
    "run_facts",
    "score",
    "score_prompts",
    "score_real",
    "score_real_prompts",
]
