"""Where the feet are: planted until a step, a kick or a hop moves them.

The ball of a planted foot does not move: a step rolls the foot off over it and lands on the heel.
Times in seconds, metres for a body of scale 1, heading frame of the first frame: X left, Z ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hmu_bench.sample.curves import Array, bump, minimum_jerk, smooth, spline

LEFT, RIGHT = 0, 1
# A flat foot: ball of the foot 0.018 m, ankle 0.075 m above the floor.
_BALL_HEIGHT, _DROP, _FOOT = 0.018, 0.057, 0.1464
_FLAT = float(np.arcsin(_DROP / _FOOT))
_MIDDLE = 0.095
STANCE = 0.10
SIDEWAYS = (1.0, 0.0, 0.0)
Point = tuple[float, float, float]
Key = tuple[float, Point, float, Point]
_GRAVITY = 9.81
# Seconds from standing to the deepest crouch before a jump, and back after it.
_CROUCH = 0.38


@dataclass(frozen=True)
class FootCurves:
    """The feet over T frames, left first.

    Attributes:
        ankles: ankle joints, (T, 2, 3).
        toes: unit vectors from the ankle to the ball of the foot, (T, 2, 3).
        hinges: axes of the knees (the person's left when they bend forward), (T, 2, 3).
        free: 0 for a foot that follows the floor, 1 for one that follows its shin, (T, 2).
        flex: angle of a free foot to its shin, 0 = pointed, pi/2 = square, (T, 2).
        centre: the point between the feet above which the pelvis is, its height that of a hop.
        yaw: heading in radians, (T,).
    """

    ankles: Array
    toes: Array
    hinges: Array
    free: Array
    flex: Array
    centre: Array
    yaw: Array


@dataclass(frozen=True)
class _Step:
    start: float
    duration: float
    x: float
    z: float
    yaw: float
    lift: float
    heel: float
    toe: float


@dataclass(frozen=True)
class _Kick:
    side: int
    times: tuple[float, ...]
    # offset of the ankle (3), flex, hinge (3) and how free the foot is, for every key
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class _Hop:
    start: float
    duration: float
    depth: float
    landing: float

    @property
    def speed(self) -> float:
        """Vertical speed at take-off in m/s."""
        return _GRAVITY * self.duration / 2.0

    @property
    def push(self) -> float:
        """Seconds from the deepest crouch to take-off."""
        return 1.7 * self.depth / self.speed

    @property
    def off(self) -> float:
        """Time of take-off."""
        return self.start + _CROUCH + self.push

    @property
    def brake(self) -> float:
        """Seconds from touch-down to the deepest landing crouch."""
        return 1.7 * self.landing / self.speed

    @property
    def end(self) -> float:
        return self.off + self.duration + self.brake + _CROUCH

    def curves(self, at: Array) -> tuple[Array, Array, Array]:
        """Height of the flight, how far the toes point (0..1), and the pelvis around it."""
        time = at - self.off
        u = np.clip(time / self.duration, 0.0, 1.0)
        flight = 0.5 * _GRAVITY * self.duration**2 * u * (1.0 - u)
        tip = minimum_jerk((time + 0.12) / 0.16) - minimum_jerk(
            (time - self.duration + 0.05) / 0.13
        )
        down = -self.depth * minimum_jerk((at - self.start) / _CROUCH)
        up = _arrive(np.clip(1.0 + time / self.push, 0.0, 1.0), self.depth, self.speed * self.push)
        late = time - self.duration
        sink = (
            _arrive(
                np.clip(1.0 - late / self.brake, 0.0, 1.0), self.landing, self.speed * self.brake
            )
            - self.landing
        )
        rise = self.landing * minimum_jerk((late - self.brake) / _CROUCH)
        return flight, tip, down + up + sink + rise


def _arrive(u: Array, height: float, slope: float) -> Array:
    """A cubic from 0 (at rest) to `height` (with `slope` per unit) for u in 0..1."""
    return np.asarray(u * u * (3.0 * height - slope + u * (slope - 2.0 * height)), dtype=np.float64)


class Feet:
    """A plan of the feet; `curves` evaluates it.

    Args:
        width: half the distance between the feet.
        ahead: how far the left foot stands in front of the right one.
        toe_out: outward angle of both feet in radians.
        weight: how far the pelvis moves over the standing foot while the other is in the air.
        calm: width in seconds of the filter that makes the path of the pelvis smooth.
    """

    def __init__(
        self,
        width: float = STANCE,
        ahead: float = 0.0,
        toe_out: float = 0.13,
        weight: float = 0.4,
        calm: float = 0.12,
    ) -> None:
        self._start = [
            (width, _MIDDLE + ahead / 2, toe_out),
            (-width, _MIDDLE - ahead / 2, -toe_out),
        ]
        self.at: list[tuple[float, float, float]] = list(self._start)
        self._steps: tuple[list[_Step], list[_Step]] = ([], [])
        self._kicks: list[_Kick] = []
        self._hops: list[_Hop] = []
        self._rises: list[tuple[int, float, float, float]] = []
        self.weight, self.calm = weight, calm

    def step(
        self,
        side: int,
        start: float,
        duration: float,
        x: float,
        z: float,
        yaw: float,
        lift: float = 0.07,
        heel: float = 0.35,
        toe: float = 0.1,
    ) -> None:
        """Move the ball of a foot to (x, z) and its direction to `yaw`.

        `lift` is the height of the swing, `heel` the angle at which the heel has risen at toe-off,
        `toe` the angle of the toes at heel strike. A lift of 0 is a pivot on the ball of the foot.
        """
        ox, oz, oyaw = self.at[side]
        self._steps[side].append(
            _Step(start, duration, x - ox, z - oz, yaw - oyaw, lift, heel, toe)
        )
        self.at[side] = (x, z, yaw)

    def place(
        self,
        side: int,
        start: float,
        duration: float,
        point: tuple[float, float],
        heading: float = 0.0,
        width: float = STANCE,
        toe_out: float = 0.13,
        **how: float,
    ) -> None:
        """A step that puts the foot beside the path point (x, z) with the given heading."""
        sign = 1.0 if side == LEFT else -1.0
        c, s = np.cos(heading), np.sin(heading)
        x = point[0] + sign * width * c + _MIDDLE * s
        z = point[1] - sign * width * s + _MIDDLE * c
        self.step(side, start, duration, float(x), float(z), heading + sign * toe_out, **how)

    def kick(self, side: int, keys: Sequence[Key]) -> None:
        """Lift a foot and lead its ankle through keys.

        A key is a time, the offset of the ankle from its place, the angle of the foot to the shin
        and the axis of the knee (its length does not matter). The first and the last key are the
        foot on the floor: offset 0.
        """
        last = len(keys) - 1
        values = []
        for index, (_, offset, flex, hinge) in enumerate(keys):
            planted = index in (0, last)
            axis = np.array(SIDEWAYS if planted else hinge)
            axis /= np.linalg.norm(axis)
            values.append((*offset, flex, *map(float, axis), 0.0 if planted else 1.0))
        self._kicks.append(_Kick(side, tuple(key[0] for key in keys), tuple(values)))

    def rise(self, side: int, start: float, end: float, angle: float) -> None:
        """Lift the heel by `angle` from `start` to `end`; the ball of the foot stays in place."""
        self._rises.append((side, start, end, angle))

    def hop(self, start: float, duration: float, depth: float, landing: float) -> float:
        """A jump: crouch, push off, ballistic flight of `duration` seconds, land, straighten.

        Args:
            start: when the crouch begins.
            duration: seconds in the air; the feet rise by g duration^2 / 8.
            depth: how far the pelvis sinks before the push.
            landing: how far it sinks after the landing.

        Returns:
            When the body has straightened.
        """
        hop = _Hop(start, duration, depth, landing)
        self._hops.append(hop)
        return hop.end

    def curves(self, at: Array) -> FootCurves:
        """The feet at the times `at` (T,)."""
        frames = len(at)
        balls, pitch, yaw = np.zeros((frames, 2, 3)), np.zeros((frames, 2)), np.zeros((frames, 2))
        air = np.zeros((frames, 2))
        for side in (LEFT, RIGHT):
            balls[:, side], pitch[:, side], yaw[:, side], air[:, side] = self._walked(side, at)
        flight = np.zeros(frames)
        rise = np.zeros(frames)
        for hop in self._hops:
            lifted, tip, pelvis = hop.curves(at)
            flight += lifted
            rise += pelvis
            pitch += 0.5 * tip[:, None]
        directions = np.stack([np.sin(yaw), np.zeros_like(yaw), np.cos(yaw)], axis=-1)
        for side, start, end, angle in self._rises:
            up, down = minimum_jerk((at - start) / 0.5), minimum_jerk((at - end + 0.5) / 0.5)
            pitch[:, side] += angle * (up - down)
        rolled = np.maximum(pitch, 0.0)
        ankles = balls - _toe(directions, rolled) * _FOOT
        ankles[..., 1] += flight[:, None]
        toes = _toe(directions, pitch)
        middle = balls - _MIDDLE * directions
        share = 1.0 - self.weight * air
        share /= share.sum(axis=1, keepdims=True)
        centre = np.einsum("ts,tsi->ti", share, middle)
        centre = smooth(centre, self.calm * 20.0)
        centre[:, 1] = flight + rise
        heading = smooth(yaw.mean(axis=1), self.calm * 20.0)
        lateral = np.stack([directions[..., 2], np.zeros_like(yaw), -directions[..., 0]], axis=-1)
        free, flex = np.zeros((frames, 2)), np.full((frames, 2), np.pi / 2)
        for kick in self._kicks:
            self._swing(kick, at, ankles, lateral, free, flex, heading)
        return FootCurves(ankles, toes, lateral, free, flex, centre, heading)

    def _walked(self, side: int, at: Array) -> tuple[Array, Array, Array, Array]:
        """Ball of the foot (T, 3), pitch, yaw and how much in the air, of the steps of a side."""
        x, z, yaw = self._start[side]
        ball = np.empty((len(at), 3))
        ball[:] = (x, _BALL_HEIGHT, z)
        steps = self._steps[side]
        if not steps:
            zero = np.zeros(len(at))
            return ball, zero, np.full(len(at), yaw), zero
        table = np.array(
            [[s.start, s.duration, s.x, s.z, s.yaw, s.lift, s.heel, s.toe] for s in steps]
        )
        start, duration, dx, dz, dyaw, lift, heel, toe = table.T
        time = at[:, None] - start
        done = minimum_jerk(time / duration)
        high = bump(time / duration)
        ball[:, 0] += done @ dx
        ball[:, 2] += done @ dz
        ball[:, 1] += high @ lift
        before = np.minimum(0.22, 0.5 * duration)
        pitch = (
            minimum_jerk((time + before) / before) @ heel
            - done @ (heel + toe)
            + minimum_jerk((time - duration) / 0.12) @ toe
        )
        lifted = np.where(lift > 0.0, 1.0, 0.0)
        return ball, pitch, yaw + done @ dyaw, np.minimum(high @ lifted, 1.0)

    def _swing(
        self,
        kick: _Kick,
        at: Array,
        ankles: Array,
        hinges: Array,
        free: Array,
        flex: Array,
        heading: Array,
    ) -> None:
        """Add a kick to one foot, in place."""
        values = spline(kick.times, kick.values, at)
        c, s = np.cos(heading), np.sin(heading)

        def ahead(v: Array) -> Array:
            return np.stack([c * v[:, 0] + s * v[:, 2], v[:, 1], c * v[:, 2] - s * v[:, 0]], 1)

        side, amount = kick.side, values[:, 7]
        ankles[:, side] += ahead(values[:, :3])
        axis = (1.0 - amount)[:, None] * hinges[:, side] + amount[:, None] * ahead(values[:, 4:7])
        hinges[:, side] = axis / np.linalg.norm(axis, axis=1, keepdims=True)
        free[:, side] = np.maximum(free[:, side], amount)
        flex[:, side] = np.where(amount > 0.0, values[:, 3], flex[:, side])


def _toe(directions: Array, pitch: Array) -> Array:
    """Unit vectors ankle -> ball of the foot for a pitch (positive: toes down)."""
    angle = (_FLAT + pitch)[..., None]
    out = directions * np.cos(angle)
    out[..., 1] = -np.sin(angle[..., 0])
    return np.asarray(out, dtype=np.float64)
