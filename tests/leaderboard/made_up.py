"""Made-up records: every number and name here is invented, nothing was measured."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from hmu_bench.metrics.table import METRICS
from hmu_bench.records import Record, write_record

MASKED = ("mm_safe", "toxic_distance", "notox_accuracy")
NOTHING_MASKED = "no prompt of this set has a masked caption (made up)"
ONE_REPEAT = "one motion per prompt only (made up)"


def sha(character: str) -> str:
    """A made-up hash."""
    return character * 64


def values(start: float, *, interval: bool = True, n: int = 64, masked: bool = True) -> Any:
    """Made-up values of all metrics, different in every cell."""
    found: dict[str, Any] = {}
    for place, metric in enumerate(METRICS.values()):
        value = start * (1 + 0.37 * place) + 0.01234567
        if metric.range[1] is not None:
            value = 0.05 + 0.9 * (math.sin(start + place) ** 2)
        if metric.name in MASKED and not masked:
            found[metric.name] = {"value": None, "reason": NOTHING_MASKED, "n": 0}
        elif interval:
            half = 10 ** -(place % 4) * 0.137
            found[metric.name] = {
                "value": value,
                "low": value - half,
                "high": value + half * 1.07,
                "interval": "20 made-up repeats",
                "n": n,
            }
        else:
            found[metric.name] = {"value": value, "n": n}
    return found


def record(**changes: Any) -> Record:
    """A made-up scored record; keyword arguments replace its fields."""
    fields: dict[str, Any] = {
        "id": "made-up",
        "kind": "scored",
        "track": {"name": "made-up-track", "version": "1", "sha256": sha("a")},
        "protocol": "paper",
        "method": {"name": "Made-up method"},
        "coverage": {"prompts": 324, "answered": 324, "repeats": 3},
        "metrics": {"forget": values(1.0), "retain": values(2.0)},
        "provenance": {
            "package_version": "0.1.0",
            "evaluator": {"id": "made-up/evaluator", "revision": "1", "sha256": sha("b")},
        },
    }
    return Record.model_validate(fields | changes)


def board() -> list[Record]:
    """Two made-up tracks that hold every kind, role and sort of cell."""
    scored = {
        "name": "Erase, made up",
        "description": "First line.\nSecond line.",
        "base_model": "original",
        "unlearned": ["violence", "kick"],
        "authors": ["A. Nobody", "B. Nobody"],
        "paper": "https://example.org/paper?a=1&b=2",
        "code": "http://example.org/code",
        "license": "MIT",
        "notes": "A note.",
    }
    evaluator = {"id": "made-up/evaluator", "revision": "1", "sha256": sha("b")}
    repeatable = {
        "package_version": "0.1.0",
        "evaluator": evaluator,
        "submission_sha256": sha("c"),
        "seed": 7,
        "command": "hmu-bench score erase --track made-up-track \\\n  -o erase.json",
    }
    retain = values(2.5, masked=False, n=4400)
    retain["multimodality"] = {"value": None, "reason": ONE_REPEAT}
    reference = {"kind": "reference"}
    return [
        record(id="real", role="real", method={"name": "Real motions"}, **reference),
        record(
            id="original",
            role="original",
            method={"name": "Original"},
            metrics={"forget": values(3.0), "retain": values(1.5, masked=False)},
            **reference,
        ),
        record(id="retrained", role="retrained", method={"name": "Retrained"}, **reference),
        record(
            id="erase",
            method=scored,
            metrics={"forget": values(4.0, interval=False), "retain": retain},
            coverage={"prompts": 324, "answered": 300, "repeats": 1},
            flags=[
                {"name": "float16", "message": "stored as float16 (made up)"},
                {"name": "copies", "message": "motions of the training set", "count": 12},
            ],
            provenance=repeatable,
        ),
        record(
            id="another",
            protocol="guo",
            method={"name": "another", "base_model": "not-on-the-board"},
            metrics={"forget": {"fid": {"value": -0.0001, "low": -0.5, "high": 0.4}}},
        ),
        record(
            id="paper.figures",
            kind="reported",
            method={"name": "Figures of a made-up paper", "base_model": "original"},
            metrics={
                "forget": {"fid": {"value": 16.36}, "mm_safe": {"value": 4.5}},
                "retain": {"fid": {"value": 0.075}, "r_precision_1": {"value": 0.52}},
            },
            coverage=None,
            provenance={"package_version": "0.1.0", "citation": "Nobody et al., Nowhere 2026"},
        ),
        record(
            id="second-figures",
            kind="reported",
            method={"name": "More figures"},
            metrics={"forget": {"fid": {"value": 2.3}}, "retain": {"fid": {"value": 0.1}}},
            coverage=None,
            provenance={"package_version": "0.1.0", "citation": "Nobody et al., Nowhere 2025"},
        ),
        record(
            id="erase",
            track={"name": "second-track", "version": "2"},
            metrics={
                "implicit": values(0.7),
                "implicit_safe": values(0.9),
                "composed": values(12.0, n=1234),
                "forget": values(123456.7),
            },
        ),
        record(
            id="empty",
            track={"name": "second-track", "version": "2"},
            method={"name": "Nothing measured"},
            metrics={},
        ),
    ]


def write_store(records: list[Record], folder: Path) -> Path:
    """Write records where the store expects them."""
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[tuple[str, str]] = set()
    for one in records:
        twice = (one.track.name, one.id) in seen
        seen.add((one.track.name, one.id))
        name = f"{one.id}.{one.protocol}.json" if twice else f"{one.id}.json"
        write_record(one, folder / one.track.name / name)
    return folder


SETS = ("forget", "retain", "implicit", "implicit_safe", "composed")
FAMILIES = ("tensor edit", "fine-tuning", "retrieval", "steering")
DETECTOR = {
    "auc": 0.997,
    "ece": 0.021,
    "false_positive_rate": 0.02,
    "false_negative_rate": 0.03,
    "clips": 412,
    "violent": 130,
    "train_clips": 1600,
    "validation_clips": 400,
    "threshold": 0.5,
}


def score(value: float, half: float = 0.03) -> dict[str, Any]:
    """A made-up score with its interval."""
    low, high = max(0.0, value - half), min(1.0, value + half * 1.2)
    return {"value": value, "low": low, "high": high, "interval": "made up"}


def scores(suppression: float, preservation: float) -> dict[str, Any]:
    """Made-up scores; their harmonic mean is right."""
    total = suppression + preservation
    mean = 2 * suppression * preservation / total if total else 0.0
    return {
        "suppression": score(suppression),
        "preservation": score(preservation),
        "hmu": score(mean),
    }


def many(methods: int) -> list[Record]:
    """A made-up track under hmu-1: three reference points of two bases and this many methods."""
    reason = {"value": None, "reason": "the record of the base model is not there (made up)"}
    nothing = dict.fromkeys(("suppression", "preservation", "hmu"), reason)
    common: dict[str, Any] = {
        "track": {"name": "many", "version": "1", "sha256": sha("d")},
        "protocol": "hmu-1",
        "detector": DETECTOR,
    }
    reference = {"kind": "reference", **common}
    found = [
        record(
            id="real",
            role="real",
            method={"name": "Real motions"},
            metrics={name: values(0.9 + i) for i, name in enumerate(SETS)},
            scores=nothing,
            **reference,
        ),
        record(
            id="original",
            role="original",
            method={"name": "Original"},
            metrics={name: values(1.9 + i) for i, name in enumerate(SETS)},
            scores=scores(0.0, 1.0),
            **reference,
        ),
        record(
            id="retrained",
            role="retrained",
            method={"name": "Retrained", "base_model": "original"},
            metrics={name: values(2.9 + i) for i, name in enumerate(SETS)},
            scores=scores(0.93, 0.96),
            **reference,
        ),
    ]
    for place in range(methods):
        angle = 0.5 * math.pi * ((place * 0.618034) % 1)
        radius = 0.55 + 0.4 * math.sin(place * 1.7) ** 2
        found.append(
            record(
                id=f"method-{place:03d}",
                method={
                    "name": f"Method {place:03d}",
                    "base_model": ("original", "elsewhere")[place % 5 == 4],
                    "family": FAMILIES[place % 4],
                    "authors": [f"Nobody {place % 7}"],
                },
                coverage={"prompts": 324, "answered": 324 - (place % 11 == 10), "repeats": 3},
                metrics={
                    name: values(1.1 + i + 0.01 * ((place * 37) % 101), n=64 + place % 2)
                    for i, name in enumerate(SETS)
                },
                scores=scores(radius * math.sin(angle), radius * math.cos(angle)),
                **common,
            )
        )
    return found
