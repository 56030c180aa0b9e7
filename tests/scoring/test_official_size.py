"""The official evaluator's size, 21.7 million weights and 512 dimensions, from pack to record."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.evaluators.t2m import Sizes, tensor_shapes
from hmu_bench.scoring import score_prompts, score_real_prompts
from hmu_bench.scoring.terms import read_terms, write_terms
from tests.full_track import answers, make_full_track
from tests.stand_ins import make_evaluator, write_submission

FEW = {"forget": 10, "retain": 18, "implicit": 4, "implicit_safe": 4}


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory):
    folder = make_evaluator(tmp_path_factory.mktemp("official") / "evaluator")
    generator = torch.Generator().manual_seed(3)
    tensors = {
        name: 0.03 * torch.randn(shape, generator=generator)
        for name, shape in tensor_shapes(Sizes()).items()
    }
    save_file(tensors, folder / "model.safetensors")
    return load_evaluator(folder, device="cpu")


def test_end_to_end(evaluator, tmp_path):
    """18 motions in 512 dimensions: every number is defined, or null with the reason."""
    track = make_full_track(tmp_path / "full", evaluator, FEW, (16, 8, 8))
    folder = write_submission(
        tmp_path / "s", answers(track, 0.9, repeats=1), name="original", track="full"
    )
    scoring = score_prompts(folder, track, evaluator=evaluator, as_reference="original")
    real = score_real_prompts(track, evaluator=evaluator)
    assert track.reference["forget"].covariance.shape == (512, 512)
    for record in (scoring.record, real.record):
        json.loads(record.to_json())
        for name, found in record.metrics.items():
            for metric in ("fid", "kid") if name in ("forget", "retain") else ():
                assert found[metric].value is not None
            for metric in ("mm_dist", "diversity", "violence_rate", "ncs_1", "auj"):
                assert found[metric].value is not None
            assert "a pool of 32 needs 31" in found["r_precision_1"].reason
    fids = [r.metrics["retain"]["fid"].value for r in (real.record, scoring.record)]
    assert 0 <= fids[0] < fids[1]
    assert scoring.record.detector.auc > 0.9
    path = tmp_path / "original.parquet"
    write_terms(scoring.terms, scoring.record, path)
    assert read_terms(path, scoring.record).prompt_id == [p.prompt_id for p in track.prompts]
