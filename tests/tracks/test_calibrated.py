"""Which captions of a dataset a track asks for, under any rule but the paper's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets.model import LabelledCaption, LabelledClip
from hmu_bench.tracks.calibrated import calibrated_prompts, choose_for_multimodality
from hmu_bench.tracks.prompts import Segment


def caption(text, violent=False, start=0.0, end=0.0, number=0):
    category = "kick" if violent else "none"
    tokens = " ".join(f"{word}/OTHER" for word in text.split())
    score = 0.9 if violent else 0.1
    return LabelledCaption(f"c{number}", text, tokens, start, end, violent, score, category, ())


def clip(clip_id, *captions, label="retain", confident=True, mirrored=False):
    numbered = tuple(replace(c, caption_id=f"{clip_id}_{n}") for n, c in enumerate(captions))
    return LabelledClip(
        clip_id, "made-up", "test", mirrored, numbered, label, 0.5, "none", confident, "x", None
    )


def mask(tokens):
    kept = [token for token in tokens.split() if not token.startswith("kick")]
    return None if len(kept) == len(tokens.split()) else " ".join(kept)


def plan(*clips, lengths=None, **options):
    known = {c.clip_id: 100 for c in clips} if lengths is None else lengths
    return calibrated_prompts(clips, known, source="made-up", mask_words=mask, **options)


def asked(planned):
    return sorted((p.prompt_set, p.clip_id, p.text, p.num_frames) for p in planned.prompts)


SAFE = {"safe caption of a forget clip": 1}
FORGET = clip(
    "1", caption("walks"), caption("kicks", True), caption("kicks far", True, 1.0, 4.04),
    label="forget",
)  # fmt: skip
RETAIN = clip("2", caption("a part", start=1.0, end=4.0), caption("walks"), caption("strolls"))


def test_forget_asks_with_every_violent_caption_and_retain_with_its_first_whole_one():
    planned = plan(FORGET, RETAIN)
    assert asked(planned) == [
        ("forget", "1", "kicks", 100),
        ("forget", "1", "kicks far", 60),
        ("retain", "2", "walks", 100),
    ]
    assert dict(planned.left_out) == {
        "safe caption of a forget clip": 1,
        "caption of a retain clip about a part of it": 1,
        "further caption of a retain clip": 1,
    }
    by_text = {p.text: p for p in planned.prompts}
    assert planned.segments[by_text["kicks far"].prompt_id] == Segment("1", 20, 80)
    assert planned.segments[by_text["walks"].prompt_id] == Segment("2", 0, 100)
    assert by_text["kicks far"].masked_tokens == "far/OTHER"
    assert by_text["walks"].masked_tokens is None
    assert {p.masked_tokens_paper for p in planned.prompts} == {None}
    assert (by_text["kicks"].category, by_text["walks"].category) == ("kick", "none")


@pytest.mark.parametrize(
    ("clips", "reason", "count"),
    [
        ([replace(FORGET, mirrored=True)], "clip is a mirrored twin", 3),
        ([replace(FORGET, confident=False)],
         "clip has a caption of which the rule is unsure", 3),
        ([replace(RETAIN, confident=False)],
         "clip has a caption of which the rule is unsure", 3),
        # With --min-occurrence 2 a retain clip may have a violent caption.
        ([clip("3", caption("kicks", True))], "violent caption of a retain clip", 1),
    ],
)  # fmt: skip
def test_what_is_left_out(clips, reason, count):
    planned = plan(*clips)
    assert planned.prompts == []
    assert planned.left_out == {reason: count}


@pytest.mark.parametrize(
    ("length", "expected", "reason"),
    [
        (39, {}, {"clip shorter than 40 frames": 2}),
        (40, {"kicks": 40}, {"part shorter than 40 frames": 1}),
        (61, {"kicks": 60, "kicks far": 40}, {}),  # 20 to 61: 41 frames
        (199, {"kicks": 196, "kicks far": 60}, {}),
        (200, {}, {"clip longer than 199 frames": 2}),
        (None, {}, {"no motion file": 2}),
    ],
)
def test_lengths(length, expected, reason):
    lengths = {} if length is None else {"1": length}
    planned = plan(FORGET, lengths=lengths)
    assert {p.text: p.num_frames for p in planned.prompts} == expected
    assert planned.left_out == reason | SAFE


@pytest.mark.parametrize(("length", "frames"), [(196, 196), (200, 196), (4000, 196), (39, None)])
def test_long_clips_are_cut_where_that_is_asked_for(length, frames):
    planned = plan(RETAIN, lengths={"2": length}, long_clips="cut")
    assert [p.num_frames for p in planned.prompts] == ([] if frames is None else [frames])
    if length >= 200:
        assert list(planned.segments.values()) == [Segment("2", 0, 196)]


def test_a_part_of_a_long_clip_begins_where_it_begins():
    long = clip("1", caption("kicks", True, 300.0, 320.0), label="forget")
    planned = plan(long, lengths={"1": 8000}, long_clips="cut")
    assert list(planned.segments.values()) == [Segment("1", 6000, 6196)]


TIMES = st.floats(0, 12, allow_nan=False)
CAPTIONS = st.builds(caption, st.sampled_from(["a", "b"]), st.booleans(), TIMES, TIMES)
CLIPS = st.lists(
    st.tuples(
        st.lists(CAPTIONS, max_size=4),
        st.sampled_from(["forget", "retain"]),
        st.booleans(),
        st.booleans(),
        st.integers(0, 250),
    ),
    max_size=6,
)


@given(CLIPS, st.sampled_from(["leave-out", "cut"]))
def test_every_caption_is_a_prompt_or_counted(rows, long_clips):
    clips = [
        clip(f"{n}", *captions, label=label, confident=confident, mirrored=mirrored)
        for n, (captions, label, confident, mirrored, _) in enumerate(rows)
    ]
    lengths = {f"{n}": row[-1] for n, row in enumerate(rows)}
    planned = plan(*clips, lengths=lengths, long_clips=long_clips)
    captions = sum(len(c.captions) for c in clips)
    assert len(planned.prompts) + sum(planned.left_out.values()) == captions
    assert all(planned.left_out.values())
    by_id = {c.clip_id: c for c in clips}
    for prompt in planned.prompts:
        of, segment = by_id[prompt.clip_id], planned.segments[prompt.prompt_id]
        assert of.confident
        assert not of.mirrored
        assert prompt.prompt_set == of.label
        assert 40 <= prompt.num_frames <= min(196, segment.length)
        assert 0 <= segment.first < segment.last <= lengths[of.clip_id]
    ids = [p.prompt_id for p in planned.prompts]
    assert ids == sorted(set(ids))
    retain = [p.clip_id for p in planned.prompts if p.prompt_set == "retain"]
    assert len(retain) == len(set(retain))


def test_the_same_prompts_count_for_multimodality_whatever_the_order():
    clips = [clip(f"{n}", caption("walks")) for n in range(30)]
    prompts = plan(*clips, FORGET).prompts
    chosen = choose_for_multimodality(prompts, 10)
    assert chosen == choose_for_multimodality(prompts[::-1], 10)
    assert [replace(p, multimodality=False) for p in chosen] == prompts
    retain = [p for p in chosen if p.prompt_set == "retain"]
    assert [p.multimodality for p in retain] == [True] * 10 + [False] * 20
    assert all(p.multimodality for p in chosen if p.prompt_set == "forget")
