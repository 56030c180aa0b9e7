"""The benchmark of large submissions, a few hundred motions short."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT


def test_killed_twice_the_record_is_the_same(tmp_path):
    result = subprocess.run(
        [
            sys.executable, "benchmarks/large_submission.py", "--prompts", "75", "--repeats", "4",
            "--kills", "2", "--checkpoint-every", "32", "--no-official", "--folder", str(tmp_path),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("made: 300 motions of ")
    assert sum("killed after" in line for line in lines) == 2
    assert lines.count("  .json: the same bytes") >= 1
    assert not any("DIFFERENT" in line or "WRONG" in line for line in lines)
    assert lines[-1] == "all as it should be"
    assert list(tmp_path.iterdir()) == []
