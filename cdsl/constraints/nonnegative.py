"""`nonnegative`: the numbers from 0 on, 0 included."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Bounded, Violation, text
from cdsl.constraints.positive import GAP_ALIASES, GAPS

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Nonnegative(Bounded):
    """A number that is 0 or positive: an amount that may be nothing."""

    name = "nonnegative"
    notation = "[0, ∞)"
    examples = ("nonnegative", "nonnegative[3]", "nonnegative = 2.5", "nonnegative via softplus")
    starts_at = "1"
    transforms = GAPS
    aliases = GAP_ALIASES

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1.0

    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def contains(self, value: Tensor, *arguments: Any, closed: bool = False) -> Tensor:
        return (value >= 0) & torch.isfinite(value)

    def violation(self, value: float, *arguments: Any) -> Violation | None:
        if not math.isfinite(value):
            return Violation((), text(value), "be finite")
        return None if value >= 0 else Violation((), text(value), "be at least 0", -value)

    def unreached(self, value: float, *arguments: Any) -> Violation | None:
        """A bijective transform has only positive values."""
        return None if value else Violation((), "0", "be greater than 0")
