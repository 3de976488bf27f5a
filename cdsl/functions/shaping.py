"""Functions that make arrays, and put them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdsl.extents import Extent, Shape
from cdsl.functions.base import Code, Function, Misfit, Operand, axis_of, need_equal, shape_text
from cdsl.model import Kind


@dataclass(frozen=True)
class Filled(Function):
    """An array of these sizes."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """The sizes that are given."""
        sizes = operands[len(self.operands) - 1 :]
        if not sizes:
            raise Misfit(
                f"`{self.name}` takes sizes, for example `{self.name}({', '.join([*self.operands[:-1], '3'])})`"
            )
        return tuple(size_of(one, at, self.name) for at, one in enumerate(sizes, start=len(self.operands) - 1))

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """In the module's dtype."""
        return f"self._{self.name}({', '.join(one.text for one in operands)})"


@dataclass(frozen=True)
class Eye(Function):
    """The identity matrix."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """K × K"""
        return (size_of(operands[0], 0, self.name),) * 2

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """Of one size."""
        return f"self._eye({operands[0].text})"


@dataclass(frozen=True)
class Arange(Function):
    """0, 1, …, n - 1"""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """n"""
        return (size_of(operands[0], 0, self.name),)

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """Whole numbers."""
        return "int"

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """From 0."""
        return f"self._arange({operands[0].text})"


@dataclass(frozen=True)
class Linspace(Function):
    """n numbers from a to b, both included."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """n"""
        for at in (0, 1):
            if operands[at].rank:
                raise Misfit(f"`{self.name}` goes from a number to a number, got {shape_text(operands[at].shape)}", at)
        return (size_of(operands[2], 2, self.name),)

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """Ends are numbers or tensors."""
        return f"self._linspace({', '.join(one.text for one in operands)})"


@dataclass(frozen=True)
class Concat(Function):
    """Arrays one after another, along an axis."""

    def shape(self, operands: Sequence[Operand], axis: int = 0, **options: Any) -> Shape:
        """Sizes add up along the axis, and are equal elsewhere."""
        ranks = {one.rank for one in operands}
        if len(operands) == 0 or ranks == {0}:
            raise Misfit(f"`{self.name}` takes arrays; of numbers an array is written `[a, b]`")
        if len(ranks) > 1:
            other = next(at for at, one in enumerate(operands) if one.rank != operands[0].rank)
            message = f"`{self.name}` takes arrays of one rank, got {shape_text(operands[0].shape)} and "
            raise Misfit(message + shape_text(operands[other].shape), 0, other)
        first, along = operands[0], axis_of(axis, operands[0].rank) + operands[0].rank
        total = first.shape[along]
        for at, one in enumerate(operands[1:], start=1):
            for place in range(first.rank):
                if place != along:
                    text = f"`{self.name}` needs equal sizes beside the axis"
                    need_equal(first.shape[place], one.shape[place], text, 0, at)
            total = total + one.shape[along]
        return (*first.shape[:along], total, *first.shape[along + 1 :])

    def python(self, operands: Sequence[Code], axis: int = 0, **options: Any) -> str:
        """Leading dimensions are made alike where they may differ."""
        rank = operands[0].rank
        of = ", ".join(one.text for one in operands) + "," * (len(operands) == 1)
        if any(one.varies for one in operands):
            return f"cdsl.concat(({of}), {rank}, {axis_of(axis, rank)})"
        return f"torch.cat(({of}), {axis_of(axis, rank)})"


@dataclass(frozen=True)
class Stack(Function):
    """Arrays of one shape, or numbers, along a new first axis."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """How many, then the shape of each."""
        if not operands:
            raise Misfit(f"`{self.name}` takes at least one value")
        first = operands[0].shape
        for at, one in enumerate(operands[1:], start=1):
            if one.shape != first:
                message = f"entries need one shape, got {shape_text(first)} and {shape_text(one.shape)}"
                raise Misfit(message, 0, at)
        return (Extent.of(len(operands)), *first)

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """Leading dimensions are made alike."""
        of = ", ".join(one.text for one in operands) + "," * (len(operands) == 1)
        return f"cdsl.stack(({of}), {max(one.rank for one in operands)})"


@dataclass(frozen=True)
class Reshape(Function):
    """The same entries, row by row, in another shape."""

    def shape(self, operands: Sequence[Operand], **options: Any) -> Shape:
        """The sizes that are given; their product is known to be that of the operand's, or asked when it runs."""
        x, *sizes = operands
        if not sizes:
            raise Misfit("`reshape` takes sizes, for example `reshape(x, 2, 3)`")
        shape = tuple(size_of(one, at, self.name) for at, one in enumerate(sizes, start=1))
        before, after = product(x.shape), product(shape)
        if before.number is not None and after.number is not None:
            need_equal(before, after, f"`{self.name}` keeps the number of entries", 0)
        return shape

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """That of the operand."""
        return operands[0].kind

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """Leading dimensions stay."""
        x, *sizes = operands
        of = ", ".join(one.text for one in sizes) + "," * (len(sizes) == 1)
        flat = x.text if x.rank == 1 else f"{x.text}.unsqueeze(-1)" if x.rank == 0 else f"{x.text}.flatten(-{x.rank})"
        return f"torch.unflatten({flat}, -1, ({of}))"


def product(shape: Shape) -> Extent:
    """How many entries there are."""
    total = Extent.of(1)
    for size in shape:
        total = total * size
    return total


def size_of(operand: Operand, at: int, name: str) -> Extent:
    """A size.

    Raises:
        Misfit: it is none.
    """
    if operand.extent is None:
        raise Misfit(f"`{name}` takes a size here: an integer of numbers, dims and data", at)
    return operand.extent


FUNCTIONS = (
    Filled("zeros", "all 0", operands=("*sizes",), real=False),
    Filled("ones", "all 1", operands=("*sizes",), real=False),
    Filled("full", "all of one value", operands=("value", "*sizes"), real=False),
    Eye("eye", "the identity matrix", operands=("K",), real=False),
    Arange("arange", "0, 1, …, n - 1", operands=("n",), real=False),
    Linspace("linspace", "n numbers from a to b, both included", operands=("a", "b", "n"), real=False),
    Concat("concat", "one after another, along an axis", operands=("*arrays",), options={"axis": 0}),
    Stack("stack", "along a new first axis", operands=("*arrays",)),
    Reshape("reshape", "the same entries in another shape", operands=("x", "*sizes"), real=False),
)
