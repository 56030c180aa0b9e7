"""The progress bar: on a terminal only."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from hmu_bench.progress import shown, silent


def test_without_a_terminal_nothing_is_shown(capsys):
    assert list(shown([1, 2, 3], "counting")) == [1, 2, 3]
    assert list(silent([1, 2], "counting")) == [1, 2]
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_a_bar_is_shown_on_stderr():
    code = "from hmu_bench.progress import shown; print(sum(shown(range(5), 'counting sheep')))"
    ours, theirs = pty.openpty()
    result = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
        check=True,
    )
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    assert result.stdout == b"10\n"
    assert "counting sheep" in seen
