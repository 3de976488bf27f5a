"""Functions that make one number of many: over everything, or along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdsl.extents import Shape
from cdsl.functions.base import Code, Elementwise, Function, Misfit, Operand, axis_of
from cdsl.model import Kind


@dataclass(frozen=True)
class Reduction(Function):
    """Over everything, or along an axis."""

    keeps_int: bool = False
    one_axis: bool = False
    """torch reduces one axis at a time."""
    keyword: str = ""
    """What torch calls its axes, where they do not come second."""

    def shape(self, operands: Sequence[Operand], axis: int | None = None, **options: Any) -> Shape:
        """Without the axis, or none."""
        (operand,) = operands
        if operand.rank == 0:
            raise Misfit(f"`{self.name}` takes an array, got a number", 0)
        if axis is None:
            return ()
        at = axis_of(axis, operand.rank) + operand.rank
        return operand.shape[:at] + operand.shape[at + 1 :]

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """Real, unless whole numbers stay whole."""
        return "int" if self.keeps_int and operands[0].kind != "real" else "real"

    def python(self, operands: Sequence[Code], axis: int | None = None, **options: Any) -> str:
        """Axes are counted from the end."""
        (x,) = operands
        if axis is not None:
            return f"{self.torch}({x.text}, {self.keyword}{axis_of(axis, x.rank)})"
        if x.rank == 1:
            return f"{self.torch}({x.text}, {self.keyword}-1)"
        if self.one_axis:
            return f"{self.torch}({x.text}.flatten(-{x.rank}), -1)"
        return f"{self.torch}({x.text}, {self.keyword}({', '.join(str(at) for at in range(-x.rank, 0))}))"


@dataclass(frozen=True)
class Extreme(Reduction):
    """`max(x)` is the largest entry, `max(a, b)` the larger of two, entry by entry."""

    between: str = ""

    def shape(self, operands: Sequence[Operand], axis: int | None = None, **options: Any) -> Shape:
        """Of one operand as a reduction's, of two as of both together."""
        if len(operands) == 1:
            return super().shape(operands, axis)
        if axis is not None:
            raise Misfit(f"`{self.name}(a, b)` is taken entry by entry: it has no axis")
        return Elementwise(self.name, "").shape(operands)

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """Whole of whole numbers."""
        return "int" if all(one.kind != "real" for one in operands) else "real"

    def python(self, operands: Sequence[Code], axis: int | None = None, **options: Any) -> str:
        """Numbers meet a tensor by clamping it."""
        if len(operands) == 1:
            return super().python(operands, axis)
        a, b = operands
        if a.plain and b.plain:
            return f"self._{self.name}({a.text}, {b.text})"
        if a.plain or b.plain:
            tensor, bound = (b, a) if a.plain else (a, b)
            return f"torch.clamp({tensor.text}, {'min' if self.name == 'max' else 'max'}={bound.text})"
        return f"{self.between}({a.text}, {b.text})"


@dataclass(frozen=True)
class Scan(Function):
    """Along an axis, one result for each entry."""

    def shape(self, operands: Sequence[Operand], axis: int = -1, **options: Any) -> Shape:
        """That of the operand."""
        (operand,) = operands
        axis_of(axis, operand.rank)
        return operand.shape

    def python(self, operands: Sequence[Code], axis: int = -1, **options: Any) -> str:
        """Axes are counted from the end."""
        (x,) = operands
        at = axis_of(axis, x.rank)
        return self.torch.format(x.text, at) if "{" in self.torch else f"{self.torch}({x.text}, {at})"


AXIS = {"axis": None}
LAST = {"axis": -1}

FUNCTIONS = (
    Reduction("sum", "Σ x", "torch.sum", options=AXIS, real=False, keeps_int=True),
    Reduction("prod", "Π x", "torch.prod", options=AXIS, real=False, keeps_int=True, one_axis=True),
    Reduction("mean", "the average", "torch.mean", options=AXIS),
    Reduction("sd", "the sample's standard deviation, over n - 1", "torch.std", options=AXIS),
    Reduction("var", "the sample's variance, over n - 1", "torch.var", options=AXIS),
    Reduction("norm", "√Σx²", "torch.linalg.vector_norm", options=AXIS, keyword="dim="),
    Reduction("logsumexp", "log Σ eˣ", "torch.logsumexp", options=AXIS),
    Extreme("min", "the smallest entry, or the smaller of two", "torch.amin", ("x", "y?"), AXIS, real=False,
            between="torch.minimum"),
    Extreme("max", "the largest entry, or the larger of two", "torch.amax", ("x", "y?"), AXIS, real=False,
            between="torch.maximum"),
    Scan("cumsum", "running sums", "torch.cumsum", options=LAST),
    Scan("cumprod", "running products", "torch.cumprod", options=LAST),
    Scan("flip", "the other way round", "torch.flip({0}, ({1},))", options=LAST, real=False),
    Scan("softmax", "eˣ / Σ eˣ", "torch.softmax", options=LAST),
    Scan("log_softmax", "x - log Σ eˣ", "torch.log_softmax", options=LAST),
)  # fmt: skip
