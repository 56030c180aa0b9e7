"""Texts that a spreadsheet program may open: none of them becomes a formula."""

from __future__ import annotations

import re

# A sign that begins a formula, at the start of a cell; or after a semicolon or tab, which end a
# cell where the machine's language says so, quotes or not.
_FORMULA = re.compile(r"(^|[;\t])(\s*)(?=[=+\-@＝＋－＠])")


def plain_cell(text: str) -> str:
    r"""The text, with an apostrophe in front of what a spreadsheet program would compute.

    As OWASP advises against CSV injection; a leading tab or line break counts as well.

    >>> plain_cell("=1+1"), plain_cell("a;=1+1"), plain_cell("1+1 = 2")
    ("'=1+1", "a;'=1+1", '1+1 = 2')
    """
    if text[:1] in ("\t", "\r", "\n"):
        text = f"'{text}"
    return _FORMULA.sub(r"\1\2'", text)
