"""docs/threat-model.md: every row names tests, and every test that it names is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows() -> list[str]:
    text = PAGE.read_text(encoding="utf-8").split("\n## Threats\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith(("| threat |", "| --- |"))]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[2:50])
def test_a_row_has_a_threat_an_answer_and_a_test(row):
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    assert len(cells) == 3
    assert all(cells)
    named = NAMED.findall(cells[2])
    assert named
    assert cells[2] == ", ".join(f"`{file}::{test}`" for file, test in named)
    for file, test in named:
        path = ROOT / "tests" / file
        assert path.is_file(), file
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"{file}::{test}"


def test_every_hostile_test_is_in_the_table():
    named = set(NAMED.findall(PAGE.read_text(encoding="utf-8")))
    for file in ("test_commands.py", "test_records.py", "test_submissions.py"):
        path = ROOT / "tests" / "hostile" / file
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert (f"hostile/{file}", node.name) in named, node.name
