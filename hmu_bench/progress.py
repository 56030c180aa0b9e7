"""A progress bar for long loops: on a terminal only, on stderr, gone when done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Progress(Protocol):
    """Goes through items and may show how far it is."""

    def __call__(self, items: Sequence[Item], what: str, /) -> Iterable[Item]:
        """The items, in order."""
        ...


def silent(items: Sequence[Item], what: str, /) -> Iterable[Item]:
    """The items, nothing shown: for libraries and tests."""
    return items


def shown(items: Sequence[Item], what: str, /) -> Iterator[Item]:
    """The items, with a bar on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, description=what, console=console, transient=True)
