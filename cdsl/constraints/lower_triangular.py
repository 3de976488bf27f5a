"""`lower_triangular[K]`: square matrices that are 0 above the diagonal; and how a raw vector fills a triangle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite, text

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Rows(Transform):
    """The entries on and below the diagonal, row by row."""

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K + 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = xᵢⱼ for j ≤ i, 0 above"""
        return fill(raw, side(raw, 0), 0)

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Yᵢⱼ"""
        return packed(value, 0)

    def log_det(self, raw: Tensor) -> Tensor:
        """0"""
        return torch.zeros_like(raw).sum(-1)


class LowerTriangular(Domain):
    """A square matrix that is 0 above the diagonal."""

    name = "lower_triangular"
    sizes = ("K",)
    notation = "{Y ∈ ℝᴷˣᴷ : Yᵢⱼ = 0 for i < j}"
    examples = ("lower_triangular[3]", "lower_triangular[2, 3]")
    starts_at = "the identity matrix"
    transforms = {"rows": Rows()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all((-2, -1))

    def residual(self, value: Tensor) -> Tensor:
        return upper(value)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_above(value)

    def chart(self, value: Tensor) -> Tensor:
        """The rest is 0."""
        return packed(value, 0)


def side(raw: Tensor, diagonal: int) -> int:
    """K of a raw that fills the rows of a K × K matrix up to a diagonal: 0 the main one, -1 the one below it"""
    return (math.isqrt(8 * int(raw.shape[-1]) + 1) - 1) // 2 - diagonal


def fill(raw: Tensor, k: int, diagonal: int) -> Tensor:
    """A raw vector row by row into the lower triangle of a K × K matrix, up to a diagonal; 0 elsewhere

    Every entry of the matrix picks one of (0, x₁, x₂, …): the n-th of the triangle xₙ, any other the 0.
    """
    inside = raw.new_ones((k, k), dtype=torch.int64).tril(diagonal).flatten()
    picked = torch.nn.functional.pad(raw, (1, 0)).index_select(-1, inside.cumsum(-1) * inside)
    return picked.reshape((*raw.shape[:-1], k, k))


def packed(matrix: Tensor, diagonal: int) -> Tensor:
    """The entries of the lower triangle up to a diagonal, row by row, as a vector

    Entry n stands in the row r with r (r + 1)/2 ≤ n < (r + 1)(r + 2)/2; that root is exact to far beyond any memory.
    """
    k = matrix.shape[-1]
    n = matrix.new_ones((k + diagonal) * (k + diagonal + 1) // 2, dtype=torch.int64).cumsum(-1) - 1
    row = ((torch.sqrt((8 * n + 1).to(torch.float64)) - 1) / 2).floor().to(torch.int64)
    return matrix.flatten(-2).index_select(-1, (row - diagonal) * k + n - row * (row + 1) // 2)


def upper(matrix: Tensor) -> Tensor:
    """The largest entry above the diagonal, beside the largest of all or 1"""
    return matrix.triu(1).abs().amax((-2, -1)) / matrix.abs().amax((-2, -1)).clamp(min=1)


def first_above(value: list[list[float]]) -> Violation | None:
    """The first entry above the diagonal that is not 0, to 1e-6 of the largest entry"""
    largest = max(1.0, *(abs(entry) for row in value for entry in row))
    for i, row in enumerate(value):
        for j, entry in enumerate(row[i + 1 :], i + 1):
            if abs(entry) > 1e-6 * largest:
                return Violation((i, j), text(entry), "be 0 above the diagonal", abs(entry))
    return None
