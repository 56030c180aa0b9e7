"""Shared fixtures. `shared` is the folder of real data and oracles; it is never committed.

Where it is missing the tests that need it skip with the reason, unless HMU_REQUIRE_SHARED=1
(then they fail). Likewise the browser and HMU_REQUIRE_BROWSER=1.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.tracks import Track

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CHROMIUM = Path("/usr/bin/chromium")

# A shell that starts the tests in the background leaves Ctrl-C ignored, and every child inherits
# that; the commands that we interrupt must see it as on a terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing in the tests may reach the network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

# A busy machine is no failure.
settings.register_profile("hmu", deadline=None)
settings.load_profile("hmu")


def need(path: Path, required_by: str) -> Path:
    """The path, or a skip (or a failure, where the environment requires it)."""
    if not path.exists():
        if os.environ.get(required_by) == "1":
            pytest.fail(f"{path} is missing and {required_by}=1")
        pytest.skip(f"{path} is not there (set {required_by}=1 to require it)")
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """`../shared`: data and parity oracles for development."""
    return need(SHARED, "HMU_REQUIRE_SHARED")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A real browser to drive."""
    return need(CHROMIUM, "HMU_REQUIRE_BROWSER")


Run = Callable[..., subprocess.CompletedProcess[str]]


def _run(
    module: str, *arguments: str | Path, **options: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
        **options,  # type: ignore[call-overload]
    )


@pytest.fixture(scope="session")
def hmu_bench_command() -> Run:
    """Run `python -m hmu_bench ...` as a subprocess."""
    return lambda *arguments, **options: _run("hmu_bench", *arguments, **options)


@pytest.fixture(scope="session")
def builders_command() -> Run:
    """Run `python -m builders ...` as a subprocess."""
    return lambda *arguments, **options: _run("builders", *arguments, **options)


@pytest.fixture(scope="session")
def leaderboard_command() -> Run:
    """Run `python -m leaderboard ...` as a subprocess."""
    return lambda *arguments, **options: _run("leaderboard", *arguments, **options)


def assert_one_line_error(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2, exactly one line on stderr, no traceback, and the words in it."""
    assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in lines[0], (word, lines[0])


@pytest.fixture(scope="session")
def one_line_error() -> Callable[..., None]:
    """The check that every bad input must pass."""
    return assert_one_line_error


@pytest.fixture(scope="session")
def hub() -> ModuleType:
    """`datasets`, quiet."""
    import datasets

    datasets.disable_progress_bars()
    return datasets


@pytest.fixture(scope="session")
def stand_in_evaluator(tmp_path_factory: pytest.TempPathFactory) -> Evaluator:
    """A tiny evaluator with random weights and a vocabulary of a dozen words."""
    from hmu_bench.evaluators.loading import load_evaluator
    from tests.stand_ins import make_evaluator

    folder = make_evaluator(tmp_path_factory.mktemp("stand-in") / "evaluator")
    return load_evaluator(folder, device="cpu")


@pytest.fixture(scope="session")
def stand_in_track(
    tmp_path_factory: pytest.TempPathFactory, stand_in_evaluator: Evaluator
) -> Track:
    """A track pack of invented motions; they lie in `track.folder.parent / "motions"`."""
    from tests.stand_ins import make_pack

    return make_pack(tmp_path_factory.mktemp("packs") / "stand-in", stand_in_evaluator)


@pytest.fixture(scope="session")
def full_track(tmp_path_factory: pytest.TempPathFactory, stand_in_evaluator: Evaluator) -> Track:
    """A pack with all prompt sets, a detector, a gallery and the physics of its real motions."""
    from tests.full_track import make_full_track

    return make_full_track(tmp_path_factory.mktemp("packs") / "full", stand_in_evaluator)
