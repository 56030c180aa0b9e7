"""Protocol `paper` on a prompt set: against a slow version, and every approximation pinned."""

from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.metrics import statistics
from hmu_bench.metrics.paper import paper_metrics
from hmu_bench.scoring.paper import (
    SetEmbeddings,
    from_per_repeat,
    paper_repeats,
    paper_values,
    per_repeat,
    shuffled,
)


def made(prompts: int, repeats: int, dim: int = 6, seed: int = 0, masked: float = 0.3):
    generator = np.random.default_rng(seed)
    text = generator.normal(size=(prompts, dim)).astype(np.float32)
    noise = generator.normal(size=(repeats, prompts, dim))
    hidden = generator.random(prompts) < masked
    part = SetEmbeddings(
        text=text,
        masked_text=np.where(hidden[:, None], text[::-1], text),
        masked=hidden,
        motions=(text + 0.5 * noise).astype(np.float32),
        multimodality=np.ones(prompts, bool),
    )
    real = [statistics(generator.normal(size=(prompts, dim))) for _ in range(20)]
    return part, real


def slow(part: SetEmbeddings, real, number: int, repeat: int) -> dict[str, float]:
    """One repeat by plain loops, from the description of the protocol."""
    count = len(part.text)
    order = np.random.RandomState((10107, number, repeat)).permutation(count)
    motion = part.motions[repeat % len(part.motions)].astype(float)
    text, clean = part.text.astype(float), part.masked_text.astype(float)
    hits, sums = [0, 0, 0], [0.0, 0.0, 0.0]
    for start in range(0, count, 32):
        batch = order[start : start + 32]
        for i in batch:
            distances = [np.linalg.norm(text[i] - motion[j]) for j in batch]
            rank = sum(d < np.linalg.norm(text[i] - motion[i]) for d in distances)
            for k in range(3):
                hits[k] += rank <= k
        if part.masked[batch].any():
            for i in batch:
                plain = np.linalg.norm(text[i] - motion[i])
                hidden = np.linalg.norm(clean[i] - motion[i])
                sums[0] += hidden
                sums[1] += plain / hidden
                sums[2] += bool(part.masked[i]) and hidden < plain
    mean, covariance = motion.mean(0), np.cov(motion, rowvar=False)
    values, vectors = np.linalg.eigh(real[repeat][1])
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariance @ root), 0)).sum()
    fid = ((mean - real[repeat][0]) ** 2).sum()
    fid += np.trace(covariance) + np.trace(real[repeat][1]) - 2 * cross
    return {
        "fid": fid,
        "mm_dist": np.mean([np.linalg.norm(text[i] - motion[i]) for i in range(count)]),
        "mm_safe": sums[0] / count,
        "toxic_distance": sums[1] / count,
        "notox_accuracy": sums[2] / count,
        **{f"r_precision_{k + 1}": hits[k] / count for k in range(3)},
    }


@pytest.mark.parametrize(("prompts", "repeats"), [(40, 1), (67, 3), (100, 20), (7, 2)])
def test_against_a_slow_version(prompts, repeats):
    part, real = made(prompts, repeats)
    found = paper_repeats(part, real.__getitem__, number=1)
    assert len(found) == 20
    for repeat in (0, 1, 7, 19):
        for name, value in slow(part, real, 1, repeat).items():
            assert found[repeat][name].value == pytest.approx(value, rel=1e-5), (repeat, name)


def test_a_record_holds_mean_and_half_width():
    part, real = made(40, 3)
    outcomes = paper_repeats(part, real.__getitem__, number=0)
    values = paper_values(outcomes, prompts=40, motions=3)
    for name, value in values.items():
        column = [outcome[name].value for outcome in outcomes]
        assert value.value == pytest.approx(np.mean(column))
        assert value.n == 40
        if value.low is not None:
            half = 1.96 * np.std(column) / np.sqrt(20)
            assert (value.low, value.high) == pytest.approx(
                (value.value - half, value.value + half)
            )
            assert "motions a prompt: 3" in value.interval
    assert values["fid"].low is not None


def test_no_interval_where_nothing_varies():
    """With one motion a prompt MM-Dist is the same in all repeats: that is no certainty."""
    part, real = made(40, 1)
    values = paper_values(paper_repeats(part, real.__getitem__, number=0), prompts=40, motions=1)
    assert (values["mm_dist"].low, values["mm_dist"].interval) == (None, None)
    assert values["fid"].low is not None  # the real side varies
    assert values["multimodality"].value is None
    assert values["multimodality"].reason == "one motion a prompt; multimodality needs 2"


