"""What a spec means: plain data that survives JSON, and all that the emitter needs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeAliasType

Nested = TypeAliasType("Nested", "float | tuple[Nested, ...]")
"""A number, or an array of them as nested tuples."""


class Meant(BaseModel):
    """A piece of a checked spec."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Parameter(Meant):
    """A parameter: `name` lives in `domain(arguments)[batch, sizes]` and is reached by `transform`.

    `sizes` are those of one event, as written: the domain says which shape that has. `start` is on the constrained side,
    of the value's shape, of one event's, or a single number; None stands for the domain's neutral value.
    """

    name: str
    domain: str
    arguments: tuple[float, ...]
    batch: tuple[int, ...]
    sizes: tuple[int, ...]
    transform: str
    start: Nested | None
    frozen: bool
    doc: str


class Model(Meant):
    """A checked spec under the name of its class."""

    version: Literal[1] = 1
    name: str
    doc: str
    parameters: tuple[Parameter, ...]
