import errno
from pathlib import Path

import pytest
import typer

from hmu_bench.errors import InputError
from hmu_bench.terminal import Interrupted, new_app, print_table, run


@pytest.fixture
def app():
    app = new_app("An application for tests.")

    @app.command()
    def go(how: str) -> None:
        if how == "bad":
            raise InputError("bad thing", where="x.txt", line=1, fix="mend it")
        if how == "bug":
            raise RuntimeError("oops")
        if how == "long":
            Path("\x1b[31m" + "x" * 5000).is_dir()
        if how == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if how == "odd":
            raise OSError("nobody knows")
        if how == "stop":
            raise KeyboardInterrupt
        if how == "kept":
            raise Interrupted("9 motions are kept; give the same command again")
        if how == "seven":
            raise typer.Exit(7)
        typer.echo("fine")

    @app.command()
    def other() -> None:
        pass

    return app


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["go", "bad"], 2, "tool: x.txt:1: bad thing; mend it"),
        (["go", "long"], 2, "tool: \\x1b[31mxxx"),
        (["go", "full"], 2, "tool: No space left on device"),
        (["go"], 2, "Missing argument"),
        (["nothing"], 2, "No such command"),
        (["go", "fine", "--what"], 2, "No such option"),
        (["go", "stop"], 130, "interrupted"),
        (["go", "kept"], 130, "tool: interrupted; 9 motions are kept; give the same command again"),
    ],
)
def test_bad_input_is_one_line_and_its_exit_code(app, capsys, arguments, code, words):
    assert run(app, "tool", arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert words in captured.err


def test_success_and_chosen_exit_codes(app, capsys):
    assert run(app, "tool", ["go", "fine"]) == 0
    assert capsys.readouterr().out == "fine\n"
    assert run(app, "tool", ["go", "seven"]) == 7


def test_our_bug_shows_the_traceback_and_exits_1(app, capsys):
    assert run(app, "tool", ["go", "bug"]) == 1
    error = capsys.readouterr().err
    assert "RuntimeError: oops" in error
    assert "a bug in hmu-bench" in error
    assert run(app, "tool", ["go", "odd"]) == 1
    assert "OSError: nobody knows" in capsys.readouterr().err


def test_print_table_plain_and_drawn(capsys, monkeypatch):
    rows = [["fid", "[bold]not markup[/bold]"], ["mm_dist", "x\x1b]0;y\x07\n\u202e"]]
    print_table(["name", "formula"], rows)
    assert capsys.readouterr().out.splitlines() == [
        "name     formula",
        "fid      [bold]not markup[/bold]",
        r"mm_dist  x\x1b]0;y\x07 \u202e",
    ]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(["name", "formula"], rows)
    drawn = capsys.readouterr().out
    assert "│ mm_dist │" in drawn
    assert "[bold]not markup[/bold]" in drawn
