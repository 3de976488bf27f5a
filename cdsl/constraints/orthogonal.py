"""`orthogonal[K]`: orthogonal matrices, of determinant 1 or -1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.lower_triangular import packed
from cdsl.constraints.rotation import Cayley, first_skewed, skewness, uncayley, widened

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class SignedCayley(Transform):
    """Y = Q diag(±1, …, ±1), with the rotation Q of `rotation` and the signs of raw's last K numbers.

    Surjective, and onto: of those numbers only the signs count, their gradient is 0. O(K) has two components, and no
    continuous map of a vector reaches both: training stays in the one of its start, unless something else moves a number
    across 0. The signs also lead past the half turns that Q alone does not reach.
    """

    surjective = True
    scan = True
    cayley = Cayley()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K (K - 1) / 2 + K"""
        return (self.cayley.raw_event(sizes)[0] + sizes[0],)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = (I - A/2)⁻¹ (I + A/2) D, with D = diag(sign x) of the last K numbers"""
        k = (math.isqrt(8 * raw.shape[-1] + 1) - 1) // 2
        return reflected(self.cayley.forward(raw[..., :-k]), raw[..., -k:])

    def inverse(self, value: Tensor) -> Tensor:
        """A = 2 (Q + I)⁻¹ (Q - I) with Q = Y D, and D = diag(±1) such that Q + I is far from singular"""
        y = widened(value)
        sign = signs(y)
        return torch.cat((packed(uncayley(reflected(y, sign)), -1), sign), -1).to(value.dtype)


class Orthogonal(Domain):
    """An orthogonal matrix: a rotation, or a rotation and a reflection; the group O(K)."""

    name = "orthogonal"
    sizes = ("K",)
    bounded = True
    surface = True
    notation = "{Y ∈ ℝᴷˣᴷ : YᵀY = I}"
    examples = ("orthogonal[3]", "orthogonal[3, 2]", "orthogonal[3] = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]")
    starts_at = "the identity matrix"
    transforms = {"cayley": SignedCayley()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return skewness(value)

    def violation(self, value: Any) -> Violation | None:
        return first_infinite(value) or first_skewed(value)


def reflected(value: Tensor, sign: Tensor) -> Tensor:
    """The columns times these signs"""
    return value * torch.copysign(torch.ones_like(sign), sign)[..., None, :]


def signs(value: Tensor) -> Tensor:
    """A D = diag(±1) for which Y D + I is far from singular

    The QR decomposition by reflections of an orthogonal Y has R = diag(±1), and Y - R is the product of a unit lower and
    an upper triangle whose diagonal is at least 1 (Ballard et al., 2014, doi:10.1109/IPDPS.2014.60): D = -R. The last
    entry is not reflected, and so its R has the other sign; no other is 0 below its diagonal, which would not be either.
    """
    r = torch.sign(torch.linalg.qr(value + 1e-8 * torch.ones_like(value).tril(-1)).R.diagonal(dim1=-2, dim2=-1))
    return torch.cat((-r[..., :-1], r[..., -1:]), -1)
