from __future__ import annotations

import json

import pytest
import torch

import hmu_bench.sample
from builders import sample_evaluator
from builders._evaluator_training import Options
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.evaluators.t2m import Sizes
from hmu_bench.files import sha256_file
from hmu_bench.sample.catalogue import FROZEN

SIZES = Sizes(movement_hidden=16, movement=12, motion_hidden=16, text_hidden=16, embedding=12)


@pytest.fixture
def few_clips(monkeypatch):
    """The first clips of each split, and a training of a second."""
    wanted = {"train": 80, "val": 45, "test": 70}
    all_clips = hmu_bench.sample.clips

    def clips(split=None, *, twins=True):
        chosen = [c for name, n in wanted.items() for c in all_clips(name, twins=False)[:n]]
        return [c for c in chosen if split in (None, c.split)]

    def options(seed, epochs):
        return Options(
            sizes=SIZES,
            seed=seed,
            epochs=epochs,
            autoencoder_steps=2,
            nce_weight=1.0,
            check_every=1,
        )

    monkeypatch.setattr(hmu_bench.sample, "clips", clips)
    monkeypatch.setattr(sample_evaluator, "sample_options", options)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_it_writes_an_evaluator_and_what_was_measured(few_clips, tmp_path, capsys):
    sample_evaluator.run(tmp_path / "e", seed=3, epochs=2)
    evaluator = load_evaluator(tmp_path / "e", device="cpu")
    quality = json.loads((tmp_path / "e" / "quality.json").read_text())
    assert quality["evaluator_sha256"] == evaluator.sha256
    assert quality["clips_sha256"] == sha256_file(FROZEN)
    assert quality["training"]["seed"] == 3
    assert quality["training"]["motions"] >= 80
    assert quality["parameters"] == sum(p.numel() for p in evaluator.network.parameters())
    assert quality["weight_bytes"] == (tmp_path / "e" / "model.safetensors").stat().st_size
    test = quality["test"]
    assert test["motions"] == 70
    assert 0 < test["violent"] < 70
    assert test["retrieval"].keys() >= {"r_precision_1", "r_precision_2", "r_precision_3"}
    assert test["retrieval_within_action"]["chance"] == 0.25
    assert 0 <= test["violent_vs_safe"]["auc"] <= 1
    assert [entry["epoch"] for entry in quality["history"]] == [1, 2]
    # Two epochs on 80 clips are not enough, and it says so.
    said = capsys.readouterr()
    assert f"R@3 {test['retrieval']['r_precision_3']:.3f}" in said.out
    assert "NOT good enough to ship" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["e"]


def test_nothing_is_left_when_it_breaks(few_clips, tmp_path, monkeypatch):
    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sample_evaluator, "measure", broken)
    with pytest.raises(KeyboardInterrupt):
        sample_evaluator.run(tmp_path / "e", seed=3, epochs=1)
    assert list(tmp_path.iterdir()) == []


def test_bad_options_are_one_line(builders_command, one_line_error, tmp_path):
    result = builders_command("sample-evaluator", "--out", tmp_path / "e", "--epochs", "0")
    one_line_error(result, "--epochs")
    assert not (tmp_path / "e").exists()
