"""Commands about motions: `prompts`, `validate`, `pack`, `preview`, `score`, `metrics`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, write_atomic
from hmu_bench.progress import shown
from hmu_bench.terminal import Interrupted, print_table, say, say_log

if TYPE_CHECKING:
    from hmu_bench.scoring.checkpoints import Checkpoints

TrackOption = Annotated[str, typer.Option("--track", help="A track's name or its pack's folder.")]
SubmissionArgument = Annotated[Path, typer.Argument(metavar="SUB", help="A submission's folder.")]


def prompts(
    track: Annotated[str, typer.Argument(help="A track's name or its pack's folder.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="A .jsonl, .csv or .txt file; else JSON lines here."),
    ] = None,
) -> None:
    """The prompts of a track, for a generator: id, text, tokens, frames; ordered by id.

    JSON lines hold the exact texts. CSV is safe to open in a spreadsheet (a cell that looks like a
    formula gets an apostrophe in front); .txt has tabs: id, frames, text, tokens. Which prompt set
    a prompt is of is not told.
    """
    from hmu_bench.tracks.export import as_jsonl, format_for
    from hmu_bench.tracks.pack import load_track

    write = format_for(out) if out else as_jsonl
    text = write(load_track(track).prompts)
    if out:
        write_atomic(out, text)
        say(f"{out} written")
    else:
        typer.echo(text, nl=False)


def validate(
    submission: SubmissionArgument,
    track: TrackOption,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a submission against a track: every problem, one a line, with its file and key.

    Errors (format, coverage, shape, values that are not finite) end with exit code 2; warnings
    become honesty flags of the record.
    """
    from hmu_bench.submissions import validate as check
    from hmu_bench.tracks import load_track

    report = check(submission, load_track(track), progress=shown)
    if as_json:
        typer.echo(canonical_json(report.to_dict()), nl=False)
    else:
        for problem in report.problems:
            typer.echo(str(problem))
        typer.echo(
            f"{report.answered} of {report.prompts} prompts answered, {report.motions} motions, "
            f"{len(report.errors)} errors, {len(report.warnings)} warnings"
        )
    if report.errors:
        raise InputError(
            f"the submission has {len(report.errors)} errors",
            where=submission,
            fix="correct what is listed on standard output",
        )


def pack(
    submission: SubmissionArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="A folder that is not there yet.")],
) -> None:
    """Copy a submission into safetensors files, ready to be sent."""
    from hmu_bench.submissions import load_submission
    from hmu_bench.submissions import pack as write

    names = write(load_submission(submission), out, progress=shown)
    say(f"{out} written: {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}")


def preview(
    submission: SubmissionArgument,
    track: TrackOption,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="NAME.preview.safetensors, beside the record.")
    ],
    texts: Annotated[
        bool,
        typer.Option("--text/--no-text", help="Whether the captions may be passed on."),
    ] = True,
) -> None:
    """A few motions of a submission for its page: the same prompts for every submission.

    At most 4 prompts of each set, chosen from the track alone; the joints of their first repeat.
    """
    from hmu_bench.submissions import load_submission, make_preview, write_preview
    from hmu_bench.submissions.preview import SUFFIX
    from hmu_bench.tracks import load_track

    if not out.name.endswith(SUFFIX):
        raise InputError(f"a preview is a {SUFFIX} file", where=out, fix=f"use -o NAME{SUFFIX}")
    made = make_preview(load_submission(submission), load_track(track), texts=texts)
    write_preview(made, out)
    say(f"{out} written: {len(made.motions)} motions, {out.stat().st_size:,} bytes")


