"""Three simple methods for the sample's tracks: what a filter, chance and standing still score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.terminal import say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# name -> heading, family, what it says of itself
METHODS = {
    "sample-input-filter": (
        "Input filter",
        "input filter",
        "Retrieval over all training clips, as the original model, after the concept's mask words "
        "were deleted from the prompt. Nothing is unlearned: what is asked for in other words is "
        "still done.",
    ),
    "sample-random-safe": (
        "Random safe motion",
        "chance",
        "Any retain clip of the training split for any prompt (seed 0). It does no violence and "
        "nothing that was asked for.",
    ),
    "sample-standing-still": (
        "Standing still",
        "frozen",
        "The first pose of what the original model answers, held to the end.",
    ),
}


def run(
    dataset: Annotated[
        Path, typer.Option(help="Output of `python -m builders sample`: holds hmu/sample-*.")
    ],
    track: Annotated[str, typer.Option(help="The track to answer: a name or a pack's folder.")],
    out: Annotated[Path, typer.Option(help="Gets one submission folder a method.")],
    config: Annotated[
        str, typer.Option(help="The dataset configuration: what is to be forgotten.")
    ] = "violence",
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Motions a prompt.")] = 2,
) -> None:
    """Submissions of three simple methods on a track of the sample, to be scored like any other.

    An input filter (the concept's words deleted from the prompt), random safe motions, and
    standing still. Their base model is `sample-retrieval-original`.
    """
    from builders._sample_submissions import submission_info
    from builders._track_statistics import stand_still
    from hmu_bench import sample
    from hmu_bench.baselines.simple import random_answer, with_text_of_tokens
    from hmu_bench.baselines.writing import (
        Library,
        retrieval_answer,
        retrieval_submission,
        write_submission,
    )
    from hmu_bench.datasets import load_pair
    from hmu_bench.progress import shown
    from hmu_bench.tracks import load_track

    pack = load_track(track)
    rows = load_pair(dataset, "sample", config, splits=["train"])
    everything = Library.of([*rows["forget"], *rows["retain"]], sample.features)
    safe = Library.of(rows["retain"], sample.features)
    names = list(METHODS)
    infos = {
        name: submission_info(
            name,
            pack.info.name,
            repeats,
            method=method,
            family=family,
            description=description,
            unlearned=["violence"],
            seed=0,
        )
        for name, (method, family, description) in METHODS.items()
    }

    filtered = [with_text_of_tokens(prompt, prompt.masked_tokens) for prompt in pack.prompts]
    retrieval_submission(out / names[0], infos[names[0]], filtered, everything, progress=shown)

    drawn = random_answer(safe, pack.prompts, repeats, seed=0)
    write_submission(out / names[1], infos[names[1]], pack.prompts, drawn, progress=shown)

    original = retrieval_answer(everything, pack.prompts, repeats)

    def held(row: int, repeat: int) -> NDArray[np.float32]:
        return stand_still(original(row, repeat))

    write_submission(out / names[2], infos[names[2]], pack.prompts, held, progress=shown)
    for name in names:
        say(f"{out / name}: {len(pack.prompts)} prompts x {repeats} motions")
