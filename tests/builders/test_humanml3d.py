"""`python -m builders humanml3d` from end to end."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair, load_rows, read_report
from tests.datasets.loading import check_repository

GOOD = "a man kicks#a/DET man/NOUN kick/VERB#0.0#0.0\n"


def texts(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.txt").write_bytes(data)
    return folder


def lists(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.txt").write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize("packed", ["zip", "folder"])
def test_forget_is_what_grep_finds(shared, builders_command, tmp_path, packed):
    data = shared / "data/humanml3d"
    with zipfile.ZipFile(data / "texts.zip") as archive:
        archive.extractall(tmp_path)
    pattern = "|".join(load_concept("violence").keywords_for("humanml3d").keywords)
    found = subprocess.run(
        ["grep", "-rlE", pattern, str(tmp_path / "texts")], capture_output=True, text=True
    ).stdout.split()
    matching = {Path(name).stem for name in found}
    listed = (data / "test.txt").read_text("utf-8").split()

    result = builders_command(
        *("humanml3d", "--texts", data / "texts.zip" if packed == "zip" else tmp_path / "texts"),
        *("--splits", data, "--rule", "keywords", "--out", tmp_path / "out"),
    )
    assert result.returncode == 0, result.stderr
    pair = load_pair(tmp_path / "out", "humanml3d", "violence-keywords")
    ids = {role: [row.clip_id for row in rows] for role, rows in pair.items()}
    assert ids["forget"] == [clip_id for clip_id in listed if clip_id in matching]
    assert ids["retain"] == [clip_id for clip_id in listed if clip_id not in matching]
    assert len(ids["forget"]) == 118
    assert result.stdout.split("\n")[1].split() == ["violence-keywords", "test", "118", "1820"]
    assert f"written: {tmp_path}/out/hmu/humanml3d-forget" in result.stderr


def test_most_texts_missing_is_told_and_counted(shared, builders_command, tmp_path):
    """The official lists name 29,228 clips; our copy of the texts holds 1,938 of them."""
    data = shared / "data/humanml3d"
    result = builders_command(
        *("humanml3d", "--texts", data / "texts.zip", "--splits", data / "official_splits"),
        *("--rule", "keywords", "--out", tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert "27,290 listed ids have no text; they are in neither set" in result.stderr
    whole = read_report(tmp_path / "hmu/humanml3d-forget").integrity
    assert (whole.listed, whole.used, whole.missing_texts.count) == (29228, 1938, 27290)


def test_all_concepts_violence_first(builders_command, tmp_path):
    folder = texts(tmp_path / "texts", **{"000001": GOOD, "M000001": "a man jumps#a/X#0#0"})
    result = builders_command(
        *("humanml3d", "--texts", folder, "--concept", "all", "--rule", "keywords"),
        *("--out", tmp_path / "out"),
    )
    assert result.returncode == 0, result.stderr
    report = read_report(tmp_path / "out/hmu/humanml3d-retain")
    assert [config.name for config in report.configs] == [
        f"{name}-keywords"
        for name in (
            *("violence", "crawl_creep_slide", "duck_squat", "jump_leap_hop", "kick", "none"),
            *("punch_jab_box_hit_beat", "throw", "zombie"),
        )
    ]
    assert "no --splits given" in result.stderr
    assert "1 of 1 mirrored twins are judged apart (000001)" in result.stderr
    assert "humanml3d-forget has no rows for" in result.stderr


def test_annotations_json_is_read_too(builders_command, tmp_path):
    path = tmp_path / "annotations.json"
    caption = {"seg_id": "000001_0", "text": "a man kicks", "start": 0.0, "end": 2.0}
    path.write_text(
        json.dumps({"000001": {"path": "x", "duration": 2.0, "annotations": [caption]}})
    )
    result = builders_command("humanml3d", "--texts", path, "--rule", "keywords", "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    (row,) = load_rows(tmp_path / "hmu/humanml3d-forget")
    assert row.captions[0].tokens == "a/DET man/NOUN kick/VERB"


def test_skip_bad_leaves_out_and_says_so(builders_command, tmp_path):
    folder = texts(tmp_path / "texts", good=GOOD, bad="no hash", worse=b"\xff")
    result = builders_command(
        *("humanml3d", "--texts", folder, "--skip-bad", "--rule", "keywords"),
        *("--out", tmp_path / "out"),
    )
    assert result.returncode == 0, result.stderr
    assert f"left out: {folder}/bad.txt:1: no '#' in the line" in result.stderr
    assert f"left out: {folder}/worse.txt:1: the file is not UTF-8" in result.stderr
    assert [row.clip_id for row in load_rows(tmp_path / "out/hmu/humanml3d-forget")] == ["good"]


def test_bad_input_is_one_line_and_writes_nothing(builders_command, one_line_error, tmp_path):
    good = texts(tmp_path / "good", **{"1": GOOD, "2": GOOD})
    fine = lists(tmp_path / "fine", train="1\n2\n")
    (tmp_path / "empty").mkdir()
    no_hash = texts(tmp_path / "no_hash", **{"1": GOOD + "a man walks\n", "2": GOOD})
    binary = texts(tmp_path / "binary", **{"1": GOOD.encode() + b"caf\xe9\n", "2": GOOD})
    twice = lists(tmp_path / "twice", train="1\n2\n1\n")
    across = lists(tmp_path / "across", train="1\n2\n", test="2\n")
    other = lists(tmp_path / "other", train="8\n9\n")
    cases = [
        ([], ["--texts PATH"]),
        (["--texts", tmp_path / "nowhere"], ["nowhere", "does not exist"]),
        (["--texts", tmp_path / "empty"], ["empty", "no .txt file"]),
        (["--texts", no_hash], ["1.txt:2:", "no '#'", "--skip-bad"]),
        (["--texts", binary], ["1.txt:2:", "not UTF-8"]),
        (["--texts", good, "--splits", tmp_path / "nowhere"], ["nowhere", "does not exist"]),
        (["--texts", good, "--splits", tmp_path / "empty"], ["empty", "train.txt"]),
        (["--texts", good, "--splits", twice], ["train.txt:3:", "'1' is given twice"]),
        (["--texts", good, "--splits", across], ["test.txt:1:", "'2' is given twice"]),
        (["--texts", good, "--splits", other], ["none of the 2 listed ids"]),
        (["--texts", good, "--splits", fine, "--rule", "guess"], ["'guess'", "keywords"]),
        (["--texts", good, "--concept", "voilence"], ["voilence", "violence"]),
        (["--texts", good, "--concept", "weapons"], ["weapons", "no keywords"]),
        (["--texts", good, "--min-occurrence", "0"], ["--min-occurrence"]),
        (["--texts", good, "--colour", "red"], ["--colour"]),
    ]
    out = tmp_path / "out"
    for arguments, words in cases:
        rule = () if "--rule" in arguments else ("--rule", "keywords")
        one_line_error(builders_command("humanml3d", "--out", out, *rule, *arguments), *words)
        assert not out.exists(), arguments
    (tmp_path / "file").write_text("x")
    one_line_error(
        builders_command(
            "humanml3d", "--texts", good, "--rule", "keywords", "--out", tmp_path / "file"
        ),
        "not a folder",
    )


def test_a_failed_rebuild_leaves_the_old_pair(builders_command, one_line_error, tmp_path):
    folder = texts(tmp_path / "texts", **{"1": GOOD})
    options = ("--rule", "keywords", "--out", tmp_path / "out")
    arguments = ("humanml3d", "--texts", folder, *options)
    assert builders_command(*arguments).returncode == 0
    before = load_rows(tmp_path / "out/hmu/humanml3d-forget")
    shutil.copy(folder / "1.txt", folder / "2.txt")
    (folder / "3.txt").write_text("broken")
    one_line_error(builders_command(*arguments), "3.txt:1")
    assert load_rows(tmp_path / "out/hmu/humanml3d-forget") == before


def test_all_concepts_under_two_rules_load_and_are_told(
    shared, builders_command, hub, tmp_path, monkeypatch
):
    data = shared / "data/humanml3d"
    result = builders_command(
        *("humanml3d", "--texts", data / "texts.zip", "--splits", data, "--concept", "all"),
        *("--rule", "keywords", "--rule", "lexicon", "--motions", data / "motions"),
        *("--json", "--out", tmp_path),
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report == json.loads((tmp_path / "hmu/humanml3d-retain/build.json").read_text("utf-8"))
    assert "violence-lexicon and violence-keywords: Cohen's kappa" in result.stderr
    (pair,) = report["agreements"]
    total = pair["both_forget"] + pair["both_retain"]
    assert total + pair["only_config"]["count"] + pair["only_papers"]["count"] == 1938
    assert 0.5 < pair["kappa"] < 1.0
    by_name = {config["name"]: config for config in report["configs"]}
    assert by_name["violence-lexicon"]["twins_apart"]["count"] == 0
    assert by_name["violence-lexicon"]["keywords"] is None
    monkeypatch.chdir(tmp_path)
    for name in ("humanml3d-forget", "humanml3d-retain"):
        check_repository(hub, tmp_path / "hmu" / name, name, tmp_path / "cache")
