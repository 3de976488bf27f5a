"""`skew[K]`: skew-symmetric matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import SquareMatrix, Transform, Violation, first_infinite, text
from cdsl.constraints.lower_triangular import fill, largest_of, packed, side

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Opposite(Transform):
    """The entries below the diagonal, row by row; those above have the opposite sign."""

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = -Yⱼᵢ = xᵢⱼ for j < i, 0 on the diagonal"""
        lower = fill(raw, side(raw, -1), -1)
        return lower - lower.mT

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Yᵢⱼ for j < i"""
        return packed(value, -1)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i > j)/∂x| = 0"""
        return torch.zeros_like(raw).sum(-1)


class Skew(SquareMatrix):
    """A skew-symmetric matrix: Yᵢⱼ = -Yⱼᵢ, 0 on the diagonal; the generator of a rotation."""

    name = "skew"
    also = ("skew_symmetric",)
    notation = "{Y ∈ ℝᴷˣᴷ : Y = -Yᵀ}"
    examples = ("skew[3]", "skew[2, 3]", "skew[2] = [[0, -1.5], [1.5, 0]]")
    starts_at = "0"
    transforms = {"opposite": Opposite()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def residual(self, value: Tensor) -> Tensor:
        apart = (value + value.mT).masked_fill(value == -value.mT, 0.0)
        return apart.abs().amax((-2, -1)) / value.abs().amax((-2, -1)).clamp(min=1)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_not_opposite(value)

    def chart(self, value: Tensor) -> Tensor:
        """The rest follows."""
        return packed(value, -1)


def first_not_opposite(value: list[list[float]]) -> Violation | None:
    """The first entry that is not the opposite of its mirror image, to 1e-6 of the largest entry"""
    largest = largest_of(value)
    for i, row in enumerate(value):
        for j, entry in enumerate(row[: i + 1]):
            off = abs(entry + value[j][i])
            if off / largest > 1e-6:
                if i == j:
                    return Violation((i, j), text(entry), "be 0 on the diagonal", abs(entry))
                return Violation((i, j), text(entry), f"be the opposite of its mirror image, {text(value[j][i])}", off)
    return None
