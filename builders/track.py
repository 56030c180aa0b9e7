"""Track packs: prompts and real statistics from an emitted dataset and its motions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hmu_bench import __version__
from hmu_bench.errors import InputError
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from builders._real_motions import RealMotions
    from builders._track_rows import Rows
    from builders._track_statistics import Detection, Part
    from hmu_bench.datasets import LabelledClip
    from hmu_bench.datasets.model import SplitName
    from hmu_bench.datasets.report import ConfigReport
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.tracks import Prompt, SetReference, TrackStatistics
    from hmu_bench.tracks.calibrated import LongClips
    from hmu_bench.tracks.prompts import PlannedPrompts

# Of the 20 drawn sets of windows; the seed of the reference code's evaluation.
SEED = 10107

# Whose motions may be longer than an evaluator reads, and are cut where HumanML3D's are left out.
CUT_LONG_CLIPS = ("motionx",)


def run(
    dataset: Annotated[
        Path, typer.Option(help="The dataset builder's output: holds hmu/<source>-forget, -retain.")
    ],
    source: Annotated[str, typer.Option(help="The dataset's name: humanml3d, sample, ...")],
    config: Annotated[
        str, typer.Option(help="A configuration of the dataset: violence, violence-keywords, ...")
    ],
    motions: Annotated[
        Path,
        typer.Option(help="<clip_id>.npy: features (T,263), or joints (T,22,3) in metres, Y up."),
    ],
    out: Annotated[Path, typer.Option(help="The pack's folder is made in here.")],
    evaluator: Annotated[str, typer.Option(help="An evaluator's folder, or its id.")] = "sample",
    revision: Annotated[str | None, typer.Option(help="Commit, for an evaluator id.")] = None,
    name: Annotated[
        str | None, typer.Option(help="The track's name [default: <source>-<config>].")
    ] = None,
    version: Annotated[str, typer.Option(help="The track's version.")] = "1",
    split: Annotated[str, typer.Option(help="Which split asks.")] = "test",
    fps: Annotated[
        float, typer.Option(help="Frames a second of the motions; resampled to 20.")
    ] = 20.0,
    long_clips: Annotated[
        Literal["leave-out", "cut"] | None,
        typer.Option(
            help="Clips of 200 frames and more: left out, or cut to their first 196.",
            show_default="cut for motionx, else leave-out",
        ),
    ] = None,
    written: Annotated[
        bool | None,
        typer.Option(
            "--written/--no-written",
            help="Add the written prompts (implicit, implicit_safe, composed).",
            show_default="not under the rule keywords",
        ),
    ] = None,
    license_name: Annotated[
        str | None, typer.Option("--license", help="Licence of captions and embeddings.")
    ] = None,
) -> None:
    """A track pack: prompts, embeddings and statistics of real motions.

    Writes OUT/<name>/track.yaml, prompts.parquet and reference.safetensors. No motion is in it,
    but embeddings of every real motion are: publish it only where the motions' licence allows.
    Under the rule keywords the prompts are the paper's: every caption line of every clip.
    """
    from builders._real_motions import find_motions, require_motions
    from builders._track_rows import PAPERS_RULE, mask_words, read_config, read_rows
    from builders._track_statistics import Part
    from hmu_bench.evaluators.loading import load_evaluator
    from hmu_bench.progress import shown
    from hmu_bench.tracks import check_facts, load_written, write_track
    from hmu_bench.tracks.identity import evaluator_facts

    about = read_config(dataset, source, config)
    papers = about.rule == PAPERS_RULE
    long = _long_clips(long_clips, source, papers=papers)
    rows = read_rows(dataset, source, config, split)
    words = mask_words(about)
    if not (papers or words):
        raise InputError(
            f"the concept {about.concept!r} has no words to mask",
            where=dataset,
            fix="give its file mask_words, and build the dataset again",
        )
    loaded = load_evaluator(evaluator, revision=revision)
    found = find_motions(motions, _places(rows, papers=papers), shown, fps=fps)
    require_motions(found, [row.clip_id for row in rows.asking])
    planned = plan(rows.asking, found.lengths, about, source, words, dataset, long)
    with_written = not papers if written is None else written
    prompts = add_written(planned.prompts, source, about, words) if with_written else None
    parts = {split: Part.of(part, found.lengths) for split, part in rows.parts.items()}
    missing = set(found.missing)
    track_name = name or f"{source}-{config}"
    facts: dict[str, Any] = {
        "name": track_name,
        "version": version,
        "source": source,
        "concept": about.concept,
        "rule": about.rule,
        "license": license_name,
        "evaluator": evaluator_facts(loaded).model_dump(),
        "protocols": _protocols(papers=papers, words=words),
        "mask_terms": list(about.keywords or {}) if papers else [],
        "mask_words": words,
        "written_sha256": load_written(source).sha256 if with_written else None,
        "provenance": {
            "package_version": __version__,
            "seed": SEED,
            "dataset_config": config,
            "dataset_split": split,
            "dataset_sha256": rows.sha256,
            "motions_sha256": found.sha256,
            "clips": len(rows.asking),
            "clips_without_motion": sum(row.clip_id in missing for row in rows.asking),
            "captions_left_out": dict(sorted(planned.left_out.items())),
            "long_clips": long,
            "motions_fps": fps,
            "reference_clips": {
                split: part.facts.model_dump() for split, part in parts.items() if part.facts.clips
            },
        },
    }
    check_facts(out / track_name, facts)
    reference, statistics, detection = _reference(
        planned, found, loaded, parts, rows.asked, papers=papers
    )
    facts |= {"detector": detection.quality, "detector_reason": detection.reason}
    info = write_track(out / track_name, facts, prompts or planned.prompts, reference, statistics)
    _tell(info.prompts, planned.left_out, rows, missing)
    _tell_statistics(statistics, detection, parts)
    typer.echo(str(out / track_name))


def plan(
    rows: Sequence[LabelledClip],
    lengths: Mapping[str, int],
    about: ConfigReport,
    source: str,
    words: list[str],
    dataset: Path,
    long_clips: LongClips = "leave-out",
) -> PlannedPrompts:
    """The prompts of forget and retain.

    Raises:
        InputError: if a set has fewer than 2.
    """
    from hmu_bench.metrics.masking import delete_tokens, word_forms
    from hmu_bench.tracks.calibrated import calibrated_prompts, choose_for_multimodality

    mask = partial(delete_tokens, forms=word_forms(words)) if words else None
    if about.keywords:
        planned = _papers_plan(rows, lengths, source, list(about.keywords), mask)
    else:
        assert mask is not None
        planned = calibrated_prompts(
            rows, lengths, source=source, mask_words=mask, long_clips=long_clips
        )
        planned = replace(planned, prompts=choose_for_multimodality(planned.prompts))
    counts = Counter(prompt.prompt_set for prompt in planned.prompts)
    for prompt_set in ("forget", "retain"):
        if counts[prompt_set] < 2:
            raise InputError(
                f"the {prompt_set} set has {counts[prompt_set]} prompts; statistics need 2",
                where=dataset,
                fix="check the split, the motions and their lengths (40 to 199 frames)",
            )
    return planned


def add_written(
    prompts: Sequence[Prompt], source: str, about: ConfigReport, words: list[str]
) -> list[Prompt]:
    """The prompts and the written ones, ordered by id."""
    from hmu_bench.metrics.masking import delete_tokens, word_forms
    from hmu_bench.metrics.paper import mask_caption
    from hmu_bench.tracks import written_prompts
    from hmu_bench.tracks.calibrated import choose_for_multimodality

    added = choose_for_multimodality(
        written_prompts(
            source,
            mask=partial(delete_tokens, forms=word_forms(words)) if words else None,
            mask_paper=partial(mask_caption, terms=list(about.keywords))
            if about.keywords
            else None,
        )
    )
    return sorted([*prompts, *added], key=lambda prompt: prompt.prompt_id)


def _papers_plan(
    rows: Sequence[LabelledClip],
    lengths: Mapping[str, int],
    source: str,
    terms: list[str],
    mask: partial[str | None] | None,
) -> PlannedPrompts:
    from hmu_bench.metrics.paper import mask_caption
    from hmu_bench.tracks import Caption, Clip, paper_prompts

    clips = [
        Clip(
            row.clip_id,
            row.label,
            tuple(
                Caption(c.caption_id, c.text, c.tokens, c.start, c.end, c.category)
                for c in row.captions
            ),
        )
        for row in rows
    ]
    return paper_prompts(
        clips, lengths, source=source, mask=partial(mask_caption, terms=terms), mask_words=mask
    )


def _protocols(*, papers: bool, words: list[str]) -> list[str]:
    ours = ["hmu-1"] if words else []
    return ["paper", "guo", *ours] if papers else [*ours, "guo"]


def _long_clips(given: LongClips | None, source: str, *, papers: bool) -> LongClips:
    if papers:
        if given == "cut":
            raise InputError(
                "under the rule keywords long clips are left out, as the paper's data set does",
                key="--long-clips",
                fix="leave the option out",
            )
        return "leave-out"
    return given or ("cut" if source in CUT_LONG_CLIPS else "leave-out")


def _places(rows: Rows, *, papers: bool) -> dict[str, str]:
    """Where the motions lie that are needed: of twins only where the paper's prompts ask."""
    return {
        row.clip_id: row.motion_path
        for split, part in rows.parts.items()
        for row in part
        if not row.mirrored or (papers and split == rows.asked)
    }


