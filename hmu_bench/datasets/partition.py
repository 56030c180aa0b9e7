"""Clips -> forget and retain, by a split rule. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hmu_bench.concepts import Category, Concept, SourceKeywords
from hmu_bench.datasets.model import Clip, Role, SplitName
from hmu_bench.errors import InputError
from hmu_bench.text import Classifier, Judgement, make_classifier

SCORE_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """A clip and the split that it belongs to."""

    clip: Clip
    split: SplitName


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration of the datasets: a concept under a rule.

    Attributes:
        name: `<concept>-keywords` under the paper's rule.
        concept: what is to be forgotten.
        keywords: the concept's keywords for the source.
        classifier: judges the captions.
        min_occurrence: how many violent captions make a clip violent.
    """

    name: str
    concept: Concept
    keywords: SourceKeywords
    classifier: Classifier
    min_occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a configuration says about one clip: `judgements` one a caption, in order."""

    label: Role
    judgements: tuple[Judgement, ...]
    score: float
    category: Category
    confident: bool


def config_name(concept: str, rule: str) -> str:
    """What the configuration of a concept under a rule is called.

    >>> config_name("violence", "keywords")
    'violence-keywords'
    """
    return f"{concept}-{rule}"


def make_config(concept: Concept, rule: str, source: str, min_occurrence: int = 1) -> Config:
    """The configuration of a concept under a rule, for a source.

    Raises:
        InputError: for an unknown rule, a concept without keywords for the source, or a
            `min_occurrence` below 1.
    """
    if min_occurrence < 1:
        raise InputError(f"min_occurrence is {min_occurrence}; it must be at least 1")
    classifier = make_classifier(rule, concept, source)
    keywords = concept.keywords_for(source)
    return Config(config_name(concept.name, rule), concept, keywords, classifier, min_occurrence)


def judge_clips(clips: Sequence[Clip], config: Config) -> list[Verdict]:
    """The verdict on every clip, in order.

    A clip is *forget* when at least `min_occurrence` of its captions are violent; its score is the
    largest of its captions, its category that of the first caption with that score. Each clip is
    judged by its own captions, mirrored twins too.
    """
    captions = [caption for clip in clips for caption in clip.captions]
    if config.classifier.reads == "line":
        texts = [c.text if c.line is None else c.line for c in captions]
    else:
        texts = [c.text for c in captions]
    context = [clip.context for clip in clips for _ in clip.captions]
    judged = config.classifier.judge(texts, context)
    verdicts = []
    at = 0
    for clip in clips:
        own = tuple(judged[at : at + len(clip.captions)])
        at += len(own)
        verdicts.append(_verdict(own, config.min_occurrence))
    return verdicts


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
