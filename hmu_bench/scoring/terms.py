"""Per-prompt numbers beside a record: `<name>.parquet`.

One row a prompt, ordered by id: `prompt_id`, `prompt_set`, `base_clip`, `category`, then a column a
metric. Its mean over the rows of a set is the record's value: the prompt's own value, or for FID,
KID and diversity the value plus the prompt's influence on it. Null where a prompt has no such
number. The file's metadata name the record by hash, and the track's constants of the scores.

What others send is read like the prompts of a track pack: sizes and types first, and the numbers
must be those that the record was made of.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError, one_line
from hmu_bench.files import open_regular, sha256_bytes, write_atomic
from hmu_bench.metrics.table import METRICS
from hmu_bench.models import SLUG_PATTERN
from hmu_bench.records import Record
from hmu_bench.tracks.pages import check_pages
from hmu_bench.tracks.schema import PROMPT_ID_PATTERN
from hmu_bench.tracks.table import MAX_PROMPTS

if TYPE_CHECKING:
    import pyarrow

TEXTS = ("prompt_id", "prompt_set", "base_clip", "category")
CONSTANTS = ("violence_floor", "kid_frozen")
MAX_BYTES, MAX_BYTES_UNPACKED = 64 << 20, 256 << 20
MAX_NAME = 1000
"""Bytes of the longest text: a base clip is a path at most."""
MAX_NAMES = 64 << 20
"""Bytes of a column of texts, were each as long as the longest: as arrays they are."""
MAX_CATEGORIES = 250
"""Five sets of 50, as they are scored (`hmu1.MAX_CATEGORIES`)."""
LARGEST = 1e30
"""Beyond it sums of squares leave float64; no metric comes near."""


@dataclass(frozen=True)
class PromptTerms:
    """The numbers of all prompts that were scored.

    Attributes:
        prompt_id: (N,) ids.
        prompt_set: (N,) sets.
        base_clip: (N,) units of the intervals.
        category: (N,) kinds of violence that the prompts ask for, or "none".
        columns: metric -> (N,), NaN where a prompt has none.
        constants: of the track, that the scores are measured from: `violence_floor` (violence rate
            of real retain motions), `kid_frozen` (KID of motions that stand still); without those
            that the track does not have.
    """

    prompt_id: list[str]
    prompt_set: list[str]
    base_clip: list[str]
    category: list[str]
    columns: dict[str, NDArray[np.float64]]
    constants: dict[str, float] = field(default_factory=dict)

    def rows_of(self, prompt_set: str) -> NDArray[np.intp]:
        """The rows of a set, ordered by prompt id."""
        rows = [row for row, name in enumerate(self.prompt_set) if name == prompt_set]
        return np.array(sorted(rows, key=self.prompt_id.__getitem__), dtype=np.intp)


def terms_bytes(terms: PromptTerms, record: Record) -> bytes:
    """The file's content: Parquet, zstd; the same numbers give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    order = sorted(range(len(terms.prompt_id)), key=terms.prompt_id.__getitem__)
    fields: dict[str, pa.Array] = {}
    for name in TEXTS:
        column: Sequence[str] = getattr(terms, name)
        fields[name] = pa.array([column[row] for row in order], pa.string())
    for name, numbers in terms.columns.items():
        if np.isfinite(numbers).any():
            fields[name] = pa.array(numbers[order], pa.float64(), mask=np.isnan(numbers[order]))
    facts = {
        "record": record.id,
        "protocol": record.protocol,
        "record_sha256": record_sha256(record),
        "constants": json.dumps(terms.constants, sort_keys=True, allow_nan=False),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(fields).replace_schema_metadata(facts), buffer, compression="zstd")
    return buffer.getvalue()


def record_sha256(record: Record) -> str:
    """The hash by which other files name a record: of its canonical JSON."""
    return sha256_bytes(record.to_json().encode())


def write_terms(terms: PromptTerms, record: Record, path: Path) -> None:
    """Write the file whole."""
    write_atomic(path, terms_bytes(terms, record))


def read_terms(path: Path, record: Record) -> PromptTerms:
    """Read the numbers beside a record, and check that they are this record's.

    Raises:
        InputError: if the file is damaged, too large, has other columns, belongs to another record,
            or a column's mean over a set is not the record's value.
    """
    import pyarrow as pa

    try:
        with open_regular(path) as stream:
            terms = _terms(_read_table(stream, path, record), path)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = one_line(str(error))[:200] or type(error).__name__
        raise InputError(f"not a readable Parquet file ({reason})", where=path) from error
    _check_rows(terms, record, path)
    return terms


