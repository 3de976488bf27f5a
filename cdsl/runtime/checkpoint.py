"""Models in files: what `state_dict` has and what building one again takes, and a model that is built from that.

The file is one of safetensors, so that others read the tensors; how the parameters are laid out in the module is no matter
of it. Its metadata are the checked model, dims, what the caller gave, and what is frozen.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cdsl.runtime.errors import CheckpointError, SignatureMismatch
from cdsl.runtime.safetensors import OURS, packed_safetensors, read_safetensors, write_parts

VERSION = "1"
WAY_OUT = "(`cdsl migrate` carries a checkpoint over to another spec)"
MOST_LINES = 5
"""Of what does not fit."""
MOST_TOLD = 1000
"""Characters of that."""

MOST_MODELS: ContextVar[int | None] = ContextVar("MOST_MODELS", default=None)
"""While a file is held against a model: how many nested ones it can have, each of which has a tensor at least."""


class SavedModel(NamedTuple):
    """What building a model again takes, beside the state that it then loads."""

    dims: Mapping[str, int]
    given: tuple[str, ...]
    """The dims and data that the caller gave by keyword."""
    frozen: tuple[str, ...]
    data: Mapping[str, Tensor]
    """Tensors of the file, data that the state does not have among them."""


def save_model(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a `ConstrainedModule` to a file, whole or not at all; meanwhile nothing else may write to its tensors.

    Raises:
        CheckpointError: a tensor of its state is on the meta device, sharded, or of a dtype that the format does not have.
        OSError: the file cannot be written; the one that was there is as it was.
    """
    state = model.state_dict()
    if model._is_sharded():
        raise CheckpointError(
            f"the raw values of this `{type(model).__name__}` are sharded: expected them whole. Load what "
            f"`torch.distributed.checkpoint.state_dict.get_model_state_dict(model, options=StateDictOptions(full_state_dict="
            f"True))` gathers into a model that is not, and save that; or save pieces, by `torch.distributed.checkpoint.save`"
        )
    meant = json.dumps(model.spec, sort_keys=True, separators=(",", ":"), allow_nan=False)
    dims, given = model._given()
    notes = {
        "format": "pt",
        f"{OURS}version": VERSION,
        f"{OURS}model": meant,
        f"{OURS}digest": digest(meant),
        f"{OURS}dims": json.dumps(dims),
        f"{OURS}given": json.dumps(given),
        f"{OURS}frozen": json.dumps([leaf.name for leaf in model._leaves() if leaf.frozen and not leaf.one.frozen]),
    }
    write_parts(Path(path), packed_safetensors({**state, **model._unkept()}, notes))


def load_model(
    cls: Any,
    path: str | os.PathLike[str],
    given: Mapping[str, Any],
    dtype: torch.dtype | None,
    device: torch.device | str | int | None,
) -> Any:
    """A model of this class as a file has it, then with other data where they are given.

    It is built on the meta device first, so that what does not fit is told before anything of its sizes is made.
    """
    place = Path(path)
    tensors, metadata = read_safetensors(place)
    saved = saved_by(place, tensors, metadata)
    inputs = {one.name for one in getattr(cls, "_inputs", ())}
    late = {name: value for name, value in given.items() if name in tensors and name in inputs and value is not None}
    early = {name: value for name, value in given.items() if name not in late and value is not None}
    dtype = dtype or dtype_of(tensors)
    shell = shell_of(place, cls, saved, early, dtype)
    state = {name: value for name, value in tensors.items() if name not in shell._unkept()}
    refuse_kinds(place, shell, state)
    for leaf in (leaf for leaf in shell._leaves() if leaf.name in saved.frozen and not leaf.frozen):
        if leaf.slot[1] != leaf.one.raw_name:
            raise CheckpointError(
                f"{place}: `{leaf.name}` was frozen when it was saved, and a packed module freezes none by itself: load it into "
                f'`layout="separate"`, or unfreeze it before saving'
            )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing is copied to the meta device, and what is said again below
        load_state(place, shell, state)
    model = cls._again(saved, early, dtype=dtype, device=device)
    load_state(place, model, state)
    model.freeze_(*(leaf.name for leaf in model._leaves() if leaf.name in saved.frozen and not leaf.frozen))
    if late:
        model.set_data_(**late)
    return model


