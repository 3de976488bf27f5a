"""What an expression means, whatever the lets in it are called and wherever it stands: two are alike where these are equal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from cdsl.model import Expression, Given, Let, Model
from cdsl.places import Declaration, Place, places, size_text
from cdsl.written import array_text


class Meanings:
    """The declarations of a spec where they stand, under the names that another spec has for them."""

    def __init__(self, model: Model, renamed: Callable[[str], str] = lambda path: path) -> None:
        self.found: list[tuple[Place, Declaration]] = list(places(model))
        self._renamed = renamed
        self._lets: dict[str, str] = {}
        for place, one in self.found:  # each uses what comes before it
            if isinstance(one, Let):
                self._lets[place.path + one.name] = self.of(place, one.value)

    def of(self, place: Place, given: Given) -> str:
        """The meaning of an expression or a constant where it stands."""
        if not isinstance(given, Expression):
            return array_text(given)
        path = place.path + given.name
        match given.op:
            case "number" | "constant":
                return array_text(given.value)
            case "dim":
                return f"dim {size_text(place.extent(given))}"
            case "data":
                bound = place.given(given.name)
                return (
                    f"data {self._renamed(path)}"
                    if bound is None or place.around is None
                    else self.of(place.around, bound)
                )
            case "let":
                return self._lets[path]
            case "parameter" | "child":
                return f"value {self._renamed(path)}"
            case "member" if (lets := self._let_of(place, given)) is not None:
                return lets
        parts = [self.of(place, one) for one in given.operands]
        return digest((given.op, given.name, repr(given.value), repr(given.options), *parts))

    def _let_of(self, place: Place, member: Expression) -> str | None:
        """The meaning of a derived value of a nested model, told apart in a list by its index; None for what is no such."""
        steps, one = [], member
        while one.op in ("member", "item"):
            steps.append(one)
            one = one.operands[0]
        path, indices = place.path + one.name, list[str]()
        for step in reversed(steps):
            if step.op == "item":
                indices.append(self.of(place, step.operands[1]))
            path += "[*]" if step.op == "item" else f".{step.name}"
        return digest((self._lets[path], *indices)) if path in self._lets else None


def digest(parts: Sequence[str]) -> str:
    """A text of one length for texts of any."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
