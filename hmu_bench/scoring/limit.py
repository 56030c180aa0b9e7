"""A dry run: the first prompts of every set."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hmu_bench.errors import InputError
from hmu_bench.tracks import Track


def first_prompts(track: Track, limit: int | None) -> Track:
    """The track with the first `limit` prompts (by id) of every set; the track itself for None.

    Everything else of it stays: the statistics are those of all real motions.

    Raises:
        InputError: if `limit` is not positive.
    """
    if limit is None:
        return track
    if limit < 1:
        raise InputError(f"a limit of {limit} prompts; give 1 or more")
    seen: Counter[str] = Counter()
    chosen = []
    for prompt in track.prompts:
        seen[prompt.prompt_set] += 1
        if seen[prompt.prompt_set] <= limit:
            chosen.append(prompt)
    return replace(track, prompts=chosen)
