from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.baselines.simple import Worded, random_answer, with_text_of_tokens
from hmu_bench.baselines.writing import Library
from hmu_bench.errors import InputError

MOTIONS = {str(n): np.full((40 + 20 * n, 263), n, dtype=np.float32) for n in range(4)}
LIBRARY = Library(
    tuple(MOTIONS),
    tuple(MOTIONS),
    tuple(("text",) for _ in MOTIONS),
    tuple(len(m) for m in MOTIONS.values()),
    MOTIONS.__getitem__,
)
PROMPTS = [Worded(f"{n:016x}", "any", 60) for n in range(200)]


def test_the_words_that_are_left_are_the_text():
    prompt = Worded("0" * 16, "a man kicks a ball", 60)
    left = with_text_of_tokens(prompt, "a/DET man/NOUN a/DET ball/NOUN")
    assert (left.prompt_id, left.text, left.num_frames) == (prompt.prompt_id, "a man a ball", 60)
    assert with_text_of_tokens(prompt, None) is prompt
    assert with_text_of_tokens(prompt, "").text == ""


def test_random_answers_are_distinct_long_enough_and_the_same_again():
    answer, again = (random_answer(LIBRARY, PROMPTS, 3, seed=5) for _ in range(2))
    seen = set()
    for row in range(len(PROMPTS)):
        drawn = [int(answer(row, repeat)[0, 0]) for repeat in range(3)]
        assert drawn == [int(again(row, repeat)[0, 0]) for repeat in range(3)]
        assert set(drawn) == {1, 2, 3}  # clip 0 has 40 frames, 60 are asked for
        assert answer(row, 0).shape == (60, 263)
        seen.add(tuple(drawn))
    assert len(seen) == 6  # every order


def test_too_few_motions():
    with pytest.raises(InputError, match="5 repeats of 4"):
        random_answer(LIBRARY, PROMPTS, 5, seed=0)
