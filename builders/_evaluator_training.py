"""Training of a T2M evaluator, as Guo et al. 2022 describe it, at any size.

First the movement encoder, as one half of an autoencoder of short windows. Then the text and the
motion encoder, so that a text lies near its own motion and at least a margin away from others.
For a small evaluator on few motions two options help: fine-tuning the movement encoder in the
second stage, and a symmetric cross-entropy over all pairs of a batch (InfoNCE) beside the margin.

Seeded; the same machine with the same number of threads gives the same weights, also where the
training was interrupted and went on from its checkpoint.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from builders._evaluator_checkpoints import Checkpoints
from builders._evaluator_data import (
    Batch,
    Pairs,
    Statistics,
    batches,
    feature_statistics,
    whole_batches,
    windows,
)
from hmu_bench.evaluators.t2m import DROPPED_FEATURES, Sizes, T2MNetwork
from hmu_bench.evaluators.word_vectors import WordVectors
from hmu_bench.metrics import r_precision

Report = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to train. The defaults are those of the sample's evaluator.

    Attributes:
        sizes: of the network; `words` is taken from the word vectors.
        seed: of weights, order, crops and dropout.
        autoencoder_steps: batches of `window` frames for the movement encoder.
        epochs: passes over the motions for the matching.
        batch_size: motions a batch.
        learning_rate: the highest; it falls to 0 along a cosine.
        margin: distance that a text and a motion of another should have at least.
        margin_weight: of the margin loss.
        nce_weight: of the cross-entropy over all pairs of a batch; 0 is the published training.
        temperature: of that cross-entropy (logits are minus squared distances over it).
        tune_movement: fine-tune the movement encoder too; the published training freezes it.
        word_dropout: chance that a word is replaced by `unk`, so that unknown words do no harm.
        noise: standard deviation of noise on the normalised features.
        weight_decay: of AdamW.
        check_every: epochs between looks at the validation motions (the best state is kept).
        device: where the network is trained.
    """

    sizes: Sizes = field(default_factory=Sizes)
    seed: int = 0
    autoencoder_steps: int = 1500
    window: int = 24
    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 1e-3
    margin: float = 10.0
    margin_weight: float = 1.0
    nce_weight: float = 0.0
    temperature: float = 1.0
    tune_movement: bool = False
    word_dropout: float = 0.0
    noise: float = 0.0
    weight_decay: float = 0.01
    check_every: int = 5
    device: str = "cpu"


@dataclass(frozen=True)
class Trained:
    """A trained network with what it needs, and how the training went."""

    network: T2MNetwork
    statistics: Statistics
    history: list[dict[str, float]]


