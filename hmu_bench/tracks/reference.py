"""`reference.safetensors`: what a track knows of its real motions, as numbers.

Tensors per prompt set, N its prompts in the order of their ids, D the size of an embedding:

    <set>/embeddings          (N, D) float32      first num_frames frames of the real motions
    <set>/mean                (D,) float64        of these embeddings
    <set>/covariance          (D, D) float64      likewise, with N - 1
    <set>/paper_mean          (20, D) float64     of 20 sets of randomly drawn windows
    <set>/paper_covariance    (20, D(D+1)/2) float64   likewise; upper triangle, row by row
    <set>/real/<metric>       (20,) float64       the real motions' own metrics under `paper`
    <set>/physics/<metric>    (N,) float64        of the same frames: `PHYSICS`

and of the track as a whole, M real train clips:

    jerk_level                (1,) float64        mean jerk of real retain motions, m/s^3
    kid_frozen                (1,) float64        KID of retain motions that stand still
    detector/weights          (D,) float64        the detector of `violence_rate`
    detector/bias             (1,) float64        likewise; and detector/threshold, detector/ridge
    gallery/embeddings        (M, D) float32      train clips, their first 196 frames
    gallery/violent           (M,) uint8          1 where the clip is one of the forget set
    gallery/base_clip         (M, 8) uint8        the base clip's name, hashed (`hashed_clip`)

The physics and the tensors of the whole are missing in packs that were built before there were
any. A detector or a gallery has all of its tensors or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.metrics.detector import Detector
from hmu_bench.metrics.paper import REPEATS
from hmu_bench.metrics.table import METRICS
from hmu_bench.tensor_files import TensorFile, open_tensors

MAX_REFERENCE_BYTES = 1 << 30
"""The official size of an embedding, 512, leaves room for 400,000 prompts."""
LARGEST_VALUE = 1e12
"""Embeddings have lengths around 10; what is far beyond overflows in the metrics."""

PHYSICS: Final = ("peak_jerk", "auj", "foot_skating", "foot_floating", "penetration")
"""Metrics of single motions that a pack holds of its real ones (see `motion.physics`)."""

MAX_GALLERY: Final = 200_000
"""Clips; their names take more memory than their bytes in the file."""
HASH_BYTES: Final = 8
"""Of a clip's name in the gallery."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SetReference:
    """Real motions of one prompt set.

    Attributes:
        embeddings: (N, D) float32, rows in the order of the prompt ids.
        mean: (D,) of the embeddings.
        covariance: (D, D) of the embeddings, with N - 1.
        paper_means: (20, D), one of each drawn set of windows.
        paper_covariances: (20, D(D+1)/2), packed (see `pack_symmetric`).
        real: metric -> (20,) values of the real motions under `paper`.
        physics: `PHYSICS` -> (N,) values of the real motions; empty in older packs.
    """

    embeddings: NDArray[np.float32]
    mean: Floats
    covariance: Floats
    paper_means: Floats
    paper_covariances: Floats
    real: dict[str, Floats] = field(default_factory=dict)
    physics: dict[str, Floats] = field(default_factory=dict)

    def paper_statistics(self, repeat: int) -> tuple[Floats, Floats]:
        """Mean (D,) and covariance (D, D) of the drawn windows of one repeat (0 to 19)."""
        packed = self.paper_covariances[repeat]
        return self.paper_means[repeat], unpack_symmetric(packed, self.mean.size)


@dataclass(frozen=True)
class Gallery:
    """Real train clips that generated motions are compared with (`metrics.suppression.ncs`).

    Attributes:
        embeddings: (M, D) float32.
        violent: (M,) booleans: whether the clip is one of the forget set.
        base_clips: (M,) texts, `hashed_clip` of their base clips: a prompt's own clip can be found.
    """

    embeddings: NDArray[np.float32]
    violent: NDArray[np.bool_]
    base_clips: NDArray[np.str_]


@dataclass(frozen=True)
class TrackStatistics:
    """What a track knows of its real motions as a whole; None where the pack does not hold it.

    Attributes:
        jerk_level: mean over real retain motions of the mean over frames of the largest joint
            jerk, in m/s^3: what `auj` measures from (`motion.physics.area_under_jerk`).
        kid_frozen: KID on the retain set of motions that stand still: each real motion's first
            frame, held for its num_frames.
        detector: of `violence_rate`.
        gallery: of `ncs_k`.
    """

    jerk_level: float | None = None
    kid_frozen: float | None = None
    detector: Detector | None = None
    gallery: Gallery | None = None


