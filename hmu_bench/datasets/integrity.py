"""What is whole and what is not: of the input as a whole, and of a configuration."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from hmu_bench.datasets.model import Caption, Clip, Problem, SplitName, twin_base
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


def check_config(
    config: Config, placed: Sequence[PlacedClip], verdicts: Sequence[Verdict]
) -> ConfigReport:
    """Count what a configuration gave: per split, twins apart, captions in both sets."""
    counts: dict[SplitName, Counter[str]] = {}
    categories: dict[SplitName, Counter[str]] = {}
    digest = hashlib.sha256()
    violent = violent_parts = safe_in_forget = 0
    for item, verdict in zip(placed, verdicts, strict=True):
        counts.setdefault(item.split, Counter())[verdict.label] += 1
        kinds = categories.setdefault(item.split, Counter())
        if verdict.label == "forget":
            kinds[verdict.category] += 1
            safe_in_forget += sum(not judgement.violent for judgement in verdict.judgements)
        for caption, judgement in zip(item.clip.captions, verdict.judgements, strict=True):
            violent += judgement.violent
            violent_parts += judgement.violent and not caption.whole_clip
        digest.update(f"{item.clip.clip_id}\0{item.split}\0{verdict.label}\n".encode())
    pairs, apart = _twins(placed, verdicts)
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
        twin_pairs=pairs,
        twins_apart=Some.of(apart),
        shared_texts=Some.of(_shared(placed, verdicts)),
        labels_sha256=digest.hexdigest(),
    )


def _twins(placed: Sequence[PlacedClip], verdicts: Sequence[Verdict]) -> tuple[int, list[str]]:
    """How many pairs there are, and the base clips of those whose labels differ."""
    labels = {
        item.clip.clip_id: verdict.label for item, verdict in zip(placed, verdicts, strict=True)
    }
    pairs = 0
    apart = []
    for item in placed:
        base = twin_base(item.clip.clip_id)
        if not item.clip.mirrored or base not in labels:
            continue
        pairs += 1
        if labels[base] != labels[item.clip.clip_id]:
            apart.append(base)
    return pairs, sorted(apart)


def _shared(placed: Sequence[PlacedClip], verdicts: Sequence[Verdict]) -> list[str]:
    """Captions that a forget clip and a retain clip share, as "forget caption = retain caption"."""
    first: dict[str, dict[str, Caption]] = {"forget": {}, "retain": {}}
    for item, verdict in zip(placed, verdicts, strict=True):
        known = first[verdict.label]
        for caption in item.clip.captions:
            known.setdefault(" ".join(caption.text.lower().split()), caption)
    both = [text for text in first["forget"] if text in first["retain"]]
    return [
        f"{first['forget'][text].caption_id} = {first['retain'][text].caption_id}" for text in both
    ]
