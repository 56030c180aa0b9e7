"""Submission x track -> record."""

from __future__ import annotations

from hmu_bench.scoring.scores import (
    PROTOCOLS,
    REFERENCE_ROLES,
    run_facts,
    score,
    score_real,
)

__all__ = ["PROTOCOLS", "REFERENCE_ROLES", "run_facts", "score", "score_real"]