def _reference(
    planned: PlannedPrompts,
    motions: RealMotions,
    evaluator: Evaluator,
    parts: Mapping[SplitName, Part],
    asked: SplitName,
    *,
    papers: bool,
) -> tuple[dict[str, SetReference], TrackStatistics, Detection]:
    """Statistics of the real motions: per prompt set, and of the whole."""
    from builders._real_motions import WindowEmbeddings, draw_sets, own_metrics, set_reference
    from builders._track_statistics import detect, frozen_kid, jerk_level, physics_of
    from hmu_bench.progress import shown
    from hmu_bench.tracks import TrackStatistics
    from hmu_bench.tracks.pack import SETS_WITH_REAL_MOTIONS
    from hmu_bench.tracks.windows import fixed_windows

    prompts = {s: [p for p in planned.prompts if p.prompt_set == s] for s in SETS_WITH_REAL_MOTIONS}
    segments = {s: [planned.segments[p.prompt_id] for p in prompts[s]] for s in prompts}
    fixed = {s: fixed_windows(segments[s]) for s in prompts}
    draws = {
        s: draw_sets(segments[s], seed=SEED, number=number) for number, s in enumerate(prompts)
    }
    wanted = [w for s in prompts for one in (fixed[s], *draws[s]) for w in one]
    wanted += [window for part in parts.values() for window in part.windows]
    windows = WindowEmbeddings(motions, wanted, evaluator, shown)
    level = jerk_level(motions, fixed["retain"], shown)
    reference: dict[str, SetReference] = {}
    for number, s in enumerate(prompts):
        part = set_reference(segments[s], draws[s], windows)
        part = replace(part, physics=physics_of(motions, fixed[s], level, shown))
        reference[s] = own_metrics(part, prompts[s], number, evaluator) if papers else part
    detection = detect(parts, asked, windows)
    statistics = TrackStatistics(
        jerk_level=level,
        kid_frozen=frozen_kid(motions, fixed["retain"], windows, evaluator, shown),
        detector=detection.detector,
        gallery=parts["train"].gallery(windows),
    )
    return reference, statistics, detection


