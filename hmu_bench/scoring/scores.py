"""Submission x track -> record."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hmu_bench import __version__
from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent
from hmu_bench.records import (
    Coverage,
    EvaluatorReference,
    Flag,
    Method,
    PromptSet,
    Provenance,
    Record,
    Role,
    TrackReference,
    Value,
)
from hmu_bench.scoring.paper import SEED, from_per_repeat, paper_repeats, paper_values
from hmu_bench.submissions import Submission, load_submission
from hmu_bench.submissions.schema import SubmissionInfo
from hmu_bench.tracks import Track, load_track
from hmu_bench.tracks.pack import SETS_WITH_REAL_MOTIONS

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator

PROTOCOLS = ("paper",)
REFERENCE_ROLES = ("original", "retrained", "real")


def score(
    submission: Submission | str | Path,
    track: Track | str | Path,
    *,
    protocol: str = "paper",
    evaluator: Evaluator | str | Path | None = None,
    as_reference: str | None = None,
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
        progress: shows how far it is.

    Returns:
        A record that is the same for the same submission, track, evaluator and package version.

    Raises:
        InputError: for an unknown protocol or reference, another evaluator than the track's, or a
            submission that does not answer the track.
    """
    check_choice("protocol", protocol, PROTOCOLS)
    role = _role(as_reference)
    if not isinstance(track, Track):
        track = load_track(track)
    if not isinstance(submission, Submission):
        submission = load_submission(submission)
    if protocol not in track.info.protocols:
        offered = ", ".join(track.info.protocols)
        raise InputError(f"the track has no protocol {protocol!r}; it has: {offered}")
    metrics, flags = _measure(submission, track, _evaluator(evaluator, track), progress)
    info = submission.info
    command = f"hmu-bench score {info.name} --track {track.info.name} --protocol {protocol}"
    if as_reference:
        command += f" --as-reference {as_reference}"
    return Record(
        id=info.name,
        kind="reference" if as_reference else "scored",
        role=role,
        track=_track_reference(track),
        protocol=protocol,
        method=_method(info),
        coverage=Coverage(
            prompts=len(track.prompts), answered=len(track.prompts), repeats=info.repeats
        ),
        metrics=metrics,
        flags=flags,
        provenance=_provenance(track, command, submission.sha256),
    )


def score_real(track: Track | str | Path, *, protocol: str = "paper") -> Record:
    """The record of a track's real motions, from its pack alone (kind `reference`, role `real`).

    The numbers are those that a submission of the real motions themselves would get (their first
    `num_frames` frames, one repeat); they were computed when the pack was built.

    Raises:
        InputError: for an unknown protocol or a bad pack.
    """
    check_choice("protocol", protocol, PROTOCOLS)
    if not isinstance(track, Track):
        track = load_track(track)
    prompts = sum(len(part.embeddings) for part in track.reference.values())
    metrics: dict[PromptSet, dict[str, Value]] = {
        name: paper_values(from_per_repeat(part.real), prompts=len(part.embeddings), motions=1)
        for name, part in _sets(track)
    }
    return Record(
        id=f"{track.info.name[:75].rstrip('._-')}-real",
        kind="reference",
        role="real",
        track=_track_reference(track),
        protocol=protocol,
        method=Method(name="Real motions", description="The motions that the captions describe."),
        coverage=Coverage(prompts=prompts, answered=prompts, repeats=1),
        metrics=metrics,
        provenance=_provenance(
            track, f"hmu-bench score --real --track {track.info.name} --protocol {protocol}", None
        ),
    )


def run_facts(seconds: float) -> dict[str, Any]:
    """What may differ between two identical scorings: time, machine, versions of the tools."""
    import torch

    return {
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


def _measure(
    submission: Submission, track: Track, evaluator: Evaluator, progress: Progress
) -> tuple[dict[PromptSet, dict[str, Value]], list[Flag]]:
    from hmu_bench.scoring.embedding import embed_prompts, embed_submission

    motions, observations = embed_submission(submission, track, evaluator, progress)
    rows = {prompt.prompt_id: row for row, prompt in enumerate(track.prompts)}
    metrics: dict[PromptSet, dict[str, Value]] = {}
    for name, reference in _sets(track):
        prompts = track.prompts_of(name)
        chosen = motions[:, [rows[prompt.prompt_id] for prompt in prompts]]
        part = embed_prompts(prompts, chosen, evaluator)
        outcomes = paper_repeats(
            part, reference.paper_statistics, number=SETS_WITH_REAL_MOTIONS.index(name)
        )
        metrics[name] = paper_values(
            outcomes, prompts=len(prompts), motions=submission.info.repeats
        )
    flags = [
        Flag(name=name, message=message, count=count)
        for name, message, count in observations.warnings()
    ]
    return metrics, flags


def _role(as_reference: str | None) -> Role:
    if as_reference is None:
        return "method"
    check_choice("reference", as_reference, REFERENCE_ROLES)
    roles: dict[str, Role] = {"original": "original", "retrained": "retrained", "real": "real"}
    return roles[as_reference]


def _sets(track: Track) -> list[tuple[PromptSet, Any]]:
    reference = track.reference
    return [(name, reference[name]) for name in SETS_WITH_REAL_MOTIONS if name in reference]


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
        notes=info.notes,
    )


def _provenance(track: Track, command: str, submission_sha256: str | None) -> Provenance:
    wanted = track.info.evaluator
    return Provenance(
        package_version=__version__,
        evaluator=EvaluatorReference(id=wanted.id, revision=wanted.revision, sha256=wanted.sha256),
        submission_sha256=submission_sha256,
        seed=SEED,
        command=command,
    )
