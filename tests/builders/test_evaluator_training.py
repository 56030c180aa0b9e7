from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from builders._evaluator_data import Pairs
from builders._evaluator_files import save_evaluator
from builders._evaluator_training import (
    Options,
    _validate,
    autoencoder_loss,
    drop_words,
    margin_loss,
    nce_loss,
    pair_distances,
    train,
)
from builders._word_vectors import small_word_vectors
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.evaluators.t2m import Sizes
from hmu_bench.metrics import r_precision

SPEEDS = ["slow", "steady", "quick", "rapid"]
PARTS = ["arm", "leg", "head", "back"]
SIZES = ["small", "wide", "huge"]
SMALL = Options(
    sizes=Sizes(movement_hidden=32, movement=24, motion_hidden=32, text_hidden=32, embedding=16),
    seed=3,
    autoencoder_steps=30,
    epochs=12,
    batch_size=16,
    learning_rate=3e-3,
    check_every=4,
    nce_weight=1.0,
    margin_weight=0.0,
    temperature=1.0,
    tune_movement=True,
)


def made_up(count, seed):
    """Sinusoids: their features tell the part, their period the speed, their height the size."""
    random = np.random.default_rng(seed)
    motions, texts = [], []
    for number in range(count):
        speed, part, size = number % 4, number // 4 % 4, number // 16 % 3
        frames = int(random.integers(40, 80))
        wave = np.sin(np.arange(frames) * 2 * np.pi * (speed + 1) / 20 + random.uniform(0, 6))
        motion = 0.1 * random.standard_normal((frames, 263))
        motion[:, 20 * part : 20 * part + 20] += (1 + size) * (1 + wave[:, None])
        motions.append(motion.astype(np.float32))
        words = f"the/DET {PARTS[part]}/NOUN make/VERB {SPEEDS[speed]}/ADJ {SIZES[size]}/ADJ"
        texts.append([words + " wave/NOUN", words + " sign/NOUN"])
    return Pairs(motions, texts)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def vectors():
    return small_word_vectors([t for texts in made_up(96, 1).texts for t in texts], 16)


@pytest.fixture(scope="module")
def trained(vectors):
    lines = []
    result = train(made_up(192, 1), made_up(48, 2), vectors, SMALL, lines.append)
    return result, lines


@pytest.mark.parametrize("half", [False, True])
def test_trained_saved_loaded_and_better_than_chance(trained, vectors, tmp_path, half):
    result, lines = trained
    save_evaluator(tmp_path, result, vectors, half=half)
    evaluator = load_evaluator(tmp_path, device="cpu")
    test = made_up(48, 5)
    texts = [texts[0] for texts in test.texts]
    found = r_precision(
        evaluator.embed_texts(texts), evaluator.embed_motions(test.motions), captions=texts
    )
    assert found[2] > 0.5  # chance: 0.09
    assert evaluator.dim == 16
    assert any("autoencoder" in line for line in lines)
    assert [entry["epoch"] for entry in result.history] == [4, 8, 12]
    # What is embedded after loading is what was trained.
    network = result.network
    normal = result.statistics.normalise(test.motions[0])
    padded = torch.zeros(1, 196, 263)
    padded[0, : len(normal)] = torch.from_numpy(normal)
    before = network.embed_motions(padded, torch.tensor([len(normal)]))[0].numpy()
    after = evaluator.embed_motions(test.motions[:1])[0]
    np.testing.assert_allclose(after, before, atol=0.05 if half else 1e-4)


def test_the_best_state_is_kept(trained, vectors):
    result, _ = trained
    found = _validate(result.network, made_up(48, 2), result.statistics, vectors, SMALL)
    assert found["r_precision_1"] == max(entry["r_precision_1"] for entry in result.history)
    assert found["r_precision_3"] > 0.5
    assert not result.network.training
    assert not any(p.requires_grad for p in result.network.parameters())


