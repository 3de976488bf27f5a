"""`symmetric[K]`: symmetric matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import SquareMatrix, Transform, Violation, first_infinite, text
from cdsl.constraints.lower_triangular import fill, largest_of, packed, side

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Mirrored(Transform):
    """The entries on and below the diagonal, row by row; those above are their mirror image."""

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K + 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = Yⱼᵢ = xᵢⱼ for j ≤ i"""
        return mirrored(fill(raw, side(raw, 0), 0))

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Yᵢⱼ for j ≤ i"""
        return packed(value, 0)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i ≥ j)/∂x| = 0"""
        return torch.zeros_like(raw).sum(-1)


class Symmetric(SquareMatrix):
    """A symmetric matrix."""

    name = "symmetric"
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ}"
    examples = ("symmetric[3]", "symmetric[2, 3]", "symmetric[2] = [[1, -2], [-2, 0]]")
    transforms = {"mirrored": Mirrored()}

    def residual(self, value: Tensor) -> Tensor:
        return asymmetry(value)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_asymmetric(value)

    def chart(self, value: Tensor) -> Tensor:
        """What is above the diagonal follows from what is below."""
        return packed(value, 0)


def mirrored(matrix: Tensor) -> Tensor:
    """The lower triangle of a matrix, and its mirror image above the diagonal"""
    return matrix.tril() + matrix.tril(-1).mT


def asymmetry(matrix: Tensor) -> Tensor:
    """The largest difference of two entries that mirror each other, beside the largest entry or 1"""
    apart = (matrix - matrix.mT).masked_fill(matrix == matrix.mT, 0.0)  # of ∞ and ∞ it is not a number
    return apart.abs().amax((-2, -1)) / matrix.abs().amax((-2, -1)).clamp(min=1)


def first_asymmetric(value: list[list[float]]) -> Violation | None:
    """The first entry that is not its mirror image, to 1e-6 of the largest entry"""
    largest = largest_of(value)
    for i, row in enumerate(value):
        for j, entry in enumerate(row[:i]):
            off = abs(entry - value[j][i])
            if off / largest > 1e-6:
                return Violation((i, j), text(entry), f"be equal to its mirror image, {text(value[j][i])}", off)
    return None
