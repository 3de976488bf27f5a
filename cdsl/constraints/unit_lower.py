"""`unit_lower[K]`: lower triangular matrices with ones on the diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import SquareMatrix, Transform, Violation, first_infinite, text
from cdsl.constraints.lower_triangular import fill, first_above, largest_of, packed, side, upper

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class RowsBelow(Transform):
    """The entries below the diagonal, row by row."""

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = xᵢⱼ for j < i, 1 on the diagonal, 0 above"""
        k = side(raw, -1)
        return fill(raw, k, -1) + raw.new_ones(k).diag_embed()

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Yᵢⱼ for j < i"""
        return packed(value, -1)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i > j)/∂x| = 0"""
        return torch.zeros_like(raw).sum(-1)


class UnitLower(SquareMatrix):
    """A lower triangular matrix with ones on the diagonal: the L of an LDL decomposition."""

    name = "unit_lower"
    also = ("unit_lower_triangular", "unit_lower_cholesky")
    notation = "{Y ∈ ℝᴷˣᴷ : Yᵢⱼ = 0 for i < j, Yᵢᵢ = 1}"
    examples = ("unit_lower[3]", "unit_lower[2, 3]", "unit_lower[2] = [[1, 0], [-3, 1]]")
    transforms = {"rows": RowsBelow()}

    def residual(self, value: Tensor) -> Tensor:
        off = (value.diagonal(dim1=-2, dim2=-1) - 1).abs().amax(-1)
        return torch.maximum(upper(value), off / value.abs().amax((-2, -1)).clamp(min=1))

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_above(value) or first_not_one(value)

    def chart(self, value: Tensor) -> Tensor:
        """The rest is 0 or 1."""
        return packed(value, -1)


def first_not_one(value: list[list[float]]) -> Violation | None:
    """The first entry of the diagonal that is not 1, to 1e-6 of the largest entry"""
    largest = largest_of(value)
    for i, row in enumerate(value):
        off = abs(row[i] - 1)
        if off / largest > 1e-6:
            return Violation((i, i), text(row[i]), "be 1 on the diagonal", off)
    return None
