"""Honesty flags of a record: what a reader should know before believing the numbers.

Those of single motions are `submissions.findings`; here are the ones that compare embeddings: with
real motions (`copies`), with each other (`constant`), with the prompts (`ignores-prompts`).
docs/submissions.md says how each threshold was chosen and what it finds on real data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmu_bench.records import Flag
from hmu_bench.submissions.findings import Finding, motion_findings
from hmu_bench.tracks import Prompt, Track

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.scoring.embedding import Observed

COPY: Final = 0.003
"""Distance of two embeddings, as a share of the spread of real motions, below which they are one.

Rounding to float16 moves an embedding by 0.0005 at most; the two most alike clips of the sample are
0.0036 apart, of real recordings 0.041."""
NARROW: Final = 0.2
"""Spread of the embeddings, as a share of that of real motions, below which all are alike."""
FEW_DISTINCT: Final = 0.25
"""Different motions a real clip (`variety`); real motions have 1 or more."""
NEIGHBOURS: Final = 10
"""Prompts to either side, in the order of lengths, whose captions stand for shuffled ones."""
FEWEST_CLIPS: Final = 30
"""Base clips below which it is not asked whether motions differ or prompts matter."""
QUANTILE: Final = 3.29
"""Of the normal distribution, for two-sided intervals of 99.9 %."""
_ROWS, _BLOCK = 4096, 1 << 24
"""Rows, and distances, that are in memory at once."""

Embeddings = NDArray[np.float32]


class PromptGap(NamedTuple):
    """How much nearer motions are to their own prompts than to others of the same length.

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
    observed: Observed, track: Track, evaluator: Evaluator, *, whole: Track
) -> list[Flag]:
    """All flags of a scoring, in a fixed order.

    Args:
        observed: what the motions showed.
        track: with the prompts that were answered.
        evaluator: embeds the captions.
        whole: the track with all its prompts.
    """
    found = [*_coverage(track, whole), *motion_findings(observed.table)]
    real = [part.embeddings for part in whole.reference.values()]
    scale = spread(np.concatenate(real)) if real else 0.0
    if scale > 0.0:
        gallery = [whole.statistics.gallery.embeddings] if whole.statistics.gallery else []
        found += _copies(observed.motions, np.concatenate([*real, *gallery]), scale)
        found += _constant(observed.motions, track, whole, scale)
    found += _ignored_prompts(observed.motions, track, evaluator, whole)
    return [Flag(name=name, message=message, count=number) for name, message, number in found]


def spread(embeddings: NDArray[np.floating], groups: ArrayLike | None = None) -> float:
    """How far embeddings (N, D) are from their mean, or from the mean of their group.

    Root of the sum of squared distances over (N - number of groups); 0 where that is 0.

    Args:
        embeddings: (N, D).
        groups: (N,) group of each; by default all are one.

    >>> spread(np.array([[-3.0], [3.0], [7.0]]), [1, 1, 2])
    4.242640687119285
    """
    names = np.zeros(len(embeddings)) if groups is None else np.asarray(groups)
    total, free = 0.0, 0
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        centre = embeddings[rows].mean(axis=0, dtype=np.float64)
        for start in range(0, len(rows), _ROWS):
            apart = embeddings[rows[start : start + _ROWS]] - centre
            total += float(np.einsum("nd,nd->", apart, apart))
        free += len(rows) - 1
    return float(np.sqrt(total / free)) if free else 0.0


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


def count_distinct(rows: Embeddings, radius: float) -> int:
    """How many of the rows are farther than the radius from all that count before.

    >>> count_distinct(np.array([[0.0], [5.0], [0.1]], np.float32), 0.5)
    2
    """
    left, count = rows.astype(np.float64), 0
    while len(left):
        apart = left - left[0]
        left = left[np.einsum("nd,nd->n", apart, apart) > radius * radius]
        count += 1
    return count


def variety(
    embeddings: Embeddings, num_frames: Sequence[int], clips: Sequence[str], radius: float
) -> float | None:
    """Different motions against different real clips, among prompts of one length.

    (sum over lengths of motions - 1) / (sum over lengths of clips - 1): 1 where every clip has a
    motion of its own, 0 where all prompts of a length have the same one.

    Args:
        embeddings: (N, D), one motion a prompt.
        num_frames: (N,) of the prompts.
        clips: (N,) base clips.
        radius: distance up to which two motions are the same.

    Returns:
        None where no more than 30 clips could differ.

    >>> variety(np.zeros((80, 4), np.float32), [40] * 80, [str(n) for n in range(80)], 0.1)
    0.0
    """
    lengths, names = np.asarray(num_frames), np.asarray(clips)
    motions = real = 0
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        real += len(np.unique(names[rows])) - 1
        motions += count_distinct(embeddings[rows], radius) - 1
    return motions / real if real >= FEWEST_CLIPS else None


