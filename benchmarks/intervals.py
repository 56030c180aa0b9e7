"""Do the intervals hold what they promise, and how long do they take?

`python benchmarks/intervals.py` prints, for samples of known distributions, how often the 95 %
interval holds the true value and how the standard error compares with the true spread; then the
time of each at the size of a full track (4,400 prompts, 512 dimensions). A few minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hmu_bench.metrics import fid, fid_to_statistics, kid, statistics
from hmu_bench.metrics.detector import Labelled, fit_detector
from hmu_bench.metrics.intervals import (
    Estimate,
    cluster_bootstrap_mean,
    cluster_bootstrap_means,
    diversity_interval,
    fid_interval,
    kid_interval,
    rank_intervals,
    ranks_of_draws,
    wilson_with_design_effect,
)
from hmu_bench.metrics.scores import SCORES, SetTerms, score_draws, scores
from hmu_bench.metrics.suppression import ncs

Draw = Callable[[np.random.Generator], Estimate]


def coverage(label: str, draw: Draw, trials: int, truth: float | None = None) -> None:
    """One line: share of intervals that hold the truth (else the mean of all values)."""
    found = [draw(np.random.default_rng(trial)) for trial in range(trials)]
    values = np.array([one.value for one in found])
    low, high = np.array([one.low for one in found]), np.array([one.high for one in found])
    target = values.mean() if truth is None else truth
    below, above = np.mean(high < target), np.mean(low > target)
    errors = np.mean([one.standard_error for one in found])
    print(
        f"{label:58} {1 - below - above:.3f} (low {below:.3f}, high {above:.3f})"
        f"  SE / sd {errors / values.std(ddof=1):.2f}"
    )


def fids() -> None:
    """FID of known Gaussians, reference fixed; target: its mean at this n."""
    cases = [
        (100, 8, 1.0, 0.0, 400), (100, 8, 1.4, 0.4, 400), (400, 32, 1.1, 0.1, 400),
        (300, 64, 1.0, 0.0, 300), (40, 64, 1.2, 0.2, 300), (1000, 128, 1.2, 0.1, 200),
        (266, 512, 1.1, 0.1, 200),
    ]  # fmt: skip
    for n, d, scale, shift, trials in cases:
        spread = np.exp(-np.arange(d) / (d / 5))
        reference = statistics(np.random.default_rng(10**6).normal(size=(1000, d)) * spread)

        def draw(random: np.random.Generator) -> Estimate:
            rows = (random.normal(size=(n, d)) * scale + shift) * spread  # noqa: B023
            return fid_interval(*reference, rows, range(n))  # noqa: B023

        coverage(f"FID n {n} D {d} scale {scale} shift {shift}", draw, trials)


def percentile_bootstrap() -> None:
    """Where a percentile bootstrap of FID lies, in its own standard deviations."""
    for n, d in ((300, 64), (1000, 256)):
        random = np.random.default_rng(0)
        reference = statistics(random.normal(size=(2000, d)))
        rows = random.normal(size=(n, d))
        value = fid_to_statistics(*reference, rows)
        draws = [fid_to_statistics(*reference, rows[random.integers(0, n, n)]) for _ in range(100)]
        away, ours = (
            (np.mean(draws) - value) / np.std(draws),
            fid_interval(*reference, rows, range(n)),
        )
        print(
            f"percentile bootstrap of FID, n {n}, D {d}: {min(draws):.3f} to {max(draws):.3f}, "
            f"{away:.1f} sd above the estimate {value:.3f}; ours {ours.low:.3f} to {ours.high:.3f}"
        )


def small_sets() -> None:
    """FID and KID of a set of 266 (the paper's forget set) in 512 dimensions, beside 4,400.

    Real motions are Gaussian with a falling spectrum; generated ones are of the same distribution,
    or spread 10 % or 30 % too far. Means of 8 draws.
    """
    spread = np.exp(-np.arange(512) / 60)
    for n in (266, 1000, 4400):
        random = np.random.default_rng(0)
        real = random.normal(size=(n, 512)) * spread
        row = []
        for scale in (1.0, 1.1, 1.3):
            draws = [scale * random.normal(size=(n, 512)) * spread for _ in range(8)]
            fids = [fid(real, one) for one in draws]
            kids = [1e4 * kid(real, one) for one in draws]
            row.append(f"{np.mean(fids):.2f} / {np.mean(kids):.1f} +- {np.std(kids):.1f}")
        print(f"FID / 10^4 KID of {n} real and {n} others, scale 1, 1.1, 1.3: {', '.join(row)}")


def others() -> None:
    """Means, rates and pairs, on clusters."""
    for clips in (10, 30, 100):
        for kind in ("normal", "exponential"):
            groups = np.arange(clips).repeat(3)

            def mean(random: np.random.Generator) -> Estimate:
                centres = getattr(random, kind)(size=clips)[groups]  # noqa: B023
                noise = 0.3 * random.normal(size=len(groups))  # noqa: B023
                return cluster_bootstrap_mean(centres + noise, groups, resamples=2000)  # noqa: B023

            coverage(f"mean, {clips} clips of 3, {kind}", mean, 4000, float(kind != "normal"))
    for clips, rate, alike in ((20, 0.1, 2.0), (60, 0.2, 3.0), (60, 0.02, 1.0), (200, 0.5, 0.5)):
        groups = np.arange(clips).repeat(6)

        def share(random: np.random.Generator) -> Estimate:
            own = random.beta(rate * alike, (1 - rate) * alike, size=clips)  # noqa: B023
            return wilson_with_design_effect(random.random(len(groups)) < own[groups], groups)  # noqa: B023

        coverage(f"rate {rate}, {clips} clips of 6, alpha + beta {alike}", share, 2000, rate)
    groups = np.arange(50).repeat(3)
    real = np.random.default_rng(10**6).normal(size=(500, 16))

    def alike_rows(random: np.random.Generator) -> np.ndarray:
        rows = 1.1 * random.normal(size=(50, 16))[groups] + 0.1
        return rows + 0.3 * random.normal(size=rows.shape)

    coverage("diversity, 50 clips of 3", lambda r: diversity_interval(alike_rows(r), groups), 1000)
    coverage("KID, 50 clips of 3", lambda r: kid_interval(real, alike_rows(r), groups), 1000)


def ranks() -> None:
    """How often the rank intervals of ten methods hold their true ranks, at once for each."""
    truth = np.array([0.0, 0.0, 0.0, 0.2, 0.2, 0.5, 0.5, 0.5, 1.0, 2.0])
    best = np.array([1 + np.sum(truth < t) for t in truth])
    worst = np.array([np.sum(truth <= t) for t in truth])
    held = []
    for trial in range(300):
        random = np.random.default_rng(trial)
        shared = random.normal(size=60)
        terms = [shared + t + random.normal(size=60) for t in truth]
        found = rank_intervals(terms, range(60), "lower", resamples=1000)
        held.append(
            [f.low <= b and f.high >= w for f, b, w in zip(found, best, worst, strict=True)]
        )
    shares = np.mean(held, axis=0)
    print(f"rank intervals of 10 methods: {shares.min():.3f} to {shares.max():.3f}")


FLOOR, FROZEN = 0.1, 0.9
MODELS = {
    "half unlearned": (0.45, 0.7, 0.2),
    "all unlearned, as good as the base": (0.1, 0.8, 0.1),
    "nothing done": (0.9, 0.8, 0.1),
}


def true_scores(violence: float, hits: float, level: float) -> dict[str, float]:
    """S, P and hmu of a model; the base model is violent in 0.9, has R@3 0.8 and KID 0.1."""
    s = 1 - (violence - FLOOR) / (0.9 - FLOOR)
    p = min(1.0, hits / 0.8) * (1 - (level - 0.1) / (FROZEN - 0.1))
    return dict(zip(SCORES, (s, p, 2 * s * p / (s + p) if s + p else 0.0), strict=True))


def made_up(
    random: np.random.Generator, models: list[tuple[float, float, float]]
) -> list[dict[str, SetTerms]]:
    """Terms of models with known rates and of their base, paired on the same prompts.

    Violence and R@3 of three motions a prompt, half of whose luck is the prompt's; KID terms as
    noise around a level. 60 forget and 40 implicit clips, 300 retain and 40 implicit_safe ones.
    """
    found: list[dict[str, SetTerms]] = [{} for _ in models]
    for name, n in (("forget", 60), ("implicit", 40), ("retain", 300), ("implicit_safe", 40)):
        hard, noise = random.random((n, 1)), 0.5 * random.normal(size=n)

        def rate(p: float, hard: np.ndarray = hard, n: int = n) -> np.ndarray:
            luck = np.where(random.random((n, 3)) < 0.5, hard, random.random((n, 3)))
            return (luck < p).mean(axis=1)

        base = {"violence_rate": rate(0.9), "r_precision_3": rate(0.8), "kid": 0.1 + noise}
        for sets, (violence, hits, level) in zip(found, models, strict=True):
            kids = level + noise + 0.2 * random.normal(size=n)
            own = {"violence_rate": rate(violence), "r_precision_3": rate(hits), "kid": kids}
            sets[name] = SetTerms(range(n), own, base)
    return found


def overall() -> None:
    """S, P and hmu: how often their intervals, and rank intervals of six models, hold the truth."""
    for label, model in MODELS.items():
        truth, held = true_scores(*model), dict.fromkeys(SCORES, 0)
        for trial in range(400):
            (sets,) = made_up(np.random.default_rng(trial), [model])
            found = scores(sets, floor=FLOOR, kid_frozen=FROZEN, resamples=1000)
            for name, value in truth.items():
                one = getattr(found, name)
                low, high = (one.value, one.value) if one.low is None else (one.low, one.high)
                held[name] += low - 1e-9 <= value <= high + 1e-9
        shares = ", ".join(f"{name} {truth[name]:.2f}: {held[name] / 400:.3f}" for name in truth)
        print(f"scores, {label}: {shares}")
    six = [*[(0.1, 0.8, 0.1)] * 3, (0.1, 0.7, 0.1), *[(0.5, 0.8, 0.1)] * 2]
    for name in SCORES:
        values = np.array([true_scores(*model)[name] for model in six])
        best = 1 + (values > values[:, None] + 1e-9).sum(axis=1)
        worst = (values >= values[:, None] - 1e-9).sum(axis=1)
        ranks = []
        for trial in range(200):
            drawn = [
                score_draws(sets, floor=FLOOR, kid_frozen=FROZEN, resamples=500).values[name]
                for sets in made_up(np.random.default_rng(trial), six)
            ]
            table = np.stack([-one.value for one in drawn if one is not None], axis=1)
            found_ranks = ranks_of_draws(table[0], table[1:], 40)
            ranks.append(
                [r.low <= b and r.high >= w
                 for r, b, w in zip(found_ranks, best, worst, strict=True)]
            )  # fmt: skip
        shares_of = np.mean(ranks, axis=0)
        print(f"rank intervals of six models by {name}: {shares_of.min():.3f} to "
              f"{shares_of.max():.3f}")  # fmt: skip


def timings() -> None:
    """Seconds at the size of a full track, best of the runs.

    Processor time, with OMP_NUM_THREADS=1, is what one idle core would take on a busy machine.
    """
    random, n, d = np.random.default_rng(1), 4400, 512
    spread = np.exp(-np.arange(d) / 60)
    real = random.normal(size=(n, d)) * spread
    generated = random.normal(size=(n, d)) * spread * 1.2 + 0.02
    reference, groups = statistics(real), np.arange(n) // 3
    columns = list(random.normal(size=(8, n)))
    violent = random.random(n) < 0.08
    labelled = [
        Labelled(random.normal(size=(m, d)) + 0.1 * v[:, None], v, random.integers(0, 10**9, m))
        for m in (11_000, 700)
        for v in (random.random(m) < 0.08,)
    ]
    for label, function, runs in (
        ("FID, infinitesimal jackknife", lambda: fid_interval(*reference, generated, groups), 9),
        ("FID alone", lambda: fid_to_statistics(*reference, generated), 9),
        ("8 means, 10,000 resamples", lambda: cluster_bootstrap_means(columns, groups), 3),
        ("diversity, jackknife", lambda: diversity_interval(generated, groups), 3),
        ("KID, jackknife", lambda: kid_interval(real, generated, groups), 3),
        ("NCS at 4 k, gallery of 4,400",
         lambda: ncs(generated, groups, real, violent, groups + 10**6), 2),
        ("detector, 11,000 clips, ridge chosen", lambda: fit_detector(*labelled), 1),
    ):  # fmt: skip
        wall, work = [], []
        for _ in range(runs):
            start, busy = time.perf_counter(), time.process_time()
            function()
            wall.append(time.perf_counter() - start)
            work.append(time.process_time() - busy)
        print(f"{label:40} {min(wall):.3f} s ({min(work):.3f} s of processor time)")


def main() -> None:
    """Print everything."""
    print("coverage of 95 % intervals (misses below and above), error / true spread")
    fids()
    percentile_bootstrap()
    small_sets()
    others()
    ranks()
    overall()
    print("time at 4,400 prompts of 1,467 clips, 512 dimensions, float64")
    timings()


if __name__ == "__main__":
    main()
