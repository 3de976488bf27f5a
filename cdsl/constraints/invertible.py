"""`invertible[K]`: square matrices of positive determinant; and how a square raw makes a rotation and a triangle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.low_rank import singular_values
from cdsl.constraints.positive import Softplus
from cdsl.constraints.rotation import resolvent, resolvent_and_log_volume, sign_of_det, turn, uncayley, widened

if TYPE_CHECKING:
    import torch
    from torch import Tensor


SINGULAR_NOISE = 2.0**-48
"""What a singular value beside the largest, and a determinant's sign with it, owes to rounding."""


class RotationTriangle(Transform):
    """Y = Q R, with the rotation Q by Cayley of raw below the diagonal, and the upper triangle R of the rest of raw, its
    diagonal by softplus.

    It reaches every matrix of positive determinant once, but for those whose Q has an eigenvalue -1, which have measure
    0. Singular where softplus underflows.
    """

    scan = True
    softplus = Softplus()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K × K"""
        return (sizes[0], sizes[0])

    def forward(self, raw: Tensor) -> Tensor:
        """Y = Q R"""
        x = widened(raw)
        return times_triangle(turn(resolvent(skewed(x))), self.triangle(x)).to(raw.dtype)

    def inverse(self, value: Tensor) -> Tensor:
        """Q and R of the QR decomposition with a positive diagonal; NaN where det Y is not positive"""
        q, r = torch.linalg.qr(widened(value))
        sign = torch.sign(r.diagonal(dim1=-2, dim2=-1))
        q, r = q * sign[..., None, :], r * sign[..., None]
        diagonal = torch.diag_embed(self.softplus.inverse(r.diagonal(dim1=-2, dim2=-1)))
        raw: Tensor = uncayley(q).tril(-1) + diagonal + r.triu(1)
        return raw.to(value.dtype)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂Y/∂x| = Σᵢ (K - i) log Rᵢᵢ + log σ(xᵢᵢ) - (K - 1) log det(I + A/2)

        Qᵀ dY = (QᵀdQ) R + dR: below the diagonal, column i is scaled by Rᵢᵢ. QᵀdQ is that of `rotation`.
        """
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one (I - A/2)⁻¹"""
        x, k = widened(raw), raw.shape[-1]
        (m, volume), diagonal = resolvent_and_log_volume(skewed(x)), x.diagonal(dim1=-2, dim2=-1)
        left = torch.ones_like(diagonal).cumsum(-1).flip(-1) - 1
        logs = left * self.softplus.log_forward(diagonal) + self.softplus.log_det(diagonal)
        log_det = logs.sum(-1) - (k - 1) * volume
        return times_triangle(turn(m), self.triangle(x)).to(raw.dtype), log_det.to(raw.dtype)

    def triangle(self, x: Tensor) -> Tensor:
        """R"""
        return x.triu(1) + torch.diag_embed(self.softplus.forward(x.diagonal(dim1=-2, dim2=-1)))


class Invertible(Domain):
    """A square matrix of positive determinant: an invertible linear map that keeps the orientation."""

    name = "invertible"
    sizes = ("K",)
    notation = "{Y ∈ ℝᴷˣᴷ : det Y > 0}"
    examples = ("invertible[3]", "invertible[3, 2]", "invertible[2] = [[2, 1], [0, 0.5]]")
    starts_at = "the identity matrix"
    transforms = {"rotation_triangle": RotationTriangle()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """Of what is singular to working precision, K eps, the sign of the determinant means nothing."""
        finite: Tensor = torch.isfinite(value).all(-1).all(-1)
        size: Tensor = torch.linalg.svdvals(beside_largest(value.masked_fill(~finite[..., None, None], 0.0)))
        regular = size[..., -1] > SINGULAR_NOISE * value.shape[-1] * size[..., 0]
        positive: Tensor = torch.linalg.slogdet(value).sign > 0
        inside: Tensor = positive | ~regular if closed else positive & regular
        return finite & inside

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value):
            return found
        largest = max(abs(entry) for row in value for entry in row)
        size = singular_values([[entry / (largest or 1.0) for entry in row] for row in value])
        if not size[-1] > SINGULAR_NOISE * len(size) * size[0]:
            return Violation((), "a singular matrix", "have a positive determinant")
        return None if sign_of_det(value) > 0 else Violation((), "a determinant below 0", "be positive")

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """What rounding may have turned: a smallest singular value within K eps of the largest is as well 0."""
        finite = value.nan_to_num(0.0, 0.0, 0.0)
        left, size, right = torch.linalg.svd(beside_largest(finite))
        close = size[..., -1] <= value.shape[-1] * eps * size[..., 0]
        least = (
            size[..., -1:, None] * left[..., :, -1:] * right[..., -1:, :] * finite.abs().amax((-2, -1), keepdim=True)
        )
        return torch.where(close[..., None, None], value - least, value)


def beside_largest(value: Tensor) -> Tensor:
    """Its entries through the largest of them: of singular values ratios are all that counts, and these do not overflow"""
    largest = value.abs().amax((-2, -1), keepdim=True)
    return value / largest.masked_fill(largest == 0, 1.0)


def times_triangle(q: Tensor, r: Tensor) -> Tensor:
    """Q R, never ∞ - ∞: a column that is far has no gradient by Q, which would overflow"""
    near, far, part = parted(r)
    return q @ near + q.detach() @ far / part


def parted(r: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """R without the columns of which a sum may overflow on the way, as much of these as cannot, and how much that is"""
    k, size = r.shape[-1], r.detach().abs().amax(-2, keepdim=True)
    is_far, part = size > torch.finfo(r.dtype).max / (2 * k), 2.0 ** -(2 * k).bit_length()
    return (
        r.masked_fill(is_far, 0.0),
        (r * part).masked_fill(~is_far, 0.0),
        torch.ones_like(size).masked_fill(is_far, part),
    )


def skewed(x: Tensor) -> Tensor:
    """A/2, with the skew A that is x below the diagonal"""
    low = x.tril(-1)
    return (low - low.mT) / 2
