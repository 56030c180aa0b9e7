"""KIT-ML: its captions to `hmu/kitml-forget` and `hmu/kitml-retain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builders import _datasets as datasets

if TYPE_CHECKING:
    from hmu_bench.datasets import SourceFacts

_CITATION = """
@article{plappert2016kit,
  title   = {The KIT Motion-Language Dataset},
  author  = {Plappert, Matthias and Mandery, Christian and Asfour, Tamim},
  journal = {Big Data},
  volume  = {4},
  number  = {4},
  pages   = {236--252},
  year    = {2016}
}
"""


def facts() -> SourceFacts:
    """What a dataset card says about KIT-ML."""
    from hmu_bench.datasets import SourceFacts

    return SourceFacts(
        name="kitml",
        pretty_name="KIT Motion-Language",
        description="Captions of the KIT Motion-Language data set in the unified annotation format "
        "of TMR: sentences that people wrote for motion capture recordings, and the same "
        "for the mirrored twin of every recording.",
        homepage="https://motion-annotation.humanoids.kit.edu/dataset/",
        # Its site names no licence; Mathux/TMR publishes the annotations "with the agreement of the
        # authors" (DATASETS.md there).
        license="unknown",
        citation=_CITATION,
        motion_path="new_joint_vecs/{clip_id}.npy",
        limits=[
            "The site of KIT-ML names no licence of its annotations. TMR publishes them with the "
            "agreement of their authors; ask them before you redistribute.",
            "The paper has no keyword list for KIT-ML; HumanML3D's list is our choice.",
            "Captions are in English; some hold typing errors.",
        ],
    )


def run(
    texts: Annotated[
        Path | None,
        typer.Option(help="A unified annotations.json, or a folder or zip of texts/<id>.txt."),
    ] = None,
    splits: datasets.Splits = None,
    concept: datasets.Concepts = None,
    rule: datasets.Rules = None,
    out: datasets.Out = Path("build/datasets"),
    motions: datasets.Motions = None,
    min_occurrence: datasets.MinOccurrence = 1,
    skip_bad: datasets.SkipBad = False,
    tokens: datasets.Tokens = "auto",
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Publish text, tokens and evidence.")
    ] = True,
    as_json: datasets.AsJson = False,
) -> None:
    """KIT-ML captions to forget and retain datasets."""
    json_file = texts is not None and texts.suffix == ".json"
    datasets.read_and_build(
        facts(),
        texts,
        "annotations" if json_file else "humanml3d",
        splits=splits,
        concepts=concept,
        rules=rule,
        out=out,
        motions=motions,
        min_occurrence=min_occurrence,
        skip_bad=skip_bad,
        tokens=tokens,
        include_text=text,
        as_json=as_json,
    )
