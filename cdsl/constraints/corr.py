"""`corr[K]`: correlation matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, first_infinite, text
from cdsl.constraints.cholesky_corr import Hyperbolic, from_tails, hyperbolic, product_of_sech
from cdsl.constraints.lower_triangular import packed, places, side
from cdsl.constraints.symmetric import asymmetry, first_asymmetric
from cdsl.constraints.unit_lower import first_not_one

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PIVOT = 1e-15  # times K: what is left of a variance below that share of it is rounding


class PartialCorrelations(Transform):
    """Y = L Lᵀ with the L of `cholesky_corr via tanh`, raw column by column of the lower triangle, as in Stan.

    Entries reach ±1, and Y the edge of the cone, where the smallest eigenvalue is below an eps.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] - 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = L Lᵀ, Lᵢⱼ = tanh(xᵢⱼ) Πₖ₍ₖ﹤ⱼ₎ sech(xᵢₖ), Lᵢᵢ = Πₖ₍ₖ﹤ᵢ₎ sech(xᵢₖ)"""
        k = side(raw, -1)
        return correlations_of(hyperbolic(raw), by_columns(raw, k), k)

    def inverse(self, value: Tensor) -> Tensor:
        """x of Y = L Lᵀ, as in `cholesky_corr`; NaN where Y is not positive definite"""
        k = value.shape[-1]
        return from_tails(factor(value)).flatten(-2).index_select(-1, by_columns(value, k))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i > j)/∂x| = Σᵢⱼ (K - j + 1) log sech xᵢⱼ: terms of one sign, nothing cancels"""
        k = side(raw, -1)
        return self.log_det_of(hyperbolic(raw), by_columns(raw, k), k)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one set of tanh and sech"""
        k, parts = side(raw, -1), hyperbolic(raw)
        at = by_columns(raw, k)
        return correlations_of(parts, at, k), self.log_det_of(parts, at, k)

    @staticmethod
    def log_det_of(parts: Hyperbolic, at: Tensor, k: int, share: float = 1.0) -> Tensor:
        """Σᵢⱼ (K - j + 1) log sech xᵢⱼ times a share: j, from 1, tell the places of the entries in the flattened matrix"""
        return (parts.log_sech * ((k - at.remainder(k)) * share)).sum(-1)


class Definite(Domain):
    """A domain of positive definite K × K matrices."""

    sizes = ("K",)
    starts_at = "the identity matrix"

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """By the pivots of its Cholesky factor: the part of each variance that those before it do not explain."""
        lower: Tensor
        lower, failed = torch.linalg.cholesky_ex(value)
        least = 0.0 if closed else PIVOT * value.shape[-1]
        pivots = lower.diagonal(dim1=-2, dim2=-1).square()
        definite = (pivots > least * value.diagonal(dim1=-2, dim2=-1)).all(-1) & torch.isfinite(value).all((-2, -1))
        return definite & torch.eq(failed, 0)

    def residual(self, value: Tensor) -> Tensor:
        return asymmetry(value)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_asymmetric(value) or first_not_definite(value)

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """The diagonal larger by 8 K eps: rounding moves no eigenvalue farther, of the matrix whose diagonal is 1."""
        dtype = next(
            one for one in (torch.float16, torch.bfloat16, torch.float32, torch.float64) if torch.finfo(one).eps == eps
        )
        diagonal = value.diagonal(dim1=-2, dim2=-1).clamp(min=torch.finfo(dtype).tiny)
        return value + (8 * value.shape[-1] * eps * diagonal).diag_embed()

    def chart(self, value: Tensor) -> Tensor:
        """What is above the diagonal follows from what is below."""
        return packed(value, 0)


class Corr(Definite):
    """A correlation matrix: symmetric, positive definite, with ones on the diagonal."""

    name = "corr"
    also = ("corr_matrix",)
    bounded = True
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ, Y ≻ 0, Yᵢᵢ = 1}"
    examples = ("corr[3]", "corr[2, 3]", "corr[2] = [[1, 0.5], [0.5, 1]]")
    transforms = {"partial_correlations": PartialCorrelations()}
    aliases = {"tanh": "partial_correlations"}

    def residual(self, value: Tensor) -> Tensor:
        diagonal = value.diagonal(dim1=-2, dim2=-1)
        return torch.maximum(super().residual(value), (diagonal - 1).abs().amax(-1))

    def violation(self, value: Any) -> Violation | None:
        return super().violation(value) or first_not_one(value)

    def chart(self, value: Tensor) -> Tensor:
        """The diagonal is 1, the rest is symmetric."""
        return packed(value, -1)


def times_transpose(rows: Tensor) -> Tensor:
    """L Lᵀ, in float64 where the device has it: the products of float32 would be autocast to bfloat16"""
    wide = rows if rows.device.type == "mps" else rows.to(torch.float64)
    return (wide @ wide.mT).to(rows.dtype)


def factor(value: Tensor) -> Tensor:
    """The lower triangular L with value = L Lᵀ and a positive diagonal; NaN where there is none

    In float64 wherever there is one: a Cholesky factor loses as many digits as the matrix has between its eigenvalues.
    """
    wide = value if value.device.type == "mps" else value.to(torch.float64)
    lower: Tensor
    lower, failed = torch.linalg.cholesky_ex(wide)
    return lower.masked_fill((failed != 0)[..., None, None], math.nan).to(value.dtype)


def first_not_definite(value: list[list[float]]) -> Violation | None:
    """The first entry of the diagonal that is no greater than what the rows before it explain of it"""
    rows: list[list[float]] = []
    for k, row in enumerate(value):
        found: list[float] = []
        for j, entry in enumerate(row[:k]):
            found.append((entry - sum(a * b for a, b in zip(found, rows[j], strict=False))) / rows[j][j])
        explained = sum(entry * entry for entry in found)
        left = row[k] - explained
        if not left > PIVOT * len(value) * row[k]:
            must = f"be greater than {explained:.12g} for the matrix to be positive definite"
            return Violation((k, k), text(row[k]), must, max(0.0, -left))
        rows.append([*found, math.sqrt(left)])
    return None


def by_columns(like: Tensor, k: int) -> Tensor:
    """Where the entries below the diagonal stand in a flattened K × K matrix, column by column

    Turned by half a turn, the upper triangle row by row is the lower one from its end; transposed it is the lower one
    column by column.
    """
    at = places(like, k, -1).to(torch.float32 if like.device.type == "mps" else torch.float64)
    row = (at / k).floor()  # not of integers: inductor would bound the places by -1 from above, and fail
    return (k * k - 1 - row - (at - row * k) * k).flip(-1).to(torch.int64)


def correlations_of(parts: Hyperbolic, at: Tensor, k: int) -> Tensor:
    """L Lᵀ of the L of these tanh and sech: exactly symmetric, 1 on the diagonal, nothing beyond ±1"""
    rows = product_of_sech(parts, at, k)
    products = times_transpose(rows).tril(-1)
    below = attach(products.clamp(-1, 1), products)
    return below + below.mT + rows.new_ones(k).diag_embed()
