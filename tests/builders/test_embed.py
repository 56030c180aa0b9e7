"""`python -m builders demo` and `embed`: what is typed, and what is copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from builders.demo import TRACKS, run, steps
from builders.embed import run as embed
from hmu_bench.errors import InputError
from hmu_bench.yaml_files import read_yaml, write_yaml

RULES = list(TRACKS)


def lines(*rules: str) -> list[str]:
    return [" ".join(line) for _, line in steps(Path("out"), list(rules))]


def test_the_demo_is_calibrated_under_hmu_1_unless_the_papers_rule_is_asked_for():
    calibrated, keywords, both = lines("calibrated"), lines("keywords"), lines(*RULES)
    scored = [line for line in calibrated if line.startswith("hmu-bench score")]
    assert len(scored) == 3
    assert all("--track out/tracks/sample-violence --protocol hmu-1" in line for line in scored)
    assert sum("--protocol paper" in line for line in keywords) == 3
    assert not any("--protocol hmu-1" in line for line in keywords)
    # The paper's prompts ask for mirrored twins.
    assert calibrated[0].endswith("--no-mirrored")
    assert "--no-mirrored" not in keywords[0] + both[0]
    assert set(calibrated[1:-1]) | set(keywords[1:-1]) == set(both[1:-1])
    assert all(one[-1].startswith("python -m leaderboard build") for one in (calibrated, both))


def test_a_rule_without_a_demo(tmp_path):
    with pytest.raises(InputError, match="no demo of the rule 'lexicon'"):
        run(out=tmp_path, rule=["lexicon"])


@pytest.fixture
def demo(stand_in_track, hmu_bench_command, tmp_path) -> Path:
    """Like the output of a demo of both rules: packs, a record each with a companion."""
    root = tmp_path / "demo"
    for name in TRACKS.values():
        pack, records = root / "tracks" / name, root / "records" / name
        shutil.copytree(stand_in_track.folder, pack)
        (pack / "track.yaml").write_text(
            write_yaml({**read_yaml(pack / "track.yaml"), "name": name})
        )
        told = hmu_bench_command(
            "score", "--real", "--track", pack, "--protocol", "paper",
            "-o", records / f"{name}-real.json",
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
    return root


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_embedding_copies_packs_and_records_and_replaces_old_ones(demo, tmp_path):
    packs, records = tmp_path / "packs", tmp_path / "store"
    old = records / "sample-violence" / "old.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    other = packs / "mine" / "track.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("name: mine")
    embed(demo, packs, records)
    assert other.exists()
    assert files(records) == files(demo / "records")
    shutil.rmtree(other.parent)
    assert files(packs) == files(demo / "tracks")


def test_nothing_is_copied_unless_all_is_there_and_belongs_together(demo, tmp_path):
    packs, records = tmp_path / "packs", tmp_path / "store"
    pack = demo / "tracks" / "sample-violence-keywords"
    content = read_yaml(pack / "track.yaml")
    (pack / "track.yaml").write_text(write_yaml({**content, "version": "2"}))
    with pytest.raises(InputError, match="the record is of another pack"):
        embed(demo, packs, records)
    shutil.rmtree(demo / "records" / "sample-violence-keywords")
    with pytest.raises(InputError, match="--rule calibrated --rule keywords"):
        embed(demo, packs, records)
    shutil.rmtree(pack)
    with pytest.raises(InputError, match="the demo has not made this"):
        embed(demo, packs, records)
    assert not packs.exists()
    assert not records.exists()
