"""What is whole and what is not: of the input as a whole, and of a configuration."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from hmu_bench.concepts import Category
from hmu_bench.datasets.model import Clip, Problem, SplitName, twin_base
from hmu_bench.datasets.partition import Config, PlacedClip, Verdict
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
    kinds = Counter(problem.kind for problem in problems)
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
        tokens_by_rules=sum(caption.tokens_by == "rules" for caption in captions),
    )


class ConfigChecker:
    """Counts what configurations gave; what does not depend on them is prepared once."""

    def __init__(self, placed: Sequence[PlacedClip]) -> None:
        self._placed = placed
        places = {item.clip.clip_id: place for place, item in enumerate(placed)}
        twins = (
            (places.get(twin_base(i.clip.clip_id)), n)
            for n, i in enumerate(placed)
            if i.clip.mirrored
        )
        self._twins = [(base, twin) for base, twin in twins if base is not None]
        by_text: dict[str, list[tuple[int, str]]] = {}
        for place, item in enumerate(placed):
            for caption in item.clip.captions:
                key = " ".join(caption.text.lower().split())
                by_text.setdefault(key, []).append((place, caption.caption_id))
        self._repeated = [uses for uses in by_text.values() if len(uses) > 1]

    def check(self, config: Config, verdicts: Sequence[Verdict]) -> ConfigReport:
        """The report on one configuration; `verdicts` in the order of the clips."""
        counts: dict[SplitName, Counter[str]] = {}
        categories: dict[SplitName, Counter[Category]] = {}
        digest = hashlib.sha256()
        violent = violent_parts = safe_in_forget = 0
        for item, verdict in zip(self._placed, verdicts, strict=True):
            counts.setdefault(item.split, Counter())[verdict.label] += 1
            kinds = categories.setdefault(item.split, Counter())
            digest.update(f"{item.clip.clip_id}\0{item.split}\0{verdict.label}\n".encode())
            found = sum(judgement.violent for judgement in verdict.judgements)
            if verdict.label == "forget":
                kinds[verdict.category] += 1
                safe_in_forget += len(verdict.judgements) - found
            if found:
                violent += found
                pairs = zip(item.clip.captions, verdict.judgements, strict=True)
                violent_parts += sum(j.violent and not c.whole_clip for c, j in pairs)
        return ConfigReport(
            name=config.name,
            concept=config.concept.name,
            concept_sha256=config.concept.sha256,
            rule=config.classifier.rule,
            rule_version=config.classifier.version,
            keywords=config.keywords.keywords,
            keywords_origin=config.keywords.origin,
            keywords_made_for=config.keywords.made_for,
            splits={
                split: Counts(
                    forget=counts[split]["forget"],
                    retain=counts[split]["retain"],
                    categories=dict(sorted(categories[split].items())),
                )
                for split in counts
            },
            violent_captions=violent,
            violent_sub_clip_captions=violent_parts,
            safe_captions_in_forget=safe_in_forget,
            twin_pairs=len(self._twins),
            twins_apart=Some.of(self._twins_apart(verdicts)),
            shared_texts=Some.of(self._shared_texts(verdicts)),
            labels_sha256=digest.hexdigest(),
        )

    def _twins_apart(self, verdicts: Sequence[Verdict]) -> list[str]:
        """The base clips of the pairs whose labels differ, sorted."""
        apart = [b for b, t in self._twins if verdicts[b].label != verdicts[t].label]
        return sorted(self._placed[base].clip.clip_id for base in apart)

    def _shared_texts(self, verdicts: Sequence[Verdict]) -> list[str]:
        """Texts in both sets, each as "caption of a forget clip = caption of a retain clip"."""
        shared = []
        for uses in self._repeated:
            first: dict[str, str] = {}
            for place, caption_id in uses:
                first.setdefault(verdicts[place].label, caption_id)
            if len(first) > 1:
                shared.append(f"{first['forget']} = {first['retain']}")
        return shared
