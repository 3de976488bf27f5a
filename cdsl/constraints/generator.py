"""`generator[K]`: rate matrices of Markov chains in continuous time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite, sum_of, text
from cdsl.constraints.positive import GAPS

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class OffDiagonal(Transform):
    """Yᵢⱼ = g(xᵢⱼ) off the diagonal, with the gap g: ℝ → (0, ∞) of `positive`; the diagonal balances its row. Rates are 0
    where g underflows."""

    gap: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K × (K - 1): row by row without the diagonal"""
        return (sizes[0], sizes[0] - 1)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = g(xᵢⱼ) for j ≠ i, Yᵢᵢ = -Σⱼ Yᵢⱼ

        A rate that overflows has no gradient: what its own entry and the diagonal pass on cancels, and 0 · ∞ is no
        number.
        """
        over = ~torch.isfinite(self.gap.forward(raw.detach()))
        off = spread(self.gap.forward(raw.masked_fill(over, 0.0)).masked_fill(over, math.inf))
        return off - torch.diag_embed(off.sum(-1))

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = g⁻¹(Yᵢⱼ)"""
        return self.gap.inverse(gathered(value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, j ≠ i)/∂x| = Σ log g′(xᵢⱼ)"""
        return sum_of(self.gap.log_det(raw), 2)


class Generator(Domain):
    """The rates of a Markov chain in continuous time: positive off the diagonal, every row sums to 0."""

    name = "generator"
    sizes = ("K",)
    notation = "{Y ∈ ℝᴷˣᴷ : Yᵢⱼ > 0 for i ≠ j, Σⱼ Yᵢⱼ = 0}"
    examples = (
        "generator[3]",
        "generator[3, 2]",
        "generator[2] = [[-1, 1], [0.5, -0.5]]",
        "generator[3] via softplus",
    )
    starts_at = "1 off the diagonal, 1 - K on it"
    transforms = {"exp": OffDiagonal(GAPS["exp"]), "softplus": OffDiagonal(GAPS["softplus"])}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return 1 - sizes[0] * torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        rates = gathered(value)
        inside = (rates >= 0 if closed else rates > 0).all(-1).all(-1)
        return inside & torch.isfinite(value).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        """Beside the largest entry or 1; of what is not finite `contains` speaks."""
        part = value / value.abs().amax((-2, -1), keepdim=True).clamp(min=1)
        return part.sum(-1).abs().amax(-1).nan_to_num(0.0)

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value):
            return found
        largest = max(1.0, *(abs(entry) for row in value for entry in row))
        for i, row in enumerate(value):
            for j, entry in enumerate(row):
                if i != j and not entry > 0:
                    return Violation((i, j), text(entry), "be greater than 0", -entry)
        for i, row in enumerate(value):
            total = sum(entry / largest for entry in row)
            if abs(total) > 1e-6:
                return Violation((), f"row {i} has {total * largest:.12g} in sum", "sum to 0", abs(total * largest))
        return None

    def chart(self, value: Tensor) -> Tensor:
        """The diagonal follows from the rest."""
        return gathered(value)


def spread(rates: Tensor) -> Tensor:
    """K × (K - 1) entries row by row off the diagonal of a K × K matrix, 0 on it

    After its first entry such a matrix is K - 1 times K of them and an entry of the diagonal.
    """
    k, lead, pad = rates.shape[-2], rates.shape[:-2], torch.nn.functional.pad
    ended = pad(rates.reshape(*lead, k - 1, k), (0, 1)).reshape(*lead, k * k - 1)
    return pad(ended, (1, 0)).reshape(*lead, k, k)


def gathered(matrix: Tensor) -> Tensor:
    """The entries off the diagonal, row by row, K × (K - 1)"""
    k, lead = matrix.shape[-1], matrix.shape[:-2]
    ended = matrix.reshape(*lead, k * k)[..., 1:].reshape(*lead, k - 1, k + 1)
    return ended[..., :-1].reshape(*lead, k, k - 1)
