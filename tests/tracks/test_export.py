"""Prompts for generators."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.tracks.export import FIELDS, as_csv, as_jsonl, as_text, format_for
from hmu_bench.tracks.prompts import Prompt


def prompt(text: str, number: int = 0) -> Prompt:
    return Prompt(f"{number:016x}", "forget", "1", text, "walk/VERB", None, None, 40)


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=5)


@given(TEXTS)
def test_json_lines_are_exact(texts):
    prompts = [prompt(text, number) for number, text in enumerate(texts)]
    rows = [json.loads(line) for line in as_jsonl(prompts).split("\n")[:-1]]
    assert [row["text"] for row in rows] == texts
    assert all(list(row) == list(FIELDS) for row in rows)


@given(TEXTS)
def test_csv_cells_are_no_formulas(texts):
    rows = list(csv.reader(io.StringIO(as_csv([prompt(text) for text in texts]), newline="")))
    assert rows[0] == list(FIELDS)
    for row, text in zip(rows[1:], texts, strict=True):
        assert row[1].replace("'", "") == text.replace("'", "")
        assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in row)


@given(TEXTS)
def test_text_has_a_line_a_prompt(texts):
    lines = as_text([prompt(text, number) for number, text in enumerate(texts)]).splitlines()
    assert len(lines) == len(texts)
    assert all(len(line.split("\t")) == 4 for line in lines)


def test_no_prompt_set_is_told(stand_in_track):
    prompts = stand_in_track.prompts
    for write in (as_jsonl, as_csv, as_text):
        told = write(prompts)
        assert "forget" not in told
        assert "retain" not in told
        ids = [p.prompt_id for p in prompts]
        assert [told.index(name) for name in ids] == sorted(told.index(name) for name in ids)


def test_an_unknown_suffix():
    with pytest.raises(InputError, match=r"unknown suffix '.xls'.*\.jsonl, \.csv, \.txt"):
        format_for(Path("a.xls"))
