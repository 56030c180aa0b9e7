"""Weights of an evaluator from its folder: safetensors, or the official checkpoint.

A checkpoint is a pickle. It is read by PyTorch's restricted unpickler (`weights_only=True`, which
knows tensors and containers and no other class), after its sizes have been checked.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from hmu_bench.errors import InputError
from hmu_bench.evaluators.t2m import PARTS
from hmu_bench.tensor_files import open_tensors

SAFETENSORS, CHECKPOINT = "model.safetensors", "finest.tar"
FILE_LIMIT = 1 << 30  # bytes; the official checkpoint, optimizer states included, is a quarter
NUMBER_LIMIT = 1 << 27  # numbers in all tensors together; the official evaluator has 21.7 million

_TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


def read_weights(folder: Path) -> tuple[Path, dict[str, Tensor]]:
    """The weights file of the folder and its tensors, named `movement_encoder.main.0.weight` ...

    `model.safetensors` is taken before `finest.tar`.

    Raises:
        InputError: if there is none, or it is too large, damaged, or holds more than tensors.
    """
    safetensors, checkpoint = folder / SAFETENSORS, folder / CHECKPOINT
    if safetensors.is_file():
        path, tensors = safetensors, _read_safetensors(safetensors)
    elif checkpoint.is_file():
        path, tensors = checkpoint, _read_checkpoint(checkpoint)
    else:
        raise InputError(
            f"the evaluator folder holds neither {SAFETENSORS} nor {CHECKPOINT}",
            where=folder,
            fix="put the evaluator's weights there",
        )
    _check_numbers(sum(tensor.numel() for tensor in tensors.values()), path)
    return path, tensors


def sha256_tensors(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over tensors sorted by name: `name NUL dtype NUL shape newline`, then the bytes.

    The same for safetensors and checkpoint if they hold the same tensors; order and metadata of
    the file do not matter. dtype as in "float32", shape as in "3,4", bytes little-endian in C
    order.
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        dtype = str(tensor.dtype).removeprefix("torch.")
        digest.update(f"{name}\0{dtype}\0{','.join(map(str, tensor.shape))}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _check_numbers(numbers: int, path: Path) -> None:
    if numbers > NUMBER_LIMIT:
        raise InputError(f"the tensors hold more than {NUMBER_LIMIT:,} numbers", where=path)


def first_line(error: Exception) -> str:
    """What a library says of an error, in short."""
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    with open_tensors(path, FILE_LIMIT) as file:
        _check_numbers(sum(math.prod(place.shape) for place in file.tensors.values()), path)
        for name, place in file.tensors.items():
            if place.dtype not in _TYPES:
                raise InputError(f"has type {place.dtype}, which is not read", where=path, key=name)
            # In memory of their own: what is hashed is what is used, whatever becomes of the file.
            data = file.read_bytes(name)
            flat = torch.frombuffer(data, dtype=_TYPES[place.dtype]) if data else torch.empty(0)
            tensors[name] = flat.to(_TYPES[place.dtype]).reshape(place.shape)
    return tensors


def _read_checkpoint(path: Path) -> dict[str, Tensor]:
    if path.stat().st_size > FILE_LIMIT:
        raise InputError(f"the file is larger than {FILE_LIMIT:,} bytes", where=path)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > FILE_LIMIT:
                raise InputError(f"it unpacks to more than {FILE_LIMIT:,} bytes", where=path)
        with warnings.catch_warnings():
            # What PyTorch has to say of a strange file would stand beside our one line.
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except InputError:
        raise
    except pickle.UnpicklingError as error:
        raise InputError(
            "the checkpoint is damaged or asks for more than tensors; it is not loaded",
            where=path,
            fix="take the official one, or convert it to model.safetensors",
        ) from error
    except Exception as error:  # the restricted unpickler is Python: damage shows as any error
        raise InputError(
            f"the checkpoint cannot be read ({first_line(error)})", where=path
        ) from error
    if not isinstance(content, dict):
        raise InputError("the checkpoint is not a dictionary of its parts", where=path)
    tensors: dict[str, Tensor] = {}
    for part in PARTS:
        state = content.get(part)
        if not isinstance(state, Mapping):
            raise InputError("the part is missing", where=path, key=part)
        for name, tensor in state.items():
            key = f"{part}.{name}"
            if not isinstance(tensor, Tensor) or not isinstance(name, str):
                raise InputError("this is not a tensor", where=path, key=key)
            if tensor.layout != torch.strided or tensor.device.type != "cpu":
                raise InputError("this is not a plain dense tensor", where=path, key=key)
            tensors[key] = tensor
    return tensors
