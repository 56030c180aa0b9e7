"""The `hmu-bench` command: parse, call, print. Heavy imports stay inside the commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hmu_bench import __version__
from hmu_bench.files import canonical_json
from hmu_bench.terminal import new_app, print_table, run

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


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(app, "hmu-bench"))


if __name__ == "__main__":
    main()
