"""The examples in the docstrings of the leaderboard run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import leaderboard

MODULES = [m.name for m in pkgutil.iter_modules(leaderboard.__path__, "leaderboard.")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
