"""The whole body: sit, squat, jump, jumping jacks, pick up, lunge."""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.feet import LEFT, RIGHT
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.timeline import Vector

_HANDS_AHEAD: dict[str, Vector] = {
    "left_hand": (0.2, -0.02, 0.5),
    "right_hand": (-0.2, -0.02, 0.5),
}
_HANDS_BACK: dict[str, Vector] = {
    "left_hand": (0.26, -0.42, -0.24),
    "right_hand": (-0.26, -0.42, -0.24),
}
_HANDS_UP: dict[str, Vector] = {
    "left_hand": (0.24, 0.28, 0.36),
    "right_hand": (-0.24, 0.28, 0.36),
    "left_elbow": (0.8, -0.6, -0.1),
    "right_elbow": (-0.8, -0.6, -0.1),
}


def _draw_sit(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "depth": draw.uniform(0.38, 0.48),
        "hold": draw.uniform(0.6, 2.2),
        "stand": draw.pick("yes", "yes", "no"),
    }


def _sit(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    depth = number(p, "depth")
    knees: dict[str, Vector] = {"left_hand": (0.15, -0.4, 0.27), "right_hand": (-0.15, -0.4, 0.27)}
    leaning: dict[str, Vector] = {
        "lean": (0.0, 0.45, 0.0), "spine": (0.0, 0.35, 0.0), "head": (0.0, -0.2), **knees,
    }  # fmt: skip
    stage.then(0.6, shift=(0.0, -0.45 * depth, -0.2), **leaning)
    stage.then(0.45, shift=(0.0, -0.93 * depth, -0.33), **leaning)
    seated: dict[str, Vector] = {
        "shift": (0.0, -depth, -0.34), "lean": (0.0, -0.05, 0.0), "spine": (0.0, 0.08, 0.0),
        "head": (0.0, 0.0), "left_hand": (0.15, -0.4, 0.25), "right_hand": (-0.15, -0.4, 0.25),
    }  # fmt: skip
    stage.then(0.5, **seated)
    stage.wait(number(p, "hold"))
    if p["stand"] == "yes":
        stage.then(0.5, shift=(0.0, -0.93 * depth, -0.31), **leaning)
        stage.then(0.5, shift=(0.0, -0.4 * depth, -0.17), **leaning)
        stage.idle(0.6)


def _sit_words(p: Params) -> dict[str, str]:
    up = p["stand"] == "yes"
    return {
        **words(p),
        "end": "(and stands up again|and gets up again|then stands back up)"
        if up
        else "(and stays seated|and rests|and remains there)",
    }


SIT = Action(
    "sit",
    "none",
    _draw_sit,
    _sit,
    _sit_words,
    (
        "{who} {adverb} sits down (on|onto) a chair {end}",
        "{who} (takes a seat|sits down) {speed} {end}",
        "{who} lowers the body {speed} onto a (chair|seat) {end}",
        "(sitting down|someone sitting down) {speed} on a chair",
    ),
)


def _draw_squat(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "count": draw.integer(1, 4),
        "depth": draw.uniform(0.22, 0.46),
        "arms": draw.pick("front", "down"),
    }


def _squat(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    depth = number(p, "depth")
    low: dict[str, Vector] = {
        "shift": (0.0, -depth, -0.32 * depth), "lean": (0.0, 0.8 * depth, 0.0),
        "spine": (0.0, 0.7 * depth, 0.0), "head": (0.0, -0.8 * depth),
    }  # fmt: skip
    if p["arms"] == "front":
        low |= _HANDS_AHEAD
    for _ in range(int(number(p, "count"))):
        stage.then(0.75, **low)
        stage.wait(0.1)
        stage.idle(0.75)


def _squat_words(p: Params) -> dict[str, str]:
    return {
        **words(p),
        "deep": "(deep|low)" if number(p, "depth") > 0.34 else "(shallow|half)",
        "arms": "with the arms (stretched|straight) out in front" if p["arms"] == "front" else "",
    }


SQUAT = Action(
    "squat",
    "none",
    _draw_squat,
    _squat,
    _squat_words,
    (
        "{who} (squats|is squatting) {count} {speed} {arms}",
        "{who} (does|performs) a {deep} squat {count} {speed} {arms}",
        "{who} {adverb} bends the knees into a {deep} squat {count} {arms} and stands up",
        "(squatting|a person squatting) {speed} {count} {arms}",
    ),
)


def _draw_jump(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "tempo": 1.0,
        "count": draw.integer(1, 4),
        "flight": draw.uniform(0.3, 0.52),
        "distance": draw.pick(0.0, 0.0, draw.uniform(0.35, 0.8)),
    }


def leap(stage: Stage, flight: float, depth: float, landing: float, ahead: float) -> None:
    """One jump, `ahead` metres forward, with swinging arms."""
    start = stage.now
    end = stage.feet.hop(start, flight, depth, landing)
    off = end - 0.38 - 1.7 * landing / (4.905 * flight) - flight
    line = stage.line
    line.key(
        off - 0.16, lean=(0.0, 0.35, 0.0), spine=(0.0, 0.3, 0.0), head=(0.0, -0.3), **_HANDS_BACK
    )
    point = stage.go(0.0, ahead)
    for side in (LEFT, RIGHT):
        stage.feet.place(side, off, flight, point, stage.heading, lift=0.0, heel=0.0, toe=0.0)
    line.key(
        off + 0.1, lean=(0.0, 0.03, 0.0), spine=(0.0, -0.03, 0.0), head=(0.0, -0.05), **_HANDS_UP
    )
    line.key(
        off + flight + 0.1, lean=(0.0, 0.25, 0.0), spine=(0.0, 0.25, 0.0), head=(0.0, -0.15),
        **_HANDS_AHEAD,
    )  # fmt: skip
    stage.now = end - 0.05
    stage.line.key(stage.now, lean=(0.0, 0.0, 0.0), spine=(0.0, 0.03, 0.0), head=(0.0, 0.0),
                   left_hand=(0.23, -0.47, 0.1), right_hand=(-0.23, -0.47, 0.1),
                   left_elbow=(0.3, -0.45, -0.85), right_elbow=(-0.3, -0.45, -0.85))  # fmt: skip


def _jump(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    flight = number(p, "flight")
    for _ in range(int(number(p, "count"))):
        leap(stage, flight, 0.5 * flight, 0.4 * flight, number(p, "distance"))
    stage.idle(0.4)


def _jump_words(p: Params) -> dict[str, str]:
    ahead = number(p, "distance") > 0.0
    return {
        **words(p),
        "way": "(forward|ahead)" if ahead else "(up|up and down|in place|on the spot)",
        "high": "(high|with great height)" if number(p, "flight") > 0.44 else "",
    }


JUMP = Action(
    "jump",
    "none",
    _draw_jump,
    _jump,
    _jump_words,
    (
        "{who} (jumps|is jumping) {high} {way} {count}",
        "{who} (hops|leaps) {way} {count} with both feet {high}",
        "{who} bends the knees and jumps {high} {way} {count}",
        "(jumping|someone jumping) {high} {way} {count}",
    ),
    share=1.2,
)


def _draw_jacks(draw: Draw) -> dict[str, Value]:
    return {**draw_body(draw), "tempo": draw.pick(0.85, 1.0, 1.15), "count": draw.integer(2, 6)}


def _jacks(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    elbows: dict[str, Vector] = {"left_elbow": (0.3, -0.6, -0.7), "right_elbow": (-0.3, -0.6, -0.7)}
    for _ in range(int(number(p, "count"))):
        for wide in (True, False):
            half = stage.span(0.5)
            start = stage.now
            stage.feet.hop(start - 0.38, 0.2, 0.04, 0.05)
            off = start + 1.7 * 0.04 / (4.905 * 0.2)
            for side in (LEFT, RIGHT):
                stage.feet.place(
                    side, off, 0.2, stage.point, stage.heading, width=0.3 if wide else 0.1,
                    lift=0.0, heel=0.0, toe=0.0,
                )  # fmt: skip
            stage.line.key(
                start + 0.5 * half, left_hand=(0.52, -0.05, 0.03), right_hand=(-0.52, -0.05, 0.03),
                **elbows,
            )  # fmt: skip
            up = 0.1, 0.48, 0.03
            down = 0.23, -0.49, 0.05
            x, y, z = up if wide else down
            stage.now += half
            stage.line.key(stage.now, left_hand=(x, y, z), right_hand=(-x, y, z))
    stage.idle(0.4)


JUMPING_JACKS = Action(
    "jumping_jacks",
    "none",
    _draw_jacks,
    _jacks,
    words,
    (
        "{who} (does|performs) jumping jacks {count} {speed}",
        "{who} jumps with the legs apart and the arms overhead and back together {count} {speed}",
        "{who} {adverb} (exercises~VERB|warms up) with jumping jacks {count}",
        "jumping jacks {speed} {count}",
    ),
)


def _draw_pick(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "hands": draw.pick("one", "both"),
        "way": draw.pick("squat", "bend"),
        "hold": draw.uniform(0.1, 0.9),
    }


def _pick(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    both = p["hands"] == "both"
    if p["way"] == "squat":
        body: dict[str, Vector] = {
            "shift": (0.0, -0.5, -0.16), "lean": (0.0, 0.65, 0.0), "spine": (0.0, 0.6, 0.0),
            "head": (0.0, -0.1),
        }  # fmt: skip
        reach = (-0.12, -0.51, 0.12)
    else:
        body = {
            "shift": (0.0, -0.3, -0.24), "lean": (0.0, 1.1, 0.0), "spine": (0.0, 0.75, 0.0),
            "head": (0.0, -0.2),
        }  # fmt: skip
        reach = (-0.1, -0.53, 0.06)
    hands: dict[str, Vector] = {"right_hand": reach}
    lifted: dict[str, Vector] = {"right_hand": (-0.13, -0.25, 0.36)}
    if both:
        hands["left_hand"] = (-reach[0], reach[1], reach[2])
        lifted["left_hand"] = (0.13, -0.25, 0.36)
    else:
        body["spine"] = (0.25, body["spine"][1], 0.0)
    stage.then(0.95, **body, **hands)
    stage.wait(0.15 + 0.5 * number(p, "hold"))
    straight: dict[str, Vector] = {
        "shift": (0.0, 0.0, 0.0), "lean": (0.0, 0.0, 0.0), "spine": (0.0, 0.03, 0.0),
        "head": (0.0, 0.1),
    }  # fmt: skip
    stage.then(0.95, **straight, **lifted)
    stage.wait(number(p, "hold"))
    stage.idle(0.6)


def _pick_words(p: Params) -> dict[str, str]:
    both = p["hands"] == "both"
    return {
        **words(p),
        "hands": "with both hands" if both else f"with the {p['side']} hand",
        "way": "(squats down|crouches)" if p["way"] == "squat" else "(bends over|bends down)",
    }


PICK_UP = Action(
    "pick_up",
    "none",
    _draw_pick,
    _pick,
    _pick_words,
    (
        "{who} (picks up something|picks something up) from the (floor|ground) {hands} {speed}",
        "{who} {way} and (picks up|lifts) an object {hands} {speed}",
        "{who} {way} {speed} to pick up (a box|an object|something) {hands}",
        "{who} {adverb} {way} and grabs something (off|from) the floor {hands}",
    ),
    share=1.2,
)


def _draw_lunge(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "count": draw.integer(1, 3),
        "length": draw.uniform(0.55, 0.75),
    }


def _lunge(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    length = number(p, "length")
    for _ in range(int(number(p, "count"))):
        time = stage.span(0.6)
        ahead = stage.spot(0.0, length)
        stage.feet.place(RIGHT, stage.now, time, ahead, stage.heading, lift=0.1, heel=0.3)
        stage.feet.rise(LEFT, stage.now + 0.5 * time, stage.now + 3.4 * time, 0.85)
        hips: dict[str, Vector] = {
            "left_hand": (0.2, -0.42, 0.05),
            "right_hand": (-0.2, -0.42, 0.05),
        }
        stage.then(0.7, shift=(0.0, -0.1, 0.0), **hips)
        stage.then(0.5, shift=(0.0, -0.3, 0.03), spine=(0.0, 0.06, 0.0))
        stage.wait(0.15)
        stage.then(0.45, shift=(0.0, -0.08, -0.03))
        stage.feet.place(RIGHT, stage.now, time, stage.point, stage.heading, lift=0.08, heel=0.3)
        stage.idle(0.7)


LUNGE = Action(
    "lunge",
    "none",
    _draw_lunge,
    _lunge,
    words,
    (
        "{who} (does|performs) a lunge with the {side} leg {count} {speed}",
        "{who} (lunges|steps~VERB) forward with the {side} foot into a deep lunge {count} {speed}",
        "{who} {adverb} sinks into a lunge on the {side} leg {count} and comes back up",
        "lunging~VERB forward with the {side} leg {count} {speed}",
    ),
)

ACTIONS = (SIT, SQUAT, JUMP, JUMPING_JACKS, PICK_UP, LUNGE)
