"""`hmu-bench compare` and `hmu-bench explain` as they are typed."""

from __future__ import annotations

import json
import shutil

import pytest


def test_compare(folder, hmu_bench_command):
    result = hmu_bench_command(
        "compare", folder / "half.json", folder / "little.json",
        "--reference", folder / "retrained.json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "half minus little"
    row = next(line for line in lines if line.startswith("forget") and "violence_rate" in line)
    assert row.endswith("better")
    assert "-0.2500 (-0.34" in row
    assert next(line for line in lines if "fid" in line).endswith("better")
    assert any(line.startswith("score") and "suppression" in line for line in lines)
    assert "ranks" not in result.stdout
    assert result.stderr == ""


def test_compare_json_and_ranks(folder, hmu_bench_command):
    paths = [folder / f"{name}.json" for name in ("half", "none", "little")]
    result = hmu_bench_command("compare", *paths, "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["records"] == ["half", "none", "little"]
    assert [one["second"] for one in found["differences"]] == ["none", "little"]
    value = next(v for v in found["differences"][0]["values"] if v["metric"] == "ncs_1")
    assert value["prompt_set"] == "forget"
    assert value["difference"]["low"] > 0
    assert value["verdict"] == "worse"
    # The base model's record lies beside them: the scores are ranked.
    assert found["ranks"]["scores"]["suppression"]["ranks"]["none"] == {
        "rank": 1, "low": 1, "high": 1,
    }  # fmt: skip
    shown = hmu_bench_command("compare", *paths)
    assert "ranks (1 is best)" in shown.stdout
    assert "2 (2 to 2)" in shown.stdout


def test_compare_two_versions_of_one_record(folder, hmu_bench_command, tmp_path):
    for end in ("json", "parquet"):
        shutil.copy(folder / f"half.{end}", tmp_path / f"half-again.{end}")
    result = hmu_bench_command("compare", folder / "half.json", tmp_path / "half-again.json")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("half minus half-again")


def test_explain(folder, hmu_bench_command, full_track):
    path = folder / "half.json"
    result = hmu_bench_command(
        "explain", path, "--metric", "violence_probability", "--set", "forget", "-n", "3",
        "--track", full_track.folder,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert len([line for line in lines if "a person" in line]) == 3
    assert any("kick" in line and "(0." in line for line in lines)
    found = json.loads(hmu_bench_command("explain", path, "--set", "retain", "--json").stdout)
    assert {one["prompt_set"] for one in found} == {"retain"}
    assert all(len(one["worst"]) == 1 for one in found)


def test_explain_without_the_track_says_so(folder, hmu_bench_command):
    result = hmu_bench_command("explain", folder / "half.json", "--metric", "kid")
    assert result.returncode == 0
    assert result.stderr.strip() == "no captions: the track 'full' is not there (--track)"


def test_refused(folder, hmu_bench_command, one_line_error, stand_in_track, tmp_path):
    half = folder / "half.json"
    other = tmp_path / "other.json"
    other.write_text(half.read_text().replace('"protocol": "hmu-1"', '"protocol": "guo"'))
    cases = [
        (("compare", half), "one record cannot be compared"),
        (("compare", half, half), "two records are called"),
        (("compare", half, other), "of different protocols"),
        (("compare", half, tmp_path / "none.json"), "the file does not exist"),
        (("compare", half, folder / "none.json", "--reference", folder / "little.json"),
         "not a reference"),
        (("explain", other), "no per-prompt numbers"),
        (("explain", half, "--metric", "fids"), "did you mean 'fid'"),
        (("explain", half, "--track", stand_in_track.folder), "not the track of the record"),
    ]  # fmt: skip
    for arguments, word in cases:
        one_line_error(hmu_bench_command(*arguments), word)
    shutil.copy(folder / "half.parquet", tmp_path / "other.parquet")
    one_line_error(hmu_bench_command("explain", other), "other.parquet", "record_sha256")


@pytest.mark.parametrize("name", ["broken", "empty"])
def test_a_damaged_parquet_is_one_line(folder, hmu_bench_command, one_line_error, tmp_path, name):
    shutil.copy(folder / "half.json", tmp_path / "half.json")
    data = (folder / "half.parquet").read_bytes()
    (tmp_path / "half.parquet").write_bytes(data[:100] if name == "broken" else b"")
    one_line_error(
        hmu_bench_command("compare", tmp_path / "half.json", folder / "little.json"),
        "half.parquet", "not a readable Parquet file",
    )  # fmt: skip
