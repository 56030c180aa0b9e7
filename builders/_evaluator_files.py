"""Writing a trained evaluator as the folder that `load_evaluator` reads."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike
from safetensors.torch import save

from builders._evaluator_training import Trained
from hmu_bench.evaluators.word_vectors import WordVectors
from hmu_bench.files import write_atomic


def save_evaluator(
    folder: Path, trained: Trained, vectors: WordVectors, *, half: bool = False
) -> None:
    """Weights, statistics and word vectors; the same bytes for the same numbers.

    Args:
        folder: is filled; make it with `files.staged_directory` so that it appears whole.
        trained: what `train` returned.
        vectors: the word vectors that it was trained with (stored in float16).
        half: store the weights in float16 (they are used in float64 anyway); half the size.
    """
    dtype = torch.float16 if half else torch.float32
    weights = {
        name: tensor.to("cpu", dtype).contiguous()
        for name, tensor in sorted(trained.network.state_dict().items())
    }
    write_atomic(folder / "model.safetensors", save(weights))
    _write_array(folder / "stats" / "mean.npy", trained.statistics.mean)
    _write_array(folder / "stats" / "std.npy", trained.statistics.std)
    words = sorted(vectors.rows, key=vectors.rows.__getitem__)
    in_order = vectors.vectors[[vectors.rows[word] for word in words]]
    _write_array(folder / "glove" / "our_vab_data.npy", in_order.astype(np.float16))
    text = json.dumps(words, ensure_ascii=False, indent=0) + "\n"
    write_atomic(folder / "glove" / "our_vab_words.json", text)


def _write_array(path: Path, array: ArrayLike) -> None:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array), allow_pickle=False)
    write_atomic(path, stream.getvalue())
