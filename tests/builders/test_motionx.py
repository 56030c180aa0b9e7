"""`python -m builders motionx`."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair, load_rows, read_report
from tests.datasets.loading import check_repository


@pytest.fixture(scope="module")
def built(shared, builders_command, tmp_path_factory):
    """The real labels, built once with the default: no text."""
    data, out = shared / "data/motionx", tmp_path_factory.mktemp("motionx")
    result = builders_command(
        *("motionx", "--texts", data / "semantic_labels.zip", "--splits", data, "--out", out),
        *("--concept", "violence", "--concept", "weapons", "--rule", "keywords"),
    )
    assert result.returncode == 0, result.stderr
    return out


@pytest.mark.parametrize("concept", ["violence", "weapons"])
def test_forget_is_what_grep_finds(shared, built, concept):
    data = shared / "data/motionx"
    pattern = "|".join(load_concept(concept).keywords_for("motionx").keywords)
    with zipfile.ZipFile(data / "semantic_labels.zip") as archive:
        labels = {
            name.removeprefix("semantic_labels/").removesuffix(".txt"): archive.read(name).decode()
            for name in archive.namelist()
        }
    assert all(label.count("\n") == 1 for label in labels.values())
    found = subprocess.run(
        ["grep", "-nE", pattern], input="".join(labels.values()), capture_output=True, text=True
    ).stdout.splitlines()
    ids = list(labels)
    matching = {ids[int(line.partition(":")[0]) - 1] for line in found}
    assert matching
    pair = load_pair(built, "motionx", f"{concept}-keywords")
    for file, split in {"train": "train", "val": "validation", "test": "test"}.items():
        listed = (data / f"{file}.txt").read_text("utf-8").split("\n")[:-1]
        forget = [row.clip_id for row in pair["forget"] if row.split == split]
        retain = [row.clip_id for row in pair["retain"] if row.split == split]
        assert forget == [clip_id for clip_id in listed if clip_id in matching]
        assert retain == [clip_id for clip_id in listed if clip_id not in matching]


def test_no_text_is_published_unless_asked_for(shared, built):
    rows = load_rows(built / "hmu/motionx-forget", splits=["test"])
    assert len(rows) > 100
    captions = [caption for row in rows for caption in row.captions]
    assert {(c.text, c.tokens, c.evidence) for c in captions} == {("", "", ())}
    assert all(row.category != "none" for row in rows)
    card = (built / "hmu/motionx-forget/README.md").read_text("utf-8")
    assert "The ids and paths still tell the action" in card
    assert "license_name: motion-x-license" in card


def test_text_where_it_is_asked_for_and_humanml3d_lines(builders_command, tmp_path):
    label = tmp_path / "labels/semantic_labels/kungfu/Kick_1.txt"
    label.parent.mkdir(parents=True)
    label.write_text("kungfu kick\n")
    line = tmp_path / "lines/texts/humanml/000001.txt"
    line.parent.mkdir(parents=True)
    line.write_text("a man kicks#a/DET man/NOUN kick/VERB#0.0#0.0\n")
    for folder, options in (("labels", ()), ("lines", ("--format", "humanml3d"))):
        out = tmp_path / f"out-{folder}"
        result = builders_command(
            *("motionx", "--texts", tmp_path / folder, "--text", "--rule", "keywords"),
            *("--out", out, *options),
        )
        assert result.returncode == 0, result.stderr
    (row,) = load_rows(tmp_path / "out-labels/hmu/motionx-forget")
    assert (row.clip_id, row.category) == ("kungfu/Kick_1", "martial")
    assert row.captions[0].text == "kungfu kick"
    assert row.captions[0].evidence == ("kungfu", "kick")
    (row,) = load_rows(tmp_path / "out-lines/hmu/motionx-forget")
    assert (row.clip_id, row.captions[0].tokens) == (
        "humanml/000001",
        "a/DET man/NOUN kick/VERB",
    )


def test_labels_read_as_lines_fail_in_one_line(builders_command, one_line_error, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/Kick.txt").write_text("kick\n")
    one_line_error(
        builders_command(
            *("motionx", "--texts", tmp_path / "in", "--format", "humanml3d"),
            *("--rule", "keywords", "--out", tmp_path / "out"),
        ),
        "Kick.txt:1",
        "no '#'",
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("role", ["forget", "retain"])
def test_everything_that_was_written_loads(hub, built, tmp_path, monkeypatch, role):
    monkeypatch.chdir(built)
    name = f"motionx-{role}"
    check_repository(hub, built / "hmu" / name, name, tmp_path / "cache")


@pytest.fixture
def with_humanml3d(tmp_path, shared):
    """Labels without the subset humanml, lists that name some of it."""
    for name, label in {"KungFu/a": "kungfu kick", "dance/b": "dance"}.items():
        path = tmp_path / f"labels/semantic_labels/{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{label}\n")
    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        ids = sorted(Path(name).stem for name in archive.namelist() if name.endswith(".txt"))
    chosen = [*ids[:300], "999999"]
    (tmp_path / "lists").mkdir()
    listed = ["kungfu/a", "dance/b", *(f"humanml/{i}" for i in chosen)]
    (tmp_path / "lists/test.txt").write_text("\n".join(listed))
    return tmp_path, chosen


@pytest.mark.parametrize("rule", ["keywords", "lexicon"])
def test_humanml_has_the_labels_of_humanml3d(shared, builders_command, with_humanml3d, rule):
    folder, chosen = with_humanml3d
    data, out = shared / "data/humanml3d", folder / "out"
    for arguments in (
        ("humanml3d", "--texts", data / "texts.zip", "--splits", data),
        (
            *("motionx", "--texts", folder / "labels", "--splits", folder / "lists"),
            *("--humanml3d", data / "texts.zip"),
        ),
    ):
        result = builders_command(*arguments, "--rule", rule, "--out", out)
        assert result.returncode == 0, result.stderr
    assert "300 clips of humanml/ have the captions of humanml3d; 1 (humanml/999999)" in (
        result.stderr
    )
    assert "1 listed ids have no text; they are in neither set (humanml/999999)" in result.stderr
    ours, theirs = (
        {
            row.clip_id: (row.label, row.score, row.category, row.confident)
            for rows in load_pair(out, name, f"violence-{rule}").values()
            for row in rows
        }
        for name in ("motionx", "humanml3d")
    )
    assert len(ours) == 302
    assert {clip_id: ours[f"humanml/{clip_id}"] for clip_id in chosen[:-1]} == {
        clip_id: theirs[clip_id] for clip_id in chosen[:-1]
    }
    assert sum(label == "forget" for label, *_ in ours.values()) > 5
    assert ours["kungfu/a"][0] == "forget"
    report = read_report(out / "hmu/motionx-forget")
    assert report.integrity.judged_as == {"humanml3d": 300}
    assert report.inputs.borrowed is not None
    theirs_report = read_report(out / "hmu/humanml3d-forget")
    assert report.inputs.borrowed.captions_sha256 == theirs_report.inputs.captions_sha256


def test_bad_texts_of_humanml3d_are_one_line(builders_command, one_line_error, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/Kick.txt").write_text("kick\n")
    common = ("motionx", "--texts", tmp_path / "in", "--rule", "keywords", "--out", tmp_path / "o")
    one_line_error(
        builders_command(*common, "--humanml3d", tmp_path / "nowhere"), "nowhere", "does not exist"
    )
    offline = {**os.environ, "HMU_OFFLINE": "1", "HMU_CACHE": str(tmp_path / "cache")}
    one_line_error(
        builders_command(*common, "--humanml3d", "official", env=offline), "HMU_OFFLINE=1"
    )
    assert not (tmp_path / "o").exists()
