from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench import sample
from hmu_bench.baselines.retrieval import fit_length, retrieve, terms
from hmu_bench.errors import InputError
from hmu_bench.motion import check_motion, features_to_joints

WORDS = st.lists(
    st.sampled_from(["a", "man", "kicks", "waves", "left", "right", "hand", "twice", "the"]),
    max_size=6,
)
TEXT = WORDS.map(" ".join)


def slow_terms(text):
    words = re.findall(r"[a-z0-9]+", text.lower())
    return words + [" ".join(words[i : i + 2]) for i in range(len(words) - 1)]


def slow_scores(prompts, train_texts):
    """TF-IDF cosines from dictionaries, one pair at a time."""
    captions = [t for texts in train_texts for t in texts]
    seen = Counter(term for t in captions for term in set(slow_terms(t)))

    def vector(text):
        counts = Counter(term for term in slow_terms(text) if term in seen)
        weights = {
            term: n * (math.log((1 + len(captions)) / (1 + seen[term])) + 1)
            for term, n in counts.items()
        }
        norm = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        return {term: w / norm for term, w in weights.items()}

    def cosine(one, other):
        return sum(w * other.get(term, 0.0) for term, w in one.items())

    return np.array(
        [
            [max(cosine(vector(p), vector(t)) for t in texts) for texts in train_texts]
            for p in prompts
        ]
    )


@given(
    st.lists(TEXT, min_size=1, max_size=4),
    st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=3, max_size=7),
    st.data(),
)
def test_the_same_as_a_slow_version(prompts, train_texts, data):
    count = len(train_texts)
    frames = data.draw(st.lists(st.integers(40, 60), min_size=count, max_size=count))
    groups = data.draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    asked = data.draw(st.lists(st.integers(40, 60), min_size=len(prompts), max_size=len(prompts)))
    repeats = min(2, len(set(groups)))
    got = retrieve(prompts, asked, train_texts, frames, repeats=repeats, groups=groups)
    for row, scores in enumerate(np.round(slow_scores(prompts, train_texts), 6) + 0.0):
        ranked = sorted(
            range(count),
            key=lambda i: (-scores[i], frames[i] < asked[row], abs(frames[i] - asked[row]), i),
        )
        expected, taken = [], set()
        for index in ranked:
            if groups[index] not in taken:
                taken.add(groups[index])
                expected.append(index)
        assert got[row].tolist() == expected[:repeats]


def test_the_nearest_caption_wins_and_sides_count():
    train = [["a man kicks with the left leg"], ["a man kicks with the right leg"], ["he waves"]]
    got = retrieve(["kicks with the right leg", "waves"], [40, 40], train, [60, 60, 60], repeats=2)
    assert got.tolist()[0] == [1, 0]
    assert got[1, 0] == 2


def test_equal_captions_prefer_a_motion_that_is_long_enough_then_the_nearest_length():
    got = retrieve(["waves"], [100], [["waves"]] * 4, [96, 180, 104, 40], repeats=4)
    assert got.tolist() == [[2, 1, 0, 3]]


def test_repeats_are_distinct_base_clips():
    train = [["waves"], ["waves"], ["walks"]]
    got = retrieve(["waves"], [40], train, [60] * 3, repeats=2, groups=["1", "1", "2"])
    assert got.tolist() == [[0, 2]]


def test_a_prompt_of_unknown_words_still_gets_an_answer():
    assert retrieve(["xyzzy"], [50], [["a"], ["b"]], [40, 60], repeats=1).tolist() == [[1]]


def test_more_prompts_than_are_compared_at_once():
    texts = [f"word{n}" for n in range(300)]
    got = retrieve(texts, [40] * 300, [[t] for t in texts], [60] * 300, repeats=1)
    assert got[:, 0].tolist() == list(range(300))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"train_frames": [60]}, "2 training clips, 1 lengths"),
        ({"num_frames": []}, "1 prompts but 0 lengths"),
        ({"repeats": 3}, "3 repeats of 2 distinct"),
        ({"groups": ["x", "x"], "repeats": 2}, "2 repeats of 1 distinct"),
        ({"repeats": 0}, "0 repeats"),
        ({"train_texts": [["a"], []]}, "clip 1: the training clip has no caption"),
    ],
)
def test_bad_input_is_told(change, words):
    given_ = {
        "prompt_texts": ["a"], "num_frames": [40], "train_texts": [["a"], ["b"]],
        "train_frames": [60, 60], "repeats": 1,
    } | change  # fmt: skip
    with pytest.raises(InputError, match=words):
        retrieve(**given_)


def test_terms_are_words_and_their_pairs():
    assert terms("Jab, JAB!") == ["jab", "jab", "jab jab"]
    assert terms("") == []


class TestFitLength:
    features = sample.features("000001")

    def test_a_longer_motion_is_cropped(self):
        assert np.array_equal(fit_length(self.features, 40), self.features[:40])
        assert np.array_equal(fit_length(self.features, len(self.features)), self.features)

    def test_a_shorter_one_is_played_slower_in_full(self):
        length = len(self.features)
        slow = fit_length(self.features, 2 * length)
        assert check_motion(slow, "humanml3d-263", num_frames=2 * length) == []
        joints, slower = features_to_joints(self.features), features_to_joints(slow)
        at = np.arange(0, 2 * length - 2, 2) * (length - 1) / (2 * length)
        heights = np.interp(at, np.arange(length), joints[:, 0, 1])
        lift = slower[: 2 * length - 2 : 2, 0, 1] - heights
        assert np.ptp(lift) < 0.02  # the same heights, whatever the floor is taken for
        wrist = np.linalg.norm(np.diff(joints[:, 20], axis=0), axis=-1)
        slow_wrist = np.linalg.norm(np.diff(slower[:, 20], axis=0), axis=-1)
        assert np.isclose(slow_wrist.max() / wrist.max(), 0.5, atol=0.06)

    def test_what_cannot_be_is_told(self):
        with pytest.raises(InputError, match="0 frames was asked"):
            fit_length(self.features, 0)
        with pytest.raises(InputError, match="1 frames cannot be stretched"):
            fit_length(self.features[:1], 40)
