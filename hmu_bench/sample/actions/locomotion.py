"""Going somewhere: walk, walk backwards, run."""

from __future__ import annotations

import numpy as np

from hmu_bench.sample.feet import RIGHT, STANCE
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.words import adverb_words, speed_words, steps_words

STYLES = ("plain", "hunched", "proud", "sneaking", "tired")


def _hanging(ahead: float) -> float:
    """Height of the hand of an arm that swings like a pendulum, relative to the shoulder."""
    return -float(np.sqrt(0.525**2 - ahead**2)) + 0.06 * max(ahead, 0.0)


def gait(
    stage: Stage,
    steps: int,
    length: float,
    pace: float,
    *,
    curve: float = 0.0,
    run: bool = False,
    swing: float = 0.2,
    pitch: float = 0.03,
    low: float = 0.0,
    lift: float = 0.07,
    first: int = RIGHT,
    width: float = 0.075,
) -> None:
    """`steps` alternating steps along a path from standing to standing.

    Args:
        stage: where it happens.
        steps: number of steps before the feet come together.
        length: metres a step, negative backwards.
        pace: seconds a step at tempo 1.
        curve: turn to the left in radians a step.
        run: with flight phases and bent elbows.
        swing: how far the hands swing, in metres.
        pitch: forward bend of the trunk in radians.
        low: how far the pelvis is lowered, in metres.
        lift: height of the swinging foot.
        first: the foot that begins.
        width: half the width of the track.
    """
    pace = stage.span(pace)
    duration = pace * (1.42 if run else 0.78)
    begin = stage.now + max(0.0, duration - pace) + 0.12
    heel = (1.15 if run else 0.5) if length > 0 else 0.15
    toe = (0.05 if run else 0.22) if length > 0 else -0.1
    for index in range(steps + 1):
        side = first if index % 2 == 0 else 1 - first
        last = index == steps
        # a run speeds up and slows down; a walk begins and ends with a short step
        ramp = min(1.0, (index + 1) / 2, (steps - index + 0.5) / 2) if run else 1.0
        if not last:
            stage.heading += curve
            ahead = length * ramp * (0.75 if index == 0 else 1.0)
            stage.point = (
                stage.point[0] + ahead * float(np.sin(stage.heading)),
                stage.point[1] + ahead * float(np.cos(stage.heading)),
            )
        landing = begin + (index + 1) * pace
        stage.feet.place(
            side, landing - duration, duration, stage.point, stage.heading,
            width=STANCE if last else width, lift=lift * ramp, heel=heel * ramp,
            toe=0.0 if last else toe,
        )  # fmt: skip
        stage.now = landing
        if last:
            break
        front = 1.0 if side == RIGHT else -1.0
        reach = swing * front * ramp * float(np.sign(length))
        if run:
            hands = {
                "left_hand": (0.17, -0.27 + 0.5 * abs(reach) * (reach > 0), 0.12 + reach),
                "right_hand": (-0.17, -0.27 + 0.5 * abs(reach) * (reach < 0), 0.12 - reach),
            }
        else:
            hands = {
                "left_hand": (0.22, _hanging(0.05 + reach), 0.05 + reach),
                "right_hand": (-0.22, _hanging(0.05 - reach), 0.05 - reach),
            }
        turn = 0.35 * reach
        stage.line.key(
            stage.now,
            shift=(0.0, -low - (0.05 if run else 0.012), 0.02),
            lean=(1.2 * turn, 0.04 + 0.3 * pitch, 0.0),
            spine=(-2.2 * turn, pitch, 0.0),
            follow=(0.0,),
            **hands,
        )
    stage.now += 0.1
    stage.idle(0.35)


def _draw_walk(draw: Draw) -> dict[str, Value]:
    style = draw.pick("plain", "plain", "plain", *STYLES[1:])
    bend = draw.pick(0.0, 0.0, draw.uniform(0.12, 0.28), draw.uniform(-0.28, -0.12))
    return {
        **draw_body(draw),
        "tempo": draw.pick(draw.uniform(0.72, 0.82), 1.0, draw.uniform(1.15, 1.22)),
        "steps": draw.integer(4, 9),
        "length": draw.uniform(0.5, 0.68),
        "curve": bend,
        "style": style,
        "first": draw.integer(0, 1),
    }


# style -> (swing of the hands, bend of the trunk, how low, height of the feet, seconds a step)
_WALK_STYLE = {
    "plain": (0.2, 0.03, 0.0, 0.07, 0.58),
    "hunched": (0.12, 0.42, 0.03, 0.07, 0.58),
    "proud": (0.3, -0.06, 0.0, 0.07, 0.58),
    "sneaking": (0.08, 0.3, 0.14, 0.14, 0.74),
    "tired": (0.06, 0.2, 0.0, 0.04, 0.74),
}