def shell_of(path: Path, cls: Any, saved: SavedModel, given: Mapping[str, Any], dtype: torch.dtype | None) -> Any:
    """The model without numbers in it: however large the sizes are that the file tells, it takes no memory.

    Raises:
        CheckpointError: they are larger than the file.
    """
    limit = MOST_MODELS.set(len(saved.data))
    try:
        return cls._again(saved, given, dtype=dtype, device="meta")
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except RuntimeError as error:  # of torch, of sizes that no tensor has
        told = str(error).partition("\n")[0]
        raise CheckpointError(f"{path}: its dims do not make a `{cls.__name__}`: {told}") from None
    finally:
        MOST_MODELS.reset(limit)


def refuse_more(name: str, size: int) -> None:
    """Hold the number of nested models against that of the tensors in a file, while one is loaded."""
    most = MOST_MODELS.get()
    if most is not None and size > most:
        raise CheckpointError(f"its dims make a list of {size} `{name}`, of {most} tensors in the file")


def saved_by(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> SavedModel:
    """What the metadata say; of a plain state dict, that the data in it were given.

    Raises:
        CheckpointError: they are of a later version, or not as `save_model` writes them.
    """
    if not any(name.startswith(OURS) for name in metadata):
        return SavedModel({}, tuple(tensors), (), tensors)
    version = metadata.get(f"{OURS}version")
    if version != VERSION:
        raise CheckpointError(f"{path}: expected a checkpoint of version {VERSION}, found {str(version)[:20]!r}")
    foreign = CheckpointError(f"{path}: its metadata are not those that `save` writes")
    try:
        is_same = metadata[f"{OURS}digest"] == digest(metadata[f"{OURS}model"])
        dims, given, frozen = (json.loads(metadata[OURS + name]) for name in ("dims", "given", "frozen"))
    except (KeyError, ValueError, RecursionError):
        raise foreign from None
    if not isinstance(dims, dict) or not all(type(size) is int and 0 <= size < 2**63 for size in dims.values()):
        raise foreign
    if not all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in (given, frozen)):
        raise foreign
    if not is_same:
        raise CheckpointError(f"{path}: its digest is not the one of its model")
    return SavedModel(dims, tuple(given), tuple(frozen), tensors)


def digest(text: str) -> str:
    """SHA-256 of a model, as JSON without spaces and with its names in order."""
    return hashlib.sha256(text.encode()).hexdigest()


def dtype_of(tensors: Mapping[str, Tensor]) -> torch.dtype | None:
    """The dtype of raw values; the one that holds all of them, where they have several."""
    raws = [one.dtype for name, one in tensors.items() if name.endswith("_raw") and is_real(one)]
    return reduce(torch.promote_types, raws) if raws else None


def is_real(tensor: Tensor) -> bool:
    """Whether it has numbers that a model computes with; those of 8 bits it does not."""
    return tensor.is_floating_point() and tensor.itemsize > 1


def refuse_kinds(path: Path, shell: Any, tensors: Mapping[str, Tensor]) -> None:
    """Hold the kinds of numbers against those of the model: torch would copy whole numbers to real ones.

    Raises:
        CheckpointError: one is another.
    """
    for name, own in shell.state_dict().items():
        found = tensors.get(name)
        real = is_real(own)
        if found is not None and (not is_real(found) if real else found.dtype != own.dtype):
            wanted = "real numbers" if real else own.dtype
            raise CheckpointError(f"{path}: expected `{name}` to be of {wanted}, found {found.dtype}")


def load_state(path: Path, model: Any, tensors: Mapping[str, Tensor]) -> None:
    """Load a state; what torch says of one that does not fit is told with the file.

    Raises:
        CheckpointError: a tensor is missing, has no place, or is of another shape.
        SignatureMismatch: the constraints are others.
    """
    try:
        model.load_state_dict(dict(tensors))
    except SignatureMismatch:
        raise
    except RuntimeError as error:
        lines = [re.sub(r"\s+", " ", line).strip() for line in str(error).splitlines()[1:]] or [str(error)]
        told = shown(" ".join([*lines[:MOST_LINES], *["…"] * (len(lines) > MOST_LINES)]))
        raise CheckpointError(f"{path}: expected the state of a `{type(model).__name__}`: {told} {WAY_OUT}") from None


def shown(text: str) -> str:
    """A text with names out of a file: of a length that is read, and without characters that steer a terminal."""
    cut = text[:MOST_TOLD] + "…" * (len(text) > MOST_TOLD)
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in cut)
