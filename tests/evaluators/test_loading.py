from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.evaluators import loading
from hmu_bench.evaluators.loading import load_evaluator

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXTS = [
    "a/DET person/NOUN kick/VERB",
    "",
    "the/DET man/NOUN walk/VERB forward/ADV and/CCONJ turn/VERB left/ADV",
    " ".join(["walk/VERB"] * 30),
]


def motions_of(lengths, seed=5):
    random = np.random.default_rng(seed)
    return [random.standard_normal((length, 263)).astype(np.float32) for length in lengths]


def close(found, expected, tolerance=1e-6):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.fixture
def folder(tmp_path, small_folder):
    """The small evaluator with statistics and word vectors."""
    target = tmp_path / "evaluator"
    shutil.copytree(small_folder, target)
    random = np.random.default_rng(8)
    (target / "stats").mkdir()
    np.save(target / "stats" / "mean.npy", random.standard_normal(263))
    np.save(target / "stats" / "std.npy", random.uniform(0.5, 2, 263).astype(np.float32))
    (target / "glove").mkdir()
    text = "sos eos unk a the person man walk kick forward turn left and"
    words = text.split()
    np.save(target / "glove/our_vab_data.npy", random.standard_normal((len(words), 300)))
    (target / "glove/our_vab_words.json").write_text(str(words).replace("'", '"'))
    return target


def test_public_name(folder):
    evaluator = hb.load_evaluator(folder)
    assert (evaluator.id, evaluator.dim, evaluator.revision) == ("evaluator", 16, None)
    assert len(evaluator.sha256) == 64
    assert evaluator.embed_texts(TEXTS).shape == (4, 16)


def test_normalisation(folder):
    evaluator = load_evaluator(folder, device="cpu")
    motions = motions_of([40, 60, 196])
    mean = np.load(folder / "stats/mean.npy")
    std = np.load(folder / "stats/std.npy").astype(np.float64)
    by_hand = [(motion - mean) / std for motion in motions]
    found = evaluator.embed_motions(motions)
    assert found.dtype == np.float32
    assert (found == evaluator.embed_motions(by_hand, normalized=True)).all()
    # Zero in normalised space is the mean pose.
    longer = np.concatenate([motions[0], np.repeat(mean[None], 20, axis=0)])
    padded = np.zeros((1, 196, 263), np.float32)
    padded[0, :60] = (longer - mean) / std
    close(evaluator.embed_padded(padded, [40])[0], found[0])


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(4, 196), min_size=1, max_size=12), st.integers(1, 13), st.randoms())
def test_order_and_batch_do_not_matter(small, lengths, batch_size, random):
    motions = motions_of(lengths)
    alone = np.concatenate([small.embed_motions([m], normalized=True) for m in motions])
    order = list(range(len(motions)))
    random.shuffle(order)
    found = small.embed_motions([motions[i] for i in order], normalized=True, batch_size=batch_size)
    # The last bit of float32 at most.
    np.testing.assert_allclose(found, alone[order], rtol=1.3e-7, atol=1e-9)


def test_the_callers_threads_are_left_as_they_were(small):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        small.embed_motions(motions_of([40]), normalized=True)
        with pytest.raises(RuntimeError):
            small.embed_padded(np.zeros((1, 40, 263)), [0])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("pad_to", [80, 83, 85, 88, 120, 195, 196])
def test_padding_that_is_not_computed_would_change_nothing(small, pad_to):
    motions = motions_of(range(60, 81))
    padded = np.zeros((len(motions), pad_to, 263))
    for row, motion in zip(padded, motions, strict=True):
        row[: len(motion)] = motion
    expected = small.embed_padded(padded, [len(motion) for motion in motions])
    found = small.embed_motions(motions, normalized=True, pad_to=pad_to, batch_size=4)
    np.testing.assert_allclose(found, expected, rtol=1.3e-7, atol=1e-9)


def test_texts_in_any_order_and_batch(folder):
    evaluator = load_evaluator(folder, device="cpu")
    texts = (TEXTS * 20)[:70]
    alone = np.concatenate([evaluator.embed_texts([text]) for text in TEXTS])
    expected = np.tile(alone, (18, 1))[:70]
    for batch_size in (1, 7, 32, 100):
        close(evaluator.embed_texts(texts, batch_size=batch_size), expected)
    # The tokens after the 20th are not read.
    close(evaluator.embed_texts([" ".join(["walk/VERB"] * 20)])[0], alone[3])
    assert np.abs(alone[0] - alone[2]).max() > 1e-3


