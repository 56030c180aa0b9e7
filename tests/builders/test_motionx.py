"""`python -m builders motionx`."""

from __future__ import annotations

import subprocess
import zipfile

import pytest

from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair, load_rows


@pytest.fixture(scope="module")
def built(shared, builders_command, tmp_path_factory):
    """The real labels, built once with the default: no text."""
    data, out = shared / "data/motionx", tmp_path_factory.mktemp("motionx")
    result = builders_command(
        *("motionx", "--texts", data / "semantic_labels.zip", "--splits", data, "--out", out),
        *("--concept", "violence", "--concept", "weapons"),
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
            *("motionx", "--texts", tmp_path / folder, "--text", "--out", out, *options)
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
            *("--out", tmp_path / "out"),
        ),
        "Kick.txt:1",
        "no '#'",
    )
    assert not (tmp_path / "out").exists()
