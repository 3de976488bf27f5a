"""`hurwitz[K]`: stable matrices, whose eigenvalues have negative real parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.lower_triangular import fill, packed, places
from cdsl.constraints.positive import Softplus
from cdsl.constraints.rotation import identity, resolvent_and_log_volume, shrunk, skew, widened

if TYPE_CHECKING:
    import torch
    from torch import Tensor

EIGENVALUE_NOISE = 2.0**-48  # times K, beside the largest entry: what an eigenvalue owes to rounding
SHIFT = 2.0**-50  # what rounding may take from a sum of two eigenvalues, beside the largest


class Parts(NamedTuple):
    """Of a raw: the skew A, the logarithms of L's diagonal, and L."""

    a: Tensor
    x: Tensor
    logs: Tensor
    lower: Tensor


class Lyapunov(Transform):
    """Y = -½ (I - A) G, with the skew A that holds the first half of raw below its diagonal, and G = L Lᵀ of the rest row by
    row, softplus on L's diagonal.

    P = G⁻¹ is the one matrix with Y P + P Yᵀ = -I, and it is positive definite just for these Y: each is reached once.
    Singular where softplus underflows. Beyond a condition of 1/eps log_det is that of a matrix nearby. Before it, it is off by
    some hundredths of the condition of the map in `log_sums`, in eps. Of raws N(0, 1) measured up to 10 at K = 3, and 76 in
    its gradient; at K = 10 mostly below 20, of 1 in 5 above 60, where the map is all but singular 10⁴.
    """

    scan = True
    softplus = Softplus()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K²: K (K - 1)/2 and K (K + 1)/2"""
        return (sizes[0] * sizes[0],)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = -½ (I - A) L Lᵀ"""
        return self.value_of(self.blocks(widened(raw))).to(raw.dtype)

    def inverse(self, value: Tensor) -> Tensor:
        """A = I + 2 Y P and L⁻ᵀ L⁻¹ = P, where Y P + P Yᵀ = -I; NaN where P is not positive definite

        Then two steps of Newton, as P has lost its condition: with E = Y + ½ (I - A) L Lᵀ, what they miss, F = Lᵀ E L⁻ᵀ and
        T = -½ Lᵀ (I - A) L, find the symmetric Q with T Q + Q Tᵀ = -(F + Fᵀ). L Lᵀ becomes L (I - Q) Lᵀ, and A grows by
        twice L⁻ᵀ (F + T Q) L⁻¹, which is skew.
        """
        y = widened(value)
        eye = identity(y) + torch.zeros_like(y)  # as many as there are of Y: vmap knows no other
        p = lyapunov(y, -eye)
        upper, failed = torch.linalg.cholesky_ex(p.flip((-2, -1)))
        rest = upper.flip((-2, -1)).mT
        lower, a = torch.linalg.solve_triangular(rest, eye, upper=False), antisymmetric(y @ p)
        for _ in range(2):
            half = (eye - a) @ lower / 2
            t = -lower.mT @ half
            f = lower.mT @ torch.linalg.solve_triangular(lower, (y + half @ lower.mT).mT, upper=False).mT
            q = lyapunov(t, -(f + f.mT))
            right = torch.linalg.solve_triangular(lower.mT, f + t @ q, upper=True)
            a = a + antisymmetric(torch.linalg.solve_triangular(lower.mT, right.mT, upper=True).mT)
            lower = lower @ torch.linalg.cholesky_ex(eye - q).L
        diagonal = torch.diag_embed(self.softplus.inverse(lower.diagonal(dim1=-2, dim2=-1)))
        raw = torch.cat((packed(a, -1), packed(lower.tril(-1) + diagonal, 0)), -1)
        return raw.masked_fill((failed != 0)[..., None], math.nan).to(value.dtype)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂Y/∂x| = log det(I - A) + Σᵢ₍ᵢ﹤ⱼ₎ log ½|λᵢ + λⱼ| + Σᵢ (K - i + 1) log Lᵢᵢ + log σ(xᵢᵢ)

        With X = dY P, whose symmetric part is -½ (Y dP + dP Yᵀ), and whose skew part is that of dA/2 beside it. On symmetric
        matrices this has the determinant Π (λᵢ + λⱼ), i ≤ j, of the eigenvalues λ of Y.
        """
        parts = self.blocks(widened(raw))
        return self.log_det_of(parts).to(raw.dtype)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one filling"""
        parts = self.blocks(widened(raw))
        return self.value_of(parts).to(raw.dtype), self.log_det_of(parts).to(raw.dtype)

    def blocks(self, x: Tensor) -> Parts:
        """A, x on the diagonal, its log softplus, L"""
        k = math.isqrt(x.shape[-1])
        half = k * (k - 1) // 2
        filled = fill(x[..., half:], k, 0)
        diagonal = filled.diagonal(dim1=-2, dim2=-1)
        lower = filled.tril(-1) + torch.diag_embed(self.softplus.forward(diagonal))
        return Parts(skew(x[..., :half]), diagonal, self.softplus.log_forward(diagonal), lower)

    @staticmethod
    def value_of(parts: Parts) -> Tensor:
        """-½ (I - A) L Lᵀ, of entries that are at most 1, then times their sizes: never ∞ - ∞

        What overflows has no gradient.
        """
        a, lower = parts.a, parts.lower
        turn = a.detach().abs().amax((-2, -1), keepdim=True).clamp(min=1)
        size = lower.detach().abs().amax((-2, -1), keepdim=True).clamp(min=torch.finfo(a.dtype).tiny)
        unit = lower / size
        value = (a / turn - identity(a) / turn) @ (unit @ unit.mT) * (size / 2) * size * turn
        over = torch.isinf(value.detach()).any(-1, keepdim=True).any(-2, keepdim=True)
        return torch.where(over, value.detach(), value)

    def log_det_of(self, parts: Parts) -> Tensor:
        """From A, x on the diagonal, its log softplus, L"""
        k = parts.a.shape[-1]
        left = torch.ones_like(parts.logs).cumsum(-1).flip(-1)
        triangle = (left * parts.logs + self.softplus.log_det(parts.x)).sum(-1)
        rest = resolvent_and_log_volume(parts.a)[1] - k * (k - 1) / 2 * math.log(2) + triangle
        return rest + log_sums(*shrunk(parts.a), parts) if k > 1 else rest


