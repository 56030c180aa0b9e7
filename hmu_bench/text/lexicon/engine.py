"""From a caption to findings: which word has which sense, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hmu_bench.concepts import Category
from hmu_bench.text.lexicon.loading import Condition, Lexicon, Rule, Sense
from hmu_bench.text.lexicon.vocabulary import Encoded

NOTHING = 0.003  # probability of a caption in which the lexicon knows no word of violence


@dataclass(frozen=True, slots=True)
class Finding:
    """One word of a caption and what it means there.

    Attributes:
        sense: name of the sense.
        number: of the sense, in the order of the files.
        why: the rule that decided.
        probability: that this makes the caption violent.
        category: kind of violence.
        words: the caption's words that the rule looked at, lower case.
    """

    sense: str
    number: int
    why: str
    probability: float
    category: Category
    words: str

    def __str__(self) -> str:
        return (
            f"{self.sense} ({self.why}): {self.words}"
            if self.words
            else (f"{self.sense} ({self.why})")
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A caption as the lexicon understands it.

    Attributes:
        encoded: its words as characters.
        findings: one a word with a sense, in the order of the caption.
    """

    encoded: Encoded
    findings: tuple[Finding, ...]

    @property
    def strongest(self) -> Finding | None:
        """The finding of the highest probability, the first of equals."""
        return max(self.findings, key=lambda finding: finding.probability, default=None)

    @property
    def probability(self) -> float:
        """That of the strongest finding; `NOTHING` without any."""
        strongest = self.strongest
        return NOTHING if strongest is None else max(strongest.probability, NOTHING)


def read_caption(lexicon: Lexicon, caption: str, subset: str | None = None) -> Reading:
    """Every word of a caption that has a sense, each judged by its sense's first rule that holds.

    Args:
        lexicon: words and senses.
        caption: a sentence or a label.
        subset: the Motion-X subset that a label is of.
    """
    encoded = lexicon.vocabulary.encode(caption)
    text = encoded.text
    if lexicon.triggers.search(text, 0 if subset else 1) is None:
        return Reading(encoded, ())
    return Reading(encoded, tuple(_Reader(lexicon, encoded, subset).findings()))


def subset_of(context: Mapping[str, str] | None) -> str | None:
    """The Motion-X subset that a context names: `subset`, or the first folder of `path`.

    >>> subset_of({"subset": "kungfu"}), subset_of({"path": "kungfu/subset_0001/Kick"})
    ('kungfu', 'kungfu')
    """
    if not context:
        return None
    subset = context.get("subset")
    if subset:
        return subset
    folders = context.get("path", "").removeprefix("semantic_labels/").split("/")
    return folders[0] if len(folders) > 1 else None


class _Reader:
    """One caption; remembers what was already searched, so that work stays linear in its words."""

    def __init__(self, lexicon: Lexicon, encoded: Encoded, subset: str | None) -> None:
        self.lexicon = lexicon
        self.encoded = encoded
        self.text = encoded.text
        self.reversed = encoded.text[::-1]
        self.subset = subset
        self.found: dict[int, bool] = {}

    def findings(self) -> Iterator[Finding]:
        for match in self.lexicon.triggers.finditer(self.text, 0 if self.subset else 1):
            for sense, rules in self.lexicon.by_character[match[0]]:
                finding = self._decide(sense, rules, match.start())
                if finding is not None:
                    yield finding

    def _decide(self, sense: Sense, rules: tuple[Rule, ...], at: int) -> Finding | None:
        for rule in rules:
            span = self._holds(rule, at)
            if span is not None:
                start, end = span
                return Finding(
                    sense.name,
                    sense.number,
                    rule.why,
                    rule.p,
                    rule.category,
                    self.encoded.words(start, end),
                )
        return None

    def _holds(self, rule: Rule, at: int) -> tuple[int, int] | None:
        """The span of the caption that the rule looked at, or None."""
        if rule.subset is not None and self.subset not in rule.subset:
            return None
        start, end = at, at + 1
        size = len(self.text)
        if rule.after is not None:
            match = rule.after.regex.match(self.text, at + 1)
            if match is None:
                return None
            end = match.end()
        if rule.before is not None:
            match = rule.before.regex.match(self.reversed, size - at)
            if match is None:
                return None
            start = size - match.end()
        if rule.not_after is not None and rule.not_after.regex.match(self.text, at + 1):
            return None
        if rule.not_before is not None and rule.not_before.regex.match(self.reversed, size - at):
            return None
        if rule.anywhere is not None and not self._anywhere(rule.anywhere):
            return None
        if rule.unless is not None and self._anywhere(rule.unless):
            return None
        return start, end

    def _anywhere(self, condition: Condition) -> bool:
        known = self.found.get(condition.number)
        if known is None:
            known = self.found[condition.number] = bool(condition.regex.search(self.text))
        return known
