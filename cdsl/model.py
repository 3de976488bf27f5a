"""What a spec means: plain data that survives JSON, and all that the emitter needs."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal, TypeAlias

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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Named(Meant):
    """A piece of a checked spec that has a name."""

    name: str


class Typed(Named):
    """A piece of a checked spec that has values in a domain."""

    domain: str


Kind: TypeAlias = Literal["int", "real", "bool"]


class Expression(Meant):
    """One step of a computation: an operation, what it is done to, and what comes out.

    `op` is an operator, the name of a function, `array`, `index`, or, of what is done to nothing: `number` and `constant`, with
    their `value`; `dim`, `data`, `parameter`, `let` and `child`, with their `name`. `member` and `item` are a value of a child and one of several children. `options` are a function's arguments that are known
    to the compiler, as an axis. `plain`: a Python number when the module runs, not a tensor. `varies`: depends on parameters, and
    so may have leading dimensions.
    """

    op: str
    operands: tuple[Expression, ...] = ()
    name: str = ""
    value: Argument | bool | int | None = None
    options: tuple[tuple[str, int | bool | str | None], ...] = ()
    kind: Kind = "real"
    rank: int = 0
    plain: bool = False
    varies: bool = False


FIRST = Field(union_mode="left_to_right")
"""An expression is known as one at once. Where pydantic looks for the best of several, it takes the square of its depth."""

Size = TypeAliasType("Size", "Annotated[Expression | int, FIRST]")
"""A number, or what gives one when the module is built."""

Given = TypeAliasType("Given", "Annotated[Expression | Argument, FIRST]")
"""An argument of a domain: known to the compiler, or computed from dims, data and parameters."""


class Dim(Named):
    """A size that is known when the module is built: by keyword, from data, or by default."""

    default: Size | None
    doc: str


class Data(Typed):
    """An input that is kept as a buffer; `batch` are all sizes that its values do not need, as of a parameter.

    `domain` is one of the registry, or `int`, `count`, `index`, `bool`: those have no transform. The default is of the value's
    shape, or a single number.
    """

    arguments: tuple[Given, ...]
    batch: tuple[Size, ...]
    sizes: tuple[Size, ...]
    default: Annotated[Expression | Nested | None, FIRST]
    doc: str


class Parameter(Typed):
    """A parameter: `name` lives in `domain(arguments)[batch, sizes]` and is reached by `transform`.

    `arguments` end where the domain's defaults begin; an array's shape broadcasts to `batch`. `eval` is the transform of a module that
    does not train, where that is another one. `step` is empty, or the (loc, scale) of
    an affine step before the transform. `parts` are the steps of the transform that are others than its own, each with the
    name of its transform. `sizes` are those of one event, as written: the domain says which shape that has. `start` is
    on the constrained side, of the value's shape, of one event's, or a single number; None stands for the domain's neutral value.
    `held` is empty, or says of each entry of the value, row-major, whether it stays at its start.
    """

    arguments: tuple[Given, ...]
    batch: tuple[Size, ...]
    sizes: tuple[Size, ...]
    transform: str
    eval: str = ""
    step: tuple[()] | tuple[Annotated[Expression | float, FIRST], Annotated[Expression | float, FIRST]] = ()
    parts: tuple[tuple[str, str], ...] = ()
    start: Annotated[Expression | Nested | None, FIRST]
    frozen: bool
    held: tuple[bool, ...] = ()
    doc: str


class Let(Named):
    """A value that follows from others, computed anew in every forward; a name that begins with `_` is not returned.

    `shape` is what it is known to be, in the spec's own names.
    """

    value: Expression
    shape: tuple[str, ...]
    doc: str


class Child(Named):
    """A nested model, or a list of `size` of them; its dims and data are bound to sizes and expressions of its parent."""

    model: str
    size: Size | None
    dims: tuple[tuple[str, Size], ...]
    data: tuple[tuple[str, Expression], ...]
    doc: str


class Model(Named):
    """A checked spec under the name of its class.

    `order` are the names of all of them as they were declared: each uses what comes before it. `models`
    are those that it nests, each after those that it nests itself.
    """

    version: Literal[1] = 1
    doc: str
    dims: tuple[Dim, ...] = ()
    data: tuple[Data, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    lets: tuple[Let, ...] = ()
    children: tuple[Child, ...] = ()
    models: tuple[Model, ...] = ()
    order: tuple[str, ...] = ()
    origin: tuple[()] | tuple[str, str] = ()
    """Of an imported model, the Python module that its spec compiles to and the name of its class there."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Model:
        """The model that some JSON is of; pydantic's own reader goes 200 brackets deep, and an expression may go further."""
        return cls.model_validate(json.loads(json_data), **options)
