"""`ordered_in(low, high)[K]`: increasing vectors between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, for_entries, text
from cdsl.constraints.log_ratio import IsometricLogRatio
from cdsl.constraints.ordered import first_descent, running_sum
from cdsl.constraints.prob import log_in_two
from cdsl.constraints.simplex import StickBreaking

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Steps(Transform):
    """yₖ = low + (high - low) (s₁ + … + sₖ), with s in the simplex of K + 1 entries: the last is the step to high.

    Ties, and bounds reached, where a step is lost to rounding.
    """

    shares: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K"""
        return self.shares.raw_event((sizes[0] + 1,))

    def forward(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """yₖ = low + w (s₁ + … + sₖ) in the lower half, high - w (sₖ₊₁ + … + s_K₊₁) in the upper one, w = high - low"""
        return self.between(self.shares.forward(raw), low, high)

    def inverse(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """x = s⁻¹(y₁ - low, y₂ - y₁, …, high - y_K), divided by their sum"""
        below, above = for_entries(low), for_entries(high)
        first, last = value[..., :1] - below, above - value[..., -1:]
        return self.shares.inverse(torch.cat((first, torch.diff(value, dim=-1), last), -1) / (above - below))

    def log_det(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """log |det ∂y/∂x| = log |det ∂(s₁ … s_K)/∂x| + K log(high - low)"""
        return self.forward_and_log_det(raw, low, high)[1]

    def forward_and_log_det(self, raw: Tensor, low: Scalar, high: Scalar) -> tuple[Tensor, Tensor]:
        """Both from one s"""
        shares, log_det = self.shares.forward_and_log_det(raw)
        log_width, rest = log_in_two(high - low, raw)
        return self.between(shares, low, high), log_det + raw.shape[-1] * (log_width + rest)

    @staticmethod
    def between(shares: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """From the nearer bound, so that the distances to both are exact; each half kept to its side of the middle"""
        low, high = for_entries(low), for_entries(high)
        width, middle = high - low, low + (high - low) / 2
        below = running_sum(shares)[..., :-1]
        above = running_sum(shares.flip(-1)).flip(-1)[..., 1:]
        up, down, lower = low + width * below, high - width * above, below < 0.5
        value = torch.where(lower, torch.clamp(up, max=middle), torch.clamp(down, min=middle))
        return attach(value, torch.where(lower, up, down))


class OrderedIn(Domain):
    """A vector whose entries increase between two bounds: cut points, knots, times."""

    name = "ordered_in"
    arguments = ("low", "high")
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : low < y₁ < … < y_K < high}"
    examples = (
        "ordered_in(0, 10)[3]",
        "ordered_in(-1, 1)[2, 3]",
        "ordered_in(0, 1)[3] = [0.1, 0.4, 0.8]",
        "ordered_in(-1, 2)[4] via stick_breaking",
    )
    starts_at = "equally spaced"
    transforms = {
        "isometric_log_ratio": Steps(IsometricLogRatio()),
        "stick_breaking": Steps(StickBreaking()),
    }
    aliases = {"ilr": "isometric_log_ratio"}

    def refuse_arguments(self, low: float, high: float) -> str | None:
        if not low < high:
            return f"there is no number between {text(low)} and {text(high)}"
        return "the distance of the bounds overflows float64" if math.isinf(high - low) else None

    def start(self, sizes: tuple[int, ...], low: Scalar, high: Scalar) -> Tensor:
        steps = torch.arange(1, sizes[-1] + 1, dtype=torch.float64) / (sizes[-1] + 1)
        return for_entries(low) + for_entries(high - low) * steps

    def bounds(self, low: Scalar, high: Scalar) -> tuple[Scalar, Scalar]:
        """What every entry lies between."""
        return low, high

    def contains(self, value: Tensor, low: Scalar, high: Scalar, *, closed: bool = False) -> Tensor:
        steps, first, last = torch.diff(value, dim=-1), value[..., 0], value[..., -1]
        if closed:
            return (steps >= 0).all(-1) & (first >= low) & (last <= high)
        return (steps > 0).all(-1) & (first > low) & (last < high)

    def violation(self, value: Any, low: float, high: float) -> Violation | None:
        if value[0] <= low:
            return Violation((0,), text(value[0]), f"be greater than {text(low)}", low - value[0])
        if descent := first_descent(value):
            return descent
        if value[-1] >= high:
            return Violation((len(value) - 1,), text(value[-1]), f"be less than {text(high)}", value[-1] - high)
        return None
