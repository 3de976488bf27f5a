"""`cholesky_cov[K]`, `cholesky_cov[M, N]`: lower triangular factors with a positive diagonal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite, sum_of
from cdsl.constraints.lower_triangular import fill, first_above, first_not_positive, packed, upper
from cdsl.constraints.positive import Exp, Softplus

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Diagonal(Transform):
    """L is filled with x row by row, the diagonal at the end of each row; on it stands g(x), with a gap g: ℝ → (0, ∞)."""

    gap: Transform

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """M N - N (N - 1) / 2"""
        m, n = sizes[0], sizes[-1]
        return (m * n - n * (n - 1) // 2,)

    def forward(self, raw: Tensor, m: int, n: int) -> Tensor:
        """Lᵢⱼ = xᵢⱼ for j < i, Lᵢᵢ = g(xᵢᵢ)"""
        return replace_diagonal(trapezoid(raw, m, n), self.gap.forward(diagonal_of(raw, n)))

    def inverse(self, value: Tensor, m: int, n: int) -> Tensor:
        """xᵢⱼ = Lᵢⱼ for j < i, xᵢᵢ = g⁻¹(Lᵢᵢ)"""
        diagonal = self.gap.inverse(value.diagonal(dim1=-2, dim2=-1))
        return packed_trapezoid(replace_diagonal(value, diagonal))

    def log_det(self, raw: Tensor, m: int, n: int) -> Tensor:
        """log |det ∂L/∂x| = Σᵢ log g′(xᵢᵢ)"""
        return sum_of(self.gap.log_det(diagonal_of(raw, n)))


class LogDiagonal(Diagonal):
    """L is filled with x row by row, and exp(x) stands at the end of each, on the diagonal, as in Stan."""

    own_parts = {"diagonal": ("positive", "exp")}

    def using(self, **parts: Any) -> Transform:
        """The same with another gap than exp on the diagonal."""
        return Diagonal(parts["diagonal"])


class SoftplusDiagonal(Diagonal):
    """L is filled with x row by row, and log(1 + exp(x)) stands at the end of each, on the diagonal."""


class CholeskyCov(Domain):
    """The Cholesky factor of a covariance matrix: lower triangular with a positive diagonal; M × N for a rank of N."""

    name = "cholesky_cov"
    also = ("cholesky_factor_cov", "lower_cholesky")
    sizes = ("M", "N")
    square = True
    sized = True
    notation = "{L ∈ ℝᴹˣᴺ : Lᵢⱼ = 0 for i < j, Lᵢᵢ > 0}"
    examples = ("cholesky_cov[3]", "cholesky_cov[2, 3, 3]", "cholesky_cov[4, 2]", "cholesky_cov[2] = [[1, 0], [-3, 2]]")
    starts_at = "the identity matrix, of N columns"
    transforms = {"log_diagonal": LogDiagonal(Exp()), "softplus_diagonal": SoftplusDiagonal(Softplus())}

    def refuse_sizes(self, *sizes: int) -> str | None:
        m, n = sizes
        if m >= n:
            return None
        return (
            f"a factor has at least as many rows as columns, this one {m} and {n}; "
            f"{m} factors of {n} × {n} are written `cholesky_cov[{m}, {n}, {n}]`"
        )

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(*sizes, dtype=torch.float64)

    def contains(self, value: Tensor, m: int, n: int, *, closed: bool = False) -> Tensor:
        diagonal = value.diagonal(dim1=-2, dim2=-1)
        return (diagonal >= 0 if closed else diagonal > 0).all(-1) & torch.isfinite(value).all((-2, -1))

    def residual(self, value: Tensor, m: int, n: int) -> Tensor:
        return upper(value)

    def violation(self, value: Any, m: int, n: int) -> Violation | None:
        return first_infinite(value) or first_not_positive(value) or first_above(value)

    def chart(self, value: Tensor, m: int, n: int) -> Tensor:
        """The rest is 0."""
        return packed_trapezoid(value)


def trapezoid(raw: Tensor, m: int, n: int) -> Tensor:
    """A raw vector row by row on and below the diagonal of an M × N matrix, 0 above"""
    if m == n:
        return fill(raw, n, 0)
    triangle = n * (n + 1) // 2
    return torch.cat((fill(raw[..., :triangle], n, 0), raw[..., triangle:].reshape((*raw.shape[:-1], m - n, n))), -2)


def packed_trapezoid(matrix: Tensor) -> Tensor:
    """The entries on and below the diagonal of an M × N matrix, row by row, as a vector"""
    m, n = matrix.shape[-2:]
    if m == n:
        return packed(matrix, 0)
    return torch.cat((packed(matrix[..., :n, :], 0), matrix[..., n:, :].flatten(-2)), -1)


def replace_diagonal(matrix: Tensor, diagonal: Tensor) -> Tensor:
    """What stands below the diagonal of an M × N matrix, and this on it"""
    lower = matrix.new_ones(matrix.shape[-2:], dtype=torch.bool).tril()
    return torch.where(lower & ~lower.tril(-1), diagonal.unsqueeze(-2), matrix.tril(-1))


def diagonal_of(raw: Tensor, n: int) -> Tensor:
    """The N entries of the raw that stand on the diagonal: the last ones of the first N rows, at 1, 3, 6, … from 1"""
    row = raw.new_ones(n, dtype=torch.int64).cumsum(-1)
    return raw.index_select(-1, row * (row + 1) // 2 - 1)
