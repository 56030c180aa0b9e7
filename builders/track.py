"""Track packs: prompts and real statistics from an emitted dataset and its motions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hmu_bench import __version__
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from builders._real_motions import RealMotions
    from hmu_bench.datasets import LabelledClip
    from hmu_bench.datasets.report import ConfigReport
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.tracks import SetReference
    from hmu_bench.tracks.prompts import PlannedPrompts

# Of the 20 drawn sets of windows; the seed of the reference code's evaluation.
SEED = 10107


def run(
    dataset: Annotated[
        Path, typer.Option(help="The dataset builder's output: holds hmu/<source>-forget, -retain.")
    ],
    source: Annotated[str, typer.Option(help="The dataset's name: humanml3d, sample, ...")],
    config: Annotated[
        str, typer.Option(help="A configuration of the dataset: <concept>-keywords.")
    ],
    motions: Annotated[
        Path,
        typer.Option(help="<clip_id>.npy: features (T,263), or joints (T,22,3) at 20 fps."),
    ],
    out: Annotated[Path, typer.Option(help="The pack's folder is made in here.")],
    evaluator: Annotated[str, typer.Option(help="An evaluator's folder, or its id.")] = "sample",
    revision: Annotated[str | None, typer.Option(help="Commit, for an evaluator id.")] = None,
    name: Annotated[
        str | None, typer.Option(help="The track's name [default: <source>-<config>].")
    ] = None,
    version: Annotated[str, typer.Option(help="The track's version.")] = "1",
    split: Annotated[str, typer.Option(help="Which split asks.")] = "test",
    license_name: Annotated[
        str | None, typer.Option("--license", help="Licence of captions and embeddings.")
    ] = None,
) -> None:
    """A track pack: prompts, embeddings and statistics of real motions, under the paper's rule.

    Writes OUT/<name>/track.yaml, prompts.parquet and reference.safetensors. No motion is in it,
    but embeddings of every real motion are: publish it only where the motions' licence allows.
    """
    from builders._real_motions import find_motions
    from hmu_bench.evaluators.loading import load_evaluator
    from hmu_bench.progress import shown
    from hmu_bench.tracks import check_facts, write_track
    from hmu_bench.tracks.identity import evaluator_facts

    about = _read_dataset(dataset, source, config)
    rows, dataset_sha256 = _read_rows(dataset, source, config, split)
    loaded = load_evaluator(evaluator, revision=revision)
    found = find_motions(motions, {row.clip_id: row.motion_path for row in rows}, shown)
    terms = list(about.keywords or {})
    words = _mask_words(about)
    planned = _plan(rows, found.lengths, source, terms, words, dataset)
    track_name = name or f"{source}-{config}"
    facts = {
        "name": track_name,
        "version": version,
        "source": source,
        "concept": about.concept,
        "rule": about.rule,
        "license": license_name,
        "evaluator": evaluator_facts(loaded).model_dump(),
        "protocols": ["paper", "hmu-1"] if words else ["paper"],
        "mask_terms": terms,
        "mask_words": words,
        "provenance": {
            "package_version": __version__,
            "seed": SEED,
            "dataset_config": config,
            "dataset_split": split,
            "dataset_sha256": dataset_sha256,
            "motions_sha256": found.sha256,
            "clips": len(rows),
            "clips_without_motion": len(found.missing),
            "captions_left_out": dict(sorted(planned.left_out.items())),
        },
    }
    check_facts(out / track_name, facts)
    reference = _reference(planned, found, loaded)
    info = write_track(out / track_name, facts, planned.prompts, reference)
    _tell(info.prompts, planned.left_out, len(rows), found.missing)
    typer.echo(str(out / track_name))


def _read_dataset(out: Path, source: str, config: str) -> ConfigReport:
    """What build.json says of the configuration."""
    from hmu_bench.datasets import read_report, repository

    report = read_report(repository(out, source, "forget"))
    found = next((c for c in report.configs if c.name == config), None)
    if found is None:
        names = ", ".join(c.name for c in report.configs)
        raise InputError(f"there is no configuration {config!r} (there are: {names})", where=out)
    if found.rule != "keywords" or not found.keywords:
        raise InputError(
            f"the configuration {config!r} is of the rule {found.rule!r}",
            where=out,
            fix="give a <concept>-keywords one: the protocol 'paper' is defined for that rule",
        )
    if not report.options.include_text:
        raise InputError(
            "the dataset was built without its texts, which are the prompts",
            where=out,
            fix="build it with its texts first",
        )
    return found


def _mask_words(about: ConfigReport) -> list[str]:
    """What `hmu-1` deletes: the concept's mask words, else its keywords; [] if these are no words.

    A concept of a user's own file has its keywords in the dataset, not its mask words.
    """
    from hmu_bench.concepts import concept_names, load_concept
    from hmu_bench.metrics.masking import word_forms

    if about.concept in concept_names():
        concept = load_concept(about.concept)
        if concept.mask_words and concept.sha256 == about.concept_sha256:
            return list(concept.mask_words)
        if concept.mask_words:
            say("the dataset was built from another version of the concept: masking its keywords")
    words = list(about.keywords or {})
    try:
        word_forms(words)
    except InputError as error:
        say(f"the track gets no protocol hmu-1: {error.what}")
        return []
    return words


def _read_rows(out: Path, source: str, config: str, split: str) -> tuple[list[LabelledClip], str]:
    """The clips of the split, and a hash over the files that they come from."""
    from hmu_bench.datasets import load_pair, read_report, repository
    from hmu_bench.datasets.model import SPLITS

    chosen = next((name for name in SPLITS if name == split), None)
    if chosen is None:
        raise InputError(f"unknown split {split!r}; known: {', '.join(SPLITS)}", key="--split")
    pair = load_pair(out, source, config, splits=[chosen])
    rows = [*pair["forget"], *pair["retain"]]
    if not rows:
        raise InputError(f"the dataset has no clips in the split {split!r}", where=out)
    files = read_report(repository(out, source, "forget")).files
    hashes = sorted(
        f"{role}/{file.path} {file.sha256}"
        for role in files
        for file in files[role][config].get(chosen, [])
    )
    return rows, sha256_bytes("\n".join(hashes).encode())


def _plan(
    rows: Sequence[LabelledClip],
    lengths: dict[str, int],
    source: str,
    terms: list[str],
    words: list[str],
    dataset: Path,
) -> PlannedPrompts:
    from hmu_bench.metrics.masking import delete_tokens, word_forms
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
    planned = paper_prompts(
        clips,
        lengths,
        source=source,
        mask=partial(mask_caption, terms=terms),
        mask_words=partial(delete_tokens, forms=word_forms(words)) if words else None,
    )
    counts = Counter(prompt.prompt_set for prompt in planned.prompts)
    for prompt_set in ("forget", "retain"):
        if counts[prompt_set] < 2:
            raise InputError(
                f"the {prompt_set} set has {counts[prompt_set]} prompts; statistics need 2",
                where=dataset,
                fix="check the split, the motions and their lengths (40 to 199 frames)",
            )
    return planned


def _reference(
    planned: PlannedPrompts, motions: RealMotions, evaluator: Evaluator
) -> dict[str, SetReference]:
    """Statistics of the real motions per prompt set, and their own metrics."""
    from builders._real_motions import WindowEmbeddings, draw_sets, own_metrics, set_reference
    from hmu_bench.progress import shown
    from hmu_bench.tracks.pack import SETS_WITH_REAL_MOTIONS
    from hmu_bench.tracks.windows import fixed_windows

    prompts = {s: [p for p in planned.prompts if p.prompt_set == s] for s in SETS_WITH_REAL_MOTIONS}
    segments = {s: [planned.segments[p.prompt_id] for p in prompts[s]] for s in prompts}
    draws = {
        s: draw_sets(segments[s], seed=SEED, number=number) for number, s in enumerate(prompts)
    }
    wanted = [w for s in prompts for one in (fixed_windows(segments[s]), *draws[s]) for w in one]
    windows = WindowEmbeddings(motions, wanted, evaluator, shown)
    return {
        s: own_metrics(set_reference(segments[s], draws[s], windows), prompts[s], number, evaluator)
        for number, s in enumerate(prompts)
    }


def _tell(
    prompts: dict[Any, int], left_out: Counter[str], clips: int, missing: Sequence[str]
) -> None:
    sets = ", ".join(f"{count} {name}" for name, count in prompts.items())
    say(f"{sum(prompts.values())} prompts ({sets}) from {clips} clips")
    if missing:
        say(f"{len(missing)} clips have no motion file (first: {missing[0]}); left out")
    for reason, count in sorted(left_out.items()):
        say(f"{count} captions left out: {reason}")
