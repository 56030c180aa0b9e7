"""YAML of strangers: what is refused, and how it is told."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.models import ShortText, Strict
from hmu_bench.yaml_files import read_yaml, read_yaml_model, write_yaml


class Thing(Strict):
    name: ShortText
    size: int = 1


def test_a_mapping_round_trips(tmp_path):
    value = {"name": "ä: #", "list": ["x", 1, None, True], "deep": {"a": 0.5}}
    path = tmp_path / "a.yaml"
    path.write_text(write_yaml(value), encoding="utf-8")
    assert read_yaml(path) == value
    assert list(read_yaml(path)) == list(value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &x [1]\nb: *x\n", "2: not valid YAML (aliases are not allowed)"),
        ("a: 1\nb: 2\na: 3\n", "3: not valid YAML (the key 'a' is given twice)"),
        ("x:\n  a: 1\n  a: 2\n", "3: not valid YAML (the key 'a' is given twice)"),
        ("- a\n", "must hold a mapping"),
        ("", "must hold a mapping"),
        ("a: [\n", "not valid YAML"),
        ("a: !!python/object/apply:os.system [id]\n", "python/object/apply:os.system"),
        ("? [a]\n: b\n", "a key must be a plain text"),
        ("a: " + "1" * 6000 + "\n", "not valid YAML"),
        (
            "a: !!timestamp x\n",
            "1: not valid YAML (tags (tag:yaml.org,2002:timestamp) are not allowed",
        ),
        ("a: !!int ''\n", "are not allowed"),
        ("a: !own 1\n", "tags (!own) are not allowed"),
        ("%TAG ! tag:yaml.org,2002:\n---\na: !python/name:os.system x\n", "are not allowed"),
        ("[" * 50_000, "nested too deeply"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_refused(tmp_path, text, word):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        ("1.5e-3", 0.0015),
        ("true", True),
        ("~", None),
        ("1:30", "1:30"),  # YAML 1.1: 90
        ("1:30.5", "1:30.5"),
        ("010", "010"),  # YAML 1.1: 8
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("2024-13-45", "2024-13-45"),
        ("2024-01-02", "2024-01-02"),
        ("=", "="),
        ("1e5", "1e5"),
        ("{<<: {a: 1}}", {"<<": {"a": 1}}),
    ],
)
def test_what_is_no_plain_number_is_text(tmp_path, text, value):
    path = tmp_path / "a.yaml"
    path.write_text(f"a: {text}\n")
    found = read_yaml(path)["a"]
    assert found == value
    assert type(found) is type(value)


def test_an_integer_of_base_60_costs_nothing(tmp_path):
    """In YAML 1.1 this takes seconds: every part multiplies a number of 200,000 digits."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1" + ":1" * 120_000)
    assert len(read_yaml(path)["a"]) == 240_001


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.integers() | st.floats(-1e9, 1e9))
@example("\x85")
@example("a\u2028b\r\nc ")
def test_what_was_written_comes_back(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    path.write_text(write_yaml({"a": value}), encoding="utf-8", newline="")
    found = read_yaml(path)["a"]
    assert found == value
    assert type(found) is type(value)


def test_size_and_encoding(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: " + "x" * 200)
    with pytest.raises(InputError, match="larger than 100 bytes"):
        read_yaml(path, 100)
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_yaml(path)
    with pytest.raises(InputError, match="does not exist"):
        read_yaml(tmp_path / "b.yaml")


@pytest.mark.parametrize(
    ("text", "key"),
    [("name: a\nsice: 2\n", "[sice]"), ("size: 2\n", "[name]"), ("name: a\nsize: x\n", "[size]")],
)
def test_a_model_names_the_key(tmp_path, text, key):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_yaml_model(path, Thing)
    assert key in str(caught.value)
    path.write_text("name: a\n")
    assert read_yaml_model(path, Thing) == Thing(name="a")
