"""Spec → Model: what the words of a spec mean. Every problem is collected, in the order of the source."""

from __future__ import annotations

import builtins
import keyword
from typing import NamedTuple

from cdsl.checker.parameters import check_parameter
from cdsl.diagnostics import Diagnostic, errors, in_order
from cdsl.model import Model, Parameter
from cdsl.names import OURS, normal, raw_name, refuse
from cdsl.source import Span
from cdsl.syntax import ast


class Checked(NamedTuple):
    """The model, or None where the spec has an error; and all there is to say about the spec."""

    model: Model | None
    diagnostics: tuple[Diagnostic, ...]


def check(spec: ast.Spec, name: str = "Model") -> Checked:
    """The meaning of a spec, as a model whose class has this name. Never raises for what a spec may contain."""
    problems = list(spec.diagnostics)
    parameters: list[Parameter] = []
    for declaration in spec.declarations:
        if isinstance(declaration, ast.Later):
            problems.append(not_yet(declaration))
            continue
        parameter = check_parameter(declaration, problems)
        if parameter is not None:
            parameters.append(parameter)
    problems += refuse_class(name)
    written = [one for one in spec.declarations if isinstance(one, ast.Parameter)]
    check_names([one.name for one in written], f"{name}Values", problems)
    if not spec.declarations and not errors(tuple(problems)):
        problems.append(nothing_declared(spec))
    diagnostics = in_order(problems)
    if errors(diagnostics):
        return Checked(None, diagnostics)
    return Checked(Model(name=name, doc=spec.doc, parameters=tuple(parameters)), diagnostics)


def refuse_class(name: str) -> list[Diagnostic]:
    """Why the class of the model may not have this name."""
    plain = name.isidentifier() and name == normal(name) and not keyword.iskeyword(name) and not name.startswith("_")
    if plain and name not in OURS | {"NamedTuple"} | set(dir(builtins)):
        return []
    message = f"`{name}` cannot be the name of a class in the generated module"
    return [Diagnostic(code="E003", message=message, help="give the class another name, for example `--name MyModel`")]


def check_names(names: list[ast.Name], values_class: str, problems: list[Diagnostic]) -> None:
    """Every name is good, declared once, no other parameter's raw, and not the class of the values."""
    first: dict[str, ast.Name] = {}
    for name in names:
        if refused := refuse(name.text):
            reason, instead = refused
            problems.append(
                Diagnostic(
                    code="E204", message=f"`{name.text}` {reason}", span=name.span, label="refused", help=instead
                )
            )
        before = first.setdefault(normal(name.text), name)
        if before is not name:
            twin = "" if before.text == name.text else f": Python reads `{before.text}` and `{name.text}` as one name"
            problems.append(
                Diagnostic(
                    code="E203",
                    message=f"`{name.text}` is declared twice{twin}",
                    span=name.span,
                    label="again here",
                    help="give one of them another name",
                )
            )
    for name in names:
        if normal(name.text) == values_class:
            message = f"`{name.text}` is the class that holds the values"
            problems.append(
                Diagnostic(code="E204", message=message, span=name.span, label="refused", help=f"write `{name.text}_`")
            )
        owner = normal(name.text).removesuffix("_raw")
        if raw_name(owner) == normal(name.text) and owner in first:
            problems.append(
                Diagnostic(
                    code="E204",
                    message=f"`{name.text}` is where the raw values of `{owner}` are kept",
                    span=name.span,
                    label="refused",
                    help=f"write `{name.text}_`",
                )
            )


def not_yet(declaration: ast.Later) -> Diagnostic:
    """A form of the language that cdsl reads and does not compile yet."""
    return Diagnostic(
        code="E110",
        message=f"`{declaration.form}` is part of the language, and not yet of this version of cdsl",
        span=declaration.span,
        help="this version compiles parameters: `name: domain(arguments)[sizes] via transform = start`",
    )


def nothing_declared(spec: ast.Spec) -> Diagnostic:
    """A spec has at least one declaration."""
    return Diagnostic(
        code="E103",
        message="nothing is declared",
        span=Span(spec.span.end, spec.span.end),
        help="a spec declares parameters, one a line, for example `p: prob`",
    )
