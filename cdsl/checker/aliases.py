"""Names for types: what a use of one stands for, written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cdsl.checker.parameters import resolve_domain
from cdsl.constraints import aliases, domains
from cdsl.diagnostics import Diagnostic
from cdsl.discrete import DISCRETE
from cdsl.limits import DEEPEST_EXPRESSION, MOST_OPERATIONS
from cdsl.names import normal
from cdsl.syntax import ast

Node = TypeVar("Node", bound=ast.Node)
Aliases = dict[str, ast.Alias]


def check_alias(written: ast.Alias, known: Aliases, problems: list[Diagnostic]) -> None:
    """Add an alias to those that are known: its own type is written out by those above it."""
    name = normal(written.name.text)
    if refused := refuse_language(written.name):
        problems.append(refused)
        return
    if name in known:
        message = f"the type `{name}` is declared twice"
        problems.append(Diagnostic(code="E211", message=message, span=written.name.span, label="again here"))
        return
    found = expand(written.type, written.via, known, problems)
    if found is not None and resolve_domain(found[0].name, problems, discrete=True) is not None:
        type_, via = found
        known[name] = written.model_copy(update={"type": type_, "via": via})


def refuse_language(name: ast.Name) -> Diagnostic | None:
    """A type of the language keeps its name."""
    if name.text not in domains() and name.text not in aliases() and name.text not in DISCRETE:
        return None
    message = f"`{name.text}` is a type of the language"
    return Diagnostic(code="E211", message=message, span=name.span, help=f"write `{name.text}_`")


def expand(
    written: ast.Type, via: ast.Via | None, known: Aliases, problems: list[Diagnostic]
) -> tuple[ast.Type, ast.Via | None] | None:
    """A type without aliases: arguments take the places of parameters, own sizes come last, and its `via` holds unless the
    use has one. None where the use does not fit."""
    alias = known.get(normal(written.name.text))
    if alias is None:
        return written, via
    by_name = bound(alias, written, problems)
    if by_name is None:
        return None
    type_ = substitute(alias.type, by_name)
    operations, depth = measured(type_)
    if operations > MOST_OPERATIONS or depth > DEEPEST_EXPRESSION:
        message = f"`{alias.name.text}`, written out, has more than {MOST_OPERATIONS} operations"
        if depth > DEEPEST_EXPRESSION:
            message = f"`{alias.name.text}`, written out, nests expressions more than {DEEPEST_EXPRESSION} deep"
        problems.append(Diagnostic(code="E102", message=message, span=written.span))
        return None
    sizes = (*(written.sizes or ()), *(type_.sizes or ())) or None
    inherited = None if alias.via is None else substitute(alias.via, by_name)
    return type_.model_copy(update={"sizes": sizes, "span": written.span}), via or inherited


def bound(alias: ast.Alias, written: ast.Type, problems: list[Diagnostic]) -> dict[str, ast.Expr] | None:
    """Each parameter of an alias with its argument or its default."""
    names = [normal(one.name.text) for one in alias.params]
    takes = f"`{alias.name.text}` takes ({', '.join(names)})" if names else f"`{alias.name.text}` takes no arguments"
    by_name: dict[str, ast.Expr] = {}
    for position, argument in enumerate(written.arguments or ()):
        name = normal(argument.name.text) if argument.name else names[position] if position < len(names) else ""
        if name not in names or name in by_name:
            problems.append(Diagnostic(code="E301", message=takes, span=argument.span))
            return None
        by_name[name] = argument.value
    for name, param in zip(names, alias.params, strict=True):
        if name not in by_name and param.default is None:
            problems.append(Diagnostic(code="E301", message=f"{takes}, got no `{name}`", span=written.span))
            return None
        if name not in by_name and param.default is not None:
            by_name[name] = param.default
    return by_name


def measured(node: ast.Node) -> tuple[int, int]:
    """How many nodes a tree has, and how deep it is; what stands in several places is looked at once."""
    known: dict[int, tuple[int, int]] = {}
    waiting = [node]
    while waiting:
        one = waiting[-1]
        inside = list(children(one))
        if missing := [child for child in inside if id(child) not in known]:
            waiting += missing
            continue
        sizes = [known[id(child)] for child in inside]
        known[id(one)] = (1 + sum(count for count, _ in sizes), 1 + max((depth for _, depth in sizes), default=0))
        waiting.pop()
    return known[id(node)]


def children(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes that a node is made of."""
    for _, value in node:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, ast.Node):
                yield one


def substitute(node: Node, by_name: dict[str, ast.Expr]) -> Node:
    """The node with arguments in the places of parameters."""
    changed = {
        field: replaced
        for field, value in node
        if field not in ("span", "function") and (replaced := in_place(value, by_name)) is not value
    }
    if isinstance(node, ast.Type | ast.Via):
        changed.pop("name", None)
    if isinstance(node, ast.Argument | ast.Member):
        changed.pop("name", None)
    return node.model_copy(update=changed) if changed else node


def in_place(value: object, by_name: dict[str, ast.Expr]) -> object:
    """A field of a node, likewise."""
    if isinstance(value, ast.Name):
        return by_name.get(normal(value.text), value)
    if isinstance(value, ast.Node):
        return substitute(value, by_name)
    if isinstance(value, tuple):
        entries = tuple(in_place(one, by_name) for one in value)
        return entries if any(a is not b for a, b in zip(entries, value, strict=True)) else value
    return value
