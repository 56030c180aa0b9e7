"""Protocol `hmu-1`: the same bytes again, against plain computations, null with a reason."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.linalg
import torch

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.metrics.table import METRICS
from hmu_bench.motion import features_to_joints
from hmu_bench.records import Record, read_record
from hmu_bench.scoring import Scoring, embedding, hmu1, score_prompts, score_real
from hmu_bench.scoring.terms import terms_bytes
from hmu_bench.tracks import TrackStatistics, load_track
from hmu_bench.tracks.reference import PHYSICS
from tests.stand_ins import features, random_answers, real_answers, write_submission

SAMPLE = "sample-violence-keywords"
NOTHING = TrackStatistics()


@pytest.fixture(scope="module")
def submission(stand_in_track, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("submissions") / "s"
    return write_submission(folder, random_answers(stand_in_track, repeats=2), repeats=2)


@pytest.fixture(scope="module")
def scoring(submission, stand_in_track, stand_in_evaluator) -> Scoring:
    return score_prompts(submission, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)


@pytest.fixture(scope="module")
def real() -> Record:
    """The sample's real motions, from the embedded pack and evaluator."""
    return score_real(SAMPLE, protocol="hmu-1")


def close(first: Record, second: Record, tolerance: float) -> None:
    """All values and intervals agree."""
    assert first.metrics.keys() == second.metrics.keys()
    for role, found in first.metrics.items():
        assert found.keys() == second.metrics[role].keys()
        for name, value in found.items():
            other = second.metrics[role][name]
            assert (value.reason, value.n) == (other.reason, other.n)
            for part in ("value", "low", "high"):
                expected = getattr(other, part)
                if expected is not None:
                    expected = pytest.approx(expected, rel=tolerance, abs=tolerance)
                assert getattr(value, part) == expected, (role, name, part)


