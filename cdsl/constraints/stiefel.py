"""`stiefel[N, K]`: N × K matrices with orthonormal columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.lower_triangular import fill, packed
from cdsl.constraints.rotation import (
    first_skewed,
    haar,
    identity,
    resolvent,
    resolvent_and_log_volume,
    sign_of_det,
    skewness,
    turn,
    widened,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class CayleyFrame(Transform):
    """The first K columns of (I - X/2)⁻¹ (I + X/2), with the skew X that holds x below its diagonal in those columns.

    X is 0 in its last N - K rows and columns: x has as many numbers as the set has dimensions. Of Jauch, Hoff and Dunson
    (2020, doi:10.3150/19-BEJ1176). It reaches every such matrix once, but for those whose first K rows have an
    eigenvalue -1, which have measure 0; for N = K, as in `rotation`, those of determinant 1.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """N K - K (K + 1) / 2"""
        n, k = sizes
        return (n * k - k * (k + 1) // 2,)

    def forward(self, raw: Tensor, n: int, k: int) -> Tensor:
        """Y = 2 M - I, with the first K columns M of (I - X/2)⁻¹"""
        return turn(resolvent(bordered(widened(raw), n, k) / 2)[..., :k]).to(raw.dtype)

    def inverse(self, value: Tensor, n: int, k: int) -> Tensor:
        """X's first K rows are Wᵀ - W, the others Y₂ W, with W = 2 (I + Y₁)⁻¹ of Y's first K rows Y₁ and the others Y₂

        With X/2 = [A, -Cᵀ; C, 0] the columns M are [W⁻¹; C W⁻¹], by W = I + CᵀC - A. Reflections have no raw: NaN.
        """
        y = widened(value)
        top = y[..., :k, :]
        w = 2 * torch.linalg.inv_ex(top + identity(top)).inverse
        x = torch.cat((packed(w.mT - w, -1), (y[..., k:, :] @ w).flatten(-2)), -1).to(value.dtype)
        return x.masked_fill((torch.linalg.slogdet(y).sign < 0)[..., None], math.nan) if n == k else x

    def log_det(self, raw: Tensor, n: int, k: int) -> Tensor:
        """½ log det JᵀJ = K (K - 1)/4 · log 2 - (N - 1) log det(I + X/2)

        With Ω = YᵀdY/2 and Ψ = Y⊥ᵀdY/2 one finds Ω = WᵀdA W + … dC and Ψ = dC W⁻¹ - C Ω, whose determinant is that of
        W⁻¹ to the K - 1 and the N - K; and det W = det(I + X/2). ‖dY‖² counts each entry of Ω twice.
        """
        return self.forward_and_log_det(raw, n, k)[1]

    def forward_and_log_det(self, raw: Tensor, n: int, k: int) -> tuple[Tensor, Tensor]:
        """Both from one (I - X/2)⁻¹"""
        m, volume = resolvent_and_log_volume(bordered(widened(raw), n, k) / 2)
        return turn(m[..., :k]).to(raw.dtype), (haar(k) - (n - 1) * volume).to(raw.dtype)


class Stiefel(Domain):
    """A matrix with orthonormal columns: K directions of ℝᴺ. Without those whose first K rows have an eigenvalue -1."""

    name = "stiefel"
    sizes = ("N", "K")
    sized = True
    bounded = True
    surface = True
    notation = "{Y ∈ ℝᴺˣᴷ : YᵀY = I}, of determinant 1 for N = K"
    examples = ("stiefel[4, 2]", "stiefel[2, 3, 2]", "stiefel[3, 1] = [[0.6], [0], [0.8]]")
    starts_at = "the first K columns of the identity matrix"
    transforms = {"cayley": CayleyFrame()}

    def refuse_sizes(self, *sizes: int) -> str | None:
        n, k = sizes
        return None if n >= k else f"no {k} vectors of {n} numbers are orthonormal: N is at least K"

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(*sizes, dtype=torch.float64)

    def contains(self, value: Tensor, n: int, k: int, *, closed: bool = False) -> Tensor:
        """What has an eigenvalue -1 is in the closure."""
        top = value[..., :k, :]
        finite = torch.isfinite(value).all(-1).all(-1)
        proper = finite & (torch.linalg.slogdet(top).sign > 0) if n == k else finite
        return proper if closed else proper & (torch.linalg.slogdet(top + identity(top)).sign != 0)

    def residual(self, value: Tensor, n: int, k: int) -> Tensor:
        return skewness(value)

    def violation(self, value: Any, n: int, k: int) -> Violation | None:
        if found := first_infinite(value) or first_skewed(value):
            return found
        if n == k and sign_of_det(value) <= 0:
            return Violation((), "a reflection, of determinant -1", "have determinant 1")
        if sign_of_det([[entry + (i == j) for j, entry in enumerate(row)] for i, row in enumerate(value[:k])]) == 0:
            return Violation((), "a matrix whose first rows have an eigenvalue -1", "have none")
        return None


def bordered(raw: Tensor, n: int, k: int) -> Tensor:
    """The skew X with raw row by row below its diagonal, in its first K columns"""
    inner = k * (k - 1) // 2
    outer = raw[..., inner:].reshape((*raw.shape[:-1], n - k, k))
    low = torch.nn.functional.pad(torch.cat((fill(raw[..., :inner], k, -1), outer), -2), (0, n - k))
    return low - low.mT
