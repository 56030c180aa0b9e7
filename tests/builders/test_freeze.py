"""`python -m builders freeze`: releases are made from rows, kept, and checked."""

from __future__ import annotations

import json

import pytest

from hmu_bench.datasets import SourceFacts, SplitLists, build, read_report
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.files import sha256_bytes

FACTS = SourceFacts(name="toy", pretty_name="Toy", description="x", license="mit")
LISTS = SplitLists.of({"train": ["a", "b"], "test": ["c"]})


def clips(**captions):
    return [Clip(i, (Caption(f"{i}_0", text, ""),)) for i, text in captions.items()]


def make(out, rules=("keywords", "lexicon"), **captions):
    texts = {"a": "a man walks", "b": "he kicks", "c": "a white cat walks", **captions}
    return build(clips(**texts), facts=FACTS, out=out, splits=LISTS, rules=rules)


@pytest.fixture
def toy(tmp_path):
    make(tmp_path / "out")
    return tmp_path / "out", tmp_path / "released"


def table(result):
    return [line.split(maxsplit=2) for line in result.stdout.splitlines()[1:]]


def test_the_splits_of_the_sample_are_frozen(builders_command):
    """The one release that is ours alone. It changes with the classifier only, and knowingly."""
    result = builders_command("freeze", "--check")
    assert result.returncode == 0, (
        f"{result.stderr}\nThe splits of the embedded sample are not the frozen ones. If that is "
        "wanted (a classifier trained anew): `python -m builders freeze --replace`, look at the "
        "changes of hmu_bench/datasets/released/sample, and commit them."
    )
    assert table(result) == [["sample", "violence", "1"], ["sample", "violence-keywords", "1"]]


def test_frozen_once_and_found_again(toy, builders_command):
    out, released = toy
    options = ("--folder", released)
    first = builders_command("freeze", out, *options)
    assert first.returncode == 0, first.stderr
    names = ["violence-keywords", "violence-lexicon"]
    assert table(first) == [["toy", name, "1 (frozen)"] for name in names]
    files = sorted(path.relative_to(released) for path in released.rglob("*.json"))
    assert [str(path) for path in files] == [f"toy/{name}/1.json" for name in names]
    frozen = json.loads((released / files[0]).read_text("utf-8"))
    assert frozen["splits"]["train"] == {
        "forget": 1,
        "retain": 1,
        "labels_sha256": sha256_bytes(b"a retain\nb forget\n"),
    }
    assert frozen["splits"]["test"]["forget"] == 1, '"white" contains "hit"'
    assert "walks" not in json.dumps(frozen)
    again = builders_command("freeze", out / "hmu/toy-retain", *options)
    assert table(again) == [["toy", name, "1 (as it was)"] for name in names]
    checked = builders_command("freeze", out, "--check", *options)
    assert checked.returncode == 0, checked.stderr
    assert table(checked) == [["toy", name, "1"] for name in names]


def test_another_split_is_another_release(toy, builders_command, one_line_error):
    out, released = toy
    options = ("--folder", released)
    assert builders_command("freeze", out, *options).returncode == 0
    before = {path: path.read_bytes() for path in released.rglob("*.json")}
    path = released / "toy/violence-lexicon/1.json"
    old = json.loads(path.read_text("utf-8"))
    old["made"]["rule_version"] = "0"
    old["splits"]["train"] |= {"forget": 2, "retain": 0}
    path.write_text(json.dumps(old), "utf-8")
    words = ("toy/violence-lexicon: not release 1", "rule version", "released 2 and 0")
    one_line_error(builders_command("freeze", out, "--check", *options), *words, "builders diff")
    one_line_error(builders_command("freeze", out, *options), *words, "--version", "--replace")
    assert json.loads(path.read_text("utf-8")) == old, "a release is never changed by chance"
    second = builders_command("freeze", out, "--version", "2", *options)
    assert table(second) == [
        ["toy", "violence-keywords", "1 (as it was)"],
        ["toy", "violence-lexicon", "2 (frozen)"],
    ]
    path.with_name("2.json").unlink()
    replaced = builders_command("freeze", out, "--replace", *options)
    assert table(replaced)[1] == ["toy", "violence-lexicon", "1 (replaced)"]
    assert {path: path.read_bytes() for path in released.rglob("*.json")} == before


def test_nothing_is_frozen_where_one_of_several_is_refused(
    tmp_path, builders_command, one_line_error
):
    options = ("--folder", tmp_path / "released")
    make(tmp_path / "one", rules=["lexicon"])
    assert builders_command("freeze", tmp_path / "one", *options).returncode == 0
    make(tmp_path / "two", b="he walks")
    one_line_error(
        builders_command("freeze", tmp_path / "two", *options), "made from other captions"
    )
    assert not (tmp_path / "released/toy/violence-keywords").exists()
    only = builders_command("freeze", tmp_path / "two", "--config", "violence-keywords", *options)
    assert table(only) == [["toy", "violence-keywords", "1 (frozen)"]]


def test_rows_that_build_json_does_not_count_are_refused(toy, builders_command, one_line_error):
    out, released = toy
    for role in ("forget", "retain"):
        path = out / "hmu" / f"toy-{role}" / "build.json"
        text = path.read_text("utf-8")
        digest = read_report(path.parent).configs[0].splits["train"].labels_sha256
        path.write_text(text.replace(digest, "0" * 64), "utf-8")
    result = builders_command("freeze", out, "--folder", released)
    one_line_error(result, "the rows of violence-keywords are not those that build.json counts")
    assert not released.exists()


def test_bad_calls_are_told_in_one_line(toy, tmp_path, builders_command, one_line_error):
    out, released = toy
    for options, words in (
        ((tmp_path / "nowhere",), ("nowhere", "does not exist")),
        ((tmp_path,), ("no dataset that a builder made",)),
        ((out, "--source", "humanml3d"), ("holds no build of humanml3d",)),
        ((out, "--config", "kick"), ("no configuration 'kick'",)),
        ((out, "--version", "one"), ("version",)),
        ((out, "--version", "../1"), ("version",)),
        ((out, "--check", "--replace"), ("--check writes nothing",)),
        ((out, "--check", "--folder", released), ("no release of it is frozen",)),
    ):
        one_line_error(builders_command("freeze", *options), *words)
    assert not released.exists()
