"""What specs declare, and where it is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from cdsl.constraints import aliases, domains
from cdsl.names import normal
from cdsl.source import Span
from cdsl.syntax import ast

Kind: TypeAlias = Literal[
    "dim", "data", "parameter", "let", "child", "param", "alias", "model", "file", "import",
    "domain", "transform", "function", "argument", "constant", "unknown",
]  # fmt: skip
"""What a word is. The first seven are declared by specs; a `file` is a spec's own model, an `import` a name for what is
another's, or for what is not there."""


@dataclass(frozen=True)
class Declared:
    """Something that a spec declares. It is what it is by its file, the model that it stands in, and its name."""

    file: Path | None
    kind: Kind
    within: tuple[str, ...]
    """The models that it stands in, or the type whose parameter it is."""
    name: str
    """In normal form."""
    span: Span = field(compare=False)
    """Of its name; of a file, its beginning."""
    node: ast.Declaration | ast.Param | ast.Imported | None = field(compare=False, repr=False)
    home: Scope = field(compare=False, repr=False)
    """Where it is known."""
    text: str = field(compare=False, repr=False)
    """Of its file."""
    inner: Scope | None = field(default=None, compare=False, repr=False)
    """Of a model, what is declared in it."""
    target: Declared | None = field(default=None, compare=False, repr=False)
    """Of an import, what that names in its own file."""

    @property
    def meant(self) -> Declared:
        """What it names in the end."""
        return self.target.meant if self.target else self

    @property
    def name_of_other(self) -> bool:
        """Whether it is an import without `as`, whose name the other file gives."""
        return isinstance(self.node, ast.Imported) and self.node.other is None

    @property
    def declaration(self) -> ast.Declaration | None:
        """Where it stands as a declaration of its own."""
        return None if isinstance(self.node, ast.Param | ast.Imported) else self.node


@dataclass
class Scope:
    """The names of one model, and those of what it stands in."""

    path: tuple[str, ...]
    span: Span
    values: dict[str, Declared] = field(default_factory=dict)
    types: dict[str, Declared] = field(default_factory=dict)
    outer: Scope | None = None

    def type(self, name: str) -> Declared | None:
        """The type or model of this name, here or outside."""
        return self.types.get(name) or (self.outer.type(name) if self.outer else None)


def kind_of(declared: Declared | None) -> Kind:
    """What a word is that names this."""
    return declared.meant.kind if declared else "unknown"


def nearest(declared: Declared) -> Declared:
    """What a renaming of the word would rename: behind an import without `as`, what that names."""
    return declared.target if declared.name_of_other and declared.target else declared


def takes(declared: Declared) -> dict[str, Declared]:
    """What a type or a model is given by name."""
    if isinstance(declared.node, ast.Alias):
        within = (*declared.home.path, declared.name)
        return {
            key: Declared(declared.file, "param", within, key, param.name.span, param, declared.home, declared.text)
            for param in declared.node.params
            for key in [normal(param.name.text)]
        }
    values = declared.inner.values if declared.inner else {}
    return {name: one for name, one in values.items() if one.kind in ("dim", "data")}


def model_of(child: Declared | None) -> Declared | None:
    """The model that a value is, or is a list of."""
    if child is None or not isinstance(child.node, ast.Parameter):
        return None
    found = child.home.type(normal(child.node.type.name.text))
    return found.meant if found and found.meant.inner else None


def members(child: Declared | None) -> dict[str, Declared]:
    """The values of a nested model that its parent may name."""
    model = model_of(child)
    values = model.inner.values if model and model.inner else {}
    return {name: one for name, one in values.items() if one.kind in ("parameter", "let", "child") and name[0] != "_"}


def child_of(node: ast.Expr, scope: Scope) -> Declared | None:
    """The nested model that an expression is, `noise`, `noise[0]` or `noise.inner`."""
    match node:
        case ast.Name():
            return scope.values.get(normal(node.text))
        case ast.Subscript():
            return child_of(node.operand, scope)
        case ast.Member():
            return members(child_of(node.operand, scope)).get(normal(node.name.text))
    return None


def domain_of(name: str, scope: Scope) -> str:
    """The domain of a type, through those that others are made of; the name itself where that is none."""
    for _ in range(100):
        declared = scope.type(normal(name))
        if declared is None or not isinstance(declared.meant.node, ast.Alias):
            break
        scope, name = declared.meant.home, declared.meant.node.type.name.text
    found = domains().get(name) or aliases().get(name)
    return found.name if found else name
