"""Retrieval: the training motion whose caption is nearest to the prompt.

An honest generator that needs no training: over all training clips it stands for the *original*
model, over the clips of the retain set for the *retrained* one (D_r). Pure functions over texts
and arrays; `hmu_bench.baselines.writing` makes a submission of their results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hmu_bench.errors import InputError
from hmu_bench.motion import features_to_joints, joints_to_features

_WORD = re.compile(r"[^\W_]+")
# Prompts that are compared at once: bounds the memory of the dense scores.
_CHUNK = 128


def terms(text: str) -> list[str]:
    """The words of a text in lower case, and its pairs of neighbours.

    >>> terms("Kicks, with the LEFT leg")
    ['kicks', 'with', 'the', 'left', 'leg', 'kicks with', 'with the', 'the left', 'left leg']
    """
    words = _WORD.findall(text.lower())
    return words + [f"{one} {two}" for one, two in pairwise(words)]


def tf_idf(
    texts: Sequence[str], known: dict[str, int], idf: NDArray[np.float64]
) -> sparse.csr_array:
    """Rows of unit length: count of a term times its idf; terms that are not known are left out.

    A text without a known term is a row of zeros.
    """
    counts = [Counter(known[t] for t in terms(text) if t in known) for text in texts]
    indptr = np.cumsum([0, *(len(count) for count in counts)])
    indices = np.array([i for count in counts for i in count], dtype=np.int64)
    values = np.array([n for count in counts for n in count.values()], dtype=np.float64)
    if len(indices):
        values *= idf[indices]
    squares = np.concatenate([[0.0], np.cumsum(values**2)])
    norms = np.sqrt(np.maximum(squares[indptr[1:]] - squares[indptr[:-1]], 0.0))
    values /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(indptr))
    return sparse.csr_array((values, indices, indptr), shape=(len(texts), len(idf)))


def retrieve(
    prompt_texts: Sequence[str],
    num_frames: Sequence[int],
    train_texts: Sequence[Sequence[str]],
    train_frames: Sequence[int],
    *,
    repeats: int = 3,
    groups: Sequence[Hashable] | None = None,
) -> NDArray[np.int64]:
    """For every prompt the training clips with the nearest captions.

    The similarity of a prompt and a clip is the largest cosine of TF-IDF vectors (words and pairs
    of words; idf = ln((1 + N) / (1 + df)) + 1 over all N training captions) over the clip's
    captions. Equal ones (to 1e-6) are ordered: clips at least as long as asked for first, then
    the nearest length, then the order given.

    Args:
        prompt_texts: n prompts.
        num_frames: frames asked for, (n,).
        train_texts: the captions of every training clip.
        train_frames: frames of every training clip.
        repeats: how many clips for a prompt, the nearest first.
        groups: the base clip of every training clip; at most one clip of a group answers a prompt.
            Without it every clip is its own group.

    Returns:
        Indices of training clips, (n, repeats).

    Raises:
        InputError: if a clip has no caption, lengths differ, or there are fewer groups than
            repeats.

    >>> retrieve(["someone waves"], [40], [["a man walks"], ["a man waves"]], [60, 60], repeats=1)
    array([[1]])
    """
    base = list(groups) if groups is not None else list(range(len(train_texts)))
    if not len(train_texts) == len(train_frames) == len(base):
        raise InputError(
            f"{len(train_texts)} training clips, {len(train_frames)} lengths, {len(base)} groups"
        )
    if len(prompt_texts) != len(num_frames):
        raise InputError(f"{len(prompt_texts)} prompts but {len(num_frames)} lengths")
    if repeats < 1 or len(set(base)) < repeats:
        raise InputError(
            f"{repeats} repeats of {len(set(base))} distinct training clips",
            fix="ask for at least 1 and at most as many as there are clips",
        )
    empty = next((i for i, texts in enumerate(train_texts) if not texts), None)
    if empty is not None:
        raise InputError("the training clip has no caption", key=f"clip {empty}")
    captions = [text for texts in train_texts for text in texts]
    starts = np.cumsum([0, *(len(texts) for texts in train_texts)])[:-1]
    found = Counter(term for text in captions for term in set(terms(text)))
    known = {term: index for index, term in enumerate(sorted(found))}
    seen = np.array([found[term] for term in known], dtype=np.float64)
    idf = np.log((1 + len(captions)) / (1 + seen)) + 1.0
    library = tf_idf(captions, known, idf).T.tocsc()
    prompts = tf_idf(prompt_texts, known, idf)
    codes = {group: code for code, group in enumerate(dict.fromkeys(base))}
    group_of = np.array([codes[group] for group in base], dtype=np.int64)
    lengths = np.asarray(train_frames, dtype=np.int64)
    out = np.empty((len(prompt_texts), repeats), dtype=np.int64)
    for first in range(0, len(prompt_texts), _CHUNK):
        scores = (prompts[first : first + _CHUNK] @ library).toarray()
        best = np.maximum.reduceat(scores, starts, axis=1)
        for row, score in enumerate(best, start=first):
            out[row] = _nearest(
                np.round(score, 6), lengths, int(num_frames[row]), group_of, repeats
            )
    return out


def _nearest(
    score: NDArray[np.float64],
    lengths: NDArray[np.int64],
    asked: int,
    groups: NDArray[np.int64],
    repeats: int,
) -> NDArray[np.int64]:
    """The first clip of each of the `repeats` best groups."""
    order = np.lexsort((np.abs(lengths - asked), lengths < asked, -score))
    _, first = np.unique(groups[order], return_index=True)
    return np.asarray(order[np.sort(first)[:repeats]], dtype=np.int64)


def fit_length(features: NDArray[Any], num_frames: int) -> NDArray[np.float32]:
    """The motion with exactly `num_frames` frames: its beginning, or all of it played slower.

    A longer motion is cropped to its first frames. A shorter one is stretched in time: joints are
    interpolated linearly to `num_frames` + 1 frames and made features again, so that velocities
    and contacts are those of the slower motion. (Holding the last pose would be a frozen motion.)

    Args:
        features: (T, 263) denormalised features at 20 fps, T >= 2.
        num_frames: the frames asked for.

    Returns:
        (num_frames, 263) float32.

    Raises:
        InputError: if fewer than 2 frames are there, or fewer than 1 is asked for.
    """
    if num_frames < 1:
        raise InputError(f"a motion of {num_frames} frames was asked for")
    if len(features) >= num_frames:
        return np.array(features[:num_frames], dtype=np.float32)
    if len(features) < 2:
        raise InputError(f"a motion of {len(features)} frames cannot be stretched")
    joints = features_to_joints(np.asarray(features, dtype=np.float32)).astype(np.float64)
    at = np.linspace(0.0, len(joints) - 1, num_frames + 1)
    before = np.minimum(at.astype(np.int64), len(joints) - 2)
    share = (at - before)[:, None, None]
    return joints_to_features(joints[before] * (1 - share) + joints[before + 1] * share)
