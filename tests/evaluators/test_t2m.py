from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from hmu_bench.errors import InputError
from hmu_bench.evaluators.t2m import Sizes, T2MNetwork, infer_sizes, network_of, tensor_shapes

TOLERANCE = 1e-4


@pytest.fixture(params=["synthetic", "real"])
def oracle(request):
    return request.getfixturevalue(f"{request.param}_oracle")


def close(found, expected):
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


# --- parity with the reference, case by case ---------------------------------------------------


def test_text(small, oracle):
    found = small.embed_word_arrays(oracle.words, oracle.parts_of_speech, oracle.text_lengths)
    close(found, oracle.expected["text"])
    order = oracle.expected["align_idx"]
    close(found[order], oracle.expected["A_ref_order_text"])


@pytest.mark.parametrize("trim", [False, True])
def test_text_alone(small, oracle, trim):
    rows = []
    for words, classes, n in zip(
        oracle.words, oracle.parts_of_speech, oracle.text_lengths, strict=True
    ):
        stop = int(n) if trim else len(words)
        rows.append(small.embed_word_arrays(words[None, :stop], classes[None, :stop], [n]))
    close(np.concatenate(rows), oracle.expected["text_single_trimmed" if trim else "text_single"])


def test_a_zeros_to_196_in_one_batch(small, oracle):
    motions = [motion for motion, _ in oracle.cut()]
    found = small.embed_motions(motions, normalized=True)
    close(found, oracle.expected["A_batch_pad196"])
    close(found[oracle.expected["align_idx"]], oracle.expected["A_ref_order_motion"])


def test_b_zeros_to_196_one_by_one(small, oracle):
    rows = [small.embed_motions([motion], normalized=True) for motion, _ in oracle.cut()]
    close(np.concatenate(rows), oracle.expected["B_single_pad196"])


def test_c_exact_length_one_by_one(small, oracle):
    rows = [
        small.embed_motions([motion], normalized=True, pad_to=length)
        for motion, length in oracle.cut()
    ]
    found = np.concatenate(rows)
    close(found, oracle.expected["C_single_exact"])
    # The quirk itself: it is not the same as zeros to 196.
    assert np.abs(found - oracle.expected["A_batch_pad196"]).max() > 0.05


def test_d_two_batches_padded_to_their_longest(small, oracle):
    motions = [motion for motion, _ in oracle.cut()]
    found = np.empty_like(oracle.expected["D_twobatches_padmax"])
    for first in (0, 1):
        longest = max(len(motion) for motion in motions[first::2])
        found[first::2] = small.embed_motions(motions[first::2], normalized=True, pad_to=longest)
    close(found, oracle.expected["D_twobatches_padmax"])


def test_e_a_tail_that_is_not_zero(small, oracle):
    longest = int(oracle.lengths.max())
    padded = np.zeros((len(oracle.lengths), longest, 263), np.float32)
    for row, (motion, length), tail in zip(padded, oracle.cut(), oracle.tails, strict=True):
        row[:length] = motion
        row[length : length + 4] = tail[: longest - length]
    close(small.embed_padded(padded, oracle.lengths), oracle.expected["E_batch_tails_padmax"])


def test_f_lengths_that_are_no_multiple_of_four(small, oracle):
    rows = [small.embed_padded(motion[None], [len(motion)]) for motion in oracle.motions]
    close(np.concatenate(rows), oracle.expected["F_single_rawlen"])


def test_movement_tokens(small, shared, real_oracle):
    expected = np.load(shared / "parity" / "evaluator_small" / "intermediate.npz")
    motion = real_oracle.motions[int(expected["sample"])][:40]
    for name, frames in (("movement_exact", 40), ("movement_pad196", 196)):
        padded = torch.zeros(1, frames, 259, dtype=torch.float64)
        padded[0, :40] = torch.from_numpy(motion[:, :259])
        tokens = small.network.movement_encoder(padded)[0, :10].float().numpy()
        close(tokens, expected[name])


# --- an independent slow version, in float64 ----------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def slow_convolution(x, weight, bias):
    padded = np.pad(x, ((1, 1), (0, 0)))
    steps = (len(padded) - 4) // 2 + 1
    return np.stack(
        [bias + np.einsum("ock,kc->o", weight, padded[2 * i : 2 * i + 4]) for i in range(steps)]
    )


def slow_gru(x, weights, suffix, state):
    w_in, w_state = weights[f"gru.weight_ih_l0{suffix}"], weights[f"gru.weight_hh_l0{suffix}"]
    b_in, b_state = weights[f"gru.bias_ih_l0{suffix}"], weights[f"gru.bias_hh_l0{suffix}"]
    for step in x[::-1] if suffix else x:
        of_input = np.split(w_in @ step + b_in, 3)
        of_state = np.split(w_state @ state + b_state, 3)
        reset = sigmoid(of_input[0] + of_state[0])
        update = sigmoid(of_input[1] + of_state[1])
        new = np.tanh(of_input[2] + reset * of_state[2])
        state = (1 - update) * new + update * state
    return state


