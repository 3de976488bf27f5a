"""`ball[K]`: vectors shorter than 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.ordered import signed_sum
from cdsl.constraints.unit_vector import rescaled, square_or_log

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class BallAlgebraic(Transform):
    """y = x / √(1 + |x|²): a point of the ball in the direction of x. Reaches the sphere where |x|² is above 2/eps."""

    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x / √(1 + |x|²)

        As c x / √(c² + |c x|²), with a power of 2 for c that keeps squares in the format.
        """
        scaled, scale = rescaled(raw, down=True)
        return scaled / torch.sqrt(scale * scale + (scaled * scaled).sum(-1, keepdim=True))

    def inverse(self, value: Tensor) -> Tensor:
        """x = y / √(1 - |y|²), the root's argument rounded once"""
        return value / torch.sqrt(one_less_square(value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = -(K/2 + 1) log(1 + |x|²)"""
        near, square, log = square_or_log(raw)
        return -(raw.shape[-1] / 2 + 1) * torch.where(near, torch.log1p(square), log)


class Ball(Domain):
    """A vector shorter than 1: a point inside the unit ball."""

    name = "ball"
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : |y| < 1}"
    examples = ("ball[3]", "ball[2, 4]", "ball[2] = [0.6, -0.5]")
    starts_at = "0, …, 0"
    transforms = {"algebraic": BallAlgebraic()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        length: Tensor = torch.linalg.vector_norm(value, dim=-1)
        return length <= 1 if closed else length < 1

    def violation(self, value: Any) -> Violation | None:
        length = math.hypot(*value)
        if length < 1:
            return None
        return Violation((), f"of length {text(length)}", "be shorter than 1", length - 1)

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """Rounding the entries lengthens it by eps/2 at most; 4 eps are for a map that adds up in the same dtype."""
        return value * (1 - 4 * eps)


def one_less_square(value: Tensor) -> Tensor:
    """1 - |y|², rounded once: squares with their rests (Dekker's product), and sums with what they lost"""
    spread = value * (2.0**27 + 1 if value.dtype == torch.float64 else 2.0**12 + 1)
    high = spread - (spread - value)
    low, square = value - high, value * value
    rest = ((high * high - square) + 2 * high * low) + low * low
    terms = torch.cat((torch.ones_like(square[..., :1]), -square, -rest), -1)
    return signed_sum(terms, 0)[..., -1:]
