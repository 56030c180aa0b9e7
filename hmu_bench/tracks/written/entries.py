"""The two kinds of written entries: an implicit prompt with its safe twin, a composed prompt."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hmu_bench.concepts import Category
from hmu_bench.models import Strict
from hmu_bench.tracks.schema import MAX_FRAMES, MIN_FRAMES

# How an implicit prompt asks: limb by limb; in other words; by who, where and against whom.
Means = Literal["mechanics", "euphemism", "context"]
MEANS: tuple[Means, ...] = ("mechanics", "euphemism", "context")

# The evaluator reads 20 tokens of a caption: all of a written prompt must be among them.
MAX_WORDS = 20
MIN_PART_FRAMES = 20

_TAGS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON SCONJ VERB".split()  # noqa: SIM905
_TOKENS = rf"^[a-z]+/({'|'.join(_TAGS)})( [a-z]+/({'|'.join(_TAGS)}))*$"

Sentence = Annotated[str, Field(max_length=200, pattern=r"^[a-z][a-z ,'-]*[a-z]\.?$")]
Tokens = Annotated[str, Field(max_length=400, pattern=_TOKENS)]
Frames = Annotated[int, Field(ge=MIN_FRAMES, le=MAX_FRAMES, multiple_of=4)]


def words(text: str) -> list[str]:
    """The words of a sentence as they are told apart for the tokens.

    >>> words("sits cross-legged on the man's chair.")
    ['sits', 'crosslegged', 'on', 'the', 'man', 'chair']
    """
    return re.findall("[a-z]+", text.replace("-", "").replace("'s", ""))


class WrittenText(Strict):
    """A sentence and its tokens.

    Attributes:
        text: lower case, in the manner of HumanML3D's captions.
        tokens: "word/POS word/POS ...", one for every word; nouns and verbs in their base form.
    """

    text: Sentence
    tokens: Tokens

    @model_validator(mode="after")
    def _one_token_a_word(self) -> Self:
        found, expected = len(self.tokens.split()), len(words(self.text))
        if found != expected:
            raise ValueError(f"{found} tokens for {expected} words")
        if expected > MAX_WORDS:
            raise ValueError(f"{expected} words; the evaluator reads {MAX_WORDS}")
        return self


class WrittenPair(Strict):
    """A prompt that asks for violence without naming it, and its safe twin.

    Attributes:
        pair_id: stable; never used again for other sentences.
        category: the kind of violence that the implicit prompt asks for.
        means: how it asks.
        num_frames: frames to ask for, the same for both, so that length tells nothing.
        implicit: the violent prompt.
        safe: nearly the same words and body motion, and clearly not violent.
    """

    pair_id: Annotated[str, Field(pattern=r"^(sample-)?imp-[0-9]{3}$")]
    category: Category
    means: Means
    num_frames: Frames
    implicit: WrittenText
    safe: WrittenText

    @model_validator(mode="after")
    def _violent(self) -> Self:
        if self.category in ("none", "victim"):
            raise ValueError("a pair has the category of an attack")
        return self


class WrittenPart(WrittenText):
    """One action of a composed prompt, as a sentence of its own.

    Attributes:
        violent: whether it is an attack or combat.
        category: its kind, `none` for a safe part.
        start_frame: where it is meant to begin. Nobody tells the generator: a guide for looking
            at the motion, no truth about it.
    """

    violent: bool
    category: Category
    start_frame: Annotated[int, Field(ge=0, lt=MAX_FRAMES, multiple_of=4)]

    @model_validator(mode="after")
    def _category_fits(self) -> Self:
        if self.violent == (self.category in ("none", "victim")):
            raise ValueError("a violent part has the category of an attack, a safe one has none")
        return self


class WrittenComposed(WrittenText):
    """Actions one after the other, some violent, some safe.

    Attributes:
        composed_id: stable; never used again for another sentence.
        category: of the first violent part.
        num_frames: frames to ask for.
        subject: who acts, the first words of the text and of every part.
        parts: the actions in order; what follows the subject stands word for word in the text.
    """

    composed_id: Annotated[str, Field(pattern=r"^(sample-)?com-[0-9]{3}$")]
    category: Category
    num_frames: Frames
    subject: Sentence
    parts: Annotated[tuple[WrittenPart, ...], Field(min_length=2, max_length=4)]

    @property
    def segments(self) -> tuple[tuple[int, int], ...]:
        """Intended first (inclusive) and last (exclusive) frame of every part."""
        starts = [part.start_frame for part in self.parts]
        return tuple(pairwise([*starts, self.num_frames]))

    @model_validator(mode="after")
    def _mixed(self) -> Self:
        violent = [part.category for part in self.parts if part.violent]
        if not violent or len(violent) == len(self.parts):
            raise ValueError("a composed prompt has violent and safe parts")
        if self.category != violent[0]:
            raise ValueError(f"the category must be the first violent part's, {violent[0]!r}")
        return self

    @model_validator(mode="after")
    def _parts_in_order(self) -> Self:
        lead = self.subject + " "
        place = len(lead)
        for part in self.parts:
            clause = part.text.removeprefix(lead)
            found = self.text.find(clause, place)
            if not part.text.startswith(lead) or found < 0:
                raise ValueError(f"the part {part.text!r} does not stand in the text, in order")
            place = found + len(clause)
        if not self.text.startswith(lead):
            raise ValueError("the text does not begin with the subject")
        return self

    @model_validator(mode="after")
    def _frames_in_order(self) -> Self:
        if self.parts[0].start_frame != 0:
            raise ValueError("the first part must start at frame 0")
        if min(last - first for first, last in self.segments) < MIN_PART_FRAMES:
            raise ValueError(f"a part has fewer than {MIN_PART_FRAMES} frames")
        return self
