"""What is wrong with a submission: a list of problems, each with its file and key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hmu_bench.errors import InputError, one_line

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem.

    Attributes:
        level: an error keeps the submission from being scored, a warning becomes an honesty flag.
        file: the file, relative to the submission.
        key: `<prompt_id>/<repeat>`, a key of submission.yaml, or None.
        message: what is wrong.
    """

    level: Level
    file: str
    key: str | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file} [{self.key}]" if self.key else self.file
        return one_line(f"{self.level}: {place}: {self.message}")

    def to_dict(self) -> dict[str, str | None]:
        """The problem as plain data; no text is longer than a line of an error."""
        key = None if self.key is None else one_line(self.key)
        return {
            "level": self.level,
            "file": one_line(self.file),
            "key": key,
            "message": one_line(self.message),
        }


@dataclass(frozen=True)
class Report:
    """All problems of a submission on a track, and how much of it was there.

    Attributes:
        prompts: prompts of the track.
        answered: prompts with all their motions.
        motions: motions found.
        problems: in the order found: submission.yaml, files, coverage, motions, warnings.
    """

    prompts: int
    answered: int
    motions: int
    problems: Sequence[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the submission from being scored."""
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that become honesty flags."""
        return [problem for problem in self.problems if problem.level == "warning"]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data (for JSON)."""
        return {
            "valid": not self.errors,
            "prompts": self.prompts,
            "answered": self.answered,
            "motions": self.motions,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "problems": [problem.to_dict() for problem in self.problems],
        }


def raise_first(problems: Sequence[Problem], where: object) -> None:
    """Raise the first error as an InputError that says how many more there are.

    Args:
        problems: of any level.
        where: the submission's folder.
    """
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        first, more = errors[0], len(errors) - 1
        raise InputError(
            f"{first.message}{f' (and {more} more problems)' if more else ''}",
            where=f"{where}/{first.file}",
            key=first.key,
            fix="see them all with `hmu-bench validate`" if more else None,
        )
