"""The `hmu-bench` command: parse, call, print. Heavy imports stay inside the commands.

A module a group; a command is a function, its help the docstring.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hmu_bench import __version__
from hmu_bench.cli import captions, motions, records, tracks
from hmu_bench.terminal import new_app, run

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


app.command()(captions.split)
app.add_typer(captions.concepts_app, name="concepts")
app.command()(captions.classify)
app.command()(captions.quality)
app.command()(tracks.tracks)
app.command()(motions.prompts)
app.command()(motions.validate)
app.command()(motions.pack)
app.command()(motions.preview)
app.command()(motions.score)
app.command()(motions.metrics)
app.command()(records.compare)
app.command()(records.explain)


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(app, "hmu-bench"))
