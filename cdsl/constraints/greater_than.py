"""`greater_than(low)`: the numbers above a bound."""

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
class Above(Transform):
    """y = low + g(x), with the gap g: ℝ → (0, ∞). Reaches low where the gap is below half an ulp of it."""

    gap: Transform

    def forward(self, raw: Tensor, low: Scalar) -> Tensor:
        """y = low + g(x)"""
        return low + self.gap.forward(raw)

    def inverse(self, value: Tensor, low: Scalar) -> Tensor:
        """x = g⁻¹(y - low); the difference is exact for y near low (Sterbenz)"""
        return self.gap.inverse(value - low)

    def log_det(self, raw: Tensor, low: Scalar) -> Tensor:
        """log |dy/dx| = log g′(x)"""
        return self.gap.log_det(raw)


class GreaterThan(Bounded):
    """A number greater than a bound."""

    name = "greater_than"
    arguments = ("low",)
    notation = "(low, ∞)"
    examples = ("greater_than(2)", "greater_than(1.5)[3]", "greater_than(2) = 2.5", "greater_than(-1) via softplus")
    starts_at = "low + 1"
    transforms = {name: Above(gap) for name, gap in GAPS.items()}

    def start(self, sizes: tuple[int, ...], low: Scalar) -> Scalar:
        return low + 1.0

    def bounds(self, low: Scalar) -> tuple[Scalar, float]:
        return low, math.inf
