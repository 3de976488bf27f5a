"""Checkpoints on disk: state dicts of `torch.save` and safetensors, read as tensors alone and written whole or not at all."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cdsl.migrate.state import MigrationError
from cdsl.runtime.errors import CheckpointError
from cdsl.runtime.safetensors import packed_safetensors, read_safetensors

MOST_NAMES = 5
"""Of entries that are told."""


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name, on CPU. Nothing in it is run.

    Raises:
        MigrationError: it cannot be read, or holds something else.
    """
    if path.exists() and not path.is_file():  # a pipe would keep its reader waiting
        raise MigrationError("E802", [f"cannot read `{path}`: it is no regular file"])
    found = read_safetensors_file(path) if is_safetensors(path) else read_torch(path)
    if not isinstance(found, Mapping) or not found:
        raise MigrationError("E802", [f"`{path}` holds no state dict, but {described(found)}"])
    other = [str(name) for name, value in found.items() if not (isinstance(name, str) and isinstance(value, Tensor))]
    if other:
        inside = [str(name) for name, value in found.items() if isinstance(value, Mapping)]
        names = ", ".join(f"`{name[:40]}`" for name in other[:MOST_NAMES]) + ", …" * (len(other) > MOST_NAMES)
        help = f"save what is under `{inside[0][:40]}` by itself" if inside else ""
        raise MigrationError("E802", [f"`{path}` holds other things than tensors: {names}"], help)
    odd = next((name for name, value in found.items() if value.layout is not torch.strided or value.is_quantized), None)
    if odd is not None:
        raise MigrationError("E802", [f"`{odd}` is no dense tensor"])
    return dict(found)


def read_torch(path: Path) -> Any:
    """What `torch.save` wrote, of tensors and plain containers alone."""
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats, which are read all the same
            return torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise MigrationError("E802", [f"cannot read `{path}`: {error.strerror or error}"]) from None
    except pickle.UnpicklingError as error:
        refused = "Weights only load failed" in str(error)
        why = "is no checkpoint of tensors alone; loading other objects can run code" if refused else "is no checkpoint"
        raise MigrationError(
            "E802", [f"`{path}` {why}"], "save a state dict: `torch.save(model.state_dict(), …)`"
        ) from None
    except Exception as error:  # torch raises what it likes of a file that it cannot read
        # others than this one speak of opcodes and offsets
        words = str(error).splitlines() if isinstance(error, RuntimeError) else []
        reason = f": {words[0][:200]}" if words else ""
        raise MigrationError(
            "E802",
            [f"`{path}` is no checkpoint, or not all of one{reason}"],
            "save a state dict: `torch.save(model.state_dict(), …)`",
        ) from None


def read_safetensors_file(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; of one that `save` wrote, held against its checksum."""
    try:
        return read_safetensors(path).tensors
    except OSError as error:
        raise MigrationError("E802", [f"cannot read `{path}`: {error.strerror or error}"]) from None
    except CheckpointError as error:
        why = str(error).removeprefix(f"{path}: ")
        raise MigrationError("E802", [f"`{path}` is no safetensors file, or not all of one: {why}"]) from None


def is_safetensors(path: Path) -> bool:
    """Whether a file's name says so."""
    return path.suffix.lower() == ".safetensors"


def described(found: object) -> str:
    """What a file holds in place of a state dict."""
    return "nothing" if isinstance(found, Mapping) else f"a {type(found).__name__}"


def packed(path: Path, state: Mapping[str, Tensor]) -> bytes:
    """The bytes of a checkpoint of the format that the file's name says."""
    if is_safetensors(path):
        return b"".join(packed_safetensors(state, {"format": "pt"}))
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return buffer.getvalue()
