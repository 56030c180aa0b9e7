"""The number of threads changes nothing beyond rounding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import json
import numpy as np
from hmu_bench.metrics import statistics
from hmu_bench.metrics.detector import Labelled, fit_detector
from hmu_bench.metrics.intervals import *
from hmu_bench.metrics.suppression import ncs

random = np.random.default_rng(0)
real, rows = random.normal(size=(2, 600, 96)).astype(np.float32)
groups = np.arange(600) // 3
flags = random.random(600) < 0.2
detector = fit_detector(
    Labelled(real + flags[:, None], flags, [f"t{i}" for i in range(600)]),
    Labelled(rows + flags[:, None], flags, [f"v{i}" for i in range(600)]),
    ridge=0.01,
)
found = [
    fid_interval(*statistics(real), 1.1 * rows, groups),
    kid_interval(real, 1.1 * rows, groups),
    diversity_interval(rows, groups),
    cluster_bootstrap_mean(rows[:, 0] + 1, groups),
    *ncs(rows, groups, real, flags, groups + 1000).values(),
]
print(json.dumps([
    [[e.value, e.low, e.high, e.standard_error] for e in found],
    [detector.bias, detector.threshold, *detector.weights],
]))
"""


def run(threads: int) -> tuple[list[list[float]], list[float]]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | dict.fromkeys(names, str(threads)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    estimates, detector = json.loads(result.stdout)
    return estimates, detector


def test_one_or_two_threads():
    (first, detector), (second, other) = run(1), run(2)
    for one, two in zip(first, second, strict=True):
        assert two == pytest.approx(one, rel=1e-6)
    assert other == pytest.approx(detector, rel=1e-6, abs=1e-9)
