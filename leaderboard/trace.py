"""The picture of the home page: a walk, phase by phase, in which one kick has been erased.

Drawn after the chronophotographs of motion studies. It shows the task and no data.
"""

from __future__ import annotations

import math

from markupsafe import Markup

Point = tuple[float, float]

PHASES, WIDTH, HEIGHT, MARGIN = 72, 1120, 134, 42
FORGET_FROM, FORGET_TO = 0.40, 0.585
STRIDES = 4.3
THIGH, SHANK, FOOT, TORSO, ARM, FOREARM = 27.0, 28.0, 7.0, 41.0, 19.0, 18.0


def trace() -> Markup:
    """The picture as inline SVG, without colours (classes `kept` and `gone` give them)."""
    figures: dict[str, list[tuple[str, str]]] = {"kept": [], "gone": []}
    for number in range(PHASES):
        place = number / (PHASES - 1)
        forgotten = FORGET_FROM < place < FORGET_TO
        figures["gone" if forgotten else "kept"].append(_figure(place))
    groups = "".join(
        f'<g class="{name}"><path d="{"".join(body for body, _ in drawn)}"/>'
        f'<path class="heads" d="{"".join(head for _, head in drawn)}"/></g>\n'
        for name, drawn in figures.items()
    )
    return Markup(
        f'<svg class="trace" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMax slice"'
        ' fill="none" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"'
        f' focusable="false">\n{groups}</svg>'
    )


def _figure(place: float) -> tuple[str, str]:
    """One phase as SVG paths, body and head; `place` runs from 0 (left) to 1 (right)."""
    middle = (FORGET_FROM + FORGET_TO) / 2
    kick = _rise(FORGET_FROM + 0.005, middle - 0.012, place)
    kick *= 1 - _rise(middle + 0.012, FORGET_TO - 0.005, place)
    phase = 2 * math.pi * STRIDES * place + 0.4
    hip = (
        MARGIN + place * (WIDTH - 2 * MARGIN - 10),
        68 - 1.3 * math.cos(2 * phase) + 2 * kick,
    )
    lean = 0.07 - 0.34 * kick
    neck = (hip[0] + TORSO * math.sin(lean), hip[1] - TORSO * math.cos(lean))
    body = _line(hip, neck)
    for side in (0, 1):
        swing = math.sin(phase + side * math.pi)
        lift = max(0.0, math.cos(phase + side * math.pi)) ** 1.5
        thigh = _mix(0.05 + 0.40 * swing, -0.10 if side else 1.62, kick)
        shank = thigh - _mix(0.12 + 0.62 * lift, 0.12 if side else 0.04, kick)
        knee = _limb(hip, thigh, THIGH)
        ankle = _limb(knee, shank, SHANK)
        body += _line(hip, knee, ankle, _limb(ankle, shank + 1.35, FOOT))
        arm = _mix(-0.05 - 0.36 * swing, -0.5 if side else 0.5, kick)
        elbow = _limb(neck, arm, ARM)
        body += _line(neck, elbow, _limb(elbow, arm + 0.30 + 0.5 * kick, FOREARM))
    head = (neck[0] + 2.5 * math.sin(lean) + 1.5, neck[1] - 8)
    return body, _line(head) + "h0"


def _limb(start: Point, angle: float, length: float) -> Point:
    """The end of a limb that hangs at an angle (radians; 0 is down, positive is forward)."""
    return start[0] + length * math.sin(angle), start[1] + length * math.cos(angle)


def _line(*points: Point) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _mix(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _rise(start: float, end: float, place: float) -> float:
    """0 before `start`, 1 after `end`, smooth between (3t^2 - 2t^3)."""
    t = min(1.0, max(0.0, (place - start) / (end - start)))
    return t * t * (3 - 2 * t)
