"""`less_than(high)`: the numbers below a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform
from cdsl.constraints.positive import GAPS

if TYPE_CHECKING:
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Below(Transform):
    """y = high - g(x), with the gap g: ℝ → (0, ∞). Reaches high where the gap is below half an ulp of it."""

    gap: Transform

    def forward(self, raw: Tensor, high: Scalar) -> Tensor:
        """y = high - g(x)"""
        return high - self.gap.forward(raw)

    def inverse(self, value: Tensor, high: Scalar) -> Tensor:
        """x = g⁻¹(high - y); the difference is exact for y near high (Sterbenz)"""
        return self.gap.inverse(high - value)

    def log_det(self, raw: Tensor, high: Scalar) -> Tensor:
        """log |dy/dx| = log g′(x)"""
        return self.gap.log_det(raw)


class LessThan(Bounded):
    """A number less than a bound."""

    name = "less_than"
    arguments = ("high",)
    notation = "(-∞, high)"
    examples = ("less_than(2)", "less_than(1.5)[3]", "less_than(2) = 1.5", "less_than(-1) via softplus")
    starts_at = "high - 1"
    transforms = {name: Below(gap) for name, gap in GAPS.items()}

    def start(self, sizes: tuple[int, ...], high: Scalar) -> Scalar:
        return high - 1.0

    def bounds(self, high: Scalar) -> tuple[float, Scalar]:
        return -math.inf, high
