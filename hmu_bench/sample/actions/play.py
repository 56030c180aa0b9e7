"""Games and music: throw, kick a ball, tennis, drum, conduct, sway. All safe, some tell otherwise.

Their captions hold words like "kick", "hits" and "beat" where nobody is attacked.
"""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.feet import LEFT, RIGHT, SIDEWAYS
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.timeline import IDLE, Vector


def _draw_throw(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "tempo": draw.pick(0.85, 1.0, 1.15),
        "side": draw.pick("left", "right"),
        "way": draw.pick("over", "under"),
        "count": draw.integer(1, 2),
    }


def _step_back(stage: Stage) -> None:
    """The left foot comes back beside the right one."""
    stage.feet.place(LEFT, stage.now + 0.1, stage.span(0.5), stage.point, stage.heading, lift=0.05)


def _throw(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    over = p["way"] == "over"
    for _ in range(int(number(p, "count"))):
        ahead = stage.spot(0.0, 0.4)
        stage.feet.place(LEFT, stage.now + stage.span(0.35), stage.span(0.4), ahead, stage.heading)
        if over:
            stage.then(0.4, right_hand=(-0.3, -0.2, 0.2), left_hand=(0.2, -0.2, 0.3))
            stage.then(
                0.4, right_hand=(-0.5, 0.2, -0.2), right_elbow=(-0.9, -0.2, -0.5),
                left_hand=(0.15, -0.05, 0.45), spine=(-0.5, -0.05, 0.05),
                lean=(-0.3, -0.05, 0.0), head=(0.5, 0.0), shift=(-0.02, -0.03, -0.1), follow=(0.3,),
            )  # fmt: skip
            stage.then(
                0.22, right_hand=(-0.2, 0.3, 0.42), spine=(0.3, 0.15, 0.0), lean=(0.2, 0.1, 0.0),
                head=(-0.3, 0.0), shift=(0.02, -0.04, 0.08), left_hand=(0.25, -0.3, 0.1),
            )  # fmt: skip
            stage.then(
                0.25, right_hand=(0.15, -0.35, 0.35), right_elbow=(-0.5, -0.3, -0.7),
                spine=(0.5, 0.35, 0.0), shift=(0.02, -0.06, 0.1),
            )  # fmt: skip
        else:
            stage.then(
                0.65, right_hand=(-0.3, -0.33, -0.36), spine=(-0.3, 0.2, 0.0), lean=(-0.1, 0.1, 0.0),
                shift=(-0.02, -0.06, -0.06), head=(0.2, 0.0), follow=(0.2,),
            )  # fmt: skip
            stage.then(0.24, right_hand=(-0.2, -0.48, 0.1), shift=(0.02, -0.1, 0.03))
            stage.then(
                0.24, right_hand=(-0.14, 0.0, 0.52), spine=(0.25, 0.12, 0.0), lean=(0.1, 0.08, 0.0),
                head=(-0.2, 0.0), shift=(0.02, -0.05, 0.1),
            )  # fmt: skip
            stage.wait(0.1)
        _step_back(stage)
        stage.idle(0.7)


def _throw_words(p: Params) -> dict[str, str]:
    return {**words(p), "way": "overhand" if p["way"] == "over" else "underhand"}


THROW = Action(
    "throw",
    "none",
    _draw_throw,
    _throw,
    _throw_words,
    (
        "{who} (throws|tosses) a ball {way} with the {side} hand {count} {speed}",
        "{who} {adverb} (throws|pitches) something {way} with the {side} arm {count}",
        "{who} steps~VERB forward and throws a ball with an {way} swing~NOUN of the {side} arm {count}",
        "an {way} throw of a ball with the {side} hand {speed}",
    ),
    share=1.2,
)


def _draw_ball(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "tempo": draw.pick(0.85, 1.0, 1.15),
        "side": draw.pick("left", "right"),
        "count": draw.integer(1, 3),
        "high": draw.uniform(0.25, 0.5),
    }


def _kick_ball(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    high = number(p, "high")
    arms: dict[str, Vector] = {
        "left_hand": (0.48, -0.25, 0.25), "right_hand": (-0.38, -0.38, -0.1), "follow": (0.2,),
    }  # fmt: skip
    for _ in range(int(number(p, "count"))):
        ahead = stage.go(0.0, 0.35)
        stage.feet.place(LEFT, stage.now, stage.span(0.4), ahead, stage.heading, lift=0.06)
        stage.now += stage.span(0.3)
        start, span = stage.now, stage.span
        stage.feet.kick(
            RIGHT,
            [
                (start, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
                (start + span(0.3), (-0.03, 0.3, -0.22), 0.5, SIDEWAYS),
                (start + span(0.48), (0.06, 0.115, 0.42), 0.5, SIDEWAYS),
                (start + span(0.64), (0.14, high, 0.95), 0.5, SIDEWAYS),
                (start + span(0.9), (0.05, 0.16, 0.55), 1.0, SIDEWAYS),
                (start + span(1.12), (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
            ],
        )
        # the kicking foot lands where the body goes
        stage.feet.place(RIGHT, start + span(0.3), span(0.8), ahead, stage.heading, lift=0.0,
                         heel=0.0, toe=0.0)  # fmt: skip
        stage.line.key(
            start + span(0.28), spine=(0.2, 0.02, 0.0), lean=(-0.25, 0.06, 0.0),
            shift=(0.05, -0.05, 0.0), head=(0.0, 0.3), **arms,
        )  # fmt: skip
        stage.line.key(
            start + span(0.6), spine=(-0.35, 0.18, 0.0), lean=(0.3, -0.15, 0.0), head=(0.0, 0.15),
            shift=(0.07, -0.02, 0.03), left_hand=(0.3, -0.2, 0.4), right_hand=(-0.45, -0.35, -0.2),
        )  # fmt: skip
        stage.line.key(start + span(1.15), **IDLE)
        stage.now = start + span(1.2)
    stage.wait(0.1)


def _ball_words(p: Params) -> dict[str, str]:
    return {**words(p), "low": "low" if number(p, "high") < 0.36 else "high"}


KICK_BALL = Action(
    "kick_ball",
    "none",
    _draw_ball,
    _kick_ball,
    _ball_words,
    (
        "{who} kicks a (ball|soccer ball) with the {side} (foot|leg) {count} {speed}",
        "{who} (passes~VERB|shoots) a ball {low} with the {side} foot {count} {speed}",
        "{who} steps~VERB up and (kicks|shoots) a soccer ball at the goal with the {side} (foot|leg) {count}",
        "{who} plays soccer and sends~VERB the ball away with the {side} foot {count} {speed}",
    ),
    share=1.2,
)


def _draw_tennis(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "tempo": draw.pick(0.85, 1.0, 1.15),
        "side": draw.pick("left", "right"),
        "way": draw.pick("forehand", "backhand"),
        "count": draw.integer(1, 3),
    }


def _tennis(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    sign = 1.0 if p["way"] == "forehand" else -1.0
    ready: dict[str, Vector] = {
        "right_hand": (-0.12, -0.25, 0.36), "left_hand": (0.08, -0.22, 0.36), "follow": (0.0,),
        "shift": (0.0, -0.08, 0.0), "lean": (0.0, 0.1, 0.0), "spine": (0.0, 0.15, 0.0),
        "head": (0.0, 0.0),
    }  # fmt: skip
    stage.feet.place(LEFT, stage.now, stage.span(0.35), stage.point, stage.heading, width=0.17)
    stage.feet.place(
        RIGHT,
        stage.now + stage.span(0.35),
        stage.span(0.35),
        stage.point,
        stage.heading,
        width=0.17,
    )
    stage.then(0.75, **ready)
    for _ in range(int(number(p, "count"))):
        back = (-0.62, -0.18, -0.15) if sign > 0 else (0.36, -0.15, 0.02)
        middle = (-0.42, -0.18, 0.42) if sign > 0 else (-0.1, -0.15, 0.5)
        through = (0.22, 0.12, 0.3) if sign > 0 else (-0.65, 0.12, 0.1)
        stage.then(
            0.45, right_hand=back, spine=(-0.5 * sign, 0.12, 0.0), lean=(-0.3 * sign, 0.1, 0.0),
            head=(0.4 * sign, 0.0), shift=(-0.06 * sign, -0.1, 0.0), left_hand=(0.2, -0.2, 0.3),
        )  # fmt: skip
        stage.then(0.2, right_hand=middle, spine=(0.0, 0.14, 0.0), shift=(0.0, -0.09, 0.05))
        stage.then(
            0.22, right_hand=through, spine=(0.45 * sign, 0.1, 0.0), lean=(0.25 * sign, 0.06, 0.0),
            head=(-0.3 * sign, 0.0), shift=(0.06 * sign, -0.06, 0.05),
            left_hand=(0.3, -0.35, 0.12),
        )  # fmt: skip
        stage.then(0.45, **ready)
    stage.idle(0.5)


def _tennis_words(p: Params) -> dict[str, str]:
    return {**words(p), "way": str(p["way"])}


TENNIS = Action(
    "tennis",
    "none",
    _draw_tennis,
    _tennis,
    _tennis_words,
    (
        "{who} hits a tennis ball with a {way} of the {side} (arm|hand) {count} {speed}",
        "{who} (plays tennis|swings a racket) with the {side} (hand|arm) {way} {count} {speed}",
        "{who} returns a ball with a {side} {way} swing~NOUN {count} {speed}",
        "a tennis {way} with the {side} hand {count} {speed}",
    ),
)


def _draw_drum(draw: Draw) -> dict[str, Value]:
    return {**draw_body(draw), "count": draw.integer(4, 12), "lift": draw.uniform(0.1, 0.22)}


def _drum(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    lift = number(p, "lift")
    low, high = -0.36, -0.36 + lift
    elbows: dict[str, Vector] = {"left_elbow": (0.7, -0.5, -0.5), "right_elbow": (-0.7, -0.5, -0.5)}
    stage.then(
        0.6, left_hand=(0.16, high, 0.3), right_hand=(-0.16, high, 0.3), head=(0.0, 0.2),
        spine=(0.0, 0.14, 0.0), **elbows,
    )  # fmt: skip
    for index in range(int(number(p, "count"))):
        name, x = ("right_hand", -0.13) if index % 2 == 0 else ("left_hand", 0.13)
        stage.then(0.15, **{name: (x, low, 0.36)}, shift=(-0.08 * x, -0.01, 0.0))
        stage.then(0.15, **{name: (1.2 * x, high, 0.3)}, shift=(0.0, 0.0, 0.0))
    stage.idle(0.6)


DRUM = Action(
    "drum",
    "none",
    _draw_drum,
    _drum,
    words,
    (
        "{who} (hits|beats|plays) a drum with both hands {speed}",
        "{who} {adverb} (drums|plays the drums~NOUN) moving the hands up and down one after the other",
        "{who} beats the air {speed} to a rhythm like a drummer",
        "{who} {adverb} taps on a drum with the left and the right hand",
    ),
)


def _draw_sway(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "count": draw.integer(2, 5),
        "wide": draw.uniform(0.06, 0.13),
        "arms": draw.pick("up", "swing", "hips"),
    }


def _sway(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    wide, arms = number(p, "wide"), str(p["arms"])
    stage.feet.place(LEFT, stage.now, stage.span(0.35), stage.point, stage.heading, width=0.17)
    stage.feet.place(
        RIGHT, stage.now + stage.span(0.3), stage.span(0.35), stage.point, stage.heading, width=0.17
    )
    stage.then(0.65, shift=(0.0, -0.06, 0.0))
    for index in range(2 * int(number(p, "count"))):
        way = 1.0 if index % 2 == 0 else -1.0
        out: Vector = {"up": (0.9, -0.2, 0.2), "hips": (1.0, -0.1, -0.4)}.get(
            arms, (0.3, -0.5, -0.8)
        )
        left: Vector = (0.3 + 0.1 * way, 0.4, 0.1)
        right: Vector = (-0.3 + 0.1 * way, 0.4, 0.1)
        if arms == "swing":
            left = (0.25 + 0.15 * way, -0.38 + 0.12 * way, 0.22)
            right = (-0.25 + 0.15 * way, -0.38 - 0.12 * way, 0.22)
        elif arms == "hips":
            left, right = (0.2, -0.42, 0.06), (-0.2, -0.42, 0.06)
        stage.then(
            0.5, shift=(wide * way, -0.07, 0.0), lean=(0.12 * way, 0.02, 0.1 * way),
            spine=(-0.1 * way, 0.03, -0.22 * way), head=(0.0, 0.05), left_hand=left,
            right_hand=right, left_elbow=out, right_elbow=(-out[0], *out[1:]),
        )  # fmt: skip
    for side in (LEFT, RIGHT):
        wait = 0.0 if side == LEFT else stage.span(0.3)
        stage.feet.place(side, stage.now + wait, stage.span(0.3), stage.point, stage.heading)
    stage.idle(0.7)


def _sway_words(p: Params) -> dict[str, str]:
    arms = {
        "up": "(with the arms up in the air|with raised arms)",
        "swing": "(swinging the arms|with swinging arms)",
        "hips": "(with the hands on the hips|hands on hips)",
    }
    return {**words(p), "arms": arms[str(p["arms"])]}


SWAY = Action(
    "sway",
    "none",
    _draw_sway,
    _sway,
    _sway_words,
    (
        "{who} (dances|is dancing) from side to side {arms} {speed}",
        "{who} sways {speed} from left to right {arms}",
        "{who} {adverb} (dances|moves) to the (beat|rhythm) of the music {arms}",
        "{who} rocks the hips from side to side {arms} {speed}",
    ),
    share=1.2,
)

ACTIONS = (THROW, KICK_BALL, TENNIS, DRUM, SWAY)