def slow_sequence(x, weights):
    x = x @ weights["input_emb.weight"].T + weights["input_emb.bias"]
    start = weights["hidden"][:, 0]
    joined = np.concatenate(
        [slow_gru(x, weights, "", start[0]), slow_gru(x, weights, "_reverse", start[1])]
    )
    hidden = weights["output_net.0.weight"] @ joined + weights["output_net.0.bias"]
    centred = hidden - hidden.mean()
    normal = centred / np.sqrt((centred**2).mean() + 1e-5)
    normal = normal * weights["output_net.1.weight"] + weights["output_net.1.bias"]
    return weights["output_net.3.weight"] @ leaky(normal) + weights["output_net.3.bias"]


def part_of(tensors, part):
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): tensor.astype(np.float64)
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def test_slow_version_agrees(small, small_folder, synthetic_oracle):
    tensors = load_file(small_folder / "model.safetensors")
    movement, motion, text = (
        part_of(tensors, part) for part in ("movement_encoder", "motion_encoder", "text_encoder")
    )
    o = synthetic_oracle
    for row in range(0, 12, 4):
        length = int(o.lengths[row])
        x = np.zeros((196, 259))
        x[:length] = o.motions[row][:length, :259]
        hidden = leaky(slow_convolution(x, movement["main.0.weight"], movement["main.0.bias"]))
        hidden = leaky(slow_convolution(hidden, movement["main.3.weight"], movement["main.3.bias"]))
        tokens = hidden @ movement["out_net.weight"].T + movement["out_net.bias"]
        found = small.embed_motions([o.motions[row][:length]], normalized=True)[0]
        np.testing.assert_allclose(
            found, slow_sequence(tokens[: length // 4], motion), rtol=0, atol=1e-5
        )
        words = o.words[row] + o.parts_of_speech[row] @ text["pos_emb.weight"].T
        words = (words + text["pos_emb.bias"])[: int(o.text_lengths[row])]
        found = small.embed_word_arrays(
            o.words[row : row + 1], o.parts_of_speech[row : row + 1], o.text_lengths[row : row + 1]
        )[0]
        np.testing.assert_allclose(found, slow_sequence(words, text), rtol=0, atol=1e-5)


# --- sizes --------------------------------------------------------------------------------------


def test_the_official_size():
    shapes = tensor_shapes(Sizes())
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    # 21.7 million, as the oracle's report says.
    assert round(count / 1e6, 1) == 21.7
    assert infer_sizes(shapes) == Sizes()


def test_the_official_size_embeds():
    generator = torch.Generator().manual_seed(3)
    tensors = {
        name: 0.03 * torch.randn(shape, generator=generator)
        for name, shape in tensor_shapes(Sizes()).items()
    }
    network = network_of(tensors)
    motions = torch.randn(2, 196, 263, generator=generator)
    words = torch.randn(2, 22, 300, generator=generator)
    classes = torch.eye(15)[torch.zeros(2, 22, dtype=torch.long)]
    found = [
        network.embed_motions(motions, torch.tensor([40, 196])),
        network.embed_texts(words, classes, torch.tensor([5, 22])),
    ]
    for embeddings in found:
        assert embeddings.shape == (2, 512)
        assert bool(torch.isfinite(embeddings).all())
        assert float((embeddings[0] - embeddings[1]).abs().max()) > 1e-3


def test_foot_contacts_are_not_read(small, synthetic_oracle):
    motion = synthetic_oracle.motions[0].copy()
    before = small.embed_motions([motion], normalized=True)
    motion[:, 259:] = 9.0
    assert (small.embed_motions([motion], normalized=True) == before).all()
    motion[:, 258] += 1.0
    assert np.abs(small.embed_motions([motion], normalized=True) - before).max() > 1e-3


def small_tensors():
    sizes = Sizes(8, 6, 5, 4, 7, 15, 3, 2)
    torch.manual_seed(0)
    return dict(T2MNetwork(sizes).state_dict()), sizes


def test_sizes_follow_from_the_weights():
    tensors, sizes = small_tensors()
    assert network_of(tensors).sizes == sizes


@pytest.mark.parametrize(
    ("name", "replacement", "words"),
    [
        ("text_encoder.hidden", None, "missing"),
        ("movement_encoder.main.0.weight", None, "missing"),
        ("movement_encoder.main.0.weight", torch.zeros(6, 8), "shape"),
        ("movement_encoder.main.0.weight", torch.zeros(0, 8, 4), "shape"),
        ("movement_encoder.main.0.weight", torch.zeros(6, 8, 5), "ask for"),
        ("motion_encoder.output_net.1.bias", torch.zeros(9), "ask for"),
        ("text_encoder.output_net.3.bias", torch.zeros(3), "ask for"),
        ("decoder.weight", torch.zeros(1), "not one of"),
        ("text_encoder.gru.bias_hh_l0", torch.zeros(9, dtype=torch.int64), "floating"),
        ("text_encoder.gru.bias_hh_l0", torch.full((9,), torch.nan), "NaN"),
        ("text_encoder.input_emb.weight", torch.zeros(1).expand(1 << 20, 7), "shape"),
    ],
)
def test_weights_that_do_not_fit(name, replacement, words):
    tensors, _ = small_tensors()
    if replacement is None:
        del tensors[name]
    else:
        tensors[name] = replacement
    with pytest.raises(InputError, match=words) as caught:
        network_of(tensors)
    assert name in str(caught.value)


def test_half_precision_weights_are_used_in_single_precision():
    tensors, _ = small_tensors()
    network = network_of({name: tensor.half() for name, tensor in tensors.items()})
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert not network.training
