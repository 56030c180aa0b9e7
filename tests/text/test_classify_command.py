"""`hmu-bench classify` and `hmu-bench quality`, as users run them."""

from __future__ import annotations

import json
import time

import pytest


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


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.txt", b"kick " * 30_000, ("x.txt:1", "too long", "100,000 characters")),
        ("x.txt", b"a man walks\n" + b"\0" * 3_000_000, ("x.txt:2", "too long")),
        ("x.txt", b"a man walks\ncaf\xe9\n", ("x.txt:2", "not UTF-8")),
        ("x.txt", "a man walks\n".encode("utf-16"), ("x.txt:1", "not UTF-8")),
        ("x.jsonl", b'{"text": "a"}\n{"text": "b"\n', ("x.jsonl:2", "Invalid JSON")),
        ("x.jsonl", b"[" * 100_000, ("x.jsonl:1", "Invalid JSON")),
        ("x.jsonl", b'{"text": "a", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", ("x.jsonl:1",)),
        ("x.jsonl", b'{"text": "a", "x": ' + b"9" * 5000 + b"}", ("x.jsonl:1", "Invalid JSON")),
        ("x.jsonl", b'["a"]', ("x.jsonl:1", "object")),
        ("x.jsonl", b"null", ("x.jsonl:1", "object")),
        ("x.jsonl", b'{"text": "a \\ud800 kick"}', ("x.jsonl:1", "Invalid JSON")),
        ("x.jsonl", b'{"text": "' + b"a" * 100_001 + b'"}', ("x.jsonl:1", "[text]")),
    ],
)
def test_hostile_files_are_told_in_one_line(
    name, content, words, hmu_bench_command, one_line_error, tmp_path
):
    path = tmp_path / name
    path.write_bytes(content)
    for rule in ("lexicon", "keywords"):
        result = hmu_bench_command("classify", "--file", path, "--classifier", rule, "--json")
        one_line_error(result, *words)


def test_a_folder_is_no_file_of_captions(hmu_bench_command, one_line_error, tmp_path):
    one_line_error(hmu_bench_command("classify", "--file", tmp_path), "cannot be read")


def test_a_long_stream_is_answered_as_it_comes(hmu_bench_command):
    """So neither the table nor its memory grows with the stream."""
    captions = "".join(f"a man kicks man {number}\n" for number in range(10_000))
    result = hmu_bench_command("classify", "--rule", "keywords", "--file", "-", input=captions)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    headers = [number for number, line in enumerate(lines) if line.startswith("label ")]
    assert headers == [0, 4097, 8194]
    assert len(lines) - len(headers) == 10_000


def test_invisible_characters_do_not_reach_a_terminal(hmu_bench_command):
    text = "a \x1b[31mkick\u202e \x9b31m"
    for options in ((), ("--json",)):
        result = hmu_bench_command("classify", "--classifier", "lexicon", *options, text)
        assert result.returncode == 0, result.stderr
        assert all(line.isprintable() for line in result.stdout.splitlines())
    assert json.loads(result.stdout)["text"] == text


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
