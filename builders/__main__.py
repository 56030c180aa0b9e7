"""`python -m builders NAME ...`: every module of this folder with a `run` function is a builder.

Adding one is adding a file: the command is the module's name (underscores become dashes), its help
is the docstring of `run`, its options are the parameters of `run`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Annotated

import typer

import builders
from hmu_bench.terminal import new_app
from hmu_bench.terminal import run as run_app

app = new_app("Make the datasets, track packs and evaluators that hmu-bench publishes.")


def builder_modules() -> dict[str, str]:
    """Command name -> module name of every builder, sorted."""
    names = sorted(m.name for m in pkgutil.iter_modules(builders.__path__))
    return {n.replace("_", "-"): f"builders.{n}" for n in names if not n.startswith("_")}


def _register() -> None:
    for command, module_name in builder_modules().items():
        module = importlib.import_module(module_name)
        if hasattr(module, "run"):
            app.command(command)(module.run)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    list_builders: Annotated[bool, typer.Option("--list", help="List the builders.")] = False,
) -> None:
    """Make the datasets, track packs and evaluators that hmu-bench publishes."""
    if list_builders:
        for command, module_name in builder_modules().items():
            module = importlib.import_module(module_name)
            if hasattr(module, "run"):
                summary = (module.run.__doc__ or "").strip().splitlines()[0]
                typer.echo(f"{command:<18} {summary}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


if __name__ == "__main__":
    _register()
    sys.exit(run_app(app, "python -m builders"))
