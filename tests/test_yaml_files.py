"""YAML of strangers: what is refused, and how it is told."""

from __future__ import annotations

import pytest

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
        ("a: 2024-13-45\n", "not valid YAML"),
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
