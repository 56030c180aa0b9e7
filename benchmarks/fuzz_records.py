"""For `fuzz_targets.py`: records, what lies beside them, checkpoints; right files and readers."""

from __future__ import annotations

import json
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hmu_bench.files import canonical_json
from hmu_bench.yaml_files import write_yaml

if TYPE_CHECKING:
    from hmu_bench.scoring.results import Result

PROMPTS = {"forget": 12, "retain": 12}
COLUMNS = ("mm_dist", "r_precision_3", "kid", "violence_rate", "peak_jerk", "mm_safe")
KINDS = ("kick", "punch", "none")
SHA = "0123456789abcdef" * 4


@cache
def measured(seed: int = 0) -> Result:
    """A record with everything that it may hold, and the numbers of its prompts."""
    from hmu_bench.records import Record
    from hmu_bench.scoring.results import Result
    from hmu_bench.scoring.terms import PromptTerms

    random = np.random.default_rng(seed)
    count = sum(PROMPTS.values())
    sets = [name for name, n in PROMPTS.items() for _ in range(n)]
    columns = {name: random.uniform(0.1, 0.9, count) for name in COLUMNS}
    columns["mm_safe"][::3] = np.nan
    terms = PromptTerms(
        prompt_id=[f"{number:016x}" for number in range(count)],
        prompt_set=sets,
        base_clip=[f"clip {number // 2}" for number in range(count)],
        category=[KINDS[number % 3] for number in range(count)],
        columns=columns,
        constants={"violence_floor": 0.1, "kid_frozen": 2.0},
    )
    metrics = {
        name: {
            metric: {
                "value": float(np.nanmean(column[terms.rows_of(name)])),
                "low": 0.0,
                "high": 1.0,
                "interval": "made up",
                "n": 12,
            }
            for metric, column in columns.items()
        }
        for name in PROMPTS
    }
    record = Record.model_validate(
        {
            "id": "base" if seed == 0 else f"method-{seed}",
            "kind": "reference" if seed == 0 else "scored",
            "role": "original" if seed == 0 else "method",
            "track": {"name": "made-up", "version": "1", "sha256": SHA},
            "protocol": "hmu-1",
            "method": {
                "name": "Made up",
                "base_model": "base",
                "family": "fine-tuning",
                "unlearned": ["violence"],
                "authors": ["A", "B"],
                "paper": "https://example.org/p",
            },
            "coverage": {"prompts": count, "answered": count, "repeats": 1},
            "metrics": metrics,
            "categories": {"forget": {"kick": {"mm_dist": {"value": 0.5, "n": 4}}}},
            "scores": {
                "suppression": {"value": 0.5, "low": 0.4, "high": 0.6, "interval": "made up"},
                "preservation": {"value": 0.9},
                "hmu": {"value": None, "reason": "made up"},
            },
            "detector": {
                "auc": 0.98, "ece": 0.02, "false_positive_rate": 0.05,
                "false_negative_rate": 0.06, "clips": 1100, "violent": 30, "train_clips": 300,
                "validation_clips": 50, "threshold": 0.5,
            },
            "flags": [{"name": "float16", "message": "half precision", "count": 3}],
            "provenance": {
                "package_version": "1",
                "evaluator": {"id": "e", "revision": "1", "sha256": SHA},
                "submission_sha256": SHA[::-1] if seed == 0 else SHA,
                "base_sha256": None if seed == 0 else measured(0).sha256,
                "seed": 1,
                "command": "hmu-bench score made-up --track made-up",
            },
        }
    )  # fmt: skip
    return Result(record, terms)


def full_records() -> list[bytes]:
    """Records with everything, canonical and in one line."""
    records = [measured(seed).record for seed in (0, 1)]
    return [found for one in records for found in _both(one.model_dump(mode="json"))]


def _both(value: dict[str, Any]) -> list[bytes]:
    return [canonical_json(value).encode(), json.dumps(value).encode()]


def read_compared(data: bytes, folder: Path) -> None:
    """A record as `hmu-bench compare` and `explain` read it, beside a right one."""
    from hmu_bench.cli.records import _comparison, _differences, _ranks
    from hmu_bench.comparison import compare_results, rank_results
    from hmu_bench.comparison.reading import read_results, references_beside
    from hmu_bench.records import write_record

    one, right = folder / "one.json", folder / "right.json"
    one.write_bytes(data)
    write_record(measured(2).record, right)
    results, labels = read_results([one, right])
    beside = references_beside([one, right], results)
    found = compare_results(results[0], results[1], beside, resamples=100)
    ranks = rank_results(results, labels=labels, resamples=100)
    pairs = [(labels[1], found)]
    canonical_json(_comparison(results[0].record, labels, pairs, ranks)).encode()
    str(_differences(found)).encode()
    str(_ranks(ranks, labels)).encode()


