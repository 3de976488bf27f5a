"""Sizes that are known by name: `N`, `I - 1`, `K * (K - 1) // 2`. Two are equal where their normal forms are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

MOST_TERMS = 400
"""Of a product: sums multiplied by sums grow without end."""

Monomial = tuple[str, ...]
"""Names multiplied, in order; none of them is 1."""


@dataclass(frozen=True)
class Extent:
    """A polynomial with whole coefficients in names, or in whatever else stands for an integer, as `size(y)`."""

    terms: tuple[tuple[Monomial, int], ...] = ()
    """Sorted, without zeros."""

    @classmethod
    def of(cls, number: int) -> Extent:
        """A number."""
        return cls((((), number),) if number else ())

    @classmethod
    def named(cls, text: str) -> Extent:
        """A name, or the text of what is no polynomial."""
        return cls((((text,), 1),))

    @property
    def number(self) -> int | None:
        """The value, where it has no name in it."""
        if not self.terms:
            return 0
        (names, factor), *more = self.terms
        return factor if not names and not more else None

    @property
    def name(self) -> str | None:
        """The name, where it is one and nothing else."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            return self.terms[0][0][0]
        return None

    def __add__(self, other: Extent) -> Extent:
        return collected([*self.terms, *other.terms])

    def __sub__(self, other: Extent) -> Extent:
        return self + other * Extent.of(-1)

    def __mul__(self, other: Extent) -> Extent:
        if len(self.terms) * len(other.terms) > MOST_TERMS:
            digest = hashlib.sha256(repr(sorted((self.terms, other.terms))).encode()).hexdigest()[:8]
            return Extent.named(f"product_{digest}")  # one size, of which no more is known than that it is this one
        return collected(
            [(tuple(sorted(a + b)), factor * times) for a, factor in self.terms for b, times in other.terms]
        )

    def renamed(self, by_name: Mapping[str, Extent], prefix: str) -> Extent:
        """The same where names are sizes of another model: those that are known there, and the others under a prefix."""
        total = Extent()
        for names, factor in self.terms:
            term = Extent.of(factor)
            for name in names:
                term = term * by_name.get(name, Extent.named(f"{prefix}.{name}"))
            total = total + term
        return total

    def __str__(self) -> str:
        """As a spec writes it: what has names first, numbers last."""
        text = ""
        for names, factor in sorted(self.terms, key=lambda term: (not term[0], -len(term[0]), term[0])):
            size = "*".join([str(abs(factor))] * (abs(factor) != 1 or not names) + list(map(in_product, names)))
            text += f" {'-' if factor < 0 else '+'} {size}" if text else f"{'-' * (factor < 0)}{size}"
        return text or "0"


def collected(terms: list[tuple[Monomial, int]]) -> Extent:
    """The sum of terms in normal form."""
    total: dict[Monomial, int] = {}
    for names, factor in terms:
        total[names] = total.get(names, 0) + factor
    return Extent(tuple(sorted((names, factor) for names, factor in total.items() if factor)))


def in_product(text: str) -> str:
    """A factor, in parentheses where it needs them."""
    return f"({text})" if " " in text and not text.endswith(")") else text


Shape = tuple[Extent, ...]


def may_be(shape: Shape, wanted: Shape) -> bool:
    """Whether a shape can turn out to be another: sizes are equal, or one is a number and the other known later."""
    pairs = zip(shape, wanted, strict=False)
    alike = (one == other or (one.number is None) != (other.number is None) for one, other in pairs)
    return len(shape) == len(wanted) and all(alike)
