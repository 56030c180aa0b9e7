"""How every command line of the project starts, fails and speaks.

Results go to stdout, talk to stderr. Exit codes: 0 success, 2 bad input (one line on stderr),
1 a bug of ours, 130 interrupted.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from hmu_bench.errors import InputError, one_line

BAD_INPUT, OUR_BUG, INTERRUPTED = 2, 1, 130
MACHINE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE)


class Interrupted(Exception):
    """Ctrl-C in a command that has kept what was done; the text says how to go on."""


def new_app(help_text: str) -> typer.Typer:
    """A typer application with the settings that all our commands share."""
    return typer.Typer(
        help=help_text,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def say(text: str) -> None:
    """One line of talk, on stderr."""
    typer.echo(text, err=True)


def say_log() -> None:
    """From now on, what the library logs (such as a model being loaded) is talk on stderr."""

    class Speaker(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    logger = logging.getLogger("hmu_bench")
    if not logger.handlers:
        logger.addHandler(Speaker(logging.INFO))
        logger.setLevel(logging.INFO)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout: drawn on a terminal, else aligned plain text, one line a row.

    Cells may come from a stranger's file: what is not printable is shown escaped.
    """
    rows = [[one_line(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*headers)
        for row in rows:
            table.add_row(*row)
        Console(markup=False, highlight=False).print(table)
        return
    lines = [list(headers), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def run(app: typer.Typer, prog: str, arguments: Sequence[str] | None = None) -> int:
    """Run the application and return its exit code; bad input becomes one line on stderr."""
    try:
        result = app(
            args=list(sys.argv[1:] if arguments is None else arguments),
            prog_name=prog,
            standalone_mode=False,
        )
    except InputError as error:
        say(f"{prog}: {error}")
        return BAD_INPUT
    except Interrupted as stop:
        say(f"{prog}: interrupted; {one_line(str(stop))}")
        return INTERRUPTED
    except (typer.Abort, KeyboardInterrupt):
        result = INTERRUPTED
    except typer.TyperException as error:
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        say(f"{prog}: {one_line(text)}; see `{prog} --help`")
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is None and error.errno not in MACHINE_ERRORS:
            return _report_bug(prog)
        # A name too long for any file, no right to read it, no room left: not our bug.
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        say(f"{prog}: {one_line(f'{where}{error.strerror or error}')}")
        return BAD_INPUT
    except Exception:
        return _report_bug(prog)
    # Typer itself turns Ctrl-C inside a command into this exit code, without a word.
    if result == INTERRUPTED:
        say(f"{prog}: interrupted; what was not finished has not been written")
    return result if isinstance(result, int) else 0


def _report_bug(prog: str) -> int:
    traceback.print_exc()
    say(f"{prog}: this is a bug in hmu-bench, not in your input; please report it")
    return OUR_BUG
