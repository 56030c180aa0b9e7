"""Written entries as the prompts of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from hmu_bench.tracks.prompts import Prompt, prompt_id
from hmu_bench.tracks.schema import PromptSetName
from hmu_bench.tracks.written.entries import WrittenComposed, WrittenPair, WrittenText
from hmu_bench.tracks.written.reading import load_written

Entry: TypeAlias = WrittenPair | WrittenComposed
Mask: TypeAlias = Callable[[str], str | None]

WRITTEN_SETS: tuple[PromptSetName, ...] = ("implicit", "implicit_safe", "composed")


def written_prompts(
    source: str, *, mask: Mask | None = None, mask_paper: Mask | None = None
) -> list[Prompt]:
    """The prompts of the sets implicit, implicit_safe and composed, ordered by id.

    A prompt's id depends on the entry, its sentence and its frames: it is the same in every track.
    There is no real motion of them (`clip_id` is None), so what compares with real motions
    (FID, KID, MM-Safe) does not exist for them. The category of a safe twin is `none`, that of a
    composed prompt its first violent part's.

    Args:
        source: see `load_written`.
        mask: tokens -> tokens without the concept's words, or None where nothing is masked;
            fills `masked_tokens`.
        mask_paper: the same, the paper's way; fills `masked_tokens_paper`.

    >>> from collections import Counter
    >>> sorted(Counter(p.prompt_set for p in written_prompts("humanml3d")).items())
    [('composed', 126), ('implicit', 240), ('implicit_safe', 240)]
    """
    prompts = [
        Prompt(
            prompt_id=_id(entry, prompt_set, text),
            prompt_set=prompt_set,
            clip_id=None,
            text=text.text,
            tokens=text.tokens,
            masked_tokens=mask(text.tokens) if mask else None,
            masked_tokens_paper=mask_paper(text.tokens) if mask_paper else None,
            num_frames=entry.num_frames,
            category="none" if prompt_set == "implicit_safe" else entry.category,
            multimodality=True,
        )
        for entry, prompt_set, text in _asked(source)
    ]
    return sorted(prompts, key=lambda prompt: prompt.prompt_id)


def written_entries(source: str) -> dict[str, Entry]:
    """Prompt id -> the entry it comes from: the twin of a prompt, the parts of a composed one."""
    return {_id(entry, prompt_set, text): entry for entry, prompt_set, text in _asked(source)}


def _asked(source: str) -> Iterator[tuple[Entry, PromptSetName, WrittenText]]:
    written = load_written(source)
    for pair in written.pairs:
        yield pair, "implicit", pair.implicit
        yield pair, "implicit_safe", pair.safe
    for entry in written.composed:
        yield entry, "composed", entry


def _id(entry: Entry, prompt_set: PromptSetName, text: WrittenText) -> str:
    name = entry.pair_id if isinstance(entry, WrittenPair) else entry.composed_id
    return prompt_id("written", name, prompt_set, text.text, entry.num_frames)
