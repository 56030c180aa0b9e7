"""Hands and arms, standing: wave, raise, stretch, clap, point, drink, salute, bow."""

from __future__ import annotations

from hmu_bench.sample.stage import Action, Draw, Params, Stage, Value, draw_body, number
from hmu_bench.sample.words import adverb_words, count_words, side_words, speed_words


def words(p: Params) -> dict[str, str]:
    """The slots that most actions in place have: speed, side, other, count."""
    out = {"speed": speed_words(p), "adverb": adverb_words(p)}
    if "side" in p:
        out |= side_words(p)
    if "count" in p:
        out["count"] = count_words(int(number(p, "count")))
    return out


def _draw_wave(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "count": draw.integer(2, 5),
        "high": draw.uniform(0.05, 0.4),
        "wide": draw.uniform(0.09, 0.17),
    }


def _wave(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    high, wide = number(p, "high"), number(p, "wide")
    middle = -0.36
    elbow = (-0.75, -0.65, -0.1)
    stage.then(
        0.65, right_hand=(middle - wide, high, 0.12), right_elbow=elbow,
        spine=(0.0, 0.02, -0.04), head=(-0.1, 0.0), shift=(0.02, 0.0, 0.0),
    )  # fmt: skip
    for _ in range(int(number(p, "count"))):
        stage.then(0.26, right_hand=(middle + wide, high, 0.16))
        stage.then(0.26, right_hand=(middle - wide, high, 0.12))
    stage.idle(0.7)


def _wave_words(p: Params) -> dict[str, str]:
    place = "(above the head|high in the air)" if number(p, "high") > 0.25 else ""
    return {**words(p), "place": place}


WAVE = Action(
    "wave",
    "none",
    _draw_wave,
    _wave,
    _wave_words,
    (
        "{who} (waves|is waving) {speed} with (the|their) {side} hand {place}",
        "{who} (raises|lifts) the {side} (hand|arm) {place} and waves {count} {speed}",
        "{who} waves hello {count} using the {side} (hand|arm) {speed} {place}",
        "{who} greets another person by waving the {side} hand {place} {speed}",
        "{who} (waves|says goodbye) {speed} {place} with the {side} arm while standing still",
    ),
    share=1.2,
)

# name -> hands (right one), words
_REACHES: dict[str, tuple[tuple[float, float, float], str]] = {
    "up": ((-0.2, 0.5, 0.02), "(above the head|overhead|straight up)"),
    "out": ((-0.7, 0.02, 0.0), "(out to the sides|sideways to shoulder height)"),
    "front": ((-0.2, 0.02, 0.52), "(straight out in front|forward to shoulder height)"),
}


def _draw_raise(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "way": draw.pick(*_REACHES),
        "hands": draw.pick("both", "both", "one"),
        "side": draw.pick("left", "right"),
        "hold": draw.uniform(0.2, 1.2),
        "count": draw.integer(1, 3),
    }


def _both(hand: tuple[float, float, float]) -> tuple[float, float, float]:
    return (-hand[0], hand[1], hand[2])


def _raise(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    way = str(p["way"])
    hand = _REACHES[way][0]
    middle = (0.5 * hand[0] - 0.3, -0.2, 0.35) if way != "front" else (-0.21, -0.3, 0.38)
    elbow = (-0.6, -0.3, -0.7)
    for _ in range(int(number(p, "count"))):
        for target, seconds in ((middle, 0.4), (hand, 0.4)):
            change = {"right_hand": target, "right_elbow": elbow}
            if p["hands"] == "both":
                change |= {"left_hand": _both(target), "left_elbow": _both(elbow)}
            stage.then(seconds, **change, spine=(0.0, 0.0 if target is hand else 0.03, 0.0))
        stage.wait(number(p, "hold"))
        change = {"right_hand": middle}
        if p["hands"] == "both":
            change["left_hand"] = _both(middle)
        stage.then(0.4, **change)
        stage.idle(0.4)


def _raise_words(p: Params) -> dict[str, str]:
    both = p["hands"] == "both"
    return {
        **words(p),
        "arms": "(both arms|both hands|their arms)" if both else f"the {p['side']} (arm|hand)",
        "them": "them" if both else "it",
        "way": _REACHES[str(p["way"])][1],
    }


RAISE_ARMS = Action(
    "raise_arms",
    "none",
    _draw_raise,
    _raise,
    _raise_words,
    (
        "{who} (raises|lifts) {arms} {way} {count} {speed}",
        "{who} {adverb} (raises|lifts|brings) {arms} {way} and (lowers|drops) {them} (again|back down)",
        "(raising|lifting) {arms} {way} {speed} {count}",
        "{who} stands and {speed} (stretches|extends) {arms} {way} {count}",
    ),
)


def _draw_stretch(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "bend": draw.uniform(0.3, 0.6),
        "hold": draw.uniform(0.5, 1.5),
    }


def _stretch(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    bend = number(p, "bend")
    stage.then(0.5, left_hand=(0.62, -0.05, 0.12), left_elbow=(0.5, -0.6, -0.6))
    stage.then(
        0.6, left_hand=(0.15, 0.45, 0.05), left_elbow=(0.8, 0.0, -0.5),
        right_hand=(-0.3, -0.42, 0.08), right_elbow=(-0.8, -0.1, -0.5),
    )  # fmt: skip
    stage.then(
        0.8, spine=(0.0, 0.03, bend), lean=(0.0, 0.0, 0.12), shift=(0.05, 0.0, 0.0),
        left_hand=(-0.2, 0.46, 0.05), right_hand=(-0.3, -0.38, 0.06),
    )  # fmt: skip
    stage.wait(number(p, "hold"))
    stage.then(
        0.7, spine=(0.0, 0.03, 0.0), lean=(0.0, 0.0, 0.0), shift=(0.0, 0.0, 0.0),
        left_hand=(0.15, 0.45, 0.05),
    )  # fmt: skip
    stage.then(0.35, left_hand=(0.55, 0.0, 0.2), left_elbow=(0.6, -0.3, -0.7))
    stage.idle(0.4)


STRETCH = Action(
    "stretch",
    "none",
    _draw_stretch,
    _stretch,
    words,
    (
        "{who} (stretches|is stretching) the body to the {side} with the {other} arm overhead {speed}",
        "{who} {adverb} (bends|leans) sideways to the {side} with the {other} arm above the head",
        "a side stretch to the {side} {speed} with one arm up",
        "{who} reaches the {other} arm over the head and (leans|bends) {speed} to the {side}",
    ),
)


def _draw_clap(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "count": draw.integer(2, 8),
        "place": draw.pick("chest", "chest", "head"),
    }


def _clap(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    high = p["place"] == "head"
    y, z = (0.42, 0.16) if high else (-0.14, 0.33)
    elbows = {"left_elbow": (0.9, -0.6, -0.1), "right_elbow": (-0.9, -0.6, -0.1)}
    stage.then(0.55, left_hand=(0.2, y, z), right_hand=(-0.2, y, z), **elbows)
    for _ in range(int(number(p, "count"))):
        stage.then(0.17, left_hand=(0.035, y + 0.01, z + 0.03), right_hand=(-0.035, y, z + 0.03))
        stage.then(0.2, left_hand=(0.17, y, z), right_hand=(-0.17, y, z))
    stage.idle(0.6)


def _clap_words(p: Params) -> dict[str, str]:
    high = p["place"] == "head"
    return {
        **words(p),
        "place": "(above the head|overhead)" if high else "(in front of the chest|)",
    }


CLAP = Action(
    "clap",
    "none",
    _draw_clap,
    _clap,
    _clap_words,
    (
        "{who} (claps|is clapping) (their|both) hands {place} {count} {speed}",
        "{who} {adverb} claps {count} {place}",
        "{who} (applauds|gives applause) {speed} {place} clapping {count}",
        "(clapping|someone clapping) the hands together {place} {speed} {count}",
    ),
)


def _draw_point(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "way": draw.pick("ahead", "aside", "up"),
        "hold": draw.uniform(0.4, 1.5),
    }


_POINTS: dict[str, tuple[tuple[float, float, float], float, str]] = {
    "ahead": ((-0.12, 0.0, 0.56), 0.1, "(straight ahead|forward|at something in front)"),
    "aside": ((-0.68, 0.03, 0.15), -0.25, "(to the {side}|out to the {side} side)"),
    "up": ((-0.24, 0.45, 0.24), 0.0, "(up at the sky|upward|up into the air)"),
}


def _point(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    hand, twist, _ = _POINTS[str(p["way"])]
    up = 0.35 if p["way"] == "up" else 0.0
    stage.then(0.35, right_hand=(-0.28, -0.25, 0.28), right_elbow=(-0.6, -0.7, -0.3))
    stage.then(0.4, right_hand=hand, spine=(twist, 0.02, 0.0), head=(1.5 * twist, -up))
    stage.wait(number(p, "hold"))
    stage.then(0.4, right_hand=(-0.3, -0.28, 0.25), spine=(0.0, 0.03, 0.0), head=(0.0, 0.0))
    stage.idle(0.4)


def _point_words(p: Params) -> dict[str, str]:
    way = _POINTS[str(p["way"])][2].replace("{side}", str(p["side"]))
    return {**words(p), "way": way}


POINT = Action(
    "point",
    "none",
    _draw_point,
    _point,
    _point_words,
    (
        "{who} (points|is pointing) {way} with the {side} hand {speed}",
        "{who} {adverb} (raises|lifts) the {side} arm and points {way}",
        "(pointing|a person pointing) the {side} (arm|finger) {way} {speed}",
    ),
    share=0.8,
)


def _draw_drink(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "count": draw.integer(1, 2),
        "hold": draw.uniform(0.4, 1.0),
    }


def _drink(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    elbow = (-0.7, -0.7, 0.1)
    stage.then(0.7, right_hand=(-0.2, -0.25, 0.33), right_elbow=(-0.7, -0.6, -0.3))
    for _ in range(int(number(p, "count"))):
        stage.then(0.6, right_hand=(-0.06, 0.14, 0.2), right_elbow=elbow, head=(0.0, -0.25))
        stage.wait(number(p, "hold"))
        stage.then(0.6, right_hand=(-0.2, -0.22, 0.33), head=(0.0, 0.05))
    stage.idle(0.7)


DRINK = Action(
    "drink",
    "none",
    _draw_drink,
    _drink,
    words,
    (
        "{who} (drinks|is drinking) from a (cup|glass|bottle) with the {side} hand {count} {speed}",
        "{who} {adverb} (brings|lifts) the {side} hand to the mouth {count} as if drinking",
        "{who} takes a (drink|sip) {speed} with the {side} hand",
    ),
    share=0.8,
)


def _draw_salute(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "side": draw.pick("left", "right"),
        "hold": draw.uniform(0.5, 1.6),
    }


def _salute(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    stage.then(0.3, right_hand=(-0.35, -0.15, 0.25), right_elbow=(-0.9, -0.3, 0.0))
    stage.then(
        0.35, right_hand=(-0.11, 0.2, 0.15), right_elbow=(-1.0, -0.1, 0.15),
        spine=(0.0, -0.05, 0.0),
    )  # fmt: skip
    stage.wait(number(p, "hold"))
    stage.then(0.25, right_hand=(-0.38, -0.15, 0.22))
    stage.idle(0.35)


SALUTE = Action(
    "salute",
    "none",
    _draw_salute,
    _salute,
    words,
    (
        "{who} (salutes|is saluting) {speed} with the {side} hand",
        "{who} (raises|brings) the {side} hand to the (forehead|brow) in a military salute {speed}",
        "{who} stands upright and {speed} gives a salute with the {side} arm",
    ),
    share=0.8,
)


def _draw_bow(draw: Draw) -> dict[str, Value]:
    return {
        **draw_body(draw),
        "depth": draw.uniform(0.5, 1.25),
        "count": draw.integer(1, 2),
        "hold": draw.uniform(0.2, 1.0),
    }


def _bow(stage: Stage, p: Params) -> None:
    stage.wait(number(p, "pause"))
    depth = number(p, "depth")
    hands = (0.17, -0.49, 0.04 + 0.06 * depth)
    for _ in range(int(number(p, "count"))):
        stage.then(
            0.9, lean=(0.0, 0.55 * depth, 0.0), spine=(0.0, 0.5 * depth, 0.0),
            shift=(0.0, -0.02, -0.13 * depth), head=(0.0, 0.2), left_hand=hands,
            right_hand=(-hands[0], hands[1], hands[2]),
        )  # fmt: skip
        stage.wait(number(p, "hold"))
        stage.idle(0.9)


def _bow_words(p: Params) -> dict[str, str]:
    deep = "(deeply|low)" if number(p, "depth") > 0.9 else "(slightly|politely)"
    return {**words(p), "deep": deep}


BOW = Action(
    "bow",
    "none",
    _draw_bow,
    _bow,
    _bow_words,
    (
        "{who} (bows|is bowing) {deep} {count} {speed}",
        "{who} {adverb} bends forward at the waist in a bow {count}",
        "{who} takes a bow {deep} {speed} and straightens up",
        "{who} bows {deep} {speed} to (the audience|show respect) {count}",
    ),
)

ACTIONS = (WAVE, RAISE_ARMS, STRETCH, CLAP, POINT, DRINK, SALUTE, BOW)
