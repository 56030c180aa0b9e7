"""The actions of the sample, one family a file; `ACTIONS` is the registry."""

from __future__ import annotations

from hmu_bench.sample.actions import gestures, kicks, locomotion, punches
from hmu_bench.sample.stage import Action

ACTIONS: dict[str, Action] = {
    action.name: action
    for family in (locomotion, gestures, kicks, punches)
    for action in family.ACTIONS
}

# Clips of two actions in a row: they have captions of their parts.
PAIRS: tuple[tuple[str, str], ...] = (
    ("walk", "wave"),
    ("walk", "clap"),
    ("walk", "front_kick"),
    ("turn", "straight_punch"),
    ("bow", "roundhouse_kick"),
    ("turn", "wave"),
    ("wave", "bow"),
)
