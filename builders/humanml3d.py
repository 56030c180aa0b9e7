"""HumanML3D: its captions to `hmu/humanml3d-forget` and `hmu/humanml3d-retain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builders import _datasets as datasets

if TYPE_CHECKING:
    from hmu_bench.datasets import SourceFacts

_CITATION = """
@inproceedings{guo2022generating,
  title     = {Generating Diverse and Natural 3D Human Motions From Text},
  author    = {Guo, Chuan and Zou, Shihao and Zuo, Xinxin and Wang, Sen and Ji, Wei and Li, Xingyu
               and Cheng, Li},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  year      = {2022}
}
"""


def facts() -> SourceFacts:
    """What a dataset card says about HumanML3D."""
    from hmu_bench.datasets import SourceFacts

    return SourceFacts(
        name="humanml3d",
        pretty_name="HumanML3D",
        description="Captions of HumanML3D: sentences that people wrote for motions of AMASS and "
        "HumanAct12, three or so a clip, and the same sentences with left and right swapped for "
        "the mirrored twin of every clip.",
        homepage="https://github.com/EricGuo5513/HumanML3D",
        license="mit",
        citation=_CITATION,
        motion_path="new_joint_vecs/{clip_id}.npy",
        limits=[
            "The licence is that of the texts. The motions come from AMASS and HumanAct12, are not "
            "published here and may not be redistributed.",
            "Captions are in English; some hold typing errors or describe the motion wrongly.",
        ],
    )


def run(
    texts: Annotated[
        Path | None,
        typer.Option(
            help="Folder or zip of texts/<id>.txt, or a unified annotations.json; without it the "
            "official texts and lists are downloaded, verified and kept in HMU_CACHE."
        ),
    ] = None,
    splits: datasets.Splits = None,
    concept: datasets.Concepts = None,
    rule: datasets.Rules = None,
    out: datasets.Out = Path("build/datasets"),
    motions: datasets.Motions = None,
    min_occurrence: datasets.MinOccurrence = 1,
    skip_bad: datasets.SkipBad = False,
    tokens: datasets.Tokens = "auto",
    as_json: datasets.AsJson = False,
) -> None:
    """HumanML3D captions to forget and retain datasets."""
    if texts is None:
        from builders._downloads import humanml3d_splits, humanml3d_texts

        texts, splits = humanml3d_texts(), splits or humanml3d_splits()
    json_file = texts.suffix == ".json"
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
        as_json=as_json,
    )
