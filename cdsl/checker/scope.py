"""The names of a spec, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cdsl.diagnostics import Diagnostic, Fix, Label
from cdsl.extents import Extent, Shape
from cdsl.model import Expression, Kind
from cdsl.names import closest, normal
from cdsl.source import Span
from cdsl.syntax import ast

MOST_HINTS = 20
LONGEST_CYCLE = 1000
"""Names in a cycle that is told as one."""

Sort = Literal["dim", "data", "parameter", "let", "child"]


@dataclass(frozen=True)
class Known:
    """A name that expressions may use."""

    sort: Sort
    shape: Shape = ()
    kind: Kind = "real"
    varies: bool = False
    """Depends on a parameter."""
    thaws: str = ""
    """The parameter that is not frozen on which it depends, if any."""
    value: Expression | None = None
    """Of a let that depends on no parameter, what computes it where lets are not known."""
    weight: int = 1
    depth: int = 1
    """Of that: how many operations it has, and how deep they stand in one another."""
    members: Mapping[str, Known] | None = None
    """Of a nested model, its values, their sizes in the names of that model."""
    extents: Mapping[str, Extent] = field(default_factory=dict)
    """Of a nested model, what its dims are here."""
    many: Extent | None = None
    """Of a list of nested models, how many."""


@dataclass
class Scope:
    """The names of one model: those that stand above, by what is known of them, and those that follow."""

    known: dict[str, Known] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Declared with an error, which has been told: what uses them is not judged."""
    later: dict[str, ast.Name] = field(default_factory=dict)
    """Declared, and not yet met."""
    named: dict[str, ast.Declaration] = field(default_factory=dict)
    """The declarations of the model, for telling cycles."""
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The names that each of them uses, once that was asked."""
    missing: str = ""
    """The last name that was not known at all."""
    hints: int = MOST_HINTS
    """For how many unknown names a like one is still looked for."""

    def unknown(self, name: str, span: Span, within: str) -> Diagnostic:
        """Why a name that is not known cannot be used here."""
        fix: Fix | None = None
        related: list[tuple[str, str]] = []
        if name == within:
            message, help = f"`{name}` is used in its own declaration", "a declaration uses what stands above it"
        elif name in self.later:
            path = self.path(name, within)
            if path:
                self.broken |= {*path}  # each of them is in it, and it is told once
                message = f"{' → '.join(f'`{one}`' for one in (*path, path[0]))}: each needs the next"
                help = "break the cycle: a declaration uses what stands above it"
                steps = zip(path, (*path[1:], path[0]), strict=True)
                related = [(one, f"needs `{other}`") for one, other in steps if one in self.later]
            else:
                message = f"`{name}` is declared below, and used here"
                help = f"move the declaration of `{name}` above this one"
                related = [(name, "declared here")]
        else:
            self.missing = name
            self.hints -= 1
            close = closest(name, [*self.known, *self.later]) if self.hints >= 0 else ""
            message, fix = f"unknown name `{name}`", Fix.respelling(close, span)
            help = "an expression uses dims, data, parameters and lets that stand above it"
            help = f"did you mean `{close}`?" if close else help
        also = tuple(Label(span=self.later[one].span, text=text) for one, text in related)
        return Diagnostic(
            code="E205", message=message, span=span, label="not known here", also=also, help=help, fix=fix
        )

    def path(self, start: str, goal: str) -> tuple[str, ...]:
        """The names from goal to start and back to goal, where start needs goal; otherwise nothing."""
        before: dict[str, str] = {}
        waiting = [start]
        while waiting and len(before) < LONGEST_CYCLE:
            name = waiting.pop()
            if name not in self.uses:
                self.uses[name] = names_in(self.named.get(name))
            for used in self.uses[name]:
                if used == goal:
                    steps = [name]
                    while steps[-1] != start:
                        steps.append(before[steps[-1]])
                    return (goal, *reversed(steps))
                if used not in before and used != start:
                    before[used] = name
                    waiting.append(used)
        return ()


USES: dict[type[ast.Node], tuple[str, ...]] = {
    ast.Call: ("arguments",),
    ast.Member: ("operand",),
    ast.Argument: ("value",),
    ast.Type: ("arguments", "sizes"),
    ast.Parameter: ("type", "via", "start", "held"),
    ast.Data: ("type", "default"),
    ast.Dim: ("default",),
    ast.Let: ("value",),
    ast.Array: ("entries",),
    ast.Negate: ("operand",),
    ast.Binary: ("left", "right"),
    ast.Slice: ("start", "stop", "step"),
    ast.Subscript: ("operand", "indices"),
}
"""Where in a node values are used."""


def names_in(node: ast.Node | None) -> tuple[str, ...]:
    """The value names that an expression or a declaration uses."""
    found: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Name):
            found.append(normal(one.text))
        elif isinstance(one, tuple):
            waiting += one
        elif isinstance(one, ast.Via):  # what is given by another name is a transform
            waiting += [each for each in one.arguments or () if each.name is None or each.name.text in ("loc", "scale")]
        else:
            waiting += [getattr(one, part) for part in USES.get(type(one), ())]
    return tuple(dict.fromkeys(found))
