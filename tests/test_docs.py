"""What the documents say can be typed: links lead somewhere, commands and options exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
BLOCK = re.compile(r"^```(?:bash|sh|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {"python -m builders": "builders", "python -m leaderboard": "leaderboard"}


def commands(page: Path) -> list[str]:
    """The command lines of the page's blocks, continued lines joined, comments dropped."""
    text = "\n".join(BLOCK.findall(page.read_text("utf-8"))).replace("\\\n", " ")
    lines = (re.sub(r"\s+#.*$", "", line).strip().removeprefix("$ ") for line in text.splitlines())
    return [line for line in lines if line.startswith(("hmu-bench ", *PROGRAMS))]


@cache
def help_of(module: str, command: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", module, command, "--help"],
        capture_output=True, text=True, cwd=ROOT, check=False, env=None,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    missing = [
        link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()
    ]
    assert missing == []


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {p.name for p in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages == {name for name in pages if f"({name})" in index}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_options_exist(page):
    for line in commands(page):
        program = next((p for p in PROGRAMS if line.startswith(p)), "hmu-bench")
        words = shlex.split(line.removeprefix(program))
        if words[0].startswith("-"):  # an option of the program itself
            assert words[0] in help_of(PROGRAMS.get(program, "hmu_bench"), "--help"), line
            continue
        text = help_of(PROGRAMS.get(program, "hmu_bench"), words[0])
        for word in words[1:]:
            if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word):
                option = word.split("=")[0]
                assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text), (line, option)
