"""`pack`: any layout -> safetensors, nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

from hmu_bench.errors import InputError
from hmu_bench.submissions import load_submission, pack, validate
from tests.stand_ins import random_answers, write_submission


@pytest.mark.parametrize("layout", ["one", "shards", "npy"])
@pytest.mark.parametrize("shard_bytes", [1 << 30, 1_000_000])
def test_the_same_motions(stand_in_track, tmp_path, layout, shard_bytes):
    answers = random_answers(stand_in_track, 1)
    folder = write_submission(tmp_path / "s", answers, layout=layout)
    names = pack(load_submission(folder), tmp_path / "out", shard_bytes=shard_bytes)
    assert (len(names) == 1) == (shard_bytes == 1 << 30)
    found = {}
    for name in names:
        found |= load_file(tmp_path / "out" / name)
    assert found.keys() == answers.keys()
    for name, array in answers.items():
        np.testing.assert_array_equal(found[name], array)
    report = validate(tmp_path / "out", stand_in_track)
    assert report.problems == []
    sizes = [(tmp_path / "out" / name).stat().st_size for name in names]
    assert max(sizes) < shard_bytes + 250_000


def test_the_command(stand_in_track, tmp_path, hmu_bench_command, one_line_error):
    answers = random_answers(stand_in_track, 1)
    folder = write_submission(tmp_path / "s", answers, layout="npy")
    result = hmu_bench_command("pack", folder, "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "motions.safetensors",
        "submission.yaml",
    ]
    one_line_error(hmu_bench_command("pack", folder, "-o", tmp_path / "out"), "is there already")


def test_nothing_half_written(stand_in_track, tmp_path):
    answers = random_answers(stand_in_track, 1)
    folder = write_submission(tmp_path / "s", answers, layout="npy")
    (folder / "motions" / f"{sorted(answers)[9]}.npy").write_bytes(b"no motion")
    with pytest.raises(InputError, match="not a NumPy"):
        pack(load_submission(folder), tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["s"]
