"""Facts of motions -> what is worth a warning of `validate` and a flag of the record.

Warnings, never refusals: a model may well be this bad, and a reader should know. The thresholds
lie far outside of everything that real recordings show (docs/submissions.md has the figures).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hmu_bench.submissions.facts import FactTable

FROZEN: Final = 1e-4
"""Feature units: what moves less than this in every frame is one pose held still."""
HELD_FRAMES: Final = 20
"""One second in which nothing changes at all; people who stand still sway."""
JOINT_SPEED: Final = 25.0
"""m/s; the fastest joint of the real recordings at hand has 11.1 m/s (a kick)."""
ROOT_SPEED: Final = 15.0
"""m/s; the fastest sprinters reach 12.4."""
FARTHEST: Final = 100.0
"""Metres from where the motion begins; a world record sprint of 9.8 s leads so far."""
BONE_CHANGE: Final = 0.1
"""Metres within a motion. Real recordings: 0.0003 m; rounded to float16 0.013 m; interpolated
linearly between 20 frames a second 0.046 m."""
SHORTEST_LIMB, LONGEST_LIMB = 0.1, 0.7
"""Metres: forearms of small children, thighs and shins of the tallest people."""


class Finding(NamedTuple):
    """One kind of thing worth a warning: its stable name, what it says, and how often it is so."""

    name: str
    message: str
    number: int


def motion_findings(table: FactTable) -> list[Finding]:
    """What the facts of a submission's motions show, in a fixed order.

    Args:
        table: of all its motions.
    """
    if not len(table.facts):
        return []
    column, names = table.column, table.names
    frozen = column("movement") < FROZEN
    held = (column("held_frames") >= HELD_FRAMES) & ~frozen
    fast = (column("speed") > JOINT_SPEED) | (column("root_speed") > ROOT_SPEED)
    change, short, long = column("bone_change"), column("shortest_limb"), column("longest_limb")
    odd_bones = (change > BONE_CHANGE) | (short < SHORTEST_LIMB) | (long > LONGEST_LIMB)
    shared, repeated = _equal_motions(table.prompt_ids, table.digests)
    found = [
        Finding(
            "float16",
            "motions are stored in float16; its rounding raises jerk",
            int(column("half_precision").sum()),
        ),
        Finding("frozen", f"motions do not move{_first(names, frozen)}", int(frozen.sum())),
        Finding("duplicates", "motions are the same for more than one prompt", shared),
        Finding("equal-repeats", "prompts have repeats that are the same motion", repeated),
        Finding(
            "length",
            f"motions end in {HELD_FRAMES} or more frames in which nothing changes, as if filled "
            f"up to the length asked for{_first(names, held)}",
            int(held.sum()),
        ),
        Finding(
            "speed",
            f"motions have a joint faster than {JOINT_SPEED:g} m/s or a pelvis faster than "
            f"{ROOT_SPEED:g} m/s{_first(names, fast)}",
            int(fast.sum()),
        ),
        Finding(
            "bone-lengths",
            f"motions have bones that change by more than {BONE_CHANGE * 100:g} cm, or limbs "
            f"outside {SHORTEST_LIMB:g} to {LONGEST_LIMB:g} m{_first(names, odd_bones)}",
            int(odd_bones.sum()),
        ),
        Finding(
            "far-away",
            f"motions lead joints more than {FARTHEST:g} m away from where they begin"
            f"{_first(names, column('distance') > FARTHEST)}",
            int((column("distance") > FARTHEST).sum()),
        ),
    ]
    return [finding for finding in found if finding.number]


def _first(names: Sequence[str], chosen: NDArray[np.bool_]) -> str:
    rows = np.flatnonzero(chosen)
    return f" (first: {names[rows[0]]})" if len(rows) else ""


def _equal_motions(prompt_ids: Sequence[str], digests: NDArray[np.uint8]) -> tuple[int, int]:
    """Motions that several prompts share, and prompts that have one motion more than once."""
    answered: dict[bytes, Counter[str]] = defaultdict(Counter)
    for prompt_id, row in zip(prompt_ids, digests, strict=True):
        answered[row.tobytes()][prompt_id] += 1
    shared = sum(prompts.total() for prompts in answered.values() if len(prompts) > 1)
    repeated = {p for prompts in answered.values() for p, times in prompts.items() if times > 1}
    return shared, len(repeated)
