"""Which results may be compared: one track, one protocol, one evaluator, the same prompts."""

from __future__ import annotations

from collections.abc import Sequence

from hmu_bench.errors import InputError
from hmu_bench.scoring.results import Result


def check_alike(results: Sequence[Result], labels: Sequence[str] | None = None) -> list[str]:
    """Refuse results whose numbers are not on one scale.

    Args:
        results: at least one.
        labels: what each is called in messages and tables; by default the ids of the records.

    Returns:
        The labels.

    Raises:
        InputError: naming the first two that do not go together, and how they differ.
    """
    names = [result.record.id for result in results] if labels is None else list(labels)
    if not results or len(names) != len(results):
        raise InputError(f"{len(results)} records, {len(names)} names")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two records are called {twice!r}", fix="give each once")
    for name, result in zip(names, results, strict=True):
        if result.record.kind == "reported":
            raise InputError(
                f"{name!r} is reported: the figures of a publication are of other prompts and "
                "draws, and cannot be compared",
                fix="score a submission of the method",
            )
    for name, result in zip(names[1:], results[1:], strict=True):
        for what, one, other in _facts(results[0], result):
            if one != other:
                raise InputError(
                    f"{names[0]!r} and {name!r} are of different {what}: {one} and {other}",
                    fix="compare records of one track, protocol and evaluator",
                )
        _check_prompts(results[0], result, names[0], name)
    return names


def _facts(first: Result, second: Result) -> list[tuple[str, str, str]]:
    one, other = first.record, second.record
    evaluators = [r.provenance.evaluator.sha256 if r.provenance.evaluator else ""
                  for r in (one, other)]  # fmt: skip
    return [
        ("tracks", one.track.name, other.track.name),
        ("versions of the track", _short(one.track.sha256), _short(other.track.sha256)),
        ("protocols", one.protocol, other.protocol),
        ("evaluators", _short(evaluators[0]), _short(evaluators[1])),
    ]


def _short(sha256: str | None) -> str:
    return f"sha256 {sha256[:12]}..." if sha256 else "none"


def _check_prompts(first: Result, second: Result, name: str, other_name: str) -> None:
    """On the prompt sets that both have."""
    if first.terms is None or second.terms is None:
        return
    shared = set(first.record.metrics) & set(second.record.metrics)
    rows = [
        {
            (prompt, prompt_set, clip)
            for prompt, prompt_set, clip in zip(
                terms.prompt_id, terms.prompt_set, terms.base_clip, strict=True
            )
            if prompt_set in shared
        }
        for terms in (first.terms, second.terms)
    ]
    if rows[0] != rows[1]:
        raise InputError(
            f"the numbers beside {name!r} and {other_name!r} are of different prompts",
            fix="a dry run (--limit) can only be compared with another one of the same limit",
        )
