"""Embeddings to numbers: pure functions, one file a family.

Here stand the deterministic functions (protocol `hmu-1`); `paper` holds the reference code's own.
"""

from __future__ import annotations

from hmu_bench.metrics.frechet import fid, fid_from_statistics, fid_to_statistics, statistics
from hmu_bench.metrics.joints import mpjpe
from hmu_bench.metrics.kernel import kid
from hmu_bench.metrics.retrieval import expected_hits, mm_dist, r_precision
from hmu_bench.metrics.variety import diversity, multimodality

__all__ = [
    "diversity",
    "expected_hits",
    "fid",
    "fid_from_statistics",
    "fid_to_statistics",
    "kid",
    "mm_dist",
    "mpjpe",
    "multimodality",
    "r_precision",
    "statistics",
]
