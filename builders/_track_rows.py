"""What a track is made from: the rows of an emitted dataset, and the words of its concept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hmu_bench.concepts import concept_names, load_concept
from hmu_bench.datasets import LabelledClip, load_pair, read_report, repository
from hmu_bench.datasets.model import SPLITS, SplitName
from hmu_bench.datasets.report import ConfigReport
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from hmu_bench.metrics.masking import word_forms
from hmu_bench.terminal import say

PAPERS_RULE = "keywords"


@dataclass(frozen=True)
class Rows:
    """One configuration of a dataset.

    Attributes:
        asked: the split whose captions are prompts.
        parts: split -> its clips, forget before retain.
        sha256: over the dataset files that they come from.
    """

    asked: SplitName
    parts: Mapping[SplitName, list[LabelledClip]]
    sha256: str

    @property
    def asking(self) -> list[LabelledClip]:
        """The clips whose captions are prompts."""
        return self.parts[self.asked]


def read_config(out: Path, source: str, config: str) -> ConfigReport:
    """What build.json says of the configuration.

    Raises:
        InputError: if there is none of that name, or the dataset was built without its texts.
    """
    report = read_report(repository(out, source, "forget"))
    found = next((c for c in report.configs if c.name == config), None)
    if found is None:
        names = ", ".join(c.name for c in report.configs)
        raise InputError(f"there is no configuration {config!r} (there are: {names})", where=out)
    if found.rule == PAPERS_RULE and not found.keywords:
        raise InputError(f"the configuration {config!r} names no keywords", where=out)
    if not report.options.include_text:
        raise InputError(
            "the dataset was built without its texts, which are the prompts",
            where=out,
            fix="build it with its texts first",
        )
    return found


def read_rows(out: Path, source: str, config: str, split: str) -> Rows:
    """The clips of every split, and which of them ask.

    Raises:
        InputError: if there is no such split, it has no clips, or the dataset is damaged.
    """
    asked = next((name for name in SPLITS if name == split), None)
    if asked is None:
        raise InputError(f"unknown split {split!r}; known: {', '.join(SPLITS)}", key="--split")
    parts: dict[SplitName, list[LabelledClip]] = {name: [] for name in SPLITS}
    for rows in load_pair(out, source, config).values():
        for row in rows:
            parts[row.split].append(row)
    if not parts[asked]:
        raise InputError(f"the dataset has no clips in the split {split!r}", where=out)
    files = read_report(repository(out, source, "forget")).files
    hashes = sorted(
        f"{role}/{file.path} {file.sha256}"
        for role in files
        for of_split in files[role][config].values()
        for file in of_split
    )
    return Rows(asked, parts, sha256_bytes("\n".join(hashes).encode()))


def mask_words(about: ConfigReport) -> list[str]:
    """What `hmu-1` deletes: the concept's mask words, else its keywords; [] if these are no words.

    A concept of a user's own file has its keywords in the dataset, not its mask words.
    """
    if about.concept in concept_names():
        concept = load_concept(about.concept)
        if concept.mask_words and concept.sha256 == about.concept_sha256:
            return list(concept.mask_words)
        if concept.mask_words and about.keywords:
            say("the dataset was built from another version of the concept: masking its keywords")
    words = list(about.keywords or {})
    try:
        word_forms(words)
    except InputError as error:
        say(f"the track gets no protocol hmu-1: {error.what}")
        return []
    return words
