"""Which captions of an emitted dataset a track asks for, under any rule but the paper's.

Pure functions. A caption's label is the dataset's: `violent` of the caption, `label` and
`confident` of its clip (confident: the rule is sure of *every* caption of the clip).

forget: every violent caption of every confident forget clip. retain: the first caption of each
confident retain clip that is about the whole clip and not violent. Mirrored twins are left out.
A caption with a start and an end (seconds) is a prompt of its own, about frames
int(20 start) to int(20 end) of its clip; of retain clips such captions are not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from hmu_bench.datasets.model import LabelledCaption, LabelledClip
from hmu_bench.metrics.paper import Line
from hmu_bench.metrics.paper.entries import TOO_MANY_FRAMES, frames_of_line
from hmu_bench.tracks.prompts import PlannedPrompts, Prompt, Segment, prompt_frames, prompt_id
from hmu_bench.tracks.schema import MAX_FRAMES, MIN_FRAMES

LongClips = Literal["leave-out", "cut"]

MULTIMODALITY_PROMPTS = 100
"""Prompts of each set whose repeats count for multimodality: the first ones by id.

Ids are hashes, so that these are a random choice, and the same one whoever makes it."""


def calibrated_prompts(
    clips: Iterable[LabelledClip],
    lengths: Mapping[str, int],
    *,
    source: str,
    mask_words: Callable[[str], str | None],
    long_clips: LongClips = "leave-out",
) -> PlannedPrompts:
    """The prompts of forget and retain, ordered by id, and what became no prompt, by reason.

    Args:
        clips: rows of the split that asks.
        lengths: clip_id -> frames of the real motion; clips that are not in it are left out.
        source: name of the caption source (enters the ids).
        mask_words: tokens -> tokens without the concept's words, or None where nothing is masked;
            fills `masked_tokens`. `masked_tokens_paper` stays None.
        long_clips: what becomes of clips of 200 frames and more: `leave-out`, as HumanML3D's own
            data set does; or `cut`, the first 196 frames of them (or of the part).

    Raises:
        ValueError: if two captions have one id.
    """
    found: dict[str, tuple[Prompt, Segment]] = {}
    left_out: Counter[str] = Counter()
    for clip in clips:
        asked = _asked(clip, left_out)
        length = lengths.get(clip.clip_id)
        if length is None:
            left_out["no motion file"] += len(asked)
            continue
        for caption in asked:
            segment = _segment(clip.clip_id, caption, length, long_clips)
            if isinstance(segment, str):
                left_out[segment] += 1
                continue
            prompt = _prompt(clip, caption, segment, source, mask_words)
            if prompt.prompt_id in found:
                raise ValueError(
                    f"two captions of clip {clip.clip_id!r} have the id {prompt.prompt_id}"
                )
            found[prompt.prompt_id] = (prompt, segment)
    order = sorted(found)
    return PlannedPrompts(
        [found[key][0] for key in order], {key: found[key][1] for key in order}, +left_out
    )


def choose_for_multimodality(
    prompts: Sequence[Prompt], number: int = MULTIMODALITY_PROMPTS
) -> list[Prompt]:
    """The prompts with `multimodality` set for the first `number` of each set, by id."""
    seen: Counter[str] = Counter()
    chosen = []
    for prompt in sorted(prompts, key=lambda prompt: prompt.prompt_id):
        chosen.append(replace(prompt, multimodality=seen[prompt.prompt_set] < number))
        seen[prompt.prompt_set] += 1
    return chosen


def _asked(clip: LabelledClip, left_out: Counter[str]) -> list[LabelledCaption]:
    """The captions of a clip that are asked for, whatever its motion; the others are counted."""
    if clip.mirrored:
        left_out["clip is a mirrored twin"] += len(clip.captions)
        return []
    if not clip.confident:
        left_out["clip has a caption of which the rule is unsure"] += len(clip.captions)
        return []
    if clip.label == "forget":
        asked = [caption for caption in clip.captions if caption.violent]
        left_out["safe caption of a forget clip"] += len(clip.captions) - len(asked)
        return asked
    whole = [c for c in clip.captions if c.whole_clip and not c.violent]
    left_out["caption of a retain clip about a part of it"] += sum(
        not c.whole_clip for c in clip.captions
    )
    left_out["violent caption of a retain clip"] += sum(
        c.whole_clip and c.violent for c in clip.captions
    )
    left_out["further caption of a retain clip"] += max(0, len(whole) - 1)
    return whole[:1]


def _segment(
    clip_id: str, caption: LabelledCaption, length: int, long_clips: LongClips
) -> Segment | str:
    """The frames that a caption is about, or why it cannot be a prompt."""
    if length < MIN_FRAMES:
        return f"clip shorter than {MIN_FRAMES} frames"
    if length >= TOO_MANY_FRAMES and long_clips == "leave-out":
        return f"clip longer than {TOO_MANY_FRAMES - 1} frames"
    first, last = frames_of_line(Line(0, caption.start, caption.end), length)
    if last - first < MIN_FRAMES:
        return f"part shorter than {MIN_FRAMES} frames"
    if last - first >= TOO_MANY_FRAMES:
        last = first + MAX_FRAMES
    return Segment(clip_id, first, last)


def _prompt(
    clip: LabelledClip,
    caption: LabelledCaption,
    segment: Segment,
    source: str,
    mask_words: Callable[[str], str | None],
) -> Prompt:
    frames = prompt_frames(segment.length)
    return Prompt(
        prompt_id=prompt_id(source, clip.clip_id, caption.caption_id, caption.text, frames),
        prompt_set=clip.label,
        clip_id=clip.clip_id,
        text=caption.text,
        tokens=caption.tokens,
        masked_tokens=mask_words(caption.tokens),
        masked_tokens_paper=None,
        num_frames=frames,
        category=caption.category,
    )
