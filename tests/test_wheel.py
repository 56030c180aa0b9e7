"""The wheel: the library alone, with its data, and a split made from it outside the clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = (
    "concepts/violence.yaml",
    "datasets/card.md.jinja",
    "datasets/released/sample/violence/1.json",
    "sample/clips.jsonl.gz",
    "py.typed",
)


def test_only_the_library_is_packed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["hmu_bench"]}
    assert project["project"]["scripts"] == {"hmu-bench": "hmu_bench.cli:main"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the tracked files, unpacked."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0")[:-1]:
        target = folder / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=folder / "tree", capture_output=True, check=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_what_is_in_it(wheel):
    tops = {path.name.partition("-")[0] for path in wheel.iterdir()}
    assert tops == {"hmu_bench"}
    for name in DATA:
        assert (wheel / "hmu_bench" / name).stat().st_size == (
            ROOT / "hmu_bench" / name
        ).stat().st_size


def test_a_split_from_the_wheel_alone(wheel, tmp_path):
    """`-S` leaves out the links to the clone; the other packages are those of this Python."""
    line = "a man kicks#a/DET man/NOUN kick/VERB#0.0#0.0\n"
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/1.txt").write_text(line)
    (tmp_path / "texts/2.txt").write_text(line.replace("kick", "walk"))
    packages = [path for path in sys.path if path.endswith("site-packages")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(wheel), *packages])}

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "No module named 'builders'" in run("-c", "import builders").stderr
    command = ("-m", "hmu_bench", "split", "texts", "--format", "humanml3d", "--name", "mine")
    result = run(*command, "--rule", "keywords", "--out", "out")
    assert result.returncode == 0, result.stderr
    assert "violence-keywords  train  1       1" in result.stdout
    assert (tmp_path / "out/hmu/mine-forget/README.md").exists()
