"""The actions of the sample, one family a file; `ACTIONS` is the registry."""

from __future__ import annotations

from hmu_bench.sample.actions import (
    exercise,
    footwork,
    gestures,
    grapples,
    kicks,
    locomotion,
    play,
    punches,
    weapons,
)
from hmu_bench.sample.stage import Action

_FAMILIES: tuple[tuple[Action, ...], ...] = (
    locomotion.ACTIONS,
    footwork.ACTIONS,
    gestures.ACTIONS,
    exercise.ACTIONS,
    play.ACTIONS,
    kicks.ACTIONS,
    punches.ACTIONS,
    weapons.ACTIONS,
    grapples.ACTIONS,
)
ACTIONS: dict[str, Action] = {action.name: action for family in _FAMILIES for action in family}

# Clips of two actions in a row: they have captions of their parts.
PAIRS: tuple[tuple[str, str], ...] = (
    ("walk", "wave"),
    ("walk", "clap"),
    ("walk", "pick_up"),
    ("walk", "front_kick"),
    ("walk", "shove"),
    ("turn", "straight_punch"),
    ("turn", "wave"),
    ("bow", "roundhouse_kick"),
    ("wave", "bow"),
    ("squat", "jump"),
)
