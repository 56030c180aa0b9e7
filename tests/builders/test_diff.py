"""`python -m builders diff A B`."""

from __future__ import annotations

import json
import shutil

import pytest

from hmu_bench.datasets import SourceFacts, build
from hmu_bench.datasets.model import Caption, Clip


def clips(**captions):
    return [Clip(i, (Caption(f"{i}_0", text, ""),)) for i, text in captions.items()]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Two releases of `toy`; the second has another source too."""
    out = tmp_path_factory.mktemp("releases")
    facts = SourceFacts(name="toy", pretty_name="Toy", description="x", license="mit")
    other = facts.model_copy(update={"name": "other"})
    rules = ["keywords"]
    before = clips(a="a man walks", b="he kicks", c="she waves", d="a white cat")
    after = clips(a="a man punches\nhard", b="he walks", d="a white cat", e="they run")
    build(before, facts=facts, out=out / "a", rules=rules)
    build(after, facts=facts, out=out / "b", rules=rules)
    build(after, facts=other, out=out / "b", rules=rules)
    return out


def test_what_moved_by_category_with_captions(built, builders_command):
    result = builders_command("diff", built / "a", built / "b")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "# toy"
    assert "from retain to forget: 1 (punch 1)" in lines
    assert "  a [train, punch, 1] (words, judgement) * a man punches hard <- punch" in lines
    assert "from forget to retain: 1 (kick 1)" in lines
    assert "  b [train, none, 0] (words, judgement) he walks" in lines
    assert [line for line in lines if line.startswith(("added", "removed", "the same"))] == [
        "the same: 1",
        "added: 1",
        "removed: 1",
    ]
    assert ["forget", "2", "2"] in [line.split() for line in lines]
    assert "other: not compared" in result.stderr


def test_json_lists_every_clip(built, builders_command):
    options = ("--json", "--name", "toy", "--limit", "0")
    result = builders_command("diff", built / "a" / "hmu/toy-forget", built / "b", *options)
    assert result.returncode == 0, result.stderr
    (changes,) = json.loads(result.stdout)
    assert changes["source"] == "toy"
    assert set(changes["made"]) == {"captions"}
    (config,) = changes["configs"]
    assert config["config"] == "violence-keywords"
    assert [c["clip_id"] for c in config["added"]] == ["e"]
    assert [c["captions"] for c in config["removed"]] == [["she waves"]]
    assert config["moved_by_category"] == {"to_forget": {"punch": 1}, "to_retain": {"kick": 1}}


def test_the_limit(built, builders_command):
    result = builders_command("diff", built / "a", built / "b", "--limit", "0")
    assert "they run" not in result.stdout
    assert "violence-keywords, added: 1 more" in result.stderr


def test_two_equal_builds(built, builders_command):
    result = builders_command("diff", built / "b", built / "b")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("the two builds are the same") == 2


def test_bad_input_is_one_line(built, builders_command, one_line_error, tmp_path):
    (tmp_path / "empty").mkdir()
    shutil.copytree(built / "a", tmp_path / "broken")
    (file,) = (tmp_path / "broken/hmu/toy-forget/data").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    a, b = built / "a", built / "b"
    for arguments, words in (
        ((a, tmp_path / "nowhere"), ["nowhere", "does not exist"]),
        ((a, tmp_path / "empty"), ["empty", "no dataset that a builder made"]),
        ((a, b, "--name", "kitml"), ["no build of 'kitml'", "toy", "other"]),
        ((a, b, "--name", "other"), [str(a), "no build of other"]),
        ((tmp_path / "broken", b), ["broken", "not the one that was built"]),
        ((a,), ["Missing argument 'after'"]),
    ):
        one_line_error(builders_command("diff", *arguments), *words)
