"""The format of a concept file.

A concept holds keyword lists per source. The paper has lists of its own for `humanml3d` (sentences)
and for `motionx` (short labels). Every other source - KIT-ML, the embedded sample, a user's own
caption set - takes the list of `humanml3d`, unless the file has one under its name. It may also
hold the words that a caption loses when it is masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field

from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, sha256_bytes
from hmu_bench.models import LongText, ShortText, Slug, Strict

# Kinds of violent motion; "none" also for concepts that are not about violence.
Category = Literal["kick", "punch", "strike", "weapon", "grapple", "martial", "victim", "none"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

Origin = Literal["paper", "ours"]

# Sources with published lists of their own: a concept without one has no keywords for them.
OWN_LISTS = ("humanml3d", "motionx")
BORROWED_FROM = "humanml3d"

Keyword = Annotated[str, Field(max_length=100, pattern=r"^[^\r\n#]*[^\s#][^\r\n#]*$")]

MaskWord = Annotated[str, Field(max_length=50, pattern=r"^[a-z]+(/[A-Z]+)?$")]


class KeywordList(Strict):
    """The keywords of one source.

    Attributes:
        origin: `paper` (as published) or `ours` (our choice, or a user's).
        keywords: keyword -> the category of a caption in which it is found.
    """

    origin: Origin
    keywords: dict[Keyword, Category] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True, slots=True)
class SourceKeywords:
    """The keywords that a source gets from a concept.

    Attributes:
        keywords: keyword -> category.
        origin: `paper` only where the paper uses this list for this source.
        made_for: the source that the list was made for.
    """

    keywords: dict[str, Category]
    origin: Origin
    made_for: str


class Concept(Strict):
    """One concept: its name, what it means, its keyword lists.

    Attributes:
        mask_words: lemmas that scoring protocol `hmu-1` deletes from captions, with /POS where
            only that part of speech is meant; keywords are substrings (`boxe`) and need not be
            words. Empty: the keywords themselves.
    """

    name: Slug
    title: ShortText
    description: LongText
    sources: dict[Slug, KeywordList] = Field(min_length=1, max_length=100)
    mask_words: list[MaskWord] = Field(default_factory=list, max_length=1000)

    @property
    def sha256(self) -> str:
        """Hash over everything that the concept says."""
        return sha256_bytes(canonical_json(self.model_dump(mode="json")).encode())

    def covers(self, source: str) -> bool:
        """Whether there are keywords for the source."""
        return self._list_for(source) in self.sources

    def keywords_for(self, source: str) -> SourceKeywords:
        """The source's keywords.

        Raises:
            InputError: if the concept has none for the source.
        """
        made_for = self._list_for(source)
        if made_for not in self.sources:
            raise InputError(
                f"the concept has no keywords for the source {source!r}"
                f" (it has: {', '.join(self.sources)})",
                key=self.name,
                fix="choose another concept, or give a concept file that has them",
            )
        entry = self.sources[made_for]
        origin: Origin = entry.origin if made_for == source else "ours"
        return SourceKeywords(entry.keywords, origin, made_for)

    def _list_for(self, source: str) -> str:
        return source if source in self.sources or source in OWN_LISTS else BORROWED_FROM
