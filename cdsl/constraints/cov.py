"""`cov[K]`: covariance matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Transform, at_most, attach
from cdsl.constraints.cholesky_corr import hyperbolic
from cdsl.constraints.cholesky_cov import diagonal_of, packed_trapezoid, replace_diagonal, trapezoid
from cdsl.constraints.corr import Definite, PartialCorrelations, by_columns, correlations_of, factor, times_transpose
from cdsl.constraints.lower_triangular import side
from cdsl.constraints.positive import Gap
from cdsl.constraints.symmetric import mirrored

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class LogCholesky(Transform):
    """Y = L Lᵀ with the L of `cholesky_cov`: row by row, the logarithm of the diagonal at the end of each row, as in Stan.

    Reaches the edge of the cone, where the smallest eigenvalue is below an eps of the largest.
    """

    scan = True
    own_parts = {"diagonal": ("positive", "exp")}

    def using(self, **parts: Any) -> Transform:
        """The same with another gap than exp on the diagonal of L."""
        return CholeskyBy(parts["diagonal"])

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K + 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = L Lᵀ, Lᵢⱼ = xᵢⱼ for j < i, Lᵢᵢ = exp(xᵢᵢ)"""
        k = side(raw, 0)
        return outer(raw, diagonal_of(raw, k))

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Lᵢⱼ for j < i, xᵢᵢ = log Lᵢᵢ, of Y = L Lᵀ; NaN where Y is not positive definite"""
        return logs_of(factor(value))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i ≥ j)/∂x| = K log 2 + Σᵢ (K - i + 2) xᵢᵢ"""
        k = side(raw, 0)
        return log_det_of_outer(diagonal_of(raw, k), k)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one diagonal"""
        k = side(raw, 0)
        diagonal = diagonal_of(raw, k)
        return outer(raw, diagonal), log_det_of_outer(diagonal, k)


@dataclass(frozen=True)
class CholeskyBy(Transform):
    """Y = L Lᵀ, with L filled with x row by row, and g(x) at the end of each row, on the diagonal, with a gap g: ℝ → (0, ∞).

    Reaches the edge of the cone, where the smallest eigenvalue is below an eps of the largest.
    """

    gap: Gap
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K + 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = L Lᵀ, Lᵢⱼ = xᵢⱼ for j < i, Lᵢᵢ = g(xᵢᵢ); a g that overflows is cut, its square is ∞ long since"""
        k = side(raw, 0)
        diagonal = diagonal_of(raw, k)
        over = ~torch.isfinite(self.gap.forward(diagonal.detach()))
        roots = self.gap.forward(diagonal.masked_fill(over, 0.0)).masked_fill(over, torch.finfo(raw.dtype).max)
        return gram(replace_diagonal(trapezoid(raw, k, k), roots))

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢⱼ = Lᵢⱼ for j < i, xᵢᵢ = g⁻¹(Lᵢᵢ), of Y = L Lᵀ; NaN where Y is not positive definite"""
        lower = factor(value)
        return packed_trapezoid(replace_diagonal(lower, self.gap.inverse(lower.diagonal(dim1=-2, dim2=-1))))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i ≥ j)/∂x| = K log 2 + Σᵢ (K - i + 1) log g(xᵢᵢ) + log g′(xᵢᵢ)"""
        k = side(raw, 0)
        x = diagonal_of(raw, k)
        weights = x.new_full((k,), -share(k)).cumsum(-1) + (k + 1) * share(k)
        terms = self.gap.log_forward(x) * weights + self.gap.log_det(x) * share(k)
        return terms.sum(-1) / share(k) + k * math.log(2)


