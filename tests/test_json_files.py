"""JSON of strangers: one value for one key, numbers that are numbers, nesting with an end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.json_files import parse_json, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)  # fmt: skip


@given(VALUES)
def test_what_was_written_comes_back(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(value))
    assert read_json(path, 1 << 20) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ('{"a": 1,\n"b" 2}', "a.json:2: not valid JSON"),
        ('{"a": 1, "b": {"c": 1, "c": 1}}', "the key 'c' is given twice"),
        ('{"a": 1, "\\u0061": 2}', "the key 'a' is given twice"),
        ("[NaN]", "NaN is no JSON number"),
        ("[-Infinity]", "-Infinity is no JSON number"),
        ("9" * 5000, "4300 digits"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"' + "k" * 100_000 + '": 1, "' + "k" * 100_000 + '": 1}', "is given twice"),
        ("[1] x", "not valid JSON"),
        ("\x00", "not valid JSON"),
    ],
)
def test_refused(tmp_path, text, words):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_json(path, 1 << 20)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 500


def test_size_and_encoding(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'"\xff"')
    with pytest.raises(InputError, match="not UTF-8"):
        read_json(path, 100)
    path.write_text("[" + " " * 100 + "]")
    with pytest.raises(InputError, match="larger than 100 bytes"):
        read_json(path, 100)


def test_python_writers_write_nan(tmp_path):
    assert parse_json("[1e999, Infinity]", tmp_path, allow_nan=True) == [float("inf")] * 2
    assert parse_json('{"a": 1, "a": 2}', tmp_path, mapping=list) == [("a", 1), ("a", 2)]
