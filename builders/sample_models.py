"""Two honest generators for the sample: retrieval over all training clips, or retain clips only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hmu_bench.terminal import say

if TYPE_CHECKING:
    from hmu_bench.datasets.model import Role


class Model(NamedTuple):
    """A retrieval model: its heading, which clips it may copy, what it says of itself."""

    method: str
    roles: tuple[Role, ...]
    description: str


MODELS = {
    "original": Model(
        "Retrieval, all clips",
        ("forget", "retain"),
        "Not a trained model: a prompt is answered with the training motions whose captions are "
        "nearest (TF-IDF cosine), cropped or stretched to the length asked for. Stands for the "
        "model before unlearning.",
    ),
    "retrained": Model(
        "Retrieval, retain clips only",
        ("retain",),
        "The same retrieval over the retain clips only: it has seen no clip of the forget set, "
        "like a model trained anew on the retain set.",
    ),
}


def run(
    dataset: Annotated[
        Path, typer.Option(help="Output of `python -m builders sample`: holds hmu/sample-*.")
    ],
    track: Annotated[str, typer.Option(help="The track to answer: a name or a pack's folder.")],
    out: Annotated[Path, typer.Option(help="Gets one submission folder a model.")],
    config: Annotated[
        str, typer.Option(help="The dataset configuration: what is to be forgotten.")
    ] = "violence",
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Motions a prompt.")] = 3,
) -> None:
    """Submissions of two simple models of the sample: the original and the retrained one."""
    from builders._sample_submissions import submission_info
    from hmu_bench import sample
    from hmu_bench.baselines.writing import Library, retrieval_submission
    from hmu_bench.datasets import load_pair
    from hmu_bench.progress import shown
    from hmu_bench.tracks import load_track

    pack = load_track(track)
    rows = load_pair(dataset, "sample", config, splits=["train"])
    for role, model in MODELS.items():
        info = submission_info(
            f"sample-retrieval-{role}",
            pack.info.name,
            repeats,
            method=model.method,
            description=model.description,
        )
        library = Library.of([r for name in model.roles for r in rows[name]], sample.features)
        retrieval_submission(out / info.name, info, pack.prompts, library, progress=shown)
        say(f"{out / info.name}: {len(pack.prompts)} prompts x {repeats} motions")
