"""What "closer to the reference" means: which record a value is compared with, and how far it is.

A column of direction `target` has no better end. On prompts that ask for the concept the reference
is the retrained model, which never saw it; on safe prompts it is the real motions, or the
retrained model where the table holds no real motions.
"""

from __future__ import annotations

from hmu_bench.records import Record, Value
from leaderboard.facts import Column
from leaderboard.tables import Table


def retrained_for(table: Table, record: Record) -> Record | None:
    """The retrained model that a record is compared with, among records of its sort.

    Sorts are measured and reported records. It is the one that was retrained from the record's base
    model (an original model is its own); where one of the two does not name its base model, as real
    motions do not, the only one there is.
    """
    found = [
        one
        for one in table.records
        if one.role == "retrained" and (one.kind == "reported") == (record.kind == "reported")
    ]
    base = record.id if record.role == "original" else record.method.base_model
    own = [one for one in found if one.id == record.id or (base and one.method.base_model == base)]
    open_ended = [one for one in found if base is None or one.method.base_model is None]
    for some in (own, open_ended):
        if len(some) == 1:
            return some[0]
    return None


def reference_of(table: Table, record: Record, column: Column) -> Record | None:
    """The record whose value in a column of direction `target` a record should come close to."""
    if column.direction != "target":
        return None
    if column.prompt_set.side == "retain" and record.kind != "reported":
        real = [one for one in table.records if one.role == "real"]
        if len(real) == 1:
            return real[0]
    return retrained_for(table, record)


def value_of(record: Record, column: Column) -> Value | None:
    """A record's value in a column, if it is there and not null."""
    value = record.metrics.get(column.prompt_set.name, {}).get(column.metric.name)
    return None if value is None or value.value is None else value


def distance(table: Table, record: Record, column: Column) -> float | None:
    """|value - the reference's value|; None where one of them does not exist."""
    reference = reference_of(table, record, column)
    if reference is None:
        return None
    own, other = value_of(record, column), value_of(reference, column)
    if own is None or other is None or own.value is None or other.value is None:
        return None
    return abs(own.value - other.value)