def test_the_same_seed_gives_the_same_bytes(vectors, tmp_path):
    options = replace(SMALL, epochs=1, autoencoder_steps=3, word_dropout=0.2, noise=0.1)
    written = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        torch.manual_seed(len(name) + seed)  # the caller's own state must not matter
        state = torch.random.get_rng_state()
        result = train(made_up(64, 1), made_up(48, 2), vectors, replace(options, seed=seed))
        assert (torch.random.get_rng_state() == state).all()
        save_evaluator(tmp_path / name, result, vectors)
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        written.append({p.relative_to(tmp_path / name): p.read_bytes() for p in files})
    assert written[0] == written[1]
    assert written[0] != written[2]
    assert {str(path) for path in written[0]} == {
        "model.safetensors", "stats/mean.npy", "stats/std.npy",
        "glove/our_vab_data.npy", "glove/our_vab_words.json",
    }  # fmt: skip


def test_the_published_training_freezes_the_movement_encoder(vectors):
    options = replace(SMALL, tune_movement=False, nce_weight=0.0, margin_weight=1.0, epochs=0)
    before = train(made_up(64, 1), made_up(48, 2), vectors, options).network
    after = train(made_up(64, 1), made_up(48, 2), vectors, replace(options, epochs=2)).network
    for name, tensor in after.state_dict().items():
        same = torch.equal(tensor, before.state_dict()[name])
        assert same == name.startswith("movement_encoder"), name


def test_distances():
    random = np.random.default_rng(0)
    a, b = random.standard_normal((5, 3)), random.standard_normal((7, 3))
    found = pair_distances(torch.tensor(a), torch.tensor(b))
    expected = np.linalg.norm(a[:, None] - b[None], axis=2)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)
    same = torch.ones(2, 3, requires_grad=True)
    pair_distances(same, same).sum().backward()
    assert bool(torch.isfinite(same.grad).all())


def test_margin_loss_by_hand():
    distances = torch.tensor([[1.0, 4.0, 12.0], [7.0, 2.0, 9.0], [10.0, 3.0, 0.0]])
    others = torch.tensor([1, 2, 0])
    own = (1 + 4 + 0) / 3
    apart = ((10 - 4) ** 2 + (10 - 9) ** 2 + 0) / 3
    assert margin_loss(distances, others, 10.0).item() == pytest.approx(own + apart)


def test_nce_loss_by_hand_and_without_equal_captions():
    distances = torch.tensor([[1.0, 2.0, 3.0], [2.0, 1.0, 2.0], [3.0, 2.0, 1.0]])
    logits = -(distances.numpy() ** 2) / 2.0
    by_row = -(np.diag(logits) - np.log(np.exp(logits).sum(axis=1)))
    by_column = -(np.diag(logits) - np.log(np.exp(logits).sum(axis=0)))
    alone = torch.eye(3, dtype=torch.bool)
    found = nce_loss(distances, alone, 2.0).item()
    assert found == pytest.approx((by_row.mean() + by_column.mean()) / 2, rel=1e-5)
    # Captions 0 and 1 say the same: their cross pairs are no mismatch.
    equal = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    nearer = distances.clone()
    nearer[0, 1] = nearer[1, 0] = 0.0
    assert nce_loss(nearer, equal, 2.0) == nce_loss(distances, equal, 2.0)
    assert nce_loss(nearer, alone, 2.0) > nce_loss(distances, alone, 2.0)


def test_autoencoder_loss_by_hand():
    features, rebuilt = torch.zeros(1, 8, 2), torch.full((1, 8, 2), 0.5)
    tokens = torch.tensor([[[1.0], [3.0]]])
    assert autoencoder_loss(features, rebuilt, tokens).item() == pytest.approx(
        0.5 + 1e-3 * 2 + 1e-3 * 2
    )


def test_dropped_words_become_unknown():
    random = np.random.default_rng(0)
    text = " ".join(["walk/VERB"] * 1000)
    dropped = drop_words(text, 0.3, random).split()
    assert len(dropped) == 1000
    assert 250 < dropped.count("unk/OTHER") < 350
    assert drop_words(text, 0.0, random) == text