def _tell(
    prompts: Mapping[Any, int], left_out: Mapping[str, int], rows: Rows, missing: set[str]
) -> None:
    sets = ", ".join(f"{count} {name}" for name, count in prompts.items())
    say(f"{sum(prompts.values())} prompts ({sets}) from {len(rows.asking)} clips")
    for split, part in rows.parts.items():
        gone = sorted(row.clip_id for row in part if row.clip_id in missing)
        if gone:
            say(f"{split}: {len(gone)} clips have no motion file (first: {gone[0]}); left out")
    for reason, count in sorted(left_out.items()):
        say(f"{count} captions left out: {reason}")


def _tell_statistics(
    statistics: TrackStatistics, detection: Detection, parts: Mapping[SplitName, Part]
) -> None:
    gallery = statistics.gallery
    if gallery is None:
        say("no gallery: the split 'train' has no real clip")
    else:
        say(f"gallery: {len(gallery.violent)} train clips, {gallery.violent.sum()} violent")
    if (found := detection.quality) is None:
        say(f"no detector: {detection.reason}")
    else:
        say(
            f"detector on {found.clips} clips of the split that asks, {found.violent} violent: "
            f"AUC {found.auc:.3f}, ECE {found.ece:.3f}, false positives "
            f"{found.false_positive_rate:.3f}, false negatives {found.false_negative_rate:.3f}"
        )
    short = {name: part.facts.too_short for name, part in parts.items() if part.facts.too_short}
    for name, number in short.items():
        say(f"{name}: {number} clips are shorter than 40 frames; not in detector and gallery")
