"""The paper's evaluation from tokens: masking, evaluator with random weights, metrics.

Motion embeddings are the recorded ones (the oracle has no motions), text embeddings are made here.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.metrics.paper import Draws, mask_caption, mask_tokens, paper_metrics

RECORDED = {
    "fid": "fid",
    "mm_dist": "MM-Dist",
    "mm_safe": "MM-Safe",
    "toxic_distance": "toxic_distance",
    "notox_accuracy": "notox_accuracy",
    "r_precision_1": "R_precision_1",
    "r_precision_2": "R_precision_2",
    "r_precision_3": "R_precision_3",
    "diversity": "diversity",
}


@pytest.fixture(scope="module")
def evaluator(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluator")
    parity = shared / "parity"
    shutil.copy(parity / "evaluator_small" / "model.safetensors", folder)
    (folder / "glove").mkdir()
    for name in ("our_vab.json", "our_vab_data.npy"):
        shutil.copy(parity / "glove_random" / name, folder / "glove")
    return load_evaluator(folder, device="cpu")


def captions_of(batch, lengths):
    """The tokens between `sos` and `eos`."""
    return [
        " ".join(text.split(" ")[1 : length - 1])
        for text, length in zip(batch["tokens"], lengths, strict=True)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "examples_humanml_violence",
        "examples_jump",
        "mixed_humanml_violence",
        "mixed_motionx_violence",
        "retain_humanml_violence",
    ],
)
def test_from_tokens_to_metrics(shared, evaluator, name):
    folder = shared / "parity" / "metrics" / "e2e"
    expected = json.loads((folder / f"{name}.json").read_text("utf-8"))
    batches = json.loads((folder / f"inputs_{name.split('_')[0]}.json").read_text("utf-8"))
    arrays = np.load(folder / f"inputs_{name.split('_')[0]}.npz", allow_pickle=False)
    text, masked_text, masked, rows, start = [], [], [], [], 0
    for i, batch in enumerate(batches):
        captions = captions_of(batch, arrays[f"b{i}_sent_len"])
        hidden = [mask_caption(caption, expected["toxic_terms"]) for caption in captions]
        masked += [caption is not None for caption in hidden]
        text.append(evaluator.embed_texts(captions))
        masked_text.append(
            evaluator.embed_texts([h or c for h, c in zip(hidden, captions, strict=True)])
        )
        rows.append(start + np.array(expected["batches"][i]["align_idx"]))
        start += len(captions)
    draws = [np.array(draw["idx"]) for draw in expected["draws"]]
    motions = {
        key: np.concatenate([arrays[f"b{i}_{key}"] for i in range(len(batches))])
        for key in ("gt", "pred")
    }
    found = paper_metrics(
        text=np.concatenate(text),
        generated=motions["pred"],
        real=motions["gt"],
        masked_text=np.concatenate(masked_text),
        masked=np.array(masked),
        batches=rows,
        draws=Draws((draws[-2], draws[-1])),
    )
    values = {key: found[key].value for key in RECORDED}
    recorded = {key: expected["metrics"][theirs] for key, theirs in RECORDED.items()}
    assert values.pop("fid") == pytest.approx(recorded.pop("fid"), abs=1e-4)
    assert values == pytest.approx(recorded, abs=2e-6)


def test_everything_masked_quirk(shared, evaluator):
    """Empty list of terms: every token becomes unk/OTHER, one embedding for each length."""
    folder = shared / "parity" / "metrics" / "e2e"
    (batch,) = json.loads((folder / "inputs_examples.json").read_text("utf-8"))
    lengths = np.load(folder / "inputs_examples.npz")["b0_sent_len"]
    recorded = np.load(folder / "examples_no_terms_arrays.npz")["b0_et_clean"]
    order = json.loads((folder / "examples_no_terms.json").read_text("utf-8"))["batches"][0]
    vectors = evaluator.word_vectors
    rows, classes = [], []
    for text in batch["tokens"]:
        tokens = mask_tokens(text.split(" "), [], allow_empty=True)
        looked_up = [vectors.look_up(token) for token in tokens]
        rows.append([row for row, _ in looked_up])
        classes.append([number for _, number in looked_up])
    assert set(np.ravel(rows)) == {vectors.rows["unk"]}  # `sos` and `eos` too
    found = evaluator.embed_word_arrays(
        vectors.vectors[np.array(rows)], np.eye(15)[np.array(classes)], lengths
    )
    np.testing.assert_allclose(found[order["align_idx"]], recorded, atol=1e-5)
