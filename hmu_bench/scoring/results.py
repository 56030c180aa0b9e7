"""A scored submission as it lies on disk: the record and, beside it, the numbers of each prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hmu_bench.records import Record, read_record
from hmu_bench.scoring.terms import PromptTerms, read_terms, record_sha256


@dataclass(frozen=True)
class Result:
    """A record and its per-prompt numbers.

    Attributes:
        record: the record.
        terms: the numbers of each prompt; None where the protocol has none, or their file is not
            there.
    """

    record: Record
    terms: PromptTerms | None = None

    @property
    def sha256(self) -> str:
        """The hash by which other files name the record."""
        return record_sha256(self.record)


def terms_path(record: Path) -> Path:
    """Where the per-prompt numbers of a record file lie.

    >>> terms_path(Path("records/x.hmu-1.json")).name
    'x.hmu-1.parquet'
    """
    return record.with_suffix(".parquet")


def read_result(path: Path) -> Result:
    """Read a record and, where it is there, the file of per-prompt numbers beside it.

    Raises:
        InputError: for a bad record, or numbers that are not this record's.
    """
    record = read_record(path)
    beside = terms_path(path)
    return Result(record, read_terms(beside, record) if beside.exists() else None)
