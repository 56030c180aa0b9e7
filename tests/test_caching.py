"""Where downloads are kept, and what forbids them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hmu_bench.caching import cache_folder, offline


def test_the_environment_names_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HMU_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("HMU_CACHE", "~/elsewhere")
    assert cache_folder() == Path.home() / "elsewhere"


def test_without_it_the_platform_does(monkeypatch, tmp_path):
    monkeypatch.delenv("HMU_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "hmu-bench"
    assert cache_folder().is_absolute()


@pytest.mark.parametrize("name", ["HMU_OFFLINE", "HF_HUB_OFFLINE"])
def test_what_forbids_the_network(monkeypatch, name):
    for variable in ("HMU_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    assert offline() is None
    for value in ("1", "true", "YES", "On"):
        monkeypatch.setenv(name, value)
        assert offline() == f"{name}={value}"
    for value in ("", "0", "false", "no"):
        monkeypatch.setenv(name, value)
        assert offline() is None
