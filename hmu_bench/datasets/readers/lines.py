"""Text files -> clips: one caption a line; what a line means is the format's affair."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hmu_bench.datasets.model import Caption, Clip, Problem, ProblemKind
from hmu_bench.datasets.readers.source import BadLine, SourceClips, mirrored_ids
from hmu_bench.datasets.tree import SUFFIX, TextFile, TextTree
from hmu_bench.errors import InputError

MAX_CAPTIONS = 1_000_000
MAX_PROBLEMS = 100_000
MAX_LINE = 10_000
"""Characters; the longest line of HumanML3D and Motion-X has 1,078."""
MAX_LINES = 10_000
"""Of one file; the longest of HumanML3D has 4."""

# (caption id, line) -> caption; raises BadLine
ParseLine = Callable[[str, str], Caption]


def read_lines(
    tree: TextTree,
    format_name: str,
    parse: ParseLine,
    context: Callable[[str], Mapping[str, str]],
    judged_as: Callable[[str], str | None],
) -> SourceClips:
    """One clip a file, one caption a line that is not blank.

    Raises:
        InputError: for more captions or problems than a source can have.
    """
    problems = list(tree.problems)
    by_name: dict[str, list[TextFile]] = {}
    for file in tree.files:
        by_name.setdefault(file.name, []).append(file)
    mirrored = mirrored_ids(list(by_name))
    clips = []
    number = 0
    for name, files in by_name.items():
        if len(files) > 1:
            problems.append(_problem("duplicate id", f"{len(files)} files for one id", files[1]))
            continue
        captions = _read_file(files[0], parse, problems)
        number += len(captions or ())
        if number > MAX_CAPTIONS or len(problems) > MAX_PROBLEMS:
            raise InputError(
                f"there are more than {MAX_CAPTIONS:,} captions or {MAX_PROBLEMS:,} problems",
                where=files[0].where,
                fix="check that this is the right format",
            )
        if captions:
            clips.append(
                Clip(
                    name,
                    captions,
                    name in mirrored,
                    context=context(name),
                    judged_as=judged_as(name),
                )
            )
    problems.sort(key=lambda problem: (problem.name, problem.line or 0))
    return SourceClips(clips, problems, format_name, tree.sha256, len(tree.files))


def _read_file(
    file: TextFile, parse: ParseLine, problems: list[Problem]
) -> tuple[Caption, ...] | None:
    """The captions; None, and the problems noted, if anything is wrong with the file."""
    try:
        text = file.data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        place = file.data.count(b"\n", 0, error.start) + 1
        problems.append(_problem("not UTF-8", "the file is not UTF-8", file, place))
        return None
    if len(text) > MAX_LINE and text.count("\n") > MAX_LINES:
        what = f"the file has more than {MAX_LINES:,} lines"
        problems.append(_problem("unreadable line", what, file, MAX_LINES))
        return None
    captions: list[Caption] = []
    bad = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise BadLine(f"the line is longer than {MAX_LINE:,} characters")
            captions.append(parse(f"{file.name}_{len(captions)}", line))
        except BadLine as error:
            problems.append(_problem("unreadable line", str(error), file, number))
            bad = True
    if not captions and not bad:
        problems.append(_problem("no captions", "the file holds no caption", file))
    return None if bad else tuple(captions)


def _problem(kind: ProblemKind, what: str, file: TextFile, line: int | None = None) -> Problem:
    return Problem(kind, what[:300], file.where, file.name + SUFFIX, line, clip_id=file.name)
