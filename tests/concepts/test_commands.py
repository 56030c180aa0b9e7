"""`hmu-bench concepts` and `hmu-bench concepts show NAME`."""

from __future__ import annotations

import json

import pytest

from hmu_bench.concepts import concept_names, load_concept
from hmu_bench.concepts.table import card_lines, overview


def test_the_overview_names_every_concept(hmu_bench_command):
    result = hmu_bench_command("concepts")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["name", "title", "keywords"]
    assert [line.split()[0] for line in lines[1:]] == list(concept_names())
    violence = next(line for line in lines if line.startswith("violence"))
    assert violence.endswith("humanml3d 9, motionx 16")
    assert len(overview()[1]) == len(concept_names())


def test_json_of_all_and_of_one(hmu_bench_command):
    everything = json.loads(hmu_bench_command("concepts", "--json").stdout)
    assert [concept["name"] for concept in everything] == list(concept_names())
    one = json.loads(hmu_bench_command("concepts", "show", "kick", "--json").stdout)
    assert one in everything
    assert one["sources"]["motionx"] == {"origin": "paper", "keywords": {"kick": "kick"}}
    assert one["sha256"] == load_concept("kick").sha256


@pytest.mark.parametrize("name", concept_names())
def test_every_concept_can_be_read(name):
    concept = load_concept(name)
    text = "\n".join(card_lines(concept))
    assert concept.description in text
    for source in concept.sources.values():
        assert all(keyword in text for keyword in source.keywords)


def test_a_file_of_ones_own_and_what_is_wrong(hmu_bench_command, one_line_error, tmp_path):
    path = tmp_path / "push.yaml"
    path.write_text(
        "name: push\ntitle: Pushing\ndescription: Pushing someone.\n"
        "sources: {humanml3d: {origin: ours, keywords: {push: grapple}}}\n",
        "utf-8",
    )
    result = hmu_bench_command("concepts", "show", path)
    assert result.stdout.splitlines()[:3] == [
        "push: Pushing",
        "Pushing someone.",
        "humanml3d, our list: push (grapple)",
    ]
    path.write_text("name: push\n", "utf-8")
    one_line_error(hmu_bench_command("concepts", "show", path), "push.yaml", "title")
    one_line_error(hmu_bench_command("concepts", "show", "peace"), "no concept 'peace'", "violence")
    one_line_error(hmu_bench_command("concepts", "show"), "Missing argument")
    one_line_error(hmu_bench_command("concepts", "list"), "No such command 'list'")
