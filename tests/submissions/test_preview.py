"""Previews: the same prompts for everybody, joints to half a millimetre, hostile files refused."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from hmu_bench.errors import InputError
from hmu_bench.motion import features_to_joints
from hmu_bench.submissions import load_submission, make_preview, read_preview, write_preview
from hmu_bench.submissions.preview import (
    MAX_PREVIEW_BYTES,
    METADATA_KEY,
    preview_bytes,
    preview_prompts,
    to_millimetres,
)
from hmu_bench.tracks import Prompt
from hmu_bench.tracks.schema import PROMPT_SETS
from tests.stand_ins import joints, random_answers, write_submission


def prompt(number: int, prompt_set: str, category: str, text: str = "") -> Prompt:
    return Prompt(
        f"{number:016x}", prompt_set, None, text or f"text {number}", "", None, None, 40, category
    )  # type: ignore[arg-type]


rows = st.lists(
    st.tuples(
        st.sampled_from(PROMPT_SETS),
        st.sampled_from(["kick", "punch", "weapon", "none"]),
        st.sampled_from(["a", "b", "c", ""]),
    ),
    max_size=40,
)


@given(rows, st.randoms())
def test_the_choice_depends_on_the_prompts_alone(found, shuffler):
    prompts = [prompt(number, *row) for number, row in enumerate(found)]
    chosen = preview_prompts(prompts)
    shuffled = prompts[:]
    shuffler.shuffle(shuffled)
    assert preview_prompts(shuffled) == chosen
    assert len(set(chosen)) == len(chosen)
    for name in PROMPT_SETS:
        there = [p for p in prompts if p.prompt_set == name]
        mine = [p for p in chosen if p.prompt_set == name]
        assert len(mine) == min(4, len(there))
        # every kind of violence comes before a second prompt of any
        kinds = {p.category for p in there}
        assert len({p.category for p in mine}) == min(len(kinds), 4)
        counts = Counter(p.category for p in mine)
        assert all(
            max(counts.values()) - counts[kind] <= 1
            for kind in kinds
            if counts[kind] < sum(p.category == kind for p in there)
        )
    assert [PROMPT_SETS.index(p.prompt_set) for p in chosen] == sorted(
        PROMPT_SETS.index(p.prompt_set) for p in chosen
    )


def test_a_text_comes_twice_only_where_there_is_no_other():
    same = [prompt(i, "forget", "kick", "one text") for i in range(9)]
    chosen = preview_prompts([*same, prompt(20, "forget", "kick", "another")])
    assert [p.text for p in chosen].count("another") == 1


@pytest.fixture(scope="module")
def made(stand_in_track, tmp_path_factory):
    folder = tmp_path_factory.mktemp("preview") / "s"
    answers = random_answers(stand_in_track, 2)
    write_submission(folder, answers, repeats=2)
    return make_preview(load_submission(folder), stand_in_track), answers


def test_joints_are_those_of_the_first_repeat(made, stand_in_track):
    preview, answers = made
    assert [p.prompt_id for p in preview.facts.prompts] == [
        p.prompt_id for p in preview_prompts(stand_in_track.prompts)
    ]
    for shown in preview.facts.prompts:
        asked = stand_in_track.by_id[shown.prompt_id]
        assert (shown.text, shown.prompt_set) == (asked.text, asked.prompt_set)
        expected = features_to_joints(answers[f"{shown.prompt_id}/0"]) * 1000
        found = preview.motions[shown.prompt_id]
        assert found.shape == (asked.num_frames, 22, 3)
        assert np.abs(found - expected).max() <= 0.501
        assert found[0, 0, [0, 2]].tolist() == [0, 0]
        assert not shown.clipped


def test_what_is_written_is_read(made, tmp_path):
    preview, _ = made
    path = tmp_path / "x.preview.safetensors"
    write_preview(preview, path)
    again = read_preview(path)
    assert again.facts == preview.facts
    assert again.motions.keys() == preview.motions.keys()
    for name, motion in preview.motions.items():
        np.testing.assert_array_equal(again.motions[name], motion)
        assert again.motions[name].dtype == np.int16
    assert preview_bytes(again) == path.read_bytes()


def test_joints_make_the_same_preview_as_their_features(stand_in_track, tmp_path):
    from hmu_bench.motion import joints_to_features

    bodies = {
        p.prompt_id: joints(p.num_frames + 1, n) for n, p in enumerate(stand_in_track.prompts)
    }
    for name, answers in (
        ("joints-22", {f"{key}/0": body for key, body in bodies.items()}),
        ("humanml3d-263", {f"{key}/0": joints_to_features(b) for key, b in bodies.items()}),
    ):
        write_submission(tmp_path / name, answers, representation=name)
    one, other = (
        make_preview(load_submission(tmp_path / name), stand_in_track)
        for name in ("joints-22", "humanml3d-263")
    )
    for key, motion in one.motions.items():
        np.testing.assert_array_equal(motion, other.motions[key])


def test_far_away_is_clipped_and_said():
    body = np.zeros((2, 22, 3))
    body[1, 0] = (40.0, 0.0, -99.0)
    motion, clipped = to_millimetres(body)
    assert clipped
    assert motion[1, 0].tolist() == [32767, 0, -32767]
    assert to_millimetres(body / 10)[1] is False


def test_texts_may_be_left_out(made, stand_in_track, tmp_path):
    _, answers = made
    write_submission(tmp_path / "s", answers, repeats=2)
    preview = make_preview(load_submission(tmp_path / "s"), stand_in_track, texts=False)
    assert {p.text for p in preview.facts.prompts} == {""}
    assert b"person" not in preview_bytes(preview)


# A stranger's file.


def altered(preview, **changes):
    """The file of a preview with other facts."""
    facts = json.loads(preview.facts.model_dump_json()) | changes
    return save(dict(preview.motions), metadata={METADATA_KEY: json.dumps(facts)})


def other_tensor(preview, array, name=None):
    key = name or preview.facts.prompts[0].prompt_id
    return save(
        {**preview.motions, key: array}, metadata={METADATA_KEY: preview.facts.model_dump_json()}
    )


def twice(preview):
    prompts = [p.model_dump() for p in preview.facts.prompts]
    return altered(preview, prompts=[*prompts, prompts[0]])


def many(preview):
    return altered(
        preview,
        prompts=[
            {**preview.facts.prompts[0].model_dump(), "prompt_id": f"{i:016x}"} for i in range(21)
        ],
    )


def one_prompt(preview, **changes):
    prompts = [p.model_dump() for p in preview.facts.prompts]
    return altered(preview, prompts=[prompts[0] | changes, *prompts[1:]])


def no_metadata(preview):
    return save(dict(preview.motions))


def a_second_text(preview):
    facts = preview.facts.model_dump_json()
    return save(dict(preview.motions), metadata={METADATA_KEY: facts, "more": "x"})


def long_metadata(preview):
    return save(dict(preview.motions), metadata={METADATA_KEY: " " * 200_001})


def a_key_twice(preview):
    facts = preview.facts.model_dump_json()
    return save(dict(preview.motions), metadata={METADATA_KEY: '{"format": 1, ' + facts[1:]})


HOSTILE = {
    "empty": (lambda p: b"", "shorter than its header"),
    "a zip": (lambda p: b"PK\x03\x04" + bytes(100), "header"),
    "cut": (lambda p: preview_bytes(p)[:-1], "not readable safetensors"),
    "a large header": (lambda p: struct.pack("<Q", 1 << 60) + b"{}", "header is larger"),
    "too large": (lambda p: bytes(MAX_PREVIEW_BYTES + 1), "bytes"),
    "no metadata": (no_metadata, "metadata"),
    "more metadata": (a_second_text, "metadata"),
    "long metadata": (long_metadata, "longer than"),
    "no JSON": (lambda p: save(dict(p.motions), metadata={METADATA_KEY: "{"}), "not valid JSON"),
    "a key twice": (a_key_twice, "twice"),
    "an unknown key": (lambda p: altered(p, rank=1), "rank"),
    "another format": (lambda p: altered(p, format=2), "format"),
    "another rate": (lambda p: altered(p, fps=30), "fps"),
    "a bad id of the submission": (lambda p: altered(p, submission="../x"), "submission"),
    "a bad hash": (lambda p: altered(p, track_sha256="x"), "track_sha256"),
    "a prompt twice": (twice, "twice"),
    "too many prompts": (many, "at most 20"),
    "no prompts": (lambda p: altered(p, prompts=[]), "prompts"),
    "a prompt id with a path": (lambda p: one_prompt(p, prompt_id="../../../x"), "prompt_id"),
    "an unknown set": (lambda p: one_prompt(p, prompt_set="train"), "prompt_set"),
    "a category of markup": (lambda p: one_prompt(p, category="<b>"), "category"),
    "a long text": (lambda p: one_prompt(p, text="x" * 4001), "text"),
    "a prompt without motion": (lambda p: one_prompt(p, prompt_id="0" * 16), "without its motion"),
    "a motion without prompt": (
        lambda p: other_tensor(p, np.zeros((8, 22, 3), np.int16), "f" * 16), "without its motion"),
    "floats": (lambda p: other_tensor(p, np.zeros((8, 22, 3), np.float32)), "is F32"),
    "NaN": (lambda p: other_tensor(p, np.full((8, 22, 3), np.nan, np.float16)), "is F16"),
    "21 joints": (lambda p: other_tensor(p, np.zeros((8, 21, 3), np.int16)), "expected I16"),
    "flat": (lambda p: other_tensor(p, np.zeros((528,), np.int16)), "expected I16"),
    "a number": (lambda p: other_tensor(p, np.array(5, np.int16)), "expected I16"),
    "no frames": (lambda p: other_tensor(p, np.zeros((0, 22, 3), np.int16)), "0 frames"),
    "197 frames": (lambda p: other_tensor(p, np.zeros((197, 22, 3), np.int16)), "197 frames"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_previews_are_refused_in_one_line(name, made, tmp_path):
    build, word = HOSTILE[name]
    path = tmp_path / "x.preview.safetensors"
    path.write_bytes(build(made[0]))
    with pytest.raises(InputError, match=word) as caught:
        read_preview(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.data())
def test_damaged_bytes_never_do_more_than_be_refused(made, tmp_path_factory, data):
    good = bytearray(preview_bytes(made[0]))
    header = 8 + struct.unpack("<Q", good[:8])[0]
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, header + 50))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "x.preview.safetensors"
    path.write_bytes(bytes(good))
    try:
        preview = read_preview(path)
    except InputError:
        return
    for motion in preview.motions.values():
        assert motion.shape[1:] == (22, 3)
        assert 4 <= len(motion) <= 196


def test_a_pipe_is_refused(tmp_path):
    import os

    path = tmp_path / "x.preview.safetensors"
    os.mkfifo(path)
    with pytest.raises(InputError, match="regular file"):
        read_preview(path)


# The command line.


def test_the_command(stand_in_track, tmp_path, hmu_bench_command, one_line_error):
    answers = random_answers(stand_in_track, 1)
    folder = write_submission(tmp_path / "s", answers)
    out = tmp_path / "s.preview.safetensors"
    track = stand_in_track.folder
    result = hmu_bench_command("preview", folder, "--track", track, "-o", out)
    assert result.returncode == 0, result.stderr
    assert f"{out} written: 8 motions, {out.stat().st_size:,} bytes" in result.stderr
    first = out.read_bytes()
    assert set(load(first)) == {p.prompt_id for p in preview_prompts(stand_in_track.prompts)}
    hmu_bench_command("preview", folder, "--track", track, "-o", out)
    assert out.read_bytes() == first
    one_line_error(
        hmu_bench_command("preview", folder, "--track", track, "-o", tmp_path / "x.npz"),
        ".preview.safetensors",
    )


def test_nothing_is_written_for_a_bad_submission(stand_in_track, tmp_path):
    answers = random_answers(stand_in_track, 1)
    chosen = preview_prompts(stand_in_track.prompts)[-1].prompt_id
    missing = write_submission(
        tmp_path / "missing", {k: v for k, v in answers.items() if chosen not in k}
    )
    with pytest.raises(InputError, match=f"{chosen}.*no motion for repeat 0"):
        make_preview(load_submission(missing), stand_in_track)
    bad = dict(answers)
    bad[f"{chosen}/0"] = np.full_like(bad[f"{chosen}/0"], np.nan)
    folder = write_submission(tmp_path / "bad", bad)
    with pytest.raises(InputError, match="not finite"):
        make_preview(load_submission(folder), stand_in_track)
    other = dataclasses.replace(
        stand_in_track, info=stand_in_track.info.model_copy(update={"name": "another"})
    )
    with pytest.raises(InputError, match="the submission is for 'stand-in'"):
        make_preview(load_submission(folder), other)
