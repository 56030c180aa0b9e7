"""The configurations of a build: every concept under every rule, and what judges it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hmu_bench.concepts import Concept, SourceKeywords, concept_names, load_concept
from hmu_bench.errors import InputError
from hmu_bench.text import Classifier, make_classifier

DEFAULT_CONCEPT = "violence"
ALL_CONCEPTS = "all"

# The paper's filter: its script judges every text file by itself. All other rules judge a clip and
# its mirrored twin together.
PAPERS_RULE = "keywords"

# The rule whose configurations bear the concept's bare name.
MAIN_RULE = "calibrated"

# The concepts that other rules than the paper's can judge.
TRAINED = (DEFAULT_CONCEPT,)


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration of the datasets: a concept under a rule.

    Attributes:
        name: see `config_name`.
        concept: what is to be forgotten.
        classifier: judges the captions.
        keywords: the concept's keywords for the source, under the paper's rule.
        others: source -> what judges the clips that are judged as clips of that source.
        min_occurrence: how many violent captions make a clip violent.
    """

    name: str
    concept: Concept
    classifier: Classifier
    keywords: SourceKeywords | None = None
    others: Mapping[str, Classifier] = field(default_factory=dict)
    min_occurrence: int = 1

    @property
    def rule(self) -> str:
        """The split rule."""
        return self.classifier.rule

    @property
    def whole_base_clips(self) -> bool:
        """Whether a clip and its mirrored twin are judged together."""
        return self.rule != PAPERS_RULE

    def judge_of(self, source: str | None) -> Classifier:
        """What judges a clip that is judged as one of the source (None: of its own)."""
        return self.classifier if source is None else self.others.get(source, self.classifier)


def config_name(concept: str, rule: str) -> str:
    """What the configuration of a concept under a rule is called.

    >>> config_name("violence", "calibrated"), config_name("violence", "keywords")
    ('violence', 'violence-keywords')
    """
    return concept if rule == MAIN_RULE else f"{concept}-{rule}"


def make_config(
    concept: Concept,
    rule: str,
    source: str,
    min_occurrence: int = 1,
    judged_as: Collection[str] = (),
) -> Config:
    """The configuration of a concept under a rule, for a source.

    Args:
        concept: what is to be forgotten.
        rule: the split rule.
        source: whose captions are judged.
        min_occurrence: how many violent captions make a clip violent.
        judged_as: sources as whose clips some of the clips are judged. Where the concept has no
            keywords for one, the source's own are taken.

    Raises:
        InputError: for an unknown rule, a concept that the rule cannot judge for the source, or a
            `min_occurrence` below 1.
    """
    if min_occurrence < 1:
        raise InputError(f"min_occurrence is {min_occurrence}; it must be at least 1")
    by_keywords = rule == PAPERS_RULE
    return Config(
        config_name(concept.name, rule),
        concept,
        make_classifier(rule, concept, source),
        concept.keywords_for(source) if by_keywords else None,
        {
            other: make_classifier(rule, concept, other)
            for other in sorted(judged_as)
            if not by_keywords or concept.covers(other)
        },
        min_occurrence,
    )


def make_configs(
    concepts: Sequence[str | Path | Concept],
    rules: Sequence[str],
    source: str,
    min_occurrence: int = 1,
    judged_as: Collection[str] = (),
) -> list[Config]:
    """Every concept under every rule: concepts in the order given, `calibrated` before other rules.

    `all` stands for the concepts that a rule can judge for the source, violence first.

    Raises:
        InputError: as `make_config`; also if there is nothing to make, two names are equal, or a
            concept file cannot be read.
    """
    ordered = sorted(dict.fromkeys(rules), key=lambda rule: rule != MAIN_RULE)
    configs: dict[str, Config] = {}
    for asked in concepts:
        for concept, rule in _pairs(asked, ordered, source):
            config = make_config(concept, rule, source, min_occurrence, judged_as)
            known = configs.setdefault(config.name, config)
            if known.concept != concept or known.rule != rule:
                raise InputError("two different configurations have this name", key=config.name)
    if not configs:
        raise InputError("no concept or no rule was given")
    return list(configs.values())


def _pairs(
    asked: str | Path | Concept, rules: Sequence[str], source: str
) -> list[tuple[Concept, str]]:
    if asked != ALL_CONCEPTS:
        concept = asked if isinstance(asked, Concept) else load_concept(asked)
        return [(concept, rule) for rule in rules]
    names = sorted(concept_names(), key=lambda name: (name != DEFAULT_CONCEPT, name))
    return [
        (concept, rule)
        for concept in map(load_concept, names)
        for rule in rules
        if (concept.covers(source) if rule == PAPERS_RULE else concept.name in TRAINED)
    ]
