"""Reading written entries: whole, light, each problem with its line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.tracks.written import load_written, read_written
from hmu_bench.tracks.written.reading import COMPOSED_FILE, FOLDER, PAIRS_FILE, SAMPLE_FOLDER

# Frozen. A correction makes new ids and a new track version: say so in WRITTEN.md.
SHA256 = {
    FOLDER / PAIRS_FILE: "aab8f7716e7ec029768d160edf2ff4c3456e0fff9c1cffed54831318f7ef5d4a",
    FOLDER / COMPOSED_FILE: "05e4d5f55685e9007ca8648c60d58281c3e8175ea65933e017de9b22051122d7",
    SAMPLE_FOLDER / PAIRS_FILE: "a62963c40f91a1187346d81e9bbf15e70c700992d5293c14ba0e67fd9649176e",
    SAMPLE_FOLDER
    / COMPOSED_FILE: "3a8208dff5516ff1f8483a9bf38ff705fc97f129c642e1cea89d5606b58b27df",
}


@pytest.fixture
def lines():
    """Two good lines of each file."""
    return {
        name: (FOLDER / name).read_text("utf-8").splitlines()[:2]
        for name in (PAIRS_FILE, COMPOSED_FILE)
    }


def write(folder, lines):
    for name, content in lines.items():
        (folder / name).write_text("\n".join(content) + "\n", "utf-8")
    return folder


@pytest.mark.parametrize("path", SHA256, ids=lambda p: f"{p.parent.parent.name}-{p.name}")
def test_the_files_are_frozen(path):
    assert sha256_file(path) == SHA256[path]


def test_the_sample_has_its_own_and_all_other_sources_share_one():
    sample, humanml3d, motionx = (load_written(s) for s in ("sample", "humanml3d", "motionx"))
    assert humanml3d == motionx
    assert {p.pair_id for p in sample.pairs}.isdisjoint(p.pair_id for p in humanml3d.pairs)
    assert sample.sha256 != humanml3d.sha256


def test_a_folder_of_ones_own(tmp_path, lines):
    lines[PAIRS_FILE].insert(1, "")
    written = read_written(write(tmp_path, lines))
    assert [pair.pair_id for pair in written.pairs] == ["imp-001", "imp-002"]
    assert [entry.composed_id for entry in written.composed] == ["com-001", "com-002"]


def test_a_bad_entry_is_told_with_file_and_line(tmp_path, lines):
    bad = json.loads(lines[COMPOSED_FILE][1]) | {"num_frames": 41}
    lines[COMPOSED_FILE][1] = json.dumps(bad)
    with pytest.raises(InputError, match="multiple of 4") as caught:
        read_written(write(tmp_path, lines))
    assert str(caught.value).startswith(f"{tmp_path / COMPOSED_FILE}:2 [num_frames]")
    lines[COMPOSED_FILE][1] = "{"
    with pytest.raises(InputError, match="Invalid JSON") as caught:
        read_written(write(tmp_path, lines))
    assert str(caught.value).startswith(f"{tmp_path / COMPOSED_FILE}:2")


def test_a_repeated_id_or_sentence_is_refused(tmp_path, lines):
    first, second = (json.loads(line) for line in lines[PAIRS_FILE])
    for again, what in (
        (second | {"pair_id": "imp-001"}, "'imp-001' is already on line 1 of implicit.jsonl"),
        (second | {"safe": first["implicit"]}, "is already on line 1 of implicit.jsonl"),
        (second | {"safe": second["implicit"]}, None),
    ):
        lines[PAIRS_FILE] = [json.dumps(first), json.dumps(again)]
        with pytest.raises(InputError, match=what) as caught:
            read_written(write(tmp_path, lines))
        assert str(caught.value).startswith(f"{tmp_path / PAIRS_FILE}:2")


def test_an_empty_and_a_missing_file(tmp_path, lines):
    lines[COMPOSED_FILE] = [""]
    with pytest.raises(InputError, match="no entries"):
        read_written(write(tmp_path, lines))
    (tmp_path / PAIRS_FILE).unlink()
    with pytest.raises(InputError, match="does not exist"):
        read_written(tmp_path)


def test_reading_is_light():
    code = (
        "import sys; from hmu_bench.tracks import load_written; load_written('sample');"
        "sys.exit(', '.join({'torch', 'pandas', 'pyarrow', 'datasets'} & set(sys.modules)) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
