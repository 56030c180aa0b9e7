"""Scoring protocol `guo` on one prompt set: the canonical evaluation of HumanML3D.

Guo et al., Generating Diverse and Natural 3D Human Motions from Text, CVPR 2022: 20 repeats; in
each, every real motion is asked for with one of its captions, drawn anew; motions fall into
shuffled batches of 32 and the last, smaller batch is dropped. On these, with embeddings of the
evaluator:

* FID between real and generated motions, each side with its own shuffle and dropped batch;
* R-precision at 1 to 3, the pool being the batch; MM-Dist over all pairs;
* diversity: mean distance of 300 drawn pairs, or 100 where there are no more than 300 motions (as
  later code of the field has it); no value for 100 motions or fewer, where the published code
  stops;
* multimodality: 100 drawn motions (all, if there are fewer), 10 pairs of repeats, the same for all.

What needs the generator itself is approximated from the motions that a submission holds:

* repeat r (0 to 19) evaluates motion repeat r mod R of the drawn prompts;
* of R motions a prompt (30 in the published code) 10 pairs are drawn if R > 10, all R (R - 1) / 2
  pairs are taken if 2 <= R <= 10, and there is no value if R = 1;
* the real side is the first `num_frames` frames of each motion (the published code draws a start,
  and one time in three takes 4 frames less);
* draws are those of `RandomState((10107, set, repeat))`; the published code sets no seed.

A motion is what the captions of one clip share: captions of the same clip, length and real
embedding are captions of one motion, each part of a clip is a motion of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hmu_bench.metrics import fid, multimodality
from hmu_bench.metrics._arrays import norms
from hmu_bench.metrics.paper import (
    MULTIMODALITY_TIMES,
    REPEATS,
    Outcome,
    batch_hits,
    batches_of,
    drawn_diversity,
    drawn_multimodality,
)
from hmu_bench.metrics.paper.draws import draw
from hmu_bench.scoring.paper import BATCH, SEED, Embeddings, SetEmbeddings
from hmu_bench.tracks import Prompt

NAMES = (
    "fid", "mm_dist", "r_precision_1", "r_precision_2", "r_precision_3", "diversity",
    "multimodality",
)  # fmt: skip
DIVERSITY_TIMES = (300, 100)
MULTIMODALITY_MOTIONS = 100


def motion_numbers(prompts: Sequence[Prompt], real: Embeddings) -> NDArray[np.intp]:
    """For each prompt the number of the real motion that it describes, in the order of the prompts.

    Args:
        prompts: of one set, ordered by id.
        real: (N, D) embeddings of their real motions; equal rows for equal frames.
    """
    keys = (
        (prompt.clip_id, prompt.num_frames, row.tobytes())
        for prompt, row in zip(prompts, real, strict=True)
    )
    seen: dict[tuple[str | None, int, bytes], int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.intp)


def guo_repeats(
    part: SetEmbeddings, real: Embeddings, motions: NDArray[np.intp], *, number: int
) -> list[dict[str, Outcome]]:
    """All metrics of the 20 repeats on one prompt set.

    Args:
        part: the embeddings; masked captions are not used.
        real: (N, D) embeddings of the real motion of each prompt.
        motions: (N,) the real motion that each prompt describes, from 0 (`motion_numbers`).
        number: of the prompt set (0 forget, 1 retain); enters the seed of the draws.

    Returns:
        For each repeat an outcome for each of `NAMES`.
    """
    captions = [np.flatnonzero(motions == one) for one in range(int(motions.max()) + 1)]
    return [_repeat(part, real, captions, number, repeat) for repeat in range(REPEATS)]


def counts(part: SetEmbeddings, motions: NDArray[np.intp]) -> dict[str, int]:
    """`NAMES` -> how many motions a value rests on: those of full batches."""
    found = dict.fromkeys(NAMES, (int(motions.max()) + 1) // BATCH * BATCH)
    meant = len(np.unique(motions[part.multimodality]))
    return found | {"multimodality": min(meant, MULTIMODALITY_MOTIONS)}


def _repeat(
    part: SetEmbeddings,
    real: Embeddings,
    captions: Sequence[NDArray[np.intp]],
    number: int,
    repeat: int,
) -> dict[str, Outcome]:
    count = len(captions)
    kept = count // BATCH * BATCH
    if not kept:
        why = f"{count} motions are no batch of {BATCH}, and smaller ones are dropped"
        return dict.fromkeys(NAMES, Outcome(reason=why))
    random = np.random.RandomState((SEED, number, repeat))
    chances = random.random_sample(count)
    # One caption of each motion.
    rows = np.array([own[int(u * len(own))] for own, u in zip(captions, chances, strict=True)])
    generated_rows, real_rows = (rows[draw(random, count, kept)] for _ in range(2))
    text = part.text[generated_rows].astype(np.float64)
    motion = part.motions[repeat % len(part.motions)][generated_rows].astype(np.float64)
    batches = batches_of(range(kept), BATCH)
    hits = np.sum([batch_hits(text[batch], motion[batch]) for batch in batches], axis=0)
    return {
        "fid": Outcome(fid(real[real_rows], motion)),
        "mm_dist": Outcome(float(norms(text - motion).mean())),
        **{f"r_precision_{k}": Outcome(float(hits[k - 1]) / kept) for k in (1, 2, 3)},
        "diversity": _diversity(motion, random),
        "multimodality": _multimodality(part, rows, random),
    }


def _diversity(motion: NDArray[np.float64], random: np.random.RandomState) -> Outcome:
    count = len(motion)
    times = next((times for times in DIVERSITY_TIMES if count > times), None)
    if times is None:
        return Outcome(reason=f"{count} motions; 100 pairs are drawn of more than 100")
    return Outcome(
        drawn_diversity(motion, (draw(random, count, times), draw(random, count, times)))
    )


def _multimodality(
    part: SetEmbeddings, rows: NDArray[np.intp], random: np.random.RandomState
) -> Outcome:
    repeats = len(part.motions)
    if repeats < 2:
        return Outcome(reason="one motion a prompt; multimodality needs 2")
    meant = rows[part.multimodality[rows]]
    if not len(meant):
        return Outcome(reason="no prompt of the set is meant for multimodality")
    chosen = meant[draw(random, len(meant), MULTIMODALITY_MOTIONS)]
    generations = part.motions[:, chosen].swapaxes(0, 1)
    if repeats <= MULTIMODALITY_TIMES:
        return Outcome(multimodality(generations))
    pairs = (
        draw(random, repeats, MULTIMODALITY_TIMES),
        draw(random, repeats, MULTIMODALITY_TIMES),
    )
    return Outcome(drawn_multimodality(generations, pairs))
