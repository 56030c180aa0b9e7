"""Previews of the board: whose they are is checked, what they hold reaches the viewer."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu_bench.errors import InputError
from hmu_bench.submissions import read_preview, write_preview
from leaderboard import frame
from leaderboard.board import Board
from leaderboard.gallery import Gallery, check_owner
from leaderboard.store import read_entries
from tests.leaderboard.moving import TRACK, preview_of, world, write_world


def gallery_of(folder: Path) -> tuple[Board, Gallery]:
    board = Board(read_entries(folder), frame.environment([]))
    return board, Gallery(board)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Board, Gallery]:
    folder = write_world(tmp_path_factory.mktemp("gallery") / "records")
    return folder, *gallery_of(folder)


def test_every_motion_becomes_a_file_that_holds_it(made: tuple[Path, Board, Gallery]) -> None:
    folder, board, gallery = made
    files = {output.path: output.content for output in gallery.files()}
    assert len(files) == 3 * 6
    for record in board.records:
        if record.id in ("real", "alone") or record.protocol == "guo":
            continue
        preview = read_preview(folder / TRACK / f"{record.id}.preview.safetensors")
        shots = gallery.shots(record)
        assert list(shots) == [prompt.prompt_id for prompt in preview.facts.prompts]
        for key, shot in shots.items():
            assert shot.data == f"data/motions/moving/hmu-1/{record.id}/{key}.js"
            called = re.fullmatch(r"hmu\.data\((.+?), (\{.+\})\);\n", str(files[shot.data]))
            assert called
            assert json.loads(called[1]) == shot.data
            value = json.loads(called[2])
            found = np.frombuffer(base64.b64decode(value["joints"]), dtype="<i2")
            motion = preview.motions[key]
            assert value["frames"] == shot.frames == len(motion)
            np.testing.assert_array_equal(found.reshape(motion.shape), motion)


def test_a_submission_needs_its_preview_once(made: tuple[Path, Board, Gallery]) -> None:
    _, board, gallery = made
    own, again = (next(r for r in board.records if r.id == "erase" and r.protocol == p)
                  for p in ("hmu-1", "guo"))  # fmt: skip
    assert gallery.shots(again) == gallery.shots(own) != {}


def test_without_a_preview_there_are_no_shots(made: tuple[Path, Board, Gallery]) -> None:
    _, board, gallery = made
    for name in ("real", "alone"):
        assert gallery.shots(next(r for r in board.records if r.id == name)) == {}
    assert gallery.shots(None) == {}


OTHERS = {
    "submission": "another",
    "submission_sha256": "0" * 64,
    "track": "another",
    "track_version": "2",
    "track_sha256": "1" * 64,
}


@pytest.mark.parametrize("field", OTHERS)
def test_a_preview_of_something_else_is_refused(field: str, tmp_path: Path) -> None:
    record = world()[3][0]
    preview = preview_of(record)
    check_owner(preview, record, tmp_path)
    facts = preview.facts.model_copy(update={field: OTHERS[field]})
    with pytest.raises(InputError, match="its record's is"):
        check_owner(type(preview)(facts, preview.motions), record, tmp_path)


def test_real_motions_are_never_shown(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    real = next(record for record, _ in world() if record.id == "real")
    write_preview(preview_of(real), folder / TRACK / "real.preview.safetensors")
    with pytest.raises(InputError, match=r"real\.preview.*real motions"):
        gallery_of(folder)


@pytest.mark.parametrize("change", [{"text": "another text"}, {"category": "kick"}])
def test_previews_must_agree_on_the_prompts(change: dict[str, Any], tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    path = folder / TRACK / "erase.preview.safetensors"
    preview = read_preview(path)
    prompts = [prompt.model_copy(update=change) for prompt in preview.facts.prompts]
    facts = preview.facts.model_copy(update={"prompts": prompts})
    write_preview(type(preview)(facts, preview.motions), path)
    with pytest.raises(InputError, match=r"another preview .* says another"):
        gallery_of(folder)


def test_a_text_may_be_withheld(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    path = folder / TRACK / "erase.preview.safetensors"
    erase = next(record for record, _ in world() if record.id == "erase")
    write_preview(preview_of(erase, text=""), path)
    board, gallery = gallery_of(folder)
    shots = gallery.shots(next(r for r in board.records if r.id == "erase"))
    assert {shot.prompt.text for shot in shots.values()} == {""}


def test_a_damaged_preview_stops_the_build(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    (folder / TRACK / "erase.preview.safetensors").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"erase\.preview"):
        gallery_of(folder)
