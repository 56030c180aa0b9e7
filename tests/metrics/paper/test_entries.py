"""The paper's data set; each test names the quirk that it pins and why it matters."""

from __future__ import annotations

import json
import math

import pytest

from hmu_bench.errors import InputError
from hmu_bench.metrics.paper import Entry, Line, dataset_entries, draw_crops


@pytest.fixture(scope="module")
def oracle(find):
    return json.loads(find("dataset.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def clips(oracle):
    def line(text):
        _, tokens, start, end = text.split("#")
        return Line(len(tokens.split(" ")), float(start), float(end))

    return {
        key: (oracle["lengths"][key], list(map(line, lines)))
        for key, lines in oracle["texts"].items()
    }


@pytest.mark.parametrize(("name", "shortest"), [("HumanML3D", 40), ("Motion-X", 24)])
def test_parity(oracle, clips, name, shortest):
    entries = dataset_entries(clips, min_frames=shortest)
    kept = [
        {
            "name": f"{entry.line}%{entry.clip_id}",
            "length": entry.frames,
            "first_frame": entry.first_frame,
            "n_captions": 1,
        }
        for entry in entries
    ]
    assert kept == oracle[name]["entries"]
    for seed, recorded in oracle[name]["draws"].items():
        crops = draw_crops(entries, seed=int(seed))
        found = [(crop.text_length, crop.frames, crop.start) for crop in crops]
        assert found == [(r["sent_len"], r["m_length"], r["crop_start"]) for r in recorded]


def test_a_caption_line_is_a_sample_quirk():
    """Three captions: one real motion three times in FID, and a wrong answer to itself."""
    entries = dataset_entries({"a": (100, [Line(4)] * 3)})
    assert [(e.clip_id, e.line, e.frames) for e in entries] == [
        ("a", line, 100) for line in (0, 1, 2)
    ]


def test_segments_of_a_long_clip_are_lost_quirk():
    """200 frames: the clip is out, and its short segments with it."""
    assert dataset_entries({"a": (200, [Line(4), Line(4, 1.0, 4.0)])}) == []


@pytest.mark.parametrize(
    ("line", "frames"),
    [
        (Line(4, 1.0, 0.0), (20, 80)),  # an end of 0 means to the end
        (Line(4, math.nan, math.nan), (0, 100)),
        (Line(4, 0.0, 3.05), (0, 61)),
        (Line(4, 1.0, 99.0), (20, 80)),
        (Line(4, 0.0, math.inf), (0, 100)),
        (Line(4, -1.0, 0.0), (0, 100)),
    ],
)
def test_segments(line, frames):
    (entry,) = dataset_entries({"a": (100, [line])})
    assert (entry.first_frame, entry.frames) == frames


@pytest.mark.parametrize("line", [Line(4, 4.0, 2.0), Line(4, 9.0, 9.5), Line(4, math.inf, 0.0)])
def test_segments_without_frames(line):
    assert dataset_entries({"a": (100, [line])}) == []


def test_shorter_than_asked_for_quirk():
    """A third of the draws is one multiple of 4 shorter: 36 frames although 40 is the minimum."""
    entries = [Entry("a", 0, 0, 41, 3)] * 3000
    crops = draw_crops(entries, seed=0)
    short = [crop for crop in crops if crop.frames == 36]
    assert {crop.frames for crop in crops} == {36, 40}
    assert abs(len(short) / 3000 - 1 / 3) < 0.03
    assert {crop.start for crop in short} == set(range(6))


def test_new_crops_every_epoch_quirk():
    """Real embeddings change from repeat to repeat; only the seed brings them back."""
    entries = [Entry(str(n), 0, 0, 100 + n % 50, 3) for n in range(50)]
    assert draw_crops(entries, seed=1) == draw_crops(entries, seed=1)
    assert draw_crops(entries, seed=1) != draw_crops(entries, seed=2)


def test_too_short_to_crop():
    with pytest.raises(InputError, match="a: 7 frames are too few"):
        draw_crops([Entry("a", 0, 0, 7, 3)], seed=0)
