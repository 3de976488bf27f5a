"""What was written: the nodes of a spec, each with its span. Nothing here knows what a domain is."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, InstanceOf, SerializeAsAny

from cdsl.diagnostics import Diagnostic
from cdsl.source import Span


class Node(BaseModel):
    """A piece of a spec, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    span: InstanceOf[Span]

    if not TYPE_CHECKING:

        def __init__(self, /, **given: Any) -> None:
            """Take the fields as they are given, which type checkers hold against the class, and the builder gets right.

            pydantic would validate them again; making its schemas for that, and looking for its plugins, is a sixth of a short command.
            """
            fields = {name: given.get(name, default) for name, default in defaults(type(self))}
            object.__setattr__(self, "__dict__", fields)
            object.__setattr__(self, "__pydantic_fields_set__", {*given})
            object.__setattr__(self, "__pydantic_extra__", None)
            object.__setattr__(self, "__pydantic_private__", None)


@functools.cache
def defaults(cls: type[Node]) -> tuple[tuple[str, Any], ...]:
    """The fields of a node, in order, with what they are where they are not given."""
    return tuple((name, field.default) for name, field in cls.model_fields.items())


if not TYPE_CHECKING:
    # pydantic would build the whole recursive union again for each node that has one: 100 ms of every start.
    # Nodes are built by the builder alone, and written as JSON, never read from it.
    Expr = Index = Declaration = SerializeAsAny[Node]


# -- expressions -------------------------------------------------------------------------------------------------------


class Name(Node):
    """A word, as written."""

    kind: Literal["name"] = "name"
    text: str


class Number(Node):
    """A number, as written; its value is read when it is checked."""

    kind: Literal["number"] = "number"
    text: str


class Array(Node):
    """`[a, b]`"""

    kind: Literal["array"] = "array"
    entries: tuple[Expr, ...]


class Negate(Node):
    """`-a`"""

    kind: Literal["negate"] = "negate"
    operand: Expr


class Binary(Node):
    """`a + b`, and every other operator with two sides; comparisons too."""

    kind: Literal["binary"] = "binary"
    operator: str
    left: Expr
    right: Expr


class Argument(Node):
    """`a` or `name=a` between parentheses."""

    kind: Literal["argument"] = "argument"
    name: Name | None
    value: Expr


class Call(Node):
    """`f(a, key=b)`"""

    kind: Literal["call"] = "call"
    function: Name
    arguments: tuple[Argument, ...]


class Ellipsis(Node):
    """`...` between brackets."""

    kind: Literal["ellipsis"] = "ellipsis"


class Slice(Node):
    """`a:b:c` between brackets."""

    kind: Literal["slice"] = "slice"
    start: Expr | None
    stop: Expr | None
    step: Expr | None


class Subscript(Node):
    """`a[i, j]`"""

    kind: Literal["subscript"] = "subscript"
    operand: Expr
    indices: tuple[Index, ...]


class Member(Node):
    """`a.name`"""

    kind: Literal["member"] = "member"
    operand: Expr
    name: Name


if TYPE_CHECKING:
    Expr: TypeAlias = Name | Number | Array | Negate | Binary | Call | Subscript | Member
    Index: TypeAlias = Expr | Slice | Ellipsis


# -- declarations ------------------------------------------------------------------------------------------------------


class Type(Node):
    """`name(arguments)[sizes]`; None where the parentheses or brackets are absent."""

    name: Name
    arguments: tuple[Argument, ...] | None
    sizes: tuple[Expr, ...] | None


class Via(Node):
    """`via name(arguments)`"""

    name: Name
    arguments: tuple[Argument, ...] | None


class Later(Node):
    """A form of the language that this version parses and does not compile yet."""

    kind: Literal["later"] = "later"
    form: str
    doc: str = ""


class Dim(Node):
    """`dim name [= default]`"""

    kind: Literal["dim"] = "dim"
    name: Name
    default: Expr | None
    doc: str = ""


class Data(Node):
    """`data name: type [= default]`"""

    kind: Literal["data"] = "data"
    name: Name
    type: Type
    default: Expr | None
    doc: str = ""


class Let(Node):
    """`let name = value`"""

    kind: Literal["let"] = "let"
    name: Name
    value: Expr
    doc: str = ""


class Param(Node):
    """`name` or `name=default` between the parentheses of an alias."""

    kind: Literal["param"] = "param"
    name: Name
    default: Expr | None


class Alias(Node):
    """`type name(params) = type [via transform]`"""

    kind: Literal["type"] = "type"
    name: Name
    params: tuple[Param, ...]
    type: Type
    via: Via | None
    doc: str = ""


class Parameter(Node):
    """`[frozen] name: type [via transform] [= start] [frozen held] [~ prior]`"""

    kind: Literal["parameter"] = "parameter"
    frozen: bool
    name: Name
    type: Type
    via: Via | None
    start: Expr | None
    held: Expr | None = None
    prior: Later | None
    doc: str = ""


class ModelBlock(Node):
    """`model name { … }`"""

    kind: Literal["model"] = "model"
    name: Name
    declarations: tuple[Declaration, ...]
    doc: str = ""


class Imported(Node):
    """`name` or `name as other` of an import."""

    kind: Literal["imported"] = "imported"
    name: Name
    other: Name | None


class Imports(Node):
    """`from "path" import a, b as c`"""

    kind: Literal["imports"] = "imports"
    path: str
    path_span: InstanceOf[Span]
    names: tuple[Imported, ...]
    doc: str = ""


if TYPE_CHECKING:
    Declaration: TypeAlias = Dim | Data | Let | Alias | Parameter | ModelBlock | Imports | Later


class Ignore(Node):
    """`# cdsl: ignore[codes]`, which warnings it means, and on which line."""

    codes: tuple[str, ...]
    line: Span


class Spec(Node):
    """A whole text: its declarations, and the problems that were met while reading it."""

    doc: str
    declarations: tuple[Declaration, ...]
    diagnostics: tuple[Diagnostic, ...]
    ignores: tuple[Ignore, ...] = ()
