"""Twins and names."""

from __future__ import annotations

import pytest

from hmu_bench.datasets.model import check_name, is_mirrored, twin_base


@pytest.mark.parametrize(
    ("clip_id", "ids", "mirrored"),
    [
        ("M000001", (), True),
        ("000001", (), False),
        ("M", (), False),
        ("MM000001", (), False),
        ("humanml/M000001", (), True),
        ("M000001/x", (), False),
        ("kungfu/Move", (), False),
        ("Mwalk", (), False),
        ("Mwalk", {"walk"}, True),
        ("a/Mwalk", {"walk"}, False),
        ("a/Mwalk", {"a/walk"}, True),
    ],
)
def test_twins(clip_id, ids, mirrored):
    assert is_mirrored(clip_id, ids) is mirrored


def test_the_base_of_a_twin():
    assert twin_base("humanml/M000001") == "humanml/000001"


@pytest.mark.parametrize(
    "name",
    ["", "a/../b", "/a", "a//b", ".", "a\\b", "a\nb", "a\x00", " a", "a ", "x" * 301, "\udcff"],
)
def test_names_that_are_refused(name):
    assert check_name(name)


@pytest.mark.parametrize("name", ["000001", "kungfu/subset_1/Kick, (fast) Rubik's é", "a.b/c d"])
def test_names_that_are_fine(name):
    assert check_name(name) is None