class Lkj(Transform):
    """Yᵢⱼ = sᵢ Rᵢⱼ sⱼ: first the logarithms of the K scales s, then the raw of the correlations R as in `corr`.

    Scales and correlations are apart, for priors of their own (Lewandowski, Kurowicka and Joe, 2009).
    """

    scan = True
    correlations = PartialCorrelations()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K + K (K - 1) / 2"""
        return (sizes[0] * (sizes[0] + 1) // 2,)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢⱼ = exp(xᵢ) Rᵢⱼ exp(xⱼ)"""
        k = side(raw, 0)
        return scaled(self.correlations.forward(raw[..., k:]), raw[..., :k])

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢ = ½ log Yᵢᵢ, and the raw of Yᵢⱼ / √(Yᵢᵢ Yⱼⱼ); NaN where Y is not positive definite

        The rows of a factor may have any length, as ratios of their entries are all that counts. So the scales are
        divided out as powers of 2, which round nothing: of a Y with tiny eigenvalues the rest of a division may leave none.
        """
        variance = value.diagonal(dim1=-2, dim2=-1)
        near = torch.exp2(torch.round(torch.log2(variance.detach()) / 2)).unsqueeze(-1)
        correlations = self.correlations.inverse(value / near / near.mT)
        raw = torch.cat((torch.log(torch.sqrt(variance)), correlations), -1)
        return raw.masked_fill(raw.isnan().any(-1, keepdim=True), math.nan)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Yᵢⱼ, i ≥ j)/∂x| = K log 2 + (K + 1) Σᵢ xᵢ + that of the correlations, Σᵢⱼ (K - j + 1) log sech xᵢⱼ"""
        k = side(raw, 0)
        at = by_columns(raw, k)
        return self.log_det_of(raw[..., :k], self.correlations.log_det_of(hyperbolic(raw[..., k:]), at, k, share(k)))

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one set of tanh and sech"""
        k = side(raw, 0)
        at, parts = by_columns(raw, k), hyperbolic(raw[..., k:])
        value = scaled(correlations_of(parts, at, k), raw[..., :k])
        return value, self.log_det_of(raw[..., :k], self.correlations.log_det_of(parts, at, k, share(k)))

    @staticmethod
    def log_det_of(logs: Tensor, rest: Tensor) -> Tensor:
        """K log 2 + (K + 1) Σᵢ xᵢ + rest, which is given as a share of itself"""
        k = logs.shape[-1]
        return ((logs * ((k + 1) * share(k))).sum(-1) + rest) / share(k) + k * math.log(2)


class Cov(Definite):
    """A covariance matrix: symmetric and positive definite."""

    name = "cov"
    also = ("cov_matrix", "positive_definite")
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ, Y ≻ 0}"
    examples = ("cov[3]", "cov[2, 3]", "cov[2] = [[2, -1], [-1, 3]]", "cov[3] via lkj")
    transforms = {"log_cholesky": LogCholesky(), "lkj": Lkj()}


def outer(raw: Tensor, diagonal: Tensor) -> Tensor:
    """L Lᵀ of the L that raw fills, with exp of this diagonal on its own"""
    k = diagonal.shape[-1]
    return gram(replace_diagonal(trapezoid(raw, k, k), cut_exp(diagonal)))


def logs_of(lower: Tensor) -> Tensor:
    """The raw of a factor L: row by row, the logarithm of its diagonal"""
    return packed_trapezoid(replace_diagonal(lower, torch.log(lower.diagonal(dim1=-2, dim2=-1))))


def log_det_of_outer(diagonal: Tensor, k: int) -> Tensor:
    """N log 2 + Σᵢ (K - i + 2) xᵢᵢ, i = 1, …, N: column by column ∂Y/∂L is triangular, 2 Lᵢᵢ once and Lᵢᵢ below it"""
    n = diagonal.shape[-1]
    weights = diagonal.new_full((n,), -1.0).cumsum(-1) + (k + 2)
    return (diagonal * (weights * share(k))).sum(-1) / share(k) + n * math.log(2)


def share(k: int) -> float:
    """A power of 2 by which weights of up to K + 1 are multiplied, so that no part of a sum overflows: never ∞ - ∞"""
    return 2.0 ** -(4 * k**3 + 4).bit_length()


def gram(factor: Tensor) -> Tensor:
    """L Lᵀ, exactly symmetric, never ∞ - ∞

    Where the square of a row's length overflows, the row is shrunk before the product and the product raised after it,
    the derivative being that of the former. Any other row is multiplied by 1.
    """
    rows, root = factor.detach(), math.sqrt(torch.finfo(factor.dtype).max) * (1 - 2**-20)
    top = rows.abs().amax(-1, keepdim=True).clamp(min=1)
    beyond = (torch.linalg.vector_norm(rows / top, dim=-1, keepdim=True) * (top / root)).clamp(min=1)
    shrunk = factor / beyond
    products = times_transpose(shrunk)
    return mirrored(attach((products.detach() * beyond) * beyond.mT, products))


def scaled(correlations: Tensor, logs: Tensor) -> Tensor:
    """sᵢ Rᵢⱼ sⱼ with the logarithms of s, never 0 · ∞: where sᵢ² overflows, what is beyond its root is as in `gram`"""
    root = math.log(torch.finfo(logs.dtype).max) / 2 - 2**-10
    scale = torch.exp(at_most(logs, root)).unsqueeze(-1)
    beyond = torch.exp((logs.detach() - root).clamp(0, root)).unsqueeze(-1)
    products = correlations * scale * scale.mT
    return mirrored(attach((products.detach() * beyond) * beyond.mT, products))


def cut_exp(logs: Tensor) -> Tensor:
    """exp x, cut where it would be ∞: its square is ∞ long since"""
    return torch.exp(at_most(logs, math.floor(math.log(torch.finfo(logs.dtype).max))))
