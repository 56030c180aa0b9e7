"""What the dataset builders share: their options, and how they tell what they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.datasets import BuildReport, SourceFacts
    from hmu_bench.datasets.splitting import Prepare

DEFAULT_CONCEPT = "violence"

Splits = Annotated[
    Path | None,
    typer.Option(help="Folder of train.txt, val.txt, test.txt; without it all clips are `train`."),
]
Concepts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Concept, or a concept file (.yaml); may be repeated. `all`: every one that the rule "
        "can judge for this source.",
        show_default=DEFAULT_CONCEPT,
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Split rule: calibrated, keywords (the paper's), lexicon or embedding; may be "
        "repeated.",
        show_default="calibrated",
    ),
]
Motions = Annotated[
    Path | None,
    typer.Option(
        help="Folder of motions (features, .npy), or HumanML3D's index.csv: fills num_frames."
    ),
]
Out = Annotated[Path, typer.Option(help="Output folder; the datasets go to OUT/hmu/.")]
MinOccurrence = Annotated[
    int, typer.Option(min=1, help="How many violent captions make a clip violent.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave broken clips out (counted) instead of stopping.")
]
Tokens = Annotated[
    Literal["auto", "rules", "spacy"],
    typer.Option(
        help="What makes the tokens of captions without any; auto: spacy where it and its model "
        "en_core_web_sm are installed, else rules."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report (build.json).")]


def read_and_build(
    facts: SourceFacts,
    texts: Path | None,
    format_name: str,
    *,
    splits: Path | None,
    concepts: list[str] | None,
    rules: list[str] | None,
    out: Path,
    motions: Path | None,
    min_occurrence: int,
    skip_bad: bool,
    tokens: str,
    as_json: bool,
    include_text: bool = True,
    motionx_tree: bool = False,
    prepare: Prepare | None = None,
) -> BuildReport:
    """Read a source, build its datasets and tell what came out.

    Raises:
        InputError: for anything that is wrong with the options or the input.
    """
    from hmu_bench.datasets.splitting import read_and_build as read_and_split
    from hmu_bench.datasets.telling import left_out, tell
    from hmu_bench.progress import shown
    from hmu_bench.text import DEFAULT_RULE

    if texts is None:
        raise InputError("no captions given", fix="give their folder or file with --texts PATH")
    report, problems = read_and_split(
        texts,
        format=format_name,
        facts=facts,
        concepts=concepts or [DEFAULT_CONCEPT],
        rules=rules or [DEFAULT_RULE],
        out=out,
        splits=splits,
        motions=motions,
        min_occurrence=min_occurrence,
        include_text=include_text,
        skip_bad=skip_bad,
        tokens=tokens,
        progress=shown,
        motionx_tree=motionx_tree,
        prepare=prepare,
    )
    for line in left_out(problems):
        say(line)
    tell(report, out, as_json=as_json)
    return report
