"""A stranger's folders, and a command line that runs with little memory and little time."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT, assert_one_line_error
from tests.stand_ins import random_answers, write_submission

MEMORY = 4 << 30
"""Address space, which libraries reserve far more of than they use."""
SECONDS = 20


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
        preexec_fn=_limit_memory,
        # Every thread reserves address space.
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert time.perf_counter() - begin < SECONDS
    return result


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run a command on hostile input: exit code 2, one line, in time and memory, nothing written.

    Gives back what stood on stdout.
    """
    ran: list[list[str]] = []

    def run(*arguments: str | Path, module: str = "hmu_bench", words: str = "") -> str:
        before = tree(tmp_path)
        result = _run(module, *arguments)
        assert_one_line_error(result, words)
        assert result.stderr.rstrip("\n").isprintable()
        assert len(result.stderr) < 5000
        assert tree(tmp_path) == before
        ran.append([str(a) for a in arguments])
        return result.stdout

    yield run
    assert ran


def tree(folder: Path) -> list[str]:
    """Every name below the folder."""
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory, stand_in_track) -> dict[str, Path]:
    """Right submissions in both layouts, to be spoiled by their copies."""
    root = tmp_path_factory.mktemp("good")
    answers = random_answers(stand_in_track, 1)
    return {
        layout: write_submission(root / layout, answers, layout=layout) for layout in ("one", "npy")
    }


@pytest.fixture
def submission(good: dict[str, Path], tmp_path: Path) -> Path:
    """A right submission in one safetensors file."""
    return Path(shutil.copytree(good["one"], tmp_path / "submission"))


@pytest.fixture
def npy_submission(good: dict[str, Path], tmp_path: Path) -> Path:
    """A right submission in .npy files."""
    return Path(shutil.copytree(good["npy"], tmp_path / "submission"))


@pytest.fixture
def track(stand_in_track) -> Path:
    """The pack that they answer."""
    return stand_in_track.folder


def first_motion(submission: Path) -> Path:
    """The first .npy file of a submission."""
    return sorted((submission / "motions").rglob("*.npy"))[0]


def npy(header: str, data: bytes = b"") -> bytes:
    """An .npy file with any header."""
    text = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def array_bytes(array: np.ndarray) -> bytes:
    """An .npy file of any array; objects are pickled."""
    import io

    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()
