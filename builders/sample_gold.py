"""The captions of the embedded sample as gold labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.terminal import say


def run(
    out: Annotated[Path, typer.Option(help="File to write (JSON lines).")] = Path(
        "build/sample-gold.jsonl"
    ),
) -> None:
    """The sample's captions as gold labels, for `hmu-bench quality --gold`.

    Every different caption of the base clips, labelled by what the described motion is. No
    classifier learns from them.
    """
    from hmu_bench.files import write_atomic

    lines = [json.dumps(row, ensure_ascii=False) for row in rows()]
    write_atomic(out, "\n".join(lines) + "\n")
    say(f"{out} written: {len(lines):,} captions")


def rows() -> list[dict[str, object]]:
    """One gold line for each different caption, in the order of the clips."""
    from hmu_bench.sample.catalogue import clips

    found: dict[str, dict[str, object]] = {}
    for clip in clips(twins=False):
        for caption in clip.captions:
            line: dict[str, object] = {
                "source": "sample",
                "clip_id": clip.clip_id,
                "caption": caption.text,
                "gold": "V" if caption.violent else "N",
                "category": caption.category,
                "stratum": clip.action,
                "weight": 1.0,
            }
            found.setdefault(caption.text, line)
    return list(found.values())