class Reference(NamedTuple):
    """The content of the file: statistics per prompt set, and of the whole."""

    sets: dict[str, SetReference]
    statistics: TrackStatistics


def hashed_clip(name: str) -> str:
    """A clip's name in the gallery: the first 16 hexadecimal digits of its SHA-256.

    The gallery's names are not told, but the name of a prompt's clip can be looked up in them.

    >>> hashed_clip("000021")
    '7e8a47ab8918fdac'
    """
    return hashlib.sha256(name.encode()).hexdigest()[: 2 * HASH_BYTES]


def pack_symmetric(matrix: NDArray[Any]) -> Floats:
    """The upper triangle of a symmetric (D, D) matrix, row by row: (D(D+1)/2,).

    >>> pack_symmetric(np.array([[1.0, 2.0], [2.0, 3.0]]))
    array([1., 2., 3.])
    """
    packed: Floats = np.asarray(matrix, dtype=np.float64)[np.triu_indices(len(matrix))]
    return packed


def unpack_symmetric(packed: NDArray[Any], dim: int) -> Floats:
    """The symmetric (D, D) matrix of a packed upper triangle.

    >>> unpack_symmetric(np.array([1.0, 2.0, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    matrix = np.empty((dim, dim), dtype=np.float64)
    rows, columns = np.triu_indices(dim)
    matrix[rows, columns] = packed
    matrix[columns, rows] = packed
    return matrix


def to_tensors(
    reference: Mapping[str, SetReference], statistics: TrackStatistics | None = None
) -> dict[str, NDArray[Any]]:
    """The tensors of the file, by name."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, part in reference.items():
        tensors[f"{name}/embeddings"] = part.embeddings.astype(np.float32)
        tensors[f"{name}/mean"] = part.mean
        tensors[f"{name}/covariance"] = part.covariance
        tensors[f"{name}/paper_mean"] = part.paper_means
        tensors[f"{name}/paper_covariance"] = part.paper_covariances
        for metric, values in part.real.items():
            tensors[f"{name}/real/{metric}"] = values
        for metric, values in part.physics.items():
            tensors[f"{name}/physics/{metric}"] = values
    tensors |= _of_the_whole(statistics or TrackStatistics())
    return {key: np.ascontiguousarray(tensors[key]) for key in sorted(tensors)}


def _of_the_whole(statistics: TrackStatistics) -> dict[str, NDArray[Any]]:
    numbers = {"jerk_level": statistics.jerk_level, "kid_frozen": statistics.kid_frozen}
    tensors: dict[str, NDArray[Any]] = {}
    if (detector := statistics.detector) is not None:
        tensors["detector/weights"] = np.asarray(detector.weights, dtype=np.float64)
        numbers |= {
            "detector/bias": detector.bias,
            "detector/threshold": detector.threshold,
            "detector/ridge": detector.ridge,
        }
    if (gallery := statistics.gallery) is not None:
        tensors["gallery/embeddings"] = gallery.embeddings.astype(np.float32)
        tensors["gallery/violent"] = gallery.violent.astype(np.uint8)
        names = b"".join(bytes.fromhex(name) for name in gallery.base_clips)
        tensors["gallery/base_clip"] = np.frombuffer(names, np.uint8).reshape(-1, HASH_BYTES)
    return tensors | {k: np.array([v], np.float64) for k, v in numbers.items() if v is not None}


def read_reference(path: Path, prompts: Mapping[str, int], dim: int) -> Reference:
    """Read and check the file.

    Args:
        path: the safetensors file.
        prompts: prompts per set that has real motions.
        dim: size of an embedding.

    Raises:
        InputError: for a missing or unknown tensor, a wrong type or shape, NaN, or values that
            cannot be.
    """
    with open_tensors(path, MAX_REFERENCE_BYTES) as file:
        reader = _Reader(path, file)
        sets = {name: _read_set(reader, name, n, dim) for name, n in prompts.items()}
        statistics = TrackStatistics(
            jerk_level=reader.number("jerk_level", least=0.0) if "jerk_level" in reader else None,
            kid_frozen=reader.number("kid_frozen") if "kid_frozen" in reader else None,
            detector=_read_detector(reader, dim) if "detector/" in reader else None,
            gallery=_read_gallery(reader, dim) if "gallery/" in reader else None,
        )
        reader.refuse_the_rest()
    return Reference(sets, statistics)