def _walk(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    swing, pitch, low, lift, pace = _WALK_STYLE[str(p["style"])]
    gait(
        stage, int(number(p, "steps")), number(p, "length"), pace, curve=number(p, "curve"),
        first=int(number(p, "first")), swing=swing, pitch=pitch, low=low, lift=lift,
    )  # fmt: skip


def _curve_words(p: Params) -> str:
    curve = number(p, "curve") * (-1.0 if p.get("side") == "left" else 1.0)
    steps = number(p, "steps")
    if curve == 0.0:
        return "(straight ahead|forward|in a straight line)"
    way = "left" if curve > 0 else "right"
    if abs(curve) * steps > 1.6:
        clock = "counterclockwise" if curve > 0 else "clockwise"
        return f"(in a wide arc to the {way}|in a {clock} circle|around in a curve to the {way})"
    return f"(in a slight curve to the {way}|forward and drifts to the {way})"


_STYLE_WORDS = {
    "plain": "",
    "hunched": "(hunched over|with a bent back|stooping like an old man)",
    "proud": "(with the chest out|proudly with swinging arms|upright and proud)",
    "sneaking": "(sneaking on bent knees|stealthily with bent knees|crouching like a thief)",
    "tired": "(as if tired|wearily|with hanging shoulders)",
}


def _walk_words(p: Params) -> dict[str, str]:
    return {
        "way": _curve_words(p),
        "style": _STYLE_WORDS[str(p["style"])],
        **travel_words(p),
    }


WALK = Action(
    "walk",
    "none",
    _draw_walk,
    _walk,
    _walk_words,
    (
        "{who} (walks|is walking) {speed} {way} {style}",
        "{who} (takes|makes) {steps} {way} {style} [{speed}]",
        "(walking|a person walking) {speed} {way} {style}",
        "{who} {adverb} walks {way} {style} and (stops|stands still)",
        "{who} (goes|strolls|paces) {way} {style} {speed}",
    ),
    share=1.6,
)


def _draw_back(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "steps": draw.integer(3, 7),
        "length": draw.uniform(-0.5, -0.3),
        "first": draw.integer(0, 1),
    }


def _back(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    gait(
        stage, int(number(p, "steps")), number(p, "length"), 0.62, swing=0.1, pitch=0.08,
        first=int(number(p, "first")),
    )  # fmt: skip


def travel_words(p: Params) -> dict[str, str]:
    """Slots of all locomotion: speed, adverb, steps."""
    return {
        "speed": speed_words(p),
        "adverb": adverb_words(p),
        "steps": steps_words(int(number(p, "steps", 2))),
    }


WALK_BACKWARD = Action(
    "walk_backward",
    "none",
    _draw_back,
    _back,
    travel_words,
    (
        "{who} (walks|is walking) (backward|backwards) {speed}",
        "{who} (takes|makes) {steps} (backward|back) {speed}",
        "{who} {adverb} (backs up|backs away|steps backwards)",
        "{who} {adverb} walks in reverse for {steps}",
    ),
)


def _draw_run(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "tempo": draw.pick(0.85, 1.0, 1.2),
        "steps": draw.integer(7, 14),
        "length": draw.uniform(0.75, 1.15),
        "curve": draw.pick(0.0, 0.0, draw.uniform(0.1, 0.2), draw.uniform(-0.2, -0.1)),
        "first": draw.integer(0, 1),
    }


def _run(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    gait(
        stage, int(number(p, "steps")), number(p, "length"), 0.34, curve=number(p, "curve"),
        run=True, swing=0.24, pitch=0.18, lift=0.2, width=0.06, first=int(number(p, "first")),
    )  # fmt: skip


def _run_words(p: Params) -> dict[str, str]:
    tempo = number(p, "tempo", 1.0)
    runs = "(jogs|trots)" if tempo < 0.9 else "(sprints|dashes)" if tempo > 1.1 else "(jogs|runs)"
    return {**travel_words(p), "way": _curve_words(p), "runs": runs}


RUN = Action(
    "run",
    "none",
    _draw_run,
    _run,
    _run_words,
    (
        "{who} (runs|is running) {speed} {way}",
        "{who} {runs} {way} [{speed}]",
        "{who} {adverb} runs {way} and (comes to a stop|stops)",
        "(a man|a woman|someone) running {speed} {way}",
    ),
    share=1.2,
)


ACTIONS = (WALK, WALK_BACKWARD, RUN)
