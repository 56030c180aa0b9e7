"""A stage on which actions are played one after the other, and the actions' common form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias, TypeVar

import numpy as np

from hmu_bench.motion.skeleton import FPS
from hmu_bench.sample.body import assemble, mirror, turned
from hmu_bench.sample.curves import Array
from hmu_bench.sample.feet import Feet
from hmu_bench.sample.timeline import IDLE, Timeline, Vector, living

Value: TypeAlias = float | int | str
Params: TypeAlias = Mapping[str, Value]
T = TypeVar("T")

MIN_FRAMES, MAX_FRAMES = 40, 196


class Draw:
    """Seeded choices that are the same on every machine and Python (only `random()` is used)."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high), rounded to 3 decimals (parameters are stored as text)."""
        return round(low + (high - low) * self._random.random(), 3)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def integer(self, low: int, high: int) -> int:
        """An integer in [low, high], both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, *options: T) -> T:
        """One of the options."""
        return options[int(self._random.random() * len(options))]


class Stage:
    """Time, place and heading of a body while actions are added to it.

    All actions are written for the right hand, foot or direction; a left one is the mirror image
    of the finished motion.

    Args:
        tempo: how many times faster than written the actions are played.
        feet: the feet plan (a stance of one's own); side by side if not given.
    """

    def __init__(self, tempo: float = 1.0, feet: Feet | None = None) -> None:
        self.tempo = tempo
        self.feet = feet or Feet()
        self.line = Timeline()
        self.now = 0.0
        self.point = (0.0, 0.0)
        self.heading = 0.0

    def span(self, seconds: float) -> float:
        """A duration at this tempo."""
        return seconds / self.tempo

    def then(self, seconds: float, **changes: Vector) -> None:
        """Let `seconds` (at this tempo) pass and arrive at the changed pose."""
        self.now += self.span(seconds)
        self.line.key(self.now, **changes)

    def wait(self, seconds: float) -> None:
        """Hold the pose for real seconds, whatever the tempo."""
        self.now += seconds
        self.line.key(self.now)

    def idle(self, seconds: float, **changes: Vector) -> None:
        """Go back to standing with hanging arms."""
        self.then(seconds, **{**IDLE, **changes})

    def go(self, dx: float, dz: float) -> tuple[float, float]:
        """Move the place of the body by metres to the left and ahead, as it faces."""
        c, s = float(np.cos(self.heading)), float(np.sin(self.heading))
        x, z = self.point
        self.point = (x + c * dx + s * dz, z + c * dz - s * dx)
        return self.point

    def spot(self, dx: float, dz: float) -> tuple[float, float]:
        """The point metres to the left and ahead of the body, as it faces."""
        here = self.point
        there = self.go(dx, dz)
        self.point = here
        return there


@dataclass(frozen=True)
class Action:
    """One kind of motion: how it is drawn, played and told.

    Attributes:
        name: its name, e.g. `front_kick`.
        violent: whether it mimes an attack (`category` says which).
        category: kick, punch, strike, weapon, grapple or none.
        draw: parameters from seeded choices.
        act: adds the motion to a stage.
        words: what the slots of the captions say for given parameters.
        captions: templates of the caption grammar (`hmu_bench.sample.grammar`).
        share: how many clips it gets, relative to the others.
    """

    name: str
    category: str
    draw: Callable[[Draw], dict[str, Value]]
    act: Callable[[Stage, Params], None]
    words: Callable[[Params], dict[str, str]]
    captions: tuple[str, ...]
    share: float = 1.0
    violent: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "violent", self.category != "none")


def number(params: Params, name: str, default: float = 0.0) -> float:
    """A numeric parameter."""
    return float(params.get(name, default))


def draw_body(draw: Draw) -> dict[str, Value]:
    """What every clip has: size and heading of the body, tempo, pause before and after."""
    return {
        "size": draw.uniform(0.9, 1.1),
        "heading": draw.uniform(-3.14, 3.14),
        "tempo": draw.pick(draw.uniform(0.72, 0.82), 1.0, draw.uniform(1.2, 1.35)),
        "pause": draw.uniform(0.1, 0.5),
        "tail": draw.uniform(0.1, 0.5),
        "phase": draw.uniform(0.0, 6.28),
    }


def play(stage: Stage, params: Params) -> Array:
    """The finished motion of a stage: (frames, 22, 3) joints in metres at 20 fps.

    Uses the parameters that every clip has (`draw_body`), `trim` (seconds cut off the beginning)
    and `side` (`left`: mirrored). The length is clipped to 41..197 frames.
    """
    trim = number(params, "trim")
    length = stage.now + number(params, "tail") - trim
    frames = int(np.clip(np.floor(length * FPS) + 1, MIN_FRAMES + 1, MAX_FRAMES + 1))
    at = trim + np.arange(frames) / FPS
    feet = stage.feet.curves(at)
    pose = stage.line.curves(at, living(at, number(params, "phase"), 1.0))
    joints = assemble(pose, feet) * number(params, "size", 1.0)
    if params.get("side") == "left":
        joints = mirror(joints)
    return turned(joints, np.full(frames, number(params, "heading")))