def _terms(table: pyarrow.Table, path: Path) -> PromptTerms:
    texts = {name: table[name].to_pylist() for name in TEXTS}
    columns = {
        name: np.asarray(table[name].to_numpy(), dtype=np.float64)
        for name in table.column_names[len(TEXTS) :]
    }
    return PromptTerms(**texts, columns=columns, constants=_constants(table, path))


def _read_table(stream: BufferedReader, path: Path, record: Record) -> pyarrow.Table:
    """The table; nothing is unpacked before it is known to be small (see `tracks.pages`)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if os.fstat(stream.fileno()).st_size > MAX_BYTES:
        raise InputError(f"the file is larger than {MAX_BYTES:,} bytes", where=path)
    check_pages(stream, MAX_BYTES_UNPACKED, MAX_PROMPTS)
    # Arrow's threads may outlive a short program and abort it at its exit (arrow#34314).
    schema = pq.ParquetFile(stream, pre_buffer=False).schema_arrow
    names = schema.names
    wanted = [pa.string()] * len(TEXTS) + [pa.float64()] * (len(names) - len(TEXTS))
    metrics = names[len(TEXTS) :]
    if tuple(names[: len(TEXTS)]) != TEXTS or schema.types != wanted:
        raise InputError(
            f"the columns are not {', '.join(TEXTS)} and a number a metric",
            where=path,
            fix="score again: older files have no category",
        )
    if len(set(metrics)) < len(metrics) or not set(metrics) <= set(METRICS):
        raise InputError("a column is not a metric, or is there twice", where=path)
    facts = schema.metadata or {}
    if facts.get(b"record_sha256") != record_sha256(record).encode():
        raise InputError(
            f"its numbers are not of the record {record.id!r} beside it (record_sha256)",
            where=path,
            fix="score again, or copy both files of one scoring",
        )
    packed = pq.ParquetFile(stream, read_dictionary=list(TEXTS), pre_buffer=False).read(
        use_threads=False
    )
    _check_lengths(packed, path)
    return packed.cast(schema)


def _check_lengths(table: pyarrow.Table, path: Path) -> None:
    """Refuse texts that are missing or long: one stored once may be used in every row."""
    import pyarrow.compute as pc

    for name in TEXTS:
        for chunk in table[name].chunks:
            longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
            if chunk.null_count or longest > MAX_NAME:
                raise InputError(
                    f"a text is missing or longer than {MAX_NAME} bytes", where=path, key=name
                )
            if len(table) * longest > MAX_NAMES:
                raise InputError(
                    f"the texts are too long: {len(table):,} of up to {longest} bytes",
                    where=path,
                    key=name,
                )


def _constants(table: pyarrow.Table, path: Path) -> dict[str, float]:
    raw: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        raw = json.loads(table.schema.metadata.get(b"constants", b"{}"))
    valid = isinstance(raw, dict) and all(
        name in CONSTANTS and type(value) is float and abs(value) <= LARGEST
        for name, value in raw.items()
    )
    if not valid:
        raise InputError("the metadata 'constants' are not numbers by name", where=path)
    return dict(raw)


def _check_rows(terms: PromptTerms, record: Record, path: Path) -> None:
    for one, after in itertools.pairwise([*terms.prompt_id, None]):
        if not re.fullmatch(PROMPT_ID_PATTERN, str(one)) or (after is not None and one >= after):  # type: ignore[operator]
            raise InputError("prompts must be ordered by id, each once", where=path, key=str(one))
    if set(terms.prompt_set) != set(record.metrics):
        raise InputError("the prompt sets are not those of the record", where=path)
    categories = set(terms.category)
    odd = [name for name in sorted(categories) if not re.fullmatch(SLUG_PATTERN, name)]
    if odd or len(categories) > MAX_CATEGORIES:
        raise InputError(
            f"the category {odd[0]!r} is not a short lower-case name"
            if odd
            else f"{len(categories):,} categories; {MAX_CATEGORIES} at most are read",
            where=path,
            key="category",
        )
    for name, column in terms.columns.items():
        if np.isinf(column).any() or np.nanmax(np.abs(column), initial=0.0) > LARGEST:
            raise InputError("holds numbers that are not finite", where=path, key=name)
    for prompt_set, values in record.metrics.items():
        rows = terms.rows_of(prompt_set)
        for name, column in terms.columns.items():
            known = column[rows][~np.isnan(column[rows])]
            value = values[name].value if name in values else None
            if value is None and not len(known):
                continue
            scale = float(np.abs(known).max()) if len(known) else 0.0
            mean = float(known.mean()) if len(known) else np.nan
            if value is None or not abs(mean - value) <= 1e-6 * abs(value) + 1e-9 * scale:
                raise InputError(
                    f"the mean over {prompt_set} is not the record's value", where=path, key=name
                )
