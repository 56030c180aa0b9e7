"""The house keeps its shape: arrows, file sizes, a mirrored test tree, a light start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path for top in ("hmu_bench", "builders", "leaderboard") for path in (ROOT / top).rglob("*.py")
)
BASE = {"errors", "files", "models", "terminal"}
# room -> the rooms it may import (DESIGN section 2)
ARROWS = {
    "metrics": set(),
    "motion": set(),
    "concepts": set(),
    "text": {"concepts"},
    "datasets": {"text", "concepts", "motion"},
    "evaluators": {"motion"},
    "tracks": {"datasets", "evaluators", "motion", "metrics", "text", "concepts"},
    "submissions": {"motion", "tracks"},
    "records": {"metrics"},
    "sample": {"motion", "datasets", "text"},
    "comparison": {"scoring", "records", "metrics"},
}


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path: Path) -> set[str]:
    parts = (name.split(".") for name in imported_modules(path))
    rooms = {p[1] for p in parts if p[0] == "hmu_bench" and len(p) > 1}
    return {r for r in rooms if (ROOT / "hmu_bench" / r).is_dir() or r in ARROWS}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_point_one_way(path):
    tops = {name.split(".")[0] for name in imported_modules(path)}
    if path.is_relative_to(ROOT / "hmu_bench"):
        assert not tops & {"builders", "leaderboard"}
        room = path.relative_to(ROOT / "hmu_bench").parts[0].removesuffix(".py")
        if room in ARROWS:
            assert rooms_imported(path) <= ARROWS[room] | {room}
    elif path.is_relative_to(ROOT / "builders"):
        assert "leaderboard" not in tops or path.name == "demo.py"
    else:
        assert "builders" not in tops


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_short_and_documented(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 420, "split it: one idea a file"
    assert ast.get_docstring(ast.parse(text)), "say in a docstring what the file is for"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_unpickles_or_swallows_errors(path):
    text = path.read_text("utf-8")
    assert "allow_pickle=True" not in text
    assert "weights_only=False" not in text
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            assert not broad or raises or path.name == "terminal.py", f"line {node.lineno}"


def test_no_path_of_a_machine_and_no_registry_in_tracked_files():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    bad = re.compile(
        rb"/wor[k]/|/opt/whee[l]s|/roo[t]/|pypi\.or[g]|registry\.npmj[s]|pythonhoste[d]"
    )
    found = [
        name for name in files if (ROOT / name).is_file() and bad.search((ROOT / name).read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize("module", ["hmu_bench", "hmu_bench.cli", "builders.__main__"])
def test_a_light_start(module):
    code = (
        f"import sys, {module}; heavy = {{'torch', 'pandas', 'datasets', 'sentence_transformers',"
        " 'scipy', 'pyarrow'} & set(sys.modules); sys.exit(', '.join(heavy) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert result.returncode == 0, result.stderr


def test_public_names_exist():
    import hmu_bench

    for name in hmu_bench.__all__:
        assert getattr(hmu_bench, name) is not None
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = hmu_bench.nothing_like_it
