"""Commands about captions: `split`, `concepts`, `classify`, `quality`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, visible_json
from hmu_bench.progress import shown
from hmu_bench.terminal import print_table, say, say_log


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
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Split rule: calibrated, keywords (the paper's), lexicon or embedding; may be "
            "repeated.",
            show_default="calibrated",
        ),
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
    tokens: Annotated[
        Literal["auto", "rules", "spacy"],
        typer.Option(
            help="What makes the tokens of captions without any; auto: spacy where it and its "
            "model en_core_web_sm are installed, else rules."
        ),
    ] = "auto",
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
        tokens=tokens,
        progress=shown,
    )
    for line in left_out(problems):
        say(line)
    tell(report, out, as_json=as_json)


concepts_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


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


def classify(
    text: Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="Captions.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="File of captions, one a line; .jsonl: an object a line; -: stdin."),
    ] = None,
    json_lines: Annotated[
        bool, typer.Option("--jsonl", help="The lines of FILE are objects, whatever its name.")
    ] = False,
    classifier: Annotated[
        str,
        typer.Option(
            "--classifier",
            "--rule",
            help="calibrated (or ensemble), lexicon (no model), embedding, keywords.",
        ),
    ] = "calibrated",
    source: Annotated[str, typer.Option(help="Whose captions they are.")] = "humanml3d",
    subset: Annotated[
        str | None, typer.Option(help="Motion-X subset of the TEXTs, such as game_motion.")
    ] = None,
    concept: Annotated[str, typer.Option(help="Concept, or a concept file (.yaml).")] = "violence",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Is this caption a violent motion? Label, probability, category and evidence of each.

    Objects hold `text` (or `caption`, or `label`) and maybe `subset`. The lexicon answers at once;
    the calibrated rule loads the sentence encoder (some seconds, told on stderr) when a caption
    leaves the lexicon in doubt. A long file is judged and printed some thousand captions at a time.
    """
    from hmu_bench.concepts import load_concept
    from hmu_bench.text import captions as lines
    from hmu_bench.text.rules import make_classifier

    if bool(text) == (file is not None):
        raise InputError("give either captions or --file FILE", fix="see hmu-bench classify --help")
    say_log()
    rule = "calibrated" if classifier == "ensemble" else classifier
    judge = make_classifier(rule, load_concept(concept), source).judge
    context = {"subset": subset} if subset else {}
    asked = (
        lines.from_arguments(text or [], context)
        if file is None
        else lines.read_file(file, json_lines, context)
    )
    for batch in lines.batches(asked):  # each is printed at once, however long the stream is
        judgements = judge([one.text for one in batch], [one.context for one in batch])
        judged = list(zip(batch, judgements, strict=True))
        if as_json:
            for pair in judged:
                typer.echo(visible_json(json.dumps(lines.as_object(*pair), ensure_ascii=False)))
        else:
            print_table(lines.HEADERS, [lines.as_row(*pair) for pair in judged])


def quality(
    gold: Annotated[
        list[Path] | None, typer.Option(help="File of gold labels (JSON lines); may be repeated.")
    ] = None,
    challenge: Annotated[
        bool, typer.Option("--challenge", help="Measure on the challenge set, too.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    classifier: Annotated[
        list[str] | None,
        typer.Option(
            help="A rule to measure; may be repeated. The keywords are always measured.",
            show_default="keywords, embedding, lexicon, calibrated",
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, max=100_000, help="Of the bootstrap.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 20250,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How good the classifiers are on gold labels, beside the paper's keywords.

    Precision, recall, F1 and more, each with a 95 % interval (bootstrap by clip, weighted by
    stratum), by category, and the calibration. Captions that the shipped classifier learned from
    are judged by models that did not (cross-validation).
    """
    from hmu_bench.text.quality import COMPARED, measure_quality
    from hmu_bench.text.quality_tables import notes, sections

    say_log()
    report = measure_quality(
        gold or [],
        challenge=challenge,
        source=source,
        rules=classifier or COMPARED,
        resamples=resamples,
        seed=seed,
    )
    if as_json:
        typer.echo(report.to_json(), nl=False)
        return
    for title, table in sections(report):
        typer.echo(f"{title}\n")
        print_table(*table)
        typer.echo("")
    typer.echo("\n".join(notes(report)))