def prompt_gap(
    text: NDArray[np.floating],
    motions: NDArray[np.floating],
    num_frames: Sequence[int],
    clips: Sequence[str],
    captions: Sequence[str],
) -> PromptGap | None:
    """MM-Dist with the own prompts against MM-Dist with shuffled ones.

    The prompts are ordered by length (those of one length by id), and each motion is compared with
    the captions of the 10 prompts before and the 10 after its own that ask for the same length: a
    motion that has nothing but the right length is as far from its own caption as from the others.
    Captions of the same base clip, or with the same words, are left out. The interval is the normal
    one, 99.9 %, with base clips as the unit.

    Args:
        text: (N, D) embeddings of the captions.
        motions: (R, N, D) embeddings of the motions.
        num_frames: (N,) of the prompts.
        clips: (N,) base clips.
        captions: (N,) texts.

    Returns:
        None where fewer than 30 base clips can be compared.
    """
    words, frames = text.astype(np.float64), np.asarray(num_frames)
    order = np.argsort(frames, kind="stable")
    clip, caption = (np.unique(np.asarray(v), return_inverse=True)[1] for v in (clips, captions))
    total, pairs = np.zeros(len(words)), np.zeros(len(words))
    for shift in [*range(-NEIGHBOURS, 0), *range(1, NEIGHBOURS + 1)]:
        partner = np.empty(len(order), dtype=np.intp)
        partner[order] = np.roll(order, shift)
        other = (clip[partner] != clip) & (caption[partner] != caption)
        other &= frames[partner] == frames
        total += np.where(other, _mean_distance(words[partner], motions), 0.0)
        pairs += other
    rows = pairs > 0
    groups = np.unique(clip[rows], return_inverse=True)[1]
    count = int(groups.max(initial=-1)) + 1
    if count < FEWEST_CLIPS:
        return None
    own, shuffled = _mean_distance(words, motions)[rows], total[rows] / pairs[rows]
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


def _coverage(track: Track, whole: Track) -> list[Finding]:
    left_out, prompts = len(whole.prompts) - len(track.prompts), len(whole.prompts)
    message = f"of {prompts} prompts were not scored (a dry run)"
    return [Finding("coverage", message, left_out)] if left_out else []


def _copies(motions: Embeddings, known: Embeddings, scale: float) -> list[Finding]:
    count = sum(int(near(repeat, known, COPY * scale).sum()) for repeat in motions)
    message = "motions are copies of real ones (their embeddings are the same)"
    return [Finding("copies", message, count)] if count else []


def _constant(motions: Embeddings, track: Track, whole: Track, scale: float) -> list[Finding]:
    lengths = [prompt.num_frames for prompt in track.prompts]
    clips = [track.base_clips[prompt.prompt_id] for prompt in track.prompts]
    usual = [
        spread(part.embeddings, [prompt.num_frames for prompt in whole.prompts_of(name)])
        for name, part in whole.reference.items()
    ]
    share = spread(motions[0], lengths) / max(usual) if max(usual) else None
    different = variety(motions[0], lengths, clips, COPY * scale)
    if different is None or share is None:
        return []
    if share < NARROW:
        message = (
            f"prompts are answered by motions that are all alike: their spread is {share:.2f} of "
            "that of real motions of the same lengths"
        )
    elif different < FEW_DISTINCT:
        message = (
            f"prompts are answered by few motions: {different:.2f} times as many as there are real "
            "clips of the same lengths"
        )
    else:
        return []
    return [Finding("constant", message, len(lengths))]


def _ignored_prompts(
    motions: Embeddings, track: Track, evaluator: Evaluator, whole: Track
) -> list[Finding]:
    gap = _gap(motions, track.prompts, track, evaluator)
    if gap is None or gap.low > 0:
        return []
    for name, part in whole.reference.items():
        real = _gap(part.embeddings[None], whole.prompts_of(name), whole, evaluator)
        if real is not None and real.low <= 0:
            return []  # to this evaluator, real motions have nothing to do with their captions
    message = (
        f"prompts seem to be ignored: MM-Dist is {gap.own:.2f} with their own captions and "
        f"{gap.shuffled:.2f} with others (99.9 % interval of the difference: {gap.low:.2f} to "
        f"{gap.high:.2f})"
    )
    return [Finding("ignores-prompts", message, gap.prompts)]


def _gap(
    motions: Embeddings, prompts: Sequence[Prompt], track: Track, evaluator: Evaluator
) -> PromptGap | None:
    return prompt_gap(
        evaluator.embed_texts([prompt.tokens for prompt in prompts]),
        motions,
        [prompt.num_frames for prompt in prompts],
        [track.base_clips[prompt.prompt_id] for prompt in prompts],
        [prompt.text for prompt in prompts],
    )
