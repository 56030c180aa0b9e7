"""Attacks with the leg: front, roundhouse, side and low kick, knee strike."""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.feet import LEFT, RIGHT, SIDEWAYS, Key
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.timeline import Vector

GUARD: dict[str, Vector] = {
    "shift": (0.0, -0.05, 0.02),
    "lean": (-0.35, 0.05, 0.0),
    "spine": (-0.1, 0.16, 0.0),
    "head": (0.35, -0.05),
    "left_hand": (0.10, -0.03, 0.34),
    "right_hand": (-0.12, -0.05, 0.22),
    "left_elbow": (0.35, -1.0, -0.1),
    "right_elbow": (-0.35, -1.0, -0.1),
    "follow": (0.0,),
}


def enter_guard(stage: Stage, back: float = 0.28, seconds: float = 0.5) -> None:
    """Step back with the right foot and lift the fists."""
    time = stage.span(seconds)
    stage.feet.place(
        RIGHT, stage.now, 0.7 * time, stage.spot(-0.03, -back), stage.heading, lift=0.05, heel=0.2,
        toe=0.0, toe_out=0.4,
    )  # fmt: skip
    stage.then(seconds, **GUARD)


def leave_guard(stage: Stage, seconds: float = 0.6) -> None:
    """Bring the right foot forward again and lower the arms."""
    stage.feet.place(
        RIGHT, stage.now + 0.1, stage.span(0.7 * seconds), stage.point, stage.heading, lift=0.05,
        heel=0.3, toe=0.0,
    )  # fmt: skip
    stage.idle(seconds)


def draw_fight(draw: Draw) -> dict[str, Value]:
    """Parameters of all attacks: body, side, count, and whether the guard is there already."""
    return {
        **draw_body(draw),
        "tempo": draw.pick(0.8, 1.0, 1.0, 1.15),
        "side": draw.pick("left", "right"),
        "count": draw.pick(1, 1, 2, 3),
        "trim": draw.pick(0.0, 0.0, 0.7),
    }


# Axes of the knee: a roundhouse folds to the front and extends to the side, a side kick to the right.
_FOLD_HINGE, _FLAT_HINGE, _SIDE_HINGE = (1.0, 0.25, -0.1), (0.5, 0.85, 0.0), (0.7, 0.3, -0.65)


def kick(
    stage: Stage, keys: list[Key], poses: list[tuple[float, dict[str, Vector]]], total: float
) -> None:
    """One kick of the right foot: its ankle through `keys`, the body through `poses`."""
    start = stage.now
    stage.feet.kick(RIGHT, [(start + stage.span(key[0]), *key[1:]) for key in keys])
    for time, pose in poses:
        stage.line.key(start + stage.span(time), **pose)
    stage.now = start + stage.span(total)


def _draw_front(draw: Draw) -> dict[str, Value]:
    return {**draw_fight(draw), "height": draw.uniform(0.75, 1.2)}


