"""`grassmann[N, K]`: subspaces of K dimensions, as an orthonormal basis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.rotation import first_skewed, identity, shrunk, sign_of_det, skewness, widened

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Graph(Transform):
    """The subspace of all (u, X u), the graph of the linear map X: ℝᴷ → ℝᴺ⁻ᴷ; Y is its basis from the QR decomposition
    of [I; X], with a triangle of positive diagonal on top.

    It reaches every subspace once, but for those that hold a vector with K zeros first, which have measure 0. Beyond
    entries of 2²⁴ (2¹¹ where there is no float64 to compute in) X is scaled down to that: Y is then near its limit.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(N - K) × K"""
        n, k = sizes
        return (n - k, k)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = [I; X] R⁻¹, with the triangle R of positive diagonal for which RᵀR = I + XᵀX"""
        return basis(raw)[0]

    def inverse(self, value: Tensor) -> Tensor:
        """X = Y₂ Y₁⁻¹, with Y's first K rows Y₁ and the others Y₂: that of any basis of the subspace"""
        k, y = value.shape[-1], widened(value)
        x: Tensor = torch.linalg.solve_ex(y[..., :k, :].mT, y[..., k:, :].mT).result.mT
        return x.to(value.dtype)

    def log_det(self, raw: Tensor) -> Tensor:
        """½ log det JᵀJ = K (N - K)/2 · log 2 - N/2 · log det(I + XᵀX), of the projector P = Y Yᵀ

        ‖dP‖² = 2 ‖Y⊥ᵀdY‖², and Y⊥ᵀdY = (I + XXᵀ)^(-½) dX R⁻¹.
        """
        return basis(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one QR decomposition"""
        return basis(raw)


class Grassmann(Domain):
    """A subspace of K dimensions of ℝᴺ, as a matrix whose columns are an orthonormal basis of it.

    Any such basis may be set; what is read is the one of the same subspace that starts with a triangle.
    """

    name = "grassmann"
    sizes = ("N", "K")
    bounded = True
    surface = True
    notation = "{Y ∈ ℝᴺˣᴷ : YᵀY = I} / O(K)"
    examples = ("grassmann[4, 2]", "grassmann[2, 3, 1]", "grassmann[2, 1] = [[0.6], [0.8]]")
    starts_at = "the first K columns of the identity matrix"
    transforms = {"graph": Graph()}

    def refuse_sizes(self, *sizes: int) -> str | None:
        n, k = sizes
        return None if n >= k else f"ℝ^{n} has no subspace of {k} dimensions: N is at least K"

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(*sizes, dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """What holds a vector with K zeros first is in the closure."""
        finite = torch.isfinite(value).all(-1).all(-1)
        return finite if closed else finite & (torch.linalg.slogdet(value[..., : value.shape[-1], :]).sign != 0)

    def residual(self, value: Tensor) -> Tensor:
        return skewness(value)

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value) or first_skewed(value):
            return found
        k = len(value[0])
        if sign_of_det(value[:k]) == 0:
            return Violation((), f"a subspace that holds a vector with {k} zeros first", "hold none")
        return None

    def chart(self, value: Tensor) -> Tensor:
        """The projector onto the subspace, which every basis has in common."""
        return value @ value.mT


def basis(raw: Tensor) -> tuple[Tensor, Tensor]:
    """The basis, and the log-Jacobian: log det(I + XᵀX) is 2 Σ log Rᵢᵢ, of an X that was shrunk and the rest of it

    By then 1 + σ² is σ² for all of X's singular values that do not vanish; there are Σ σ²/(1 + σ²) of them, ‖Y₂‖².
    """
    x, k, n = widened(raw), raw.shape[-1], raw.shape[-2] + raw.shape[-1]
    top = identity(x).expand(*x.shape[:-2], k, k)
    _, shrink = shrunk(torch.cat((top, x), -2))
    q, r = torch.linalg.qr(torch.cat((top, shrink[..., None, None] * x), -2))
    r = r.diagonal(dim1=-2, dim2=-1)
    large = q[..., k:, :].detach().square().sum((-2, -1))
    volume = r.abs().log().sum(-1) - large * torch.log(shrink)
    log_det = k * (n - k) / 2 * math.log(2) - n * volume
    return (q * torch.sign(r.detach())[..., None, :]).to(raw.dtype), log_det.to(raw.dtype)