def test_official_word_vectors_give_the_reference_embeddings(
    tmp_path, small_folder, shared, real_oracle
):
    import json

    shutil.copytree(small_folder, tmp_path / "e")
    shutil.copytree(shared / "parity" / "glove_random", tmp_path / "e" / "glove")
    captions = json.loads((shared / "parity/evaluator_small/inputs.json").read_text())["real"]
    texts = [" ".join(c["tokens"][1 : c["tokens"].index("eos/OTHER")]) for c in captions]
    found = load_evaluator(tmp_path / "e").embed_texts(texts)
    close(found, real_oracle.expected["text"], 1e-4)


def test_raw_motions_give_the_reference_embeddings(tmp_path, small_folder, shared, real_oracle):
    """Denormalised features in, normalised by the evaluator's own statistics."""
    meta = np.load(shared / "parity/evaluator_small/eval_meta.npz")
    shutil.copytree(small_folder, tmp_path / "e")
    (tmp_path / "e/stats").mkdir()
    for name in ("mean", "std"):
        np.save(tmp_path / f"e/stats/{name}.npy", meta[name])
    raw = [motion * meta["std"] + meta["mean"] for motion, _ in real_oracle.cut()]
    found = load_evaluator(tmp_path / "e").embed_motions(raw)
    close(found, real_oracle.expected["A_batch_pad196"], 1e-4)


def test_nothing_in_nothing_out(folder):
    evaluator = load_evaluator(folder)
    assert evaluator.embed_motions([]).shape == (0, 16)
    assert evaluator.embed_texts([]).shape == (0, 16)


def test_inputs_are_not_changed_and_may_be_read_only(folder):
    evaluator = load_evaluator(folder)
    motion = motions_of([44])[0]
    motion.setflags(write=False)
    first = evaluator.embed_motions([motion])
    assert (evaluator.embed_motions([motion]) == first).all()
    half = evaluator.embed_motions([motion.astype(np.float16)])
    close(half, first, 0.05)


@pytest.mark.parametrize("missing", ["stats/mean.npy", "stats/std.npy", "glove/our_vab_data.npy"])
def test_what_is_missing_fails_when_it_is_needed(folder, missing):
    (folder / missing).unlink()
    evaluator = load_evaluator(folder)
    motions = motions_of([40])
    evaluator.embed_motions(motions, normalized=True)
    if missing.startswith("stats"):
        evaluator.embed_texts(TEXTS)
        with pytest.raises(InputError, match=f"{missing}.*missing.*normalise"):
            evaluator.embed_motions(motions)
    else:
        evaluator.embed_motions(motions)
        with pytest.raises(InputError, match=f"{missing}.*missing.*captions"):
            evaluator.embed_texts(TEXTS)


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("stats/mean.npy", np.zeros(259), r"not \(263,\)"),
        ("stats/std.npy", np.zeros(263), "smaller than"),
        ("stats/std.npy", -np.ones(263), "smaller than"),
        ("stats/std.npy", np.full(263, 1e10), "larger than"),
        ("stats/mean.npy", np.full(263, -1e10), "larger than"),
        ("stats/mean.npy", np.full(263, np.nan), "NaN"),
        ("glove/our_vab_data.npy", np.zeros((13, 50)), "50 numbers, not 300"),
    ],
)
def test_files_that_do_not_fit(folder, name, array, words):
    np.save(folder / name, array)
    evaluator = load_evaluator(folder)
    with pytest.raises(InputError, match=words) as caught:
        evaluator.embed_motions(motions_of([40])) if "stats" in name else evaluator.embed_texts(
            TEXTS
        )
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (np.zeros((40, 262)), "shape"),
        (np.zeros(263), "shape"),
        (np.zeros((40, 263), np.int64), "int64"),
        (np.zeros((3, 263)), "3 frames"),
        (np.zeros((0, 263)), "0 frames"),
        (np.zeros((197, 263)), "197 frames"),
        (np.full((40, 263), np.nan), "NaN"),
        (np.full((40, 263), np.inf), "NaN or infinity"),
    ],
)
def test_bad_motions_are_named(small, motion, words):
    with pytest.raises(InputError, match=words) as caught:
        small.embed_motions([*motions_of([40]), motion], normalized=True)
    assert "motion 1" in str(caught.value)


