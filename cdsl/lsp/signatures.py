"""How what stands before an open bracket is called, and which argument the offset is in."""

from __future__ import annotations

from typing import NamedTuple

from cdsl import catalogue
from cdsl.constraints import aliases, domains, parts_of
from cdsl.constraints.base import text as number
from cdsl.discrete import DISCRETE
from cdsl.functions import functions
from cdsl.lsp.context import Open, context
from cdsl.lsp.index import Index
from cdsl.lsp.scopes import Declared, Scope, domain_of, takes
from cdsl.source import Span
from cdsl.syntax import ast


class Signature(NamedTuple):
    """`name(a, b=1)`, what it is, and its arguments as they stand in that."""

    label: str
    about: str
    arguments: tuple[str, ...]
    active: int | None = None


SIZE = Signature("size(x, axis=None)", "how many entries; along an axis", ("x", "axis=None"))


def signature(text: str, offset: int, index: Index) -> Signature | None:
    """That of the innermost call around an offset; a bracket of sizes has its domain's."""
    here = context(text, offset)
    scope = index.scope_at(offset)
    for bracket in reversed(here.brackets):
        found = of_bracket(bracket, domain_of(here.type, scope), scope)
        if found is not None:
            return found._replace(active=active(found, bracket))
    return None


def of_bracket(bracket: Open, domain: str, scope: Scope) -> Signature | None:
    """What is called."""
    match bracket.what:
        case "function":
            return of_function(bracket.callee)
        case "type" | "sizes":
            declared = scope.type(bracket.callee) if bracket.callee else None
            if declared is not None and bracket.what == "type":
                return of_declared(declared.meant)
            return of_domain(bracket.callee or domain, sizes=bracket.what == "sizes")
        case "transform" if bracket.callee == "staged":
            label = "staged(train=…, eval=…)"
            return Signature(label, "one transform for training, another for use", ("train=…", "eval=…"))
        case "transform" if parts := parts_of(domain, bracket.callee):
            given = tuple(f"{name}={own}" for name, (_, own) in parts.items())
            about = ", ".join(f"{name}: a transform of {of}" for name, (of, _) in parts.items())
            return Signature(f"{bracket.callee}({', '.join(given)})", about, given)
        case "transform":
            found = domains().get(domain)
            if found is None or not found.elementwise or found.arguments == ("loc", "scale"):
                return None
            about = f"raw ↦ {bracket.callee}(loc + scale · raw)"
            return Signature(f"{bracket.callee}(loc=0, scale=1)", about, ("loc=0", "scale=1"))
    return None


def of_function(name: str) -> Signature | None:
    """A function of expressions."""
    if name == "size":
        return SIZE
    function = functions().get(name)
    if function is None:
        return None
    inner = function.written[len(name) + 1 : -1]
    return Signature(function.written, function.about, tuple(inner.split(", ")) if inner else ())


def of_domain(name: str, *, sizes: bool) -> Signature | None:
    """A domain, its arguments or its sizes."""
    domain = domains().get(name) or aliases().get(name)
    if domain is not None:
        defaults = [""] * (len(domain.arguments) - len(domain.defaults)) + [
            f"={number(one)}" for one in domain.defaults
        ]
        arguments = tuple(one + default for one, default in zip(domain.arguments, defaults, strict=True))
        about = f"{domain.summary} {domain.notation}"
        return Signature(catalogue.written(domain), about, domain.sizes if sizes else arguments)
    discrete = DISCRETE.get(name)
    if discrete is None or sizes:
        return None
    return Signature(f"{name}({', '.join(discrete.arguments)})", discrete.notation, discrete.arguments)


def of_declared(declared: Declared) -> Signature:
    """A type of the file, or a model: what it takes."""
    names = tuple(name if required(one) else f"{name}=…" for name, one in takes(declared).items())
    node = declared.declaration
    doc = node.doc if isinstance(node, ast.Alias | ast.ModelBlock) else ""
    return Signature(f"{declared.name}({', '.join(names)})", doc, names)


def required(one: Declared) -> bool:
    """Whether it is a parameter without a default, which may be given by position."""
    return isinstance(one.node, ast.Param) and one.node.default is None


def active(found: Signature, bracket: Open) -> int | None:
    """Which argument is being written: by name, or by position; the last of several stands for those behind it."""
    if bracket.keyword:
        names = [one.partition("=")[0].strip("*?") for one in found.arguments]
        return names.index(bracket.keyword) if bracket.keyword in names else None
    if found.arguments and found.arguments[-1].startswith("*"):
        return min(bracket.argument, len(found.arguments) - 1)
    if bracket.what == "sizes":
        return None
    return bracket.argument if bracket.argument < len(found.arguments) else None


def places(found: Signature) -> list[Span]:
    """Where each argument stands in the label."""
    spans, at = [], found.label.find("[" if "(" not in found.label else "(") + 1
    for one in found.arguments:
        start = found.label.index(one, at) if one in found.label[at:] else at
        at = start + len(one)
        spans.append(Span(start, at))
    return spans
