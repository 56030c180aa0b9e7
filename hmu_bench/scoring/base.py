"""The base model's record: what the scores S, P and hmu compare a method with.

It is the record of kind `reference`, role `original`, whose id the submission names as its
`base_model`, of the same track, protocol and evaluator. Given by hand, a record that is anything
else is bad input; looked up beside the new record, it is a reason why there are no scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hmu_bench.errors import InputError, one_line
from hmu_bench.scoring.results import Result, read_result
from hmu_bench.tracks import Track

REASON_LENGTH = 200


@dataclass(frozen=True)
class Base:
    """The base model's result, or why there is none.

    Attributes:
        result: None where there is none.
        reason: why; "" where there is one.
    """

    result: Result | None = None
    reason: str = ""


def choose_base(
    base_model: str | None,
    track: Track,
    protocol: str,
    *,
    given: Result | str | Path | None = None,
    folder: Path | None = None,
) -> Base:
    """The base model's result for a submission.

    Args:
        base_model: the id that the submission names.
        track: that the submission answers.
        protocol: that it is scored under.
        given: the record, or its file.
        folder: where `<base_model>.<protocol>.json` or `<base_model>.json` is looked for, if none
            is given.

    Raises:
        InputError: if the given record is not the base model's of this track, protocol and
            evaluator; a looked-up one that is not is told as the reason.
    """
    if base_model is None:
        if given is not None:
            raise InputError(
                "a base record was given, but submission.yaml names no base_model",
                fix="write base_model: <id of that record> into submission.yaml",
            )
        return Base(reason="submission.yaml names no base_model")
    if given is not None:
        where = None if isinstance(given, Result) else Path(given)
        result = given if isinstance(given, Result) else read_result(Path(given))
        check_base(result, base_model, track, protocol, where)
        return Base(result)
    reason = f"no record of the base model {base_model!r} was given"
    for name in (f"{base_model}.{protocol}.json", f"{base_model}.json") if folder else ():
        assert folder is not None
        path = folder / name
        if not path.exists():
            continue
        try:
            result = read_result(path)
            check_base(result, base_model, track, protocol, path)
        except InputError as error:
            reason = f"{name}: {error.what}"
        else:
            return Base(result)
    return Base(reason=one_line(reason)[:REASON_LENGTH])


def check_base(
    result: Result, base_model: str, track: Track, protocol: str, where: Path | None
) -> None:
    """Refuse what is not the record of this base model on this track.

    Raises:
        InputError: with the first thing that differs.
    """
    record = result.record
    evaluator = record.provenance.evaluator
    pairs = {
        "id": (record.id, base_model),
        "track": (record.track.name, track.info.name),
        "track version (sha256)": (record.track.sha256, track.sha256),
        "protocol": (record.protocol, protocol),
        "evaluator": (evaluator and evaluator.sha256, track.info.evaluator.sha256),
        "kind and role": (f"{record.kind}, {record.role}", "reference, original"),
    }
    for what, (found, wanted) in pairs.items():
        if found != wanted:
            raise InputError(
                f"not the base model's record: its {what} is {str(found)[:64]!r}, "
                f"needed is {str(wanted)[:64]!r}",
                where=where,
                fix="score the base model with --as-reference original",
            )
    if record.dry_run or record.coverage is None or not record.coverage.complete:
        raise InputError("the base model's record does not cover all prompts", where=where)
    terms = result.terms
    if terms is None:
        return
    clips = {
        prompt.prompt_id: (str(prompt.prompt_set), track.base_clips[prompt.prompt_id])
        for prompt in track.prompts
    }
    rows = zip(terms.prompt_id, terms.prompt_set, terms.base_clip, strict=True)
    if {prompt: (name, clip) for prompt, name, clip in rows} != clips:
        raise InputError(
            "the numbers beside the base model's record are of other prompts", where=where
        )
