"""Protocol `guo` on a prompt set: against a slow version, every approximation pinned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

import hmu_bench as hb
from hmu_bench.metrics.table import METRICS
from hmu_bench.scoring import score_prompts, score_real
from hmu_bench.scoring.guo import NAMES, counts, guo_repeats, motion_numbers
from hmu_bench.scoring.paper import SetEmbeddings, repeated_values
from hmu_bench.tracks import Prompt


def made(motions: int, repeats: int, dim: int = 6, seed: int = 0):
    """One to three captions a motion, in random order; real motions, one a motion."""
    generator = np.random.default_rng(seed)
    numbers = generator.permutation(np.repeat(np.arange(motions), 1 + np.arange(motions) % 3))
    first = {number: row for row, number in reversed(list(enumerate(numbers)))}
    order = {number: place for place, number in enumerate(sorted(first, key=first.__getitem__))}
    numbers = np.array([order[number] for number in numbers])
    count = len(numbers)
    text = generator.normal(size=(count, dim)).astype(np.float32)
    real = generator.normal(size=(motions, dim)).astype(np.float32)[numbers]
    part = SetEmbeddings(
        text=text,
        masked_text=text,
        masked=np.zeros(count, bool),
        motions=(text + 0.7 * generator.normal(size=(repeats, count, dim))).astype(np.float32),
        multimodality=np.ones(count, bool),
    )
    return part, real, numbers


def slow(part: SetEmbeddings, real, numbers, number: int, repeat: int) -> dict[str, float]:
    """One repeat by plain loops, from the description of the protocol."""
    random = np.random.RandomState((10107, number, repeat))
    motions = max(numbers) + 1
    drawn = []
    for u, motion in zip(random.random_sample(motions), range(motions), strict=True):
        captions = [row for row, own in enumerate(numbers) if own == motion]
        drawn.append(captions[int(u * len(captions))])
    full = motions - motions % 32
    generated = [drawn[i] for i in random.permutation(motions)[:full]]
    truth = [drawn[i] for i in random.permutation(motions)[:full]]
    vectors = part.motions[repeat % len(part.motions)].astype(float)
    text, hits, distance = part.text.astype(float), [0, 0, 0], 0.0
    for start in range(0, full, 32):
        batch = generated[start : start + 32]
        for row in batch:
            own = np.linalg.norm(text[row] - vectors[row])
            distance += own
            rank = sum(np.linalg.norm(text[row] - vectors[other]) < own for other in batch)
            for k in range(3):
                hits[k] += rank <= k
    a, b = real[truth].astype(float), vectors[generated]
    c_a, c_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.trace(scipy.linalg.sqrtm(c_a @ c_b)).real
    found = {
        "fid": np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(c_a) + np.trace(c_b) - 2 * root,
        "mm_dist": distance / full,
        **{f"r_precision_{k + 1}": hits[k] / full for k in range(3)},
    }
    times = 300 if full > 300 else 100
    if full > 100:
        first, second = random.permutation(full)[:times], random.permutation(full)[:times]
        pairs = [
            np.linalg.norm(vectors[generated[i]] - vectors[generated[j]])
            for i, j in zip(first, second, strict=True)
        ]
        found["diversity"] = np.mean(pairs)
    repeats = len(part.motions)
    chosen = [drawn[i] for i in random.permutation(motions)[:100]]
    if repeats > 10:
        first, second = random.permutation(repeats)[:10], random.permutation(repeats)[:10]
        which = list(zip(first, second, strict=True))
    else:
        which = [(i, j) for i in range(repeats) for j in range(i)]
    gaps = [
        np.linalg.norm(part.motions[i, row].astype(float) - part.motions[j, row].astype(float))
        for row in chosen
        for i, j in which
    ]
    if gaps:
        found["multimodality"] = np.mean(gaps)
    return found


@pytest.mark.parametrize(
    ("motions", "repeats", "number"), [(40, 1, 0), (140, 3, 1), (330, 2, 0), (32, 12, 1)]
)
def test_against_the_slow_version(motions, repeats, number):
    part, real, numbers = made(motions, repeats)
    outcomes = guo_repeats(part, real, numbers, number=number)
    assert len(outcomes) == 20
    for repeat in (0, 1, 7, 19):
        expected = slow(part, real, numbers, number, repeat)
        found = {n: o.value for n, o in outcomes[repeat].items() if o.value is not None}
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_one_caption_a_motion_drawn_anew():
    """A caption more changes which is drawn, not how many: values rest on motions."""
    part, real, numbers = made(64, 1)
    assert counts(part, numbers)["mm_dist"] == 64
    outcomes = guo_repeats(part, real, numbers, number=0)
    assert len({outcome["mm_dist"].value for outcome in outcomes}) == 20
    alone = np.unique(numbers, return_index=True)[1]
    single = SetEmbeddings(
        part.text[alone], part.text[alone], part.masked[alone], part.motions[:, alone],
        part.multimodality[alone],
    )  # fmt: skip
    fixed = guo_repeats(single, real[alone], np.arange(64), number=0)
    assert np.ptp([outcome["mm_dist"].value for outcome in fixed]) < 1e-12


def test_the_last_batch_is_dropped():
    part, real, numbers = made(63, 1)
    assert counts(part, numbers)["fid"] == 32
    hits = [o["r_precision_1"].value * 32 for o in guo_repeats(part, real, numbers, number=0)]
    assert hits == pytest.approx(np.round(hits))


def test_no_full_batch_has_no_value():
    part, real, numbers = made(31, 2)
    values = repeated_values(
        guo_repeats(part, real, numbers, number=0), counts=counts(part, numbers), motions=2
    )
    assert tuple(values) == NAMES
    for value in values.values():
        assert value.value is None
        assert value.reason == "31 motions are no batch of 32, and smaller ones are dropped"


def test_what_a_set_is_too_small_for_has_a_reason():
    part, real, numbers = made(100, 1)
    outcome = guo_repeats(part, real, numbers, number=0)[0]
    assert "of more than 100" in outcome["diversity"].reason
    assert outcome["multimodality"].reason == "one motion a prompt; multimodality needs 2"
    part, real, numbers = made(40, 2)
    none = replace(part, multimodality=np.zeros(len(numbers), bool))
    outcome = guo_repeats(none, real, numbers, number=0)[0]
    assert outcome["multimodality"].reason == "no prompt of the set is meant for multimodality"


def test_captions_of_one_motion():
    """The same clip and frames, told by the real embedding: a part of a clip is another motion."""

    def prompt(clip: str, frames: int) -> Prompt:
        return Prompt("0" * 16, "forget", clip, "a", "a/DET", None, None, frames)

    prompts = [prompt("a", 40), prompt("b", 40), prompt("a", 40), prompt("a", 40), prompt("a", 44)]
    real = np.array([[1.0], [1.0], [1.0], [2.0], [1.0]], dtype=np.float32)
    assert motion_numbers(prompts, real).tolist() == [0, 1, 0, 2, 3]


class TestRecords:
    def test_a_record(self, half, full_track, stand_in_evaluator):
        record = hb.score(half[0], full_track, protocol="guo", evaluator=stand_in_evaluator)
        assert set(record.metrics) == {"forget", "retain"}
        for name, found in record.metrics.items():
            assert tuple(found) == NAMES
            assert all("guo" in METRICS[metric].protocols for metric in found)
            # 33 and 54 motions, some with two captions: one batch each, the rest is dropped.
            assert found["mm_dist"].n == 32
            assert len(full_track.prompts_of(name)) in (44, 72)
        value = record.metrics["retain"]["fid"]
        assert value.low < value.value < value.high
        assert "20 repeats" in value.interval
        assert record.scores is None
        assert "--protocol guo" in record.provenance.command

    def test_the_same_bytes_again(self, half, full_track, stand_in_evaluator):
        first, second = (
            score_prompts(half[0], full_track, protocol="guo", evaluator=stand_in_evaluator)
            for _ in range(2)
        )
        assert first.record.to_json() == second.record.to_json()
        assert first.terms is None

    def test_real_motions(self, full_track, stand_in_evaluator):
        """Two draws of one set of motions: a small FID, as the field's row of real motions has."""
        real = score_real(full_track, protocol="guo", evaluator=stand_in_evaluator)
        found = real.metrics["retain"]
        scale = np.trace(full_track.reference["retain"].covariance)
        assert 0 < found["fid"].value < 0.2 * scale
        assert "multimodality needs 2" in found["multimodality"].reason

    def test_a_dry_run(self, half, full_track, stand_in_evaluator):
        record = hb.score(
            half[0], full_track, protocol="guo", evaluator=stand_in_evaluator, limit=70
        )
        assert record.dry_run
        assert record.metrics["retain"]["mm_dist"].value is not None
