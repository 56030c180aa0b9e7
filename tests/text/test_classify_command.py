"""`hmu-bench classify` and `hmu-bench quality`, as users run them."""

from __future__ import annotations

import json
import time


def test_the_lexicon_answers_at_once_and_loads_nothing(hmu_bench_command):
    start = time.perf_counter()
    result = hmu_bench_command(
        "classify", "--classifier", "lexicon", "a man kicks a ball", "he kicks the referee"
    )
    assert time.perf_counter() - start < 10
    assert result.returncode == 0, result.stderr
    header, safe, violent = result.stdout.splitlines()
    assert header.split() == ["label", "probability", "category", "evidence", "caption"]
    assert safe.startswith("safe ")
    assert safe.endswith("a man kicks a ball")
    assert violent.startswith("violent ")
    assert " kick " in violent
    assert result.stderr == ""


def test_the_model_is_loaded_only_in_doubt_and_that_is_said(hmu_bench_command):
    plain = hmu_bench_command("classify", "--json", "a man kicks a man")
    assert json.loads(plain.stdout)["violent"] is True
    assert plain.stderr == ""
    doubt = hmu_bench_command("classify", "--json", "he dodges something")
    assert 0 < json.loads(doubt.stdout)["probability"] < 1
    (line,) = doubt.stderr.splitlines()
    assert "loading the sentence encoder" in line


def test_files_and_standard_input(hmu_bench_command, tmp_path):
    objects = tmp_path / "labels.jsonl"
    objects.write_text(
        '{"text": "katana fu", "subset": "game_motion"}\n{"text": "pause katana"}\n', "utf-8"
    )
    result = hmu_bench_command(
        *("classify", "--file", objects, "--subset", "game_motion", "--source", "motionx"),
        *("--classifier", "lexicon", "--json"),
    )
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["label"] for one in found] == ["violent", "safe"]
    assert found[1]["subset"] == "game_motion"
    assert found[0]["evidence"]
    stdin = hmu_bench_command(
        *("classify", "--file", "-", "--classifier", "keywords", "--json"),
        input="a white cat\n\na cat\n",
    )
    assert [json.loads(line)["violent"] for line in stdin.stdout.splitlines()] == [True, False]


def test_bad_input_is_told_in_one_line(hmu_bench_command, one_line_error, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "a man kicks"}\n{"text": 3}\n', "utf-8")
    for arguments, words in (
        ((), ("give either captions or --file",)),
        (("a", "--file", bad), ("give either captions or --file",)),
        (("--file", bad, "--classifier", "lexicon"), ("bad.jsonl:2", "[text]")),
        (("--file", tmp_path / "none.txt"), ("none.txt", "cannot be read")),
        (("a", "--classifier", "taste"), ("no rule 'taste'",)),
        (("a", "--concept", "kick"), ("no classifier is trained", "--rule keywords")),
    ):
        one_line_error(hmu_bench_command("classify", *arguments), *words)


def test_quality_prints_tables_or_json(hmu_bench_command, one_line_error, tmp_path):
    options = ("--challenge", "--classifier", "calibrated", "--resamples", "100")
    table = hmu_bench_command("quality", *options)
    assert table.returncode == 0, table.stderr
    assert "balanced accuracy" in table.stdout
    assert "did not learn from them judge these" in table.stdout
    report = json.loads(hmu_bench_command("quality", *options, "--json").stdout)
    assert [one["rule"] for one in report["measured"]] == ["keywords", "calibrated"]
    assert report["measured"][1]["out_of_fold"] == 798
    one_line_error(hmu_bench_command("quality"), "nothing to measure", "--gold FILE")
    one_line_error(hmu_bench_command("quality", "--gold", tmp_path / "x"), "does not exist")
