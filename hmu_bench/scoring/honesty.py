"""Honesty flags of a record: what a reader should know before believing the numbers.

Those of single motions are `submissions.findings`; here are the ones that compare embeddings: with
real motions (`copies`), with each other (`constant`), with the prompts (`ignores-prompts`).
docs/submissions.md says how each threshold was chosen and what it finds on real data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.records import Flag
from hmu_bench.submissions.findings import Finding, motion_findings
from hmu_bench.tracks import Track

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.scoring.embedding import Observed

COPY: Final = 0.002
"""Distance of two embeddings, as a share of the spread of real motions, below which they are one.

Rounding to float16 moves an embedding by 0.0005 at most; different recordings are 0.04 apart."""
NARROW: Final = 0.2
"""Spread of the embeddings, as a share of that of real motions, below which all are alike."""
FEW_DISTINCT: Final = 0.1
"""Distinct motions a prompt; the real ones, with three captions a clip, have 0.3."""
NEIGHBOURS: Final = 10
"""Prompts of the next lengths, shorter and longer, whose captions stand for shuffled ones."""
FEWEST_CLIPS: Final = 30
"""Base clips below which it is not asked whether prompts matter."""
QUANTILE: Final = 3.29
"""Of the normal distribution, for two-sided intervals of 99.9 %."""
_ROWS, _BLOCK = 4096, 1 << 24
"""Rows, and distances, that are in memory at once."""

Embeddings = NDArray[np.float32]


class PromptGap(NamedTuple):
    """How much nearer motions are to their own prompts than to others of about the same length.

    Attributes:
        own: mean distance of a motion to its own prompt (MM-Dist).
        shuffled: mean distance to the captions of other prompts.
        low: lower end of the 99.9 % interval of `shuffled - own`.
        high: upper end.
        prompts: how many were compared.
    """

    own: float
    shuffled: float
    low: float
    high: float
    prompts: int


def honesty_flags(
    observed: Observed, track: Track, evaluator: Evaluator, *, prompts: int
) -> list[Flag]:
    """All flags of a scoring, in a fixed order.

    Args:
        observed: what the motions showed.
        track: with the prompts that were answered.
        evaluator: embeds the captions.
        prompts: how many the whole track has.
    """
    real = [part.embeddings for part in track.reference.values()]
    gallery = track.statistics.gallery
    known = np.concatenate([*real, *([gallery.embeddings] if gallery else [])])
    scale = spread(np.concatenate(real))
    flat = observed.motions.reshape(-1, observed.motions.shape[-1])
    found = [
        *_coverage(len(track.prompts), prompts),
        *motion_findings(observed.table),
        *_copies(flat, known, scale),
        *_constant(observed.motions, scale),
        *_ignored_prompts(observed.motions, track, evaluator),
    ]
    return [Flag(name=name, message=message, count=number) for name, message, number in found]


def spread(embeddings: NDArray[np.floating]) -> float:
    """Root of the mean squared distance from the mean, of (N, D) embeddings, N >= 1.

    >>> spread(np.array([[-3.0, 0.0], [3.0, 0.0]]))
    3.0
    """
    centre = embeddings.mean(axis=0, dtype=np.float64)
    total = 0.0
    for start in range(0, len(embeddings), _ROWS):
        apart = embeddings[start : start + _ROWS] - centre
        total += float(np.einsum("nd,nd->", apart, apart))
    return float(np.sqrt(total / len(embeddings)))


def near(rows: Embeddings, known: Embeddings, radius: float) -> NDArray[np.bool_]:
    """Which of the rows (N, D) have one of the known (M, D) within the radius: (N,).

    The nearest one is found in float32, around the mean, and its distance taken in float64.
    """
    centre = known.mean(axis=0, dtype=np.float64)
    others = (known - centre).astype(np.float32)
    squares = np.einsum("md,md->m", others, others)
    found = np.zeros(len(rows), dtype=bool)
    step = max(1, _BLOCK // max(1, len(known)))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        products = (block - centre).astype(np.float32) @ others.T
        nearest = np.argmin(squares - 2 * products, axis=1)
        apart = block.astype(np.float64) - known[nearest]
        found[start : start + step] = np.einsum("nd,nd->n", apart, apart) <= radius * radius
    return found


def count_distinct(rows: Embeddings, radius: float, most: int) -> int:
    """How many of the rows are farther than the radius from all that count before; `most` at most.

    >>> count_distinct(np.array([[0.0], [5.0], [0.1]], np.float32), 0.5, 9)
    2
    """
    left, count = rows.astype(np.float64), 0
    while len(left) and count < most:
        apart = left - left[0]
        left = left[np.einsum("nd,nd->n", apart, apart) > radius * radius]
        count += 1
    return count


def prompt_gap(
    text: NDArray[np.floating],
    motions: NDArray[np.floating],
    num_frames: Sequence[int],
    clips: Sequence[str],
    captions: Sequence[str],
) -> PromptGap | None:
    """MM-Dist with the own prompts against MM-Dist with shuffled ones.

    The prompts are ordered by length, and each motion is compared with the captions of the 10
    prompts before and the 10 after its own (around the ends), so that a motion that only has the
    length asked for is as far from its own caption as from the others. Captions of the same base
    clip, or with the same words, are left out. The interval is the normal one, 99.9 %, with base
    clips as the unit.

    Args:
        text: (N, D) embeddings of the captions.
        motions: (R, N, D) embeddings of the motions.
        num_frames: (N,) of the prompts.
        clips: (N,) base clips.
        captions: (N,) texts.

    Returns:
        None where fewer than 30 base clips can be compared.
    """
    words, moved = text.astype(np.float64), motions
    order = np.argsort(np.asarray(num_frames), kind="stable")
    clip, caption = (np.unique(np.asarray(v), return_inverse=True)[1] for v in (clips, captions))
    total, pairs = np.zeros(len(words)), np.zeros(len(words))
    for shift in [*range(-NEIGHBOURS, 0), *range(1, NEIGHBOURS + 1)]:
        partner = np.empty(len(order), dtype=np.intp)
        partner[order] = np.roll(order, shift)
        other = (clip[partner] != clip) & (caption[partner] != caption)
        total += np.where(other, _mean_distance(words[partner], moved), 0.0)
        pairs += other
    rows = pairs > 0
    groups = np.unique(clip[rows], return_inverse=True)[1]
    count = int(groups.max(initial=-1)) + 1
    if count < FEWEST_CLIPS:
        return None
    own, shuffled = _mean_distance(words, moved)[rows], total[rows] / pairs[rows]
    gap = shuffled - own
    sums = np.bincount(groups, gap - gap.mean())
    error = QUANTILE * float(np.sqrt((sums**2).sum() * count / (count - 1))) / len(gap)
    mean = float(gap.mean())
    return PromptGap(
        float(own.mean()), float(shuffled.mean()), mean - error, mean + error, len(gap)
    )


def _mean_distance(
    words: NDArray[np.float64], motions: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Mean over the repeats of the distance of caption n and motion n: (N,)."""
    total = np.zeros(len(words))
    for repeat in motions:
        apart = words - repeat
        total += np.sqrt(np.einsum("nd,nd->n", apart, apart))
    found: NDArray[np.float64] = total / len(motions)
    return found


