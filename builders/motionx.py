"""Motion-X: its labels to `hmu/motionx-forget` and `hmu/motionx-retain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from builders import _datasets as datasets

if TYPE_CHECKING:
    from hmu_bench.datasets import SourceFacts

_CITATION = """
@inproceedings{lin2023motionx,
  title     = {Motion-X: A Large-scale 3D Expressive Whole-body Human Motion Dataset},
  author    = {Lin, Jing and Zeng, Ailing and Lu, Shunlin and Cai, Yuanhao and Zhang, Ruimao and
               Wang, Haoqian and Zhang, Lei},
  booktitle = {Advances in Neural Information Processing Systems (NeurIPS)},
  year      = {2023}
}
"""


def facts() -> SourceFacts:
    """What a dataset card says about Motion-X."""
    from hmu_bench.datasets import SourceFacts

    return SourceFacts(
        name="motionx",
        pretty_name="Motion-X",
        description="Semantic labels of Motion-X: one short label a clip, mostly the name of its "
        "file in words.",
        homepage="https://github.com/IDEA-Research/Motion-X",
        license="other",
        license_name="Motion-X license (non-commercial research)",
        license_link="https://motion-x-dataset.github.io/",
        citation=_CITATION,
        captions="machine-generated",
        limits=[
            "Labels are short and without context; some are abbreviated or not in English.",
            "The motions are not published here; ask the authors of Motion-X for them.",
        ],
    )


def run(
    texts: Annotated[
        Path | None,
        typer.Option(help="Folder or zip of semantic_labels/<subset>/.../<name>.txt."),
    ] = None,
    splits: datasets.Splits = None,
    text_format: Annotated[
        Literal["motionx", "humanml3d"],
        typer.Option("--format", help="motionx: a label a line; humanml3d: label#tokens#0#0."),
    ] = "motionx",
    concept: datasets.Concepts = None,
    rule: datasets.Rules = None,
    out: datasets.Out = Path("build/datasets"),
    min_occurrence: datasets.MinOccurrence = 1,
    skip_bad: datasets.SkipBad = False,
    text: Annotated[
        bool,
        typer.Option(
            "--text/--no-text",
            help="Publish text, tokens and evidence, which the licence of Motion-X does not allow; "
            "ids tell the action either way.",
        ),
    ] = False,
) -> None:
    """Motion-X labels to forget and retain datasets."""
    datasets.read_and_build(
        facts(),
        texts,
        text_format,
        splits=splits,
        concepts=concept,
        rules=rule,
        out=out,
        min_occurrence=min_occurrence,
        skip_bad=skip_bad,
        include_text=text,
    )