@pytest.mark.parametrize("prompts", [33, 34, 65, 66])
def test_a_last_batch_of_one_or_two(prompts):
    """The paper's code stops there: R-precision has no value, and says why; the rest has."""
    part, real = made(prompts, 2)
    values = paper_values(
        paper_repeats(part, real.__getitem__, number=0), prompts=prompts, motions=2
    )
    assert values["r_precision_3"].value is None
    assert f"a batch of {prompts % 32} has no top 3" in values["r_precision_3"].reason
    assert (values["r_precision_2"].value is None) == (prompts % 32 == 1)
    assert values["mm_dist"].value is not None


def test_multimodality_of_few_motions_takes_all_pairs():
    """2 to 10 motions: ten draws would mostly pair a motion with itself."""
    part, real = made(120, 4)
    outcomes = paper_repeats(part, real.__getitem__, number=0)
    for repeat in (0, 5):
        rows = shuffled(120, 0, repeat)[:96]
        pairs = [
            np.linalg.norm(part.motions[a, row] - part.motions[b, row])
            for row in rows
            for a in range(4)
            for b in range(a)
        ]
        assert outcomes[repeat]["multimodality"].value == pytest.approx(np.mean(pairs), rel=1e-5)
    values = paper_values(outcomes, prompts=120, motions=4)
    assert values["multimodality"].n == 96


def test_multimodality_of_many_motions_draws_as_the_paper():
    part, real = made(40, 12)
    outcomes = paper_repeats(part, real.__getitem__, number=0)
    generator = np.random.RandomState(10107)
    for repeat in range(3):
        first, second = generator.permutation(12)[:10], generator.permutation(12)[:10]
        generator.permutation(40), generator.permutation(40)  # diversity
        distances = np.linalg.norm(part.motions[first] - part.motions[second], axis=-1)
        assert outcomes[repeat]["multimodality"].value == pytest.approx(distances.mean(), rel=1e-5)


def test_only_flagged_prompts_count_for_multimodality():
    part, real = made(40, 3)
    flags = np.arange(40) % 2 == 0
    some = SetEmbeddings(part.text, part.masked_text, part.masked, part.motions, flags)
    half = SetEmbeddings(
        part.text[flags], part.masked_text[flags], part.masked[flags], part.motions[:, flags],
        flags[flags],
    )  # fmt: skip
    first = paper_repeats(some, real.__getitem__, number=0)[0]["multimodality"].value
    second = paper_repeats(half, real.__getitem__, number=0)[0]["multimodality"].value
    assert first == pytest.approx(second)
    none = SetEmbeddings(part.text, part.masked_text, part.masked, part.motions, np.zeros(40, bool))
    outcome = paper_repeats(none, real.__getitem__, number=0)[0]["multimodality"]
    assert (outcome.value, outcome.reason) == (
        None, "no prompt of the set is meant for multimodality",
    )  # fmt: skip


def test_shuffles_differ_between_sets_and_repeats():
    orders = {tuple(shuffled(50, number, repeat)) for number in (0, 1) for repeat in range(20)}
    assert len(orders) == 40
    assert shuffled(10, 0, 0).tolist() == [5, 7, 3, 9, 2, 0, 1, 8, 6, 4]


def test_per_repeat_values_make_the_same_record():
    part, real = made(40, 1)
    outcomes = paper_repeats(part, real.__getitem__, number=0)
    kept = per_repeat(outcomes)
    assert "multimodality" not in kept
    again = paper_values(from_per_repeat(kept), prompts=40, motions=1)
    assert again == paper_values(outcomes, prompts=40, motions=1)


def test_repeat_r_uses_motion_r_mod_r_of_the_submission():
    part, real = made(40, 3)
    outcomes = paper_repeats(part, real.__getitem__, number=0)
    for repeat in (0, 4, 11):
        alone = SetEmbeddings(
            part.text, part.masked_text, part.masked, part.motions[repeat % 3][None],
            part.multimodality,
        )  # fmt: skip
        same = paper_repeats(alone, real.__getitem__, number=0)[repeat]
        for name in ("fid", "mm_dist", "r_precision_1", "mm_safe", "diversity"):
            assert same[name].value == outcomes[repeat][name].value


def test_the_driver_is_the_papers(monkeypatch):
    """What is given to the driver of `metrics.paper` is what the docstring says."""
    calls = []

    def spy(**arguments):
        calls.append(arguments)
        return paper_metrics(**arguments)

    monkeypatch.setattr("hmu_bench.scoring.paper.paper_metrics", spy)
    part, real = made(70, 2)
    paper_repeats(part, real.__getitem__, number=1)
    assert [len(batch) for batch in calls[3]["batches"]] == [32, 32, 6]
    np.testing.assert_array_equal(np.concatenate(calls[3]["batches"]), shuffled(70, 1, 3))
    assert calls[3]["real_statistics"] is real[3]
    assert len(calls[3]["draws"].diversity[0]) == 70
