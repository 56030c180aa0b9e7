"""One source's captions for another source's clips, so that the two never disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hmu_bench.datasets.model import Clip, Problem, twin_base
from hmu_bench.datasets.readers.source import Borrowed, SourceClips
from hmu_bench.datasets.splits import SplitLists


def borrow(
    source: SourceClips,
    lender: SourceClips,
    *,
    lender_name: str,
    folder: str,
    lists: SplitLists | None = None,
) -> SourceClips:
    """Give the clips `<folder>/<id>` the captions of the lender's clips `<id>`.

    They are judged as the lender's clips, by its keywords or classifier and with its mirrored
    twins, so a clip has the same label in both. What the lender does not have keeps its own
    captions, if it has any, and is named in `borrowed`; but if the lender has its mirrored twin,
    that is a problem: with captions of its own it could change the twin's label.

    Args:
        source: whose clips they are.
        lender: what a reader gave of the other source.
        lender_name: its name.
        folder: the first part of the ids.
        lists: listed clips of the folder are added even where the source has no text for them.
    """
    own = {clip.clip_id: clip for clip in source.clips}
    broken = {problem.clip_id for problem in source.problems if problem.clip_id}
    listed = lists.all_ids if lists is not None and lists.given else frozenset()
    wanted = sorted(i for i in {*own, *broken, *listed} if i.startswith(f"{folder}/"))
    lent = {f"{folder}/{clip.clip_id}": clip for clip in lender.clips}
    failed = {f"{folder}/{p.clip_id}": p for p in lender.problems if p.clip_id is not None}
    taken = {
        clip_id: _renamed(lent[clip_id], clip_id, own.get(clip_id), lender_name)
        for clip_id in wanted
        if clip_id in lent
    }
    replaced = {*taken, *(clip_id for clip_id in wanted if clip_id in failed)}
    alone = {i for i, clip in own.items() if i not in replaced and _is_twin(clip, i, taken)}
    kept = {i: clip for i, clip in own.items() if i not in replaced and i not in alone}
    clips = kept | taken
    problems = [p for p in source.problems if p.clip_id not in replaced]
    problems += _renamed_problems(lender.problems, folder, replaced)
    problems += [
        Problem(
            "no captions",
            f"{lender_name} has the mirrored twin of this clip and not the clip",
            clip_id,
            clip_id,
            clip_id=clip_id,
        )
        for clip_id in sorted(alone)
    ]
    return replace(
        source,
        clips=[clips[clip_id] for clip_id in sorted(clips)],
        problems=problems,
        aside={
            clip_id: _renamed(clip, clip_id, None, lender_name)
            for clip_id, clip in lent.items()
            if clip_id not in clips and _is_twin(clip, clip_id, taken)
        },
        borrowed=Borrowed(
            lender_name,
            folder,
            lender.sha256,
            len(taken),
            tuple(clip_id for clip_id in wanted if clip_id not in replaced),
        ),
    )


def _renamed(clip: Clip, clip_id: str, own: Clip | None, lender: str) -> Clip:
    captions = tuple(
        replace(caption, caption_id=f"{clip_id}_{number}")
        for number, caption in enumerate(clip.captions)
    )
    return replace(
        clip,
        clip_id=clip_id,
        captions=captions,
        motion_path=None if own is None else own.motion_path,
        judged_as=lender,
    )


def _renamed_problems(problems: Iterable[Problem], folder: str, wanted: set[str]) -> list[Problem]:
    renamed = (
        replace(p, clip_id=f"{folder}/{p.clip_id}") for p in problems if p.clip_id is not None
    )
    return [problem for problem in renamed if problem.clip_id in wanted]


def _is_twin(clip: Clip, clip_id: str, taken: dict[str, Clip]) -> bool:
    """Whether it is the mirrored twin of a clip that was taken, or that clip's original."""
    if clip.mirrored:
        return twin_base(clip_id) in taken
    before, slash, name = clip_id.rpartition("/")
    return f"{before}{slash}M{name}" in taken
