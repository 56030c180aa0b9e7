"""Steps about a place: sidestep, turn, march in place."""

from __future__ import annotations

import numpy as np

from hmu_bench.sample.actions.locomotion import travel_words
from hmu_bench.sample.feet import LEFT, RIGHT, SIDEWAYS
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.words import side_words


def _draw_sidestep(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "steps": draw.integer(2, 5),
        "length": draw.uniform(0.3, 0.5),
    }


def _aside(stage: Stage, side: int, pace: float) -> None:
    stage.feet.place(
        side, stage.now, 0.8 * pace, stage.point, stage.heading, lift=0.06, heel=0.2, toe=0.0
    )


def _sidestep(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    pace = stage.span(0.5)
    arms = 0.0
    for _ in range(int(number(p, "steps"))):
        stage.go(-number(p, "length"), 0.0)
        _aside(stage, RIGHT, pace)
        stage.now += pace
        stage.line.key(stage.now, spine=(0.0, 0.05, 0.06), left_hand=(0.27, -0.48, 0.06))
        _aside(stage, LEFT, pace)
        stage.now += pace
        arms = 0.03 - arms
        stage.line.key(
            stage.now, spine=(0.0, 0.05, -0.03), left_hand=(0.24, -0.49, 0.03 + arms),
            right_hand=(-0.27, -0.48, 0.06 - arms),
        )  # fmt: skip
    stage.idle(0.4)


def _side_words(p: Params) -> dict[str, str]:
    return {**travel_words(p), **side_words(p)}


SIDESTEP = Action(
    "sidestep",
    "none",
    _draw_sidestep,
    _sidestep,
    _side_words,
    (
        "{who} (steps sideways|sidesteps) to the {side} {speed}",
        "{who} (shuffles|moves) {speed} to (the|their) {side} with {steps}",
        "{who} {adverb} (takes|makes) {steps} to the {side} without turning",
        "(side stepping|stepping sideways) {speed} to the {side}",
    ),
)

_ANGLES = {90: "(ninety degrees|a quarter turn)", 180: "(around|halfway around)", 360: "(in a full circle|all the way around)"}  # fmt: skip


def _draw_turn(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "angle": draw.pick(90, 180, 360),
    }


def _turn(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    angle = np.radians(number(p, "angle"))
    count = max(2, round(number(p, "angle") / 45))
    pace = stage.span(0.45)
    for _ in range(count):
        stage.heading -= float(angle) / count
        stage.line.key(stage.now + 0.5 * pace, spine=(-0.16, 0.04, 0.0), head=(-0.25, 0.0))
        for side, wait in ((RIGHT, 0.0), (LEFT, 0.5)):
            stage.feet.place(
                side, stage.now + wait * pace, 0.5 * pace, stage.point, stage.heading,
                lift=0.05, heel=0.2, toe=0.0,
            )  # fmt: skip
        stage.now += pace
    stage.idle(0.5)


def _turn_words(p: Params) -> dict[str, str]:
    clock = "counterclockwise" if p["side"] == "left" else "clockwise"
    return {
        **_side_words(p),
        "angle": _ANGLES[int(number(p, "angle"))],
        "clock": clock,
    }


TURN = Action(
    "turn",
    "none",
    _draw_turn,
    _turn,
    _turn_words,
    (
        "{who} (turns|is turning) {angle} to (the|their) {side} {speed}",
        "{who} {adverb} (turns|rotates) {clock} {angle}",
        "{who} (turns|spins) {angle} {clock} (on the spot|in place) {speed}",
        "standing in place {who} {adverb} turns {angle} over the {side} shoulder",
    ),
)


def _draw_march(draw: Draw) -> dict[str, Value]:
    return {**draw_body(draw), "steps": draw.integer(4, 10), "knee": draw.pick(0.22, 0.34)}


def _march(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    pace, high = stage.span(0.48), number(p, "knee")
    for index in range(int(number(p, "steps"))):
        side = RIGHT if index % 2 == 0 else LEFT
        start = stage.now
        stage.feet.kick(
            side,
            [
                (start, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
                (start + 0.5 * pace, (0.0, high, 0.1 + 0.3 * high), 1.1, SIDEWAYS),
                (start + 0.96 * pace, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
            ],
        )
        sway = 0.05 if side == RIGHT else -0.05
        reach = 0.22 if side == RIGHT else -0.22
        stage.line.key(
            start + 0.5 * pace, shift=(sway, 0.0, 0.0), spine=(-0.4 * reach, 0.02, 0.0),
            left_hand=(0.21, -0.38, 0.08 + reach), right_hand=(-0.21, -0.38, 0.08 - reach),
            follow=(0.0,),
        )  # fmt: skip
        stage.now += pace
    stage.idle(0.4)


def _march_words(p: Params) -> dict[str, str]:
    knees = "high" if number(p, "knee") > 0.3 else "a little"
    return {**travel_words(p), "knees": knees}


MARCH = Action(
    "march",
    "none",
    _draw_march,
    _march,
    _march_words,
    (
        "{who} (marches|is marching) in place {speed} lifting the knees {knees}",
        "{who} {adverb} marches on the spot with {steps}",
        "{who} (lifts|raises) the knees {knees} one after the other {speed} without moving forward",
        "marching in place {speed} like a soldier lifting the knees {knees}",
    ),
)

ACTIONS = (SIDESTEP, TURN, MARCH)