def pages_of(data: bytes, folder: Path) -> None:
    """A record on the pages that its texts reach: its own, the feed, badge, BibTeX, downloads."""
    from hmu_bench.records import read_record
    from leaderboard import differences, frame
    from leaderboard.badge import badge
    from leaderboard.bibtex import of_record
    from leaderboard.board import Board
    from leaderboard.downloads import records_csv, records_json, records_parquet
    from leaderboard.feed import Dated, atom
    from leaderboard.pages import submission, track
    from leaderboard.run_facts import finished
    from leaderboard.store import read_entries

    made = folder / "records" / "made-up"
    made.mkdir(parents=True)
    (made / "x").write_bytes(data)
    record = read_record(made / "x")
    path = made.with_name(record.track.name) / f"{record.id}.json"
    made.rename(path.parent)
    (path.parent / "x").rename(path)
    path.with_suffix(".run.json").write_text('{"finished": "2026-11-22T14:00:00Z"}')
    entries = read_entries(folder / "records")
    names = ("home", "compare", "metrics", "datasets", "submit", "downloads", "about")
    board = Board(entries, frame.environment(names))
    for module in (submission, track):
        for output in module.pages(board):
            content = output.content
            assert isinstance(content, bytes) or content.encode()
    differences._from_base.cache_clear()  # it would keep every board
    moment = finished(path.with_suffix(".run.json"))
    assert moment is not None
    atom([Dated(record, moment)]).encode()
    badge(record).encode()
    of_record(record).encode()
    records_csv([record]).encode()
    records_json([record]).encode()
    records_parquet([record])


def run_files() -> list[bytes]:
    """Facts of a run, with what else stands there."""
    facts = {"finished": "2026-11-22T14:00:00Z", "seconds": 1.5, "machine": "x86_64"}
    other = {"finished": "2026-11-22T15:00:00.123456+01:00"}
    return [*_both(facts), json.dumps(other).encode()]


def read_run(data: bytes, folder: Path) -> None:
    """When a scoring was finished, as the feed has it."""
    from leaderboard.feed import Dated, atom
    from leaderboard.run_facts import finished

    (folder / "x.run.json").write_bytes(data)
    moment = finished(folder / "x.run.json")
    atom([Dated(measured(1).record, moment)] if moment else []).encode()


def publications() -> list[bytes]:
    """Reported figures of a made-up publication."""
    result = {
        "id": "a", "method": "A", "role": "method", "base_model": "b", "family": "fine-tuning",
        "forget": {"fid": 1.5, "mm_safe": 3}, "retain": {"fid": 0.5},
    }  # fmt: skip
    content = {
        "citation": "Nobody et al., 2026", "stated_in": "table 1", "paper": "https://example.org/",
        "authors": ["A", "B"], "concept": "violence", "protocol": "paper", "package_version": "1",
        "tracks": [{"name": "made-up", "version": "1", "results": [result]}],
    }  # fmt: skip
    return [write_yaml(content).encode(), json.dumps(content).encode()]


def read_publication(data: bytes, folder: Path) -> None:
    """Reported figures, written into a store as records."""
    from leaderboard.reported import write_reported
    from leaderboard.store import read_entries

    source = folder / "publications"
    source.mkdir()
    (source / "a.yaml").write_bytes(data)
    write_reported(folder / "records", source)
    read_entries(folder / "records")


def releases() -> list[bytes]:
    """A release that ships."""
    from hmu_bench.datasets.releases import FOLDER

    path = min(FOLDER.rglob("*.json"))
    return _both(json.loads(path.read_text()))


def read_release(data: bytes, folder: Path) -> None:
    """A release of the place where it lies."""
    from hmu_bench.datasets.releases import FOLDER, releases_of

    source, config, name = min(FOLDER.rglob("*.json")).parts[-3:]
    path = folder / source / config / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    for release in releases_of(source, config, folder):
        release.to_json().encode()


PART, KEY = slice(32, 64), "f" * 64


def _columns() -> Any:
    from hmu_bench.scoring.checkpoints import Columns

    return Columns.empty(PART.stop, 4, 5)


@cache
def scoring_parts() -> tuple[bytes, ...]:
    """One file of a scoring that was interrupted."""
    import tempfile

    from hmu_bench.scoring.checkpoints import Checkpoints

    columns = _columns()
    for array in columns.rows(slice(None)).values():
        array[:] = 1
    with tempfile.TemporaryDirectory() as name:
        Checkpoints(Path(name), KEY, 32).keep(columns, PART)
        return tuple(path.read_bytes() for path in Path(name).iterdir())


def read_scoring_part(data: bytes, folder: Path) -> None:
    """A file of an interrupted scoring: what is damaged is made anew, the rest is what was kept."""
    from hmu_bench.errors import InputError
    from hmu_bench.scoring.checkpoints import Checkpoints

    (folder / f"{PART.start:06}-{PART.stop:06}.safetensors").write_bytes(data)
    columns = _columns()
    logger = logging.getLogger("hmu_bench")
    logger.disabled = True  # a line for every damaged file
    try:
        missing = Checkpoints(folder, KEY, 32).load(columns)
    finally:
        logger.disabled = False
    assert missing in ([slice(0, 32)], [slice(0, 32), PART])
    if PART in missing:
        raise InputError("made anew")
    assert all((array == 1).all() for array in columns.rows(PART).values())


@cache
def training_checkpoints() -> tuple[bytes, ...]:
    """Where a training of a tiny network stands."""
    import tempfile

    from builders._evaluator_checkpoints import FILE, Checkpoints

    with tempfile.TemporaryDirectory() as name:
        random = np.random.default_rng(1)
        Checkpoints(Path(name), KEY).save("matching", 3, _parts(), random, {"best": 0.5})
        return ((Path(name) / FILE).read_bytes(),)


def _parts() -> dict[str, Any]:
    import torch

    torch.manual_seed(1)
    return {"network": torch.nn.Linear(3, 2)}


def read_training_checkpoint(data: bytes, folder: Path) -> None:
    """Where a training stands, to go on there."""
    from builders._evaluator_checkpoints import FILE, Checkpoints

    (folder / FILE).write_bytes(data)
    Checkpoints(folder, KEY).restore("matching", _parts(), np.random.default_rng(2))
