"""Trains the rule `calibrated` and writes what the package ships of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import print_table, say

if TYPE_CHECKING:
    from builders._classifier_data import Item
    from builders._classifier_model import Facts
    from builders._classifier_training import Looked
    from hmu_bench.text.encoder import Encoder
    from hmu_bench.text.lexicon import LexiconClassifier
    from hmu_bench.text.trained import OutOfFold, TrainedModel

RULE_VERSION = "1"
CONCEPT = "violence"
DEFAULT_OUT = Path("hmu_bench/text/trained")


def run(
    gold: Annotated[
        list[Path], typer.Option(help="File of gold labels (JSON lines); may be repeated.")
    ],
    challenge: Annotated[
        bool, typer.Option(help="Learn from the challenge set, too (pairs stay together).")
    ] = True,
    out: Annotated[Path, typer.Option(help="Folder for the model and its predictions.")] = (
        DEFAULT_OUT
    ),
    encoder: Annotated[
        Path | None,
        typer.Option(help="Folder of another sentence-transformers model than the pinned one."),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, max=50, help="Folds of the cross-validation.")] = 10,
) -> None:
    """Train the violence classifier on gold labels, the challenge set and our own captions.

    Writes OUT/violence.json (the model) and OUT/out_of_fold/violence.json (what models that never
    saw a caption say about it), and prints the cross-validation.
    """
    from builders._classifier_data import joined_groups
    from builders._classifier_model import out_of_fold
    from builders._classifier_training import look
    from hmu_bench.files import write_atomic
    from hmu_bench.progress import shown
    from hmu_bench.text.encoder import load_encoder
    from hmu_bench.text.lexicon import LexiconClassifier

    items, inputs = gather(gold, challenge)
    say(f"{len(items):,} captions; the sentence encoder reads them")
    lexicon, reader = LexiconClassifier(), load_encoder(encoder)
    facts = facts_of(items, inputs, lexicon, reader, encoder)
    data = look(items, joined_groups(items), lexicon, reader)
    model = fit_all(data, facts)
    unseen = out_of_fold(data, facts, model, folds, shown)
    write_atomic(out / f"{CONCEPT}.json", model.to_json())
    write_atomic(out / "out_of_fold" / f"{CONCEPT}.json", unseen.to_json())
    print_table(*overview(items, unseen))
    say(f"{out / CONCEPT}.json written (sha256 {model.sha256[:12]}...)")


def gather(gold: Sequence[Path], challenge: bool) -> tuple[list[Item], dict[str, str]]:
    """The captions to learn from, and the hashes of the files that they are from.

    Raises:
        InputError: for a gold file that is wrong, or two of one name.
    """
    from builders._classifier_data import (
        WRITTEN,
        challenge_items,
        gold_items,
        written_items,
    )
    from hmu_bench.files import sha256_file
    from hmu_bench.text.challenge import CHALLENGE_FILE

    items: list[Item] = []
    inputs: dict[str, str] = {}
    for path in gold:
        items += gold_items(path)
        if f"gold/{path.name}" in inputs:
            raise InputError("two gold files have this name", where=path)
        inputs[f"gold/{path.name}"] = sha256_file(path)
    if challenge:
        items += challenge_items()
        inputs[CHALLENGE_FILE.name] = sha256_file(CHALLENGE_FILE)
    items += written_items()
    for path in sorted(WRITTEN.glob("*.yaml")):
        inputs[f"classifier_data/{path.name}"] = sha256_file(path)
    return items, inputs


def facts_of(
    items: Sequence[Item],
    inputs: dict[str, str],
    lexicon: LexiconClassifier,
    reader: Encoder,
    folder: Path | None = None,
) -> Facts:
    """What the model file says of its making; `folder` is that of an encoder of one's own."""
    from builders._classifier_data import counts
    from builders._classifier_model import Facts
    from hmu_bench.text.encoder import ENCODER_ID, ENCODER_REVISION
    from hmu_bench.text.trained import EncoderFacts

    return Facts(
        concept=CONCEPT,
        version=RULE_VERSION,
        lexicon_sha256=lexicon.lexicon.sha256,
        encoder=EncoderFacts(
            id=folder.name if folder else ENCODER_ID,
            revision="local" if folder else ENCODER_REVISION,
            sha256=reader.sha256,
            dim=reader.dim,
        ),
        inputs=inputs,
        counts=counts(items),
    )


def fit_all(data: Looked, facts: Facts) -> TrainedModel:
    """The model that is shipped: trained on every caption."""
    import numpy as np

    from builders._classifier_model import assemble
    from builders._classifier_training import train

    return assemble(train(data, np.arange(len(data.items))), data, facts)


def overview(items: Sequence[Item], unseen: OutOfFold) -> tuple[list[str], list[list[str]]]:
    """The cross-validation as a table: precision, recall and F1 (by weight), balanced accuracy."""
    from hmu_bench.text.views import text_key

    columns = ("calibrated", "full", "embedding", "probe")
    rows = []
    for origin in dict.fromkeys(item.origin for item in items):
        known = [item for item in items if item.origin == origin and item.label != "A"]
        for column in columns:
            hit = miss = false = right = 0.0
            for item in known:
                said = unseen.predictions[text_key(item.text, item.subset)]
                positive = getattr(said, column) >= 0.5
                if item.label == "V":
                    hit, miss = hit + item.weight * positive, miss + item.weight * (not positive)
                else:
                    false += item.weight * positive
                    right += item.weight * (not positive)
            figures = (
                hit / max(hit + false, 1e-12),
                hit / max(hit + miss, 1e-12),
                2 * hit / max(2 * hit + miss + false, 1e-12),
                (hit / max(hit + miss, 1e-12) + right / max(right + false, 1e-12)) / 2,
            )
            rows.append([origin, column, *(f"{figure:.3f}" for figure in figures)])
    return ["captions", "classifier", "precision", "recall", "F1", "balanced accuracy"], rows
