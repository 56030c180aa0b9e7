"""The T2M text-motion evaluator: two encoders into one space.

There, text and motion that belong together lie near each other (Guo et al. 2022, "Generating
Diverse and Natural 3D Human Motions from Text", CVPR).

Motion: features (frames, 263), normalised, the last 4 (foot contacts) dropped -> movement encoder,
two convolutions of stride 2, so one *movement token* per 4 frames -> bidirectional GRU.
Text: word vectors plus an embedded part of speech -> bidirectional GRU.
Both GRUs start from a learned state; their two final states go through
Linear, LayerNorm, LeakyReLU(0.2), Linear.

Every size follows from the weights. Tensor names are those of the official checkpoint. Nothing
here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from hmu_bench.errors import InputError

PARTS = ("movement_encoder", "text_encoder", "motion_encoder")
FRAMES_PER_TOKEN = 4
DROPPED_FEATURES = 4  # the foot contacts, last in the 263
MAX_SIZE = 1 << 14  # no dimension of an honest evaluator is larger (official: 2048)


@dataclass(frozen=True)
class Sizes:
    """The sizes of an evaluator; the defaults are the official ones (21.7 million parameters)."""

    features: int = 259
    movement_hidden: int = 512
    movement: int = 512
    motion_hidden: int = 1024
    words: int = 300
    parts_of_speech: int = 15
    text_hidden: int = 512
    embedding: int = 512


class MovementEncoder(nn.Module):
    """Normalised features (N, frames, features) to movement tokens (N, frames // 4, movement).

    Token j sees frames 4j-3 to 4j+6. The convolutions pad with zeros, the second one in the hidden
    layer: a motion cut at its end and the same motion continued by zero frames therefore differ in
    their last token.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        # Places 0 and 3 carry the official tensor names; the dropouts act in training only.
        self.main = nn.Sequential(
            nn.Conv1d(sizes.features, sizes.movement_hidden, 4, stride=2, padding=1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(sizes.movement_hidden, sizes.movement, 4, stride=2, padding=1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(sizes.movement, sizes.movement)

    def forward(self, features: Tensor) -> Tensor:
        """One token per 4 frames."""
        hidden: Tensor = self.main(features.transpose(1, 2))
        tokens: Tensor = self.out_net(hidden.transpose(1, 2))
        return tokens


class SequenceEncoder(nn.Module):
    """Sequences (N, steps, inputs), each valid up to its length, to embeddings (N, embedding)."""

    def __init__(self, inputs: int, hidden: int, embedding: int) -> None:
        super().__init__()
        self.input_emb = nn.Linear(inputs, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.hidden = nn.Parameter(torch.randn(2, 1, hidden))
        self.output_net = nn.Sequential(
            nn.Linear(2 * hidden, hidden),
            nn.LayerNorm(hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, embedding),
        )

    def forward(self, sequences: Tensor, lengths: Tensor) -> Tensor:
        """Embeddings in input order; steps at and after `lengths` (on the CPU) are not read."""
        start = self.hidden.expand(-1, len(sequences), -1).contiguous()
        packed = pack_padded_sequence(
            self.input_emb(sequences), lengths, batch_first=True, enforce_sorted=False
        )
        final: Tensor = self.gru(packed, start)[1]
        embeddings: Tensor = self.output_net(torch.cat([final[0], final[1]], dim=1))
        return embeddings


class TextEncoder(SequenceEncoder):
    """Word vectors and one-hot parts of speech to embeddings."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes.words, sizes.text_hidden, sizes.embedding)
        self.pos_emb = nn.Linear(sizes.parts_of_speech, sizes.words)

    def encode(self, words: Tensor, parts_of_speech: Tensor, lengths: Tensor) -> Tensor:
        """(N, tokens, words) and (N, tokens, parts_of_speech) to (N, embedding)."""
        return self(words + self.pos_emb(parts_of_speech), lengths)  # type: ignore[no-any-return]


class T2MNetwork(nn.Module):
    """The three parts together."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.movement_encoder = MovementEncoder(sizes)
        self.text_encoder = TextEncoder(sizes)
        self.motion_encoder = SequenceEncoder(sizes.movement, sizes.motion_hidden, sizes.embedding)

    def embed_motions(self, features: Tensor, lengths: Tensor) -> Tensor:
        """Motion embeddings (N, embedding).

        Args:
            features: (N, frames, 263), normalised with the evaluator's statistics and padded.
            lengths: (N,) frames of each motion; `lengths // 4` tokens are read, at least one.
        """
        tokens = self.movement_encoder(features[..., :-DROPPED_FEATURES])
        embeddings: Tensor = self.motion_encoder(tokens, lengths // FRAMES_PER_TOKEN)
        return embeddings

    def embed_texts(self, words: Tensor, parts_of_speech: Tensor, lengths: Tensor) -> Tensor:
        """Text embeddings (N, embedding); `lengths` counts tokens, sos and eos included."""
        return self.text_encoder.encode(words, parts_of_speech, lengths)


def infer_sizes(shapes: Mapping[str, tuple[int, ...]]) -> Sizes:
    """The sizes that tensors of these shapes imply.

    Raises:
        InputError: if a tensor is missing, is not known, or does not fit the others.
    """

    def size(name: str, axes: int, axis: int) -> int:
        shape = shapes.get(name)
        if shape is None:
            raise InputError("the tensor is missing", key=name, fix=_FIX)
        if len(shape) != axes or not 0 < shape[axis] <= MAX_SIZE:
            raise InputError(f"the tensor cannot have the shape {shape}", key=name, fix=_FIX)
        return shape[axis]

    sizes = Sizes(
        features=size("movement_encoder.main.0.weight", 3, 1),
        movement_hidden=size("movement_encoder.main.0.weight", 3, 0),
        movement=size("movement_encoder.main.3.weight", 3, 0),
        motion_hidden=size("motion_encoder.input_emb.weight", 2, 0),
        words=size("text_encoder.input_emb.weight", 2, 1),
        parts_of_speech=size("text_encoder.pos_emb.weight", 2, 1),
        text_hidden=size("text_encoder.input_emb.weight", 2, 0),
        embedding=size("motion_encoder.output_net.3.weight", 2, 0),
    )
    expected = tensor_shapes(sizes)
    for name in sorted(expected.keys() | shapes.keys()):
        if name not in shapes:
            raise InputError("the tensor is missing", key=name, fix=_FIX)
        if name not in expected:
            raise InputError("the tensor is not one of the evaluator's", key=name, fix=_FIX)
        if shapes[name] != expected[name]:
            raise InputError(
                f"the shape is {shapes[name]}, but the other tensors ask for {expected[name]}",
                key=name,
                fix=_FIX,
            )
    return sizes


def tensor_shapes(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of an evaluator of these sizes (nothing is allocated)."""
    with torch.device("meta"):
        network = T2MNetwork(sizes)
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def network_of(tensors: Mapping[str, Tensor]) -> T2MNetwork:
    """The evaluator that these tensors make, in float32, ready to embed (not to train).

    Raises:
        InputError: see `infer_sizes`; also for a tensor that is not of floating point or holds
            NaN or infinity.
    """
    sizes = infer_sizes({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    for name, tensor in sorted(tensors.items()):
        if not tensor.is_floating_point():
            raise InputError(f"the type is {tensor.dtype}, not floating point", key=name)
        if not bool(torch.isfinite(tensor).all()):
            raise InputError("the tensor holds NaN or infinity", key=name)
    with torch.device("meta"):
        network = T2MNetwork(sizes)
    weights = {name: tensor.detach().float().contiguous() for name, tensor in tensors.items()}
    network.load_state_dict(weights, assign=True)
    return network.eval().requires_grad_(False)


_FIX = "use the official text_mot_match checkpoint or one made by this project"