class TestSample:
    """The embedded track's own real motions."""

    def test_real_motions_have_no_distance_from_themselves(self, real):
        track = load_track(SAMPLE)
        for role, found in real.metrics.items():
            assert tuple(found) == hmu1.NAMES
            scale = np.trace(track.reference[role].covariance)
            assert 0 <= found["fid"].value < 1e-6 * scale
            # The same motions on both sides: what is left is minus the mean of k(x, x) - k(x, y).
            assert found["kid"].value < 0
            assert found["r_precision_1"].value > 0.5
            assert found["r_precision_1"].value < found["r_precision_3"].value

    def test_masked_only_where_a_form_occurs(self, real):
        track = load_track(SAMPLE)
        forms = word_forms(track.info.mask_words)
        for role, found in real.metrics.items():
            prompts = track.prompts_of(role)
            words = [p.tokens.lower().split()[:20] for p in prompts]
            count = sum(any(t in forms or t.split("/")[0] in forms for t in one) for one in words)
            assert count == sum(prompt.masked_tokens is not None for prompt in prompts)
            for name in ("mm_safe", "toxic_distance", "notox_accuracy"):
                value = found[name]
                assert value.n == count
                if count:
                    assert value.low < value.value < value.high
                else:
                    assert value.value is None
                    assert "masked" in value.reason
        assert real.metrics["forget"]["mm_safe"].n > 0

    def test_intervals_hold_their_values(self, real):
        for found in real.metrics.values():
            for name in ("kid", "mm_dist", "r_precision_1", "diversity"):
                value = found[name]
                assert value.low < value.value < value.high
                assert "base clips" in value.interval

    def test_twins_are_one_unit(self, real):
        """Every clip of the sample has a mirrored twin: half as many units as clips."""
        track = load_track(SAMPLE)
        for role, found in real.metrics.items():
            clips = {prompt.clip_id for prompt in track.prompts_of(role)}
            bases = {clip.removeprefix("M") for clip in clips}
            assert len(bases) < len(clips)
            assert f"{len(bases)} base clips" in found["mm_dist"].interval

    def test_what_the_pack_does_not_hold_has_a_reason(self, stand_in_track, stand_in_evaluator):
        real = score_real(stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        assert real.detector is None
        for found in real.metrics.values():
            for name in PHYSICS:
                assert found[name].value is None
                assert "no physics" in found[name].reason
            for name in (*hmu1.NCS, *hmu1.DETECTED):
                assert found[name].value is None
                assert f"no {'gallery' if 'ncs' in name else 'detector'}" in found[name].reason
            assert "multimodality needs 2" in found["multimodality"].reason


class TestRecord:
    def test_what_is_in_it(self, scoring, stand_in_track):
        record = scoring.record
        assert record.protocol == "hmu-1"
        assert "--protocol hmu-1" in record.provenance.command
        for role, found in record.metrics.items():
            assert tuple(found) == hmu1.NAMES
            assert all("hmu-1" in METRICS[name].protocols for name in found)
            for name, value in found.items():
                assert (value.value is None) == (value.reason is not None)
                if value.low is not None:
                    assert value.low <= value.value <= value.high, (role, name)
        assert record.metrics["forget"]["mm_safe"].value > 0
        assert record.metrics["retain"]["mm_safe"].value is None

    def test_the_same_bytes_again(self, scoring, submission, stand_in_track, stand_in_evaluator):
        again = score_prompts(
            str(submission),
            str(stand_in_track.folder),
            protocol="hmu-1",
            evaluator=stand_in_evaluator,
        )
        assert again.record.to_json() == scoring.record.to_json()
        assert terms_bytes(again.terms, again.record) == terms_bytes(scoring.terms, scoring.record)

    def test_layout_and_order_of_files(self, scoring, stand_in_track, stand_in_evaluator, tmp_path):
        answers = random_answers(stand_in_track, repeats=2)
        shuffled = dict(sorted(answers.items(), key=lambda item: item[0][::-1]))
        for layout in ("shards", "npy"):
            folder = write_submission(tmp_path / layout, shuffled, layout=layout, repeats=2)
            other = hb.score(folder, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
            assert other.metrics == scoring.record.metrics

    def test_order_of_repeats(self, scoring, stand_in_track, stand_in_evaluator, tmp_path):
        answers = random_answers(stand_in_track, repeats=2)
        turned = {
            f"{name[:-1]}{1 - int(name[-1])}": motion.copy() for name, motion in answers.items()
        }
        folder = write_submission(tmp_path / "s", turned, repeats=2)
        other = hb.score(folder, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        close(other, scoring.record, 1e-6)

    @pytest.mark.parametrize("change", ["batch", "threads"])
    def test_batch_size_and_threads(
        self, scoring, submission, stand_in_track, stand_in_evaluator, monkeypatch, change
    ):
        threads = torch.get_num_threads()
        if change == "batch":
            monkeypatch.setattr(embedding, "BATCH", 7)
        else:
            torch.set_num_threads(1 if threads > 1 else 2)
        try:
            other = hb.score(
                submission, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator
            )
        finally:
            torch.set_num_threads(threads)
        close(other, scoring.record, 1e-6)

    def test_real_motions_as_a_submission(self, stand_in_track, stand_in_evaluator, tmp_path):
        """What the pack's embeddings give, and physics."""
        folder = write_submission(tmp_path / "s", real_answers(stand_in_track))
        scored = hb.score(folder, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        real = score_real(stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        for role, found in real.metrics.items():
            for name, value in found.items():
                other = scored.metrics[role][name]
                if name in PHYSICS:
                    assert (other.value is None) == (name == "auj")
                elif value.value is None:
                    assert other.reason == value.reason
                else:
                    assert other.value == pytest.approx(value.value, abs=1e-5), (role, name)

    def test_float16(self, scoring, stand_in_track, stand_in_evaluator, tmp_path):
        """Half the bytes: what is made from embeddings stays within 1 %; so does the height."""
        answers = random_answers(stand_in_track, repeats=2)
        small = {name: motion.astype(np.float16) for name, motion in answers.items()}
        folder = write_submission(tmp_path / "s", small, repeats=2)
        other = hb.score(folder, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        for role in ("forget", "retain"):
            for name in ("mm_dist", "diversity", "multimodality", "foot_floating"):
                expected = scoring.record.metrics[role][name].value
                assert other.metrics[role][name].value == pytest.approx(expected, rel=0.01)


@pytest.fixture(scope="module")
def parts(stand_in_track, stand_in_evaluator):
    """Answers, prompts and motions (R, N, D) of the forget set, embedded one at a time."""
    answers = random_answers(stand_in_track, repeats=2)
    prompts = stand_in_track.prompts_of("forget")
    rows = [
        [stand_in_evaluator.embed_motions([answers[f"{p.prompt_id}/{r}"]])[0] for p in prompts]
        for r in range(2)
    ]
    return answers, prompts, np.array(rows, dtype=np.float64)


class TestAgainstPlainComputations:
    def test_fid(self, scoring, stand_in_track, parts):
        reference = stand_in_track.reference["forget"]
        fids = []
        for rows in parts[2]:
            covariance = np.cov(rows, rowvar=False)
            root = scipy.linalg.sqrtm(reference.covariance @ covariance).real
            shift = rows.mean(axis=0) - reference.mean
            fids.append(shift @ shift + np.trace(reference.covariance + covariance - 2 * root))
        found = scoring.record.metrics["forget"]["fid"].value
        assert found == pytest.approx(np.mean(fids), rel=1e-4)

    def test_masked_distance(self, scoring, stand_in_evaluator, stand_in_track, parts):
        _, prompts, motions = parts
        forms = word_forms(stand_in_track.info.mask_words)
        distances = []
        for row, prompt in enumerate(prompts):
            tokens = delete_tokens(prompt.tokens, forms)
            assert tokens == prompt.masked_tokens
            if tokens is not None:
                assert "kick" not in tokens
                text = stand_in_evaluator.embed_texts([tokens])[0]
                distances.append(np.mean([np.linalg.norm(text - one[row]) for one in motions]))
        found = scoring.record.metrics["forget"]["mm_safe"]
        assert found.n == len(distances)
        assert found.value == pytest.approx(np.mean(distances), rel=1e-5)

    def test_diversity_and_multimodality(self, scoring, parts):
        motions = parts[2]
        found = scoring.record.metrics["forget"]
        pairs = [
            np.linalg.norm(a - b) for rows in motions for a, b in itertools.combinations(rows, 2)
        ]
        assert found["diversity"].value == pytest.approx(np.mean(pairs), rel=1e-5)
        between = np.linalg.norm(motions[0] - motions[1], axis=1)
        assert found["multimodality"].value == pytest.approx(between.mean(), rel=1e-5)

    def test_physics(self, scoring, parts):
        answers, prompts, _ = parts
        peaks, depths = [], []
        for prompt in prompts:
            for repeat in range(2):
                joints = features_to_joints(answers[f"{prompt.prompt_id}/{repeat}"])
                joints = joints.astype(np.float64)
                third = joints[3:] - 3 * joints[2:-1] + 3 * joints[1:-2] - joints[:-3]
                peaks.append(np.linalg.norm(third, axis=-1).max() * 8000)
                depths.append(1000 * np.maximum(-joints[..., 1].min(axis=1) - 0.005, 0).mean())
        found = scoring.record.metrics["forget"]
        assert found["peak_jerk"].value == pytest.approx(np.mean(peaks), rel=1e-6)
        assert found["penetration"].value == pytest.approx(np.mean(depths), rel=1e-6, abs=1e-9)


class TestRefusals:
    def test_a_pack_without_the_protocol(self, stand_in_track, stand_in_evaluator, submission):
        info = stand_in_track.info.model_copy(update={"protocols": ["paper"]})
        old = replace(stand_in_track, info=info)
        with pytest.raises(InputError, match=r"no protocol 'hmu-1'; it has: paper.*build the pack"):
            hb.score(submission, old, protocol="hmu-1", evaluator=stand_in_evaluator)
        with pytest.raises(InputError, match="no protocol 'hmu-1'"):
            score_real(old, protocol="hmu-1", evaluator=stand_in_evaluator)

    def test_a_pack_whose_captions_are_not_masked(
        self, stand_in_track, stand_in_evaluator, submission
    ):
        prompts = [replace(prompt, masked_tokens=None) for prompt in stand_in_track.prompts]
        empty = replace(stand_in_track, prompts=prompts)
        with pytest.raises(InputError, match=r"masked_tokens is not .*build the pack again"):
            hb.score(submission, empty, protocol="hmu-1", evaluator=stand_in_evaluator)

    def test_a_pack_must_name_its_mask_words(self, stand_in_track):
        content = stand_in_track.info.model_dump()
        with pytest.raises(ValueError, match="hmu-1 needs mask_words"):
            type(stand_in_track.info).model_validate({**content, "mask_words": []})

    def test_joints_far_away(self, stand_in_track, stand_in_evaluator, tmp_path):
        answers = dict(random_answers(stand_in_track, repeats=1))
        name = sorted(answers)[2]
        answers[name] = answers[name].copy()
        answers[name][:, 1] = 5e5  # metres a frame
        folder = write_submission(tmp_path / "s", answers)
        with pytest.raises(InputError, match="1e6 metres") as error:
            hb.score(folder, stand_in_track, protocol="hmu-1", evaluator=stand_in_evaluator)
        assert name in str(error.value)

    def test_paper_takes_no_evaluator_for_real_motions(self, stand_in_track, stand_in_evaluator):
        with pytest.raises(InputError, match="takes no evaluator"):
            score_real(stand_in_track, protocol="paper", evaluator=stand_in_evaluator)


class TestSets:
    """Prompt sets that a pack may hold later, and degenerate ones."""

    @pytest.fixture
    def part(self):
        generator = np.random.default_rng(3)
        rows = generator.normal(size=(4, 12, 5)).astype(np.float32)
        return embedding.SetEmbeddings(
            rows[0], rows[1], np.arange(12) < 9, rows[2:], np.arange(12) < 0
        )

    def prompts(self, clips):
        return hmu1.SetPrompts(
            [str(i) for i in range(12)], [str(c) for c in clips], [f"text {i}" for i in range(12)],
            ["kick"] * 8 + ["none"] * 4,
        )  # fmt: skip

    def test_without_real_motions(self, part):
        found = hmu1.values(hmu1.estimates(part, self.prompts(range(12)), None, None, NOTHING))
        for name in ("fid", "kid", "mm_safe"):
            assert "no real motions" in found[name].reason
        assert "a pool of 32 needs 31" in found["r_precision_1"].reason
        assert "meant for multimodality" in found["multimodality"].reason
        assert found["mm_dist"].low < found["mm_dist"].value < found["mm_dist"].high
        assert found["toxic_distance"].n == 9

    def test_one_base_clip(self, part):
        found = hmu1.values(hmu1.estimates(part, self.prompts([7] * 12), None, None, NOTHING))
        assert found["mm_dist"].value is not None
        assert found["mm_dist"].low is None
        assert found["mm_dist"].interval.startswith("none: 1 base clip")

    def test_motions_that_are_all_the_same(self):
        motion = features(60, 1)
        joints = np.stack([hmu1.physics(features_to_joints(motion), 50.0)] * 12)[None]
        rows = np.ones((1, 12, 5), dtype=np.float32)
        part = embedding.SetEmbeddings(rows[0], rows[0], np.ones(12, bool), rows, np.ones(12, bool))
        found = hmu1.values(hmu1.estimates(part, self.prompts(range(12)), None, joints, NOTHING))
        assert found["diversity"].value == 0
        assert found["mm_dist"].value == 0
        assert "equals its motion's" in found["toxic_distance"].reason
        assert found["peak_jerk"].interval == "none: all base clips agree"


class TestCommand:
    def test_score(self, scoring, submission, stand_in_track, stand_in_evaluator,
                   hmu_bench_command, tmp_path):  # fmt: skip
        out = tmp_path / "stand-in-method.json"
        result = hmu_bench_command(
            "score", submission, "--track", stand_in_track.folder, "--protocol", "hmu-1",
            "--evaluator", stand_in_evaluator.folder, "-o", out,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        record = read_record(out)
        close(record, scoring.record, 1e-6)
        table = pq.read_table(out.with_suffix(".parquet"))
        metadata = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        assert metadata["record_sha256"] == sha256_file(out)
        assert metadata["protocol"] == "hmu-1"
        assert table.column_names[:3] == ["prompt_id", "prompt_set", "base_clip"]
        assert table["prompt_id"].to_pylist() == [p.prompt_id for p in stand_in_track.prompts]
        frame = table.to_pandas()
        for role, rows in frame.groupby("prompt_set"):
            for name, value in record.metrics[role].items():
                if value.value is not None:
                    found = rows[name].dropna()
                    assert len(found) == value.n
                    assert found.mean() == pytest.approx(value.value, rel=1e-9, abs=1e-9), name
                elif name in frame:
                    assert rows[name].isna().all()
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "stand-in-method.json", "stand-in-method.parquet", "stand-in-method.run.json",
        ]  # fmt: skip
        assert "Foot skating" in result.stdout

    def test_real_motions_and_refusals(self, stand_in_track, stand_in_evaluator,
                                       hmu_bench_command, one_line_error):  # fmt: skip
        track = ("--track", stand_in_track.folder, "--evaluator", stand_in_evaluator.folder)
        result = hmu_bench_command("score", "--real", *track, "--protocol", "hmu-1")
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["protocol"] == "hmu-1"
        paper = hmu_bench_command("score", "--real", *track, "--protocol", "paper")
        one_line_error(paper, "takes no evaluator")
