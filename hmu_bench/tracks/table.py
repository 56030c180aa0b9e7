"""`prompts.parquet`: writing and checked reading."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmu_bench.errors import InputError
from hmu_bench.tracks.prompts import Prompt
from hmu_bench.tracks.schema import PROMPT_COLUMNS, PROMPT_ID_PATTERN, PROMPT_SETS, TrackInfo

if TYPE_CHECKING:
    import pyarrow

MAX_TABLE_BYTES = 256 << 20
MAX_TABLE_BYTES_UNPACKED = 1 << 30
MAX_PROMPTS = 500_000
MAX_TEXT = 4000


def table_schema() -> pyarrow.Schema:
    """The exact schema of the file."""
    import pyarrow as pa

    types = {"string": pa.string(), "int32": pa.int32(), "bool": pa.bool_()}
    return pa.schema(
        [
            pa.field(name, types[kind], nullable=null)
            for name, (kind, null) in PROMPT_COLUMNS.items()
        ]
    )


def write_prompts(prompts: Sequence[Prompt], path: Path) -> None:
    """Write the prompts (ordered by id) as Parquet, zstd; same prompts, same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [asdict(prompt) for prompt in prompts]
    pq.write_table(pa.Table.from_pylist(rows, schema=table_schema()), path, compression="zstd")


def read_prompts(path: Path, info: TrackInfo) -> list[Prompt]:
    """Read and check the prompts.

    Raises:
        InputError: if the file is damaged, too large or has other columns; for a prompt that is
            out of order, twice there, of an unknown set, or asks for a length that the track does
            not have; and if the counts are not those of `track.yaml`.
    """
    prompts = [_prompt(row, number, path, info) for number, row in enumerate(_rows(path), 1)]
    for before, after in itertools.pairwise(prompts):
        if before.prompt_id >= after.prompt_id:
            raise InputError(
                "prompts must be ordered by id, each once", where=path, key=after.prompt_id
            )
    counts = {s: sum(p.prompt_set == s for p in prompts) for s in PROMPT_SETS}
    if {s: n for s, n in counts.items() if n} != info.prompts:
        raise InputError("the number of prompts is not that of track.yaml", where=path)
    return prompts


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise InputError(f"the file is larger than {MAX_TABLE_BYTES:,} bytes", where=path)
        with pq.ParquetFile(path) as file:
            meta = file.metadata
            groups = (meta.row_group(i) for i in range(meta.num_row_groups))
            unpacked = sum(group.total_byte_size for group in groups)
            if meta.num_rows > MAX_PROMPTS or unpacked > MAX_TABLE_BYTES_UNPACKED:
                raise InputError(
                    f"the table is larger than {MAX_PROMPTS:,} prompts or 1 GiB", where=path
                )
            if file.schema_arrow.remove_metadata() != table_schema():
                raise InputError(
                    f"the columns are not {', '.join(PROMPT_COLUMNS)} (with their types)",
                    where=path,
                )
            rows: list[dict[str, Any]] = file.read().to_pylist()
            return rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError(f"not a readable Parquet file ({reason})", where=path) from error


def _prompt(row: dict[str, Any], number: int, path: Path, info: TrackInfo) -> Prompt:
    key = f"row {number}"
    prompt = Prompt(**row)
    if not re.fullmatch(PROMPT_ID_PATTERN, prompt.prompt_id):
        raise InputError("prompt_id is not 16 hexadecimal digits", where=path, key=key)
    if prompt.prompt_set not in PROMPT_SETS:
        raise InputError(
            f"unknown prompt_set {prompt.prompt_set!r}; known: {', '.join(PROMPT_SETS)}",
            where=path,
            key=key,
        )
    frames = prompt.num_frames
    if frames % 4 or not info.min_frames <= frames <= info.max_frames:
        raise InputError(
            f"num_frames is {frames}; it must be a multiple of 4 from {info.min_frames} to "
            f"{info.max_frames}",
            where=path,
            key=key,
        )
    texts = (prompt.text, prompt.tokens, prompt.masked_tokens, prompt.masked_tokens_paper)
    if any(text is not None and len(text) > MAX_TEXT for text in texts):
        raise InputError(f"a text is longer than {MAX_TEXT} characters", where=path, key=key)
    return prompt
