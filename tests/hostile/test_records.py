"""Records of strangers and what lies beside them: `compare`, `explain`, `--base`, `build`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from safetensors.numpy import save_file

from hmu_bench.errors import InputError
from hmu_bench.records import Record, write_record
from hmu_bench.scoring.base import choose_base
from hmu_bench.scoring.limit import first_prompts
from hmu_bench.scoring.terms import record_sha256
from tests.leaderboard.made_up import record, sha

TRICKS = "\x1b[2J\u202e<script>alert(1)</script>\x9b31m\u200b"
TRACK = {"name": "made-up", "version": "1", "sha256": sha("a")}


def written(path: Path, **changes: object) -> Path:
    """A made-up record in a file."""
    write_record(record(**{"id": path.stem, "track": TRACK} | changes), path)
    return path


def bomb(path: Path, rows: int, length: int, **metrics: float) -> Path:
    """A record, and beside it numbers of many prompts that all have one long text."""
    values = {name: {"value": value} for name, value in (metrics or {"mm_dist": 1.0}).items()}
    one = record(id=path.stem, track=TRACK, metrics={"forget": values})
    write_record(one, path)
    column = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, np.int32)), pa.array(["x" * length])
    ).cast(pa.string())
    table = pa.table(
        {
            "prompt_id": [f"{row:016x}" for row in range(rows)],
            "prompt_set": ["forget"] * rows,
            "base_clip": column,
            "category": ["none"] * rows,
            **{name: np.full(rows, value) for name, value in (metrics or {"mm_dist": 1.0}).items()},
        }
    ).replace_schema_metadata({"record_sha256": record_sha256(one), "constants": "{}"})
    pq.write_table(table, path.with_suffix(".parquet"), compression="zstd")
    return path


def test_one_long_text_for_all_prompts(refused, tmp_path):
    path = bomb(tmp_path / "a.json", 100_000, 1000)
    assert path.with_suffix(".parquet").stat().st_size < 1 << 20
    refused("explain", path, words="the texts are too long: 100,000 of up to 1000 bytes")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "of another record", "20 GB"])
def test_what_is_no_file_of_numbers(kind, refused, tmp_path):
    one, other = bomb(tmp_path / "a.json", 9, 9), bomb(tmp_path / "b.json", 9, 9, kid=0.5)
    beside = one.with_suffix(".parquet")
    if kind == "of another record":
        beside.write_bytes(other.with_suffix(".parquet").read_bytes())
    elif kind == "20 GB":
        os.truncate(beside, 20 << 30)
    else:
        beside.unlink()
        if kind == "pipe":
            os.mkfifo(beside)
        elif kind == "device":
            beside.symlink_to("/dev/zero")
        else:
            beside.mkdir()
    words = {"of another record": "not of the record 'a' beside it", "20 GB": "is larger than"}
    refused("compare", one, other, words=words.get(kind, "not a regular file"))


def test_texts_that_act_on_a_terminal_are_shown_escaped(tmp_path, hmu_bench_command):
    none = {"value": None, "reason": TRICKS}
    paths = [
        written(
            tmp_path / f"{name}.json",
            method={"name": TRICKS},
            metrics={"forget": {"fid": none, "kid": {"value": value}}},
            scores={"suppression": none, "preservation": none, "hmu": none},
        )
        for name, value in (("a", 1.7e308), ("b", -1.7e308), ("c", 5e-324))
    ]
    for extra in ([], ["--json"]):
        result = hmu_bench_command("compare", *paths, *extra)
        assert (result.returncode, result.stderr) == (0, "")
        assert all(line.isprintable() for line in result.stdout.splitlines())
        assert "too large for a number" in result.stdout
        assert "\\x1b[2J" in result.stdout or "\\u001b[2J" in result.stdout
    values = json.loads(result.stdout)["differences"][0]["values"]
    assert {one["metric"]: one["difference"]["reason"] for one in values}["fid"] == TRICKS


BASES = {
    "100 MB": "larger than 1,048,576 bytes",
    "a pipe": "not a regular file",
    "numbers of another record": "not of the record",
    "another track": "not the base model's record",
    "a method": "not the base model's record",
    "a dry run": "does not cover all prompts",
}


@pytest.mark.parametrize("kind", BASES)
def test_a_base_record_of_a_stranger(kind, stand_in_track, tmp_path):
    """Given by hand it is refused; looked up, it is a reason why there are no scores."""
    path = tmp_path / "base.json"
    info = stand_in_track.info
    track = {"name": info.name, "version": info.version, "sha256": stand_in_track.sha256}
    evaluator = {"id": "e", "sha256": info.evaluator.sha256}
    right = {
        "id": "base",
        "kind": "reference",
        "role": "original",
        "track": track,
        "protocol": "paper",
        "provenance": {"package_version": "1", "evaluator": evaluator},
    }
    changes: dict[str, dict[str, object]] = {
        "another track": {"track": TRACK},
        "a method": {"kind": "scored", "role": "method"},
        "a dry run": {"dry_run": True},
    }
    write_record(record(**right | changes.get(kind, {})), path)
    if kind == "100 MB":
        os.truncate(path, 100 << 20)
    elif kind == "a pipe":
        path.unlink()
        os.mkfifo(path)
    elif kind == "numbers of another record":
        other = bomb(tmp_path / "other.json", 9, 9)
        other.with_suffix(".parquet").rename(path.with_suffix(".parquet"))
    found = choose_base("base", stand_in_track, "paper", folder=tmp_path)
    assert found.result is None
    assert BASES[kind] in found.reason
    assert len(found.reason) <= 200
    with pytest.raises(InputError, match=BASES[kind]):
        choose_base("base", stand_in_track, "paper", given=path)


def hostile_companion(kind: str, path: Path) -> str:
    """Put something beside the record; what is said of it."""
    run, preview = path.with_suffix(".run.json"), path.with_suffix(".preview.safetensors")
    if kind == "run.json of 100 MB":
        run.touch()
        os.truncate(run, 100 << 20)
        return "larger than"
    if kind == "a moment that is none":
        run.write_text(json.dumps({"finished": "0001-01-01T00:00:00+23:59" + TRICKS}))
        return "is no moment"
    if kind == "deep run.json":
        run.write_text('{"a":' * 100_000)
        return "nested too deeply"
    if kind == "a record for a run.json":
        run.write_text(path.read_text())
        return "is a record, under the name of a companion"
    if kind == "preview of another":
        save_file({"0" * 16: np.zeros((40, 22, 3), np.int16)}, preview, {"x": TRICKS})
        return "metadata are not"
    preview.touch()
    os.truncate(preview, 20 << 30)
    return "at most are read"


@pytest.mark.parametrize(
    "kind",
    [
        "run.json of 100 MB", "a moment that is none", "deep run.json", "a record for a run.json",
        "preview of another", "preview of 20 GB",
    ],
)  # fmt: skip
def test_what_lies_beside_a_record(kind, refused, tmp_path):
    path = tmp_path / "records" / "made-up" / "a.json"
    written(path)
    words = hostile_companion(kind, path)
    out = tmp_path / "site"
    refused("build", "--records", path.parents[1], "--out", out, module="leaderboard", words=words)


NUMBERS = {
    "limit": ("score", ["--limit", "0"]),
    "huge limit": ("score", ["--limit", "9" * 5000]),
    "checkpoints": ("score", ["--checkpoint-every", "-" + "9" * 30]),
    "prompts": ("explain", ["-n", "-1"]),
    "port": ("serve", ["--port", "9" * 30]),
    "seed": ("evaluator", ["--seed", "9" * 30]),
    "threads": ("evaluator", ["--threads", "9" * 30]),
    "memory": ("evaluator", ["--cache-gib", "nan"]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_absurd_numbers_of_options(name, refused, submission, track, tmp_path):
    command, options = NUMBERS[name]
    before = {
        "score": ["score", submission, "--track", track, "--protocol", "paper"],
        "explain": ["explain", bomb(tmp_path / "a.json", 9, 9)],
        "serve": ["serve", tmp_path],
        "evaluator": ["evaluator", "--dataset", tmp_path, "--source", "x", "--motions", tmp_path,
                      "--out", tmp_path / "out"],
    }[command]  # fmt: skip
    module = {"serve": "leaderboard", "evaluator": "builders"}.get(command, "hmu_bench")
    refused(*before, *options, module=module)


def test_a_limit_beyond_all_prompts_is_all_of_them(stand_in_track):
    assert first_prompts(stand_in_track, 10**30).prompts == stand_in_track.prompts


def test_every_text_of_a_record_has_a_length():
    """So that a page of ten thousand records has one, too."""
    raw = record().model_dump(mode="json")
    for place in (("method", "family"), ("method", "name"), ("track", "version")):
        part = raw
        for name in place[:-1]:
            part = part[name]
        with pytest.raises(ValidationError, match="at most 200 characters"):
            Record.model_validate(raw | {place[0]: part | {place[-1]: "x" * 201}})