def _coverage(answered: int, prompts: int) -> list[Finding]:
    if answered == prompts:
        return []
    message = f"of {prompts} prompts were not scored (a dry run)"
    return [Finding("coverage", message, prompts - answered)]


def _copies(flat: Embeddings, known: Embeddings, scale: float) -> list[Finding]:
    count = int(near(flat, known, COPY * scale).sum())
    message = "motions are copies of real ones (their embeddings are the same)"
    return [Finding("copies", message, count)] if count else []


def _constant(motions: Embeddings, scale: float) -> list[Finding]:
    repeats, prompts, dim = motions.shape
    share = spread(motions.reshape(-1, dim)) / scale
    if share < NARROW:
        message = f"motions are all alike: their spread is {share:.2f} of that of real motions"
        return [Finding("constant", message, repeats * prompts)]
    few = int(np.ceil(FEW_DISTINCT * prompts))
    distinct = count_distinct(motions[0], COPY * scale, few)
    if distinct < few:
        message = f"prompts are answered by {distinct} different motions only (first repeats)"
        return [Finding("constant", message, prompts)]
    return []


def _ignored_prompts(motions: Embeddings, track: Track, evaluator: Evaluator) -> list[Finding]:
    prompts = track.prompts
    gap = prompt_gap(
        evaluator.embed_texts([prompt.tokens for prompt in prompts]),
        motions,
        [prompt.num_frames for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        [prompt.text for prompt in prompts],
    )
    if gap is None or gap.low > 0:
        return []
    message = (
        f"prompts seem to be ignored: MM-Dist is {gap.own:.2f} with their own captions and "
        f"{gap.shuffled:.2f} with others (99.9 % interval of the difference: {gap.low:.2f} to "
        f"{gap.high:.2f})"
    )
    return [Finding("ignores-prompts", message, gap.prompts)]
