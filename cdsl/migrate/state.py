"""A checkpoint in a module: read into one, with its raw values and data by name."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from cdsl.errors import CdslError
from cdsl.runtime.errors import DomainError, SignatureMismatch
from cdsl.runtime.module import ConstrainedModule, Leaf
from cdsl.runtime.open import OpenModule

Module = ConstrainedModule[Any]


class MigrationError(CdslError):
    """A checkpoint that is not carried over: `problems` says why, one line each; `code` is that of `cdsl explain`."""

    def __init__(self, code: str, problems: Sequence[str], help: str = "") -> None:
        super().__init__("\n".join([*problems, *filter(None, [help])]))
        self.code = code
        self.problems = tuple(problems)
        self.help = help

    def __reduce__(self) -> tuple[type[MigrationError], tuple[str, tuple[str, ...], str]]:
        return MigrationError, (self.code, self.problems, self.help)


def wide(module: Module) -> Module:
    """A copy in float64 on CPU, as it trains."""
    return copy.deepcopy(module).cpu().double().train()


def loaded(old: Module, state: Mapping[str, Tensor]) -> Module:
    """A copy of the old module in float64 with this state, every entry of which is there and finite.

    Raises:
        MigrationError: the state is not the module's.
    """
    module = wide(old)
    own = module.state_dict()
    keys = {raw_key(leaf) for leaf in module._leaves()}
    problems = [f"`{key}` is missing" for key in own if key not in state and not key.endswith("_extra_state")]
    problems += [f"`{key}` is no entry of the old spec" for key in state if key not in own]
    for key, value in state.items():
        if key not in keys:
            continue
        if not value.is_floating_point():
            problems.append(f"`{key}` is of {value.dtype}, raw values are real numbers")
        elif not value.isfinite().all():
            problems.append(f"`{key}` has a value that is not finite")
    if problems:
        raise MigrationError("E803", problems, prefixed(keys, state))
    name = ""
    try:
        for name, owner in kept_data(module).items():  # first: their shapes may be others than those of the defaults
            hold(owner, short(name), state[data_key(name)])
    except DomainError as error:
        raise MigrationError("E803", [f"data of the checkpoint: {placed(name, error)}"]) from None
    try:
        module.load_state_dict(dict(state))
    except SignatureMismatch as error:
        raise MigrationError("E803", [str(error).partition(";")[0]]) from None
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]]
        raise MigrationError("E803", lines or [str(error)]) from None
    return module


def prefixed(keys: set[str], state: Mapping[str, Tensor]) -> str:
    """What entries begin with, where they are those of a module around this one."""
    first = min(keys, default="")
    found = sorted(key[: -len(first)] for key in state if first and key.endswith(f".{first}"))
    return f"the checkpoint has them under `{found[0]}`: `--prefix {found[0]}`" if found else ""


def raw_key(leaf: Leaf) -> str:
    """Where a state dict has a raw."""
    return data_key(leaf.path) + leaf.one.raw_name


def data_key(path: str) -> str:
    """A name as a state dict has it: `many.0.x` for `many[0].x`"""
    return re.sub(r"\[(\d+)\]", r".\1", path)


def short(name: str) -> str:
    """The last part of a name."""
    return name.rpartition(".")[2]


def kept_data(module: Module, path: str = "") -> dict[str, OpenModule[Any]]:
    """The data that are in its state, by name, each with the module that holds it."""
    found: dict[str, OpenModule[Any]] = {}
    if not isinstance(module, OpenModule):
        return found
    for one in module._data:
        if one.default is not None and one.name not in module._non_persistent_buffers_set:
            found[path + one.name] = module
    for name, part in module._parts():
        if isinstance(part, ConstrainedModule):
            found |= kept_data(part, f"{path}{name}.")
    return found


def data_names(module: Module) -> list[str]:
    """All data by name, those that are in no state too."""
    return [
        f"{path}{'.' * bool(path)}{one.name}"
        for key, inner in module.named_modules()
        if isinstance(inner, OpenModule)
        for path in [re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", key)]
        for one in inner._data
    ]


def hold(owner: OpenModule[Any], name: str, value: Tensor) -> None:
    """Set data whose bounds are still to be met: raw values follow."""
    (datum,) = (one for one in owner._data if one.name == name)
    owner._rebind({name: datum.read(value)}, {}, anew=False)


def placed(name: str, error: DomainError) -> str:
    """A complaint about a declaration of a nested model, with the name that it has outside."""
    return name + str(error).removeprefix(short(name))
