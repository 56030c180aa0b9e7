"""Oracles of the metrics: the committed ones first, else those of `shared`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "metrics"
COMMITTED_SETS = ["n40_d16", "n100_d64", "n135_d16"]
SHARED_SETS = ["n320_d128", "n64_d512", "n400_d512", "n1000_d64", "n1000_d512"]


@dataclass(frozen=True)
class MetricSet:
    """Embeddings and what the paper's code made of them."""

    text: np.ndarray
    real: np.ndarray
    generated: np.ndarray
    expected: dict[str, Any]


Find = Callable[[str], Path]


@pytest.fixture(scope="session")
def find(request) -> Find:
    """Path of an oracle by its name in the folder `metrics`."""

    def path(name: str) -> Path:
        if (FIXTURES / name).is_file():
            return FIXTURES / name
        return request.getfixturevalue("shared") / "parity" / "metrics" / name

    return path


@pytest.fixture(scope="session")
def committed_values() -> dict[str, Any]:
    return json.loads((FIXTURES / "metrics.json").read_text("utf-8"))


@pytest.fixture(scope="session", params=COMMITTED_SETS + SHARED_SETS)
def metric_set(request, find: Find, committed_values) -> MetricSet:
    name = request.param
    arrays = np.load(find(f"{name}.npz"), allow_pickle=False)
    if name in committed_values:
        expected = committed_values[name]
    else:
        shared = request.getfixturevalue("shared") / "parity" / "metrics" / "metrics.json"
        expected = json.loads(shared.read_text("utf-8"))[name]
    text, real, generated = (arrays[key].astype(np.float32) for key in ("text", "gt", "pred"))
    return MetricSet(text, real, generated, expected)


@pytest.fixture(scope="session")
def small_set(committed_values) -> MetricSet:
    arrays = np.load(FIXTURES / "n100_d64.npz", allow_pickle=False)
    text, real, generated = (arrays[key].astype(np.float32) for key in ("text", "gt", "pred"))
    return MetricSet(text, real, generated, committed_values["n100_d64"])
