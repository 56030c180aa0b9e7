"""The pages: a module each, found by its name.

A module has `pages(board)`, which yields the files it makes. It may have `after(board, paths)`,
which is asked last and knows the path of every HTML page (for a sitemap, say).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from leaderboard.board import Board, Output


def names() -> list[str]:
    """The page modules, sorted; a name that begins with `_` is none."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if not name.startswith("_"))


def outputs(board: Board) -> Iterator[Output]:
    """Every file that the page modules make, in the modules' order."""
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names()]
    paths: list[str] = []
    for module in modules:
        for output in module.pages(board):
            if output.path.endswith(".html"):
                paths.append(output.path)
            yield output
    for module in modules:
        if hasattr(module, "after"):
            yield from module.after(board, sorted(paths))
