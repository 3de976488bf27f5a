"""`positive_ordered[K]`: increasing vectors of positive numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Lean, Transform, Violation, sum_of, text
from cdsl.constraints.compensated import attach_finite, exact, exact_increments
from cdsl.constraints.ordered import GAP, LeanIncrements, first_descent, running_sum

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class PositiveIncrements(Transform):
    """y₁ = exp(x₁), yₖ = yₖ₋₁ + exp(xₖ). Ties, and zeros at the front, where an increment is lost to rounding."""

    scan = True
    own_parts = GAP
    lean_form = LeanIncrements(positive=True)

    def forward(self, raw: Tensor) -> Tensor:
        """y = cumsum(exp x)"""
        value = running_sum(torch.exp(raw))
        if exact.on:
            return attach_finite(exact_increments(raw[..., :0].detach(), raw.detach()), value)
        return value

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = log(yₖ - yₖ₋₁), with y₀ = 0"""
        return torch.log(torch.diff(value, dim=-1, prepend=torch.zeros_like(value[..., :1])))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ xₖ"""
        return sum_of(raw)

    def using(self, **parts: Any) -> Transform:
        """The same with another gap than exp."""
        return PositiveIncrementsBy(**parts)

    def lean(self) -> Lean | None:
        """Of what it adds up, in place."""
        return self.lean_form


@dataclass(frozen=True)
class PositiveIncrementsBy(Transform):
    """y₁ = g(x₁), yₖ = yₖ₋₁ + g(xₖ), with the gap g: ℝ → (0, ∞). Ties, and zeros at the front, where an increment is lost
    to rounding.

    In exact mode the sums are exact to about an ulp, of increments that are rounded once.
    """

    gap: Transform
    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = cumsum(g(x))"""
        return running_sum(self.gap.forward(raw))

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = g⁻¹(yₖ - yₖ₋₁), with y₀ = 0"""
        return self.gap.inverse(torch.diff(value, dim=-1, prepend=torch.zeros_like(value[..., :1])))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ log g′(xₖ)"""
        return sum_of(self.gap.log_det(raw))


class PositiveOrdered(Domain):
    """A vector of positive numbers, each greater than the one before."""

    name = "positive_ordered"
    also = ("positive_ordered_vector",)
    sizes = ("K",)
    notation = "{y ∈ ℝᴷ : 0 < y₁ < … < y_K}"
    examples = ("positive_ordered[3]", "positive_ordered[2, 3]", "positive_ordered[3] = [0.5, 1, 4]")
    starts_at = "1, 2, …, K"
    transforms = {"increments": PositiveIncrements()}

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.arange(1, sizes[-1] + 1, dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        steps = torch.diff(value, dim=-1, prepend=torch.zeros_like(value[..., :1]))
        return ((steps >= 0 if closed else steps > 0) & torch.isfinite(value)).all(-1)

    def violation(self, value: Any) -> Violation | None:
        if value[0] <= 0:
            return Violation((0,), text(value[0]), "be greater than 0", -value[0])
        return first_descent(value)
