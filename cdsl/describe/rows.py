"""What a description holds: plain data of a stable shape, whose JSON Schema is published in `docs/describe.schema.json`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = int | str
"""A size: a number, or what gives it in the spec's own names."""


class Described(BaseModel):
    """A part of a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stretch(Described):
    """Where a parameter stands in the flat vector: `start` up to and without `stop`.

    In a list of models the others of the list follow at `strides` of so many entries, outermost list first.
    """

    start: Number
    stop: Number
    strides: tuple[Number, ...] = ()


class ListOf(Described):
    """A list of nested models, and how many there are."""

    path: str
    count: Number


class Start(Described):
    """The value that a parameter starts from, as the spec writes it, or of a domain the neutral one in words."""

    given: bool
    text: str


class ParameterRow(Described):
    """A parameter. `type` is as its own model writes it; shapes are in the names of the outermost model."""

    path: str
    domain: str
    arguments: dict[str, str]
    type: str
    transform: str
    eval: str = Field(description="The transform of a module that does not train; empty where it is the same one.")
    step: dict[str, str] = Field(description="The affine step before the transform: `loc`, `scale`.")
    parts: dict[str, str] = Field(description="The steps of the transform that are others than its own, as transforms.")
    bijective: bool
    shape: tuple[Number, ...]
    raw_shape: tuple[Number, ...]
    flat: Stretch | None = Field(description="None: declared `frozen`, and so no part of the flat vector.")
    lists: tuple[ListOf, ...] = Field(description="The lists of models in which it stands.")
    start: Start
    frozen: bool
    held: tuple[bool, ...] = Field(
        description="Of each entry of the value, row-major, whether it stays at its start; empty where none does."
    )
    depends_on: tuple[str, ...]
    doc: str


class DimRow(Described):
    """A size. It is `bound` by the model around it, or comes from data of the `shape_of` these, or by keyword, or by default."""

    path: str
    shape_of: tuple[str, ...]
    bound: str | None
    default: str | None
    depends_on: tuple[str, ...]
    doc: str


class DataRow(Described):
    """An input; `bound` by the model around it, or passed by the caller, who may leave it out where it has a default."""

    path: str
    type: str
    shape: tuple[Number, ...]
    bound: str | None
    default: str | None
    depends_on: tuple[str, ...]
    doc: str


class LetRow(Described):
    """A derived value; `shape` is in the names of its own model."""

    path: str
    value: str
    shape: tuple[str, ...]
    returned: bool
    depends_on: tuple[str, ...]
    doc: str


class ModelRow(Described):
    """A nested model, or a list of `count`."""

    path: str
    model: str
    count: Number | None
    depends_on: tuple[str, ...]
    doc: str


class Description(Described):
    """A spec in full. Fields are added in later versions of cdsl; `version` changes where one goes or changes its meaning."""

    version: Literal[1] = 1
    name: str
    doc: str
    unconstrained_size: Number
    parameters: tuple[ParameterRow, ...]
    dims: tuple[DimRow, ...]
    data: tuple[DataRow, ...]
    lets: tuple[LetRow, ...]
    models: tuple[ModelRow, ...]


def schema() -> dict[str, Any]:
    """The JSON Schema of a description, as it is published."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Description.model_json_schema(mode="serialization"),
    }
