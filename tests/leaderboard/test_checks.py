from __future__ import annotations

import ast

from leaderboard.checks import MEANINGS
from tests.conftest import ROOT


def test_every_flag_that_the_library_raises_is_explained() -> None:
    """The first argument of every Finding(...) in the two modules that make flags."""
    names = set()
    for module in ("submissions/findings.py", "scoring/honesty.py"):
        tree = ast.parse((ROOT / "hmu_bench" / module).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                names.add(ast.literal_eval(node.args[0]))
    assert len(names) >= 10
    assert set(MEANINGS) == names
