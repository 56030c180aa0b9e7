"""Attacks on the body of another with both arms: shove, choke, throw down."""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.actions.kicks import draw_fight
from hmu_bench.sample.feet import LEFT, RIGHT
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, number
from hmu_bench.sample.timeline import Vector

_ELBOWS: dict[str, Vector] = {"left_elbow": (0.6, -0.8, -0.2), "right_elbow": (-0.6, -0.8, -0.2)}


def _draw(draw: Draw) -> dict[str, Value]:
    return {**draw_fight(draw), "trim": 0.0, "count": draw.integer(1, 3)}


def _hands(x: float, y: float, z: float) -> dict[str, Vector]:
    return {"left_hand": (x, y, z), "right_hand": (-x, y, z)}


def _shove(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    for _ in range(int(number(p, "count"))):
        stage.then(
            0.42, **_hands(0.17, -0.12, 0.17), **_ELBOWS, shift=(0.0, -0.07, -0.05),
            lean=(0.0, 0.0, 0.0), spine=(0.0, 0.02, 0.0), follow=(0.0,),
        )  # fmt: skip
        stage.feet.place(
            RIGHT, stage.now - stage.span(0.12), stage.span(0.32), stage.spot(0.02, 0.36),
            stage.heading, lift=0.05,
        )  # fmt: skip
        stage.then(
            0.22, **_hands(0.14, -0.03, 0.62), lean=(0.0, 0.22, 0.0), spine=(0.0, 0.22, 0.0),
            shift=(0.0, -0.1, 0.1), head=(0.0, -0.2),
        )  # fmt: skip
        stage.wait(0.12)
        stage.feet.place(
            RIGHT, stage.now, stage.span(0.42), stage.point, stage.heading, lift=0.05, heel=0.2
        )
        stage.then(
            0.45, **_hands(0.2, -0.3, 0.22), lean=(0.0, 0.0, 0.0), spine=(0.0, 0.05, 0.0),
            shift=(0.0, -0.02, 0.0), head=(0.0, 0.0),
        )  # fmt: skip
    stage.idle(0.5)


SHOVE = Action(
    "shove",
    "grapple",
    _draw,
    _shove,
    words,
    (
        "{who} shoves (someone|an opponent|another person) with both hands {count} {speed}",
        "{who} pushes (someone|another person) away hard with both hands {count} {speed}",
        "{who} steps~VERB forward with the {side} foot and shoves a man back {count} {speed}",
        "{who} slams both palms into the chest of (an opponent|someone) {count} {speed}",
    ),
    share=0.8,
)


def _draw_choke(draw: Draw) -> dict[str, Value]:
    return {**draw_fight(draw), "trim": 0.0, "count": draw.integer(2, 6)}


def _choke(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    stage.feet.place(RIGHT, stage.now, stage.span(0.4), stage.spot(0.02, 0.3), stage.heading)
    stage.then(0.3, **_hands(0.2, -0.1, 0.3), **_ELBOWS, follow=(0.0,))
    grip: dict[str, Vector] = {
        "lean": (0.0, 0.12, 0.0), "spine": (0.0, 0.16, 0.0), "shift": (0.0, -0.08, 0.05),
    }  # fmt: skip
    stage.then(0.28, **_hands(0.06, 0.04, 0.5), **grip)
    for index in range(int(number(p, "count"))):
        way = 1.0 if index % 2 == 0 else -1.0
        stage.then(
            0.24,
            left_hand=(0.06 + 0.04 * way, 0.02, 0.46), right_hand=(-0.06 + 0.04 * way, 0.02, 0.46),
            spine=(0.14 * way, 0.22, 0.05 * way), shift=(0.03 * way, -0.1, 0.07),
        )  # fmt: skip
        stage.then(0.2, **_hands(0.06, 0.05, 0.5), **grip)
    stage.feet.place(RIGHT, stage.now, stage.span(0.45), stage.point, stage.heading, heel=0.2)
    stage.idle(0.7)


CHOKE = Action(
    "choke",
    "grapple",
    _draw_choke,
    _choke,
    words,
    (
        "{who} (chokes|strangles) (someone|an opponent|a victim) with both hands {speed}",
        "{who} grabs (someone|a man) by the throat and shakes {speed}",
        "{who} steps~VERB forward with the {side} foot and squeezes the neck of (an enemy|someone) {speed}",
        "{who} puts both hands around the neck of (an opponent|a victim) and shakes hard {speed}",
    ),
    share=0.6,
)


def _takedown(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    for _ in range(int(number(p, "count"))):
        stage.feet.place(
            LEFT, stage.now + stage.span(0.3), stage.span(0.35), stage.spot(0.08, 0.32),
            stage.heading, lift=0.05,
        )  # fmt: skip
        stage.then(
            0.5, left_hand=(0.12, -0.02, 0.48), right_hand=(-0.16, 0.04, 0.48), **_ELBOWS,
            shift=(0.0, -0.08, 0.03), spine=(0.0, 0.15, 0.0), follow=(0.0,),
        )  # fmt: skip
        stage.then(
            0.32, left_hand=(0.05, -0.2, 0.26), right_hand=(-0.18, -0.1, 0.36),
            shift=(0.0, -0.2, 0.05), lean=(0.3, 0.2, 0.0), spine=(0.2, 0.3, 0.0),
        )  # fmt: skip
        stage.then(
            0.34, left_hand=(0.36, -0.4, 0.08), right_hand=(0.16, -0.42, 0.26),
            shift=(0.02, -0.26, 0.08), lean=(0.6, 0.45, 0.0), spine=(0.6, 0.5, 0.1),
            head=(0.2, 0.2),
        )  # fmt: skip
        stage.wait(0.15)
        stage.feet.place(
            LEFT, stage.now + 0.1, stage.span(0.45), stage.point, stage.heading, lift=0.05, heel=0.2
        )
        stage.idle(0.75)


TAKEDOWN = Action(
    "takedown",
    "grapple",
    _draw,
    _takedown,
    words,
    (
        "{who} grabs (someone|an opponent) and throws the (man|victim) to the ground on the {other} side {count} {speed}",
        "{who} seizes~VERB an attacker with both arms and slams the body down to the {other} {count} {speed}",
        "{who} wrestles (an opponent|someone) down to the floor with a twist~NOUN to the {other} {count} {speed}",
        "{who} (does|performs) a judo throw to the {other} {count} {speed}",
    ),
    share=0.6,
)

ACTIONS = (SHOVE, CHOKE, TAKEDOWN)
