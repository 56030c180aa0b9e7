"""Any caption set in a known format to forget and retain datasets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from hmu_bench.concepts import Concept
from hmu_bench.datasets.build import build
from hmu_bench.datasets.configs import DEFAULT_CONCEPT
from hmu_bench.datasets.facts import SourceFacts
from hmu_bench.datasets.model import Problem
from hmu_bench.datasets.motion_files import read_lengths
from hmu_bench.datasets.readers import SourceClips, list_spelling, read_source
from hmu_bench.datasets.report import BuildReport
from hmu_bench.datasets.splits import SplitLists, read_splits
from hmu_bench.datasets.tokens import tagged
from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.text import DEFAULT_RULE
from hmu_bench.text.spacy_tokens import uses_spacy
from hmu_bench.yaml_files import read_yaml_model

# Clips and lists as read -> the clips to build from.
Prepare = Callable[[SourceClips, SplitLists | None], SourceClips]


def split(
    path: str | Path,
    *,
    format: str,
    name: str,
    concept: str | Path | Concept | Sequence[str | Path | Concept] = DEFAULT_CONCEPT,
    rule: str | Sequence[str] = DEFAULT_RULE,
    out: str | Path,
    splits: str | Path | None = None,
    motions: str | Path | None = None,
    facts: SourceFacts | str | Path | None = None,
    min_occurrence: int = 1,
    include_text: bool = True,
    skip_bad: bool = False,
    tokens: str = "auto",
    progress: Progress = silent,
) -> BuildReport:
    """Split a caption set of your own into forget and retain, as two Hub dataset repositories.

    Args:
        path: the captions: a folder or zip of text files, or (annotations) a JSON file.
        format: `humanml3d`, `annotations` or `motionx`.
        name: of the set; the repositories are `<out>/hmu/<name>-forget` and `-retain`. A set
            named like one of our sources is judged like it.
        concept: a concept's name, a concept file (.yaml) or a concept; or several of them. `all`:
            every one that the rule can judge.
        rule: a split rule, or several.
        out: the output folder. An older pair of the same name is replaced.
        splits: folder of train.txt, val.txt, test.txt; without it every clip is in `train`.
        motions: folder of motions, or HumanML3D's index.csv: fills `num_frames`.
        facts: what the dataset cards say of the set: a `SourceFacts`, or a YAML file of its fields.
        min_occurrence: how many violent captions make a clip violent.
        include_text: False leaves text, tokens and evidence empty.
        skip_bad: leave out what is wrong with the input (counted) instead of stopping.
        tokens: what makes the tokens of captions without any: `rules`, `spacy` (with its model
            en_core_web_sm), or `auto`: spaCy where both are installed, else the rules. build.json
            tells which it was; labels do not depend on it.
        progress: shows how far it is.

    Returns:
        The report, which also stands in both repositories as build.json.

    Raises:
        InputError: if something is wrong with the input, or the output cannot be written.
    """
    report, _ = read_and_build(
        path,
        format=format,
        facts=facts_for(name, facts),
        concepts=[concept] if isinstance(concept, str | Path | Concept) else concept,
        rules=[rule] if isinstance(rule, str) else rule,
        out=out,
        splits=splits,
        motions=motions,
        min_occurrence=min_occurrence,
        include_text=include_text,
        skip_bad=skip_bad,
        tokens=tokens,
        progress=progress,
    )
    return report


def read_and_build(
    path: str | Path,
    *,
    format: str,
    facts: SourceFacts,
    concepts: Sequence[str | Path | Concept],
    rules: Sequence[str],
    out: str | Path,
    splits: str | Path | None = None,
    motions: str | Path | None = None,
    min_occurrence: int = 1,
    include_text: bool = True,
    skip_bad: bool = False,
    tokens: str = "auto",
    progress: Progress = silent,
    motionx_tree: bool = False,
    prepare: Prepare | None = None,
) -> tuple[BuildReport, list[Problem]]:
    """As `split`, with the facts at hand; also gives back what was left out.

    Args:
        path: as for `split`, like everything that is not named here.
        format: the format of the captions.
        facts: what is known of the source.
        concepts: one configuration for each.
        rules: and for each of these.
        out: the output folder.
        splits: folder of split lists.
        motions: folder of motions, or an index.
        min_occurrence: how many violent captions make a clip violent.
        include_text: whether captions are written.
        skip_bad: leave out what is broken.
        tokens: what makes the tokens of captions without any. Where captions are not written,
            neither are tokens, and spaCy is not asked.
        progress: shows how far it is.
        motionx_tree: the ids begin with subsets of Motion-X, whatever the format.
        prepare: changes the clips before they are split.

    Raises:
        InputError: as `split`.
    """
    by_spacy = uses_spacy(tokens) and include_text
    in_motionx = motionx_tree or format == "motionx"
    lists = None
    if splits is not None:
        lists = read_splits(Path(splits), list_spelling("motionx" if in_motionx else format))
    lengths = None if motions is None else read_lengths(Path(motions), progress)
    source = read_source(Path(path), format, progress, motionx_tree=in_motionx)
    if prepare is not None:
        source = prepare(source, lists)
    if by_spacy:
        source = tagged(source, progress)
    report = build(
        source,
        facts=facts,
        out=Path(out),
        splits=lists,
        concepts=concepts,
        rules=rules,
        min_occurrence=min_occurrence,
        num_frames=lengths,
        include_text=include_text,
        skip_bad=skip_bad,
        progress=progress,
    )
    return report, source.problems + ([] if lists is None else lists.problems)


def facts_for(name: str, facts: SourceFacts | str | Path | None = None) -> SourceFacts:
    """What the cards say of a user's own set.

    Args:
        name: of the set.
        facts: as for `split`; None says that nothing is known of its licence.

    Raises:
        InputError: if the name is no name of a repository, or the facts are wrong or of another.
    """
    if facts is None:
        fields = {
            "name": name,
            "pretty_name": name,
            "description": "A caption set of its publisher's own, split by hmu-bench.",
            "license": "unknown",
            "captions": "other",
            "limits": ["Nothing is known here of the licence of the captions."],
        }
        try:
            return SourceFacts.model_validate(fields)
        except ValidationError as error:
            raise InputError(
                f"{name!r} is no name for a dataset",
                key="name",
                fix="use lower-case letters, digits, single dashes and dots",
            ) from error
    if not isinstance(facts, SourceFacts):
        facts = read_yaml_model(Path(facts), SourceFacts)
    if facts.name != name:
        raise InputError(f"the facts are of {facts.name!r}, not of {name!r}", key="name")
    return facts
