"""The `hmu-bench` command: parse, call, print. Heavy imports stay inside the commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hmu_bench import __version__
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


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(app, "hmu-bench"))


if __name__ == "__main__":
    main()
