"""Motion-X: its labels to `hmu/motionx-forget` and `hmu/motionx-retain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from builders import _datasets as datasets

if TYPE_CHECKING:
    from hmu_bench.datasets import SourceClips, SourceFacts, SplitLists

# Asks for the pinned official texts of HumanML3D.
OFFICIAL = "official"

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
        "file in words. The clips of its subset humanml have the captions and the labels of "
        "HumanML3D.",
        homepage="https://github.com/IDEA-Research/Motion-X",
        license="other",
        license_name="motion-x-license",
        license_link="https://motion-x-dataset.github.io/static/license/Motion-X%20License.pdf",
        citation=_CITATION,
        captions="machine-generated",
        limits=[
            "Labels are short and without context; some are abbreviated or not in English.",
            "Motion-X is licensed for non-commercial scientific research only; its text labels "
            "belong to the International Digital Economy Academy (IDEA).",
            "The motions are not published here; ask the authors of Motion-X for them.",
        ],
    )


def run(
    texts: Annotated[
        Path | None,
        typer.Option(
            help="Folder or zip of semantic_labels/<subset>/.../<name>.txt, in any spelling of the "
            "subsets."
        ),
    ] = None,
    splits: datasets.Splits = None,
    text_format: Annotated[
        Literal["motionx", "humanml3d"],
        typer.Option("--format", help="motionx: a label a line; humanml3d: label#tokens#0#0."),
    ] = "motionx",
    humanml3d: Annotated[
        str | None,
        typer.Option(
            metavar="TEXTS",
            help="HumanML3D's texts (folder, zip or annotations.json) for the subset humanml, or "
            f"`{OFFICIAL}`: downloaded, verified and kept in HMU_CACHE.",
        ),
    ] = None,
    concept: datasets.Concepts = None,
    rule: datasets.Rules = None,
    out: datasets.Out = Path("build/datasets"),
    motions: datasets.Motions = None,
    min_occurrence: datasets.MinOccurrence = 1,
    skip_bad: datasets.SkipBad = False,
    tokens: datasets.Tokens = "auto",
    text: Annotated[
        bool,
        typer.Option(
            "--text/--no-text",
            help="Publish text, tokens and evidence, which the licence of Motion-X does not allow; "
            "ids tell the action either way.",
        ),
    ] = False,
    as_json: datasets.AsJson = False,
) -> None:
    """Motion-X labels to forget and retain datasets."""

    def with_humanml3d(source: SourceClips, lists: SplitLists | None) -> SourceClips:
        return source if humanml3d is None else _borrow(source, lists, humanml3d)

    datasets.read_and_build(
        facts(),
        texts,
        text_format,
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
        motionx_tree=True,
        prepare=with_humanml3d,
    )


def _borrow(source: SourceClips, lists: SplitLists | None, texts: str) -> SourceClips:
    """The clips of the subset humanml with the captions of HumanML3D."""
    from builders._downloads import humanml3d_texts
    from hmu_bench.datasets import borrow, read_source
    from hmu_bench.datasets.readers import motionx
    from hmu_bench.progress import shown

    path = humanml3d_texts() if texts == OFFICIAL else Path(texts)
    format_name = "annotations" if path.suffix == ".json" else "humanml3d"
    return borrow(
        source,
        read_source(path, format_name, shown),
        lender_name=motionx.HUMANML3D,
        folder=motionx.HUMANML,
        lists=lists,
    )
