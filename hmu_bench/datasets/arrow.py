"""Clips and verdicts <-> Arrow tables and Parquet files: the rows of DESIGN section 5."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.model import LabelledCaption, LabelledClip, Role
from hmu_bench.datasets.partition import SCORE_DECIMALS, PlacedClip, Verdict

CAPTION_FIELDS: list[tuple[str, Any]] = [
    ("caption_id", pa.string()),
    ("text", pa.string()),
    ("tokens", pa.string()),
    ("start", pa.float64()),
    ("end", pa.float64()),
    ("violent", pa.bool_()),
    ("score", pa.float64()),
    ("category", pa.string()),
    ("evidence", pa.list_(pa.string())),
]
SCHEMA = pa.schema(
    [
        ("clip_id", pa.string()),
        ("source", pa.string()),
        ("split", pa.string()),
        ("mirrored", pa.bool_()),
        ("captions", pa.list_(pa.struct(CAPTION_FIELDS))),
        ("label", pa.string()),
        ("score", pa.float64()),
        ("category", pa.string()),
        ("confident", pa.bool_()),
        ("motion_path", pa.string()),
        ("num_frames", pa.int32()),
    ]
)
ROW_GROUP = 10_000


class Rows:
    """The rows of all configurations: what they share is turned into arrays once."""

    def __init__(
        self, placed: Sequence[PlacedClip], facts: SourceFacts, include_text: bool
    ) -> None:
        clips = [item.clip for item in placed]
        captions = [caption for clip in clips for caption in clip.captions]
        offsets = [0]
        for clip in clips:
            offsets.append(offsets[-1] + len(clip.captions))
        self._offsets = pa.array(offsets, pa.int32())
        self._include_text = include_text
        self._captions = {
            "caption_id": pa.array([c.caption_id for c in captions], pa.string()),
            "text": pa.array([c.text if include_text else "" for c in captions], pa.string()),
            "tokens": pa.array([c.tokens if include_text else "" for c in captions], pa.string()),
            "start": pa.array([c.start for c in captions], pa.float64()),
            "end": pa.array([c.end for c in captions], pa.float64()),
        }
        paths = [
            clip.motion_path or facts.motion_path.replace("{clip_id}", clip.clip_id)
            for clip in clips
        ]
        self._clips = {
            "clip_id": pa.array([clip.clip_id for clip in clips], pa.string()),
            "source": pa.array([facts.name] * len(clips), pa.string()),
            "split": pa.array([item.split for item in placed], pa.string()),
            "mirrored": pa.array([clip.mirrored for clip in clips], pa.bool_()),
            "motion_path": pa.array(paths, pa.string()),
            "num_frames": pa.array([clip.num_frames for clip in clips], pa.int32()),
        }

    def table(self, verdicts: Sequence[Verdict]) -> pa.Table:
        """All rows with the labels of one configuration."""
        judged = [judgement for verdict in verdicts for judgement in verdict.judgements]
        evidence = [list(j.evidence) if self._include_text else [] for j in judged]
        scores = [round(j.probability, SCORE_DECIMALS) for j in judged]
        captions = self._captions | {
            "violent": pa.array([j.violent for j in judged], pa.bool_()),
            "score": pa.array(scores, pa.float64()),
            "category": pa.array([j.category for j in judged], pa.string()),
            "evidence": pa.array(evidence, pa.list_(pa.string())),
        }
        struct = pa.StructArray.from_arrays(
            [captions[name] for name, _ in CAPTION_FIELDS],
            fields=[pa.field(name, kind) for name, kind in CAPTION_FIELDS],
        )
        columns = self._clips | {
            "captions": pa.ListArray.from_arrays(self._offsets, struct),
            "label": pa.array([v.label for v in verdicts], pa.string()),
            "score": pa.array([v.score for v in verdicts], pa.float64()),
            "category": pa.array([v.category for v in verdicts], pa.string()),
            "confident": pa.array([v.confident for v in verdicts], pa.bool_()),
        }
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def select(table: pa.Table, split: str, role: Role) -> pa.Table:
    """The rows of one split and label, in order."""
    wanted = pc.and_(pc.equal(table["split"], split), pc.equal(table["label"], role))
    return table.filter(wanted)


def shards(table: pa.Table, max_bytes: int) -> Iterator[tuple[bytes, int, int]]:
    """Parquet files (zstd) of about equal numbers of rows, none made of more than `max_bytes`.

    Yields:
        The file's bytes, its rows, and the size that the rows have in memory once loaded (what the
        Hub calls num_bytes).
    """
    count = max(1, min(table.num_rows, -(-table.nbytes // max_bytes)))
    edges = [table.num_rows * i // count for i in range(count + 1)]
    for first, last in itertools.pairwise(edges):
        part = table.slice(first, last - first)
        buffer = io.BytesIO()
        pq.write_table(part, buffer, compression="zstd", row_group_size=ROW_GROUP)
        data = buffer.getvalue()
        batches = _open(data).iter_batches(batch_size=ROW_GROUP, use_threads=False)
        yield data, part.num_rows, sum(pa.Table.from_batches([b]).nbytes for b in batches)


def read_parquet(data: bytes) -> pa.Table:
    """The table in the bytes of a Parquet file."""
    return _open(data).read(use_threads=False)


def _open(data: bytes) -> pq.ParquetFile:
    # Without pre-buffering and threads: Arrow's threads may outlive a short program and abort it at
    # its exit ("terminate called without an active exception", apache/arrow#34314).
    return pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)


def labelled_clips(table: pa.Table) -> list[LabelledClip]:
    """The rows as objects."""
    return [
        LabelledClip(
            **{
                **row,
                "captions": tuple(
                    LabelledCaption(**{**caption, "evidence": tuple(caption["evidence"])})
                    for caption in row["captions"]
                ),
            }
        )
        for row in table.to_pylist()
    ]
