"""`ordered_simplex[K]`: K increasing probabilities that sum to 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.ordered import first_descent, running_sum
from cdsl.constraints.simplex import Simplex, countdown

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class SharedOut(Transform):
    """yₖ = Σⱼ₍ⱼ≤ₖ₎ sⱼ / (K + 1 - j), with s in the simplex: each share is divided among the entries from its place on.

    Uniform where s is. Ties, and zeros at the front, where a step is lost to rounding.
    """

    shares: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """That of the simplex"""
        return self.shares.raw_event(sizes)

    def forward(self, raw: Tensor) -> Tensor:
        """y = cumsum(s₁/K, s₂/(K - 1), …, s_K/1)"""
        shares = self.shares.forward(raw)
        return running_sum(shares / countdown(shares))

    def inverse(self, value: Tensor) -> Tensor:
        """x = s⁻¹(K y₁, (K - 1)(y₂ - y₁), …, y_K - y_K₋₁)"""
        steps = torch.diff(value, dim=-1, prepend=torch.zeros_like(value[..., :1]))
        return self.shares.inverse(steps * countdown(value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = log |det ∂s/∂x| - log K!"""
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one s"""
        shares, log_det = self.shares.forward_and_log_det(raw)
        return running_sum(shares / countdown(shares)), log_det - math.lgamma(shares.shape[-1] + 1)


class OrderedSimplex(Domain):
    """A vector of increasing positive numbers that sum to 1: mixture weights whose labels do not switch."""

    name = "ordered_simplex"
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : 0 < y₁ < … < y_K, Σ yₖ = 1}"
    examples = (
        "ordered_simplex[4]",
        "ordered_simplex[2, 3]",
        "ordered_simplex[3] = [0.2, 0.3, 0.5]",
        "ordered_simplex[4] via stick_breaking",
    )
    starts_at = "yₖ = (1/K + 1/(K - 1) + … + 1/(K + 1 - k)) / K, the means of a uniform one"
    transforms = {name: SharedOut(transform) for name, transform in Simplex.transforms.items()}
    aliases = Simplex.aliases

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        places = torch.arange(sizes[-1], 0, -1, dtype=torch.float64)
        return torch.cumsum(1 / places, -1) / sizes[-1]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        steps = torch.diff(value, dim=-1, prepend=torch.zeros_like(value[..., :1]))
        return (steps >= 0 if closed else steps > 0).all(-1) & torch.isfinite(value).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return (value.sum(-1) - 1).abs()

    def violation(self, value: Any) -> Violation | None:
        if value[0] <= 0:
            return Violation((0,), text(value[0]), "be greater than 0", -value[0])
        total = sum(value)
        if (descent := first_descent(value)) or abs(total - 1) <= 1e-6:
            return descent
        return Violation((), f"{total:.12g} in sum", "sum to 1", abs(total - 1))

    def chart(self, value: Tensor) -> Tensor:
        """The last entry follows from the others."""
        return value[..., :-1]
