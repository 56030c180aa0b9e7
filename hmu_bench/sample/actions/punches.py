"""Attacks with the fist and the arm: straight punch, hook, uppercut, elbow, slap."""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.actions.kicks import GUARD, draw_fight, enter_guard, leave_guard
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, number
from hmu_bench.sample.timeline import Vector

Poses = list[tuple[float, dict[str, Vector]]]


def blows(stage: Stage, p: Params, poses: Poses) -> None:
    """Guard, `count` blows through the poses (seconds, changes of the guard), and back."""
    stage.wait(number(p, "pause"))
    enter_guard(stage)
    for _ in range(int(number(p, "count"))):
        for seconds, changes in poses:
            stage.then(seconds, **{**GUARD, **changes})
        stage.wait(0.08)
    leave_guard(stage)


def _draw_straight(draw: Draw) -> dict[str, Value]:
    return {
        **draw_fight(draw),
        "count": draw.integer(1, 4),
        "height": draw.pick("head", "head", "body"),
    }


def _low(p: Params) -> bool:
    return p["height"] == "body"


def _straight(stage: Stage, p: Params) -> None:
    y, sink, pitch = (-0.22, -0.14, 0.3) if _low(p) else (0.06, -0.06, 0.18)
    blows(
        stage,
        p,
        [
            (0.16, {"right_hand": (-0.15, -0.08, 0.16), "spine": (-0.2, 0.15, 0.0)}),
            (
                0.16,
                {
                    "right_hand": (-0.02, y, 0.74),
                    "right_elbow": (-0.7, -0.7, 0.0),
                    "left_hand": (0.09, 0.0, 0.2),
                    "lean": (0.25, 0.08, 0.0),
                    "spine": (0.35, pitch, 0.0),
                    "shift": (0.03, sink, 0.12),
                    "head": (-0.3, 0.0),
                },
            ),
            (0.26, {}),
        ],
    )


def _target_words(p: Params) -> dict[str, str]:
    low = _low(p)
    return {
        **words(p),
        "target": "(at the body|at belly height|low)" if low else "(at the face|at head height|)",
    }


STRAIGHT_PUNCH = Action(
    "straight_punch",
    "punch",
    _draw_straight,
    _straight,
    _target_words,
    (
        "{who} (punches|is punching) with the {side} (fist|hand) {target} {count} {speed}",
        "{who} throws (a straight punch|a cross|a straight) with the {side} (hand|fist) {target} {count} {speed}",
        "{who} boxes with the {side} (fist|hand) {target} throwing a straight {count} {speed}",
        "{who} drives the {side} fist straight forward at an opponent {count} {speed}",
        "{who} takes a fighting stance and strikes with the {side} fist {target} {count} {speed}",
    ),
    share=1.0,
)


def _jab(stage: Stage, p: Params) -> None:
    # The leading left hand strikes: `_jab_words` names the side that is seen.
    blows(
        stage,
        p,
        [
            (
                0.15,
                {
                    "left_hand": (0.03, 0.06, 0.72),
                    "left_elbow": (0.7, -0.7, 0.0),
                    "lean": (-0.45, 0.07, 0.0),
                    "spine": (-0.3, 0.15, 0.0),
                    "head": (0.6, 0.0),
                    "shift": (0.02, -0.06, 0.09),
                },
            ),
            (0.2, {}),
        ],
    )


def _jab_words(p: Params) -> dict[str, str]:
    told = words(p)
    return {**told, "side": told["other"], "other": told["side"]}


JAB = Action(
    "jab",
    "punch",
    _draw_straight,
    _jab,
    _jab_words,
    (
        "{who} (jabs|is jabbing) with the {side} (hand|fist) {count} {speed}",
        "{who} throws a {side} jab from a (boxing stance|guard) {count} {speed}",
        "{who} boxes with a leading {side} jab {count} {speed}",
        "{who} pokes the leading {side} fist into the face of an opponent {count} {speed}",
    ),
    share=0.8,
)


def _hook(stage: Stage, p: Params) -> None:
    y = -0.25 if _low(p) else 0.07
    out: Vector = (-1.0, -0.15, -0.2)
    blows(
        stage,
        p,
        [
            (
                0.22,
                {
                    "right_hand": (-0.42, y - 0.05, 0.12),
                    "right_elbow": out,
                    "spine": (-0.35, 0.14, 0.0),
                    "shift": (-0.03, -0.07, 0.0),
                },
            ),
            (
                0.18,
                {
                    "right_hand": (-0.02, y, 0.46),
                    "right_elbow": out,
                    "lean": (0.3, 0.06, 0.0),
                    "spine": (0.5, 0.16, 0.0),
                    "shift": (0.04, -0.08, 0.08),
                    "head": (-0.4, 0.0),
                },
            ),
            (0.12, {"right_hand": (0.14, y, 0.3), "right_elbow": out, "lean": (0.35, 0.06, 0.0),
                    "spine": (0.55, 0.16, 0.0), "head": (-0.4, 0.0)}),
            (0.32, {}),
        ],
    )  # fmt: skip


