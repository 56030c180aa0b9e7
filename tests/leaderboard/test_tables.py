from __future__ import annotations

import random

import pytest

from leaderboard.links import folder_of, submission_path, table_path
from leaderboard.tables import Table, all_tables, natural
from tests.leaderboard.made_up import many, record


def at(track: str, protocol: str, version: str, name: str = "a") -> Table:
    (table,) = all_tables(
        [record(id=name, track={"name": track, "version": version}, protocol=protocol)]
    )
    return table


def test_a_table_is_one_track_one_protocol_one_version() -> None:
    records = [
        record(id=name, track={"name": track, "version": version}, protocol=protocol)
        for track in ("b", "a")
        for protocol in ("zzz", "guo", "paper", "hmu-1")
        for version in ("2", "10", "1")
        for name in ("x", "y")
    ]
    random.Random(3).shuffle(records)
    found = [(t.track, t.protocol, t.version) for t in all_tables(records)]
    # of each track hmu-1 comes first, then newer versions before older ones
    assert found == [
        (track, protocol, version)
        for track in ("a", "b")
        for protocol in ("hmu-1", "paper", "guo", "zzz")
        for version in ("10", "2", "1")
    ]
    assert all(list(t.by_id) == ["x", "y"] for t in all_tables(records))


@pytest.mark.parametrize(
    "versions", [["1", "2", "10"], ["1.9", "1.10"], ["0.9-beta", "1"], ["2025-12", "2026-01"]]
)
def test_versions_sort_by_their_numbers(versions: list[str]) -> None:
    assert sorted(versions, key=natural) == versions


def test_paths_are_permalinks_and_stay_inside() -> None:
    one = record(track={"name": "t", "version": "../../etc"}, protocol="guo")
    assert submission_path(one) == "submissions/t/guo/made-up/index.html"
    path = table_path("t", "guo", one.track.version)
    assert path == f"tracks/t/guo/{folder_of('../../etc')}/index.html"
    assert ".." not in path
    assert folder_of("A") != folder_of("a")
    assert table_path("t", "guo", "1") == "tracks/t/guo/1/index.html"


def test_other_files_of_a_track_under_one_version_are_told() -> None:
    same = many(2)
    assert all_tables(same)[0].cautions == ()
    other = same[-1].model_copy(
        update={"track": same[-1].track.model_copy(update={"sha256": "e" * 64})}
    )
    (caution,) = all_tables([*same[:-1], other])[0].cautions
    assert "different files of this track" in caution
    unknown = same[-1].model_copy(
        update={"track": same[-1].track.model_copy(update={"sha256": None})}
    )
    assert all_tables([*same[:-1], unknown])[0].cautions == ()


def test_scores_are_cells_where_any_record_has_them() -> None:
    (table,) = all_tables(many(2))
    for row in table.rows:
        assert [cell.column.metric.name for cell in row.scores] == [
            "suppression", "preservation", "hmu",
        ]  # fmt: skip
    assert at("t", "paper", "1").rows[0].scores == ()