def _front(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    enter_guard(stage)
    high = number(p, "height")
    over: dict[str, Vector] = {
        **GUARD, "shift": (0.08, -0.01, 0.06), "lean": (0.05, -0.12, 0.0),
        "spine": (-0.05, 0.12, 0.0),
    }  # fmt: skip
    out: dict[str, Vector] = {
        **GUARD, "shift": (0.09, 0.0, 0.1), "lean": (0.25, -0.3, 0.0), "spine": (-0.1, 0.1, 0.0),
        "right_hand": (-0.3, -0.25, 0.05), "left_hand": (0.14, -0.02, 0.3),
    }  # fmt: skip
    for _ in range(int(number(p, "count"))):
        kick(
            stage,
            [
                (0.05, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
                (0.36, (0.05, 0.45, 0.35), 1.0, SIDEWAYS),
                (0.58, (0.1, high, 1.08), 1.2, SIDEWAYS),
                (0.8, (0.06, 0.45, 0.45), 1.0, SIDEWAYS),
                (1.15, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
            ],
            [(0.34, over), (0.58, out), (0.82, over), (1.16, GUARD)],
            1.22,
        )
    leave_guard(stage)


def _height_words(p: Params) -> dict[str, str]:
    high = number(p, "height")
    place = "(at head height|high)" if high > 1.05 else "(at belly height|at waist height)"
    return {**words(p), "place": place}


FRONT_KICK = Action(
    "front_kick",
    "kick",
    _draw_front,
    _front,
    _height_words,
    (
        "{who} (kicks|is kicking) (forward|straight ahead) with the {side} (leg|foot) {place} {count} {speed}",
        "{who} (does|performs|throws) a front kick with the {side} leg {count} {place} {speed}",
        "{who} lifts the {side} knee and kicks out {place} {count} {speed}",
        "{who} drives the {side} (foot|heel) straight into (an opponent|an attacker) {place} {count} {speed}",
        "{who} steps back into a (fighting stance|guard) and snaps the {side} foot forward {place} {count}",
    ),
    share=1.0,
)


def _round(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    enter_guard(stage)
    high = number(p, "height")
    load: dict[str, Vector] = {
        **GUARD, "shift": (0.09, 0.0, 0.06), "lean": (0.2, 0.0, -0.1), "spine": (-0.1, 0.1, -0.1),
        "head": (0.0, 0.0),
    }  # fmt: skip
    out: dict[str, Vector] = {
        **GUARD, "shift": (0.1, 0.0, 0.08), "lean": (1.0, -0.1, -0.45),
        "spine": (-0.3, 0.05, -0.15), "head": (-0.4, 0.0),
        "right_hand": (-0.42, -0.35, -0.05), "left_hand": (0.1, 0.0, 0.25),
    }  # fmt: skip
    for _ in range(int(number(p, "count"))):
        start = stage.now
        for at, yaw in ((0.2, 0.75), (0.85, 0.13)):
            x, z, _ = stage.feet.at[LEFT]
            stage.feet.step(
                LEFT, start + stage.span(at), stage.span(0.3), x, z, stage.heading + yaw,
                lift=0.0, heel=0.0, toe=0.0,
            )  # fmt: skip
        kick(
            stage,
            [
                (0.05, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
                (0.4, (-0.32, 0.5, 0.3), 0.6, _FOLD_HINGE),
                (0.64, (0.22, high, 0.98), 0.35, _FLAT_HINGE),
                (0.78, (0.32, high - 0.1, 0.85), 0.45, _FLAT_HINGE),
                (1.0, (0.0, 0.45, 0.3), 0.9, _FOLD_HINGE),
                (1.3, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
            ],
            [(0.38, load), (0.64, out), (0.8, out), (1.02, load), (1.34, GUARD)],
            1.4,
        )
    leave_guard(stage)


ROUNDHOUSE_KICK = Action(
    "roundhouse_kick",
    "kick",
    _draw_front,
    _round,
    _height_words,
    (
        "{who} (throws|does|performs) a roundhouse kick with the {side} leg {place} {count} {speed}",
        "{who} kicks in a (circle|curve) with the {side} (leg|foot) {place} {count} {speed}",
        "{who} swings the {side} leg around and kicks {place} {count} {speed}",
        "{who} turns the hips and whips the {side} shin into (an opponent|an enemy) from the side {place} {count}",
    ),
    share=0.8,
)


def _side_kick(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    enter_guard(stage, back=0.1)
    high = number(p, "height")
    load: dict[str, Vector] = {
        **GUARD, "shift": (0.1, 0.0, 0.0), "lean": (0.0, 0.0, -0.15), "spine": (-0.1, 0.1, -0.05),
        "head": (-0.5, 0.0),
    }  # fmt: skip
    out: dict[str, Vector] = {
        **GUARD, "shift": (0.13, 0.0, 0.0), "lean": (0.25, 0.0, -0.6), "spine": (-0.2, 0.0, 0.05),
        "head": (-0.9, 0.0), "right_hand": (-0.3, -0.25, 0.08), "left_hand": (0.16, -0.08, 0.26),
    }  # fmt: skip
    for _ in range(int(number(p, "count"))):
        kick(
            stage,
            [
                (0.05, (0.0, 0.0, 0.0), 1.5, _SIDE_HINGE),
                (0.38, (0.02, 0.5, 0.12), 1.3, _SIDE_HINGE),
                (0.63, (-0.78, high - 0.1, 0.1), 1.5, _SIDE_HINGE),
                (0.76, (-0.73, high - 0.12, 0.1), 1.5, _SIDE_HINGE),
                (1.0, (-0.05, 0.45, 0.12), 1.3, _SIDE_HINGE),
                (1.32, (0.0, 0.0, 0.0), 1.5, _SIDE_HINGE),
            ],
            [(0.36, load), (0.63, out), (0.78, out), (1.02, load), (1.35, GUARD)],
            1.42,
        )
    leave_guard(stage)


SIDE_KICK = Action(
    "side_kick",
    "kick",
    _draw_front,
    _side_kick,
    _height_words,
    (
        "{who} (kicks|is kicking) sideways with the {side} (leg|foot) {place} {count} {speed}",
        "{who} (does|throws|performs) a side kick to the {side} {place} {count} {speed}",
        "{who} thrusts the {side} heel out to the side (at an attacker|at someone) {place} {count} {speed}",
        "{who} lifts the {side} knee and kicks out to the {side} {place} {count}",
    ),
    share=0.7,
)


def _knee(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    enter_guard(stage)
    reach: dict[str, Vector] = {
        **GUARD, "left_hand": (0.1, 0.02, 0.46), "right_hand": (-0.1, 0.02, 0.46),
        "spine": (-0.1, 0.05, 0.0),
    }  # fmt: skip
    hit: dict[str, Vector] = {
        **GUARD, "left_hand": (0.12, -0.3, 0.2), "right_hand": (-0.12, -0.3, 0.2),
        "shift": (0.08, 0.02, 0.12), "lean": (0.15, -0.28, 0.0), "spine": (0.0, 0.3, 0.0),
    }  # fmt: skip
    for _ in range(int(number(p, "count"))):
        stage.then(0.35, **reach)
        kick(
            stage,
            [
                (0.02, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
                (0.3, (0.07, 0.62, 0.55), 0.7, SIDEWAYS),
                (0.7, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
            ],
            [(0.28, hit), (0.7, GUARD)],
            0.8,
        )
    leave_guard(stage)


KNEE_STRIKE = Action(
    "knee_strike",
    "strike",
    draw_fight,
    _knee,
    words,
    (
        "{who} (grabs an opponent|pulls someone down) and drives the {side} knee up {count} {speed}",
        "{who} (throws|does|performs) a knee strike with the {side} leg {count} {speed}",
        "{who} rams the {side} knee into the (belly|stomach) of (an enemy|an opponent) {count} {speed}",
        "{who} hits (someone|an attacker) with the {side} knee {count} {speed}",
    ),
    share=0.55,
)

ACTIONS = (FRONT_KICK, ROUNDHOUSE_KICK, SIDE_KICK, KNEE_STRIKE)
