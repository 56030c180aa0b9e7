"""Captions -> prompts: which captions a track asks for, how long each motion must be, opaque ids.

Pure functions. The `paper` rule is the reference data set's, `metrics.paper.dataset_entries`: one
entry per caption *line*; the whole clip must have 40 to 199 frames at 20 fps, and so must the part
that a caption with start and end seconds describes. A motion of L frames is asked for with
4 * floor(L / 4) of them, 196 at most.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hmu_bench.metrics.paper import Line, dataset_entries
from hmu_bench.metrics.paper.entries import TOO_MANY_FRAMES
from hmu_bench.tracks.schema import MAX_FRAMES, MIN_FRAMES, PromptSetName

# A token of the evaluator's movement encoder is four frames.
UNIT_FRAMES = 4

Label = Literal["forget", "retain"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One caption that a model must turn into a motion of `num_frames` frames at 20 fps.

    Attributes:
        prompt_id: opaque name, 16 hexadecimal digits.
        prompt_set: forget, retain, ...
        clip_id: the real clip that the caption describes; None for a written prompt.
        text: the caption.
        tokens: "word/POS word/POS ...".
        masked_tokens: the tokens without the concept's words; None where nothing is masked.
        masked_tokens_paper: the tokens masked the paper's way; None where nothing is masked.
        num_frames: a multiple of 4.
        category: kind of violence of the caption, or "none".
        multimodality: whether its repeats count for multimodality.
    """

    prompt_id: str
    prompt_set: PromptSetName
    clip_id: str | None
    text: str
    tokens: str
    masked_tokens: str | None
    masked_tokens_paper: str | None
    num_frames: int
    category: str = "none"
    multimodality: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames `first` (inclusive) to `last` (exclusive) of a real clip, at 20 fps."""

    clip_id: str
    first: int
    last: int

    @property
    def length(self) -> int:
        """Frames of the segment."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption of a dataset; `start` and `end` in seconds, both 0 for the whole clip."""

    caption_id: str
    text: str
    tokens: str
    start: float = 0.0
    end: float = 0.0
    category: str = "none"


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with the label that the split rule gave it."""

    clip_id: str
    label: Label
    captions: tuple[Caption, ...]


@dataclass(frozen=True)
class PlannedPrompts:
    """Prompts ordered by id, the real segment of each, and what became no prompt, by reason."""

    prompts: list[Prompt]
    segments: dict[str, Segment]
    left_out: Counter[str] = field(default_factory=Counter)


def prompt_frames(length: int) -> int:
    """Frames to ask for, for a real motion of `length` frames: 4 * floor(L / 4), 196 at most.

    >>> [prompt_frames(length) for length in (40, 43, 196, 199)]
    [40, 40, 196, 196]
    """
    return min(UNIT_FRAMES * (length // UNIT_FRAMES), MAX_FRAMES)


def prompt_id(source: str, clip_id: str, caption_id: str, text: str, num_frames: int) -> str:
    """An opaque, stable id: the first 16 hexadecimal digits of a SHA-256.

    It depends on what is asked for, not on the set or the track, so that it tells nothing of them.
    """
    key = json.dumps([source, clip_id, caption_id, text, num_frames], ensure_ascii=True)
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def paper_prompts(
    clips: Iterable[Clip],
    lengths: Mapping[str, int],
    *,
    source: str,
    mask: Callable[[str], str | None],
    mask_words: Callable[[str], str | None] | None = None,
) -> PlannedPrompts:
    """Every caption line of every clip whose length the paper's data set admits.

    Args:
        clips: the clips of the split, with the label of the rule.
        lengths: clip_id -> frames of the real motion; clips that are not in it are left out.
        source: name of the caption source (enters the ids).
        mask: tokens -> tokens masked the paper's way, or None where nothing is masked.
        mask_words: tokens -> tokens without the concept's words, or None where nothing is masked;
            fills `masked_tokens`.

    Returns:
        Prompts ordered by id.

    Raises:
        ValueError: if two captions have one id.
    """
    prompts: dict[str, Prompt] = {}
    segments: dict[str, Segment] = {}
    left_out: Counter[str] = Counter()
    for clip in clips:
        length = lengths.get(clip.clip_id)
        if length is None:
            left_out["no motion file"] += len(clip.captions)
            continue
        lines = [Line(len(c.tokens.split()), c.start, c.end) for c in clip.captions]
        entries = dataset_entries({clip.clip_id: (length, lines)}, min_frames=MIN_FRAMES)
        left_out[_why_not(length)] += len(lines) - len(entries)
        for entry in entries:
            caption = clip.captions[entry.line]
            segment = Segment(clip.clip_id, entry.first_frame, entry.first_frame + entry.frames)
            frames = prompt_frames(segment.length)
            key = prompt_id(source, clip.clip_id, caption.caption_id, caption.text, frames)
            if key in prompts:
                raise ValueError(f"two captions of clip {clip.clip_id!r} have the id {key}")
            segments[key] = segment
            prompts[key] = Prompt(
                prompt_id=key,
                prompt_set=clip.label,
                clip_id=clip.clip_id,
                text=caption.text,
                tokens=caption.tokens,
                masked_tokens=mask_words(caption.tokens) if mask_words else None,
                masked_tokens_paper=mask(caption.tokens),
                num_frames=frames,
                category=caption.category,
                multimodality=True,  # the paper draws its prompts for it anew in every repeat
            )
    order, left_out = sorted(prompts), +left_out  # without zeros
    return PlannedPrompts(
        [prompts[key] for key in order], {key: segments[key] for key in order}, left_out
    )


def _why_not(length: int) -> str:
    if length < MIN_FRAMES:
        return f"clip shorter than {MIN_FRAMES} frames"
    if length >= TOO_MANY_FRAMES:
        return f"clip longer than {TOO_MANY_FRAMES - 1} frames"
    return f"part shorter than {MIN_FRAMES} frames"
