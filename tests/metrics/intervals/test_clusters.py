from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals.clusters import clusters_of


def test_numbers_follow_the_names_not_the_rows():
    clusters = clusters_of(["c", "a", "c", "b"], 4)
    assert clusters.codes.tolist() == [2, 0, 2, 1]
    assert clusters.sizes.tolist() == [1, 1, 2]
    assert (clusters.count, clusters.rows) == (3, 4)
    assert [m.tolist() for m in clusters.members()] == [[1], [3], [0, 2]]


def test_sums():
    clusters = clusters_of([7, 5, 7], 3)
    assert clusters.sums(np.array([1.0, 2.0, 3.0])).tolist() == [2.0, 4.0]
    table = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    assert clusters.sums(table).tolist() == [[2.0, 20.0], [4.0, 40.0]]


@pytest.mark.parametrize(
    ("groups", "rows", "message"),
    [
        (["a"], 2, "2 rows"),
        ([], 0, "0 rows"),
        ([1.5, 2.5], 2, "strings or integers"),
        ([["a"], ["b"]], 2, "shape"),
    ],
)
def test_unfit(groups, rows, message):
    with pytest.raises(InputError, match=message):
        clusters_of(groups, rows)
