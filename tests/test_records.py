import copy
import json

import pytest

from hmu_bench.errors import InputError
from hmu_bench.records import Record, Value, read_record, write_record

HASH = "0" * 64
GOOD = {
    "id": "made-up",
    "kind": "scored",
    "track": {"name": "sample-violence-keywords", "version": "1", "sha256": HASH},
    "protocol": "paper",
    "method": {"name": "Made up", "paper": "https://example.org/paper"},
    "coverage": {"prompts": 10, "answered": 10, "repeats": 3},
    "metrics": {"forget": {"fid": {"value": 1.5, "low": 1.0, "high": 2.0, "n": 10}}},
    "provenance": {"package_version": "0.1.0", "evaluator": {"id": "sample", "sha256": HASH}},
}


def changed(**changes):
    data = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = data
        for key in parents:
            target = target[key]
        target[last] = value
    return data


def test_round_trip_is_byte_identical(tmp_path):
    record = Record.model_validate(GOOD)
    write_record(record, tmp_path / "a.json")
    again = read_record(tmp_path / "a.json")
    assert again == record
    write_record(again, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "../x"}, "id"),
        ({"surprise": 1}, "surprise"),
        ({"kind": "best"}, "kind"),
        ({"schema_version": 2}, "schema_version"),
        ({"method__paper": "javascript:alert(1)"}, "https://"),
        ({"method__code": "https://a.b/\"onmouseover='x"}, "https://"),
        ({"metrics__forget": {"magic": {"value": 1.0}}}, "magic"),
        ({"metrics__everything": {}}, "everything"),
        ({"metrics__forget__fid": {"value": None}}, "reason"),
        ({"metrics__forget__fid": {"value": 1.0, "low": 0.5}}, "two ends"),
        ({"provenance__evaluator": None}, "evaluator"),
        ({"kind": "reported"}, "citation"),
        ({"role": "real"}, "reference"),
    ],
)
def test_bad_records_are_refused_with_file_and_key(tmp_path, changes, words):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(changed(**changes)))
    with pytest.raises(InputError) as caught:
        read_record(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": NaN}', "null"])
def test_what_is_no_record_is_refused(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"bad\.json"):
        read_record(path)


def good(old: str = "", new: str = "") -> str:
    text = json.dumps(GOOD)
    assert old in text
    return text.replace(old, new) if old else text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (good('"id": "made-up"', '"id": "made-up", "id": "other"'), "'id' is given twice"),
        (good('"value": 1.5', '"value": 9.5, "value": 1.5'), "'value' is given twice"),
        (good('"value": 1.5', '"value": 1e309'), "NaN and infinity"),
        (good('"value": 1.5', '"value": Infinity'), "Infinity is no JSON number"),
        (good('"value": 1.5', '"value": NaN'), "NaN is no JSON number"),
        (good('"n": 10', '"n": ' + "9" * 5000), "4300 digits"),
        (good('"n": 10', '"n": ' + "9" * 100), "[metrics.forget.fid.n]"),
        (good()[:-1] + ', "flags": ' + "[" * 100_000 + "}", "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        (good()[:-1] + ', "flags": [' + "1," * 200_000 + "1]}", "flags"),
        (good("Made up", "\\ud800"), "hex escape"),
        (good("Made up", "x" * 2_000_000), "larger than 1,048,576 bytes"),
    ],
)
def test_records_that_are_meant_to_harm(tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"bad\.json") as caught:
        read_record(path)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, -0.0])
def test_extreme_values_are_kept(tmp_path, value):
    record = Record.model_validate(changed(metrics__forget__fid={"value": value}))
    write_record(record, tmp_path / "a.json")
    assert repr(read_record(tmp_path / "a.json").metrics["forget"]["fid"].value) == repr(value)


def test_a_value_is_never_nan():
    with pytest.raises(ValueError, match="NaN"):
        Value(value=float("nan"))
    assert Value(value=None, reason="nothing was masked").value is None