def test_bad_texts_are_named_by_their_place_in_the_whole_list(folder):
    with pytest.raises(InputError, match="text 40: 'oops'"):
        load_evaluator(folder).embed_texts([*TEXTS * 10, "a/DET oops"])


@pytest.mark.parametrize("size", [0, -1])
def test_batch_size(folder, size):
    evaluator = load_evaluator(folder)
    with pytest.raises(InputError, match="not positive"):
        evaluator.embed_motions(motions_of([40]), batch_size=size)
    with pytest.raises(InputError, match="not positive"):
        evaluator.embed_texts(TEXTS, batch_size=size)


def test_unknown_number_of_parts_of_speech(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors["text_encoder.pos_emb.weight"] = torch.zeros(300, 17)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match="17 parts of speech"):
        load_evaluator(folder).embed_texts(TEXTS)


# --- where an evaluator comes from --------------------------------------------------------------


def test_wrong_places(tmp_path, folder):
    cases = [
        ((tmp_path / "nowhere",), "does not exist"),
        (("nowhere",), "does not exist"),
        ((folder / "model.safetensors",), "is a file"),
        ((str(tmp_path),), "neither model"),
    ]
    for arguments, words in cases:
        with pytest.raises(InputError, match=words):
            load_evaluator(*arguments)
    with pytest.raises(InputError, match="Hub ids only"):
        load_evaluator(folder, revision=COMMIT)
    with pytest.raises(InputError, match="'warp'"):
        load_evaluator(folder, device="warp")


def test_errors_of_weights_name_the_file(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors.pop("motion_encoder.hidden")
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors \[motion_encoder\.hidden\]"):
        load_evaluator(folder)


@pytest.mark.parametrize("revision", [None, "main", "v1", "0123456"])
def test_a_hub_id_needs_a_commit(revision):
    with pytest.raises(InputError, match="full commit hash"):
        load_evaluator("someone/evaluator", revision=revision)


def test_the_hub_gives_only_what_is_needed(folder, monkeypatch):
    import huggingface_hub

    asked = {}

    def snapshot(repository, **options):
        asked.update(options, repository=repository)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    evaluator = load_evaluator("someone/evaluator", revision=COMMIT)
    assert (evaluator.id, evaluator.revision) == ("someone/evaluator", COMMIT)
    assert asked["repository"] == "someone/evaluator"
    assert asked["revision"] == COMMIT
    assert set(asked["allow_patterns"]) == {
        "model.safetensors", "finest.tar", "stats/mean.npy", "stats/std.npy", "glove/our_vab*",
    }  # fmt: skip


def test_a_folder_is_taken_before_the_hub(folder, tmp_path, monkeypatch):
    (tmp_path / "someone").mkdir()
    shutil.move(folder, tmp_path / "someone" / "evaluator")
    monkeypatch.chdir(tmp_path)
    assert load_evaluator("someone/evaluator").id == "evaluator"


OFFLINE = """
import sys
from hmu_bench.errors import InputError
from hmu_bench.evaluators.loading import load_evaluator
try:
    print(load_evaluator(sys.argv[1], revision=sys.argv[2]).sha256)
except InputError as error:
    print("InputError", error)
"""


def test_offline_the_cache_is_used_and_nothing_else(folder, tmp_path):
    """With the real huggingface_hub, offline: from its cache, or one line of error."""
    snapshot = tmp_path / "hub" / "models--someone--evaluator" / "snapshots" / COMMIT
    shutil.copytree(folder, snapshot)
    environment = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path / "hub"), "PATH": ""}

    def load(name):
        result = subprocess.run(
            [sys.executable, "-c", OFFLINE, name, COMMIT],
            capture_output=True, text=True, env=environment, check=True,
            cwd=loading.__file__.split("hmu_bench")[0],
        )  # fmt: skip
        return result.stdout.strip()

    assert load("someone/evaluator") == load_evaluator(folder).sha256
    error = load("someone/other")
    assert error.startswith("InputError the evaluator 'someone/other'")
    assert "\n" not in error
