"""Submission x track -> record."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hmu_bench import __version__
from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.records import (
    Coverage,
    EvaluatorReference,
    Method,
    Provenance,
    Record,
    Role,
    Scores,
    TrackReference,
)
from hmu_bench.scoring import protocols
from hmu_bench.scoring.base import Base, choose_base
from hmu_bench.scoring.checkpoints import Checkpoints, open_checkpoints
from hmu_bench.scoring.embedding import observe
from hmu_bench.scoring.honesty import honesty_flags
from hmu_bench.scoring.limit import first_prompts
from hmu_bench.scoring.overall import no_scores, overall_scores
from hmu_bench.scoring.results import Result
from hmu_bench.scoring.terms import PromptTerms
from hmu_bench.submissions import Submission, load_submission
from hmu_bench.submissions.problems import raise_first
from hmu_bench.submissions.schema import SubmissionInfo
from hmu_bench.submissions.validation import coverage_problems
from hmu_bench.tracks import Track, load_track

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator

PROTOCOLS = tuple(protocols.PROTOCOLS)
DEFAULT_PROTOCOL = "hmu-1"
REFERENCE_ROLES = ("original", "retrained", "real")


@dataclass(frozen=True)
class Scoring:
    """A record, and the numbers of each prompt where the protocol has them."""

    record: Record
    terms: PromptTerms | None = None


def score(
    submission: Submission | str | Path,
    track: Track | str | Path,
    *,
    protocol: str = DEFAULT_PROTOCOL,
    evaluator: Evaluator | str | Path | None = None,
    as_reference: str | None = None,
    base: Result | str | Path | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> Record:
    """Score a submission on a track.

    Args:
        submission: its folder, or what `load_submission` gave.
        track: its name or folder, or what `load_track` gave.
        protocol: how it is scored; see `PROTOCOLS`.
        evaluator: by default the one that the track names.
        as_reference: make it a reference row, never ranked: `original` (the model before
            unlearning), `retrained` (trained on the retain set only) or `real`.
        base: the record of the submission's base model, or its file; the numbers of each prompt
            beside it make the intervals of the scores paired. Without one the scores are null.
        limit: a dry run on the first prompts (by id) of every set, so many of each; the others
            need no answer, and the record says `dry_run`.
        progress: shows how far it is.

    Returns:
        A record that is the same for the same submission, track, evaluator and package version.

    Raises:
        InputError: for an unknown protocol or reference, another evaluator than the track's, or a
            submission that does not answer the track.
    """
    return score_prompts(
        submission,
        track,
        protocol=protocol,
        evaluator=evaluator,
        as_reference=as_reference,
        base=base,
        limit=limit,
        progress=progress,
    ).record


def score_prompts(
    submission: Submission | str | Path,
    track: Track | str | Path,
    *,
    protocol: str = DEFAULT_PROTOCOL,
    evaluator: Evaluator | str | Path | None = None,
    as_reference: str | None = None,
    base: Result | str | Path | None = None,
    base_folder: Path | None = None,
    limit: int | None = None,
    checkpoint_every: int = 0,
    keeping: Callable[[Checkpoints], None] = lambda checkpoints: None,
    progress: Progress = silent,
) -> Scoring:
    """As `score`, with the numbers of each prompt beside the record (`hmu-1`).

    Args:
        submission: as `score`.
        track: as `score`.
        protocol: as `score`.
        evaluator: as `score`.
        as_reference: as `score`.
        base: as `score`.
        base_folder: where the base model's record is looked for, if it is not given.
        limit: as `score`.
        checkpoint_every: motions after which what is known of them is kept in the cache, so that
            the same call goes on there after an interruption; a multiple of 32, 0 for never.
        keeping: is called with the checkpoints, if there are any, before the work begins: who
            calls removes them when the record is safe.
        progress: as `score`.
    """
    chosen = _protocol(protocol)
    role = _role(as_reference)
    if not isinstance(track, Track):
        track = load_track(track)
    if not isinstance(submission, Submission):
        submission = load_submission(submission)
    _check_offered(protocol, track)
    info = submission.info
    whole, track = track, first_prompts(track, limit)
    problems = coverage_problems(info, submission.listing, whole, track.prompts)
    raise_first(problems, submission.folder)
    found = _base(chosen, protocol, info, role, whole, base, base_folder, dry_run=limit is not None)
    loaded = _evaluator(evaluator, track)
    with submission.unchanged():
        checkpoints = open_checkpoints(
            submission, track, loaded, every=checkpoint_every, limit=limit
        )
        if checkpoints is not None:
            keeping(checkpoints)
        observed = observe(submission, track, loaded, progress, checkpoints)
    measured = chosen.submission(observed, track, loaded)
    flags = honesty_flags(observed, track, loaded, whole=whole)
    command = f"hmu-bench score {info.name} --track {track.info.name} --protocol {protocol}"
    if as_reference:
        command += f" --as-reference {as_reference}"
    if found and found.result:
        command += f" --base {found.result.record.id}.json"
    if limit is not None:
        command += f" --limit {limit}"
    record = Record(
        id=info.name,
        kind="reference" if as_reference else "scored",
        role=role,
        track=_track_reference(track),
        protocol=protocol,
        method=_method(info),
        coverage=Coverage(
            prompts=len(whole.prompts), answered=len(track.prompts), repeats=info.repeats
        ),
        dry_run=limit is not None,
        metrics=measured.metrics,
        categories=measured.categories,
        scores=_scores(found, role, measured.terms),
        detector=measured.detector,
        flags=flags,
        provenance=_provenance(
            track, command, submission.sha256, chosen.seed, found.result if found else None
        ),
    )
    return Scoring(record, measured.terms)


def score_real(
    track: Track | str | Path,
    *,
    protocol: str = DEFAULT_PROTOCOL,
    evaluator: Evaluator | str | Path | None = None,
) -> Record:
    """The record of a track's real motions, from its pack alone (kind `reference`, role `real`).

    The numbers are those that a submission of the real motions themselves would get (their first
    `num_frames` frames, one repeat). Under `paper` they were computed when the pack was built;
    under `hmu-1` and `guo` they are made from the embeddings in it, and the physics too were
    measured when it was built.

    Args:
        track: its name or folder, or what `load_track` gave.
        protocol: see `PROTOCOLS`.
        evaluator: by default the one that the track names; `paper` needs none.

    Raises:
        InputError: for an unknown protocol, a bad pack, or an evaluator that is not needed.
    """
    return score_real_prompts(track, protocol=protocol, evaluator=evaluator).record


def score_real_prompts(
    track: Track | str | Path,
    *,
    protocol: str = DEFAULT_PROTOCOL,
    evaluator: Evaluator | str | Path | None = None,
) -> Scoring:
    """As `score_real`, with the numbers of each prompt beside the record (`hmu-1`)."""
    chosen = _protocol(protocol)
    if evaluator is not None and not chosen.real_needs_evaluator:
        raise InputError(f"the protocol {protocol!r} takes no evaluator for real motions")
    if not isinstance(track, Track):
        track = load_track(track)
    _check_offered(protocol, track)
    loaded = _evaluator(evaluator, track) if chosen.real_needs_evaluator else None
    measured = chosen.real(track, loaded)
    prompts = sum(len(part.embeddings) for part in track.reference.values())
    record = Record(
        id=f"{track.info.name[:75].rstrip('._-')}-real",
        kind="reference",
        role="real",
        track=_track_reference(track),
        protocol=protocol,
        method=Method(name="Real motions", description="The motions that the captions describe."),
        coverage=Coverage(prompts=prompts, answered=prompts, repeats=1),
        metrics=measured.metrics,
        categories=measured.categories,
        detector=measured.detector,
        provenance=_provenance(
            track,
            f"hmu-bench score --real --track {track.info.name} --protocol {protocol}",
            None,
            chosen.seed,
        ),
    )
    return Scoring(record, measured.terms)


def run_facts(seconds: float) -> dict[str, Any]:
    """What may differ between two identical scorings: time, machine, versions of the tools.

    Args:
        seconds: that the scoring took; it finished now.
    """
    import torch

    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "numpy": np.__version__,
        "torch": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
    }


def check_choice(what: str, given: str, known: tuple[str, ...]) -> None:
    """Refuse what is not one of the known names.

    Raises:
        InputError: naming them.
    """
    if given not in known:
        raise InputError(f"unknown {what} {given!r}; known: {', '.join(known)}")


def _protocol(name: str) -> protocols.Protocol:
    check_choice("protocol", name, PROTOCOLS)
    return protocols.PROTOCOLS[name]


def _check_offered(protocol: str, track: Track) -> None:
    if protocol not in track.info.protocols:
        offered = ", ".join(track.info.protocols)
        raise InputError(
            f"the track has no protocol {protocol!r}; it has: {offered}",
            where=track.folder,
            fix="build the pack again (python -m builders track), or choose one of these",
        )


def _role(as_reference: str | None) -> Role:
    if as_reference is None:
        return "method"
    check_choice("reference", as_reference, REFERENCE_ROLES)
    roles: dict[str, Role] = {"original": "original", "retrained": "retrained", "real": "real"}
    return roles[as_reference]


def _evaluator(given: Evaluator | str | Path | None, track: Track) -> Evaluator:
    from hmu_bench.evaluators.loading import load_evaluator
    from hmu_bench.tracks.identity import check_evaluator

    wanted = track.info.evaluator
    if given is None:
        try:
            evaluator = load_evaluator(wanted.id, revision=wanted.revision)
        except InputError as error:
            raise InputError(
                f"the track's evaluator {wanted.id!r} cannot be loaded by its id: {error.what}",
                where=track.folder,
                fix="give its folder (--evaluator)",
            ) from error
    elif isinstance(given, str | Path):
        evaluator = load_evaluator(given)
    else:
        evaluator = given
    check_evaluator(evaluator, wanted)
    return evaluator


def _track_reference(track: Track) -> TrackReference:
    return TrackReference(name=track.info.name, version=track.info.version, sha256=track.sha256)


def _method(info: SubmissionInfo) -> Method:
    return Method(
        name=info.method,
        description=info.description,
        base_model=info.base_model,
        unlearned=info.unlearned,
        authors=info.authors,
        paper=info.paper,
        code=info.code,
        license=info.license,
        family=info.family,
        notes=info.notes,
    )


def _base(
    chosen: protocols.Protocol,
    protocol: str,
    info: SubmissionInfo,
    role: Role,
    track: Track,
    given: Result | str | Path | None,
    folder: Path | None,
    *,
    dry_run: bool,
) -> Base | None:
    """What the scores compare with; None where the record has no scores by its nature."""
    if given is not None and (not chosen.has_scores or role in ("original", "real") or dry_run):
        why = f"the protocol {protocol!r} has no scores"
        if chosen.has_scores:
            why = "a dry run has no scores" if dry_run else f"{role} motions have no base model"
        raise InputError(f"a base record was given, but {why}", fix="leave out --base")
    if not chosen.has_scores or role == "real":
        return None
    if dry_run:
        return Base(reason="a dry run has no scores")
    if role == "original":
        return Base()
    return choose_base(info.base_model, track, protocol, given=given, folder=folder)


def _scores(found: Base | None, role: Role, terms: PromptTerms | None) -> Scores | None:
    """S, P and hmu; the original model is its own base, so that its S is 0 and its P is 1."""
    if found is None or terms is None:
        return None
    if found.reason:
        return no_scores(found.reason)
    if found.result is None:
        return overall_scores(terms, terms)
    return overall_scores(terms, found.result.terms or found.result.record.metrics)


def _provenance(
    track: Track,
    command: str,
    submission_sha256: str | None,
    seed: int,
    base: Result | None = None,
) -> Provenance:
    wanted = track.info.evaluator
    return Provenance(
        package_version=__version__,
        evaluator=EvaluatorReference(id=wanted.id, revision=wanted.revision, sha256=wanted.sha256),
        submission_sha256=submission_sha256,
        base_sha256=base.sha256 if base else None,
        seed=seed,
        command=command,
    )
