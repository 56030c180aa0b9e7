from __future__ import annotations

import numpy as np

from builders._word_vectors import positive_information, small_word_vectors

TEXTS = ["a/DET man/NOUN kick/VERB", "a/DET woman/NOUN kick/VERB", "the/DET dog/NOUN sleep/VERB"]


def cosine(rows, first, second):
    a, b = rows[first], rows[second]
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_first_half_tells_kinds_and_second_half_words():
    found = small_word_vectors(TEXTS, 60)
    assert list(found.rows)[:3] == ["sos", "eos", "unk"]
    assert list(found.rows)[3:] == sorted(["a", "man", "woman", "kick", "the", "dog", "sleep"])
    kinds = {word: found.vectors[row, :30] for word, row in found.rows.items()}
    words = {word: found.vectors[row, 30:] for word, row in found.rows.items()}
    assert cosine(kinds, "man", "woman") > 0.9
    assert cosine(kinds, "man", "woman") > cosine(kinds, "man", "dog") + 0.3
    assert abs(cosine(words, "man", "woman")) < 0.6
    for half in (kinds, words):
        assert (half["unk"] == 0).all()
        lengths = [np.linalg.norm(vector) for vector in half.values()]
        assert abs(np.mean(lengths) - 1) < 0.01


def test_positive_information_by_its_formula():
    counts = np.array([[0, 2, 1], [2, 0, 0], [1, 0, 4]], float)
    table = positive_information(counts)
    share = counts / counts.sum()
    for i in range(3):
        for j in range(3):
            expected = 0.0
            if share[i, j] > 0:
                expected = max(0.0, np.log(share[i, j] / share[i].sum() / share[j].sum()))
            assert abs(table[i, j] - expected) < 1e-12


def test_the_same_for_any_order_of_captions():
    first, second = small_word_vectors(TEXTS, 6), small_word_vectors(TEXTS[::-1], 6)
    assert first.rows == second.rows
    np.testing.assert_allclose(first.vectors, second.vectors, atol=2e-3)
    assert (small_word_vectors(TEXTS, 6).vectors == first.vectors).all()
    assert (first.vectors == first.vectors.astype(np.float16)).all()
    assert (small_word_vectors(TEXTS, 6, seed=1).vectors != first.vectors).any()


def test_more_dimensions_than_words():
    found = small_word_vectors(["a/DET"], 20)
    assert found.vectors.shape == (4, 20)
    assert np.isfinite(found.vectors).all()
