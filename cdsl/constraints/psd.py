"""`psd[K]`: positive semidefinite matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Transform, Violation, first_infinite
from cdsl.constraints.corr import Definite, first_not_definite
from cdsl.constraints.cov import LogCholesky, gram
from cdsl.constraints.lower_triangular import fill, packed, side
from cdsl.constraints.symmetric import first_asymmetric

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class LowerFactor(Transform):
    """Y = L Lᵀ with any lower triangular L. Surjective: L and L with a column's sign turned give one value.

    Reaches singular matrices, where a column of L ends in 0.
    """

    surjective = True
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K + 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = L Lᵀ, Lᵢⱼ = xᵢⱼ for j ≤ i"""
        return gram(fill(raw, side(raw, 0), 0))

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Lᵢⱼ with Lᵢᵢ ≥ 0: of Y = S S with the symmetric root S, and S = Q Lᵀ; NaN where Y is not semidefinite

        An eigenvalue that is negative by no more than 1e-6 of the largest is one that rounding has moved from 0.
        """
        eigenvalues, vectors = torch.linalg.eigh(value)
        rounded = (eigenvalues < 0) & (eigenvalues >= -1e-6 * eigenvalues.amax(-1, keepdim=True))
        root = torch.sqrt(eigenvalues.masked_fill(rounded, 0.0))
        refused = root.isnan().any(-1)[..., None, None]
        triangle = torch.linalg.qr((vectors * root.unsqueeze(-2)).mT.masked_fill(refused, 0.0)).R
        sign = torch.copysign(torch.ones_like(root), triangle.diagonal(dim1=-2, dim2=-1))
        return packed((triangle * sign.unsqueeze(-1)).mT.masked_fill(refused, math.nan), 0)


class OnlyLogCholesky(LogCholesky):
    """Y = L Lᵀ with the L of `cholesky_cov`: row by row, the logarithm of the diagonal at the end of each row, as in `cov`.

    Reaches the edge of the cone, where the smallest eigenvalue is below an eps of the largest.
    """

    own_parts = {}  # other diagonals reach matrices that are singular, of which there is no factor to find


class Psd(Definite):
    """A positive semidefinite matrix: symmetric, no eigenvalue negative. To 1e-6 of the largest entry: 0 may be rounded."""

    name = "psd"
    also = ("positive_semidefinite",)
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ, Y ≽ 0}"
    examples = ("psd[3]", "psd[2, 3]", "psd[2] = [[2, -1], [-1, 3]]", "psd[2] via lower_factor")
    transforms = {"log_cholesky": OnlyLogCholesky(), "lower_factor": LowerFactor()}

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        largest = value.abs().amax((-2, -1)).clamp(min=torch.finfo(value.dtype).tiny)
        shift = (1e-6 * largest).unsqueeze(-1).expand(value.shape[:-1])
        return super().contains(value + shift.diag_embed(), closed=closed)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_asymmetric(value) or first_not_definite(raised(value))

    def unreached(self, value: Any) -> Violation | None:
        return first_not_definite(value)


def raised(value: list[list[float]]) -> list[list[float]]:
    """The matrix with its diagonal larger by 1e-6 of the largest entry"""
    largest = max(2.0**-1022, *(abs(entry) for row in value for entry in row))
    return [[entry + 1e-6 * largest * (i == j) for j, entry in enumerate(row)] for i, row in enumerate(value)]
