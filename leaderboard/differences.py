"""A record against its base model: the differences of `hmu-bench compare`, as pages print them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from hmu_bench.comparison import check_alike, compare_results
from hmu_bench.comparison import differences as library
from hmu_bench.errors import InputError
from hmu_bench.records import PromptSet, Record, Value
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.terms import PromptTerms, read_terms
from leaderboard.board import Board
from leaderboard.numbers import MINUS, Shown, show

TERMS = ".parquet"
WORDS: dict[library.Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "no difference": "not told apart",
    "different": "differs",
    "unknown": "",
}

Key = tuple[PromptSet | None, str]
"""(prompt set, metric), or (None, score)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value less another one.

    Attributes:
        value: the difference, with an interval where both were scored prompt by prompt.
        verdict: whether it is better or worse, where the interval tells; else empty.
    """

    value: Value
    verdict: str = ""

    @property
    def shown(self) -> Shown:
        """As text, with a sign."""
        text = show(self.value)
        return Shown(*(_signed(part) for part in (text.value, text.low, text.high)))

    @property
    def paired(self) -> bool:
        """Whether it has an interval."""
        return self.value.low is not None


@dataclass(frozen=True, slots=True)
class FromBase:
    """A record's differences from its base model; `why_none` where there are none at all."""

    differences: dict[Key, Difference]
    why_none: str = ""

    @property
    def paired(self) -> bool:
        """Whether any has an interval."""
        return any(found.paired for found in self.differences.values())


def terms_of(board: Board, record: Record | None) -> PromptTerms | None:
    """The numbers of single prompts beside a record, if they are there.

    Raises:
        InputError: for a file that is not right or not of this record.
    """
    path = board.entry(record).companion(TERMS) if record else None
    return _read_terms(board, path) if path else None


def from_base(board: Board, record: Record) -> FromBase:
    """The record less its base model, as `hmu-bench compare RECORD BASE` has it.

    The retrained model and the real motions of the table are at hand as references, so that values
    that should come close to theirs can be called better or worse.
    """
    return _from_base(board, board.entry(record).path)


@lru_cache(maxsize=8)
def _read_terms(board: Board, path: Path) -> PromptTerms:
    entry = next(e for e in board.entries if e.companion(TERMS) == path)
    return read_terms(path, entry.record)


@cache
def _from_base(board: Board, path: Path) -> FromBase:
    record = next(entry.record for entry in board.entries if entry.path == path)
    base = board.base_of(record)
    if base is None or base.id == record.id:
        return FromBase({}, "it has no base model on this board")
    own, other = _result(board, record), _result(board, base)
    try:
        check_alike([own, other])
    except InputError as error:
        return FromBase({}, error.what)
    references = [
        result
        for one in board.table_of(record).records
        if one.role in ("retrained", "real") and _alike(own, result := _result(board, one))
    ]
    return FromBase(
        {
            (one.prompt_set, one.metric): Difference(one.difference, WORDS[one.verdict])
            for one in compare_results(own, other, references)
            if one.difference.value is not None
        }
    )


def _result(board: Board, record: Record) -> Result:
    return Result(record, terms_of(board, record))


def _alike(one: Result, other: Result) -> bool:
    if one.record.id == other.record.id:
        return False
    try:
        check_alike([one, other])
    except InputError:
        return False
    return True


def _signed(text: str) -> str:
    return f"+{text}" if text and text[0] != MINUS and text.strip("0.") else text
