"""What declarations meant before: one that is the same, among names that mean the same, is not judged again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from cdsl.checker.scope import Scope, names_in
from cdsl.diagnostics import Diagnostic
from cdsl.syntax import ast

Found = TypeVar("Found")


class Judged(NamedTuple):
    """A declaration without an error: what it was judged by, what it means, and the warnings about it."""

    written: ast.Node
    type_: object
    names: tuple[str, ...]
    known: object
    found: Any
    warnings: list[Diagnostic]


class Memory:
    """What is remembered of one text while the next is judged. Nodes are told apart by identity, and kept for that."""

    def __init__(self) -> None:
        self.before: dict[int, Judged] = {}
        self.now: dict[int, Judged] = {}
        self.called_before: dict[tuple[object, ...], tuple[tuple[object, ...], Any]] = {}
        self.called_now: dict[tuple[object, ...], tuple[tuple[object, ...], Any]] = {}

    def turn(self) -> None:
        """Begin with the next text; what the last one did not have is forgotten."""
        self.before, self.now = self.now, {}
        self.called_before, self.called_now = self.called_now, {}

    def once(self, function: Callable[..., Found], *given: object) -> Found:
        """What a function returns for these very objects, or did before."""
        key = (function, *map(id, given))
        called = self.called_before.get(key) or (given, function(*given))
        self.called_now[key] = called
        return called[1]

    def recall(
        self,
        written: ast.Node,
        type_: tuple[ast.Alias | None, object, bool],
        scope: Scope,
        problems: list[Diagnostic],
        judge: Callable[[list[Diagnostic]], Found | None],
    ) -> Found | None:
        """The meaning of a declaration, whose type's name means this, remembered or judged.

        An error is judged each time: what it says may be about any name.
        """
        judged = self.before.get(id(written))
        if judged is None or judged.type_ != type_ or judged.known != known_of(judged.names, scope):
            warnings: list[Diagnostic] = []
            found = judge(warnings)
            if found is None:
                problems += warnings
                return None
            names = names_in(written)
            if type_[0] is not None:
                names = (*names, *names_in(type_[0].type), *names_in(type_[0].via))
            judged = Judged(written, type_, names, known_of(names, scope), found, warnings)
        self.now[id(written)] = judged
        problems += judged.warnings
        return judged.found  # type: ignore[no-any-return]  # what `judge` returned

    def same(self, written: ast.Node, found: Found) -> Found:
        """What a type or a model means: the object of before, where it is equal, so that its uses find it unchanged."""
        judged = self.before.get(id(written))
        if judged is None or judged.found != found:
            judged = Judged(written, None, (), None, found, [])
        self.now[id(written)] = judged
        return judged.found  # type: ignore[no-any-return]  # equal to `found`


def known_of(names: tuple[str, ...], scope: Scope) -> tuple[tuple[object, bool], ...]:
    """What a scope knows of names."""
    return tuple((scope.known.get(name), name in scope.broken) for name in names)
