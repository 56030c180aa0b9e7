"""Attacks with a weapon: overhead, diagonal and level cuts with two hands, a stab with one."""

from __future__ import annotations

from hmu_bench.sample.actions.gestures import words
from hmu_bench.sample.actions.kicks import draw_fight
from hmu_bench.sample.feet import LEFT, RIGHT
from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, number
from hmu_bench.sample.timeline import Vector

Point = tuple[float, float, float]

_ELBOWS: dict[str, Vector] = {"left_elbow": (0.6, -0.7, -0.3), "right_elbow": (-0.6, -0.7, -0.3)}


def _grip(point: Point) -> dict[str, Vector]:
    """Both hands on one hilt, the right one ahead."""
    x, y, z = point
    return {
        "right_hand": (x - 0.02, y + 0.03, z + 0.03),
        "left_hand": (x + 0.03, y - 0.04, z - 0.03),
    }


# from, middle, to; twist at the start and at the end
_CUTS: dict[str, tuple[Point, Point, Point, float, float, str]] = {
    "overhead": ((-0.02, 0.42, -0.02), (0.0, 0.25, 0.45), (0.03, -0.33, 0.38), -0.1, 0.1,
                 "(straight down|down from above the head|from overhead)"),
    "diagonal": ((-0.26, 0.36, 0.0), (-0.06, 0.05, 0.5), (0.26, -0.4, 0.26), -0.45, 0.45,
                 "(diagonally|diagonally down) to the {other}"),
    "level": ((-0.42, -0.05, 0.12), (-0.05, -0.05, 0.52), (0.38, -0.08, 0.22), -0.55, 0.55,
              "(horizontally|sideways) to the {other}"),
}  # fmt: skip


def _draw_slash(draw: Draw) -> dict[str, Value]:
    return {
        **draw_fight(draw),
        "way": draw.pick(*_CUTS),
        "weapon": draw.pick("sword", "sword", "blade", "axe"),
    }


