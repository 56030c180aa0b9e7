"""Clips in, a pair of dataset repositories out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hmu_bench import __version__
from hmu_bench.concepts import Concept
from hmu_bench.datasets.agreement import agreement
from hmu_bench.datasets.card import (
    CARD_FILE,
    EXAMPLES_SHOWN,
    Example,
    card,
    default_config,
    quoted_ids,
)
from hmu_bench.datasets.configs import DEFAULT_CONCEPT, PAPERS_RULE, Config, make_configs
from hmu_bench.datasets.croissant import CROISSANT_FILE, croissant
from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.integrity import ConfigChecker, check_input
from hmu_bench.datasets.model import ROLES, SPLITS, Clip, Problem, Role, SplitName
from hmu_bench.datasets.partition import PlacedClip, Verdict, judge_clips
from hmu_bench.datasets.publishing import check_target, staged_pair
from hmu_bench.datasets.readers import SourceClips
from hmu_bench.datasets.releases import compare, releases_of
from hmu_bench.datasets.report import (
    BUILD_FILE,
    Agreement,
    BorrowedCaptions,
    BuildReport,
    ConfigReport,
    DataFile,
    Inputs,
    Options,
    Some,
)
from hmu_bench.datasets.splits import SplitLists
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.progress import Progress, silent
from hmu_bench.text import DEFAULT_RULE

if TYPE_CHECKING:
    from hmu_bench.datasets.arrow import Rows

MAX_SHARD_BYTES = 500_000_000

Files = dict[Role, dict[str, dict[SplitName, list[DataFile]]]]


def build(
    clips: SourceClips | Iterable[Clip],
    *,
    facts: SourceFacts,
    out: Path,
    splits: SplitLists | None = None,
    concepts: Sequence[str | Path | Concept] = (DEFAULT_CONCEPT,),
    rules: Sequence[str] = (DEFAULT_RULE,),
    min_occurrence: int = 1,
    num_frames: Mapping[str, int] | None = None,
    include_text: bool = True,
    skip_bad: bool = False,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    progress: Progress = silent,
) -> BuildReport:
    """Split clips into forget and retain and write both as Hub dataset repositories.

    Args:
        clips: what a reader gave, or clips that are in memory.
        facts: the source's name, licence and citation.
        out: the folder below which `hmu/<name>-forget` and `hmu/<name>-retain` are written. A pair
            that a builder wrote there earlier is replaced; nothing else is touched.
        splits: the split lists; None puts every clip into `train`.
        concepts: names of concepts, concept files, or concepts; one configuration for each. `all`:
            every concept that a rule can judge.
        rules: the split rules; one configuration for each.
        min_occurrence: how many violent captions make a clip violent.
        num_frames: clip id -> frames of its motion at 20 fps, for clips that do not tell.
        include_text: False leaves text, tokens and evidence empty.
        skip_bad: leave out what is wrong with the input (counted) instead of stopping.
        max_shard_bytes: rows of more than this many bytes are spread over several files.
        progress: shows how far it is.

    Returns:
        What build.json says: everything that went in and came out.

    Raises:
        InputError: if something is wrong with the input, or the output cannot be written.
    """
    source = clips if isinstance(clips, SourceClips) else SourceClips.of(clips)
    by_id = {clip.clip_id: _measured(clip, num_frames or {}) for clip in source.clips}
    lists = splits or SplitLists.none(by_id)
    judged_as = {clip.judged_as for clip in source.clips if clip.judged_as is not None}
    configs = make_configs(concepts, rules, facts.name, min_occurrence, judged_as)
    check_target(out, facts.name)
    problems = _relevant(source.problems, lists) + lists.problems
    if problems and not skip_bad:
        raise _stop(problems)
    placed = [
        PlacedClip(by_id[clip_id], split)
        for split in SPLITS
        for clip_id in lists.ids.get(split, ())
        if clip_id in by_id
    ]
    if not placed:
        raise InputError(
            f"none of the {len(lists.all_ids):,} listed ids has a text"
            if lists.given
            else "there is no clip to build from",
            fix="check that texts and split lists belong together",
        )
    integrity = check_input(by_id, lists, source.problems + lists.problems, placed)
    clips_placed = [item.clip for item in placed]
    used = {clip.clip_id for clip in clips_placed}
    aside = {i: clip for i, clip in {**source.aside, **by_id}.items() if i not in used}

    import pyarrow as pa

    from hmu_bench.datasets.arrow import Rows

    rows = Rows(placed, facts, include_text)
    checker = ConfigChecker(placed, facts.name)
    files: Files = {role: {} for role in ROLES}
    examples: dict[Role, dict[str, list[Example]]] = {role: {} for role in ROLES}
    reports: list[ConfigReport] = []
    labels: dict[str, list[Role]] = {}
    with staged_pair(out, facts.name) as folders:
        for config in progress(configs, "splitting"):
            verdicts = judge_clips(clips_placed, config, aside)
            reports.append(checker.check(config, verdicts))
            labels[config.name] = [verdict.label for verdict in verdicts]
            for role in ROLES:
                examples[role][config.name] = _examples(placed, verdicts, role, include_text)
            _write_config(folders, files, rows, verdicts, config.name, max_shard_bytes)
        report = BuildReport(
            facts=facts,
            package_version=__version__,
            pyarrow_version=pa.__version__,
            options=Options(
                concepts=list(dict.fromkeys(config.concept.name for config in configs)),
                rules=list(dict.fromkeys(rules)),
                min_occurrence=min_occurrence,
                skip_bad=skip_bad,
                include_text=include_text,
            ),
            inputs=_inputs(source, lists, num_frames),
            integrity=integrity,
            configs=reports,
            agreements=_agreements(configs, [clip.clip_id for clip in clips_placed], labels),
            files=files,
        )
        report = _with_releases(report)
        _check_partition(report, len(placed))
        quoted = _quoted(clips_placed, report) if include_text else {}
        for role, folder in folders.items():
            shown = examples[role].get(default_config(report, role) or "", [])
            (folder / BUILD_FILE).write_text(report.to_json(), "utf-8")
            (folder / CARD_FILE).write_text(card(report, role, shown, quoted), "utf-8")
            (folder / CROISSANT_FILE).write_text(croissant(report, role), "utf-8")
    return report


def _measured(clip: Clip, num_frames: Mapping[str, int]) -> Clip:
    """The clip with its length, where the clip does not tell and the mapping does."""
    known = clip.num_frames if clip.num_frames is not None else num_frames.get(clip.clip_id)
    return clip if known == clip.num_frames else replace(clip, num_frames=known)


def _inputs(source: SourceClips, lists: SplitLists, num_frames: Mapping[str, int] | None) -> Inputs:
    borrowed = source.borrowed
    lengths = None
    if num_frames is not None:
        lines = (f"{clip_id}\0{num_frames[clip_id]}\n" for clip_id in sorted(num_frames))
        lengths = sha256_bytes("".join(lines).encode())
    return Inputs(
        format=source.format,
        captions_sha256=source.sha256,
        files=source.files,
        splits_sha256=lists.sha256,
        num_frames_sha256=lengths,
        borrowed=None
        if borrowed is None
        else BorrowedCaptions(
            source=borrowed.source,
            folder=borrowed.folder,
            captions_sha256=borrowed.sha256,
            clips=borrowed.clips,
            without=Some.of(list(borrowed.without)),
        ),
    )


def _agreements(
    configs: Sequence[Config], clip_ids: Sequence[str], labels: Mapping[str, Sequence[Role]]
) -> list[Agreement]:
    """Every configuration against the paper's rule for the same concept, where that is built."""
    papers = {c.concept.name: c.name for c in configs if c.rule == PAPERS_RULE}
    return [
        agreement(config.name, other, clip_ids, (labels[config.name], labels[other]))
        for config in configs
        if (other := papers.get(config.concept.name)) and other != config.name
    ]


