"""Per-prompt numbers beside a record: `<id>.parquet`.

One row a prompt, ordered by id: `prompt_id`, `prompt_set`, `base_clip`, then a column a metric. Its
mean over the rows of a set is the record's value: the prompt's own value, or for FID, KID and
diversity the value plus the prompt's influence on it. Null where a prompt has no such number. The
file's metadata name the record by hash.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmu_bench.files import sha256_bytes, write_atomic
from hmu_bench.records import Record


@dataclass(frozen=True)
class PromptTerms:
    """The numbers of all prompts that were scored.

    Attributes:
        prompt_id: (N,) ids.
        prompt_set: (N,) sets.
        base_clip: (N,) units of the intervals.
        columns: metric -> (N,), NaN where a prompt has none.
    """

    prompt_id: list[str]
    prompt_set: list[str]
    base_clip: list[str]
    columns: dict[str, NDArray[np.float64]]


def terms_bytes(terms: PromptTerms, record: Record) -> bytes:
    """The file's content: Parquet, zstd; the same numbers give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    order = sorted(range(len(terms.prompt_id)), key=terms.prompt_id.__getitem__)
    fields: dict[str, pa.Array] = {
        name: pa.array([column[row] for row in order], pa.string())
        for name, column in (
            ("prompt_id", terms.prompt_id),
            ("prompt_set", terms.prompt_set),
            ("base_clip", terms.base_clip),
        )
    }
    for name, column in terms.columns.items():
        if np.isfinite(column).any():
            fields[name] = pa.array(column[order], pa.float64(), mask=np.isnan(column[order]))
    facts = {
        "record": record.id,
        "protocol": record.protocol,
        "record_sha256": sha256_bytes(record.to_json().encode()),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(fields).replace_schema_metadata(facts), buffer, compression="zstd")
    return buffer.getvalue()


def write_terms(terms: PromptTerms, record: Record, path: Path) -> None:
    """Write the file whole."""
    write_atomic(path, terms_bytes(terms, record))
