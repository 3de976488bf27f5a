"""`negative`: the numbers below 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform
from cdsl.constraints.positive import GAP_ALIASES, GAPS

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Negated(Transform):
    """y = -g(x), with the gap g: ℝ → (0, ∞)."""

    gap: Transform

    def forward(self, raw: Tensor) -> Tensor:
        """y = -g(x)"""
        return -self.gap.forward(raw)

    def inverse(self, value: Tensor) -> Tensor:
        """x = g⁻¹(-y)"""
        return self.gap.inverse(-value)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |dy/dx| = log g′(x)"""
        return self.gap.log_det(raw)


class Negative(Bounded):
    """A negative number."""

    name = "negative"
    notation = "(-∞, 0)"
    examples = ("negative", "negative[3]", "negative = -2.5", "negative via softplus")
    starts_at = "-1"
    transforms = {name: Negated(gap) for name, gap in GAPS.items()}
    aliases = GAP_ALIASES

    def start(self, sizes: tuple[int, ...]) -> float:
        return -1.0

    def bounds(self) -> tuple[float, float]:
        return -math.inf, 0.0
