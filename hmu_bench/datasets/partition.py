"""Clips -> forget and retain, by a split rule. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hmu_bench.concepts import Category
from hmu_bench.datasets.configs import Config
from hmu_bench.datasets.model import Clip, Role, SplitName, twin_base
from hmu_bench.text import Classifier, Judgement

SCORE_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """A clip and the split that it belongs to."""

    clip: Clip
    split: SplitName


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a configuration says about one clip: `judgements` one a caption, in order.

    `by_twin`: it is *forget* only because its mirrored twin is.
    """

    label: Role
    judgements: tuple[Judgement, ...]
    score: float
    category: Category
    confident: bool
    by_twin: bool = False


def judge_clips(
    clips: Sequence[Clip], config: Config, aside: Mapping[str, Clip] | None = None
) -> list[Verdict]:
    """The verdict on every clip, in order.

    A clip is *forget* when at least `min_occurrence` of its captions are violent, captions of a
    part of it included. Under the paper's rule that is all; under any other a clip is *forget* too
    when its mirrored twin is. Score: the largest of the clip's own captions; category: that of the
    first of them with that score; confident: all of them are.

    Args:
        clips: the clips to judge.
        config: what judges them.
        aside: clips, by id, that are not asked for but count for their twins.
    """
    asked = list(clips)
    if config.whole_base_clips and aside:
        asked += _twins_aside(clips, aside)
    verdicts = _judge_alone(asked, config)
    if config.whole_base_clips:
        verdicts = _agree(asked, verdicts)
    return verdicts[: len(clips)]


def twin_places(clips: Sequence[Clip]) -> list[tuple[int, int]]:
    """The places of every clip and its mirrored twin, where both are there."""
    places = {clip.clip_id: place for place, clip in enumerate(clips)}
    pairs = []
    for twin, clip in enumerate(clips):
        base = places.get(twin_base(clip.clip_id)) if clip.mirrored else None
        if base is not None:
            pairs.append((base, twin))
    return pairs


def _twins_aside(clips: Sequence[Clip], aside: Mapping[str, Clip]) -> list[Clip]:
    """The clips aside that are the other half of a clip."""
    bases = {_base(clip) for clip in clips}
    return [clip for clip in aside.values() if _base(clip) in bases]


def _base(clip: Clip) -> str:
    return twin_base(clip.clip_id) if clip.mirrored else clip.clip_id


def _agree(clips: Sequence[Clip], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Give both halves of a base clip one label: *forget* if either has it."""
    agreed = list(verdicts)
    for pair in twin_places(clips):
        labels = [verdicts[place].label for place in pair]
        if labels[0] != labels[1]:
            place = pair[labels.index("retain")]
            agreed[place] = replace(verdicts[place], label="forget", by_twin=True)
    return agreed


def _judge_alone(clips: Sequence[Clip], config: Config) -> list[Verdict]:
    verdicts: list[Verdict | None] = [None] * len(clips)
    for source in dict.fromkeys(clip.judged_as for clip in clips):
        places = [place for place, clip in enumerate(clips) if clip.judged_as == source]
        judged = _judge_captions([clips[place] for place in places], config.judge_of(source))
        for place, judgements in zip(places, judged, strict=True):
            verdicts[place] = _verdict(judgements, config.min_occurrence)
    return [verdict for verdict in verdicts if verdict is not None]


def _judge_captions(clips: Sequence[Clip], classifier: Classifier) -> list[tuple[Judgement, ...]]:
    """The judgements on the captions of every clip; the classifier is asked once."""
    captions = [caption for clip in clips for caption in clip.captions]
    if classifier.reads == "line":
        texts = [c.text if c.line is None else c.line for c in captions]
    else:
        texts = [c.text for c in captions]
    context = [clip.context for clip in clips for _ in clip.captions]
    judged = classifier.judge(texts, context)
    if len(judged) != len(texts):
        raise RuntimeError(f"{len(texts)} captions in, {len(judged)} judgements out")
    of_clips, at = [], 0
    for clip in clips:
        of_clips.append(tuple(judged[at : at + len(clip.captions)]))
        at += len(clip.captions)
    return of_clips


def _verdict(judgements: tuple[Judgement, ...], min_occurrence: int) -> Verdict:
    violent = sum(judgement.violent for judgement in judgements)
    leading = max(judgements, key=lambda judgement: judgement.probability)
    return Verdict(
        label="forget" if violent >= min_occurrence else "retain",
        judgements=judgements,
        score=round(leading.probability, SCORE_DECIMALS),
        category=leading.category,
        confident=all(judgement.confident for judgement in judgements),
    )
