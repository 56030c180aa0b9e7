"""Captions from files and streams."""

from __future__ import annotations

import io
import json

import pytest

from hmu_bench.errors import InputError
from hmu_bench.text.captions import (
    MAX_CHARACTERS,
    Asked,
    as_object,
    as_row,
    batches,
    bounded_lines,
    from_arguments,
    read_captions,
    read_file,
)
from hmu_bench.text.judgement import Judgement


def read(text, *, json_lines=False):
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return list(read_captions(bounded_lines(stream), "in", json_lines=json_lines))


def test_plain_lines():
    assert read('a kick\r\n\n  {"not": "json"}  \nlast') == [
        Asked("a kick"),
        Asked('{"not": "json"}'),
        Asked("last"),
    ]


def test_json_lines():
    lines = [
        {"text": "a"},
        {"caption": "b", "clip_id": 7, "anything": [1]},
        {"label": "c", "subset": "kungfu"},
        {"text": "d", "path": "GRAB/x"},
    ]
    found = read("\n".join(map(json.dumps, lines)), json_lines=True)
    assert [one.text for one in found] == ["a", "b", "c", "d"]
    assert [one.context for one in found] == [{}, {}, {"subset": "kungfu"}, {"path": "GRAB/x"}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "in:2: "),
        ("[1]", "in:2: "),
        ('{"text": 3}', r"in:2 \[text\]"),
        ('{"text": ""}', r"in:2 \[text\]"),
        ('{"subset": "x"}', 'in:2: the object has no caption; give it a key "text"'),
        ('{"text": "\\ud800"}', "in:2"),
    ],
)
def test_a_wrong_object_is_told(line, told):
    with pytest.raises(InputError, match=told):
        read('{"text": "a"}\n' + line, json_lines=True)


def test_bytes_that_are_no_text_and_endless_lines_are_told():
    with pytest.raises(InputError, match="in:2: the line is not UTF-8"):
        read(b"a\n\xff\xfe\n")

    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = b"k" * len(buffer)
            return len(buffer)

    with pytest.raises(InputError, match="too long"):
        list(read_captions(bounded_lines(io.BufferedReader(Endless())), "in", json_lines=False))
    assert len(read("k" * MAX_CHARACTERS)) == 1
    assert len(read("\u3075" * MAX_CHARACTERS)) == 1
    for text in ("k" * (MAX_CHARACTERS + 1), "a\n" + "\u3075" * (MAX_CHARACTERS + 1)):
        with pytest.raises(InputError, match=r"in:[12]: the line is too long for a caption"):
            read(text)


@pytest.mark.parametrize("json_lines", [False, True])
def test_a_byte_order_mark_is_no_part_of_the_first_caption(json_lines):
    line = '{"text": "a kick"}' if json_lines else "a kick"
    assert read(f"\ufeff{line}\n{line}\n", json_lines=json_lines) == [Asked("a kick")] * 2


def test_the_name_tells_the_form_and_the_context_is_for_those_without(tmp_path):
    plain, objects = tmp_path / "a.txt", tmp_path / "b.jsonl"
    plain.write_text('{"text": "x"}\n')
    objects.write_text('{"text": "x"}\n{"text": "y", "subset": "dance"}\n')
    assert [a.text for a in read_file(plain, False, {})] == ['{"text": "x"}']
    assert [a.text for a in read_file(plain, True, {})] == ["x"]
    found = list(read_file(objects, False, {"subset": "kungfu"}))
    assert [one.context["subset"] for one in found] == ["kungfu", "dance"]
    with pytest.raises(InputError, match="cannot be read"):
        list(read_file(tmp_path / "none", False, {}))


def test_batches_and_arguments():
    asked = list(from_arguments(["a", "b \udc80", "c"], {}))
    assert [one.text for one in asked] == ["a", "b ?", "c"]
    assert [len(batch) for batch in batches(asked, 2)] == [2, 1]
    assert list(batches([])) == []


def test_a_judged_caption():
    judgement = Judgement(True, 0.912, "kick", ("kick: kicks",), confident=False)
    asked = Asked("he kicks", {"subset": "HAA500"})
    assert as_object(asked, judgement) == {
        "text": "he kicks",
        "subset": "HAA500",
        "label": "violent",
        "violent": True,
        "probability": 0.912,
        "category": "kick",
        "confident": False,
        "evidence": ["kick: kicks"],
    }
    assert as_row(asked, judgement) == [
        "violent (unsure)",
        "0.912",
        "kick",
        "kick: kicks",
        "he kicks",
    ]
    assert as_row(asked, Judgement(False, 0.0))[:4] == ["safe", "0.000", "none", "-"]
