"""A column of motions: the table holds paths, a row gives the array, memory-mapped.

This is a feature type of the `datasets` library, like its `Audio` and `Image`. A transform
(`with_transform`) would do less: it makes no column (`dataset["motion"]` fails), breaks when
columns are selected, and is lost with the next `with_format`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.motion import Representation, map_npy
from hmu_bench.motion.checking import require_array

Kind = Representation | Literal["any"]


def read_mapped(path: Path, kind: Kind | None = None) -> NDArray[Any]:
    """A motion, memory-mapped and checked.

    Args:
        path: its `.npy` file.
        kind: `humanml3d-263`, `joints-22`, None for either of the two, or `any` for finite
            numbers (frames, ...).

    Raises:
        InputError: if the file is missing or damaged, or is no such motion.
    """
    array = map_npy(path)
    if kind is None:
        kind = "joints-22" if array.ndim == 3 else "humanml3d-263"
    try:
        if kind == "any":
            _require_numbers(array)
        else:
            require_array(array, kind)
    except InputError as error:
        raise InputError(error.what, where=path) from error
    return array


def _require_numbers(array: NDArray[Any]) -> None:
    if array.ndim < 2 or len(array) == 0:
        raise InputError(f"the motion has shape {array.shape}; expected (frames, ...)")
    if not np.isfinite(array).all():
        raise InputError("the motion holds NaN or infinity")


@dataclass
class Motion:
    """Feature type of a column of motions.

    Attributes:
        kind: which motions the column holds (see `read_mapped`).
        id: as every feature type of `datasets` has it; unused.
    """

    kind: Kind | None = None
    id: str | None = field(default=None, repr=False)

    dtype: ClassVar[str] = "numpy.memmap"
    pa_type: ClassVar[Any] = pa.string()
    _type: str = field(default="hmu_bench.Motion", init=False, repr=False)

    def __call__(self) -> Any:
        """The Arrow type of the stored column."""
        return self.pa_type

    def encode_example(self, value: object) -> str:
        """What is stored for a value: the path of a motion file.

        Raises:
            InputError: if the value is no path.
        """
        if isinstance(value, str | Path):
            return str(value)
        raise InputError(
            f"a column of motions stores paths, not {type(value).__name__}",
            fix="give the array a column of another name",
        )

    def decode_example(self, value: Any, token_per_repo_id: object = None) -> NDArray[Any]:
        """What a row gives for a stored path: the array, memory-mapped (see `read_mapped`)."""
        if isinstance(value, np.ndarray):  # decoding twice changes nothing
            return value
        return read_mapped(Path(value), self.kind)


def _register() -> None:
    from datasets.features.features import register_feature

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*register_feature.*experimental")
        register_feature(Motion, "hmu_bench.Motion")


_register()
