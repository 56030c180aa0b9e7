"""The format of the lexicon's files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hmu_bench.concepts import Category
from hmu_bench.models import Strict

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=20_000)]
Pattern = Annotated[str, Field(min_length=1, max_length=2_000)]
Probability = Annotated[float, Field(ge=0.001, le=0.999)]


class WordFile(Strict):
    """`words.yaml`: word classes, irregular forms, joined words, misspellings, word parts.

    Attributes:
        irregular: base form -> its other forms.
        joins: one word -> the phrases that are read as it, ` / ` between them.
        spelling: the right word -> misspellings of it.
        watched: words whose misspellings and compounds are looked out for.
        real: words that look like such misspellings and are none.
        parts: class -> stems (`-stem` only at the end); a word that nothing else knows and that
            contains one belongs to the class.
        breaks: words that end a clause.
        topics: the classes whose presence is a feature for trained classifiers.
        phrases: name -> a pattern that other patterns may hold as `<name>`.
        classes: name -> words, verbs (`kick~`), nouns (`ball^`) and other classes (`{ball}`).
    """

    irregular: dict[str, Words]
    joins: dict[str, Words]
    spelling: dict[str, Words]
    watched: Words
    real: Words
    parts: dict[Name, Words]
    breaks: Words
    topics: Words
    classes: dict[Name, Words]
    phrases: dict[Name, Pattern]


class RuleEntry(Strict):
    """One rule of a sense: all its conditions must hold.

    Attributes:
        why: what the rule is about, for the evidence.
        p: probability that a caption in which the rule decides is violent.
        category: where it differs from the sense's.
        word: forms of the word that the rule is for.
        before: pattern that ends just before the word.
        after: pattern that begins just after the word.
        anywhere: pattern found anywhere in the caption.
        unless: pattern found nowhere in the caption.
        not_before: pattern that does not end just before the word.
        not_after: pattern that does not begin just after the word.
        subset: subsets of Motion-X that the rule is for.
    """

    why: Annotated[str, Field(min_length=1, max_length=80)]
    p: Probability
    category: Category | None = None
    word: Pattern | None = None
    before: Pattern | None = None
    after: Pattern | None = None
    anywhere: Pattern | None = None
    unless: Pattern | None = None
    not_before: Pattern | None = None
    not_after: Pattern | None = None
    subset: tuple[Name | Annotated[str, Field(pattern=r"^\w+$")], ...] | None = None


class UseEntry(Strict):
    """The rules of a shared list, inserted here.

    Attributes:
        use: the name of the list.
    """

    use: Name


class SenseEntry(Strict):
    """A word (or several of one meaning) and the rules that tell what it means where it stands.

    Attributes:
        category: kind of violence.
        words: the words, as in a class; `START` for rules about the whole caption.
        rules: the first one that holds decides; without any, the word says nothing.
    """

    category: Category
    words: Words
    rules: list[RuleEntry | UseEntry] = Field(min_length=1)


class SenseFile(Strict):
    """`senses/*.yaml`.

    Attributes:
        lists: shared rules by name.
        senses: by name.
    """

    lists: dict[Name, list[RuleEntry]] = Field(default_factory=dict)
    senses: dict[Name, SenseEntry] = Field(default_factory=dict)
