"""Expressions, sizes and arguments as a spec writes them."""

from __future__ import annotations

from cdsl.constraints.base import text
from cdsl.model import Expression, Given, Size

LEVELS = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 1),
    **dict.fromkeys(("+", "-"), 2),
    **dict.fromkeys(("*", "/", "//", "@"), 3),
    "negate": 4,
    "**": 5,
}
"""How tightly an operator holds what stands beside it; whatever is not here holds tightest."""

TIGHTEST = 6


def spelled(expression: Expression) -> str:
    """The expression, with the parentheses that it needs and no other."""
    parts = expression.operands
    match expression.op:
        case "number":
            value = expression.value
            return {True: "true", False: "false"}[value] if isinstance(value, bool) else number_text(value)
        case "constant":
            return array_text(expression.value)
        case "dim" | "data" | "parameter" | "let" | "child":
            return expression.name
        case "member":
            return f"{spelled(parts[0])}.{expression.name}"
        case "item":
            return f"{spelled(parts[0])}[{spelled(parts[1])}]"
        case "array":
            return f"[{', '.join(map(spelled, parts))}]"
        case "negate":
            return f"-{within(parts[0], 4)}"
        case "index":
            return f"{within(parts[0], TIGHTEST)}[{index_text(expression)}]"
        case "**":
            return f"{within(parts[0], 6)}**{within(parts[1], 4)}"
        case op if op in LEVELS:
            level = LEVELS[op]
            left = level + 1 if level == 1 else level
            return f"{within(parts[0], left)} {op} {within(parts[1], level + 1)}"
    options = (f"{name}={option_text(value)}" for name, value in expression.options)
    return f"{expression.op}({', '.join([*map(spelled, parts), *options])})"


def within(expression: Expression, level: int) -> str:
    """The expression where an operator of this level stands beside it."""
    inner = spelled(expression)
    own = LEVELS.get(expression.op, TIGHTEST)
    if expression.op == "number" and inner.startswith("-"):
        own = LEVELS["negate"]
    return f"({inner})" if own < level else inner


def index_text(expression: Expression) -> str:
    """What stands between the brackets: operands take the places of `_` in the pattern, slices and `None` are written in it."""
    rest = iter(expression.operands[1:])
    return ", ".join(
        "".join(spelled(next(rest)) if char == "_" else char for char in place).replace("N", "None")
        for place in expression.name.split(",")
    )


def size_text(size: Size) -> str:
    """A size."""
    return str(size) if isinstance(size, int) else spelled(size)


def given_text(argument: Given) -> str:
    """An argument of a domain."""
    return spelled(argument) if isinstance(argument, Expression) else array_text(argument)


def array_text(value: object) -> str:
    """A number, or an array in brackets."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(array_text, value))}]"
    return number_text(value)


def number_text(value: object) -> str:
    """A number in the fewest digits that read back as it."""
    return str(value) if isinstance(value, int) else text(value)


def option_text(value: object) -> str:
    """An option of a function."""
    return "None" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
