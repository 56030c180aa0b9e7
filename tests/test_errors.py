from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError, one_line


def test_place_problem_and_fix_in_one_line():
    error = InputError("bad value", where="a.yaml", line=4, key="name", fix="use a slug")
    assert str(error) == "a.yaml:4 [name]: bad value; use a slug"
    assert str(InputError("bad value", key="name")) == "name: bad value"


@given(st.text())
def test_any_text_becomes_one_printable_line(text):
    line = one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1


def test_terminal_escapes_are_shown_not_sent():
    assert "\x1b" not in str(InputError("\x1b[2Jgone"))
    assert "\\x1b[2Jgone" in str(InputError("\x1b[2Jgone"))
    assert "\u202e" not in str(InputError("abc\u202etxt.exe"))
