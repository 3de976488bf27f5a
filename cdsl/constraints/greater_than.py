"""`greater_than(low)`: the numbers above a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdsl.constraints.base import Bounded, Transform, text
from cdsl.constraints.positive import GAP_ALIASES, GAPS
from cdsl.constraints.real import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Above(Transform):
    """y = low + g(x), with the gap g: ℝ → (0, ∞). Reaches low where the gap is below half an ulp of it.

    Where low is -∞ there is no bound: y = x.
    """

    gap: Transform

    free = Identity()

    def forward(self, raw: Tensor, low: Scalar) -> Tensor:
        """y = low + g(x)"""
        return if_bounded(low, lambda x, low: low + self.gap.forward(x), raw, 0.0, self.free.forward)

    def inverse(self, value: Tensor, low: Scalar) -> Tensor:
        """x = g⁻¹(y - low); the difference is exact for y near low (Sterbenz)"""
        return if_bounded(low, lambda y, low: self.gap.inverse(y - low), value, 1.0, self.free.inverse)

    def log_det(self, raw: Tensor, low: Scalar) -> Tensor:
        """log |dy/dx| = log g′(x)"""
        if self.gap.surjective:
            return super().log_det(raw)
        return if_bounded(low, lambda x, low: self.gap.log_det(x), raw, 0.0, self.free.log_det)


class GreaterThan(Bounded):
    """A number greater than a bound; of -inf, any."""

    name = "greater_than"
    arguments = ("low",)
    infinite = True
    notation = "(low, ∞)"
    examples = ("greater_than(2)", "greater_than(1.5)[3]", "greater_than(2) = 2.5", "greater_than(-1) via softplus")
    starts_at = "low + 1, or 0 without a bound"
    transforms = {name: Above(gap) for name, gap in GAPS.items()}
    aliases = GAP_ALIASES

    def refuse_arguments(self, low: float) -> str | None:
        return f"no number is greater than {text(low)}" if low == math.inf else None

    def start(self, sizes: tuple[int, ...], low: Scalar) -> Scalar:
        return 0.0 if low == -math.inf else low + 1.0

    def bounds(self, low: Scalar) -> tuple[Scalar, float]:
        return low, math.inf


def if_bounded(
    bound: Scalar,
    map: Callable[[Tensor, Scalar], Tensor],
    given: Tensor,
    neutral: float,
    free: Callable[[Tensor], Tensor],
) -> Tensor:
    """`map` where the bound is finite, `free` where there is none: at once for a number, entry by entry for a tensor

    Where there is none `map` is given a neutral entry and a bound of 0, so that nothing overflows on the way back.
    """
    if not isinstance(bound, torch.Tensor):
        return (
            map(given, bound) if abs(bound) != math.inf else free(given)
        )  # dynamo, which may trace it, has no isfinite
    has = torch.isfinite(bound)
    return torch.where(has, map(given.masked_fill(~has, neutral), bound.masked_fill(~has, 0.0)), free(given))
