"""`descending[K]`: decreasing vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.ordered import Increments

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Decrements(Transform):
    """y_K = x₁, y_K₋ₖ = y_K₋ₖ₊₁ + exp(xₖ₊₁): `ordered` from its end. Ties where an increment is below half an ulp."""

    increments: Transform
    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = flip(cumsum(x₁, exp x₂, …, exp x_K))"""
        return self.increments.forward(raw).flip(-1)

    def inverse(self, value: Tensor) -> Tensor:
        """x₁ = y_K, xₖ₊₁ = log(y_K₋ₖ - y_K₋ₖ₊₁)"""
        return self.increments.inverse(value.flip(-1))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ₌₂ xₖ"""
        return self.increments.log_det(raw)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from those of the vector that increases"""
        value, log_det = self.increments.forward_and_log_det(raw)
        return value.flip(-1), log_det


class Descending(Domain):
    """A vector whose entries decrease."""

    name = "descending"
    sizes = ("K",)
    notation = "{y ∈ ℝᴷ : y₁ > … > y_K}"
    examples = ("descending[3]", "descending[2, 3]", "descending[3] = [2.5, 0, -1]")
    starts_at = "K - 1, …, 1, 0"
    transforms = {"decrements": Decrements(Increments())}

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.arange(sizes[-1] - 1, -1, -1, dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        steps = torch.diff(value, dim=-1)
        return (steps <= 0 if closed else steps < 0).all(-1) & torch.isfinite(value).all(-1)

    def violation(self, value: Any) -> Violation | None:
        for k, entry in enumerate(value):
            if not math.isfinite(entry):
                return Violation((k,), text(entry), "be finite")
            if k and entry >= value[k - 1]:
                must = f"be less than the entry before it, {text(value[k - 1])}"
                return Violation((k,), text(entry), must, entry - value[k - 1])
        return None
