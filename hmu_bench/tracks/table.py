"""`prompts.parquet`: writing and checked reading."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmu_bench.errors import InputError, one_line
from hmu_bench.files import open_regular
from hmu_bench.tracks.pages import check_pages
from hmu_bench.tracks.prompts import Prompt
from hmu_bench.tracks.schema import PROMPT_COLUMNS, PROMPT_ID_PATTERN, PROMPT_SETS, TrackInfo

if TYPE_CHECKING:
    import pyarrow

MAX_TABLE_BYTES = 64 << 20
MAX_TABLE_BYTES_UNPACKED = 256 << 20
MAX_PROMPTS = 200_000
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

    try:
        with open_regular(path) as stream:
            return _read_rows(stream, path)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = one_line(str(error))[:200] or type(error).__name__
        raise InputError(f"not a readable Parquet file ({reason})", where=path) from error


def _read_rows(stream: BufferedReader, path: Path) -> list[dict[str, Any]]:
    """The rows; nothing is unpacked before it is known to be small (see `pages`)."""
    import pyarrow.parquet as pq

    if os.fstat(stream.fileno()).st_size > MAX_TABLE_BYTES:
        raise InputError(f"the file is larger than {MAX_TABLE_BYTES:,} bytes", where=path)
    check_pages(stream, MAX_TABLE_BYTES_UNPACKED, MAX_PROMPTS)
    schema = table_schema()
    # Arrow's threads may outlive a short program and abort it at its exit (arrow#34314).
    file = pq.ParquetFile(stream, pre_buffer=False)
    if file.schema_arrow.remove_metadata() != schema:
        raise InputError(
            f"the columns are not {', '.join(PROMPT_COLUMNS)} (with their types)", where=path
        )
    # A text that is stored once and used a thousand times stays stored once.
    texts = [name for name, (kind, _) in PROMPT_COLUMNS.items() if kind == "string"]
    file = pq.ParquetFile(stream, read_dictionary=texts, pre_buffer=False)
    packed = file.read(use_threads=False)
    _check_lengths(packed.select(texts), path)
    rows: list[dict[str, Any]] = packed.cast(schema).to_pylist()
    return rows


def _check_lengths(table: pyarrow.Table, path: Path) -> None:
    """Refuse texts that are too long, one by one or together."""
    import pyarrow.compute as pc

    total = 0
    for name in table.column_names:
        for chunk in table[name].chunks:
            lengths = pc.binary_length(chunk.dictionary)
            if (pc.max(lengths).as_py() or 0) > 4 * MAX_TEXT:  # bytes, up to 4 a character
                raise InputError(
                    f"a text is longer than {MAX_TEXT} characters", where=path, key=name
                )
            total += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    if total > MAX_TABLE_BYTES_UNPACKED:
        raise InputError(
            f"the texts have more than {MAX_TABLE_BYTES_UNPACKED:,} bytes together", where=path
        )


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
