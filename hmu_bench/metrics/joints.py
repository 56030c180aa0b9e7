"""Joint position error between motions of the same length."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hmu_bench.errors import InputError
from hmu_bench.metrics._arrays import Floats, checked, norms


def mpjpe(reference: ArrayLike, predicted: ArrayLike) -> Floats:
    """Mean per joint position error, frame by frame, after moving both roots to the origin.

    Args:
        reference: (T, J, 3) joint positions in metres, joint 0 the root.
        predicted: (T, J, 3) likewise.

    Returns:
        (T,): metres; lower is better. Their mean is the error of the motion.

    Raises:
        InputError: for unequal shapes or numbers that are not finite.

    >>> still = np.zeros((1, 2, 3))
    >>> mpjpe(still, still + [[0.0, 0.0, 0.0], [0.3, 0.0, 0.4]])
    array([0.25])
    """
    first = checked(reference, "reference", dimensions=3)
    second = checked(predicted, "predicted", dimensions=3)
    if first.shape != second.shape or first.shape[2] != 3:
        raise InputError(
            f"reference has shape {first.shape}, predicted {second.shape}; both must be (T, J, 3)"
        )
    first, second = first - first[:, :1], second - second[:, :1]
    return np.asarray(norms(first - second).mean(axis=1))
