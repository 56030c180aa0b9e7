"""Answers of methods that nobody would use, to know what a score means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmu_bench.baselines.writing import Answer, Asked, Library, fitted
from hmu_bench.errors import InputError


@dataclass(frozen=True)
class Worded:
    """A prompt with another text."""

    prompt_id: str
    text: str
    num_frames: int


def with_text_of_tokens(prompt: Asked, tokens: str | None) -> Asked:
    """The prompt with the words of `tokens` as its text; itself where there are none.

    What is left of a caption when its concept's words are deleted: a model that filters its input.

    >>> prompt = Worded("0" * 16, "a man kicks", 40)
    >>> with_text_of_tokens(prompt, "a/DET man/NOUN").text
    'a man'
    >>> with_text_of_tokens(prompt, None).text
    'a man kicks'
    """
    if tokens is None:
        return prompt
    text = " ".join(token.rpartition("/")[0] for token in tokens.split())
    return Worded(prompt.prompt_id, text, prompt.num_frames)


def random_answer(library: Library, prompts: Sequence[Asked], repeats: int, seed: int) -> Answer:
    """Any training motion for any prompt: draws without replacement among the prompt's repeats.

    Motions at least as long as asked for come first, so that few are stretched.

    Raises:
        InputError: if there are fewer motions than repeats.
    """
    if repeats > len(library.clip_ids):
        raise InputError(f"{repeats} repeats of {len(library.clip_ids)} training motions")
    random = np.random.default_rng(seed)
    frames = np.asarray(library.num_frames)
    chosen = np.empty((len(prompts), repeats), dtype=np.int64)
    for row, prompt in enumerate(prompts):
        order = random.permutation(len(frames))
        long_first = np.argsort(frames[order] < prompt.num_frames, kind="stable")
        chosen[row] = order[long_first][:repeats]

    def answer(row: int, repeat: int) -> NDArray[np.float32]:
        return fitted(library, int(chosen[row, repeat]), prompts[row].num_frames)

    return answer
