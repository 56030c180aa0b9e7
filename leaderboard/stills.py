"""Still pictures of a motion: some of its poses side by side, as SVG that needs no script.

Drawn like the moving figure (`site/scripts/40-figure.js`): the left side filled, the right side
hollow, so that the two are told apart without colours.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from hmu_bench.motion.skeleton import JOINT_NAMES, PARENTS

POSES = 7
SLOT, HEIGHT, GROUND = 480, 1100, 1040
"""Units of the picture: the width of a pose's place, the height, where the ground is."""
MILLIMETRES = 2.1
"""Millimetres a unit, at the largest: a body of 1.75 m is 830 units high."""
YAW, PITCH = math.radians(38), math.radians(9)
"""From where it is seen: a little to the left of the body's first heading, a little above."""
HEAD = JOINT_NAMES.index("head")


def side(joint: int) -> str:
    """The side of the bone that ends in a joint; hips and collars belong to the trunk.

    >>> [side(JOINT_NAMES.index(name)) for name in ("left_knee", "right_hip", "right_wrist")]
    ['left', 'middle', 'right']
    """
    name = JOINT_NAMES[joint]
    word, _, part = name.partition("_")
    return word if part and part not in ("hip", "collar") else "middle"


def pose_frames(frames: int, poses: int = POSES) -> list[int]:
    """The frames that are shown: the first, the last and those evenly between, each once.

    >>> pose_frames(40, 4), pose_frames(2, 4)
    ([0, 13, 26, 39], [0, 1])
    """
    return sorted({round(i * (frames - 1) / (poses - 1)) for i in range(poses)})


def strip(motion: NDArray[Any], label: str) -> Markup:
    """Poses of a motion side by side, each where its pelvis is, from left to right in time.

    Args:
        motion: (T, 22, 3), millimetres, Y up.
        label: what a screen reader says of it.
    """
    chosen = np.asarray(motion, dtype=np.float64)[pose_frames(len(motion))]
    points = _projected(chosen)
    lines: dict[str, list[str]] = {"right": [], "middle": [], "left": []}
    heads: list[str] = []
    for number, pose in enumerate(points):
        middle = SLOT * number + SLOT // 2
        at = [(middle + round(x), GROUND - round(y)) for x, y in pose]
        before = {"right": -1, "middle": -1, "left": -1}
        for joint in _ORDER:
            parent = PARENTS[joint]
            name = side(joint)
            start = "" if before[name] == parent else f"M{at[parent][0]} {at[parent][1]}"
            lines[name].append(f"{start}L{at[joint][0]} {at[joint][1]}")
            before[name] = joint
        heads.append(f"M{at[HEAD][0]} {at[HEAD][1]}h0")
    width = SLOT * len(points)
    # As high as it needs to be, from the head, or what is above it, to the ground, or below.
    top = GROUND - math.ceil(max(points[..., 1].max() + 75, 0.6 * GROUND) / 20) * 20
    bottom = HEIGHT + max(0, math.ceil((-points[..., 1].min() - 20) / 20) * 20)
    paths = (
        ("right", lines["right"]),
        ("right hollow", lines["right"]),
        ("middle", lines["middle"]),
        ("heads", heads),
        ("left", lines["left"]),
    )
    drawn = "".join(f'<path class="{name}" d="{"".join(parts)}"/>' for name, parts in paths)
    return Markup(
        '<svg class="strip" viewBox="0 {} {} {}" role="img" aria-label="{}">'
        '<path class="ground" d="M0 {}H{}"/>{}</svg>'
    ).format(top, width, bottom - top, label, GROUND, width, Markup(drawn))


def _chains() -> list[int]:
    """The joints so that each follows its parent wherever the chain goes on."""
    children: dict[int, list[int]] = {}
    for joint, parent in enumerate(PARENTS):
        children.setdefault(parent, []).append(joint)
    order: list[int] = []
    waiting = children[0][::-1]
    while waiting:
        joint = waiting.pop()
        order.append(joint)
        waiting += children.get(joint, [])[::-1]
    return order


_ORDER = _chains()


def _projected(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poses (P, 22, 3) -> (P, 22, 2) units: right and up of each pose's place on the ground."""
    centred = poses - poses[:, :1] * np.array([1.0, 0.0, 1.0])
    right = np.array([math.cos(YAW), 0.0, -math.sin(YAW)])
    up = np.array(
        [-math.sin(PITCH) * math.sin(YAW), math.cos(PITCH), -math.sin(PITCH) * math.cos(YAW)]
    )
    points = np.stack([centred @ right, centred @ up], axis=-1)
    # A body that flies apart is drawn smaller, never cut.
    wide, high = np.abs(points[..., 0]).max() / (0.75 * SLOT), np.abs(points[..., 1]).max() / HEIGHT
    drawn: NDArray[np.float64] = points / max(MILLIMETRES, wide, high)
    return drawn
