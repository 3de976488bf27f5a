"""What may be typed at an offset: only what may stand there, and what is known there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from cdsl import catalogue
from cdsl.checker.imports import is_module
from cdsl.constraints import domains, parts_of
from cdsl.discrete import DISCRETE
from cdsl.functions import functions
from cdsl.lsp.analysis import Analysis, origin
from cdsl.lsp.context import Context, Open, context
from cdsl.lsp.hover import described
from cdsl.lsp.index import Index
from cdsl.lsp.project import Project
from cdsl.lsp.scopes import Declared, Scope, domain_of, members, takes
from cdsl.lsp.signatures import SIZE
from cdsl.source import Span

Kind: TypeAlias = Literal[
    "keyword", "type", "model", "value", "function", "transform", "argument", "constant", "file", "folder"
]

KEYWORDS = {
    "dim": "a size, given when the module is built",
    "data": "a tensor that the caller passes in",
    "let": "a value that follows from others",
    "type": "a name for a type",
    "model": "a named model",
    "from": "types and models of another file",
    "frozen": "a constant parameter",
}
MOST_ENTRIES = 500
"""Files and folders of a directory that are offered."""


class Item(NamedTuple):
    """Something that may be typed."""

    label: str
    kind: Kind
    detail: str = ""
    insert: str = ""
    """What is typed, where that is not the label."""
    span: Span = Span(0, 0)
    """What it takes the place of."""


def complete(text: str, offset: int, index: Index, analysis: Analysis, project: Project) -> list[Item]:
    """Everything that may stand at an offset. The index and the analysis may be those of an earlier text."""
    here = context(text, offset)
    scope = index.scope_at(offset)
    return [one._replace(span=here.word) for one in candidates(here, scope, offset, index, analysis, project)]


def candidates(
    here: Context, scope: Scope, offset: int, index: Index, analysis: Analysis, project: Project
) -> Iterable[Item]:
    """The same, without the places."""
    match here.role:
        case "line":
            return [Item(word, "keyword", about) for word, about in KEYWORDS.items()]
        case "type":
            return types(scope, offset, data=here.head == "data", alias=here.head == "type")
        case "after_type":
            plain = here.head == "data" or takes_model(here.type, scope)
            return [Item("via", "keyword", "the transform that reaches the domain")] * (not plain)
        case "transform":
            return transforms(domain_of(here.type, scope), staged=not here.brackets)
        case "expression" if of := domain_of_part(here, scope):
            return transforms(of, staged=False)
        case "expression":
            return [*arguments(here, scope), *values(scope, offset, analysis, index), *called(here)]
        case "member":
            return inner_values(here.operand, scope, analysis, index)
        case "path":
            return paths(here.path, index, project)
        case "after_path":
            return [Item("import", "keyword", "which of its types and models")]
        case "import":
            return exported(here.path, index)
        case "after_import":
            return [Item("as", "keyword", "its name in this file")]
    return []


def types(scope: Scope, offset: int, *, data: bool, alias: bool) -> Iterator[Item]:
    """What may stand as a type: what the file names above, and what the language has."""
    for one in type_names(scope):
        if one.span.start < offset and not (one.meant.inner and (data or alias)):
            yield Item(one.name, "model" if one.meant.inner else "type", declared_as(one))
    for domain in domains().values():
        yield Item(domain.name, "type", domain.notation)
    if data or alias:
        for discrete in DISCRETE.values():
            yield Item(discrete.name, "type", discrete.notation)


def type_names(scope: Scope) -> Iterator[Declared]:
    """The types and models that are known in a scope, its own first."""
    seen: set[str] = set()
    at: Scope | None = scope
    while at is not None:
        for name, one in at.types.items():
            if name not in seen:
                seen.add(name)
                yield one
        at = at.outer


def takes_model(name: str, scope: Scope) -> bool:
    """Whether a type is a model, which has no transform."""
    found = scope.type(name)
    return found is not None and found.meant.inner is not None


def transforms(domain: str, *, staged: bool) -> Iterator[Item]:
    """The transforms of a domain, the default first, with the other words for them."""
    found = domains().get(domain)
    if found is None:
        return
    for name, transform in found.transforms.items():
        default = "default, " if name == found.default else ""
        surjective = "" if transform.bijective else "surjective, "
        yield Item(name, "transform", f"{default}{surjective}{catalogue.formula(transform.forward)}")
    for alias, name in found.aliases.items():
        yield Item(alias, "transform", f"another word for {name}")
    if staged:
        yield Item("staged", "transform", "one for training, one for use", "staged(train=, eval=)")


def values(scope: Scope, offset: int, analysis: Analysis, index: Index) -> Iterator[Item]:
    """The values that stand above."""
    for name, one in scope.values.items():
        if one.span.end < offset:
            yield Item(name, "value", described(one, analysis, index))


def called(here: Context) -> Iterator[Item]:
    """Functions and constants; in sizes, those that give one."""
    sizes = bool(here.brackets) and here.brackets[-1].what == "sizes"
    for one in functions().values():
        if one.name.isidentifier() and (not sizes or one.name in ("min", "max", "sum")):
            yield Item(one.name, "function", f"{one.written}: {one.about}")
    yield Item("size", "function", f"{SIZE.label}: {SIZE.about}")
    for name in () if sizes else ("pi", "inf", "true", "false", "None"):
        yield Item(name, "constant")


def arguments(here: Context, scope: Scope) -> Iterator[Item]:
    """The names of arguments that are still to be given."""
    if not here.brackets or here.brackets[-1].keyword:
        return
    inner = here.brackets[-1]
    for name, about in argument_names(inner, here, scope):
        if name not in inner.given:
            yield Item(f"{name}=", "argument", about)


def domain_of_part(here: Context, scope: Scope) -> str:
    """The domain whose transforms a part takes, behind `gap=`."""
    if not here.brackets or here.brackets[-1].what != "transform":
        return ""
    parts = parts_of(domain_of(here.type, scope), here.brackets[-1].callee)
    return parts.get(here.brackets[-1].keyword, ("", ""))[0]


def argument_names(inner: Open, here: Context, scope: Scope) -> Iterator[tuple[str, str]]:
    """What is called takes these, each with what it is."""
    match inner.what:
        case "type":
            declared = scope.type(inner.callee)
            domain = domains().get(inner.callee) or DISCRETE.get(inner.callee)
            if declared is not None:
                yield from ((name, declared_as(one)) for name, one in takes(declared.meant).items())
            elif domain is not None:
                yield from ((name, f"of {domain.name}") for name in domain.arguments)
        case "transform" if inner.callee == "staged":
            yield from (("train", "the transform for training"), ("eval", "the transform for use"))
        case "transform" if parts := parts_of(domain_of(here.type, scope), inner.callee):
            yield from ((name, f"a transform of {of}") for name, (of, _) in parts.items())
        case "transform":
            found = domains().get(domain_of(here.type, scope))
            if found is not None and found.elementwise and found.arguments != ("loc", "scale"):
                yield from (("loc", "added before the transform"), ("scale", "multiplied before the transform"))
        case "function":
            function = functions().get(inner.callee)
            if function is not None:
                yield from ((name, f"of {function.name}") for name in function.options)


def inner_values(names: list[str], scope: Scope, analysis: Analysis, index: Index) -> Iterator[Item]:
    """The values of a nested model."""
    found = scope.values.get(names[0])
    for name in names[1:]:
        found = members(found).get(name)
    for name, one in members(found).items():
        yield Item(name, "value", described(one, analysis, index))


def exported(path: str, index: Index) -> Iterator[Item]:
    """The types and models of another file."""
    other = index.foreign(path)
    if other is None:
        return
    for name, one in other.top.types.items():
        yield Item(name, "model" if one.meant.inner else "type", declared_as(one))
    if other.top.values and other.own.name:
        yield Item(other.own.name, "model", "the file's own model")


def paths(written: str, index: Index, project: Project) -> Iterator[Item]:
    """The folders and specs beside the file that a path may go on with."""
    if index.file is None:
        return
    folder = written.rpartition("/")[0]
    root, here = origin(index.file, project.root)
    try:
        place = (here.parent / folder).resolve()
        entries = sorted(place.iterdir())[:MOST_ENTRIES] if place.is_relative_to(root) else []
    except (OSError, ValueError):
        return
    prefix = f"{folder}/" if folder else ""
    for entry in entries:
        if entry.suffix == ".cdsl" and project.find(index.file, f"{prefix}{entry.name}"):
            yield Item(f"{prefix}{entry.name}", "file")
        elif is_folder(entry):
            yield Item(f"{prefix}{entry.name}/", "folder")


def is_folder(entry: Path) -> bool:
    """Whether a folder may stand in the path of an import."""
    return is_module(entry.name) and entry.is_dir()


def declared_as(one: Declared) -> str:
    """What it is, in a word."""
    return {"param": "a parameter of the type", "alias": "a type", "file": "a model"}.get(
        one.meant.kind, one.meant.kind
    )
