"""`psd_rank[K, R]`: positive semidefinite matrices of rank R."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cdsl.constraints.base import Domain, Transform, Violation, attach, first_infinite
from cdsl.constraints.cholesky_cov import diagonal_of, packed_trapezoid, replace_diagonal, trapezoid
from cdsl.constraints.corr import factor, first_not_definite
from cdsl.constraints.cov import Cov, cut_exp, gram, log_det_of_outer, logs_of
from cdsl.constraints.low_rank import LowRank
from cdsl.constraints.rotation import widened
from cdsl.constraints.symmetric import asymmetry, first_asymmetric

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class LogTrapezoid(Transform):
    """Y = L Lᵀ with the K × R matrix L of `cholesky_cov`: row by row, the logarithm of the diagonal at the end of each row.

    Every Y has one such L. Reaches the edge of the cone, where the smallest of R eigenvalues is below an eps of the largest.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K R - R (R - 1) / 2"""
        k, r = sizes
        return (k * r - r * (r - 1) // 2,)

    def forward(self, raw: Tensor, k: int, r: int) -> Tensor:
        """Y = L Lᵀ, Lᵢⱼ = xᵢⱼ for j < i, Lᵢᵢ = exp(xᵢᵢ) for i ≤ R"""
        return outer_trapezoid(raw, diagonal_of(raw, r), k)

    def inverse(self, value: Tensor, k: int, r: int) -> Tensor:
        """xᵢⱼ = Lᵢⱼ for j < i, xᵢᵢ = log Lᵢᵢ, of Y = L Lᵀ; NaN where Y's first R rows and columns are not positive definite

        Of a Y that was rounded, it is the L of a Y of rank R as near as the rounding.
        """
        return logs_of(lower_root(value, r))

    def log_det(self, raw: Tensor, k: int, r: int) -> Tensor:
        """log |det ∂(Yᵢⱼ, i ≥ j ≤ R)/∂x| = R log 2 + Σᵢ (K - i + 2) xᵢᵢ"""
        return log_det_of_outer(diagonal_of(raw, r), k)

    def forward_and_log_det(self, raw: Tensor, k: int, r: int) -> tuple[Tensor, Tensor]:
        """Both from one diagonal"""
        diagonal = diagonal_of(raw, r)
        return outer_trapezoid(raw, diagonal, k), log_det_of_outer(diagonal, k)


class Factor(Transform):
    """Y = X Xᵀ with any K × R matrix X. Surjective: X and X Q give the same Y for every orthogonal Q."""

    surjective = True
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K × R"""
        return sizes

    def forward(self, raw: Tensor, k: int, r: int) -> Tensor:
        """Y = X Xᵀ"""
        return gram(raw)

    def inverse(self, value: Tensor, k: int, r: int) -> Tensor:
        """X = L, 0 above the diagonal and positive on it; NaN where Y's first R rows and columns are not positive definite"""
        return lower_root(value, r)


class PsdRank(Domain):
    """A positive semidefinite matrix of rank R.

    Its first R rows and columns are positive definite: a matrix of rank R whose first R rows depend on each other is
    left out. They have measure 0, and the chart, the first R columns on and below the diagonal, does not tell them apart.
    """

    name = "psd_rank"
    sizes = ("K", "R")
    sized = True
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ, rank Y = R, (Yᵢⱼ, i, j ≤ R) ≻ 0}"
    examples = ("psd_rank[4, 2]", "psd_rank[2, 3, 1]", "psd_rank[3, 3]", "psd_rank[2, 1] = [[1, -2], [-2, 4]]")
    starts_at = "the identity matrix, of which the first R diagonal entries are kept"
    transforms = {"log_trapezoid": LogTrapezoid(), "factor": Factor()}

    block: ClassVar[Cov] = Cov()
    whole: ClassVar[LowRank] = LowRank()

    def refuse_sizes(self, *sizes: int) -> str | None:
        k, r = sizes
        return None if r <= k else f"no matrix of {k} × {k} has rank {r}: R is at most K"

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        root = torch.eye(*sizes, dtype=torch.float64)
        return root @ root.mT

    def contains(self, value: Tensor, k: int, r: int, *, closed: bool = False) -> Tensor:
        finite = torch.isfinite(value).all(-1).all(-1)
        return finite & self.block.contains(value[..., :r, :r], closed=closed)

    def residual(self, value: Tensor, k: int, r: int) -> Tensor:
        """Of symmetry, and of the rank: with R rows and columns that are positive definite, a Y of rank R is semidefinite

        Not what Y less L Lᵀ leaves: where L is found from R columns, that is their rounding times how near they are to
        being dependent, and a matrix that is an eps from rank R would miss it by any amount.
        """
        return torch.maximum(asymmetry(value), self.whole.residual(value, k, k, r))

    def violation(self, value: Any, k: int, r: int) -> Violation | None:
        if found := first_infinite(value) or first_asymmetric(value):
            return found
        if found := first_not_definite([row[:r] for row in value[:r]]):
            must = found.must.replace("the matrix", "the matrix" if r == k else f"its first {r} rows and columns")
            return Violation(found.index, found.found, must, found.off)
        return self.whole.violation(value, k, k, r)

    def inward(self, value: Tensor, eps: float) -> Tensor:
        return self.block.inward(value, eps)

    def chart(self, value: Tensor, k: int, r: int) -> Tensor:
        """The first R columns on and below the diagonal; the rest follows from them."""
        return packed_trapezoid(value[..., :r])


def outer_trapezoid(raw: Tensor, diagonal: Tensor, k: int) -> Tensor:
    """L Lᵀ of the K × R matrix L that raw fills, with exp of this diagonal on its own"""
    return gram(replace_diagonal(trapezoid(raw, k, diagonal.shape[-1]), cut_exp(diagonal)))


def lower_root(value: Tensor, r: int) -> Tensor:
    """The K × R matrix L, 0 above its diagonal and positive on it, with Y = L Lᵀ; NaN where there is none

    The textbook's L is that of the first R columns: of the block A on top of them A = L₁L₁ᵀ, below them L₂ = B L₁⁻ᵀ.
    The rounding of Y is in it times the square of ‖B A⁻¹‖, which is large where A is nearly singular and Y is not nearly
    of a lower rank. So that is where derivatives come from, and the number is taken from all of Y, as near to it as its
    rounding: D⁻¹ Y D⁻¹ with ones on the diagonal is V Λ Vᵀ, with R eigenvalues that are not 0; S = V √Λ, S = L Q.
    """
    top = factor(value[..., :r, :r])
    if value.shape[-1] == r:
        return top
    below = torch.linalg.solve_triangular(top, value[..., r:, :r].mT, upper=False).mT
    y = widened(value.detach())
    diagonal = y.diagonal(dim1=-2, dim2=-1)
    scale = torch.sqrt(diagonal.masked_fill(~(diagonal > 0), 1.0)).unsqueeze(-1)
    y = y / scale / scale.mT
    eigenvalues, vectors = torch.linalg.eigh(y.masked_fill(~torch.isfinite(y), 0.0))
    # Where A is definite none of the R is negative, unless by rounding: then it is as well this positive number.
    kept = torch.sqrt(eigenvalues[..., -r:].clamp(min=torch.finfo(y.dtype).eps ** 2))
    triangle = torch.linalg.qr((vectors[..., -r:] * kept.unsqueeze(-2)).mT).R.mT
    sign = torch.copysign(torch.ones_like(kept), triangle.diagonal(dim1=-2, dim2=-1))
    return attach((triangle * sign.unsqueeze(-2) * scale).to(value.dtype), torch.cat((top, below), -2))
