from __future__ import annotations

import hashlib
import os
import pickle
import struct
import tarfile
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from hmu_bench.errors import InputError
from hmu_bench.evaluators import weights
from hmu_bench.evaluators.t2m import PARTS, Sizes, T2MNetwork
from hmu_bench.evaluators.weights import read_weights, sha256_tensors


@pytest.fixture
def state():
    torch.manual_seed(1)
    return T2MNetwork(Sizes(8, 6, 5, 4, 7, 15, 3, 2)).state_dict()


def checkpoint(state, **more):
    parts = {
        part: {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(part)}
        for part in PARTS
    }
    return {**parts, "epoch": 3, **more}


@pytest.mark.parametrize("zipped", [True, False])
def test_checkpoint_and_safetensors_hold_the_same(tmp_path, state, zipped):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    save_file(state, tmp_path / "a" / "model.safetensors")
    # The official one also holds the states of its optimizers.
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))])
    torch.save(
        checkpoint(state, opt_text_encoder=optimizer.state_dict()),
        tmp_path / "b" / "finest.tar",
        _use_new_zipfile_serialization=zipped,
    )
    (first, a), (second, b) = read_weights(tmp_path / "a"), read_weights(tmp_path / "b")
    assert (first.name, second.name) == ("model.safetensors", "finest.tar")
    assert a.keys() == b.keys() == state.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert sha256_tensors(a) == sha256_tensors(b)


def test_oracle_checkpoint(shared, small_folder):
    folder = shared / "parity" / "evaluator_small"
    both = load_file(folder / "model.safetensors")
    with_checkpoint = weights._read_checkpoint(folder / "finest.tar")
    assert sha256_tensors(with_checkpoint) == sha256_tensors(read_weights(small_folder)[1])
    assert with_checkpoint.keys() == both.keys()


def test_the_hash_is_what_it_says(state):
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        shape = ",".join(str(n) for n in tensor.shape)
        digest.update(name.encode() + b"\0float32\0" + shape.encode() + b"\n")
        digest.update(np.ascontiguousarray(tensor.numpy()).tobytes())
    assert sha256_tensors(state) == digest.hexdigest()
    assert sha256_tensors(dict(reversed(state.items()))) == digest.hexdigest()


@pytest.mark.parametrize("change", ["value", "name", "dtype", "shape"])
def test_the_hash_sees_every_change(state, change):
    other = dict(state)
    name = "text_encoder.output_net.0.weight"
    tensor = other.pop(name)
    if change == "value":
        tensor = tensor.clone()
        tensor[0, 0] = torch.nextafter(tensor[0, 0], torch.tensor(9.0))
    elif change == "dtype":
        tensor = tensor.view(torch.int32)
    elif change == "shape":
        tensor = tensor.reshape(-1)
    other[name + "x" * (change == "name")] = tensor
    assert sha256_tensors(other) != sha256_tensors(state)


def test_views_hash_by_value(state):
    name = "text_encoder.output_net.0.weight"
    turned = {**state, name: state[name].t().contiguous().t()}
    assert not turned[name].is_contiguous()
    assert sha256_tensors(turned) == sha256_tensors(state)


def test_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match=r"neither model\.safetensors nor finest\.tar"):
        read_weights(tmp_path)


def test_truncated_files(tmp_path, state):
    save_file(state, tmp_path / "model.safetensors")
    whole = (tmp_path / "model.safetensors").read_bytes()
    for size in (0, 4, 100, len(whole) - 1):
        (tmp_path / "model.safetensors").write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"model\.safetensors: the file is not"):
            read_weights(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(checkpoint(state), tmp_path / "finest.tar")
    whole = (tmp_path / "finest.tar").read_bytes()
    for size in (0, 4, 100, len(whole) // 2, len(whole) - 30):
        (tmp_path / "finest.tar").write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"finest\.tar"):
            read_weights(tmp_path)


def test_a_safetensors_header_that_lies(tmp_path):
    text = b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'
    data = struct.pack("<Q", len(text)) + text + b"\0" * 16
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(InputError, match=r"model\.safetensors: the file is not"):
        read_weights(tmp_path)


class Evil:
    def __reduce__(self):
        return (os.mkdir, ("evil-was-here",))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_that_asks_for_code_is_refused(tmp_path, monkeypatch, state, zipped):
    monkeypatch.chdir(tmp_path)
    torch.save(
        checkpoint(state, epoch=Evil()),
        tmp_path / "finest.tar",
        _use_new_zipfile_serialization=zipped,
    )
    with pytest.raises(InputError, match="more than tensors"):
        read_weights(tmp_path)
    assert not (tmp_path / "evil-was-here").exists()


def test_a_real_tar_archive_is_no_checkpoint(tmp_path):
    (tmp_path / "storages").write_bytes(b"1")
    with tarfile.open(tmp_path / "finest.tar", "w") as archive:
        archive.add(tmp_path / "storages", "storages")
    with pytest.raises(InputError, match=r"finest\.tar: the checkpoint"):
        read_weights(tmp_path)


def test_a_checkpoint_that_unpacks_to_too_much(tmp_path, monkeypatch, state):
    torch.save(checkpoint(state), tmp_path / "finest.tar")
    with zipfile.ZipFile(tmp_path / "finest.tar", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 3_000_000)
    monkeypatch.setattr(weights, "FILE_LIMIT", 2_000_000)
    assert (tmp_path / "finest.tar").stat().st_size < weights.FILE_LIMIT
    with pytest.raises(InputError, match="unpacks"):
        read_weights(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "finest.tar"])
