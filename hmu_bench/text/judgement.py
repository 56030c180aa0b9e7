"""What every classifier says about a caption, and the interface that every classifier has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from hmu_bench.concepts import Category


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a classifier says about one caption.

    Attributes:
        violent: whether the caption belongs to the concept ("violent" for short).
        probability: of that, in [0, 1]; rules without degrees give 0 or 1.
        category: the kind of violence; "none" for a safe caption.
        evidence: what the judgement rests on, such as the keywords that were found.
        confident: False where the classifier says that careful readers may disagree.
    """

    violent: bool
    probability: float
    category: Category = "none"
    evidence: tuple[str, ...] = ()
    confident: bool = True


class Classifier(Protocol):
    """Captions in, judgements out, in the same order.

    Attributes:
        rule: the split rule that it implements.
        version: of the rule; another classifier under the same rule is another version.
        reads: whether it reads the raw `line` of a text file or the `text` of the caption.
    """

    rule: ClassVar[str]
    reads: ClassVar[Literal["line", "text"]]

    @property
    def version(self) -> str:
        """Of the rule: letters, digits, dots and dashes."""
        ...

    def judge(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Judgement]:
        """One judgement a caption; `context` says more about each, such as its subset."""
        ...
