"""CSV injection: whatever the text, no cell of it is a formula, in any language of the machine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.spreadsheets import plain_cell

SIGNS = "=+-@＝＋－＠"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a man walks", "a man walks"),
        ("well-known; e.g. 3 - 4", "well-known; e.g. 3 - 4"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  =1", "  '=1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("a; -1", "a; '-1"),
        ("a\t+1", "a\t'+1"),
        ("\r=1", "'\r=1"),
        ("\tx", "'\tx"),
        ("", ""),
    ],
)
def test_cells(text, cell):
    assert plain_cell(text) == cell


@given(st.text(st.sampled_from(SIGNS + "a;\t\r\n ,'\"")))
def test_no_cell_begins_a_formula(text):
    cell = plain_cell(text)
    assert cell.replace("'", "") == text.replace("'", "")
    for part in re.split(r"[;\t]", cell):
        assert part.strip()[:1] not in set(SIGNS)
    assert cell[:1] not in set(SIGNS) | {"\t", "\r", "\n"}
