"""The rule `embedding`: a trained linear head on the sentence encoder, and nothing else.

It knows no words and no lexicon: a second opinion, and a part of the rule `calibrated`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np

from hmu_bench.concepts import Concept
from hmu_bench.errors import InputError
from hmu_bench.text.encoder import load_encoder
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon import subset_of
from hmu_bench.text.trained import DECIMALS, TrainedModel, load_trained, refuse_namesake
from hmu_bench.text.views import Floats, encoder_text, sigmoid

MAX_EVIDENCE = 3  # words


class Embedder(Protocol):
    """What the classifiers need of `encoder.Encoder`."""

    @property
    def sha256(self) -> str:
        """Hash of its weights."""
        ...

    def embeddings(self, texts: Sequence[str], /) -> Floats:
        """(N, dim) embeddings of length 1."""
        ...

    def word_parts(self, text: str, direction: Floats, /) -> list[tuple[str, float]]:
        """What each word adds to the product of the embedding and a direction."""
        ...


def checked(model: TrainedModel, encoder: Embedder) -> Embedder:
    """The encoder, if the model's heads belong to it (InputError if not)."""
    if encoder.sha256 != model.encoder.sha256:
        raise InputError(
            f"the classifier was trained on another encoder ({model.encoder.id}, weights "
            f"{model.encoder.sha256[:12]}...)",
            fix="train it anew: python -m builders train-classifier",
        )
    return encoder


def leading_words(model: TrainedModel, encoder: Embedder, text: str) -> str | None:
    """The words that raise the encoder's log odds most, as evidence; None if there are none."""
    direction = np.array(model.encoder_head.weights)
    parts: dict[str, float] = {}
    for word, part in encoder.word_parts(text, direction):
        parts[word] = parts.get(word, 0.0) + part
    raising = sorted((w for w in parts if parts[w] > 0), key=lambda w: (-parts[w], w))
    return ", ".join(raising[:MAX_EVIDENCE]) or None


@dataclass(frozen=True)
class EmbeddingClassifier:
    """Log odds linear in the sentence embedding.

    Evidence: the words that raise the log odds of a violent caption most, out of the exact sum
    that the log odds are.
    """

    rule: ClassVar[str] = "embedding"
    reads: ClassVar[Literal["line", "text"]] = "text"

    model: TrainedModel
    encoder: Embedder | None = None

    @classmethod
    def of(cls, concept: Concept, source: str) -> EmbeddingClassifier:
        """The classifier of a concept (InputError if none is trained)."""
        refuse_namesake(concept)
        return cls(load_trained(concept.name))

    @property
    def version(self) -> str:
        """Of the trained head."""
        return self.model.version

    def judge(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Judgement]:
        """One judgement a caption; of the context, the subset is looked at."""
        if not captions:
            return []
        subsets = [None] * len(captions) if context is None else [subset_of(c) for c in context]
        texts = [encoder_text(t, s) for t, s in zip(captions, subsets, strict=True)]
        unique = list(dict.fromkeys(texts))
        encoder = checked(self.model, self.encoder or load_encoder())
        embeddings = encoder.embeddings(unique)
        probabilities = sigmoid(self.model.encoder_head(embeddings)).round(DECIMALS)
        categories = self.model.categories(embeddings)
        judged = {}
        for text, probability, category in zip(
            unique, probabilities.tolist(), categories, strict=True
        ):
            violent = probability >= self.model.threshold
            words = leading_words(self.model, encoder, text) if violent else None
            judged[text] = Judgement(
                violent=violent,
                probability=probability,
                category=category if violent else "none",
                evidence=(f"encoder: {words}",) if words else (),
                confident=not self.model.unsure.low < probability < self.model.unsure.high,
            )
        return [judged[text] for text in texts]
