"""`python -m leaderboard build|serve`: parse, call, print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hmu_bench.terminal import new_app, run, say
from leaderboard.store import DEFAULT_RECORDS

app = new_app("Build the leaderboard from its records, and look at it.")


@app.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Build the leaderboard from its records, and look at it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def build(
    out: Annotated[
        Path, typer.Option("--out", help="The folder to write; an older site there is replaced.")
    ],
    records: Annotated[Path, typer.Option("--records", help="The store of records.")] = (
        DEFAULT_RECORDS
    ),
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            help="Where it will be published: adds the sitemap and whole addresses in the feed "
            "and in previews elsewhere.",
        ),
    ] = None,
) -> None:
    """Write the whole site: static files that work from file:// and under any base path."""
    from leaderboard.build import build as build_site

    built = build_site(out, records, base_url)
    say(f"{built.records} records on {built.tracks} tracks")
    typer.echo(built.index)


@app.command()
def reported(
    records: Annotated[Path, typer.Option("--records", help="The store to write into.")] = (
        DEFAULT_RECORDS
    ),
    publications: Annotated[
        Path | None, typer.Option("--publications", help="Another folder of publications.")
    ] = None,
) -> None:
    """Write the records of figures that publications state (leaderboard/publications/*.yaml)."""
    from leaderboard.reported import PUBLICATIONS, write_reported

    for path in write_reported(records, publications or PUBLICATIONS):
        typer.echo(path)


@app.command()
def serve(
    site: Annotated[Path, typer.Argument(help="A folder that `build` wrote.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
) -> None:
    """Serve a built site on 127.0.0.1 until interrupted."""
    from leaderboard.serve import HOST, server

    with server(site, port) as running:
        typer.echo(f"http://{HOST}:{running.server_address[1]}/")
        sys.stdout.flush()
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


if __name__ == "__main__":
    sys.exit(run(app, "python -m leaderboard"))
