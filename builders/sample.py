"""The embedded sample: its captions to `hmu/sample-forget` and `hmu/sample-retain`, its motions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builders import _datasets as datasets
from hmu_bench.errors import InputError
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.datasets import Clip, SourceFacts, SplitLists
    from hmu_bench.datasets.model import SplitName

# The sample's splits -> the names that datasets have.
_SPLITS: dict[str, SplitName] = {"train": "train", "val": "validation", "test": "test"}


def facts() -> SourceFacts:
    """What a dataset card says about the sample."""
    from hmu_bench.datasets import SourceFacts

    return SourceFacts(
        name="sample",
        pretty_name="hmu-bench sample",
        description="Procedural motions of 22 joints and captions of a small grammar, both made by "
        "hmu-bench itself: nothing is recorded, nobody is depicted. It lets the whole "
        "benchmark run on any machine, without a download or a licence.",
        license="mit",
        motion_path="new_joint_vecs/{clip_id}.npy",
        captions="machine-generated",
        limits=[
            "Captions come from a grammar of some 350 words; they are far more regular than what "
            "people write.",
            "Motions are synthetic: results on them say nothing about a model of human motion.",
            "About three clips in ten are violent, far more than in HumanML3D.",
        ],
    )


def clips() -> list[Clip]:
    """The clips of the sample, as the dataset builder takes them."""
    from hmu_bench import sample
    from hmu_bench.datasets import Caption, Clip

    return [
        Clip(
            clip_id=clip.clip_id,
            captions=tuple(
                Caption(f"{clip.clip_id}_{number}", c.text, c.tokens, c.start, c.end)
                for number, c in enumerate(clip.captions)
            ),
            mirrored=clip.mirrored,
            num_frames=clip.num_frames,
            context={"action": clip.action},
        )
        for clip in sample.clips()
    ]


def splits() -> SplitLists:
    """The split lists of the sample."""
    from hmu_bench import sample
    from hmu_bench.datasets import SplitLists

    return SplitLists.of(
        {
            name: [clip.clip_id for clip in sample.clips() if clip.split == split]
            for split, name in _SPLITS.items()
        }
    )


def run(
    concept: datasets.Concepts = None,
    rule: datasets.Rules = None,
    out: datasets.Out = Path("build/datasets"),
    min_occurrence: datasets.MinOccurrence = 1,
    motions: Annotated[
        Path | None,
        typer.Option(help="Also write new_joint_vecs/<clip_id>.npy (features) below this folder."),
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(
            help="Whose motions: train, val, test; may be repeated.", show_default="all three"
        ),
    ] = None,
    mirrored: Annotated[
        bool, typer.Option("--mirrored/--no-mirrored", help="Motions of mirrored twins, too.")
    ] = True,
    as_json: datasets.AsJson = False,
) -> None:
    """The embedded sample to forget and retain datasets, and its motions where asked for."""
    from hmu_bench import sample
    from hmu_bench.datasets import build
    from hmu_bench.datasets.telling import tell
    from hmu_bench.progress import shown
    from hmu_bench.text import DEFAULT_RULE

    wanted = split or list(_SPLITS)
    for name in wanted:
        if name not in _SPLITS:
            raise InputError(f"there is no split {name!r} (there are: {', '.join(_SPLITS)})")
    report = build(
        clips(),
        facts=facts(),
        out=out,
        splits=splits(),
        concepts=concept or [datasets.DEFAULT_CONCEPT],
        rules=rule or [DEFAULT_RULE],
        min_occurrence=min_occurrence,
        progress=shown,
    )
    tell(report, out, as_json=as_json)
    if motions is not None:
        chosen = (clip for clip in sample.clips() if clip.split in wanted)
        ids = [clip.clip_id for clip in chosen if mirrored or not clip.mirrored]
        sample.write_motions(shown(ids, "motions"), motions / "new_joint_vecs")
        say(f"written: {len(ids):,} motions in {motions / 'new_joint_vecs'}")
