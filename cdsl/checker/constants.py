"""Constant expressions: numbers and arrays of them, folded exactly and rounded to float64 once.

`0.1 + 0.2` is `0.3`, and `[1, 1, 1] / 3` are three times the float64 nearest to ⅓.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from cdsl.limits import MOST_BITS
from cdsl.model import Nested
from cdsl.source import Span
from cdsl.syntax import ast

Exact: TypeAlias = "Fraction | float | list[Exact]"
"""An exact number, an infinity, or an array."""

OPERATORS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": lambda a, b: Fraction(a // b),
}


class NotConstant(Exception):
    """An expression, or a part of one, that is no constant; the message says why."""

    def __init__(self, message: str, span: Span, help: str = "") -> None:
        super().__init__(message)
        self.message, self.span, self.help = message, span, help


def number(written: ast.Number) -> Fraction:
    """A number as written: decimal, without leading zeros, finite and not lost to underflow in float64."""
    text = written.text.replace("_", "")
    if text[0] == "0" and text[1:2].isdigit():
        raise NotConstant("a number has no leading zeros", written.span, f"write `{text.lstrip('0') or '0'}`")
    nearest = float(text)
    if math.isinf(nearest):
        raise NotConstant("the number overflows float64", written.span, f"the largest is {1.7976931348623157e308!r}")
    if nearest == 0 and any(digit in text.lower().split("e")[0] for digit in "123456789"):
        raise NotConstant("the number underflows to 0 in float64", written.span, "the smallest is 5e-324")
    return Fraction(int(text) if text.isdigit() else text) if nearest else Fraction(0)


def combine(left: Exact, right: Exact, expression: ast.Binary) -> Exact:
    """Both sides by the operator, entry by entry; a number meets every entry of an array."""
    if isinstance(left, list) and isinstance(right, list):
        if not alike(left, right):
            raise NotConstant(f"`{expression.operator}` needs a number, or two arrays of one shape", expression.span)
        return [combine(a, b, expression) for a, b in zip(left, right, strict=True)]
    if isinstance(left, list):
        return [combine(entry, right, expression) for entry in left]
    if isinstance(right, list):
        return [combine(left, entry, expression) for entry in right]
    if isinstance(left, float) or isinstance(right, float):
        raise NotConstant("arithmetic on `inf`", expression.span)
    value = power(left, right, expression) if expression.operator == "**" else divide(left, right, expression)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise NotConstant("the value does not fit float64", expression.span)
    return value


def divide(left: Fraction, right: Fraction, expression: ast.Binary) -> Fraction:
    """Every operator but the power."""
    try:
        return OPERATORS[expression.operator](left, right)
    except ZeroDivisionError:
        raise NotConstant("division by 0", expression.right.span) from None


def power(base: Fraction, exponent: Fraction, expression: ast.Binary) -> Fraction:
    """base ** exponent: exact for an integer exponent, the nearest float64 otherwise."""
    if base == 0 and exponent < 0:
        raise NotConstant("0 to a negative power", expression.span)
    if exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) > MOST_BITS or (bits > 1 and bits * abs(exponent) > MOST_BITS * 2):
            raise NotConstant("the value does not fit float64", expression.span)
        return base ** int(exponent)
    if base < 0:
        raise NotConstant("a negative number to a broken power", expression.span)
    try:
        return Fraction(float(base) ** float(exponent))
    except (OverflowError, ZeroDivisionError):
        raise NotConstant("the value does not fit float64", expression.span) from None


def alike(left: Exact, right: Exact) -> bool:
    """Whether two values are numbers both, or arrays of one shape."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    return not isinstance(left, list) and not isinstance(right, list)


def rounded(value: Exact, span: Span) -> Nested:
    """The nearest float64 of every entry."""
    if isinstance(value, list):
        return tuple(rounded(entry, span) for entry in value)
    try:
        return float(value)
    except OverflowError:
        raise NotConstant("the value overflows float64", span) from None


def each(function: Callable[[Fraction | float], Fraction | float], value: Exact) -> Exact:
    """A function of every entry."""
    return [each(function, entry) for entry in value] if isinstance(value, list) else function(value)


def shape_of(value: Nested) -> tuple[int, ...] | None:
    """The shape of nested tuples; None where they are ragged."""
    if not isinstance(value, tuple):
        return ()
    inner = {shape_of(entry) for entry in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(next(iter(inner)) or ())) if inner else (0,)
