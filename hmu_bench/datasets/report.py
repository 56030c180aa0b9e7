"""`build.json`: everything that went into a build and everything that came out of it.

It holds no time, no path of a machine and no caption, so that it is the same wherever and whenever
the same input is built. Both repositories of a pair hold the same one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from hmu_bench.concepts import Category
from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.model import Problem, ProblemKind, Role, SplitName
from hmu_bench.datasets.quality import Quality
from hmu_bench.datasets.releases import Made, SplitLabels, Version
from hmu_bench.datasets.splits import FILES
from hmu_bench.files import canonical_json, read_text
from hmu_bench.models import LongText, Sha256, ShortText, Slug, Strict, bad_model

BUILD_FILE = "build.json"
MAX_EXAMPLES = 10
MAX_LISTED_PROBLEMS = 1000
MAX_REPORT_BYTES = 4 << 20


class Options(Strict):
    """The options that change the output."""

    concepts: list[Slug]
    rules: list[Slug]
    min_occurrence: int
    skip_bad: bool
    include_text: bool


class Some(Strict):
    """How many there are, and the first few."""

    count: int
    examples: list[str]

    @classmethod
    def of(cls, items: list[str]) -> Some:
        """Count the items and keep the first few."""
        return cls(count=len(items), examples=items[:MAX_EXAMPLES])


class BorrowedCaptions(Strict):
    """Captions taken from another source.

    Attributes:
        source: the lender.
        folder: clips `<folder>/<id>` have the captions of the lender's clips `<id>`.
        captions_sha256: hash over names and contents of the lender's input.
        clips: how many clips have them.
        without: clips of the folder that the lender does not have; they keep their own captions.
    """

    source: Slug
    folder: Slug
    captions_sha256: Sha256
    clips: int
    without: Some


class Inputs(Strict):
    """The hashes of what was read: over names and contents, not over how they were packed."""

    format: Slug
    captions_sha256: Sha256
    files: int
    splits_sha256: dict[ShortText, Sha256] = Field(description="per list, over its ids in order")
    borrowed: BorrowedCaptions | None = None
    num_frames_sha256: Sha256 | None = Field(
        default=None, description="over clip ids and lengths, where they were given"
    )


class ToldProblem(Strict):
    """A problem of the input, without the words that it is about."""

    kind: ProblemKind
    name: str
    line: int | None = None
    key: str | None = None

    @classmethod
    def of(cls, problem: Problem) -> ToldProblem:
        """What of a problem may be published."""
        return cls(kind=problem.kind, name=problem.name, line=problem.line, key=problem.key)


class Integrity(Strict):
    """What is whole and what is not, before any rule is asked.

    Attributes:
        clips: clips of the input that could be read.
        listed: ids in the split lists; equals used + missing_texts + left_out.
        used: clips that are in the datasets.
        missing_texts: listed ids without a text: in no dataset (the paper files them as safe).
        left_out: listed clips left out because something is wrong with them (--skip-bad).
        unlisted: clips of the input that no list names: in no split.
        only_in_all: ids of all.txt that no split has.
        missing_in_all: ids of a split that all.txt lacks.
        problems: how many of each kind.
        first_problems: where they are.
        captions: captions of the used clips.
        sub_clip_captions: those that describe a part of the clip.
        reversed_captions: those that end before they start.
        tokens_by_rules: those that came without tokens and got rule tokens.
        tokens_by_spacy: spaCy and its model, with their versions -> those that got tokens by them.
        judged_as: source -> used clips that are judged as clips of that source.
        without_num_frames: used clips whose length is not known.
    """

    clips: int
    listed: int
    used: int
    missing_texts: Some
    left_out: Some
    unlisted: Some
    only_in_all: Some
    missing_in_all: Some
    problems: dict[ProblemKind, int]
    first_problems: list[ToldProblem]
    captions: int
    sub_clip_captions: int
    reversed_captions: int
    tokens_by_rules: int
    tokens_by_spacy: dict[ShortText, int] = Field(default_factory=dict)
    judged_as: dict[Slug, int]
    without_num_frames: Some


class Counts(Strict):
    """Rows of one split."""

    forget: int
    retain: int
    labels_sha256: Sha256 = Field(description='over the sorted lines "clip_id label"')
    categories: dict[Category, int] = Field(description="of the forget clips")


class ConfigReport(Strict):
    """One configuration: how it was made and what it gave.

    Attributes:
        name: of the configuration.
        concept: its name.
        concept_sha256: hash over the concept file's content.
        rule: the split rule.
        rule_version: of the rule.
        judged: `clip` where every clip is judged by its own captions, `base clip` where a clip and
            its mirrored twin are judged together.
        keywords: keyword -> category; null unless the rule is `keywords`, like the next two.
        keywords_origin: `paper` where the paper uses this list for this source, else `ours`.
        keywords_made_for: the source that the list was made for.
        quality: how often the rule is right; null where that has not been measured.
        splits: clips per split.
        violent_captions: captions that the rule calls violent.
        violent_sub_clip_captions: of these, those about a part of the clip.
        forget_by_part: clips that are forget only because of captions about a part of them.
        forget_by_twin: clips that are forget only because their mirrored twin is.
        safe_captions_in_forget: captions of forget clips that the rule does not call violent.
        unsure: clips of each set with a caption of which the rule is not confident.
        twin_pairs: clips whose mirrored twin is there too.
        twins_apart: pairs of which one is forget and the other retain.
        shared_texts: captions that occur in both sets, word for word but for case and blanks:
            "forget id = retain id".
        shared_violent_texts: of these, those that the rule calls violent somewhere.
        labels_sha256: hash over every clip id, split and label, in order.
        release: version of the frozen release whose ids and labels these are; null with the
            `release_reason` if they are those of none.
        release_reason: what differs from the newest release, or that there is none.
    """

    name: Slug
    concept: Slug
    concept_sha256: Sha256
    rule: Slug
    rule_version: ShortText
    judged: Literal["clip", "base clip"]
    keywords: dict[str, Category] | None
    keywords_origin: Literal["paper", "ours"] | None
    keywords_made_for: Slug | None
    quality: Quality | None = None
    splits: dict[SplitName, Counts]
    violent_captions: int
    violent_sub_clip_captions: int
    forget_by_part: Some
    forget_by_twin: Some
    safe_captions_in_forget: int
    unsure: dict[Role, int]
    twin_pairs: int
    twins_apart: Some
    shared_texts: Some
    shared_violent_texts: Some
    labels_sha256: Sha256
    release: Version | None = None
    release_reason: LongText | None = None

    def split_labels(self) -> dict[SplitName, SplitLabels]:
        """The labels of every split, as a release holds them."""
        return {
            split: SplitLabels(
                forget=count.forget, retain=count.retain, labels_sha256=count.labels_sha256
            )
            for split, count in self.splits.items()
        }


class Agreement(Strict):
    """How a configuration and the paper's rule for the same concept agree on the used clips.

    Attributes:
        config: the configuration.
        papers: the configuration of the paper's rule.
        both_forget: clips that are forget in both.
        both_retain: clips that are retain in both.
        only_config: clips that are forget in `config` alone.
        only_papers: clips that are forget in `papers` alone.
        kappa: Cohen's kappa; null where both put all clips into one and the same set.
    """

    config: Slug
    papers: Slug
    both_forget: int
    both_retain: int
    only_config: Some
    only_papers: Some
    kappa: float | None


class DataFile(Strict):
    """One Parquet file: its path in the repository, its hash, its sizes."""

    path: str
    sha256: Sha256
    rows: int
    bytes: int
    num_bytes: int = Field(description="size in memory once loaded")


class BuildReport(Strict):
    """The whole of build.json."""

    schema_version: Literal[1] = 1
    facts: SourceFacts
    package_version: ShortText
    pyarrow_version: ShortText
    options: Options
    inputs: Inputs
    integrity: Integrity
    configs: list[ConfigReport]
    agreements: list[Agreement]
    files: dict[Role, dict[Slug, dict[SplitName, list[DataFile]]]]

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.facts.name

    def made(self, config: ConfigReport) -> Made:
        """What a configuration was made from and by."""
        borrowed, lists = self.inputs.borrowed, self.inputs.splits_sha256
        return Made(
            captions_sha256=self.inputs.captions_sha256,
            borrowed_sha256=None if borrowed is None else borrowed.captions_sha256,
            splits_sha256={split: lists[name] for split, name in FILES.items() if name in lists},
            concept=config.concept,
            rule=config.rule,
            rule_version=config.rule_version,
            min_occurrence=self.options.min_occurrence,
        )

    def to_json(self) -> str:
        """The report as canonical JSON text."""
        return canonical_json(self.model_dump(mode="json"))


def read_report(folder: Path) -> BuildReport:
    """The build.json of an emitted repository.

    Raises:
        InputError: if it is missing or no build report.
    """
    path = folder / BUILD_FILE
    try:
        return BuildReport.model_validate_json(read_text(path, MAX_REPORT_BYTES))
    except ValidationError as error:
        raise bad_model(error, path) from error
