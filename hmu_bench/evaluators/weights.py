"""Weights of an evaluator from its folder: safetensors, or the official checkpoint.

A checkpoint is a pickle. It is read by PyTorch's restricted unpickler (`weights_only=True`, which
knows tensors and containers and no other class), after its sizes have been checked.
"""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from hmu_bench.errors import InputError
from hmu_bench.evaluators.t2m import PARTS
from hmu_bench.tensor_files import check_header_size

SAFETENSORS, CHECKPOINT = "model.safetensors", "finest.tar"
FILE_LIMIT = 1 << 30  # bytes; the official checkpoint, optimizer states included, is a quarter
NUMBER_LIMIT = 1 << 28  # numbers in all tensors together; the official evaluator has 21.7 million


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
    numbers = sum(tensor.numel() for tensor in tensors.values())
    if numbers > NUMBER_LIMIT:
        raise InputError(f"the tensors hold more than {NUMBER_LIMIT:,} numbers", where=path)
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


def first_line(error: Exception) -> str:
    """What a library says of an error, in short."""
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    check_header_size(path, FILE_LIMIT)
    try:
        with safe_open(path, framework="pt") as handle:
            return {name: handle.get_tensor(name) for name in handle.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"the file is not readable safetensors ({first_line(error)})", where=path
        ) from error


def _read_checkpoint(path: Path) -> dict[str, Tensor]:
    if path.stat().st_size > FILE_LIMIT:
        raise InputError(f"the file is larger than {FILE_LIMIT:,} bytes", where=path)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > FILE_LIMIT:
                raise InputError(f"it unpacks to more than {FILE_LIMIT:,} bytes", where=path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            "the checkpoint is damaged or asks for more than tensors; it is not loaded",
            where=path,
            fix="take the official one, or convert it to model.safetensors",
        ) from error
    except (
        RuntimeError, OSError, EOFError, ValueError, KeyError, TypeError, IndexError,
        AttributeError, AssertionError, MemoryError, OverflowError, NotImplementedError,
        zipfile.BadZipFile,
    ) as error:  # fmt: skip
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
