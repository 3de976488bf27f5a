"""`less_than(high)`: the numbers below a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, text
from cdsl.constraints.greater_than import if_bounded
from cdsl.constraints.positive import GAP_ALIASES, GAPS
from cdsl.constraints.real import Identity

if TYPE_CHECKING:
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Below(Transform):
    """y = high - g(x), with the gap g: ℝ → (0, ∞). Reaches high where the gap is below half an ulp of it.

    Where high is ∞ there is no bound: y = x.
    """

    gap: Transform

    free = Identity()

    def forward(self, raw: Tensor, high: Scalar) -> Tensor:
        """y = high - g(x)"""
        return if_bounded(high, lambda x, high: high - self.gap.forward(x), raw, 0.0, self.free.forward)

    def inverse(self, value: Tensor, high: Scalar) -> Tensor:
        """x = g⁻¹(high - y); the difference is exact for y near high (Sterbenz)"""
        return if_bounded(high, lambda y, high: self.gap.inverse(high - y), value, -1.0, self.free.inverse)

    def log_det(self, raw: Tensor, high: Scalar) -> Tensor:
        """log |dy/dx| = log g′(x)"""
        if self.gap.surjective:
            return super().log_det(raw)
        return if_bounded(high, lambda x, high: self.gap.log_det(x), raw, 0.0, self.free.log_det)


class LessThan(Bounded):
    """A number less than a bound; of inf, any."""

    name = "less_than"
    arguments = ("high",)
    infinite = True
    notation = "(-∞, high)"
    examples = ("less_than(2)", "less_than(1.5)[3]", "less_than(2) = 1.5", "less_than(-1) via softplus")
    starts_at = "high - 1, or 0 without a bound"
    transforms = {name: Below(gap) for name, gap in GAPS.items()}
    aliases = GAP_ALIASES

    def refuse_arguments(self, high: float) -> str | None:
        return f"no number is less than {text(high)}" if high == -math.inf else None

    def start(self, sizes: tuple[int, ...], high: Scalar) -> Scalar:
        return 0.0 if high == math.inf else high - 1.0

    def bounds(self, high: Scalar) -> tuple[float, Scalar]:
        return -math.inf, high
