"""Reported figures: the committed records are the file's, and the file's are the publication's."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hmu_bench.errors import InputError
from hmu_bench.records import read_record, write_record
from leaderboard.reported import PUBLICATIONS, read_publications, records, write_reported
from leaderboard.store import DEFAULT_RECORDS, read_store
from tests.leaderboard.made_up import record

PAPER = "human-motion-unlearning.yaml"


def test_the_committed_records_are_those_of_the_files(tmp_path: Path) -> None:
    for path in write_reported(tmp_path):
        committed = DEFAULT_RECORDS / path.relative_to(tmp_path)
        assert committed.read_bytes() == path.read_bytes()
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")}
    found = {
        str(path.relative_to(DEFAULT_RECORDS))
        for path in DEFAULT_RECORDS.rglob("*.json")
        if not path.name.endswith(".run.json") and read_record(path).kind == "reported"
    }
    assert found == made
    assert len(made) == 10


def test_the_figures_are_those_of_the_publication(shared: Path) -> None:
    stated = yaml.safe_load((shared / "data" / "reported.yaml").read_text("utf-8"))
    expected = {}
    for track, sets in stated.items():
        if track in ("citation", "protocol"):
            continue
        for prompt_set, rows in sets.items():
            for row in rows:
                names = {name for name in row if name not in ("method", "base_model", "role")}
                for name in names:
                    key = (f"{track}-keywords", row["method"], row["role"], prompt_set, name)
                    expected[key] = row[name]
    (publication,) = read_publications().values()
    found = {}
    for one in records(publication):
        assert one.kind == "reported"
        assert one.protocol == stated["protocol"]
        assert stated["citation"] in (one.provenance.citation or "")
        assert one.coverage is one.scores is one.provenance.evaluator is None
        for prompt_set, values in one.metrics.items():
            for name, value in values.items():
                key = (one.track.name, one.method.name, one.role, prompt_set, name)
                assert key not in found
                assert (value.low, value.n, value.interval) == (None, None, None)
                found[key] = value.value
    assert found == expected
    assert len(found) == 80


def test_base_models_are_records_of_their_track() -> None:
    committed = read_store(DEFAULT_RECORDS)
    originals = {(r.track.name, r.id) for r in committed if r.role == "original"}
    for one in committed:
        if one.kind == "reported" and one.role != "original":
            assert (one.track.name, one.method.base_model) in originals


def changed(folder: Path, before: str, after: str) -> Path:
    text = (PUBLICATIONS / PAPER).read_text("utf-8")
    assert before in text
    folder.mkdir()
    (folder / PAPER).write_text(text.replace(before, after, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("id: reported-momask-lcr", "id: reported-momask-uce", "two results"),
        ("fid: 1.16", "fid: .nan", "fid"),
        ("fid: 1.16", "fid: '1.16 (best)'", "fid"),
        ("https://arxiv.org", "javascript://arxiv.org", "https://"),
        ("citation:", "quote:", "citation"),
        ("role: original", "role: real", "role"),
        ("id: reported-momask\n", "id: ../reported\n", "id"),
    ],
)
def test_refuses(before: str, after: str, told: str, tmp_path: Path) -> None:
    folder = changed(tmp_path / "publications", before, after)
    with pytest.raises(InputError, match=told):
        write_reported(tmp_path / "store", folder)
    assert not (tmp_path / "store").exists()


def test_an_unknown_metric_is_told_in_one_line(tmp_path: Path) -> None:
    folder = changed(tmp_path / "publications", "fid: 1.16", "fud: 1.16")
    with pytest.raises(InputError, match=r"human-motion-unlearning.*unknown metrics fud"):
        write_reported(tmp_path / "store", folder)


def test_a_measured_record_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "humanml3d-violence-keywords" / "reported-momask.json"
    write_record(record(id="reported-momask"), path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="measured"):
        write_reported(tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["humanml3d-violence-keywords"]


def test_a_folder_without_publications(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no publications"):
        read_publications(tmp_path)


def test_command(leaderboard_command, one_line_error, tmp_path: Path) -> None:
    result = leaderboard_command("reported", "--records", tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.split()) == 10
    assert len(read_store(tmp_path)) == 10
    empty = tmp_path / "empty"
    empty.mkdir()
    one_line_error(
        leaderboard_command("reported", "--records", tmp_path, "--publications", empty), "empty"
    )
