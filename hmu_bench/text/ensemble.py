"""The rule `calibrated`: lexicon, words and encoder, put together into one probability.

The lexicon and the words are quick. The encoder is asked only where they leave room for doubt
(`TrainedModel.ask_encoder`): on few captions in a hundred, which is what makes the rule fast.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal

import numpy as np

from hmu_bench.concepts import Category, Concept
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.text.embedding import Embedder, checked, leading_words
from hmu_bench.text.encoder import load_encoder
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon import LexiconClassifier, Reading, subset_of
from hmu_bench.text.lexicon.classifier import judgement as lexicon_judgement
from hmu_bench.text.trained import DECIMALS, TrainedModel, load_trained, refuse_namesake
from hmu_bench.text.views import (
    encoder_text,
    full_numbers,
    is_label,
    quick_numbers,
    word_logits,
    words_of,
)

SAFE: tuple[Category, ...] = ("none", "victim")
REMEMBERED = 100_000  # judgements
CHUNK = 16_384  # captions whose numbers are in memory together

Caption = tuple[str, str | None, bool]  # text, subset, whether it is a label


class Memory:
    """Judgements by the hash of what was judged; forgets what was not asked for longest."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: OrderedDict[bytes, Judgement] = OrderedDict()

    def get(self, caption: Caption) -> Judgement | None:
        """What is known of a caption."""
        key = _content_hash(caption)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        return known

    def put(self, caption: Caption, judgement: Judgement) -> None:
        """Remember a judgement."""
        self._known[_content_hash(caption)] = judgement
        if len(self._known) > self._size:
            self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)


def _content_hash(caption: Caption) -> bytes:
    text, subset, label = caption
    whole = f"{int(label)}{subset or ''}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).digest()


@dataclass(frozen=True)
class EnsembleClassifier:
    """The calibrated combination; `docs/classifiers.md` tells how well it does.

    Attributes:
        model: heads, coefficients, thresholds.
        source: whose captions they are; decides between sentences and labels without a subset.
        lexicon: the lexicon that the coefficients belong to.
        encoder: None: the pinned one, loaded when it is first asked.
        explain: whether to say which words the encoder goes by.
        memory: what was judged before.
    """

    rule: ClassVar[str] = "calibrated"
    reads: ClassVar[Literal["line", "text"]] = "text"

    model: TrainedModel
    source: str
    lexicon: LexiconClassifier = field(default_factory=LexiconClassifier)
    encoder: Embedder | None = None
    explain: bool = True
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    @classmethod
    def of(cls, concept: Concept, source: str) -> EnsembleClassifier:
        """The classifier of a concept for a source.

        Raises:
            InputError: if none is trained for the concept, or the lexicon was changed since.
        """
        refuse_namesake(concept)
        model = load_trained(concept.name)
        lexicon = LexiconClassifier.of(concept, source)
        if lexicon.lexicon.sha256 != model.lexicon_sha256:
            raise InputError(
                "the lexicon was changed after the classifier was trained",
                fix="train it anew: python -m builders train-classifier",
            )
        return cls(model, source, lexicon, memory=_shared_memory(concept.name))

    @property
    def version(self) -> str:
        """The rule's version, and the start of a hash over all that decides."""
        whole = f"{self.model.sha256} {self.lexicon.lexicon.sha256}"
        return f"{self.model.version}-{sha256_bytes(whole.encode())[:12]}"

    def judge(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Judgement]:
        """One judgement a caption; of the context, the Motion-X subset is looked at."""
        subsets = [None] * len(captions) if context is None else [subset_of(c) for c in context]
        wanted: list[Caption] = [
            (text, subset, is_label(self.source, subset))
            for text, subset in zip(captions, subsets, strict=True)
        ]
        judged: dict[Caption, Judgement] = {}
        new: list[Caption] = []
        for caption in dict.fromkeys(wanted):
            known = self.memory.get(caption)
            if known is None:
                new.append(caption)
            else:
                judged[caption] = known
        for start in range(0, len(new), CHUNK):
            part = new[start : start + CHUNK]
            for caption, judgement in zip(part, self._judge_new(part), strict=True):
                judged[caption] = judgement
                self.memory.put(caption, judgement)
        return [judged[caption] for caption in wanted]

    def _judge_new(self, captions: Sequence[Caption]) -> list[Judgement]:
        readings = self.lexicon.readings(
            [text for text, _, _ in captions],
            [{"subset": subset} if subset else {} for _, subset, _ in captions],
        )
        words = word_logits(
            [words_of(text, subset) for text, subset, _ in captions],
            self.model.words.bias,
            self.model.words.weights,
        )
        numbers = quick_numbers(readings, words, [label for _, _, label in captions])
        probabilities = self.model.quick_probabilities(numbers)
        categories = [attack_of(reading) for reading in readings]
        nameless = np.array([category is None for category in categories])
        asked = self.model.ask_encoder.holds(probabilities)
        asked |= nameless & (probabilities >= self.model.threshold)
        rows: list[int] = np.flatnonzero(asked).tolist()
        opinions: dict[int, _Opinion] = {}
        if rows:
            texts = [encoder_text(*captions[row][:2]) for row in rows]
            encoder = checked(self.model, self.encoder or load_encoder())
            embeddings = encoder.embeddings(texts)
            odds = self.model.encoder_head(embeddings)
            probabilities[rows] = self.model.full_probabilities(full_numbers(numbers[rows], odds))
            named = self.model.categories(embeddings)
            opinions = {
                row: _Opinion(text, category, encoder)
                for row, text, category in zip(rows, texts, named, strict=True)
            }
        rounded: list[float] = probabilities.round(DECIMALS).tolist()
        return [
            self._judgement(reading, category, probability, opinions.get(row))
            for row, (reading, category, probability) in enumerate(
                zip(readings, categories, rounded, strict=True)
            )
        ]

    def _judgement(
        self,
        reading: Reading,
        category: Category | None,
        probability: float,
        opinion: _Opinion | None,
    ) -> Judgement:
        by_lexicon = lexicon_judgement(reading)
        violent = probability >= self.model.threshold
        evidence = by_lexicon.evidence
        if violent != by_lexicon.violent and opinion is not None:
            # The encoder tipped the balance: say so, and by which words.
            evidence = (*evidence, self._say(opinion) if violent else "encoder: against")
        if violent:
            kind = category or (opinion.category if opinion else "none")
        else:
            kind = "victim" if by_lexicon.category == "victim" else "none"
        return Judgement(
            violent=violent,
            probability=probability,
            category=kind,
            evidence=evidence,
            confident=not self.model.unsure.low < probability < self.model.unsure.high,
        )

    def _say(self, opinion: _Opinion) -> str:
        words = leading_words(self.model, opinion.encoder, opinion.text) if self.explain else None
        return f"encoder: {words}" if words else "encoder"


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What the encoder was asked, and what it said."""

    text: str
    category: Category
    encoder: Embedder


def attack_of(reading: Reading) -> Category | None:
    """The kind of violence that the lexicon found surest; None if it found none."""
    attacks = [f for f in reading.findings if f.category not in SAFE]
    best = max(attacks, key=lambda finding: finding.probability, default=None)
    return None if best is None else best.category


@cache
def _shared_memory(concept: str) -> Memory:
    return Memory()
