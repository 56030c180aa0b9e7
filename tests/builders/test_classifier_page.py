"""docs/classifiers.md says what the shipped files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.classifier_page import PAGE, parts, rewritten
from hmu_bench.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date():
    text = (ROOT / PAGE).read_text("utf-8")
    assert rewritten(text, parts(), PAGE) == text, "run: python -m builders classifier-page"


def test_a_page_without_a_place_or_with_a_strange_one_is_told(tmp_path):
    with pytest.raises(InputError, match="no place for x"):
        rewritten("nothing", {"x": "1"}, PAGE)
    with pytest.raises(InputError, match="no made part 'y'"):
        rewritten("<!-- made: y --><!-- end -->", {}, PAGE)


def test_the_command(builders_command, one_line_error, tmp_path):
    page = tmp_path / "page.md"
    page.write_text((ROOT / PAGE).read_text("utf-8"), "utf-8")
    result = builders_command("classifier-page", "--page", page)
    assert result.returncode == 0, result.stderr
    assert page.read_text("utf-8") == (ROOT / PAGE).read_text("utf-8")
    one_line_error(builders_command("classifier-page", "--page", tmp_path / "no"), "does not exist")