class MovementDecoder(nn.Module):
    """Movement tokens (N, tokens, movement) back to features (N, 4 tokens, features)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(sizes.movement, sizes.movement_hidden, 1),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose1d(sizes.movement_hidden, sizes.movement_hidden, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose1d(sizes.movement_hidden, sizes.features, 4, 2, 1),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """The reconstruction."""
        features: Tensor = self.layers(tokens.transpose(1, 2)).transpose(1, 2)
        return features


def train(
    pairs: Pairs,
    validation: Pairs,
    vectors: WordVectors,
    options: Options,
    report: Report = lambda _: None,
    checkpoints: Checkpoints | None = None,
) -> Trained:
    """Both stages; the state with the best validation R-precision (top 1, pools of 32) is kept.

    Args:
        pairs: what is trained on; the statistics are taken from it.
        validation: other motions, at least 32 with distinct captions.
        vectors: word vectors.
        options: sizes, seed and so on.
        report: takes one line of progress at a time.
        checkpoints: where the training is kept while it runs, and goes on from.
    """
    kept = checkpoints or Checkpoints()
    statistics = feature_statistics(pairs.motions)
    sizes = replace(options.sizes, words=vectors.vectors.shape[1])
    random = np.random.default_rng(options.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network = T2MNetwork(sizes).to(options.device)
        _train_movement(network, pairs, statistics, options, random, report, kept)
        history = _train_matching(
            network, pairs, validation, statistics, vectors, options, random, report, kept
        )
    return Trained(network.to("cpu"), statistics, history)


def autoencoder_loss(features: Tensor, rebuilt: Tensor, tokens: Tensor) -> Tensor:
    """L1 of the reconstruction; tokens are kept small and smooth in time (0.001 each)."""
    small = tokens.abs().mean()
    smooth = (tokens[:, 1:] - tokens[:, :-1]).abs().mean()
    return functional.l1_loss(rebuilt, features) + 1e-3 * (small + smooth)


def margin_loss(distances: Tensor, others: Tensor, margin: float) -> Tensor:
    """The contrastive loss: own pairs together, others at least `margin` apart.

    mean d(i, i)^2 + mean over i of max(0, margin - d(i, o(i)))^2.

    Args:
        distances: (N, N), text i to motion j.
        others: (N,) for each text the number of another's motion.
        margin: the distance from which on a mismatched pair costs nothing.
    """
    own = distances.diagonal()
    mismatched = distances[torch.arange(len(distances), device=distances.device), others]
    return own.square().mean() + (margin - mismatched).clamp(min=0).square().mean()


def nce_loss(distances: Tensor, equal: Tensor, temperature: float) -> Tensor:
    """Cross-entropy of the own pair among all pairs of the batch, from text and from motion.

    Args:
        distances: (N, N), text i to motion j.
        equal: (N, N) bool; true where j's caption says the same as i's: no mismatch, left out.
        temperature: logits are -d^2 / temperature.
    """
    logits = -distances.square() / temperature
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(equal & ~own, -torch.inf)
    target = torch.arange(len(logits), device=logits.device)
    both = functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    return both / 2


def pair_distances(text: Tensor, motion: Tensor) -> Tensor:
    """Euclidean distances (N, M), with a gradient that stays finite at 0."""
    squared = text.square().sum(1, keepdim=True) + motion.square().sum(1) - 2 * text @ motion.T
    return squared.clamp(min=1e-8).sqrt()


def _train_movement(
    network: T2MNetwork,
    pairs: Pairs,
    statistics: Statistics,
    options: Options,
    random: np.random.Generator,
    report: Report,
    kept: Checkpoints,
) -> None:
    encoder = network.movement_encoder.train()
    decoder = MovementDecoder(network.sizes).to(options.device)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=options.learning_rate)
    steps = options.autoencoder_steps
    parts = {"network": network, "decoder": decoder, "optimizer": optimizer}
    done, _ = kept.restore("movement", parts, random)
    if done < 0:
        return
    drawn = windows(pairs, statistics, options.window, 128, steps - done, random)
    for step, batch in enumerate(drawn, done + 1):
        features = torch.from_numpy(batch).to(options.device)[..., :-DROPPED_FEATURES]
        tokens = encoder(features)
        loss = autoencoder_loss(features, decoder(tokens), tokens)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 500 == 0 or step == steps:
            report(f"movement autoencoder, step {step} of {steps}: loss {loss.item():.4f}")
        if step % kept.every == 0 or step == steps:
            kept.save("movement", step, parts, random)


def _train_matching(
    network: T2MNetwork,
    pairs: Pairs,
    validation: Pairs,
    statistics: Statistics,
    vectors: WordVectors,
    options: Options,
    random: np.random.Generator,
    report: Report,
    kept: Checkpoints,
) -> list[dict[str, float]]:
    network.movement_encoder.requires_grad_(options.tune_movement)
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=options.learning_rate, weight_decay=options.weight_decay
    )
    steps = options.epochs * -(-len(pairs) // options.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    best, best_state, history = -1.0, copy.deepcopy(network.state_dict()), []
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    done, extra = kept.restore("matching", parts, random)
    if extra:
        best, best_state, history = extra["best"], extra["best_state"], extra["history"]
    for epoch in range(done + 1, options.epochs + 1):
        network.train()
        network.movement_encoder.train(options.tune_movement)
        losses = []
        for batch in batches(pairs, statistics, options.batch_size, random):
            text, motion = _embed(network, batch, vectors, options, random)
            loss = _matching_loss(text, motion, batch.texts, options, random)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        if epoch % options.check_every == 0 or epoch == options.epochs:
            found = _validate(network, validation, statistics, vectors, options)
            history.append({"epoch": epoch, "loss": float(np.mean(losses)), **found})
            report(
                f"matching, epoch {epoch} of {options.epochs}: loss {np.mean(losses):.4f}, "
                f"validation R@1 {found['r_precision_1']:.3f}, R@3 {found['r_precision_3']:.3f}"
            )
            if found["r_precision_1"] > best:
                best, best_state = found["r_precision_1"], copy.deepcopy(network.state_dict())
        state = {"best": best, "best_state": best_state, "history": history}
        kept.save("matching", epoch, parts, random, state)
    network.load_state_dict(best_state)
    network.eval().requires_grad_(False)
    return history


def _embed(
    network: T2MNetwork,
    batch: Batch,
    vectors: WordVectors,
    options: Options,
    random: np.random.Generator | None,
) -> tuple[Tensor, Tensor]:
    """Embeddings of texts and motions; disturbed where `random` is given (training)."""
    features = batch.features
    texts = batch.texts
    if random is not None and options.noise:
        drawn = random.standard_normal(features.shape, np.float32)
        features = features + options.noise * drawn
    if random is not None and options.word_dropout:
        texts = [drop_words(text, options.word_dropout, random) for text in texts]
    encoded = vectors.encode(texts)
    device = options.device
    text = network.embed_texts(
        torch.from_numpy(encoded.words).to(device),
        torch.from_numpy(encoded.parts_of_speech).to(device),
        torch.from_numpy(encoded.lengths),
    )
    motion = network.embed_motions(
        torch.from_numpy(features).to(device), torch.from_numpy(batch.lengths)
    )
    return text, motion


def drop_words(text: str, chance: float, random: np.random.Generator) -> str:
    """The caption with some of its tokens made unknown."""
    tokens = text.split()
    gone = random.random(len(tokens)) < chance
    return " ".join("unk/OTHER" if g else t for t, g in zip(tokens, gone, strict=True))


def _matching_loss(
    text: Tensor,
    motion: Tensor,
    texts: Sequence[str],
    options: Options,
    random: np.random.Generator,
) -> Tensor:
    distances = pair_distances(text, motion)
    loss = distances.new_zeros(())
    if options.margin_weight:
        shift = int(random.integers(1, len(texts)))
        others = (torch.arange(len(texts), device=distances.device) + shift) % len(texts)
        loss = loss + options.margin_weight * margin_loss(distances, others, options.margin)
    if options.nce_weight:
        codes = {caption: number for number, caption in enumerate(dict.fromkeys(texts))}
        code = torch.tensor([codes[caption] for caption in texts], device=distances.device)
        equal = code[:, None] == code[None, :]
        loss = loss + options.nce_weight * nce_loss(distances, equal, options.temperature)
    return loss


def _validate(
    network: T2MNetwork,
    validation: Pairs,
    statistics: Statistics,
    vectors: WordVectors,
    options: Options,
) -> dict[str, float]:
    network.eval()
    texts, motions = [], []
    with torch.inference_mode():
        for batch in whole_batches(validation, statistics):
            text, motion = _embed(network, batch, vectors, options, None)
            texts.append(text.cpu())
            motions.append(motion.cpu())
    captions = [captions[0] for captions in validation.texts]
    found: NDArray[np.float64] = r_precision(
        torch.cat(texts).numpy(), torch.cat(motions).numpy(), k=3, pool=32, captions=captions
    )
    return {"r_precision_1": float(found[0]), "r_precision_3": float(found[2])}
