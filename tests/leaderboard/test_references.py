from __future__ import annotations

from typing import Any

import pytest

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.facts import PROMPT_SETS, Column
from leaderboard.references import distance, reference_of, retrained_for
from leaderboard.tables import Table, all_tables
from tests.leaderboard.made_up import many, record

FORGET_FID = Column(PROMPT_SETS["forget"], METRICS["fid"])
RETAIN_FID = Column(PROMPT_SETS["retain"], METRICS["fid"])
RETAIN_DIVERSITY = Column(PROMPT_SETS["retain"], METRICS["diversity"])
COMPOSED_FID = Column(PROMPT_SETS["composed"], METRICS["fid"])


def table_of(records: list[Record]) -> Table:
    (table,) = all_tables(records)
    return table


def of(name: str, base: str | None, **changes: Any) -> Record:
    return record(id=name, method={"name": name, "base_model": base}, **changes)


@pytest.fixture
def table() -> Table:
    reference = {"kind": "reference"}
    return table_of(
        [
            of("real", None, role="real", **reference),
            of("one", None, role="original", **reference),
            of("two", None, role="original", **reference),
            of("one-gone", "one", role="retrained", **reference),
            of("two-gone", "two", role="retrained", **reference),
            of("a", "one"),
            of("b", "two"),
            of("c", "three"),
            of("d", None),
        ]
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", "one-gone"), ("b", "two-gone"), ("c", None), ("d", None), ("real", None),
        ("one", "one-gone"), ("two", "two-gone"), ("one-gone", "one-gone"),
    ],
)  # fmt: skip
def test_the_retrained_model_is_that_of_the_base(
    name: str, expected: str | None, table: Table
) -> None:
    found = retrained_for(table, table.by_id[name])
    assert (found.id if found else None) == expected


def test_the_only_retrained_model_serves_those_that_name_no_base() -> None:
    table = table_of(many(5))
    names = {one.id: retrained_for(table, one) for one in table.records}
    assert {name for name, one in names.items() if one is None} == {"method-004"}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (FORGET_FID, "one-gone"),
        (COMPOSED_FID, "one-gone"),
        (RETAIN_DIVERSITY, "real"),
        (RETAIN_FID, None),  # lower is better there: no reference
    ],
)
def test_the_reference_depends_on_the_side(
    column: Column, expected: str | None, table: Table
) -> None:
    found = reference_of(table, table.by_id["a"], column)
    assert (found.id if found else None) == expected


def test_distance_is_absolute_and_exact() -> None:
    table = table_of(many(3))
    for one in table.records:
        own = one.metrics["forget"]["fid"].value
        other = table.by_id["retrained"].metrics["forget"]["fid"].value
        assert own is not None
        assert other is not None
        assert distance(table, one, FORGET_FID) == abs(own - other)


def test_no_distance_where_a_value_is_missing() -> None:
    gone = of("gone", "one", kind="reference", role="retrained", metrics={})
    table = table_of([gone, of("a", "one"), of("b", "one", metrics={})])
    assert distance(table, table.by_id["a"], FORGET_FID) is None
    assert distance(table, table.by_id["b"], FORGET_FID) is None
