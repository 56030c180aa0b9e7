"""Cohen's kappa and the confusion of two rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets.agreement import agreement, cohens_kappa


def test_a_worked_example():
    """Both yes 20, only A 5, only B 10, both no 15: p_o = 0.7, p_e = 0.5 (Cohen 1960's form)."""
    assert cohens_kappa(20, 5, 10, 15) == pytest.approx(0.4)
    assert cohens_kappa(3, 0, 0, 4) == 1.0
    assert cohens_kappa(0, 5, 5, 0) == -1.0
    assert cohens_kappa(0, 0, 0, 7) is None
    assert cohens_kappa(7, 0, 0, 0) is None


labels = st.sampled_from(["forget", "retain"])


@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=60))
def test_against_another_implementation(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = zip(*pairs, strict=True)
    found = agreement("a", "b", [str(n) for n in range(len(pairs))], (first, second))
    table = metrics.confusion_matrix(first, second, labels=["forget", "retain"]).tolist()
    ours = [
        [found.both_forget, found.only_config.count],
        [found.only_papers.count, found.both_retain],
    ]
    assert ours == table
    if len({*first, *second}) == 1:
        assert found.kappa is None
    else:
        theirs = metrics.cohen_kappa_score(first, second)
        assert found.kappa == pytest.approx(theirs, abs=5e-5)


def test_who_is_apart_is_named():
    found = agreement("a", "b", ["x", "y", "z"], (["forget", "retain", "retain"], ["retain"] * 3))
    assert (found.config, found.papers) == ("a", "b")
    assert found.only_config.examples == ["x"]
    assert found.only_papers.examples == []
    assert found.kappa == 0.0
