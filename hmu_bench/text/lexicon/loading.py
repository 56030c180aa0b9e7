"""The lexicon's files, read once: words and senses, compiled where they are first needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from hmu_bench.concepts import Category
from hmu_bench.errors import InputError
from hmu_bench.files import read_text, sha256_bytes
from hmu_bench.models import Strict, bad_model
from hmu_bench.text.lexicon.patterns import PatternError, Slot, compile_slots, parse
from hmu_bench.text.lexicon.schema import RuleEntry, SenseEntry, SenseFile, UseEntry, WordFile
from hmu_bench.text.lexicon.vocabulary import Vocabulary
from hmu_bench.yaml_files import read_yaml

DATA = Path(__file__).with_name("data")

Model = TypeVar("Model", bound=Strict)
Conditions = list[tuple["Condition", bool]]


class Condition:
    """One compiled pattern; `number` names it in the cache of a caption."""

    def __init__(self, alternatives: list[list[Slot]], number: int, *, backwards: bool) -> None:
        self._alternatives = alternatives
        self._backwards = backwards
        self.number = number

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when it is first asked for: most captions need few of them."""
        return compile_slots(self._alternatives, backwards=self._backwards)


@dataclass(frozen=True)
class Rule:
    """A rule ready for use; see `RuleEntry`.

    `shared_list` names the list that it stands in, if it does not stand in the sense itself.
    """

    why: str
    p: float
    category: Category
    subset: frozenset[str] | None
    word: frozenset[str] | None
    before: Condition | None
    after: Condition | None
    anywhere: Condition | None
    unless: Condition | None
    not_before: Condition | None
    not_after: Condition | None
    shared_list: str | None = None


@dataclass(frozen=True)
class Sense:
    """A sense ready for use; see `SenseEntry`."""

    name: str
    number: int
    category: Category
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Lexicon:
    """Everything that the files say.

    Attributes:
        vocabulary: words to characters.
        senses: in the order of the files.
        by_character: the senses that a character may have, each with its rules for that character.
        sha256: over the files' bytes.
        topics: the word classes whose presence is a feature.
    """

    vocabulary: Vocabulary
    senses: tuple[Sense, ...]
    by_character: Mapping[str, tuple[tuple[Sense, tuple[Rule, ...]], ...]]
    sha256: str
    topics: tuple[str, ...]
    triggers: re.Pattern[str] = field(repr=False)
    conditions: int = 0


def read_lexicon(folder: Path, *, quickly: bool = False) -> Lexicon:
    """The lexicon of a folder: `words.yaml` and `senses/*.yaml`, the latter by file name.

    Args:
        folder: where the files are.
        quickly: by the C parser, where there is one, without a look for keys that stand twice: for
            files that the tests have read the other way.

    Raises:
        InputError: with the file and the key, for a file that is not as `schema.py` says, a
            pattern that cannot be read, an unknown class or list, or a sense that is there twice.
    """
    words_path = folder / "words.yaml"
    paths = sorted((folder / "senses").glob("*.yaml"))
    if not paths:
        raise InputError("there are no sense files", where=folder / "senses")
    words = _read(words_path, WordFile, quickly)
    try:
        vocabulary = Vocabulary(words)
        for topic in words.topics.split():
            vocabulary.atom("{" + topic + "}")
    except PatternError as error:
        raise InputError(str(error), where=words_path) from error
    files = [(path, _read(path, SenseFile, quickly)) for path in paths]
    lists: dict[str, list[RuleEntry]] = {}
    for path, content in files:
        for name, rules in content.lists.items():
            if name in lists:
                raise InputError("there is another list of this name", where=path, key=name)
            lists[name] = rules
    builder = _Builder(vocabulary, lists)
    for path, content in files:
        for name, entry in content.senses.items():
            try:
                builder.add(name, entry)
            except PatternError as error:
                raise InputError(str(error), where=path, key=name) from error
    vocabulary.close()
    digest = sha256_bytes(b"".join(path.read_bytes() for path in (words_path, *paths)))
    return Lexicon(
        vocabulary,
        tuple(builder.senses),
        builder.rules_by_character(),
        digest,
        tuple(words.topics.split()),
        re.compile(f"[{''.join(sorted(builder.by_character))}]"),
        builder.conditions,
    )


@cache
def load_lexicon() -> Lexicon:
    """The lexicon that comes with the package.

    >>> len(load_lexicon().senses) > 20
    True
    """
    return read_lexicon(DATA, quickly=True)


def _read(path: Path, model: type[Model], quickly: bool) -> Model:
    content = _parse_quickly(path) if quickly else read_yaml(path)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise bad_model(error, path) from error


def _parse_quickly(path: Path) -> object:
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(read_text(path), Loader=parser)  # noqa: S506 (a SafeLoader)


class _Builder:
    def __init__(self, vocabulary: Vocabulary, lists: dict[str, list[RuleEntry]]) -> None:
        self.vocabulary = vocabulary
        self.lists = lists
        self.senses: list[Sense] = []
        self.by_character: dict[str, list[Sense]] = {}
        self.conditions = 0
        self._known: dict[tuple[str, bool], Condition] = {}

    def add(self, name: str, entry: SenseEntry) -> None:
        if any(sense.name == name for sense in self.senses):
            raise PatternError("there is another sense of this name")
        rules = tuple(
            self._rule(rule, entry.category, shared_list) for rule, shared_list in self._flat(entry)
        )
        sense = Sense(name, len(self.senses), entry.category, rules)
        self.senses.append(sense)
        for atom in entry.words.split():
            for character in sorted(self.vocabulary.atom(atom)):
                known = self.by_character.setdefault(character, [])
                if sense not in known:
                    known.append(sense)

    def rules_by_character(self) -> dict[str, tuple[tuple[Sense, tuple[Rule, ...]], ...]]:
        """Character -> senses, each without the rules for other forms of the word."""
        return {
            character: tuple(
                (sense, tuple(r for r in sense.rules if r.word is None or character in r.word))
                for sense in senses
            )
            for character, senses in self.by_character.items()
        }

    def _flat(self, entry: SenseEntry) -> Iterator[tuple[RuleEntry, str | None]]:
        for rule in entry.rules:
            if not isinstance(rule, UseEntry):
                yield rule, None
            elif rule.use in self.lists:
                yield from ((listed, rule.use) for listed in self.lists[rule.use])
            else:
                raise PatternError(f"there is no list {rule.use!r}")

    def _rule(self, entry: RuleEntry, category: Category, shared_list: str | None) -> Rule:
        condition: Callable[..., Condition | None] = self._condition
        return Rule(
            entry.why,
            entry.p,
            entry.category or category,
            None if entry.subset is None else frozenset(entry.subset),
            word=None if entry.word is None else self._characters(entry.word),
            before=condition(entry.before, backwards=True),
            after=condition(entry.after),
            anywhere=condition(entry.anywhere),
            unless=condition(entry.unless),
            not_before=condition(entry.not_before, backwards=True),
            not_after=condition(entry.not_after),
            shared_list=shared_list,
        )

    def _characters(self, words: str) -> frozenset[str]:
        return frozenset().union(*(self.vocabulary.atom(atom) for atom in words.split()))

    def _condition(self, pattern: str | None, *, backwards: bool = False) -> Condition | None:
        if pattern is None:
            return None
        if (pattern, backwards) not in self._known:
            slots = parse(pattern, self.vocabulary)
            self._known[pattern, backwards] = Condition(slots, self.conditions, backwards=backwards)
            self.conditions += 1
        return self._known[pattern, backwards]
