"""Types of whole numbers and truth values. Data alone may have them: no gradient reaches a parameter of such a type."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from cdsl.constraints.base import Violation, text


@dataclass(frozen=True)
class Discrete:
    """Whole numbers from `low` up to `high`, both included; or truth values."""

    name: str
    arguments: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    """Of the last arguments: a spec may leave them out."""
    kind: Literal["int", "bool"] = "int"
    example: str = ""
    notation: str = ""

    def bounds(self, *arguments: Any) -> tuple[Any, Any]:
        """The least and the largest value; each argument a number or a tensor."""
        match self.name:
            case "int":
                given = [*arguments, *self.defaults[len(arguments) :]]
                return given[0], given[1]
            case "index":
                return 0, arguments[0] - 1
            case "count":
                return 0, math.inf
        return 0, 1

    def contains(self, value: Any, *arguments: Any) -> Any:
        """Of a tensor, which entries are within the bounds."""
        low, high = self.bounds(*arguments)
        return (value >= low) & (value <= high)

    def violation(self, value: float, *arguments: Any) -> Violation | None:
        """Why one number is not in it."""
        low, high = self.bounds(*arguments)
        if low <= value <= high:
            return None
        if self.name == "index":
            return Violation((), text(value), f"be at least 0 and less than {text(arguments[0])}: cdsl counts from 0")
        if math.isinf(high):
            return Violation((), text(value), f"be at least {text(low)}")
        return Violation((), text(value), f"be at least {text(low)} and at most {text(high)}")


DISCRETE = {
    one.name: one
    for one in (
        Discrete("int", ("low", "high"), (-math.inf, math.inf), example="int(0, 10)[N]", notation="{low, …, high}"),
        Discrete("count", example="count[N]", notation="{0, 1, 2, …}"),
        Discrete("index", ("K",), example="index(K)[N]", notation="{0, …, K - 1}"),
        Discrete("bool", kind="bool", example="bool[N]", notation="{false, true}"),
    )
}