class Hurwitz(Domain):
    """A stable matrix: its eigenvalues have negative real parts, so solutions of x′ = Y x decay."""

    name = "hurwitz"
    sizes = ("K",)
    notation = "{Y ∈ ℝᴷˣᴷ : Re λᵢ(Y) < 0}"
    examples = ("hurwitz[3]", "hurwitz[3, 2]", "hurwitz[2] = [[-1, 2], [-2, -1]]")
    starts_at = "minus the identity matrix"
    transforms = {"lyapunov": Lyapunov()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return -torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """A real part within K eps of 0, beside the largest entry, tells nothing."""
        finite = torch.isfinite(value).all(-1).all(-1)
        size = value.abs().amax((-2, -1)).nan_to_num(1.0, 1.0).clamp(min=torch.finfo(value.dtype).tiny)
        unit = (value / size[..., None, None]).masked_fill(~finite[..., None, None], 0.0)
        # of smaller entries LAPACK makes products that underflow, and then may find no eigenvalues
        unit = torch.trunc(unit * 2.0**100) / 2.0**100
        largest = torch.linalg.eigvals(unit).real.amax(-1)
        noise = EIGENVALUE_NOISE * value.shape[-1]
        stable: Tensor = largest <= noise if closed else largest < -noise
        return finite & stable

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value):
            return found
        if is_stable(value):
            return None
        return Violation((), "a matrix with an eigenvalue of no negative real part", "have none")

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """Less 2 ‖Y‖ (K eps)^(1/K) on the diagonal: rounding moves no eigenvalue farther (Elsner, 1985,
        doi:10.1016/0024-3795(85)90031-0)."""
        k = value.shape[-1]
        size = value.abs().amax((-2, -1)) * k
        return value - torch.diag_embed((2 * (k * eps) ** (1 / k) * size)[..., None].expand(value.shape[:-1]))


def lyapunov(y: Tensor, right: Tensor) -> Tensor:
    """The symmetric P with Y P + P Yᵀ = this symmetric matrix"""
    eye, k = identity(y), y.shape[-1]
    first = eye[..., :, None, :, None] * y[..., None, :, None, :]
    both = first + y[..., :, None, :, None] * eye[..., None, :, None, :]
    flat = torch.linalg.solve_ex(both.flatten(-2).flatten(-3, -2), right.flatten(-2)[..., None]).result
    p: Tensor = flat.squeeze(-1).reshape((*flat.shape[:-2], k, k))
    return (p + p.mT) / 2


def antisymmetric(matrix: Tensor) -> Tensor:
    """M - Mᵀ"""
    return matrix - matrix.mT


