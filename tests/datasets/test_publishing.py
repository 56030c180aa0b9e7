"""Putting a pair in place: whole or not at all, whenever the process dies."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hmu_bench.datasets import load_pair, load_rows, publishing, read_report
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.errors import InputError
from tests.datasets.toys import build

ROOT = Path(__file__).resolve().parents[2]

# Builds a pair of `size` clips; with `die` > 0 the process kills itself at that rename.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from hmu_bench.datasets import SourceFacts, build
from hmu_bench.datasets.model import Caption, Clip

out, size, die = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
real, count = os.replace, 0

def counting(*arguments, **options):
    global count
    count += 1
    if count == die:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)

Path.replace = lambda self, target: (counting(self, target), Path(target))[1]
facts = SourceFacts(name="toy", pretty_name="Toy", description="x", license="mit")
clips = [Clip(str(n), (Caption(f"{n}_0", "kicks" if n % 2 else "walks", ""),)) for n in range(size)]
build(clips, facts=facts, out=out, rules=["keywords"])
print(count)
"""


def run_build(out, size, die=0):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out), str(size), str(die)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def clips(size):
    return [
        Clip(str(n), (Caption(f"{n}_0", "kicks" if n % 2 else "walks", ""),)) for n in range(size)
    ]


def state(out) -> dict[str, int | None]:
    """How many clips the build of each repository used, checked to be whole; None if absent."""
    found: dict[str, int | None] = {}
    for role in ("forget", "retain"):
        folder = out / f"hmu/toy-{role}"
        found[role] = None
        if folder.exists():
            report = read_report(folder)
            found[role] = report.integrity.used
            for splits in report.files[role].values():
                for file in (file for files in splits.values() for file in files):
                    assert (folder / file.path).stat().st_size == file.bytes
            assert (folder / "README.md").stat().st_size > 0
    return found


def leftovers(out):
    return sorted(path.name for path in (out / "hmu").iterdir() if path.name.startswith("."))


@pytest.mark.parametrize("before", [0, 6])
def test_killed_at_every_rename(tmp_path, facts, before):
    """Absent or whole, never two builds side by side; the next run finishes the move."""
    steps = 3 if before == 0 else 5
    for die in range(1, steps + 1):
        out = tmp_path / str(die)
        other = out / "hmu/other-forget/keep.txt"
        other.parent.mkdir(parents=True)
        other.write_text("keep")
        if before:
            build(clips(before), facts=facts, out=out)
        killed = run_build(out, 8, die)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        found = state(out)
        present = {used for used in found.values() if used is not None}
        assert len(present) <= 1, "two builds side by side"
        assert present <= {before, 8}
        if die == 1:
            assert found == dict.fromkeys(found, before or None), "not yet moved: all as it was"
        else:
            assert publishing.unfinished(out / "hmu/toy-forget")
            with pytest.raises(InputError, match=r"killed .*run the builder again"):
                load_pair(out, "toy")
            with pytest.raises(InputError, match="killed"):
                load_rows(out / "hmu/toy-retain")
        build(clips(10), facts=facts, out=out)
        assert state(out) == {"forget": 10, "retain": 10}
        assert leftovers(out) == []
        assert other.read_text() == "keep"
        assert sum(len(rows) for rows in load_pair(out, "toy").values()) == 10
    assert run_build(tmp_path / "count", 8).stdout == "3\n", "every rename was tried"


def test_the_next_run_finishes_what_was_ready_even_if_it_fails_itself(tmp_path, facts):
    build(clips(6), facts=facts, out=tmp_path)
    run_build(tmp_path, 8, die=3)
    assert state(tmp_path)["forget"] != 8
    with pytest.raises(RuntimeError, match="out of luck"), publishing.staged_pair(tmp_path, "toy"):
        raise RuntimeError("out of luck")
    assert state(tmp_path) == {"forget": 8, "retain": 8}
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_fails_leaves_everything_as_it_was(tmp_path, facts, error):
    def fail(out):
        with publishing.staged_pair(out, "toy") as folders:
            (folders["forget"] / "half.txt").write_text("half")
            raise error

    with pytest.raises(error):
        fail(tmp_path / "deep/out")
    assert list(tmp_path.iterdir()) == []
    build(clips(6), facts=facts, out=tmp_path)
    with pytest.raises(error):
        fail(tmp_path)
    assert state(tmp_path) == {"forget": 6, "retain": 6}
    assert leftovers(tmp_path) == []


def test_an_interrupt_while_moving_finishes_the_move(tmp_path, facts, monkeypatch):
    build(clips(6), facts=facts, out=tmp_path)
    finish, calls = publishing._finish, []

    def interrupted(hub, name):
        calls.append(name)
        if len(calls) == 3:
            target = hub / "toy-forget"
            target.replace(hub / "gone")  # half way
            raise KeyboardInterrupt
        finish(hub, name)

    monkeypatch.setattr(publishing, "_finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(clips(8), facts=facts, out=tmp_path)
    assert state(tmp_path) == {"forget": 8, "retain": 8}


def test_folders_of_runs_that_are_alive_are_not_swept(tmp_path, facts):
    with publishing.staged_pair(tmp_path, "toy") as folders:
        (folders["forget"] / "mine.txt").write_text("x")
        build(clips(6), facts=facts, out=tmp_path)
        assert (folders["forget"] / "mine.txt").exists()
        (folders["forget"] / "build.json").write_text("{}")
    assert leftovers(tmp_path) == []
    assert (tmp_path / "hmu/toy-forget/mine.txt").exists(), "who ends last wins, whole"
    assert list((tmp_path / "hmu/toy-retain").iterdir()) == []


def test_a_file_system_without_locks(tmp_path, facts, monkeypatch):
    def no_locks(handle, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(publishing.fcntl, "flock", no_locks)
    (tmp_path / "hmu/.toy.new-abc").mkdir(parents=True)
    build(clips(6), facts=facts, out=tmp_path)
    assert state(tmp_path) == {"forget": 6, "retain": 6}
    assert leftovers(tmp_path) == [".toy.new-abc"], "it may be in use"


def test_what_no_builder_made_is_not_replaced(tmp_path, facts):
    folder = tmp_path / "hmu/toy-retain"
    folder.mkdir(parents=True)
    build(clips(2), facts=facts, out=tmp_path)
    (folder / "build.json").unlink()
    with pytest.raises(InputError, match=r"toy-retain: .*not made by a builder"):
        build(clips(2), facts=facts, out=tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="not a folder"):
        build(clips(2), facts=facts, out=tmp_path / "file")


def test_a_mixed_pair_is_refused(tmp_path, facts):
    build(clips(6), facts=facts, out=tmp_path / "a")
    build(clips(8), facts=facts, out=tmp_path / "b")
    (tmp_path / "a/hmu/toy-retain").rename(tmp_path / "old")
    (tmp_path / "b/hmu/toy-retain").rename(tmp_path / "a/hmu/toy-retain")
    with pytest.raises(InputError, match="different builds"):
        load_pair(tmp_path / "a", "toy")


def test_killed_at_random_times():
    """The short form of the benchmark: no moment of death leaves half a pair."""
    command = [sys.executable, "benchmarks/interrupt_builds.py", "--times", "3", "--clips", "200"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 builds stopped, no half dataset, every next run succeeded" in result.stdout
    assert "SIGKILL" in result.stdout
    assert "SIGINT" in result.stdout
