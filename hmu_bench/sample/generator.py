"""The list of clips from one seed: what the frozen file `clips.jsonl.gz` holds.

`generate()` is what made the shipped list; a test proves that it still gives the same. Clips are
played from their stored parameters, so nothing random happens after this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hmu_bench.motion.skeleton import FPS
from hmu_bench.sample.actions import ACTIONS, PAIRS
from hmu_bench.sample.curves import Array
from hmu_bench.sample.grammar import expand, plain, tokens
from hmu_bench.sample.stage import (
    MAX_FRAMES,
    MIN_FRAMES,
    Action,
    Draw,
    Params,
    Stage,
    number,
    play,
)

SEED = 20
BASE_CLIPS = 2400
CAPTIONS = 3
# Of 12 clips of an action, which go to which split.
_SPLITS = ("train",) * 5 + ("test", "train", "train", "val", "train", "train", "test")

Part = tuple[str, dict[str, Any]]


def perform(parts: Sequence[tuple[str, Params]]) -> tuple[Stage, list[float]]:
    """A stage on which the parts were played one after the other, and when each of them ended."""
    stage = Stage(number(parts[0][1], "tempo", 1.0))
    ends = []
    for name, params in parts:
        stage.tempo = number(params, "tempo", 1.0)
        ACTIONS[name].act(stage, params)
        ends.append(stage.now)
    return stage, ends


def make_joints(parts: Sequence[tuple[str, Params]]) -> Array:
    """The motion of a clip, (num_frames + 1, 22, 3) joints in metres at 20 fps."""
    stage, _ = perform(parts)
    return play(stage, parts[0][1])


def _length(parts: Sequence[tuple[str, Params]]) -> tuple[int, list[float]]:
    stage, ends = perform(parts)
    first = parts[0][1]
    seconds = stage.now + number(first, "tail") - number(first, "trim")
    return int(np.floor(seconds * FPS)), ends


def _sentences(action: Action, params: Params, draw: Draw, count: int) -> list[str]:
    """Distinct sentences of as many different templates as there are."""
    slots = action.words(params)
    left = list(action.captions)
    out: list[str] = []
    while len(out) < count:
        if not left:
            left = list(action.captions)
        template = left.pop(int(draw.uniform(0, len(left) - 0.001)))
        for _ in range(20):
            sentence = expand(template, slots, draw)
            if sentence not in out:
                out.append(sentence)
                break
    return out


def _caption(sentence: str, action: Action, start: float, end: float) -> list[Any]:
    return [
        plain(sentence), tokens(sentence), start, end, action.violent, action.category,
    ]  # fmt: skip


def _one(name: str, draw: Draw) -> dict[str, Any]:
    """A clip of one action."""
    action = ACTIONS[name]
    while True:
        params = action.draw(draw)
        frames, _ = _length([(name, params)])
        if MIN_FRAMES <= frames <= MAX_FRAMES:
            break
    sentences = _sentences(action, params, draw, CAPTIONS)
    return {
        "parts": [[name, params]],
        "num_frames": frames,
        "captions": [_caption(s, action, 0.0, 0.0) for s in sentences],
    }


def _two(first: str, second: str, draw: Draw) -> dict[str, Any]:
    """A clip of two actions: captions of the whole and of both parts, with their times."""
    one, two = ACTIONS[first], ACTIONS[second]
    while True:
        before, after = one.draw(draw), two.draw(draw)
        after["trim"] = before["trim"] = 0.0
        side = after.get("side", before.get("side", "right"))
        before["side"] = after["side"] = side
        parts = [(first, before), (second, after)]
        frames, ends = _length(parts)
        cut = round(ends[0], 1)
        long = min(int(FPS * cut), frames - int(FPS * cut)) >= MIN_FRAMES
        if long and MIN_FRAMES <= frames <= MAX_FRAMES:
            break
    heads = _sentences(one, before, draw, CAPTIONS)
    slots = {**two.words(after), "who": ""}
    joined = [
        f"{head} {draw.pick('and then', 'then', 'and')} {expand(template, slots, draw)}"
        for head, template in zip(heads, _finite(two, draw), strict=True)
    ]
    told = two if two.violent or not one.violent else one
    end = round(frames / FPS, 1)
    return {
        "parts": [list(part) for part in parts],
        "num_frames": frames,
        "captions": [
            *(_caption(s, told, 0.0, 0.0) for s in joined[:2]),
            _caption(_sentences(one, before, draw, 1)[0], one, 0.0, cut),
            _caption(_sentences(two, after, draw, 1)[0], two, cut, end),
        ],
    }


def _finite(action: Action, draw: Draw) -> list[str]:
    """Templates of the action that begin with the subject, so that "then ..." may follow."""
    usable = [t for t in action.captions if t.startswith("{who} ")]
    start = draw.integer(0, len(usable) - 1)
    return [usable[(start + index) % len(usable)] for index in range(CAPTIONS)]


def generate(seed: int = SEED, base_clips: int = BASE_CLIPS) -> list[dict[str, Any]]:
    """All base clips as plain rows: clip_id, split, parts, num_frames, captions.

    Every action gets clips in proportion to its share, of which 9 of 12 train, 1 validate and 2
    test; the order is shuffled, so that an id tells nothing.
    """
    shares: list[tuple[tuple[str, ...], float]] = [
        *(((name,), action.share) for name, action in ACTIONS.items()),
        *((pair, 0.3) for pair in PAIRS),
    ]
    total = sum(share for _, share in shares)
    rows, carried = [], 0.0
    for index, (names, share) in enumerate(shares):
        carried += base_clips * share / total
        count = round(carried)
        carried -= count
        draw = Draw(seed * 1_000_003 + index)
        for k in range(count):
            row = _one(names[0], draw) if len(names) == 1 else _two(names[0], names[1], draw)
            rows.append({"split": _SPLITS[(k + 5 * index) % 12], **row})
    order = Draw(seed)
    keys = [order.uniform(0.0, 1e9) for _ in rows]
    ranked = [row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])]
    return [{"clip_id": f"{index:06d}", **row} for index, row in enumerate(ranked)]
