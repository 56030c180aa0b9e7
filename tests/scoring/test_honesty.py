"""Flags that compare embeddings: against slow versions, on made-up cheats, on honest motions."""

from __future__ import annotations

import numpy as np
import pytest

import hmu_bench as hb
from hmu_bench import sample
from hmu_bench.baselines.retrieval import fit_length, retrieve
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.records import Record
from hmu_bench.scoring.honesty import (
    COPY,
    NEIGHBOURS,
    QUANTILE,
    count_distinct,
    near,
    prompt_gap,
    spread,
    variety,
)
from hmu_bench.scoring.limit import first_prompts
from tests.full_track import answers, motion
from tests.stand_ins import random_answers, real_answers, write_submission

LIMIT = 150


def flags(record: Record) -> dict[str, int]:
    return {flag.name: flag.count for flag in record.flags}


def test_near_is_what_every_pair_says():
    generator = np.random.default_rng(3)
    known = generator.normal(5, 1, (40, 16)).astype(np.float32)
    rows = np.concatenate([known[:9] + np.float32(1e-3), generator.normal(5, 1, (30, 16))])
    rows = rows.astype(np.float32)
    apart = np.linalg.norm(rows[:, None].astype(float) - known[None], axis=2)
    for radius in (1e-4, 5e-3, 4.0):
        np.testing.assert_array_equal(near(rows, known, radius), apart.min(axis=1) <= radius)
    assert near(rows, known, 5e-3).sum() == 9


def test_near_in_blocks(monkeypatch):
    from hmu_bench.scoring import honesty

    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    whole = near(rows, rows[::3], 0.0)
    monkeypatch.setattr(honesty, "_BLOCK", 60)
    np.testing.assert_array_equal(near(rows, rows[::3], 0.0), whole)
    np.testing.assert_array_equal(np.flatnonzero(whole), np.arange(0, 50, 3))


def test_spread_in_blocks(monkeypatch):
    from hmu_bench.scoring import honesty

    rows = np.random.default_rng(0).normal(3, 2, (50, 4)).astype(np.float32)
    expected = np.sqrt(rows.var(axis=0, ddof=1).sum())
    assert spread(rows) == pytest.approx(expected, rel=1e-6)
    monkeypatch.setattr(honesty, "_ROWS", 7)
    assert spread(rows) == pytest.approx(expected, rel=1e-6)
    groups = np.arange(50) % 5
    within = np.mean([rows[groups == g].var(axis=0, ddof=1).sum() for g in range(5)])
    assert spread(rows + 100 * groups[:, None], groups) == pytest.approx(within**0.5, rel=1e-5)
    assert spread(rows[:1]) == 0.0


def test_count_distinct():
    rows = np.repeat(np.arange(20.0), 3)[:, None].astype(np.float32)
    assert count_distinct(rows, 0.1) == 20
    assert count_distinct(rows, 1.0) == 10


