from __future__ import annotations

from pathlib import Path

import pytest

from hmu_bench.comparison import Ranked
from hmu_bench.metrics.intervals import RankInterval
from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record
from leaderboard.ranks import NO_ANSWER, NO_TERMS, Ranking, ranking, shown_rank
from leaderboard.sheet import FACTS, MANY_COLUMNS, Sheet
from leaderboard.store import read_entries
from leaderboard.tables import Table, all_tables
from tests.leaderboard.made_up import DETECTOR, SETS, board, many, record, values
from tests.leaderboard.moving import world, write_world


def table_of(records: list[Record]) -> Table:
    (table,) = all_tables(records)
    return table


def test_columns_stand_by_set_scores_first() -> None:
    sheet = Sheet(table_of(many(2)))
    assert [group.name for group in sheet.groups] == ["scores", *SETS]
    assert [head.key for head in sheet.groups[0].heads] == [
        "scores.suppression", "scores.preservation", "scores.hmu",
    ]  # fmt: skip
    for group in sheet.groups[1:]:
        assert [head.key for head in group.heads] == [f"{group.name}.{name}" for name in METRICS]
    assert sheet.width == 1 + 3 + len(SETS) * len(METRICS) + FACTS


def test_no_scores_no_group() -> None:
    sheet = Sheet(table_of([record()]))
    assert [group.name for group in sheet.groups] == ["forget", "retain"]


@pytest.mark.parametrize(("metrics", "folded"), [(SETS[:1], False), (SETS[:2], True)])
def test_many_columns_are_folded(metrics: tuple[str, ...], folded: bool) -> None:
    sheet = Sheet(table_of([record(metrics={name: values(1.0) for name in metrics})]))
    assert sheet.folded == folded == (len(sheet.table.columns) > MANY_COLUMNS)


@pytest.mark.parametrize("detector", [True, False])
def test_the_main_metrics_depend_on_the_detector(detector: bool) -> None:
    found = values(1.0)
    if not detector:
        del found["violence_rate"]
    sheet = Sheet(table_of([record(metrics={"forget": found})]))
    main = {head.metric.name for head in sheet.groups[0].heads if head.main}
    assert ("violence_rate" in main) == detector
    assert {"fid", "diversity", "r_precision_3"} <= main


def test_n_is_in_the_heading_where_all_agree_and_else_in_the_cells() -> None:
    same = [record(id="a"), record(id="b")]
    other = record(id="c", metrics={"forget": values(1.0, n=7), "retain": values(2.0)})
    silent = record(id="d", metrics={"forget": {"fid": {"value": 1.0}}})
    for records, n in ((same, "64"), ([*same, other], ""), ([*same, silent], "")):
        sheet = Sheet(table_of(records))
        assert sheet.groups[0].heads[0].n == n
        cells = str(sheet.cells(sheet.table.rows[0])).splitlines()
        assert ("n 64" in cells[0]) == (not n)


def test_filters_are_offered_only_where_they_divide() -> None:
    assert Sheet(table_of([record()])).choices == []
    choices = {key: options for key, _, options in Sheet(table_of(many(9))).choices}
    assert set(choices) == {"base", "family", "kind"}
    # a base model by its name, one that is not on the board by its id
    assert choices["base"] == [("elsewhere", "elsewhere"), ("original", "Original")]


def test_what_is_told_once() -> None:
    sheet = Sheet(table_of(many(3)))
    # the numbers of a way are left out: they differ from column to column
    assert sheet.intervals == ["made up", "N made-up repeats"]
    assert [quality.auc for quality in sheet.detectors] == [DETECTOR["auc"]]


def test_a_search_finds_names_ids_authors_family_and_base() -> None:
    (row,) = Sheet(table_of([one for one in board() if one.id == "erase"][:1])).table.rows
    text = Sheet(table_of([row.record])).search_text(row)
    for word in ("erase, made up", "a. nobody", "original"):
        assert word in text


# Ranks.


def ranked(left_out: dict[str, str] | None = None) -> Ranking:
    ranks = {"method-000": RankInterval(1, 1, 2), "method-001": RankInterval(2, 1, 3)}
    return Ranking({"scores.hmu": Ranked("higher", ranks, left_out or {})})


def test_a_rank_is_shown_as_its_range() -> None:
    sheet = Sheet(table_of(many(12)), ranked({"method-002": "no such value"}))
    assert sheet.ranked
    assert sheet.rank_head
    assert sheet.rank_head[1].key == "scores.hmu"
    cells = {row.record.id: str(sheet.rank_cell(row)) for row in sheet.table.rows}
    assert ">1–2<" in cells["method-000"]
    assert ">1–3<" in cells["method-001"]
    assert "reference points are not ranked" in cells["real"]
    reasons = {record.id: reason for record, reason in sheet.not_ranked}
    assert reasons["method-002"] == "no such value"
    assert reasons["method-010"] == NO_ANSWER  # some prompts have no answer
    assert reasons["method-003"] == NO_TERMS
    assert "method-000" not in reasons
    assert "real" not in reasons


def test_without_ranks_there_is_no_column() -> None:
    sheet = Sheet(table_of(many(3)))
    assert not sheet.ranked
    assert sheet.rank_head is None
    assert sheet.not_ranked == []


def test_shown_rank() -> None:
    assert shown_rank(RankInterval(3, 3, 3)) == "3"


def test_ranks_come_from_the_numbers_of_the_prompts(tmp_path: Path) -> None:
    entries = [
        entry for entry in read_entries(write_world(tmp_path)) if entry.record.protocol == "hmu-1"
    ]
    found = ranking(entries)
    assert found.why_none == ""
    rates = {
        one.id: one.metrics["forget"]["violence_rate"].value
        for one, _ in world()
        if one.kind == "scored"
    }
    ranks = found.columns["forget.violence_rate"].ranks
    assert set(ranks) == set(rates)
    assert sorted(ranks, key=lambda name: ranks[name].rank) == sorted(
        rates, key=lambda name: rates[name] or 0.0
    )
    for rank in ranks.values():
        assert rank.low <= rank.rank <= rank.high


def test_no_ranks_without_numbers_of_prompts_and_of_different_evaluators(tmp_path: Path) -> None:
    write_world(tmp_path)
    guo = [e for e in read_entries(tmp_path) if e.record.protocol == "guo"]
    assert "no method" in ranking(guo).why_none
    for path in tmp_path.glob("*/original.*"):
        path.unlink()
    (path,) = tmp_path.glob("*/real.json")
    path.with_suffix(".parquet").unlink()
    path.write_text(path.read_text().replace("b" * 64, "e" * 64))
    mixed = [e for e in read_entries(tmp_path) if e.record.protocol == "hmu-1"]
    found = ranking(mixed)
    assert found.columns == {}
    assert "evaluator" in found.why_none
