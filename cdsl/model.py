"""What a spec means: plain data that survives JSON, and all that the emitter needs."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from typing_extensions import TypeAliasType

Nested = TypeAliasType("Nested", "float | tuple[Nested, ...]")
"""A number, or an array of them as nested tuples."""


def not_nan(value: float) -> float:
    """Whether infinite or not, a number."""
    if math.isnan(value):
        raise ValueError("not a number")
    return value


Bound = Annotated[
    float,
    Field(allow_inf_nan=True),
    AfterValidator(not_nan),
    PlainSerializer(lambda value: value if math.isfinite(value) else str(value), when_used="json"),
]
"""A number or an infinity, which JSON has as `"inf"` and `"-inf"`."""


Argument = TypeAliasType("Argument", "Bound | tuple[Argument, ...]")
"""An argument of a domain: a number, or for a domain of numbers an array of them."""


class Meant(BaseModel):
    """A piece of a checked spec."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Parameter(Meant):
    """A parameter: `name` lives in `domain(arguments)[batch, sizes]` and is reached by `transform`.

    `arguments` end where the domain's defaults begin; an array's shape broadcasts to `batch`. `step` is empty, or the (loc, scale) of an affine step before the
    transform. `sizes` are those of one event, as written: the domain says which shape that has. `start` is on the constrained side,
    of the value's shape, of one event's, or a single number; None stands for the domain's neutral value.
    """

    name: str
    domain: str
    arguments: tuple[Argument, ...]
    batch: tuple[int, ...]
    sizes: tuple[int, ...]
    transform: str
    step: tuple[()] | tuple[float, float] = ()
    start: Nested | None
    frozen: bool
    doc: str


class Model(Meant):
    """A checked spec under the name of its class."""

    version: Literal[1] = 1
    name: str
    doc: str
    parameters: tuple[Parameter, ...]
