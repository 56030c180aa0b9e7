"""The challenge set: whole, frozen, ours; and its strict reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter

import pytest

from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.text.challenge import (
    CHALLENGE_FILE,
    PHENOMENA,
    load_challenge,
    load_challenge_captions,
)

# Frozen before any classifier was tuned. A correction is a new version: say so in CHALLENGE.md.
SHA256 = "3c6e841a6f2898f6f861b97cb938b4f841d953c3fca9613463a0edebfc1ba38e"

PAIR = {
    "pair_id": "typo-01",
    "phenomenon": "typo",
    "style": "humanml3d",
    "subset": None,
    "violent": {"text": "he kiks a man", "category": "kick"},
    "safe": {"text": "he kiks a ball", "category": "none"},
}


def plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())


def test_the_set_is_frozen():
    assert sha256_file(CHALLENGE_FILE) == SHA256


def test_counts_and_phenomena():
    pairs = load_challenge()
    assert len(pairs) == 399
    counts = Counter(pair.phenomenon for pair in pairs)
    assert set(counts) == set(PHENOMENA)
    assert len(counts) >= 20
    assert min(counts.values()) >= 6
    assert max(counts.values()) <= 2 * min(counts.values())
    labels = sum(pair.style == "motionx" for pair in pairs)
    assert 0.2 <= labels / len(pairs) <= 0.3


def test_the_ids_of_a_phenomenon_count_up():
    numbers: dict[str, list[int]] = {}
    for pair in load_challenge():
        numbers.setdefault(pair.phenomenon, []).append(int(pair.pair_id[-2:]))
    for phenomenon, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), phenomenon


def test_every_pair_has_one_violent_and_one_safe_caption_in_one_context():
    captions = load_challenge_captions()
    by_pair: dict[str, list] = {}
    for caption in captions:
        by_pair.setdefault(caption.pair_id, []).append(caption)
    for violent, safe in by_pair.values():
        assert (violent.violent, safe.violent) == (True, False)
        assert violent.category not in {"none", "victim"}
        assert safe.category in {"none", "victim"}
        assert violent.context == safe.context
        assert set(safe.context) == ({"subset"} if safe.style == "motionx" else set())


def test_texts_are_unique_even_without_case_and_punctuation():
    texts = [plain(caption.text) for caption in load_challenge_captions()]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_length_does_not_tell_the_halves_apart():
    pairs = load_challenge()
    longer = sum(len(pair.violent.text) > len(pair.safe.text) for pair in pairs)
    assert 0.4 <= longer / len(pairs) <= 0.6


def known_texts(data):
    """Every caption and label that we were given."""
    with zipfile.ZipFile(data / "humanml3d/texts.zip") as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("utf-8", "replace").splitlines():
                yield line.split("#")[0]
    with zipfile.ZipFile(data / "motionx/semantic_labels.zip") as archive:
        for name in archive.namelist():
            yield archive.read(name).decode("utf-8", "replace")
    for clip in json.loads((data / "kitml/annotations.json").read_text("utf-8")).values():
        yield from (annotation["text"] for annotation in clip["annotations"])
    for path in sorted((data / "gold").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            yield row.get("caption") or row["label"]
    import pyarrow.parquet

    for path in sorted((data / "mocap").glob("*.parquet")):
        for captions in pyarrow.parquet.read_table(path, columns=["captions"])["captions"]:
            yield from captions.as_py()


def test_no_caption_is_taken_from_the_sources(shared):
    known = {plain(text) for text in known_texts(shared / "data")}
    assert len(known) > 10_000
    assert [c.text for c in load_challenge_captions() if plain(c.text) in known] == []


def test_reading_it_is_light():
    code = (
        "import sys; from hmu_bench.text.challenge import load_challenge; load_challenge();"
        "sys.exit(', '.join({'torch', 'pandas', 'numpy', 'datasets'} & set(sys.modules)) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(PAIR) + "\n\n", "utf-8")
    (pair,) = load_challenge(path)
    violent, safe = pair.captions()
    assert (violent.text, violent.violent, violent.category) == ("he kiks a man", True, "kick")
    assert (safe.text, safe.violent, safe.category) == ("he kiks a ball", False, "none")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surplus": 1}, "surplus"),
        ({"phenomenon": "typos"}, "no phenomenon 'typos'"),
        ({"pair_id": "typo-1"}, "typo-NN"),
        ({"pair_id": "idiom-01"}, "typo-NN"),
        ({"subset": "kungfu"}, "humanml3d pair has none"),
        ({"style": "motionx"}, "motionx pair has a subset"),
        ({"style": "kitml"}, "style"),
        ({"violent": {"text": "he is hit", "category": "victim"}}, "violent half"),
        ({"safe": {"text": "he kiks", "category": "kick"}}, "safe half"),
        ({"safe": {"text": "", "category": "none"}}, "safe.text"),
        ({"safe": {"text": "two\nlines", "category": "none"}}, "safe.text"),
        ({"safe": {"text": "He KIKS a man", "category": "none"}}, "already on line 2"),
    ],
)
def test_a_bad_pair_is_told_with_its_line(tmp_path, change, message):
    path = tmp_path / "bad.jsonl"
    good = PAIR | {"pair_id": "typo-09"}
    good["violent"] = {"text": "one", "category": "kick"}
    good["safe"] = {"text": "two", "category": "none"}
    path.write_text(json.dumps(good) + "\n" + json.dumps(PAIR | change) + "\n", "utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_challenge(path)
    assert str(caught.value).startswith(f"{path}:2")


def test_a_repeated_id_no_json_and_an_empty_file(tmp_path):
    path = tmp_path / "bad.jsonl"
    other = PAIR | {"violent": {"text": "a", "category": "kick"}}
    other["safe"] = {"text": "b", "category": "none"}
    path.write_text(json.dumps(PAIR) + "\n" + json.dumps(other), "utf-8")
    with pytest.raises(InputError, match="id 'typo-01' is already on line 1"):
        load_challenge(path)
    path.write_text("{not json", "utf-8")
    with pytest.raises(InputError, match="Invalid JSON"):
        load_challenge(path)
    path.write_text("\n", "utf-8")
    with pytest.raises(InputError, match="no pairs"):
        load_challenge(path)
