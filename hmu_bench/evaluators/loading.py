"""`load_evaluator`: from a folder, the embedded sample or the Hub to motion and text embeddings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from hmu_bench.errors import InputError
from hmu_bench.evaluators.arrays import read_vector
from hmu_bench.evaluators.t2m import DROPPED_FEATURES, FRAMES_PER_TOKEN, network_of
from hmu_bench.evaluators.weights import (
    CHECKPOINT,
    SAFETENSORS,
    first_line,
    read_weights,
    sha256_tensors,
)
from hmu_bench.evaluators.word_vectors import PARTS_OF_SPEECH, WordVectors, read_word_vectors

SAMPLE = "sample"
MAX_FRAMES = 196
BATCH = 32
SMALL = 2_000_000  # parameters
# Metres and radians are far inside; beyond, a normalised motion overflows.
SMALLEST_STD, LARGEST_STATISTIC = 1e-12, 1e9
Floats = NDArray[np.float32]

_SAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "sample" / "evaluator"
_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_FILES = [SAFETENSORS, CHECKPOINT, "stats/mean.npy", "stats/std.npy", "glove/our_vab*"]


class Evaluator:
    """A loaded T2M evaluator: motions and captions to vectors of one space.

    It computes in float64 (2 to 3 times slower than float32) and returns float32, so that neither
    the batch nor the number of threads nor the machine shows in the result, up to the last bit.

    Attributes:
        id: the folder's name, `sample`, or the Hub id.
        revision: the commit on the Hub, or None.
        sha256: of the weights, over sorted tensors (see `sha256_tensors`).
        dim: size of an embedding (official: 512).
        folder: where the files lie.
    """

    def __init__(self, folder: Path, name: str, revision: str | None, device: str) -> None:
        where, tensors = read_weights(folder)
        try:
            self.network = network_of(tensors).to(device, torch.float64)
        except InputError as error:
            raise InputError(error.what, where=where, key=error.key, fix=error.fix) from None
        self.folder, self.id, self.revision = folder, name, revision
        self.device = torch.device(device)
        self.sha256 = sha256_tensors(tensors)
        self.dim = self.network.sizes.embedding
        self.features = self.network.sizes.features + DROPPED_FEATURES
        self._parameters = sum(tensor.numel() for tensor in tensors.values())

    @cached_property
    def statistics(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of the features, read when first needed."""
        mean, std = (
            read_vector(self._needed(f"stats/{name}.npy", "to normalise motions"), self.features)
            for name in ("mean", "std")
        )
        if not (std >= SMALLEST_STD).all():
            raise InputError(
                f"a standard deviation is smaller than {SMALLEST_STD:g}", where=self._file("std")
            )
        for name, values in (("mean", mean), ("std", std)):
            if np.abs(values).max() > LARGEST_STATISTIC:
                raise InputError(
                    f"a value is larger than {LARGEST_STATISTIC:g}", where=self._file(name)
                )
        return mean, std

    @cached_property
    def word_vectors(self) -> WordVectors:
        """The word vectors, read when first needed."""
        path = self._needed("glove/our_vab_data.npy", "to embed captions")
        vectors = read_word_vectors(path.parent)
        size, dim = self.network.sizes, vectors.vectors.shape[1]
        if dim != size.words:
            raise InputError(f"the vectors have {dim} numbers, not {size.words}", where=path)
        if size.parts_of_speech != len(PARTS_OF_SPEECH):
            raise InputError(
                f"the evaluator knows {size.parts_of_speech} parts of speech, not "
                f"{len(PARTS_OF_SPEECH)}",
                where=self.folder,
            )
        return vectors

    def embed_motions(
        self,
        motions: Sequence[ArrayLike],
        *,
        normalized: bool = False,
        batch_size: int = BATCH,
        pad_to: int = MAX_FRAMES,
    ) -> Floats:
        """Motion embeddings (N, dim), float32, in input order.

        Each motion is continued by zeros, in normalised space (the mean pose), to `pad_to` frames,
        as the reference does with real motions; its first `frames // 4` tokens are read. (What is
        left of a length that is no multiple of 4 still reaches the last token.)

        Args:
            motions: arrays (frames, 263), 20 frames a second, 4 to `pad_to` frames.
            normalized: they are already normalised with the evaluator's own statistics.
            batch_size: motions at a time; changes memory and speed, not results.
            pad_to: frames after padding.

        Raises:
            InputError: for a motion of a wrong shape or length or with NaN or infinity (with its
                number, from 0), or if statistics are needed and missing.
        """
        _check_positive(batch_size)
        arrays = [self._checked(motion, n, pad_to) for n, motion in enumerate(motions)]
        embedded = np.empty((len(arrays), self.dim), np.float32)
        # Alike lengths together, so that little padding is computed.
        order = np.argsort([len(motion) for motion in arrays], kind="stable")
        for start in range(0, len(arrays), batch_size):
            numbers = order[start : start + batch_size]
            batch = [arrays[number] for number in numbers]
            # Zeros further on than this reach no token that is read.
            frames = min(pad_to, len(batch[-1]) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN + 8)
            padded = np.zeros((len(batch), frames, self.features))
            for row, motion in zip(padded, batch, strict=True):
                row[: len(motion)] = motion if normalized else self._normalised(motion)
            embedded[numbers] = self.embed_padded(padded, [len(motion) for motion in batch])
        return embedded

    def embed_padded(self, features: ArrayLike, lengths: ArrayLike) -> Floats:
        """Embeddings of one batch whose padding the caller has chosen.

        Args:
            features: (N, frames, 263), normalised; what follows the end of a motion is the
                caller's business (a generator's own tail, zeros, nothing).
            lengths: (N,) frames of each motion; `lengths // 4` tokens are read, at least one.
        """
        with self._inference():
            embeddings = self.network.embed_motions(self._tensor(features), _lengths(lengths))
        return _as_numpy(embeddings)

    def embed_texts(self, texts: Sequence[str], *, batch_size: int = BATCH) -> Floats:
        """Text embeddings (N, dim), float32, in input order.

        Args:
            texts: captions as `word/POS word/POS ...`; tokens after the 20th are not read.
            batch_size: captions at a time; changes memory and speed, not results.

        Raises:
            InputError: for a token that is not `word/POS`, or if the word vectors are missing.
        """
        _check_positive(batch_size)
        embedded = [np.empty((0, self.dim), np.float32)]
        encoded = self.word_vectors.encode
        for start in range(0, len(texts), batch_size):
            try:
                batch = encoded(texts[start : start + batch_size])
            except InputError:
                encoded(texts)  # the same error, with the number in the whole list
                raise
            embedded.append(
                self.embed_word_arrays(batch.words, batch.parts_of_speech, batch.lengths)
            )
        return np.concatenate(embedded)

    def embed_word_arrays(
        self, words: ArrayLike, parts_of_speech: ArrayLike, lengths: ArrayLike
    ) -> Floats:
        """Embeddings of one batch of captions given as arrays (see `EncodedTexts`)."""
        with self._inference():
            embeddings = self.network.embed_texts(
                self._tensor(words), self._tensor(parts_of_speech), _lengths(lengths)
            )
        return _as_numpy(embeddings)

    @contextmanager
    def _inference(self) -> Iterator[None]:
        # Threads cost a small network more than they give: on a busy machine ten times the time.
        threads = torch.get_num_threads()
        single = self.device.type == "cpu" and self._parameters < SMALL and threads > 1
        if single:
            torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                yield
        finally:
            if single:
                torch.set_num_threads(threads)

    def _tensor(self, values: ArrayLike) -> torch.Tensor:
        return torch.tensor(np.asarray(values, np.float64), device=self.device)

    def _normalised(self, motion: NDArray[Any]) -> NDArray[np.float64]:
        mean, std = self.statistics
        return (motion - mean) / std

    def _checked(self, motion: ArrayLike, number: int, pad_to: int) -> NDArray[Any]:
        array, key = np.asarray(motion), f"motion {number}"
        if array.ndim != 2 or array.shape[1] != self.features or array.dtype.kind != "f":
            raise InputError(
                f"the motion is {array.dtype} of shape {array.shape}, not floating point of "
                f"(frames, {self.features})",
                key=key,
            )
        if not FRAMES_PER_TOKEN <= len(array) <= pad_to:
            raise InputError(
                f"the motion has {len(array)} frames, not {FRAMES_PER_TOKEN} to {pad_to}",
                key=key,
                fix=f"cut it to at most {pad_to} frames",
            )
        if not np.isfinite(array).all():
            raise InputError("the motion holds NaN or infinity", key=key)
        return array

    def _file(self, name: str) -> Path:
        return self.folder / "stats" / f"{name}.npy"

    def _needed(self, name: str, purpose: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise InputError(
                f"the file is missing; it is needed {purpose}",
                where=path,
                fix="add it to the evaluator folder",
            )
        return path


def load_evaluator(
    path_or_id: str | Path, *, revision: str | None = None, device: str = "auto"
) -> Evaluator:
    """Load a T2M evaluator.

    Args:
        path_or_id: a folder with `model.safetensors` or `finest.tar` and, optional until they are
            needed, `stats/mean.npy`, `stats/std.npy` and `glove/our_vab_*`; or `sample`, the small
            one that ships with the package; or an id on the Hugging Face Hub.
        revision: the full commit hash, for a Hub id (then needed) and for nothing else.
        device: `auto` (a GPU if there is one), `cpu`, `cuda`, `cuda:1`, ...

    Raises:
        InputError: if the evaluator cannot be found or loaded.
    """
    folder, name = _resolve(path_or_id, revision)
    return Evaluator(folder, name, revision, _device(device))


def _resolve(path_or_id: str | Path, revision: str | None) -> tuple[Path, str]:
    path = Path(path_or_id)
    if path_or_id == SAMPLE:
        path = _SAMPLE_FOLDER
    elif not path.exists() and isinstance(path_or_id, str) and _HUB_ID.fullmatch(path_or_id):
        return _from_hub(path_or_id, revision), path_or_id
    if not path.is_dir():
        wrong = "is a file, not a folder" if path.exists() else "does not exist"
        raise InputError(
            f"the evaluator {wrong}",
            where=path,
            fix=f"give an evaluator folder, {SAMPLE!r} or a Hub id such as 'name/evaluator'",
        )
    if revision is not None:
        raise InputError("a revision is for Hub ids only", where=path, fix="leave it out")
    return path, SAMPLE if path_or_id == SAMPLE else path.resolve().name


def _from_hub(repository: str, revision: str | None) -> Path:
    if revision is None or not _COMMIT.fullmatch(revision):
        given = "no revision" if revision is None else f"the revision {revision!r}"
        raise InputError(
            f"{given} is given for the Hub evaluator {repository!r}, which does not exist as a "
            "folder",
            fix="give the full commit hash (40 hexadecimal digits), so that it cannot change",
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise InputError(
            f"the evaluator {repository!r} at {revision} cannot be had from the Hub "
            f"({first_line(error)})",
            fix="check id and revision, go online, or give a folder",
        ) from error


def _device(device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device, dtype=torch.float64)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError(
            f"the device {device!r} is not to be had ({first_line(error)})",
            fix="use 'auto' or 'cpu'",
        ) from error
    return device


def _check_positive(batch_size: int) -> None:
    if batch_size < 1:
        raise InputError(f"the batch size {batch_size} is not positive")


def _as_numpy(embeddings: torch.Tensor) -> Floats:
    array: Floats = embeddings.float().cpu().numpy()
    return array


def _lengths(lengths: ArrayLike) -> torch.Tensor:
    return torch.tensor(np.asarray(lengths, np.int64))  # on the CPU, where packing wants them
