"""The trained part of the rule `calibrated`: its files, their schema, and their arithmetic.

`python -m builders train-classifier` makes the files.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from hmu_bench.concepts import Category, Concept, load_concept
from hmu_bench.errors import InputError
from hmu_bench.files import read_text, sha256_bytes
from hmu_bench.models import Sha256, ShortText, Slug, Strict, bad_model
from hmu_bench.text.views import FULL, QUICK, Floats, sigmoid

FOLDER = Path(__file__).with_name("trained")
MAX_BYTES = 8 << 20
DECIMALS = 3  # of a probability; it is rounded first and compared with the threshold then

Weight = Annotated[float, Field(ge=-1e4, le=1e4, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class EncoderFacts(Strict):
    """The encoder that the heads belong to: its name, and the hash of its weights."""

    id: ShortText
    revision: ShortText
    sha256: Sha256
    dim: Annotated[int, Field(ge=1, le=8192)]


class Head(Strict):
    """A linear function of an embedding."""

    bias: Weight
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=8192)]

    def __call__(self, embeddings: Floats) -> Floats:
        """(N,) values of (N, dim) embeddings."""
        return np.asarray(embeddings @ np.array(self.weights) + self.bias)


class WordHead(Strict):
    """A weight for each word, and the bias."""

    bias: Weight
    weights: Annotated[dict[str, Weight], Field(max_length=100_000)]


class Band(Strict):
    """The probabilities strictly between `low` and `high`."""

    low: Share
    high: Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self

    def holds(self, values: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which values lie inside."""
        return np.asarray((values > self.low) & (values < self.high))


class Training(Strict):
    """What the file was made from.

    Attributes:
        inputs: name -> SHA-256 of the file.
        items: how many captions, by where they come from.
        choices: hyper-parameters that cross-validation chose (l2 penalties).
    """

    inputs: dict[ShortText, Sha256]
    items: dict[ShortText, int]
    choices: dict[Slug, float]


class TrainedModel(Strict):
    """Heads, coefficients and thresholds of the rule `calibrated` for one concept.

    Attributes:
        version: of the rule.
        lexicon_sha256: the lexicon that the coefficients belong to.
        encoder_head: log odds from an embedding.
        category_heads: category -> score from an embedding; the highest wins.
        quick: coefficients of `views.QUICK`.
        full: coefficients of `views.FULL`.
        ask_encoder: quick probabilities for which the encoder is asked.
        threshold: a probability of at least this is violent.
        unsure: probabilities of captions about which careful readers may disagree.
    """

    format: Literal[1]
    concept: Slug
    version: Slug
    lexicon_sha256: Sha256
    encoder: EncoderFacts
    training: Training
    threshold: Share
    ask_encoder: Band
    unsure: Band
    quick: dict[str, Weight]
    full: dict[str, Weight]
    words: WordHead
    encoder_head: Head
    category_heads: dict[Category, Head]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if tuple(self.quick) != QUICK or tuple(self.full) != FULL:
            raise ValueError("the coefficients are not those that this version knows")
        heads = [self.encoder_head, *self.category_heads.values()]
        if any(len(head.weights) != self.encoder.dim for head in heads) or len(heads) < 2:
            raise ValueError("a head's length is not the encoder's, or there are no categories")
        return self

    def quick_probabilities(self, numbers: Floats) -> Floats:
        """(N,) from `views.quick_numbers`."""
        return sigmoid(numbers @ np.array(list(self.quick.values())))

    def full_probabilities(self, numbers: Floats) -> Floats:
        """(N,) from `views.full_numbers`."""
        return sigmoid(numbers @ np.array(list(self.full.values())))

    def categories(self, embeddings: Floats) -> list[Category]:
        """The category whose head says most, for each embedding."""
        names = list(self.category_heads)
        scores = np.column_stack([head(embeddings) for head in self.category_heads.values()])
        return [names[best] for best in scores.argmax(axis=1).tolist()]

    def to_json(self) -> str:
        """The file: one line for each part, so that a change shows in a diff."""
        parts = self.model_dump(mode="json")
        lines = (
            f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
            for key, value in parts.items()
        )
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @property
    def sha256(self) -> str:
        """Hash over everything that the model says."""
        return sha256_bytes(self.to_json().encode())


def trained_path(concept: str) -> Path:
    """Where the package keeps the trained model of a concept."""
    return FOLDER / f"{concept}.json"


def read_trained(path: Path) -> TrainedModel:
    """A trained model from its file.

    Raises:
        InputError: if the file is missing, too large or not as the schema says (with the key).
    """
    text = read_text(path, MAX_BYTES)
    try:
        return TrainedModel.model_validate_json(text)
    except ValidationError as error:
        raise bad_model(error, path) from error


@cache
def load_trained(concept: str) -> TrainedModel:
    """The trained model that comes with the package.

    Raises:
        InputError: if there is none for the concept.

    >>> load_trained("violence").concept
    'violence'
    """
    path = trained_path(concept)
    if not path.is_file():
        raise InputError(
            f"no classifier is trained for the concept {concept!r}"
            f" (there is one for: {', '.join(trained_concepts())})",
            fix="use --rule keywords",
        )
    return read_trained(path)


def refuse_namesake(concept: Concept) -> None:
    """Refuse a concept of a user's own file that only shares its name with a trained one.

    Raises:
        InputError: what was trained judges the package's concept, not this one.
    """
    if concept.name in trained_concepts() and concept.sha256 != load_concept(concept.name).sha256:
        raise InputError(
            f"the classifier of {concept.name!r} was trained for the package's concept, and this "
            "one differs from it",
            fix="give the concept a name of its own and use --rule keywords",
        )


def trained_concepts() -> tuple[str, ...]:
    """The concepts that come with a trained model."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


class Unseen(Strict):
    """What models that did not learn from a caption say about it.

    Attributes:
        calibrated: probability under the rule `calibrated`.
        category: under the same rule.
        confident: under the same rule.
        full: probability with the encoder asked about every caption.
        embedding: probability by the encoder alone.
        probe: probability by the yardstick: a plain head on the embedding and a keyword flag,
            trained on gold labels only.
    """

    calibrated: Share
    category: Category
    confident: bool
    full: Share
    embedding: Share
    probe: Share


class OutOfFold(Strict):
    """What models that never saw a caption say about it, for every caption that was learned from.

    Attributes:
        trained_sha256: the shipped model that learned from these captions.
        predictions: `views.text_key` -> what was said.
    """

    format: Literal[1]
    trained_sha256: Sha256
    predictions: dict[str, Unseen]

    def to_json(self) -> str:
        """The file: a line for each caption."""
        lines = (
            f"{json.dumps(key)}: {json.dumps(value.model_dump(mode='json'))}"
            for key, value in sorted(self.predictions.items())
        )
        head = f'{{\n"format": 1,\n"trained_sha256": "{self.trained_sha256}",\n"predictions": {{\n'
        return head + ",\n".join(lines) + "\n}\n}\n"


def out_of_fold_path(concept: str) -> Path:
    """Where the package keeps the out-of-fold predictions of a concept's training captions."""
    return FOLDER / "out_of_fold" / f"{concept}.json"


def load_out_of_fold(concept: str) -> OutOfFold:
    """The out-of-fold predictions of the captions that the shipped model learned from.

    Raises:
        InputError: if the file is not as the schema says.
    """
    path = out_of_fold_path(concept)
    try:
        return OutOfFold.model_validate_json(read_text(path, MAX_BYTES))
    except ValidationError as error:
        raise bad_model(error, path) from error
