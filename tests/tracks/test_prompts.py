"""Captions -> prompts: which, how long, and their ids."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.tracks.prompts import Caption, Clip, paper_prompts, prompt_frames, prompt_id

ORACLE = Path(__file__).resolve().parent.parent / "fixtures" / "metrics" / "dataset.json"


def nothing(tokens: str) -> None:
    return None


def clip(clip_id: str, *captions: Caption, label: str = "retain") -> Clip:
    return Clip(clip_id, label, tuple(captions))  # type: ignore[arg-type]


def caption(number: int = 0, start: float = 0.0, end: float = 0.0, text: str = "walks") -> Caption:
    return Caption(f"c_{number}", text, "walk/VERB", start, end)


def test_the_papers_entries():
    """Same clips, same parts, same frames as the reference's data set on artificial lengths."""
    oracle = json.loads(ORACLE.read_text("utf-8"))
    clips = []
    for clip_id, lines in oracle["texts"].items():
        parts = [line.split("#") for line in lines]
        captions = [
            Caption(f"{clip_id}_{n}", text, tokens, float(start), float(end))
            for n, (text, tokens, start, end) in enumerate(parts)
        ]
        clips.append(clip(clip_id, *captions))
    planned = paper_prompts(clips, oracle["lengths"], source="test", mask=nothing)
    found = sorted((s.clip_id, s.first, s.length) for s in planned.segments.values())
    entries = oracle["HumanML3D"]["entries"]
    expected = [(e["name"].split("%")[1], e["first_frame"], e["length"]) for e in entries]
    assert found == sorted(expected)
    lines = sum(map(len, oracle["texts"].values()))
    assert planned.left_out.total() == lines - len(entries)
    assert planned.left_out["clip longer than 199 frames"] == 3
    for prompt in planned.prompts:
        assert prompt.num_frames == planned.segments[prompt.prompt_id].length // 4 * 4


@given(st.integers(40, 199))
def test_prompt_frames(length):
    frames = prompt_frames(length)
    assert frames % 4 == 0
    assert 40 <= frames <= 196
    assert length - 4 < frames <= length or frames == 196


@given(
    lengths=st.dictionaries(st.from_regex(r"M?[0-9]{6}", fullmatch=True), st.integers(0, 260)),
    spans=st.lists(st.tuples(st.floats(-1, 12), st.floats(-1, 12)), min_size=1, max_size=4),
)
def test_every_caption_is_a_prompt_or_counted(lengths, spans):
    clips = [
        clip(clip_id, *(caption(n, start, end) for n, (start, end) in enumerate(spans)))
        for clip_id in lengths
    ]
    planned = paper_prompts(clips, lengths, source="s", mask=nothing)
    again = paper_prompts(clips[::-1], lengths, source="s", mask=nothing)
    assert planned.prompts == again.prompts
    assert len(planned.prompts) + planned.left_out.total() == len(lengths) * len(spans)
    ids = [prompt.prompt_id for prompt in planned.prompts]
    assert ids == sorted(set(ids))
    for prompt in planned.prompts:
        segment = planned.segments[prompt.prompt_id]
        assert re.fullmatch("[0-9a-f]{16}", prompt.prompt_id)
        assert 0 <= segment.first < segment.last <= lengths[segment.clip_id] < 200
        assert prompt.num_frames <= segment.length < prompt.num_frames + 4


def test_ids_are_stable():
    """An id is published; it may never change."""
    assert prompt_id("humanml3d", "000012", "000012_0", "a man kicks.", 120) == "ad9d0ddbc848de53"


@given(st.lists(st.tuples(*[st.text(max_size=8)] * 4, st.integers(40, 196)), unique=True))
def test_different_questions_have_different_ids(questions):
    assert len({prompt_id(*question) for question in questions}) == len(questions)


def test_an_id_does_not_tell_the_set():
    """The same caption under two rules: another set, the same id."""
    ids = {
        label: paper_prompts(
            [clip("1", caption(), label=label)], {"1": 100}, source="s", mask=nothing
        ).prompts[0].prompt_id
        for label in ("forget", "retain")
    }  # fmt: skip
    assert ids["forget"] == ids["retain"]


def test_clips_without_motion_and_masking():
    clips = [clip("1", caption(0), caption(1)), clip("2", caption(0, text="kicks"), label="forget")]
    planned = paper_prompts(clips, {"2": 60}, source="s", mask=lambda tokens: f"*{tokens}")
    assert planned.left_out == {"no motion file": 2}
    (prompt,) = planned.prompts
    assert (prompt.prompt_set, prompt.clip_id, prompt.text) == ("forget", "2", "kicks")
    assert prompt.masked_tokens_paper == "*walk/VERB"
    assert prompt.masked_tokens is None
    assert prompt.multimodality
    (prompt,) = paper_prompts(
        clips, {"2": 60}, source="s", mask=nothing, mask_words=lambda tokens: f"-{tokens}"
    ).prompts
    assert (prompt.masked_tokens, prompt.masked_tokens_paper) == ("-walk/VERB", None)


def test_two_captions_of_one_id_are_refused():
    with pytest.raises(ValueError, match="two captions of clip '1'"):
        paper_prompts([clip("1", caption(0), caption(0))], {"1": 100}, source="s", mask=nothing)
