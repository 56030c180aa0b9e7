"""Submission x track -> record: the same bytes again, the right evaluator, bad input."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.metrics.paper import NAMES
from hmu_bench.records import Record, read_record
from hmu_bench.scoring import PROTOCOLS, REFERENCE_ROLES, score_real
from tests.stand_ins import random_answers, real_answers, write_submission


@pytest.fixture(scope="module")
def submission(stand_in_track, tmp_path_factory) -> Path:
    answers = random_answers(stand_in_track, repeats=2)
    folder = tmp_path_factory.mktemp("submissions") / "s"
    return write_submission(
        folder, answers, layout="npy", repeats=2, base_model="momask", unlearned=["violence"]
    )


@pytest.fixture(scope="module")
def record(submission, stand_in_track, stand_in_evaluator) -> Record:
    return hb.score(submission, stand_in_track, evaluator=stand_in_evaluator, protocol="paper")


def test_a_record_says_what_made_it(record, submission, stand_in_track, stand_in_evaluator):
    assert (record.id, record.kind, record.role) == ("stand-in-method", "scored", "method")
    assert record.track.sha256 == stand_in_track.sha256
    assert record.protocol == "paper"
    assert record.method.base_model == "momask"
    assert record.method.unlearned == ["violence"]
    assert record.coverage.complete
    assert (record.coverage.repeats, record.coverage.prompts) == (2, len(stand_in_track.prompts))
    assert record.provenance.evaluator.sha256 == stand_in_evaluator.sha256
    assert record.provenance.submission_sha256 == hb.load_submission(submission).sha256
    assert "paper" in record.provenance.command
    assert set(record.metrics) == {"forget", "retain"}
    for role, values in record.metrics.items():
        assert set(values) == set(NAMES)
        assert all(value.value is not None for value in values.values())
        assert values["fid"].n == stand_in_track.info.prompts[role]
    # Nothing is masked on safe prompts: the paper's code says 0.
    assert record.metrics["retain"]["mm_safe"].value == 0
    assert record.metrics["forget"]["mm_safe"].value > 0


def test_the_same_submission_gives_the_same_bytes(
    record, submission, stand_in_track, stand_in_evaluator
):
    again = hb.score(
        str(submission), str(stand_in_track.folder), evaluator=stand_in_evaluator, protocol="paper"
    )
    assert again.to_json() == record.to_json()


def test_other_threads_give_the_same_numbers(
    record, submission, stand_in_track, stand_in_evaluator
):
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if threads > 1 else 2)
    try:
        other = hb.score(submission, stand_in_track, evaluator=stand_in_evaluator, protocol="paper")
    finally:
        torch.set_num_threads(threads)
    for role, values in record.metrics.items():
        for name, value in values.items():
            assert other.metrics[role][name].value == pytest.approx(value.value, abs=1e-6)


def test_layouts_give_the_same_numbers(record, stand_in_track, stand_in_evaluator, tmp_path):
    answers = random_answers(stand_in_track, repeats=2)
    for layout in ("one", "shards"):
        folder = write_submission(tmp_path / layout, answers, layout=layout, repeats=2)
        other = hb.score(folder, stand_in_track, evaluator=stand_in_evaluator, protocol="paper")
        assert other.metrics == record.metrics


def test_real_motions_score_as_the_pack_says(stand_in_track, stand_in_evaluator, tmp_path):
    folder = write_submission(tmp_path / "s", real_answers(stand_in_track))
    scored = hb.score(
        folder, stand_in_track, evaluator=stand_in_evaluator, protocol="paper", as_reference="real"
    )
    real = score_real(stand_in_track, protocol="paper")
    assert (real.id, real.kind, real.role) == ("stand-in-real", "reference", "real")
    assert (scored.kind, scored.role) == ("reference", "real")
    for role, values in real.metrics.items():
        for name, value in values.items():
            other = scored.metrics[role][name]
            if value.value is None:
                assert name == "multimodality"
                assert other.reason == value.reason
            else:
                assert other.value == pytest.approx(value.value, abs=1e-6)
                assert other.n == value.n


def test_real_motions_are_nearer_than_others(record, stand_in_track):
    real = score_real(stand_in_track, protocol="paper")
    for role in ("forget", "retain"):
        assert real.metrics[role]["fid"].value < record.metrics[role]["fid"].value


@pytest.mark.parametrize("role", ["original", "retrained"])
def test_reference_rows_are_typed(submission, stand_in_track, stand_in_evaluator, role):
    record = hb.score(
        submission,
        stand_in_track,
        evaluator=stand_in_evaluator,
        protocol="paper",
        as_reference=role,
    )
    assert (record.kind, record.role) == ("reference", role)
    assert record.provenance.command.endswith(f"--as-reference {role}")


def test_unknown_names_are_refused_with_the_known_ones(
    submission, stand_in_track, stand_in_evaluator
):
    with pytest.raises(InputError, match="unknown protocol 'hmu-9'; known: paper"):
        hb.score(submission, stand_in_track, protocol="hmu-9", evaluator=stand_in_evaluator)
    with pytest.raises(InputError, match="unknown reference 'ideal'; known: original, retrained"):
        hb.score(submission, stand_in_track, as_reference="ideal", evaluator=stand_in_evaluator)
    with pytest.raises(InputError, match="unknown protocol"):
        score_real(stand_in_track, protocol="x")
    assert PROTOCOLS == ("paper", "guo", "hmu-1")
    assert REFERENCE_ROLES == ("original", "retrained", "real")


@pytest.mark.parametrize(
    ("file", "what"),
    [("weights", "weights"), ("stats/std.npy", "statistics"), ("our_vab_data.npy", "word vectors")],
)
def test_another_evaluator_is_refused(
    submission, stand_in_track, stand_in_evaluator, tmp_path, file, what
):
    folder = Path(shutil.copytree(stand_in_evaluator.folder, tmp_path / "e"))
    if file == "weights":
        from safetensors.numpy import load_file, save_file

        tensors = load_file(folder / "model.safetensors")
        tensors["motion_encoder.hidden"] = tensors["motion_encoder.hidden"] + np.float32(1e-3)
        save_file(tensors, folder / "model.safetensors")
    else:
        path = next(folder.rglob(Path(file).name))
        np.save(path, np.load(path) * 2)
    with pytest.raises(InputError, match=rf"{what}.* sha256 .* use the track's own"):
        hb.score(submission, stand_in_track, evaluator=folder)
    assert load_evaluator(folder, device="cpu").dim == stand_in_evaluator.dim


def test_an_evaluator_that_is_not_at_hand(submission, stand_in_track):
    with pytest.raises(InputError, match=r"evaluator 'evaluator' cannot be loaded.*--evaluator"):
        hb.score(submission, stand_in_track)


def test_what_does_not_answer_the_track_is_refused(stand_in_track, stand_in_evaluator, tmp_path):
    answers = random_answers(stand_in_track, repeats=1)
    names = sorted(answers)
    cases = {
        "missing": (
            {n: answers[n] for n in names[:-2]},
            {},
            r"no motion for repeat 0 \(and 1 more",
        ),
        "nan": ({**answers, names[3]: np.full_like(answers[names[3]], np.nan)}, {}, "not finite"),
        "track": (answers, {"track": "other"}, "the submission is for 'other'"),
        "repeats": (answers, {"repeats": 2}, "no motion for repeat 1"),
    }
    for name, (given, info, word) in cases.items():
        folder = write_submission(tmp_path / name, given, **info)
        with pytest.raises(InputError, match=word):
            hb.score(folder, stand_in_track, evaluator=stand_in_evaluator, protocol="paper")


def test_extreme_but_finite_motions_in_float16(stand_in_track, stand_in_evaluator, tmp_path):
    """They get numbers, and the flag that says how they were stored."""
    loud = {
        name: np.clip(array * 1e3, -6e4, 6e4).astype(np.float16)
        for name, array in random_answers(stand_in_track, 1).items()
    }
    record = hb.score(
        write_submission(tmp_path / "s", loud),
        stand_in_track,
        evaluator=stand_in_evaluator,
        protocol="paper",
    )
    assert ("float16", len(loud)) in [(flag.name, flag.count) for flag in record.flags]
    assert np.isfinite(record.metrics["forget"]["fid"].value)
    json.loads(record.to_json())


class TestCommand:
    def test_score(
        self, record, submission, stand_in_track, stand_in_evaluator, hmu_bench_command, tmp_path
    ):
        out = tmp_path / "records" / "r.json"
        result = hmu_bench_command(
            "score", submission, "--track", stand_in_track.folder, "--protocol", "paper",
            "--evaluator", stand_in_evaluator.folder, "-o", out,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        found = read_record(out)
        assert found.metrics.keys() == record.metrics.keys()
        assert found.metrics["forget"]["fid"].value == pytest.approx(
            record.metrics["forget"]["fid"].value, abs=1e-6
        )
        facts = json.loads(out.with_suffix(".run.json").read_text())
        assert facts["seconds"] > 0
        assert {"platform", "torch", "threads"} <= set(facts)
        assert result.stdout.splitlines()[0].split() == ["metric", "forget", "retain"]
        assert result.stderr.strip() == f"{out} written"

    def test_bad_input(
        self, submission, stand_in_track, stand_in_evaluator, hmu_bench_command, one_line_error,
        tmp_path,
    ):  # fmt: skip
        common = ("--track", stand_in_track.folder, "--evaluator", stand_in_evaluator.folder)
        out = ("-o", tmp_path / "r.json")
        answers = random_answers(stand_in_track, 2)
        name = sorted(answers)[4]
        spoiled = write_submission(
            tmp_path / "spoiled", {**answers, name: answers[name] * np.nan}, repeats=2
        )
        cases = [
            (("score", spoiled, *common, *out), (name, "not finite")),
            (("score", submission, *common, *out, "--protocol", "x"), ("unknown protocol 'x'",)),
            (("score", submission, *common, "-o", tmp_path / "r.txt"), (".json",)),
            (("score", submission, "--real", *common, *out), ("either a submission or --real",)),
        ]
        for arguments, words in cases:
            one_line_error(hmu_bench_command(*arguments), *words)
        assert [p.name for p in tmp_path.iterdir()] == ["spoiled"]