def _with_releases(report: BuildReport) -> BuildReport:
    """The report, with what it is of every configuration's frozen releases."""
    configs = []
    for config in report.configs:
        frozen = releases_of(report.name, config.name)
        release, reason = compare(report.made(config), config.split_labels(), frozen)
        configs.append(config.model_copy(update={"release": release, "release_reason": reason}))
    return report.model_copy(update={"configs": configs})


def _relevant(problems: Sequence[Problem], lists: SplitLists) -> list[Problem]:
    """Problems of clips that are to be used; broken texts that no list names do no harm."""
    listed = lists.all_ids
    if not lists.given:
        return list(problems)
    return [p for p in problems if p.clip_id is None or p.clip_id in listed]


def _stop(problems: Sequence[Problem]) -> InputError:
    first = problems[0]
    more = f" (and {len(problems) - 1:,} more problems)" if len(problems) > 1 else ""
    return InputError(
        f"{first.what}{more}",
        where=first.where,
        line=first.line,
        key=first.key,
        fix="mend it, or leave such clips out with --skip-bad",
    )


def _write_config(
    folders: dict[Role, Path],
    files: Files,
    rows: Rows,
    verdicts: Sequence[Verdict],
    config: str,
    max_shard_bytes: int,
) -> None:
    """Write the Parquet files of one configuration to both repositories."""
    from hmu_bench.datasets.arrow import select, shards

    table = rows.table(verdicts)
    for role, folder in folders.items():
        files[role][config] = {}
        for split in SPLITS:
            part = select(table, split, role)
            if not part.num_rows:
                continue
            written = list(shards(part, max_shard_bytes))
            entries = files[role][config][split] = []
            for number, (data, count, num_bytes) in enumerate(written):
                digest = sha256_bytes(data)
                of = f"{number:05d}-of-{len(written):05d}"
                path = f"data/{config}/{split}-{of}-{digest[:12]}.parquet"
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                entries.append(
                    DataFile(
                        path=path, sha256=digest, rows=count, bytes=len(data), num_bytes=num_bytes
                    )
                )


