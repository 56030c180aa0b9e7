"""The `hmu-bench` command: parse, call, print. Heavy imports stay inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hmu_bench import __version__
from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, write_atomic
from hmu_bench.progress import shown
from hmu_bench.terminal import new_app, print_table, run, say

app = new_app("hmu-bench: splits, scores and records for Human Motion Unlearning.")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """hmu-bench: splits, scores and records for Human Motion Unlearning."""
    if version:
        typer.echo(f"hmu-bench {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
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


@app.command()
def split(
    path: Annotated[
        Path,
        typer.Argument(help="Captions: a folder or zip of text files, or an annotations.json."),
    ],
    name: Annotated[str, typer.Option(help="What the datasets are called: hmu/NAME-forget, ...")],
    text_format: Annotated[
        str, typer.Option("--format", help="humanml3d, annotations or motionx.")
    ],
    out: Annotated[Path, typer.Option(help="Output folder; the datasets go to OUT/hmu/.")],
    concept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Concept, or a concept file (.yaml); may be repeated. `all`: every one.",
            show_default="violence",
        ),
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Split rule; may be repeated.")
    ] = None,
    splits: Annotated[
        Path | None,
        typer.Option(help="Folder of train.txt, val.txt, test.txt; else all clips are `train`."),
    ] = None,
    motions: Annotated[
        Path | None,
        typer.Option(help="Folder of motions (features, .npy), or index.csv: fills num_frames."),
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(help="YAML of what the cards say: licence, citation, ... (docs/datasets.md)."),
    ] = None,
    min_occurrence: Annotated[
        int, typer.Option(min=1, help="How many violent captions make a clip violent.")
    ] = 1,
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Write text, tokens and evidence.")
    ] = True,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave broken clips out instead of stopping.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Split a caption set of your own into forget and retain datasets."""
    from hmu_bench.datasets.splitting import facts_for, read_and_build
    from hmu_bench.datasets.telling import left_out, tell
    from hmu_bench.text import DEFAULT_RULE

    report, problems = read_and_build(
        path,
        format=text_format,
        facts=facts_for(name, facts),
        concepts=concept or ["violence"],
        rules=rule or [DEFAULT_RULE],
        out=out,
        splits=splits,
        motions=motions,
        min_occurrence=min_occurrence,
        include_text=text,
        skip_bad=skip_bad,
        progress=shown,
    )
    for line in left_out(problems):
        say(line)
    tell(report, out, as_json=as_json)


concepts_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(concepts_app, name="concepts")


@concepts_app.callback()
def concepts(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The concepts that a model may be asked to forget."""
    if context.invoked_subcommand is not None:
        return
    from hmu_bench.concepts.table import cards, overview

    if as_json:
        typer.echo(canonical_json(cards()), nl=False)
    else:
        print_table(*overview())


@concepts_app.command("show")
def concepts_show(
    name: Annotated[str, typer.Argument(help="A concept, or a concept file (.yaml).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """One concept: what it means and its keywords per source."""
    from hmu_bench.concepts import load_concept
    from hmu_bench.concepts.table import card, card_lines

    concept = load_concept(name)
    if as_json:
        typer.echo(canonical_json(card(concept)), nl=False)
    else:
        typer.echo("\n".join(card_lines(concept)))


TrackOption = Annotated[str, typer.Option("--track", help="A track's name or its pack's folder.")]
SubmissionArgument = Annotated[Path, typer.Argument(metavar="SUB", help="A submission's folder.")]


@app.command()
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


@app.command()
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


@app.command()
def pack(
    submission: SubmissionArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="A folder that is not there yet.")],
) -> None:
    """Copy a submission into safetensors files, ready to be sent."""
    from hmu_bench.submissions import load_submission
    from hmu_bench.submissions import pack as write

    names = write(load_submission(submission), out, progress=shown)
    say(f"{out} written: {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}")


@app.command()
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
    protocol: Annotated[str, typer.Option(help="Scoring protocol: paper or hmu-1.")] = "paper",
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
) -> None:
    """Score a submission on a track; writes the record and, beside it, <name>.run.json.

    Protocol hmu-1 also writes <name>.parquet: the numbers of each prompt.
    """
    import time

    from hmu_bench.records import summary, write_record
    from hmu_bench.scoring import run_facts, score_prompts, score_real_prompts
    from hmu_bench.scoring.terms import write_terms

    if real == (submission is not None):
        raise InputError("give either a submission or --real")
    if real and as_reference:
        raise InputError("--real does not take --as-reference")
    if out and out.suffix != ".json":
        raise InputError("a record is a .json file", where=out, fix="use -o NAME.json")
    started = time.perf_counter()
    if submission is None:
        scoring = score_real_prompts(track, protocol=protocol, evaluator=evaluator)
    else:
        scoring = score_prompts(
            submission,
            track,
            protocol=protocol,
            evaluator=evaluator,
            as_reference=as_reference,
            progress=shown,
        )
    record = scoring.record
    if out is None:
        typer.echo(record.to_json(), nl=False)
        return
    facts = run_facts(time.perf_counter() - started)
    write_atomic(out.with_suffix(".run.json"), canonical_json(facts))
    if scoring.terms:
        write_terms(scoring.terms, record, out.with_suffix(".parquet"))
    write_record(record, out)
    print_table(*summary(record))
    say(f"{out} written")


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(app, "hmu-bench"))


if __name__ == "__main__":
    main()
