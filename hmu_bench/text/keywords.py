"""The paper's rule: a keyword found anywhere in the raw line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from hmu_bench.concepts import Category, Concept
from hmu_bench.text.judgement import Judgement

_SAFE = Judgement(violent=False, probability=0.0)


@dataclass(frozen=True)
class KeywordsClassifier:
    """Case-sensitive substring search for keywords, as the paper's filter does it.

    A caption is violent if any keyword occurs anywhere in its line: in the sentence, in the tokens,
    inside a word (yes, "white" contains "hit"; "Kicks" does not contain "kick"). Keywords are plain
    text, no patterns. Evidence: the keywords found, in the order in which they first occur;
    category: that of the first of them.

    Source: De Matteis et al., Human Motion Unlearning, AAAI 2026 (their lists and their filter).

    >>> rule = KeywordsClassifier({"kick": "kick", "hit": "strike"})
    >>> [j.evidence for j in rule.judge(["he hits, then kicks", "a white cat", "He KICKS"])]
    [('hit', 'kick'), ('hit',), ()]
    """

    rule: ClassVar[str] = "keywords"
    version: ClassVar[str] = "1"
    reads: ClassVar[Literal["line", "text"]] = "line"

    keywords: Mapping[str, Category]

    @classmethod
    def of(cls, concept: Concept, source: str) -> KeywordsClassifier:
        """The classifier of a concept for a source (InputError if there is no list for it)."""
        return cls(concept.keywords_for(source).keywords)

    def judge(
        self, captions: Sequence[str], context: Sequence[Mapping[str, str]] | None = None
    ) -> list[Judgement]:
        """One judgement a line; the context is not looked at."""
        return [self._judge_one(line) for line in captions]

    def _judge_one(self, line: str) -> Judgement:
        found = [keyword for keyword in self.keywords if keyword in line]
        if not found:
            return _SAFE
        found.sort(key=line.index)  # stable: equal places keep the order of the list
        return Judgement(True, 1.0, self.keywords[found[0]], tuple(found))
