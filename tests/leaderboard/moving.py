"""A made-up track whose records have numbers of single prompts and motions beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from hmu_bench.metrics.intervals import cluster_bootstrap_means
from hmu_bench.records import Record, write_record
from hmu_bench.scoring.terms import PromptTerms, write_terms
from hmu_bench.submissions.preview import (
    Preview,
    PreviewFacts,
    PreviewPrompt,
    to_millimetres,
    write_preview,
)
from tests.leaderboard.made_up import sha
from tests.stand_ins import joints

TRACK = "moving"
KINDS = ("kick", "punch", "weapon", "none")
METRICS = (
    "fid", "kid", "mm_dist", "mm_safe", "r_precision_3", "violence_rate", "violence_probability",
    "peak_jerk", "foot_skating",
)  # fmt: skip
SIZES = {"forget": 48, "retain": 96, "implicit": 24}


def prompts() -> list[tuple[str, str, str]]:
    """(id, set, category), ordered by id."""
    rows = []
    for name, count in SIZES.items():
        for number in range(count):
            key = hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:16]
            rows.append((key, name, "none" if name == "retain" else KINDS[number % 4]))
    return sorted(rows)


def made_up_terms(seed: int) -> PromptTerms:
    """Numbers of every prompt; `mm_safe` is missing for a third of them."""
    rows = prompts()
    generator = np.random.default_rng(seed)
    columns = {}
    for place, name in enumerate(METRICS):
        level = generator.uniform(0.2, 0.6) if place > 3 else generator.uniform(1, 9)
        columns[name] = level * generator.uniform(0.5, 1.5, len(rows))
    columns["mm_safe"][::3] = np.nan
    ids, sets, categories = (list(column) for column in zip(*rows, strict=True))
    clips = [f"clip {place // 2}" for place in range(len(rows))]
    return PromptTerms(ids, sets, clips, categories, columns)


def values(terms: PromptTerms, rows: np.ndarray) -> dict[str, Any]:
    """What a record says of these prompts."""
    found = {}
    for name, column in terms.columns.items():
        known = rows[~np.isnan(column[rows])]
        groups = np.array([terms.base_clip[row] for row in known])
        one = cluster_bootstrap_means([column[known]], groups, resamples=200)[0]
        found[name] = {
            "value": one.value, "low": one.low, "high": one.high, "interval": one.method, "n": one.n
        }  # fmt: skip
    return found


def scored(number: int, **changes: Any) -> tuple[Record, PromptTerms]:
    """A made-up record and the numbers that it rests on; keyword arguments replace its fields."""
    terms = made_up_terms(number)
    sets = {name: terms.rows_of(name) for name in SIZES}
    kinds = {
        kind: np.array([row for row in sets["forget"] if terms.category[row] == kind])
        for kind in KINDS
    }
    fields: dict[str, Any] = {
        "id": f"record-{number}",
        "kind": "scored",
        "track": {"name": TRACK, "version": "1", "sha256": sha("a")},
        "protocol": "hmu-1",
        "method": {"name": f"Method {number}", "base_model": "original"},
        "coverage": {"prompts": 168, "answered": 168, "repeats": 1},
        "metrics": {name: values(terms, rows) for name, rows in sets.items()},
        "categories": {"forget": {kind: values(terms, rows) for kind, rows in kinds.items()}},
        "provenance": {
            "package_version": "0.1.0",
            "evaluator": {"id": "made-up/evaluator", "revision": "1", "sha256": sha("b")},
            "submission_sha256": hashlib.sha256(f"{number}".encode()).hexdigest(),
            "command": "hmu-bench score method --track moving -o method.json",
        },
    }
    return Record.model_validate(fields | changes), terms


def preview_of(record: Record, *, seed: int = 0, text: str | None = None) -> Preview:
    """Two motions a set for a record; `text` replaces every caption."""
    shown, motions = [], {}
    for name in SIZES:
        for place, (key, _, category) in enumerate([p for p in prompts() if p[1] == name][:2]):
            shown.append(
                PreviewPrompt(
                    prompt_id=key,
                    prompt_set=name,  # type: ignore[arg-type]
                    category=category,
                    text=f"a person of {name} number {place} & co <b>" if text is None else text,
                )
            )
            motions[key] = to_millimetres(joints(40 + 4 * place, seed + place))[0]
    facts = PreviewFacts(
        submission=record.id,
        submission_sha256=record.provenance.submission_sha256 or sha("c"),
        track=TRACK,
        track_version="1",
        track_sha256=sha("a"),
        prompts=shown,
    )
    return Preview(facts, motions)


def world() -> list[tuple[Record, PromptTerms]]:
    """The original and the retrained model, real motions, two methods."""
    reference: dict[str, Any] = {"kind": "reference"}
    return [
        scored(1, id="original", role="original", method={"name": "Original"}, **reference),
        scored(
            2,
            id="retrained",
            role="retrained",
            method={"name": "Retrained", "base_model": "original"},
            **reference,
        ),
        scored(3, id="real", role="real", method={"name": "Real motions"}, **reference),
        scored(
            4,
            id="erase",
            method={"name": "Erase <i>", "base_model": "original", "family": "tensor edit"},
            scores={
                "suppression": {"value": 0.5, "low": 0.45, "high": 0.55},
                "preservation": {"value": None, "reason": "no base record (made up)"},
                "hmu": {"value": 0.71234, "low": 0.68, "high": 0.744},
            },
            detector={
                "auc": 0.98, "ece": 0.02, "false_positive_rate": 0.05,
                "false_negative_rate": 0.0625, "clips": 1100, "violent": 30, "train_clips": 300,
                "validation_clips": 50, "threshold": 0.5,
            },
            flags=[
                {"name": "float16", "message": "stored as float16 (made up)", "count": 3},
                {"name": "unheard-of", "message": "a flag of tomorrow"},
            ],
        ),
        scored(5, id="alone", method={"name": "Alone"}),
    ]  # fmt: skip


def write_world(folder: Path) -> Path:
    """The store: numbers beside all, motions beside all but the real ones and `alone`.

    `erase` is there under a second protocol, too, without files of its own.
    """
    for number, (record, terms) in enumerate(world()):
        path = folder / TRACK / f"{record.id}.json"
        write_record(record, path)
        write_terms(terms, record, path.with_suffix(".parquet"))
        if record.id not in ("real", "alone"):
            write_preview(
                preview_of(record, seed=10 * number),
                path.with_name(f"{record.id}.preview.safetensors"),
            )
    erase = next(record for record, _ in world() if record.id == "erase")
    again = erase.model_copy(update={"protocol": "guo", "scores": None, "categories": {}})
    write_record(again, folder / TRACK / "erase.guo.json")
    return folder