def _examples(
    placed: Sequence[PlacedClip], verdicts: Sequence[Verdict], role: Role, include_text: bool
) -> list[Example]:
    """Clips of a set, the first of every category first, with a caption that shows why."""
    if not include_text:
        return []
    chosen: list[int] = []
    others: list[int] = []
    seen: set[str] = set()
    for place, verdict in enumerate(verdicts):
        if verdict.label == role:
            new = verdict.category not in seen
            seen.add(verdict.category)
            (chosen if new else others).append(place)
    examples: list[Example] = []
    for place in (chosen + others)[: max(len(chosen), EXAMPLES_SHOWN)]:
        clip = placed[place].clip
        pairs = list(zip(clip.captions, verdicts[place].judgements, strict=True))
        caption, judgement = next((pair for pair in pairs if pair[1].violent), pairs[0])
        examples.append(Example(clip.clip_id, caption.text, judgement))
    return examples


def _quoted(clips: Sequence[Clip], report: BuildReport) -> dict[str, str]:
    """The words of the clips and captions that the card shows as examples."""
    ids = quoted_ids(report.configs, report.agreements)
    words: dict[str, str] = {}
    for clip in clips if ids else ():
        if clip.clip_id in ids:
            words[clip.clip_id] = " / ".join(caption.text for caption in clip.captions)
        words |= {c.caption_id: c.text for c in clip.captions if c.caption_id in ids}
    return words


def _check_partition(report: BuildReport, expected: int) -> None:
    """Every used clip is in exactly one of the two sets (RuntimeError: our bug)."""
    for config in report.configs:
        counts = config.splits.values()
        labelled = sum(count.forget + count.retain for count in counts)
        written = sum(
            file.rows
            for role in ROLES
            for files in report.files[role][config.name].values()
            for file in files
        )
        if not labelled == written == expected:
            raise RuntimeError(f"{config.name}: {expected} clips in, {written} rows out")