def _read_set(reader: _Reader, name: str, n: int, dim: int) -> SetReference:
    triangle = dim * (dim + 1) // 2
    physics = PHYSICS if f"{name}/physics/" in reader else ()
    return SetReference(
        embeddings=reader.take(f"{name}/embeddings", (n, dim), "F32"),
        mean=reader.take(f"{name}/mean", (dim,)),
        covariance=reader.take(f"{name}/covariance", (dim, dim)),
        paper_means=reader.take(f"{name}/paper_mean", (REPEATS, dim)),
        paper_covariances=reader.take(f"{name}/paper_covariance", (REPEATS, triangle)),
        real={
            metric: reader.take(f"{name}/real/{metric}", (REPEATS,))
            for metric in METRICS
            if f"{name}/real/{metric}" in reader.left
        },
        physics={
            metric: reader.take(
                f"{name}/physics/{metric}", (n,), least=0.0, most=METRICS[metric].range[1]
            )
            for metric in physics
        },
    )


def _read_detector(reader: _Reader, dim: int) -> Detector:
    return Detector(
        weights=reader.take("detector/weights", (dim,)),
        bias=reader.number("detector/bias"),
        threshold=reader.number("detector/threshold", least=0.0, most=1.0),
        ridge=reader.number("detector/ridge", least=0.0),
    )


def _read_gallery(reader: _Reader, dim: int) -> Gallery:
    clips = reader.rows("gallery/embeddings")
    violent = reader.take("gallery/violent", (clips,), "U8", most=1.0)
    names = reader.take("gallery/base_clip", (clips, HASH_BYTES), "U8")
    return Gallery(
        embeddings=reader.take("gallery/embeddings", (clips, dim), "F32"),
        violent=violent.astype(bool),
        base_clips=np.array([row.tobytes().hex() for row in names], dtype=np.str_),
    )


class _Reader:
    """Takes tensors by name from an open file, each once, and checks them."""

    def __init__(self, path: Path, file: TensorFile) -> None:
        self.path, self.file = path, file
        self.left: set[str] = set(file.tensors)

    def __contains__(self, start: str) -> bool:
        """Whether a tensor is left whose name begins so."""
        return any(name.startswith(start) for name in self.left)

    def rows(self, name: str) -> int:
        """The length of a tensor's first axis, from 1 to `MAX_GALLERY`."""
        self._require(name)
        shape = self.file.tensors[name].shape
        if not shape or not 1 <= shape[0] <= MAX_GALLERY:
            raise InputError(
                f"has shape {shape}; allowed are 1 to {MAX_GALLERY:,} rows",
                where=self.path,
                key=name,
            )
        return shape[0]

    def number(self, name: str, least: float = -LARGEST_VALUE, most: float | None = None) -> float:
        return float(self.take(name, (1,), least=least, most=most)[0])

    def take(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: str = "F64",
        least: float = -LARGEST_VALUE,
        most: float | None = None,
    ) -> NDArray[Any]:
        self._require(name)
        self.left.remove(name)
        place = self.file.tensors[name]
        found = (place.shape, place.dtype)
        if found != (shape, dtype):
            raise InputError(f"is {found}, expected {(shape, dtype)}", where=self.path, key=name)
        array = self.file.read(name)
        if not np.isfinite(array).all():
            raise InputError("holds NaN or infinity", where=self.path, key=name)
        if not array.size:
            return array
        low, high = float(array.min()), float(array.max())
        if max(high, -low) > LARGEST_VALUE:
            raise InputError(
                f"holds values larger than {LARGEST_VALUE:g}", where=self.path, key=name
            )
        if low < least:
            raise InputError(f"holds values below {least:g}", where=self.path, key=name)
        if most is not None and high > most:
            raise InputError(f"holds values above {most:g}", where=self.path, key=name)
        return array

    def _require(self, name: str) -> None:
        if name not in self.left:
            raise InputError("the tensor is missing", where=self.path, key=name)

    def refuse_the_rest(self) -> None:
        if self.left:
            name = min(self.left)
            raise InputError("the tensor is not part of a track pack", where=self.path, key=name)
