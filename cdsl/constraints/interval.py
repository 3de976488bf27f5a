"""`interval(low, high)`: the numbers between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, attach, text
from cdsl.constraints.prob import GATES, Gate, stored

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Between(Transform):
    """y = low + (high - low) g(x), with the gate g: ℝ → (0, 1). Reaches a bound where the distance to it is below half
    an ulp of it."""

    gate: Gate

    def forward(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """y = low + w g(x) for x < 0, and high - w g(-x) otherwise, with w = high - low

        So each end is approached by a small term and never passed. In the middle, where g(x) is above ⅛ on both
        sides, y = (low + high)/2 + (w/2) (2 g(x) - 1), as exact as can be where the two ends cancel; cut to its range
        it joins them monotonically.
        """
        low, high = stored(low, raw), stored(high, raw)
        width = stored(high - low, raw)
        smaller = self.gate.forward(torch.where(raw < 0, raw, -raw), width)  # not -|x|: its slope at 0 is 0
        ends = torch.where(raw < 0, low + smaller, high - smaller)
        middle = (low + high) / 2 + (width / 2) * self.gate.centred(raw)
        inner = low + width / 8, high - width / 8
        middle = torch.clamp(middle, *inner)  # type: ignore[arg-type]  # two tensors or two numbers
        return attach(torch.where(smaller > width / 8, middle, ends), ends)

    def inverse(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """x = g⁻¹ at (y - low) : (high - y), both differences exact near their bound, and 2y for low = -high"""
        below, above = value - low, high - value
        symmetric = isinstance(high, float) and low == -high
        return self.gate.divide(below, above, 2 * value if symmetric else below - above)

    def log_det(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """log |dy/dx| = log(high - low) + log g′(x)"""
        return self.gate.log_det(raw, stored(high, raw) - stored(low, raw))


class Clip(Transform):
    """y = x, cut at low and high. Surjective: flat outside, where the gradient is 0 and learning stops."""

    surjective = True

    def forward(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """y = min(max(x, low), high)"""
        return torch.clamp(raw, low, high)  # type: ignore[arg-type]  # two tensors or two numbers

    def inverse(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """x = y"""
        return value


class Interval(Bounded):
    """A number between two bounds."""

    name = "interval"
    arguments = ("low", "high")
    notation = "(low, high)"
    examples = ("interval(0, 10)", "interval(-1, 1)[3]", "interval(0.1, 10) = 2.5", "interval(-1, 2) via probit")
    starts_at = "(low + high) / 2"
    transforms = {name: Between(gate) for name, gate in GATES.items() if isinstance(gate, Gate)} | {"clamp": Clip()}
    aliases = {"sigmoid": "logistic"}

    def refuse_arguments(self, low: float, high: float) -> str | None:
        if not low < high:
            return f"the interval ({text(low)}, {text(high)}) is empty"
        if math.isinf(low) or math.isinf(high):
            return (
                "the bounds of an `interval` are finite; `greater_than` and `less_than` have one bound, `real` has none"
            )
        if math.isinf(high - low):
            return "the width of the interval overflows float64"
        return None

    def start(self, sizes: tuple[int, ...], low: Scalar, high: Scalar) -> Scalar:
        return low + (high - low) / 2

    def bounds(self, low: Scalar, high: Scalar) -> tuple[Scalar, Scalar]:
        return low, high