def log_sums(a: Tensor, shrink: Tensor, parts: Parts) -> Tensor:
    """Σᵢ₍ᵢ﹤ⱼ₎ log |λᵢ + λⱼ| of the eigenvalues of Y: of those of T = -½ Lᵀ (I - A) L, which are the same

    It is log |det| of W ↦ T W + W Tᵀ on skew matrices. Row and column of the entry ij are divided by √(cᵢ² + cⱼ²), with
    the lengths c of L's columns: then ½ is on the diagonal, up to sign, and nothing is large but A, which was shrunk. Its
    symmetric part has no negative eigenvalue; SHIFT keeps it invertible where rounding has left none, and what that adds
    is subtracted, to first order.
    """
    k = a.shape[-1]
    below, logs = parts.lower.tril(-1), parts.logs
    largest = below.detach().abs().amax(-2)
    top = torch.maximum(torch.log(largest), logs.detach())
    share = below * torch.exp(-top.clamp(min=-700.0)).unsqueeze(-2) + torch.diag_embed(torch.exp(logs - top))
    length = share.square().sum(-2)
    unit = share / length.sqrt().unsqueeze(-2)
    log_c = (top + length.log() / 2).clamp(min=-torch.finfo(a.dtype).max / 4)
    at = places(a, k, -1)
    i = at.div(k, rounding_mode="floor")
    j = at - i * k
    log_i, log_j = log_c.index_select(-1, i), log_c.index_select(-1, j)
    pair = torch.logaddexp(2 * log_i, 2 * log_j)
    s = unit.mT @ (identity(a) - a) @ unit / 2
    p, q = torch.exp(log_i - pair / 2).unsqueeze(-1), torch.exp(log_j - pair / 2).unsqueeze(-1)

    def part(left: Tensor, right: Tensor, one: Tensor, other: Tensor) -> Tensor:
        """s at these rows and columns, where the other indices agree"""
        same = one.unsqueeze(-1) == other.unsqueeze(-2)
        return s.index_select(-2, left).index_select(-1, right).masked_fill(~same, 0.0)

    compound = p * p.mT * part(i, i, j, j) - p * q.mT * part(i, j, j, i)
    compound = compound + q * q.mT * part(j, j, i, i) - q * p.mT * part(j, i, i, j)
    least = SHIFT * (1 + a.detach().abs().amax((-2, -1), keepdim=True))
    factor, r = torch.linalg.qr(compound + least * identity(compound))
    inverse = torch.linalg.solve_triangular(r.detach(), factor.detach().mT, upper=True)
    added = (least * inverse).diagonal(dim1=-2, dim2=-1).sum(-1)
    turning = inverse.shape[-1] - (inverse * (compound + compound.mT).detach() / 2).sum((-2, -1))
    log_r: Tensor = r.diagonal(dim1=-2, dim2=-1).abs().log().sum(-1)
    sums: Tensor = log_r - added + pair.sum(-1) - turning * torch.log(shrink)
    return sums


def is_stable(value: list[list[float]]) -> bool:
    """By Routh's scheme of the characteristic polynomial of Y plus what rounding makes of an eigenvalue, in whole numbers

    Entries are multiples of 2⁻¹⁰⁰ of the largest; the coefficients are those of Faddeev and LeVerrier.
    """
    k, unit = len(value), 2**100
    largest = max(2.0**-1022, *(abs(entry) for row in value for entry in row))
    noise = int(EIGENVALUE_NOISE * k * unit)
    matrix = [
        [int(entry / largest * unit) + noise * (i == j) for j, entry in enumerate(row)] for i, row in enumerate(value)
    ]
    coefficients, power = [1], [[int(i == j) for j in range(k)] for i in range(k)]
    for n in range(1, k + 1):
        columns = list(zip(*power, strict=True))
        product = [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in matrix]
        coefficients.append(-sum(product[i][i] for i in range(k)) // n)
        power = [[entry + coefficients[-1] * (i == j) for j, entry in enumerate(row)] for i, row in enumerate(product)]
    upper, lower = coefficients[::2], coefficients[1::2]
    while lower:
        if not (upper[0] > 0 and lower[0] > 0):
            return False
        padded = [*lower[1:], 0]
        rest = [lower[0] * a - upper[0] * b for a, b in zip(upper[1:], padded, strict=False)]
        divisor = math.gcd(*rest) or 1
        upper, lower = lower, [entry // divisor for entry in rest]
    return upper[0] > 0
