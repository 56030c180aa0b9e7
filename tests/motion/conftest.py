"""Motions for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "motion"


@pytest.fixture(scope="session")
def oracle():
    """Synthetic motions and what the reference makes of them (README beside the file)."""
    with np.load(FIXTURES / "synthetic_oracle.npz", allow_pickle=False) as archive:
        return dict(archive)


@pytest.fixture(scope="session")
def representation(shared):
    """`../shared/parity/representation`: (inputs_real, reference_outputs)."""
    folder = shared / "parity" / "representation"
    with (
        np.load(folder / "inputs_real.npz", allow_pickle=False) as inputs,
        np.load(folder / "reference_outputs.npz", allow_pickle=False) as outputs,
    ):
        return dict(inputs), dict(outputs)