def test_variety_compares_motions_of_one_length():
    clips = [str(row // 3) for row in range(180)]  # three captions a clip
    lengths = [40 + 4 * (row // 3 % 4) for row in range(180)]
    own = np.array([[float(clip)] for clip in clips], np.float32)
    assert variety(own, lengths, clips, 0.1) == 1.0
    cropped = np.array([[float(length)] for length in lengths], np.float32)
    assert variety(cropped, lengths, clips, 0.1) == 0.0
    two = cropped + np.arange(180)[:, None] % 2
    assert variety(two.astype(np.float32), lengths, clips, 0.1) == pytest.approx(4 / 56)
    assert variety(own[:60], lengths[:60], clips[:60], 0.1) is None


def slow_gap(text, motions, frames, clips, captions):
    """One motion and one caption at a time."""
    order = sorted(range(len(text)), key=lambda row: frames[row])
    place = {row: at for at, row in enumerate(order)}
    own, shuffled, groups = [], [], []
    for row in range(len(text)):
        others = []
        for shift in range(-NEIGHBOURS, NEIGHBOURS + 1):
            partner = order[(place[row] + shift) % len(text)]
            same = (clips, captions)
            if frames[partner] == frames[row] and all(v[partner] != v[row] for v in same):
                others.append(partner)
        if others:
            dist = [[np.linalg.norm(text[p] - m[row]) for m in motions] for p in others]
            shuffled.append(np.mean(dist))
            own.append(np.mean([np.linalg.norm(text[row] - m[row]) for m in motions]))
            groups.append(clips[row])
    gap = np.array(shuffled) - own
    names = sorted(set(groups))
    sums = [sum(g - gap.mean() for g, c in zip(gap, groups, strict=True) if c == n) for n in names]
    error = np.sqrt(np.sum(np.square(sums)) * len(names) / (len(names) - 1)) / len(gap)
    return np.mean(own), np.mean(shuffled), gap.mean(), error, len(gap)


def test_prompt_gap_is_the_slow_one():
    generator = np.random.default_rng(1)
    text = generator.normal(size=(90, 8))
    motions = 0.3 * text + generator.normal(size=(2, 90, 8))
    frames = generator.choice(np.arange(40, 80, 4), 90).tolist()
    clips = [f"c{row // 2}" for row in range(90)]
    captions = [f"t{row % 30}" for row in range(90)]
    found = prompt_gap(text, motions, frames, clips, captions)
    own, shuffled, gap, error, count = slow_gap(text, motions, frames, clips, captions)
    assert found.own == pytest.approx(own)
    assert found.shuffled == pytest.approx(shuffled)
    assert (found.low, found.high) == pytest.approx(
        (gap - QUANTILE * error, gap + QUANTILE * error)
    )
    assert found.prompts == count
    assert found.low > 0


def test_prompt_gap_of_motions_that_only_have_the_length():
    """Longer prompts have other captions; a motion that follows the length alone gains nothing."""
    generator = np.random.default_rng(2)
    inside = 0
    for _ in range(200):
        frames = generator.choice(np.arange(40, 200, 4), 240)
        by_length = np.stack([np.sin(frames / 40), np.cos(frames / 40)], axis=1)
        text = 3 * by_length + generator.normal(size=(240, 2))
        motions = (3 * by_length + generator.normal(size=(240, 2)))[None]
        names = [str(row) for row in range(240)]
        found = prompt_gap(text, motions, frames.tolist(), names, names)
        inside += found.low <= 0 <= found.high
    assert inside >= 198


def test_too_few_clips_are_not_asked():
    text = np.random.default_rng(0).normal(size=(58, 4))
    names = [str(row // 2) for row in range(58)]
    assert prompt_gap(text, text[None], [40] * 58, names, names) is None


def test_copies_of_real_motions(stand_in_track, stand_in_evaluator, tmp_path):
    answers = real_answers(stand_in_track)
    invented = random_answers(stand_in_track, 1, seed=5000)
    half = {name: a if n % 2 else invented[name] for n, (name, a) in enumerate(answers.items())}
    rounded = {name: array.astype(np.float16) for name, array in answers.items()}
    for name, given, expected in (
        ("all", answers, len(answers)),
        ("half", half, len(half) // 2),
        ("rounded", rounded, len(answers)),
        ("none", invented, 0),
    ):
        folder = write_submission(tmp_path / name, given)
        record = hb.score(folder, stand_in_track, protocol="paper", evaluator=stand_in_evaluator)
        assert flags(record).get("copies", 0) == expected


def test_copies_of_the_gallery(full_track, stand_in_evaluator, tmp_path):
    """Train clips that the pack knows by their embeddings, answered as they are."""
    given = answers(full_track, 0.9, seed=7)
    fitting = [name for name, array in given.items() if len(array) == 48]
    for number, name in enumerate(fitting[:5]):
        given[name] = motion(48, 20_000 + number, number % 4 == 0)
    folder = write_submission(tmp_path / "s", given, track="full", repeats=2)
    record = hb.score(folder, full_track, protocol="guo", evaluator=stand_in_evaluator)
    assert flags(record)["copies"] == 5


def test_different_real_motions_are_no_copies(stand_in_track):
    """Of the pack's own: none is a copy but of its own clip."""
    real = np.concatenate([part.embeddings for part in stand_in_track.reference.values()])
    prompts = [p for name in stand_in_track.reference for p in stand_in_track.prompts_of(name)]
    radius = COPY * spread(real)
    for clip in {p.clip_id for p in prompts}:
        own = np.array([p.clip_id == clip for p in prompts])
        assert not near(real[own], real[~own], radius).any()


# --- cheats on the sample, with an evaluator that knows captions ----------------------------------


@pytest.fixture(scope="module")
def evaluator():
    return load_evaluator("sample", device="cpu")


@pytest.fixture(scope="module")
def track():
    return first_prompts(hb.load_track("sample-violence-keywords"), LIMIT)


@pytest.fixture(scope="module")
def library():
    return sample.clips("train", twins=False)


@pytest.fixture
def score(track, evaluator, library, tmp_path):
    """Scores the answers to the first prompts: training clips by their numbers."""

    def scored(numbers) -> Record:
        made = {number: sample.features(library[number].clip_id) for number in set(numbers)}
        answers = {
            f"{prompt.prompt_id}/0": fit_length(made[number], prompt.num_frames)
            for prompt, number in zip(track.prompts, numbers, strict=True)
        }
        folder = write_submission(tmp_path / "s", answers, track=track.info.name)
        return hb.score(folder, track.folder, protocol="paper", evaluator=evaluator, limit=LIMIT)

    return scored


def test_an_honest_submission_has_no_flag(score, track, library):
    """Retrieval: training clips chosen by the captions. Only that they are copies is told.

    The pack's gallery holds the training clips.
    """
    texts = [[caption.text for caption in clip.captions] for clip in library]
    asked = [p.num_frames for p in track.prompts]
    frames = [clip.num_frames for clip in library]
    chosen = retrieve([p.text for p in track.prompts], asked, texts, frames, repeats=1)[:, 0]
    assert flags(score(chosen.tolist())).keys() <= {"coverage", "duplicates", "copies"}


def test_a_submission_that_ignores_prompts(score, track, library):
    """Any clip for any prompt, only its length is right."""
    chosen = np.random.default_rng(7).integers(0, len(library), len(track.prompts))
    record = score(chosen.tolist())
    # Some prompts have no other one of their length.
    assert len(track.prompts) >= flags(record)["ignores-prompts"] > 0.9 * len(track.prompts)
    (flag,) = (flag for flag in record.flags if flag.name == "ignores-prompts")
    assert "MM-Dist is 1" in flag.message
    assert "constant" not in flags(record)


def test_one_motion_for_all_prompts(score, track, library):
    longest = max(range(len(library)), key=lambda number: library[number].num_frames)
    found = flags(score([longest] * len(track.prompts)))
    assert found["constant"] == len(track.prompts)
    assert found["ignores-prompts"] > 0.9 * len(track.prompts)


def test_nearly_one_motion_for_all_prompts(track, evaluator, library, tmp_path):
    """A little noise makes each of them another one; their spread is small all the same."""
    generator = np.random.default_rng(0)
    motion = sample.features(library[3].clip_id)[:40]
    answers = {
        f"{p.prompt_id}/0": np.resize(motion, (p.num_frames, 263))
        + generator.normal(0, 1e-3, (p.num_frames, 263)).astype(np.float32)
        for p in track.prompts
        if p.num_frames <= 60
    }
    rest = {f"{p.prompt_id}/0" for p in track.prompts} - set(answers)
    same = next(iter(answers.values()))
    answers |= {
        name: np.resize(same, (track.by_id[name.split("/")[0]].num_frames, 263)) for name in rest
    }
    folder = write_submission(tmp_path / "s", answers, track=track.info.name)
    record = hb.score(folder, track.folder, protocol="paper", evaluator=evaluator, limit=LIMIT)
    assert "constant" in flags(record)


def test_an_evaluator_that_does_not_know_captions_blames_nobody(
    stand_in_track, stand_in_evaluator, tmp_path
):
    """To random weights even real motions have nothing to do with their captions."""
    folder = write_submission(tmp_path / "s", random_answers(stand_in_track, 1))
    record = hb.score(folder, stand_in_track, protocol="paper", evaluator=stand_in_evaluator)
    assert "ignores-prompts" not in flags(record)
