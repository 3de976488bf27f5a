"""`zero_sum_matrix[M, N]`: matrices whose rows and columns sum to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.log_ratio import SCALE, helmert, helmert_transpose

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Isometric(Transform):
    """Y = V X Wᵀ, with orthonormal bases V and W of the vectors that sum to 0: Stan's.

    They are the Helmert bases of `zero_sum` with their first row put last, and the sign turned, which cancels. Read row
    by row, raw is Xᵀ: in Stan's order, which is that of columns.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(N - 1) × (M - 1)"""
        m, n = sizes
        return (n - 1, m - 1)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = V X Wᵀ; what is added up is a fraction of it, and so overflows only where Y does"""
        return SCALE * helmert(helmert(raw / SCALE).mT).roll((-1, -1), (-2, -1))

    def inverse(self, value: Tensor) -> Tensor:
        """X = Vᵀ Y W"""
        return helmert_transpose(helmert_transpose(value.roll((1, 1), (-2, -1))).mT)

    def log_det(self, raw: Tensor) -> Tensor:
        """0: the map keeps distances"""
        return torch.zeros_like(raw).sum((-2, -1))


class ZeroSumMatrix(Domain):
    """A matrix whose rows sum to 0, and its columns too: interactions of two factors."""

    name = "zero_sum_matrix"
    also = ("sum_to_zero_matrix",)
    sizes = ("M", "N")
    surface = True
    notation = "{Y ∈ ℝᴹˣᴺ : Σⱼ Yᵢⱼ = 0, Σᵢ Yᵢⱼ = 0}"
    examples = (
        "zero_sum_matrix[3, 4]",
        "zero_sum_matrix[2, 2] = [[0.5, -0.5], [-0.5, 0.5]]",
        "zero_sum_matrix[2, 2, 3]",
    )
    starts_at = "0 everywhere"
    transforms = {"isometric": Isometric()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        """Beside the largest entry or 1; of what is not finite `contains` speaks."""
        part = value / value.abs().amax((-2, -1), keepdim=True).clamp(min=1)
        return torch.maximum(part.sum(-1).abs().amax(-1), part.sum(-2).abs().amax(-1)).nan_to_num(0.0)

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value):
            return found
        largest = max(1.0, *(abs(entry) for row in value for entry in row))
        for line, many in (("row", value), ("column", zip(*value, strict=True))):
            for i, entries in enumerate(many):
                total = sum(entry / largest for entry in entries)
                if abs(total) > 1e-6:
                    return Violation(
                        (), f"{line} {i} has {total * largest:.12g} in sum", "sum to 0", abs(total * largest)
                    )
        return None