HOOK = Action(
    "hook",
    "punch",
    _draw_straight,
    _hook,
    _target_words,
    (
        "{who} throws a {side} hook {target} {count} {speed}",
        "{who} (swings|punches) in a wide hook with the {side} (fist|hand) {target} {count} {speed}",
        "{who} swings the {side} fist around in a wide arc at an opponent {target} {count} {speed}",
        "{who} hits {target} with a round punch of the {side} arm {count}",
    ),
    share=0.8,
)


def _uppercut(stage: Stage, p: Params) -> None:
    blows(
        stage,
        p,
        [
            (
                0.26,
                {
                    "right_hand": (-0.2, -0.36, 0.2),
                    "right_elbow": (-0.4, -0.6, -0.8),
                    "spine": (-0.3, 0.25, 0.06),
                    "shift": (-0.02, -0.16, 0.02),
                },
            ),
            (
                0.2,
                {
                    "right_hand": (-0.02, 0.22, 0.36),
                    "right_elbow": (-0.4, -1.0, 0.2),
                    "lean": (0.25, 0.0, 0.0),
                    "spine": (0.35, 0.0, -0.04),
                    "shift": (0.03, 0.0, 0.1),
                    "head": (-0.3, -0.1),
                },
            ),
            (0.36, {}),
        ],
    )


UPPERCUT = Action(
    "uppercut",
    "punch",
    draw_fight,
    _uppercut,
    words,
    (
        "{who} throws an uppercut with the {side} (fist|hand) {count} {speed}",
        "{who} punches upward with the {side} fist {count} {speed}",
        "{who} ducks and (rips|drives) the {side} fist up under the chin of an opponent {count} {speed}",
        "{who} lands a {side} uppercut {count} {speed}",
    ),
    share=0.6,
)


def _elbow(stage: Stage, p: Params) -> None:
    blows(
        stage,
        p,
        [
            (
                0.24,
                {
                    "right_hand": (-0.2, 0.0, 0.12),
                    "right_elbow": (-1.0, 0.1, -0.3),
                    "spine": (-0.4, 0.12, 0.0),
                },
            ),
            (
                0.18,
                {
                    "right_hand": (0.0, -0.02, 0.17),
                    "right_elbow": (-0.5, 0.15, 1.0),
                    "lean": (0.35, 0.08, 0.0),
                    "spine": (0.6, 0.18, 0.0),
                    "shift": (0.03, -0.06, 0.14),
                    "head": (-0.5, 0.0),
                },
            ),
            (0.36, {}),
        ],
    )


ELBOW_STRIKE = Action(
    "elbow_strike",
    "strike",
    draw_fight,
    _elbow,
    words,
    (
        "{who} strikes with the {side} elbow {count} {speed}",
        "{who} (throws|performs|does) an elbow strike with the {side} arm {count} {speed}",
        "{who} smashes the {side} elbow into (an attacker|someone) {count} {speed}",
        "{who} hits an (enemy|opponent) with the {side} elbow {count} {speed}",
    ),
    share=0.55,
)


def _slap(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    for _ in range(int(number(p, "count"))):
        stage.then(
            0.45, right_hand=(-0.62, 0.05, -0.02), right_elbow=(-0.6, -0.7, -0.4),
            spine=(-0.5, 0.03, 0.0), lean=(-0.15, 0.0, 0.0), shift=(-0.04, -0.01, 0.0),
            head=(0.4, 0.0), follow=(0.0,),
        )  # fmt: skip
        stage.then(
            0.2, right_hand=(-0.06, 0.12, 0.56), spine=(0.3, 0.08, 0.0), lean=(0.12, 0.05, 0.0),
            shift=(0.04, -0.02, 0.05), head=(-0.2, 0.0),
        )  # fmt: skip
        stage.then(0.15, right_hand=(0.3, 0.05, 0.36), spine=(0.5, 0.08, 0.0))
        stage.then(0.4, right_hand=(-0.2, -0.3, 0.25), spine=(0.1, 0.04, 0.0))
    stage.idle(0.5)


SLAP = Action(
    "slap",
    "strike",
    draw_fight,
    _slap,
    words,
    (
        "{who} slaps (someone|another person) in the face with the {side} hand {count} {speed}",
        "{who} (swings|whips) the open {side} hand across the face of (someone|an opponent) {count} {speed}",
        "{who} gives (someone|another person) a slap with the {side} palm {count} {speed}",
        "{who} hits (someone|another person) with the flat {side} hand {count} {speed}",
    ),
    share=0.6,
)

ACTIONS = (STRAIGHT_PUNCH, JAB, HOOK, UPPERCUT, ELBOW_STRIKE, SLAP)
