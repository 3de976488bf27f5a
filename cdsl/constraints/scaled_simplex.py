"""`scaled_simplex(total)[K]`: K positive numbers with a given sum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, for_entries, text
from cdsl.constraints.prob import log_in_two
from cdsl.constraints.simplex import Simplex, StickBreaking

if TYPE_CHECKING:
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Scaled(Transform):
    """y = total · s, with s in the simplex. Zeros only where an entry underflows."""

    shares: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """That of the simplex"""
        return self.shares.raw_event(sizes)

    def forward(self, raw: Tensor, total: Scalar) -> Tensor:
        """y = total · s(x)"""
        whole, shares = for_entries(total), self.shares
        return shares.of(whole, raw) if isinstance(shares, StickBreaking) else whole * shares.forward(raw)

    def inverse(self, value: Tensor, total: Scalar) -> Tensor:
        """x = s⁻¹(y / total); of sticks ratios are all that counts"""
        shares = self.shares
        return shares.inverse(value if isinstance(shares, StickBreaking) else value / for_entries(total))

    def log_det(self, raw: Tensor, total: Scalar) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = log |det ∂s/∂x| + (K - 1) log total"""
        return self.forward_and_log_det(raw, total)[1]

    def forward_and_log_det(self, raw: Tensor, total: Scalar) -> tuple[Tensor, Tensor]:
        """Both from one s"""
        if isinstance(self.shares, StickBreaking):
            value, log_det = self.forward(raw, total), self.shares.log_det(raw)
        else:
            shares, log_det = self.shares.forward_and_log_det(raw)
            value = for_entries(total) * shares
        log_total, rest = log_in_two(total, raw)
        return value, log_det + (value.shape[-1] - 1) * (log_total + rest)


class ScaledSimplex(Domain):
    """A vector of positive numbers with a given sum: a budget and its parts."""

    name = "scaled_simplex"
    arguments = ("total",)
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : yₖ > 0, Σ yₖ = total}"
    examples = (
        "scaled_simplex(100)[4]",
        "scaled_simplex(0.5)[2, 3]",
        "scaled_simplex(10)[3] = [2, 3, 5]",
        "scaled_simplex(10)[4] via stick_breaking",
    )
    starts_at = "total/K, …, total/K"
    transforms = {name: Scaled(transform) for name, transform in Simplex.transforms.items()}
    aliases = Simplex.aliases

    def refuse_arguments(self, total: float) -> str | None:
        return None if 0 < total < math.inf else f"positive numbers do not sum to {text(total)}"

    def start(self, sizes: tuple[int, ...], total: Scalar) -> Scalar:
        return total / sizes[-1]

    def contains(self, value: Tensor, total: Scalar, *, closed: bool = False) -> Tensor:
        return (value >= 0 if closed else value > 0).all(-1)

    def residual(self, value: Tensor, total: Scalar) -> Tensor:
        return ((value / for_entries(total)).sum(-1) - 1).abs()

    def violation(self, value: Any, total: float) -> Violation | None:
        for k, entry in enumerate(value):
            if not entry > 0:
                return Violation((k,), text(entry), "be greater than 0", -entry)
        if abs(sum(entry / total for entry in value) - 1) <= 1e-6:
            return None
        return Violation((), f"{sum(value):.12g} in sum", f"sum to {text(total)}", abs(sum(value) - total))

    def chart(self, value: Tensor) -> Tensor:
        """The last entry follows from the others."""
        return value[..., :-1]