def test_a_file_that_is_too_large(tmp_path, monkeypatch, name):
    monkeypatch.setattr(weights, "FILE_LIMIT", 10)
    (tmp_path / name).write_bytes(b"0" * 11)
    with pytest.raises(InputError, match="bytes"):
        read_weights(tmp_path)


def test_tensors_that_pretend_to_be_huge(tmp_path, state):
    """One stored number can claim any shape in a checkpoint."""
    content = checkpoint(state)
    content["text_encoder"]["hidden"] = torch.zeros(1).expand(1 << 14, 1 << 15)
    torch.save(content, tmp_path / "finest.tar")
    with pytest.raises(InputError, match="numbers"):
        read_weights(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: [c], "dictionary"),
        (lambda c: {k: v for k, v in c.items() if k != "motion_encoder"}, "missing"),
        (lambda c: {**c, "text_encoder": 3}, "missing"),
        (lambda c: {**c, "text_encoder": {"hidden": 3}}, "not a tensor"),
        (lambda c: {**c, "text_encoder": {7: torch.zeros(1)}}, "not a tensor"),
        (lambda c: {**c, "text_encoder": {"hidden": torch.eye(3).to_sparse()}}, "dense"),
        (lambda c: {**c, "text_encoder": {"hidden": torch.zeros(3, device="meta")}}, "dense"),
    ],
)
def test_checkpoints_of_a_wrong_form(tmp_path, state, change, words):
    torch.save(change(checkpoint(state)), tmp_path / "finest.tar")
    with pytest.raises(InputError, match=words):
        read_weights(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps({"text_encoder": {}}, 0),  # PyTorch warns of this protocol
        b"\x80\x02X\x05\x00",  # ends within a length
        b"\x80\x02}q\x00(X",
        b"\x80\x02J\x01",
    ],
)
def test_damaged_pickles_are_one_line(tmp_path, data):
    (tmp_path / "finest.tar").write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match=r"finest\.tar"):
            read_weights(tmp_path)


def test_numbers_are_counted_before_they_are_read(tmp_path, monkeypatch):
    """A gigabyte of zeros costs its sender nothing."""
    monkeypatch.setattr(weights, "NUMBER_LIMIT", 1000)
    text = b'{"a":{"dtype":"U8","shape":[900000000],"data_offsets":[0,900000000]}}'
    with (tmp_path / "model.safetensors").open("wb") as handle:
        handle.write(struct.pack("<Q", len(text)) + text)
        handle.truncate(8 + len(text) + 900_000_000)
    tracemalloc.start()
    with pytest.raises(InputError, match="more than 1,000 numbers"):
        read_weights(tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("dtype", ["U64", "C64", "F8_E4M3"])
def test_types_that_no_evaluator_has(tmp_path, dtype):
    size = 1 if dtype == "F8_E4M3" else 8
    text = b'{"a":{"dtype":"%s","shape":[1],"data_offsets":[0,%d]}}' % (dtype.encode(), size)
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(size))
    with pytest.raises(InputError, match=rf"\[a\]: has type {dtype}, which is not read"):
        read_weights(tmp_path)


def test_tensors_do_not_change_with_their_file(tmp_path, state):
    """What was hashed is what is used: the weights are no view of a mapped file."""
    path = tmp_path / "model.safetensors"
    save_file(state, path)
    tensors = read_weights(tmp_path)[1]
    before = sha256_tensors(tensors)
    with path.open("r+b") as handle:
        handle.seek(8 + int.from_bytes(handle.read(8), "little"))
        handle.write(b"\xff" * 1000)
    assert sha256_tensors(tensors) == before
    assert sha256_tensors(read_weights(tmp_path)[1]) != before
