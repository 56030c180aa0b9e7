"""Pose curves from keys: what a body does above its feet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hmu_bench.sample.curves import Array, spline

Vector = tuple[float, ...]

_CHANNELS: dict[str, slice] = {
    "shift": slice(0, 3),
    "lean": slice(3, 6),
    "spine": slice(6, 9),
    "head": slice(9, 11),
    "left_hand": slice(11, 14),
    "right_hand": slice(14, 17),
    "left_elbow": slice(17, 20),
    "right_elbow": slice(20, 23),
    "follow": slice(23, 24),
}
_WIDTH = 24

IDLE: dict[str, Vector] = {
    "shift": (0.0, 0.0, 0.0),
    "lean": (0.0, 0.0, 0.0),
    "spine": (0.0, 0.03, 0.0),
    "head": (0.0, 0.0),
    "left_hand": (0.215, -0.525, 0.04),
    "right_hand": (-0.215, -0.525, 0.04),
    "left_elbow": (0.3, -0.45, -0.85),
    "right_elbow": (-0.3, -0.45, -0.85),
    "follow": (0.6,),
}


@dataclass(frozen=True)
class Pose:
    """Control curves over T frames; radians and metres for a body of scale 1.

    Attributes:
        shift: the pelvis relative to its place over the feet, heading frame, (T, 3).
        lean: yaw, pitch (forward), roll (to the right) of the pelvis, (T, 3).
        spine: twist (to the left), pitch and roll of the whole trunk, (T, 3).
        head: yaw and pitch of the head, (T, 2).
        hands: wrists from the middle of the shoulders, heading frame, left first, (T, 2, 3).
        elbows: the side to which the elbows point, heading frame, (T, 2, 3).
        follow: how much of the twist of pelvis and trunk the hand frame follows, 0..1, (T, 1).
    """

    shift: Array
    lean: Array
    spine: Array
    head: Array
    hands: Array
    elbows: Array
    follow: Array


class Timeline:
    """Keys of the upper body; what a key does not name keeps its value of the key before.

    >>> line = Timeline()
    >>> line.key(1.0, spine=(0.0, 0.5, 0.0))
    >>> line.curves(np.array([0.0, 1.0])).spine[:, 1].round(2).tolist()
    [0.03, 0.5]
    """

    def __init__(self, start: Mapping[str, Vector] | None = None) -> None:
        first = np.zeros(_WIDTH)
        for name, value in {**IDLE, **(start or {})}.items():
            first[_CHANNELS[name]] = value
        self._times, self._values = [0.0], [first]

    @property
    def end(self) -> float:
        """Time of the last key in seconds."""
        return self._times[-1]

    def key(self, time: float, **changes: Vector) -> None:
        """A key at `time` seconds (later than the last one) that changes some channels."""
        value = self._values[-1].copy()
        for name, change in changes.items():
            value[_CHANNELS[name]] = change
        self._times.append(max(time, self._times[-1] + 0.02))
        self._values.append(value)

    def curves(self, at: Array, extra: Array | None = None) -> Pose:
        """The control curves at the times `at` (T,); `extra` (T, 24) is added."""
        values = spline(self._times, np.stack(self._values), at)
        if extra is not None:
            values = values + extra
        hands = np.stack(
            [values[:, _CHANNELS["left_hand"]], values[:, _CHANNELS["right_hand"]]], axis=1
        )
        elbows = np.stack(
            [values[:, _CHANNELS["left_elbow"]], values[:, _CHANNELS["right_elbow"]]], axis=1
        )
        return Pose(
            shift=values[:, _CHANNELS["shift"]],
            lean=values[:, _CHANNELS["lean"]],
            spine=values[:, _CHANNELS["spine"]],
            head=values[:, _CHANNELS["head"]],
            hands=hands,
            elbows=elbows,
            follow=values[:, _CHANNELS["follow"]],
        )


def living(at: Array, phase: float, amount: float) -> Array:
    """Breathing and small sway of a standing body as an addition to the channels, (T, 24)."""
    extra = np.zeros((len(at), _WIDTH))
    slow, breath = 2 * np.pi * 0.23 * at + phase, 2 * np.pi * 0.31 * at + 1.7 * phase
    extra[:, 0] = 0.006 * np.sin(slow)
    extra[:, 2] = 0.004 * np.sin(0.8 * slow + 1.0)
    extra[:, 7] = 0.012 * np.sin(breath)
    extra[:, 9] = 0.05 * np.sin(0.6 * slow + 2.0)
    extra[:, 10] = 0.03 * np.sin(0.9 * slow + 0.5)
    for hand, sign in ((11, 1.0), (14, -1.0)):
        extra[:, hand] = 0.004 * np.sin(breath + sign)
        extra[:, hand + 1] = 0.003 * np.sin(breath)
        extra[:, hand + 2] = 0.008 * np.sin(slow + sign * 0.7)
    return extra * amount
