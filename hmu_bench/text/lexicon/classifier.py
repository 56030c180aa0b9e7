"""The rule `lexicon`: the classifier interface over the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from hmu_bench.concepts import Concept
from hmu_bench.errors import InputError
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon.engine import Reading, read_caption, subset_of
from hmu_bench.text.lexicon.loading import Lexicon, load_lexicon

# Between the two the lexicon is unsure, and says so.
SURELY_SAFE, SURELY_VIOLENT = 0.1, 0.85


@dataclass(frozen=True)
class LexiconClassifier:
    """Word senses in context; `docs/lexicon.md` tells how to read and extend its files.

    A caption's probability is that of its strongest finding. `confident` is False between
    `SURELY_SAFE` and `SURELY_VIOLENT`. Evidence: the findings of at least half the strongest
    probability, strongest first, as "sense (rule): words".

    >>> rule = LexiconClassifier()
    >>> [j.violent for j in rule.judge(["a man kicks a man", "a man kicks a ball"])]
    [True, False]
    """

    rule: ClassVar[str] = "lexicon"
    version: ClassVar[str] = "1"
    reads: ClassVar[Literal["line", "text"]] = "text"

    lexicon: Lexicon = field(default_factory=load_lexicon, repr=False)

    @classmethod
    def of(cls, concept: Concept, source: str) -> LexiconClassifier:
        """The classifier for a concept (InputError for any but violence)."""
        if concept.name != "violence":
            raise InputError(
                "there is no lexicon for this concept",
                key=concept.name,
                fix="use --rule keywords",
            )
        return cls()

    def readings(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Reading]:
        """What the lexicon understands of each caption; equal captions are read once."""
        known: dict[tuple[str, str | None], Reading] = {}
        subsets: Iterator[str | None] = (
            (None for _ in captions) if context is None else map(subset_of, context)
        )
        readings = []
        for key in zip(captions, subsets, strict=True):
            reading = known.get(key)
            if reading is None:
                reading = known[key] = read_caption(self.lexicon, *key)
            readings.append(reading)
        return readings

    def judge(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Judgement]:
        """One judgement a caption; `context` may name the Motion-X subset or path of each."""
        return [judgement(reading) for reading in self.readings(captions, context)]


def judgement(reading: Reading) -> Judgement:
    """What a reading amounts to."""
    strongest = reading.strongest
    if strongest is None:
        return Judgement(violent=False, probability=round(reading.probability, 3))
    probability = reading.probability
    violent = probability >= 0.5
    ranked = sorted(reading.findings, key=lambda finding: -finding.probability)
    evidence = dict.fromkeys(str(f) for f in ranked if f.probability >= probability / 2)
    category = strongest.category if violent or strongest.category == "victim" else "none"
    return Judgement(
        violent=violent,
        probability=round(probability, 3),
        category=category,
        evidence=tuple(evidence),
        confident=not SURELY_SAFE < probability < SURELY_VIOLENT,
    )
