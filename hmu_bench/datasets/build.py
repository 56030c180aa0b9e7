"""Clips in, a pair of dataset repositories out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hmu_bench import __version__
from hmu_bench.concepts import Concept, load_concept
from hmu_bench.datasets.card import CARD_FILE, Example, card, default_config
from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.integrity import ConfigChecker, check_input
from hmu_bench.datasets.model import ROLES, SPLITS, Clip, Problem, Role, SplitName
from hmu_bench.datasets.partition import Config, PlacedClip, Verdict, judge_clips, make_config
from hmu_bench.datasets.publishing import check_target, staged_pair
from hmu_bench.datasets.readers import SourceClips
from hmu_bench.datasets.report import (
    BUILD_FILE,
    BuildReport,
    ConfigReport,
    DataFile,
    Inputs,
    Options,
)
from hmu_bench.datasets.splits import SplitLists
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.progress import Progress, silent
from hmu_bench.text import DEFAULT_RULE

if TYPE_CHECKING:
    from hmu_bench.datasets.arrow import Rows

MAX_SHARD_BYTES = 500_000_000
EXAMPLES_IN_CARD = 5

Files = dict[Role, dict[str, dict[SplitName, list[DataFile]]]]


def build(
    clips: SourceClips | Iterable[Clip],
    *,
    facts: SourceFacts,
    out: Path,
    splits: SplitLists | None = None,
    concepts: Sequence[str | Path | Concept] = ("violence",),
    rules: Sequence[str] = (DEFAULT_RULE,),
    min_occurrence: int = 1,
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
        concepts: names of concepts, concept files, or concepts; one configuration for each.
        rules: the split rules; one configuration for each.
        min_occurrence: how many violent captions make a clip violent.
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
    by_id = {clip.clip_id: clip for clip in source.clips}
    lists = splits or SplitLists.none(by_id)
    configs = _configs(concepts, rules, facts.name, min_occurrence)
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

    import pyarrow as pa

    from hmu_bench.datasets.arrow import Rows

    rows = Rows(placed, facts, include_text)
    checker = ConfigChecker(placed)
    files: Files = {role: {} for role in ROLES}
    examples: dict[Role, dict[str, list[Example]]] = {role: {} for role in ROLES}
    reports: list[ConfigReport] = []
    with staged_pair(out, facts.name) as folders:
        for config in progress(configs, "splitting"):
            verdicts = judge_clips([item.clip for item in placed], config)
            reports.append(checker.check(config, verdicts))
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
            inputs=Inputs(
                format=source.format,
                captions_sha256=source.sha256,
                files=source.files,
                splits_sha256=lists.sha256,
            ),
            integrity=integrity,
            configs=reports,
            files=files,
        )
        _check_partition(report, len(placed))
        for role, folder in folders.items():
            shown = examples[role].get(default_config(report, role) or "", [])
            (folder / BUILD_FILE).write_text(report.to_json(), "utf-8")
            (folder / CARD_FILE).write_text(card(report, role, shown), "utf-8")
    return report


def _configs(
    concepts: Sequence[str | Path | Concept], rules: Sequence[str], source: str, minimum: int
) -> list[Config]:
    loaded = [c if isinstance(c, Concept) else load_concept(c) for c in concepts]
    configs: dict[str, Config] = {}
    for concept in loaded:
        for rule in dict.fromkeys(rules):
            config = make_config(concept, rule, source, minimum)
            known = configs.setdefault(config.name, config)
            if known.concept != concept:
                raise InputError("two different concepts have this name", key=concept.name)
    if not configs:
        raise InputError("no concept or no rule was given")
    return list(configs.values())


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
    """The first clips of a set, each with a caption that shows why it is there."""
    examples: list[Example] = []
    for item, verdict in zip(placed, verdicts, strict=True) if include_text else ():
        if len(examples) == EXAMPLES_IN_CARD:
            break
        if verdict.label == role:
            pairs = list(zip(item.clip.captions, verdict.judgements, strict=True))
            caption, judgement = next((pair for pair in pairs if pair[1].violent), pairs[0])
            examples.append(Example(item.clip.clip_id, caption.text, judgement))
    return examples


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
