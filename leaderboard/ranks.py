"""Ranks of a table's methods with their 95 % intervals, where numbers of each prompt are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hmu_bench.comparison import Ranked, rank_results
from hmu_bench.errors import InputError
from hmu_bench.metrics.intervals import RankInterval
from hmu_bench.records import Record
from hmu_bench.scoring.results import read_result
from leaderboard.store import Entry

NOT_SCORED = {
    "reference": "reference points are not ranked",
    "reported": "reported figures are not ranked",
}
NO_ANSWER = "some prompts of the track have no answer, and ranking needs all of them"
NO_TERMS = "there are no per-prompt numbers beside the record"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranks of a table, by column.

    Attributes:
        columns: `scores.hmu` or `forget.fid` -> ranks of the record ids.
        why_none: why the table has no ranks at all; empty where it has some.
    """

    columns: dict[str, Ranked] = field(default_factory=dict)
    why_none: str = ""

    def rank(self, key: str, record: Record) -> RankInterval | None:
        """A record's rank in a column, if it has one."""
        column = self.columns.get(key)
        return column.ranks.get(record.id) if column else None

    def reason(self, key: str, record: Record) -> str:
        """Why a record has no rank in a column."""
        if record.kind in NOT_SCORED:
            return NOT_SCORED[record.kind]
        if record.coverage is None or not record.coverage.complete:
            return NO_ANSWER
        column = self.columns.get(key)
        return (column.left_out.get(record.id) if column else None) or NO_TERMS


def shown_rank(rank: RankInterval) -> str:
    """A rank as its interval: a tie is a range that several methods share.

    >>> shown_rank(RankInterval(2, 1, 3)), shown_rank(RankInterval(4, 4, 4))
    ('1–3', '4')
    """
    return f"{rank.low}" if rank.low == rank.high else f"{rank.low}–{rank.high}"


def ranking(entries: Sequence[Entry]) -> Ranking:
    """The ranks of the records of one table.

    Args:
        entries: the records with their files. Reported ones do not take part.

    A table whose records cannot be ranked together (other evaluators, say) has no ranks, and tells
    why.

    Raises:
        InputError: for numbers of prompts that are not those of their record.
    """
    measured = [entry for entry in entries if entry.record.kind != "reported"]
    scored = [entry for entry in measured if entry.record.kind == "scored"]
    if not scored:
        return Ranking(why_none="there is no scored method yet")
    if not any(entry.companion(".parquet") for entry in scored):
        return Ranking(why_none="no method has per-prompt numbers beside its record")
    results = [read_result(entry.path) for entry in measured]
    try:
        ranks = rank_results(results)
    except InputError as error:
        return Ranking(why_none=error.what)
    columns = {f"scores.{name}": ranked for name, ranked in ranks.scores.items()}
    for prompt_set, metrics in ranks.metrics.items():
        columns |= {f"{prompt_set}.{name}": ranked for name, ranked in metrics.items()}
    return Ranking(columns, "" if columns else "no method answered every prompt of the track")
