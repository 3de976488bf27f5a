"""`lower_triangular[K]`: square matrices that are 0 above the diagonal; and how a raw vector fills a triangle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import SquareMatrix, Transform, Violation, first_infinite, text

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


class LowerTriangular(SquareMatrix):
    """A square matrix that is 0 above the diagonal."""

    name = "lower_triangular"
    notation = "{Y ∈ ℝᴷˣᴷ : Yᵢⱼ = 0 for i < j}"
    examples = ("lower_triangular[3]", "lower_triangular[2, 3]")
    transforms = {"rows": Rows()}

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


def places(like: Tensor, k: int, diagonal: int) -> Tensor:
    """Where the entries of the triangle stand in a flattened K × K matrix, row by row up to a diagonal

    Entry n = 1, 2, … is in row r = round(√(2n)) of the triangle: its rows end at n = r (r + 1)/2, and 2n is never
    within ¼ of (r + ½)². All numbers are integers far below 2⁵³.
    """
    length = (k + diagonal) * (k + diagonal + 1) // 2
    wide = torch.float32 if like.device.type == "mps" else torch.float64
    twice = like.new_full((length,), 2.0, dtype=wide).cumsum(-1)
    row = twice.sqrt().round()
    return (torch.addcmul(twice, row, 2 * k + 1 - row) / 2 - (1 + (1 + diagonal) * k)).to(torch.int64)


def fill(raw: Tensor, k: int, diagonal: int) -> Tensor:
    """A raw vector row by row into the lower triangle of a K × K matrix, up to a diagonal; 0 elsewhere"""
    return put(raw, places(raw, k, diagonal), k)


def put(raw: Tensor, at: Tensor, k: int, outside: float = 0.0) -> Tensor:
    """A raw vector into these places of a flattened K × K matrix, and a number elsewhere"""
    return raw.new_full((*raw.shape[:-1], k * k), outside).index_copy(-1, at, raw).reshape((*raw.shape[:-1], k, k))


def packed(matrix: Tensor, diagonal: int) -> Tensor:
    """The entries of the lower triangle up to a diagonal, row by row, as a vector"""
    return matrix.flatten(-2).index_select(-1, places(matrix, matrix.shape[-1], diagonal))


def upper(matrix: Tensor) -> Tensor:
    """The largest entry above the diagonal, beside the largest of all or 1"""
    return matrix.triu(1).abs().amax((-2, -1)) / matrix.abs().amax((-2, -1)).clamp(min=1)


def first_not_positive(value: list[list[float]]) -> Violation | None:
    """The first entry of the diagonal that is not positive"""
    for i, row in enumerate(value[: len(value[0])]):
        if not row[i] > 0:
            return Violation((i, i), text(row[i]), "be greater than 0", -row[i])
    return None


def largest_of(value: list[list[float]]) -> float:
    """The size of the largest entry, or 1"""
    return max(1.0, *(abs(entry) for row in value for entry in row))


def first_above(value: list[list[float]]) -> Violation | None:
    """The first entry above the diagonal that is not 0, to 1e-6 of the largest entry"""
    largest = largest_of(value)
    for i, row in enumerate(value):
        for j, entry in enumerate(row[i + 1 :], i + 1):
            if abs(entry) / largest > 1e-6:
                return Violation((i, j), text(entry), "be 0 above the diagonal", abs(entry))
    return None
