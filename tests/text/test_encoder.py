"""The sentence encoder: found, checked, and saying what sentence-transformers says."""

from __future__ import annotations

import os

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


@pytest.fixture
def nowhere(tmp_path):
    """An environment without the encoder: an empty cache, and a package that is only a name."""
    (tmp_path / "packages" / module.PACKAGE).mkdir(parents=True)
    (tmp_path / "packages" / module.PACKAGE / "__init__.py").touch()
    return {
        **{key: value for key, value in os.environ.items() if not key.endswith("_OFFLINE")},
        "PYTHONPATH": str(tmp_path / "packages"),
        "HF_HOME": str(tmp_path / "hub"),
        "HF_HUB_CACHE": str(tmp_path / "hub" / "hub"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }


@pytest.mark.parametrize("variable", ["HMU_OFFLINE", "HF_HUB_OFFLINE"])
def test_without_cache_package_and_network_the_extra_and_other_rules_are_named(
    variable, nowhere, hmu_bench_command, builders_command, one_line_error, tmp_path
):
    environment = {**nowhere, variable: "1"}
    words = (
        f"is not here and {variable}=1 forbids to download it",
        "pip install 'hmu-bench[offline]'",
        "--rule lexicon or --rule keywords",
    )
    one_line_error(hmu_bench_command("classify", "he dodges something", env=environment), *words)
    line = "he dodges something#he/PRON dodge/VERB something/PRON#0.0#0.0\n"
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "000001.txt").write_text(line, "utf-8")
    out = tmp_path / "out"
    options = ("humanml3d", "--texts", tmp_path / "texts", "--out", out)
    one_line_error(builders_command(*options, env=environment), *words)
    assert not out.exists() or list(out.rglob("*")) == []
    for rule in ("lexicon", "keywords"):
        assert builders_command(*options, "--rule", rule, env=environment).returncode == 0


def test_a_hub_out_of_reach_is_told_in_one_line(monkeypatch, capfd):
    """The Hub's client speaks of every new try; a user hears the end of it."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError
    from huggingface_hub.utils import logging as hub

    def no_hub(*arguments, **options):
        hub.get_logger("huggingface_hub.x").warning("Retrying in 1s [Retry 1/5].")
        raise LocalEntryNotFoundError("no network")

    for name in ("HMU_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_hub)
    monkeypatch.setattr(module, "_in_hub_cache", lambda: None)
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_anywhere")
    before = hub.get_verbosity()
    with pytest.raises(InputError, match=r"the Hub is out of reach; .*hmu-bench\[offline\]"):
        find_encoder()
    assert hub.get_verbosity() == before
    assert "Retrying" not in capfd.readouterr().err


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
