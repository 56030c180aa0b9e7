from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from builders import _evaluator_training, evaluator
from builders._evaluator_checkpoints import FILE, Checkpoints
from builders._evaluator_data import Pairs
from builders._evaluator_files import save_evaluator
from builders._evaluator_training import Options, train
from builders._real_motions import RealMotions
from builders._real_pairs import LazyMotions, read_pairs
from builders._word_vectors import small_word_vectors
from hmu_bench import load_evaluator
from hmu_bench.datasets import split as split_captions
from hmu_bench.errors import InputError
from hmu_bench.evaluators.t2m import Sizes
from hmu_bench.terminal import Interrupted
from hmu_bench.tracks.prompts import Segment

TINY = Sizes(movement_hidden=12, movement=8, motion_hidden=12, text_hidden=12, embedding=8)
ACTIONS = ["walks", "kicks", "waves", "jumps"]
COUNTS = {"train": 40, "val": 36, "test": 34}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A dataset of made-up captions, and made-up motions of its clips."""
    root = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(5)
    for folder in ("texts", "motions", "lists"):
        (root / folder).mkdir()
    number = 0
    for name, count in COUNTS.items():
        ids = []
        for _ in range(count):
            clip = f"{number:06d}"
            ids.append(clip)
            action = ACTIONS[number % 4]
            tokens = f"a/DET person/NOUN {action}/VERB number/NOUN {clip}/NUM"
            lines = [f"a person {action} number {clip}#{tokens}#0.0#0.0"]
            if number % 5 == 0:  # a part, long enough or not
                end = "3.0" if number % 2 else "1.0"
                lines.append(f"a person {action} first#a/DET person/NOUN {action}/VERB#0.0#{end}")
            (root / "texts" / f"{clip}.txt").write_text("\n".join(lines) + "\n")
            wave = np.sin(np.arange(60 + number % 7) * (1 + number % 4) / 3)[:, None]
            motion = wave + 0.1 * random.standard_normal((len(wave), 263))
            if number != 3:
                np.save(root / "motions" / f"{clip}.npy", motion.astype(np.float32))
            number += 1
        (root / "lists" / f"{name}.txt").write_text("\n".join(ids) + "\n")
    split_captions(
        root / "texts",
        format="humanml3d",
        name="mine",
        rule="keywords",
        splits=root / "lists",
        out=root / "out",
    )
    return root


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(
        evaluator,
        "_options",
        lambda size, **given: Options(sizes=TINY, window=16, check_every=1, **given),
    )


def arguments(data, out, **changes):
    given = {
        "dataset": data / "out",
        "source": "mine",
        "motions": data / "motions",
        "out": out,
        "word_dim": 16,
        "autoencoder_steps": 4,
        "epochs": 3,
        "batch_size": 16,
        "device": "cpu",
        "word_vectors": None,
        "size": "small",
        "seed": 2,
        "learning_rate": 1e-3,
        "margin_weight": 1.0,
        "nce_weight": 0.0,
        "temperature": 5.0,
        "tune_movement": False,
        "threads": 1,
        "cache_gib": 0.0,
        "fresh": False,
    }
    return given | changes


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_pairs_are_whole_clips_and_long_parts(data):
    parts = read_pairs(data / "out", "mine", data / "motions", 1 << 20)
    training = parts["train"]
    assert training.missing == 1  # clip 000003
    # 8 of the 40 have a part: those of 1 second (even numbers) are too short.
    assert training.short == 4
    assert len(training.pairs) == 39 + 4
    assert len(training.whole_base_clips()) == 39
    assert {len(m) for m in training.pairs.motions} >= {60}
    assert [len(part.pairs) for part in parts.values()][1:] == [
        len(parts["validation"].pairs),
        len(parts["test"].pairs),
    ]
    again = read_pairs(data / "out", "mine", data / "motions", 0)
    assert again["train"].sha256 == training.sha256 != parts["test"].sha256


@pytest.mark.parametrize("limit", [0, 70_000, 1 << 30])
def test_lazy_motions_are_the_files(data, limit):
    folder = data / "motions"
    paths = {p.stem: p for p in folder.iterdir()}
    segments = [Segment(name, 4, 44) for name in sorted(paths)[:6]]
    lazy = LazyMotions(RealMotions(folder, paths=paths), segments, limit)
    for _ in range(2):
        for segment, motion in zip(segments, lazy, strict=True):
            expected = np.load(paths[segment.clip_id])[4:44]
            np.testing.assert_array_equal(motion, expected)
    assert lazy._size <= max(limit, 0)
    np.testing.assert_array_equal(lazy[1:3][0], lazy[1])


def test_an_evaluator_is_trained_measured_and_loads(tiny, data, tmp_path, capsys):
    evaluator.run(**arguments(data, tmp_path / "e"))
    quality = json.loads((tmp_path / "e" / "quality.json").read_text())
    loaded = load_evaluator(tmp_path / "e", device="cpu")
    assert quality["evaluator_sha256"] == loaded.sha256
    assert quality["test"]["motions"] == 34
    assert 0 <= quality["test"]["r_precision_1"] <= quality["test"]["r_precision_3"] <= 1
    assert quality["training"]["seed"] == 2
    assert len(quality["history"]) == 3
    assert not (tmp_path / "e.training").exists()
    told = capsys.readouterr().err
    assert "train: 1 clips have no motion file" in told
    assert "shorter than 40 frames" in told


@pytest.mark.parametrize("place", ["autoencoder", "epoch 1", "epoch 2"])
def test_interrupted_it_goes_on_to_the_same_bytes(tiny, data, tmp_path, monkeypatch, capsys, place):
    monkeypatch.setattr(Checkpoints, "every", 2)
    evaluator.run(**arguments(data, tmp_path / "whole"))
    original = _evaluator_training.train

    def stopped(pairs, validation, vectors, options, report, checkpoints):
        checkpoints.every = 2

        def stop(line):
            report(line)
            if place in line:
                raise KeyboardInterrupt

        return original(pairs, validation, vectors, options, stop, checkpoints)

    with monkeypatch.context() as patched:
        patched.setattr(_evaluator_training, "train", stopped)
        with pytest.raises(Interrupted, match="same command again"):
            evaluator.run(**arguments(data, tmp_path / "cut"))
    assert not (tmp_path / "cut").exists()
    capsys.readouterr()
    evaluator.run(**arguments(data, tmp_path / "cut"))
    assert "going on from" in capsys.readouterr().err
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_a_checkpoint_of_other_options_is_refused_and_fresh_starts_anew(tiny, data, tmp_path):
    out = tmp_path / "e"
    kept = Checkpoints(tmp_path / "e.training", "another")
    kept.save("movement", 1, {}, np.random.default_rng(0))
    with pytest.raises(InputError, match="another training"):
        evaluator.run(**arguments(data, out))
    assert not out.exists()
    evaluator.run(**arguments(data, out, fresh=True))
    assert (out / "model.safetensors").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", b"cposix\nsystem\n(S'true'\ntR."])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        Checkpoints(tmp_path, "key").read()


CHANGED = {
    "stage": "another",
    "parts": {},
    "numpy": {"bit_generator": "MT19937"},
    "torch": torch.zeros(3),
    "done": -7,
    "extra": 3,
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_checkpoint_that_was_changed_by_hand_is_refused(tmp_path, name):
    """Its key is right, so it was not another training that wrote it."""
    kept = Checkpoints(tmp_path, "key")
    parts = {"network": torch.nn.Linear(2, 2)}
    random = np.random.default_rng(0)
    kept.save("movement", 3, parts, random, {"a": 1})
    assert kept.restore("movement", parts, random) == (3, {"a": 1})
    for change in ({name: CHANGED[name]}, {name: None}):
        state = torch.load(tmp_path / FILE, weights_only=True) | change
        torch.save(state, tmp_path / FILE)
        with pytest.raises(InputError, match="does not hold what a checkpoint holds"):
            kept.restore("movement", parts, random)


def test_a_checkpoint_with_the_key_alone_is_refused(tmp_path):
    torch.save({"key": "key"}, tmp_path / FILE)
    with pytest.raises(InputError, match=r"\[cuda\]: does not hold what a checkpoint holds"):
        Checkpoints(tmp_path, "key").read()


def test_bad_input_is_one_line(data, tmp_path, builders_command, one_line_error):
    base = ["evaluator", "--source", "mine", "--out", str(tmp_path / "e"), "--epochs", "1"]
    there = ["--dataset", str(data / "out"), "--motions", str(data / "motions")]
    for extra, text in (
        (["--dataset", str(tmp_path), "--motions", str(data / "motions")], ""),
        (
            ["--dataset", str(data / "out"), "--motions", str(tmp_path / "none")],
            "the folder of motions",
        ),
        ([*there, "--size", "huge"], "unknown size"),
        ([*there, "--size", "small", "--device", "tpu"], "known: auto, cpu, cuda"),
    ):
        one_line_error(builders_command(*base, *extra), text)
        assert not (tmp_path / "e").exists()


def test_without_checkpoints_the_numbers_are_the_same(tmp_path):
    random = np.random.default_rng(0)
    motions = [random.standard_normal((48, 263)).astype(np.float32) for _ in range(40)]
    texts = [[f"a/DET person/NOUN {ACTIONS[n % 4]}/VERB {n}/NUM"] for n in range(40)]
    pairs = Pairs(motions, texts)
    vectors = small_word_vectors([t for one in texts for t in one], 8)
    options = Options(sizes=TINY, window=16, autoencoder_steps=2, epochs=1, batch_size=16)
    for name, kept in (("a", None), ("b", Checkpoints(tmp_path / "kept", "k"))):
        trained = train(pairs, pairs, vectors, options, checkpoints=kept)
        save_evaluator(tmp_path / name, trained, vectors)
    assert files(tmp_path / "a") == files(tmp_path / "b")