def _slash(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    begin, middle, end, back, front, _ = _CUTS[str(p["way"])]
    ready: dict[str, Vector] = {
        **_grip((0.0, -0.24, 0.36)), **_ELBOWS, "follow": (0.0,), "shift": (0.0, -0.06, 0.0),
        "lean": (-0.1, 0.05, 0.0), "spine": (-0.1, 0.1, 0.0), "head": (0.1, 0.0),
    }  # fmt: skip
    stage.feet.place(
        LEFT, stage.now, stage.span(0.35), stage.spot(0.02, -0.25), stage.heading, toe_out=0.35
    )
    stage.then(0.6, **ready)
    for _ in range(int(number(p, "count"))):
        stage.feet.place(
            RIGHT,
            stage.now + stage.span(0.4),
            stage.span(0.34),
            stage.spot(0.0, 0.3),
            stage.heading,
        )
        stage.then(
            0.5, **_grip(begin), spine=(back, -0.02, 0.0), lean=(0.4 * back, 0.0, 0.0),
            head=(-1.2 * back, 0.0), shift=(0.0, -0.04, -0.06),
            right_elbow=(-0.9, 0.0, 0.2), left_elbow=(0.6, -0.2, 0.5),
        )  # fmt: skip
        stage.then(0.16, **_grip(middle), spine=(0.0, 0.14, 0.0), lean=(0.0, 0.08, 0.0), **_ELBOWS)
        stage.then(
            0.16, **_grip(end), spine=(front, 0.28, 0.0), lean=(0.4 * front, 0.12, 0.0),
            head=(-1.2 * front, 0.0), shift=(0.0, -0.13, 0.06),
        )  # fmt: skip
        stage.wait(0.12)
        stage.feet.place(
            RIGHT, stage.now, stage.span(0.4), stage.point, stage.heading, lift=0.05, heel=0.2
        )
        stage.then(0.5, **ready)
    stage.feet.place(LEFT, stage.now, stage.span(0.4), stage.point, stage.heading, lift=0.05)
    stage.idle(0.6)


def _slash_words(p: Params) -> dict[str, str]:
    told = words(p)
    way = _CUTS[str(p["way"])][5].replace("{other}", told["other"])
    weapon = str(p["weapon"])
    return {**told, "way": way, "weapon": f"an {weapon}" if weapon == "axe" else f"a {weapon}"}


SLASH = Action(
    "slash",
    "weapon",
    _draw_slash,
    _slash,
    _slash_words,
    (
        "{who} (slashes|cuts) {way} with {weapon} {count} {speed}",
        "{who} swings {weapon} {way} with both hands {count} {speed}",
        "{who} raises {weapon} and (strikes|attacks) {way} {count} {speed}",
        "{who} holds {weapon} in both hands and cuts an enemy down {way} {count}",
        "{who} steps~VERB forward and swings {weapon} {way} at an opponent {count} {speed}",
    ),
    share=1.0,
)


def _draw_stab(draw: Draw) -> dict[str, Value]:
    return {
        **draw_fight(draw),
        "way": draw.pick("low", "over"),
        "weapon": draw.pick("knife", "blade"),
    }


def _stab(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    over = p["way"] == "over"
    ready: dict[str, Vector] = {
        "right_hand": (-0.2, -0.25, 0.26), "left_hand": (0.2, -0.1, 0.3), "follow": (0.0,),
        "right_elbow": (-0.5, -0.5, -0.7), "left_elbow": (0.6, -0.8, 0.0),
        "shift": (0.0, -0.1, 0.0), "lean": (-0.2, 0.08, 0.0), "spine": (-0.1, 0.2, 0.0),
        "head": (0.25, -0.05),
    }  # fmt: skip
    stage.then(0.55, **ready)
    for _ in range(int(number(p, "count"))):
        stage.feet.place(
            RIGHT, stage.now + stage.span(0.22), stage.span(0.3), stage.spot(0.02, 0.34),
            stage.heading, lift=0.06,
        )  # fmt: skip
        load: Point = (-0.28, 0.36, 0.02) if over else (-0.26, -0.38, -0.12)
        hit: Point = (-0.02, -0.05, 0.52) if over else (-0.04, -0.28, 0.52)
        stage.then(
            0.34, right_hand=load, spine=(-0.4, 0.08, 0.0), shift=(0.0, -0.08, -0.06),
            right_elbow=(-0.8, 0.1, 0.3) if over else (-0.3, -0.2, -0.9),
        )  # fmt: skip
        stage.then(
            0.24, right_hand=hit, spine=(0.35, 0.35, 0.0), lean=(0.2, 0.15, 0.0),
            shift=(0.0, -0.14, 0.14), head=(-0.4, -0.1), right_elbow=(-0.6, -0.4, -0.4),
            left_hand=(0.3, -0.25, 0.05),
        )  # fmt: skip
        stage.wait(0.1)
        stage.feet.place(
            RIGHT, stage.now, stage.span(0.38), stage.point, stage.heading, lift=0.05, heel=0.2
        )
        stage.then(0.45, **ready)
    stage.idle(0.6)


def _stab_words(p: Params) -> dict[str, str]:
    over = p["way"] == "over"
    return {
        **words(p),
        "way": "(downward|from above)" if over else "(low|from below)",
        "weapon": f"a {p['weapon']}",
    }


STAB = Action(
    "stab",
    "weapon",
    _draw_stab,
    _stab,
    _stab_words,
    (
        "{who} stabs {way} with {weapon} in the {side} hand {count} {speed}",
        "{who} (thrusts|drives) {weapon} {way} into (someone|a victim|an opponent) with the {side} hand {count} {speed}",
        "{who} lunges and stabs {way} {count} {speed} with the {side} arm",
        "{who} holds {weapon} in the {side} hand and attacks~VERB {way} {count}",
    ),
    share=0.7,
)

ACTIONS = (SLASH, STAB)
