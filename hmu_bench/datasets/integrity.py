"""What is whole and what is not: of the input as a whole, and of a configuration."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from hmu_bench.concepts import Category
from hmu_bench.datasets.configs import Config
from hmu_bench.datasets.model import BY_RULES, BY_SOURCE, Clip, Problem, Role, SplitName
from hmu_bench.datasets.partition import PlacedClip, Verdict, twin_places
from hmu_bench.datasets.quality import quality_of
from hmu_bench.datasets.releases import labels_hash
from hmu_bench.datasets.report import (
    MAX_LISTED_PROBLEMS,
    ConfigReport,
    Counts,
    Integrity,
    Some,
    ToldProblem,
)
from hmu_bench.datasets.splits import SplitLists


def check_input(
    clips: Mapping[str, Clip],
    lists: SplitLists,
    problems: Sequence[Problem],
    placed: Sequence[PlacedClip],
) -> Integrity:
    """Count what was read, listed, used, missing and left out."""
    listed = lists.all_ids
    broken = {problem.clip_id for problem in problems if problem.clip_id is not None}
    absent = [clip_id for ids in lists.ids.values() for clip_id in ids if clip_id not in clips]
    captions = [caption for item in placed for caption in item.clip.captions]
    tokens_by = Counter(caption.tokens_by for caption in captions)
    kinds = Counter(problem.kind for problem in problems)
    judged_as = Counter(i.clip.judged_as for i in placed if i.clip.judged_as is not None)
    return Integrity(
        clips=len(clips),
        listed=len(listed),
        used=len(placed),
        missing_texts=Some.of([clip_id for clip_id in absent if clip_id not in broken]),
        left_out=Some.of([clip_id for clip_id in absent if clip_id in broken]),
        unlisted=Some.of(sorted(clip_id for clip_id in clips if clip_id not in listed)),
        only_in_all=Some.of(list(lists.only_in_all)),
        missing_in_all=Some.of(list(lists.missing_in_all)),
        problems=dict(sorted(kinds.items())),
        first_problems=[ToldProblem.of(problem) for problem in problems[:MAX_LISTED_PROBLEMS]],
        captions=len(captions),
        sub_clip_captions=sum(not caption.whole_clip for caption in captions),
        reversed_captions=sum(0.0 < caption.end < caption.start for caption in captions),
        tokens_by_rules=tokens_by.pop(BY_RULES, 0),
        tokens_by_spacy={
            tagger: n for tagger, n in sorted(tokens_by.items()) if tagger != BY_SOURCE
        },
        judged_as=dict(sorted(judged_as.items())),
        without_num_frames=Some.of([i.clip.clip_id for i in placed if i.clip.num_frames is None]),
    )


class ConfigChecker:
    """Counts what configurations gave; what does not depend on them is prepared once."""

    def __init__(self, placed: Sequence[PlacedClip], source: str) -> None:
        self._placed = placed
        self._source = source
        self._twins = twin_places([item.clip for item in placed])
        by_text: dict[str, list[tuple[int, int]]] = {}
        for place, item in enumerate(placed):
            for number, caption in enumerate(item.clip.captions):
                key = " ".join(caption.text.casefold().split())
                by_text.setdefault(key, []).append((place, number))
        self._repeated = [uses for uses in by_text.values() if len(uses) > 1]

    def check(self, config: Config, verdicts: Sequence[Verdict]) -> ConfigReport:
        """The report on one configuration; `verdicts` in the order of the clips."""
        classifier, keywords = config.classifier, config.keywords
        concept, rule = config.concept, config.classifier.rule
        counts = _Counted()
        for item, verdict in zip(self._placed, verdicts, strict=True):
            counts.add(item, verdict, config.min_occurrence)
        shared, shared_violent = self._shared_texts(verdicts)
        return ConfigReport(
            name=config.name,
            concept=concept.name,
            concept_sha256=concept.sha256,
            rule=rule,
            rule_version=classifier.version,
            judged="base clip" if config.whole_base_clips else "clip",
            keywords=None if keywords is None else keywords.keywords,
            keywords_origin=None if keywords is None else keywords.origin,
            keywords_made_for=None if keywords is None else keywords.made_for,
            quality=quality_of(rule, classifier.version, concept.name, self._source),
            splits=counts.splits(),
            violent_captions=counts.violent,
            violent_sub_clip_captions=counts.violent_parts,
            forget_by_part=Some.of(counts.by_part),
            forget_by_twin=Some.of(counts.by_twin),
            safe_captions_in_forget=counts.safe_in_forget,
            unsure=counts.unsure,
            twin_pairs=len(self._twins),
            twins_apart=Some.of(self._twins_apart(verdicts)),
            shared_texts=Some.of(shared),
            shared_violent_texts=Some.of(shared_violent),
            labels_sha256=counts.digest.hexdigest(),
        )

    def _twins_apart(self, verdicts: Sequence[Verdict]) -> list[str]:
        """The base clips of the pairs whose labels differ, sorted."""
        apart = [b for b, t in self._twins if verdicts[b].label != verdicts[t].label]
        return sorted(self._placed[base].clip.clip_id for base in apart)

    def _shared_texts(self, verdicts: Sequence[Verdict]) -> tuple[list[str], list[str]]:
        """Texts in both sets, each as "caption of a forget clip = caption of a retain clip".

        Then those of them that the rule calls violent in one clip at least.
        """
        shared: list[str] = []
        violent: list[str] = []
        for uses in self._repeated:
            first: dict[Role, tuple[int, int]] = {}
            for place, number in uses:
                first.setdefault(verdicts[place].label, (place, number))
            if len(first) > 1:
                ids = (self._caption_id(*first[role]) for role in ("forget", "retain"))
                shared.append(" = ".join(ids))
                if any(verdicts[place].judgements[number].violent for place, number in uses):
                    violent.append(shared[-1])
        return shared, violent

    def _caption_id(self, place: int, number: int) -> str:
        return self._placed[place].clip.captions[number].caption_id


class _Counted:
    """What is counted clip by clip."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.violent = self.violent_parts = self.safe_in_forget = 0
        self.by_part: list[str] = []
        self.by_twin: list[str] = []
        self.unsure: dict[Role, int] = {"forget": 0, "retain": 0}
        self._labels: dict[SplitName, list[tuple[str, Role]]] = {}
        self._categories: dict[SplitName, Counter[Category]] = {}

    def add(self, item: PlacedClip, verdict: Verdict, min_occurrence: int) -> None:
        """Count one clip."""
        clip_id, label = item.clip.clip_id, verdict.label
        self.digest.update(f"{clip_id}\0{item.split}\0{label}\n".encode())
        self._labels.setdefault(item.split, []).append((clip_id, label))
        kinds = self._categories.setdefault(item.split, Counter())
        self.unsure[label] += not verdict.confident
        found = sum(judgement.violent for judgement in verdict.judgements)
        if label == "forget":
            kinds[verdict.category] += 1
            self.safe_in_forget += len(verdict.judgements) - found
        if verdict.by_twin:
            self.by_twin.append(clip_id)
        if found:
            pairs = zip(item.clip.captions, verdict.judgements, strict=True)
            parts = sum(j.violent and not c.whole_clip for c, j in pairs)
            self.violent += found
            self.violent_parts += parts
            if label == "forget" and not verdict.by_twin and found - parts < min_occurrence:
                self.by_part.append(clip_id)

    def splits(self) -> dict[SplitName, Counts]:
        """Clips per split."""
        return {
            split: Counts(
                forget=sum(label == "forget" for _, label in labels),
                retain=sum(label == "retain" for _, label in labels),
                labels_sha256=labels_hash(labels),
                categories=dict(sorted(self._categories[split].items())),
            )
            for split, labels in self._labels.items()
        }
