"""`validate`: every problem, with its file and key; warnings; the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from hmu_bench.errors import InputError
from hmu_bench.submissions import load_submission, validate
from hmu_bench.submissions.conversion import to_joints
from tests.stand_ins import INFO, features, random_answers, real_answers, write_submission


@pytest.fixture
def answers(stand_in_track) -> dict[str, np.ndarray]:
    return random_answers(stand_in_track, repeats=1)


def texts(report, level: str = "error") -> list[str]:
    return [str(p) for p in report.problems if p.level == level]


@pytest.mark.parametrize("layout", ["one", "shards", "npy"])
def test_a_good_submission(stand_in_track, tmp_path, answers, layout):
    report = validate(write_submission(tmp_path / "s", answers, layout=layout), stand_in_track)
    assert report.problems == []
    assert report.answered == report.prompts == report.motions == len(stand_in_track.prompts)
    assert report.to_dict()["valid"] is True


def test_every_problem_is_listed(stand_in_track, tmp_path, answers):
    """Ten things wrong at once: ten problems, each with file and key."""
    names = list(answers)
    bad = {
        names[0]: np.full_like(answers[names[0]], np.nan),
        names[1]: answers[names[1]][:-4],
        names[2]: answers[names[2]][:, :262],
        names[3]: answers[names[3]].astype(np.float64),
        names[4]: np.zeros((0, 263), np.float32),
    }
    extra = {
        f"{names[5][:16]}/1": answers[names[5]],
        "ffffffffffffffff/0": answers[names[6]],
        "../x/0": answers[names[7]],
    }
    given = {**answers, **bad, **extra}
    del given[names[8]]
    folder = write_submission(tmp_path / "s", given, track="another-track")
    report = validate(folder, stand_in_track)
    found = texts(report)
    expected = [
        ("[../x/0]", "the key is not <prompt_id>/<repeat>"),
        ("[track]", "the submission is for 'another-track'"),
        (f"[{names[8][:16]}]", "no motion for repeat 0"),
        (f"[{names[5][:16]}/1]", "announces 1 repeats"),
        ("[ffffffffffffffff/0]", "no such prompt"),
        (f"[{names[0]}]", "not finite"),
        (f"[{names[1]}]", "frames; expected"),
        (f"[{names[2]}]", "shape"),
        (f"[{names[3]}]", "type F64"),
        (f"[{names[4]}]", "frames"),
    ]
    for key, word in expected:
        assert any(key in text and word in text for text in found), (key, word, found)
    assert len(found) == len(expected)
    assert report.answered == report.prompts - 6
    with pytest.raises(InputError, match="the key is not"):
        load_submission(folder)


def test_submission_yaml_with_many_faults(stand_in_track, tmp_path, answers):
    folder = write_submission(tmp_path / "s", answers, colour="red", repeats=0, name="A B")
    report = validate(folder, stand_in_track)
    keys = {p.key for p in report.problems}
    assert keys == {"colour", "repeats", "name"}
    assert all(p.file == "submission.yaml" for p in report.problems)
    (folder / "submission.yaml").unlink()
    assert "does not exist" in texts(validate(folder, stand_in_track))[0]
    (folder / "submission.yaml").write_text("name: &a [1]\nmethod: *a\n")
    assert "submission.yaml [line 2]" in texts(validate(folder, stand_in_track))[0]


def test_submission_yaml_may_not_be_a_link_out(stand_in_track, tmp_path, answers):
    folder = write_submission(tmp_path / "s", answers)
    (folder / "submission.yaml").rename(tmp_path / "x.yaml")
    (folder / "submission.yaml").symlink_to(tmp_path / "x.yaml")
    assert "leads out of its folder" in texts(validate(folder, stand_in_track))[0]


def test_a_pickle_in_one_npy(stand_in_track, tmp_path, answers):
    folder = write_submission(tmp_path / "s", answers, layout="npy")
    name = sorted(answers)[3]
    np.save(folder / "motions" / f"{name}.npy", np.array([{}]), allow_pickle=True)
    (found,) = texts(validate(folder, stand_in_track))
    assert f"motions/{name}.npy [{name}]" in found
    assert "pickled objects, which are never loaded" in found


def test_all_repeats_are_needed(stand_in_track, tmp_path, answers):
    report = validate(write_submission(tmp_path / "s", answers, repeats=3), stand_in_track)
    assert len(texts(report)) == len(stand_in_track.prompts)
    assert "no motion for repeats 1, 2" in texts(report)[0]
    assert report.answered == 0


def test_warnings_are_no_errors(stand_in_track, tmp_path):
    answers = random_answers(stand_in_track, repeats=2)
    names = sorted(answers)
    frozen = np.repeat(answers[names[0]][:1], len(answers[names[0]]), axis=0)
    pair = [n for n in names if len(answers[n]) == len(answers[names[4]])]
    answers |= {names[0]: frozen, names[3]: answers[names[2]]}
    answers |= {name: array.astype(np.float16) for name, array in answers.items()}
    folder = write_submission(tmp_path / "s", answers, repeats=2)
    report = validate(folder, stand_in_track)
    assert texts(report) == []
    assert pair
    found = "\n".join(texts(report, "warning"))
    assert f"{len(answers)} motions are stored in float16" in found
    assert f"1 motions do not move (first: {names[0]})" in found
    assert "1 prompts have repeats that are the same motion" in found
    assert report.answered == report.prompts


def test_copies_between_prompts_are_told(stand_in_track, tmp_path):
    folder = write_submission(tmp_path / "s", real_answers(stand_in_track))
    report = validate(folder, stand_in_track)
    (found,) = texts(report, "warning")
    assert "the same for more than one prompt (duplicates)" in found


def joints_at(fps: float, frames: int, seed: int = 1) -> np.ndarray:
    """Joints of the same motion at another rate, with as many frames as its time needs."""
    body = to_joints(features(200, seed)).astype(np.float64)
    at = np.minimum(np.arange(int(np.ceil(frames * fps / 20))) * 20 / fps, len(body) - 2)
    first, share = at.astype(int), (at % 1)[:, None, None]
    return (body[first] * (1 - share) + body[first + 1] * share).astype(np.float32)


@pytest.mark.parametrize("layout", ["one", "shards", "npy"])
@pytest.mark.parametrize("fps", [10, 20, 29.97, 120])
def test_joints_of_any_rate_in_every_layout(stand_in_track, tmp_path, fps, layout):
    """Right ones have no problem; wrong ones are all listed, each with its file and key."""
    prompts = stand_in_track.prompts
    answers = {
        f"{p.prompt_id}/0": joints_at(fps, p.num_frames + (fps < 20), seed)
        for seed, p in enumerate(prompts)
    }
    info = {"representation": "joints-22", "fps": fps, "layout": layout}
    good = write_submission(tmp_path / "good", answers, **info)
    assert validate(good, stand_in_track).problems == []
    names = list(answers)
    bent = answers[names[3]].copy()
    bent[5, 4] = bent[5, 1]  # a thigh without a length
    bad = {
        names[0]: (answers[names[0]][:-8], "frames"),
        names[1]: (np.concatenate([answers[names[1]]] * 2), "frames"),
        names[2]: (answers[names[2]].reshape(-1, 66), "shape"),
        names[3]: (bent, "without a length"),
        names[4]: (np.full_like(answers[names[4]], np.inf), "not finite"),
        names[5]: (answers[names[5]].astype(np.float64), "64"),
    }
    wrong = write_submission(
        tmp_path / "bad", {**answers, **{name: array for name, (array, _) in bad.items()}}, **info
    )
    report = validate(wrong, stand_in_track)
    found = {problem.key: problem for problem in report.errors}
    assert set(found) == set(bad) or layout == "npy"  # an .npy of float64 has its file as place
    for name, (_, word) in bad.items():
        (told,) = (p for p in report.errors if name in f"{p.file} {p.key}")
        assert word in told.message
        assert (wrong / told.file).is_file()
    assert report.answered == report.prompts - len(bad)
    assert report.to_dict()["errors"] == len(bad)


def test_joints_far_beyond_are_an_error_here_too(stand_in_track, tmp_path, answers):
    """Each value is within its limit, but the path that they make is not."""
    name, other = sorted(answers)[:2]
    away = answers[name].copy()
    away[:, 1:3] = 9e5
    answers |= {name: away, other: answers[other] * np.float32(np.nan)}
    found = texts(validate(write_submission(tmp_path / "s", answers), stand_in_track))
    assert len(found) == 2
    (told,) = (text for text in found if f"[{name}]" in text)
    assert "leads joints beyond 1e6 metres" in told


def test_flags_of_single_motions_are_warnings_here(stand_in_track, tmp_path, answers):
    name = min(answers)
    fast = answers[name].copy()
    fast[:, 2] = 1.0  # metres a frame
    folder = write_submission(tmp_path / "s", {**answers, name: fast})
    report = validate(folder, stand_in_track)
    assert report.errors == []
    assert any(
        f"(first: {name})" in text and text.endswith("(speed)") for text in texts(report, "warning")
    )


def test_no_folder(stand_in_track, tmp_path):
    with pytest.raises(InputError, match="the submission does not exist"):
        validate(tmp_path / "s", stand_in_track)
    (tmp_path / "s").write_text("x")
    with pytest.raises(InputError, match="is a file, not a folder"):
        load_submission(tmp_path / "s")


def test_the_command(stand_in_track, tmp_path, answers, hmu_bench_command, one_line_error):
    good = write_submission(tmp_path / "good", answers)
    result = hmu_bench_command("validate", good, "--track", stand_in_track.folder, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["errors"] == 0
    name = sorted(answers)[0]
    bad = write_submission(
        tmp_path / "bad", {**answers, name: np.full_like(answers[name], np.inf)}, track="x"
    )
    result = hmu_bench_command("validate", bad, "--track", stand_in_track.folder)
    one_line_error(result, "2 errors", str(bad))
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("error: submission.yaml [track]: ")
    assert lines[1].startswith(f"error: motions.safetensors [{name}]: ")


def test_control_characters_do_not_reach_the_terminal(stand_in_track, tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "submission.yaml").write_text(yaml.safe_dump({**INFO, "a\x1b[31m\nb": 1}))
    (folder / "motions" / "\x1b[31mred\n").mkdir(parents=True)
    report = validate(folder, stand_in_track)
    assert len(report.problems) == 2
    for problem in report.problems:
        assert str(problem).isprintable()


def test_features_of_the_stand_in_move():
    array = features(40, 1)
    assert np.abs(array - array[0]).max() > 0.01


def test_the_hash_covers_every_file(stand_in_track, tmp_path, answers):
    folder = write_submission(tmp_path / "s", answers, layout="npy")
    before = load_submission(folder).sha256
    assert load_submission(Path(folder)).sha256 == before
    name = sorted(answers)[5]
    np.save(folder / "motions" / f"{name}.npy", answers[name] + np.float32(1e-3))
    changed = load_submission(folder).sha256
    assert changed != before
    (folder / "submission.yaml").write_text(yaml.safe_dump({**INFO, "notes": "x"}))
    assert load_submission(folder).sha256 not in (before, changed)