def score(
    track: TrackOption,
    submission: Annotated[
        Path | None, typer.Argument(metavar="SUB", help="A submission's folder.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="The record (.json); else it is printed here."),
    ] = None,
    evaluator: Annotated[
        str | None,
        typer.Option(help="The track's evaluator, where it lies [default: by the track's id]."),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Scoring protocol: hmu-1, guo or paper; the track must offer it.")
    ] = "hmu-1",
    base: Annotated[
        Path | None,
        typer.Option(
            metavar="RECORD.json",
            help="The base model's record, for the scores [default: <base_model>.<protocol>.json "
            "or <base_model>.json in the folder of -o].",
        ),
    ] = None,
    as_reference: Annotated[
        str | None,
        typer.Option(
            help="Make it a reference row, never ranked: original (before unlearning), "
            "retrained (on the retain set only) or real."
        ),
    ] = None,
    real: Annotated[
        bool, typer.Option("--real", help="Score the track's own real motions, from its pack.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Dry run: the first N prompts of every set; the record can never be published.",
        ),
    ] = None,
    checkpoint_every: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Motions (a multiple of 32) after which what is done is kept in the cache, so "
            "that an interrupted scoring goes on there; 0 for never. Fewer than 2 N "
            "motions need none.",
        ),
    ] = 1024,
) -> None:
    """Score a submission on a track; writes the record and, beside it, <name>.run.json.

    Protocol hmu-1 also writes <name>.parquet: the numbers of each prompt. Interrupted or killed,
    the same command goes on where it was.
    """
    import time

    from hmu_bench.records import scores_table, summary, write_record
    from hmu_bench.scoring import run_facts, score_prompts, score_real_prompts
    from hmu_bench.scoring.results import terms_path
    from hmu_bench.scoring.terms import write_terms

    if real == (submission is not None):
        raise InputError("give either a submission or --real")
    if real and (as_reference or limit is not None):
        raise InputError("--real does not take --as-reference or --limit")
    if real and base:
        raise InputError("--real does not take --base: real motions have no scores")
    if out and out.suffix != ".json":
        raise InputError("a record is a .json file", where=out, fix="use -o NAME.json")
    say_log()
    started = time.perf_counter()
    with _resumable() as keeping:
        if submission is None:
            scoring = score_real_prompts(track, protocol=protocol, evaluator=evaluator)
        else:
            scoring = score_prompts(
                submission,
                track,
                protocol=protocol,
                evaluator=evaluator,
                as_reference=as_reference,
                base=base,
                base_folder=out.parent if out else None,
                limit=limit,
                checkpoint_every=checkpoint_every,
                keeping=keeping,
                progress=shown,
            )
        record = scoring.record
        if out is None:
            typer.echo(record.to_json(), nl=False)
            return
        facts = run_facts(time.perf_counter() - started)
        write_atomic(out.with_suffix(".run.json"), canonical_json(facts))
        if scoring.terms:
            write_terms(scoring.terms, record, terms_path(out))
        else:
            terms_path(out).unlink(missing_ok=True)  # of an older record in this place
        write_record(record, out)
    print_table(*summary(record))
    if record.scores:
        typer.echo()
        print_table(*scores_table(record.scores))
    say(f"{out} written")


@contextmanager
def _resumable() -> Iterator[Callable[[Checkpoints], None]]:
    """Ctrl-C says what has been kept; when all is written the checkpoints are removed."""
    opened: list[Checkpoints] = []
    try:
        yield opened.append
    except KeyboardInterrupt as stop:
        kept = sum(checkpoints.kept for checkpoints in opened)
        if not kept:
            raise
        raise Interrupted(
            f"{kept:,} motions are done and kept; give the same command again to go on there"
        ) from stop
    for checkpoints in opened:
        checkpoints.remove()


def metrics(
    name: Annotated[
        str | None, typer.Argument(help="One metric, for all that is known of it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The metrics: direction, unit, range, formula and source of each."""
    from hmu_bench.metrics.table import card, card_lines, find, overview

    chosen = find(name)
    if as_json:
        cards = [card(metric) for metric in chosen]
        typer.echo(canonical_json(cards[0] if name else cards), nl=False)
    elif name:
        typer.echo("\n".join(card_lines(chosen[0])))
    else:
        print_table(*overview(chosen))
