"""`special_linear[K]`: square matrices of determinant 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.cov import share
from cdsl.constraints.invertible import parted
from cdsl.constraints.log_ratio import helmert, helmert_transpose
from cdsl.constraints.lower_triangular import fill, packed
from cdsl.constraints.rotation import (
    identity,
    resolvent,
    resolvent_and_log_volume,
    skew,
    taken,
    turn,
    uncayley,
    widened,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor

FLOOR = 2.0**-14  # a row is not shorter: below the smallest normal number of float16 rounding is no share of an entry


class UnitRotationTriangle(Transform):
    """Y = Q R, with the rotation Q by Cayley and an upper triangle R, whose diagonal is exp(V x) with the orthonormal
    Helmert basis V of the vectors that sum to 0.

    Raw is A below its diagonal, R above its own, and x. It reaches every matrix of determinant 1 once, but for those whose
    Q has an eigenvalue -1, which have measure 0.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K² - 1"""
        return (sizes[0] * sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = Q R"""
        return self.forward_and_log_det(raw)[0]

    def inverse(self, value: Tensor) -> Tensor:
        """Q and R of the QR decomposition with a positive diagonal, and x = Vᵀ log diag R; NaN where det Y is not near 1

        The smallest entry of the diagonal is 1 / Π of the others: rounding Y moves them all alike, and so moves the
        determinant, and its sign, by this one. A step of Newton takes back what the decomposition has rounded.
        """
        y = widened(value)
        q, r = torch.linalg.qr(y)
        diagonal = r.diagonal(dim1=-2, dim2=-1)
        least = torch.zeros_like(diagonal).scatter(-1, diagonal.detach().abs().argmin(-1, keepdim=True), 1.0)
        logs = torch.log(diagonal.abs() + least) * (1 - least)
        logs = logs - least * logs.sum(-1, keepdim=True)
        sign = torch.sign(diagonal) * (1 - least) + least
        sign = torch.where(least > 0, (torch.linalg.slogdet(q).sign * sign.prod(-1))[..., None], sign)
        moved = ((torch.exp(logs) - sign * diagonal) * least).abs().amax(-1)
        wrong = ~(moved <= 0.1 * y.abs().amax((-2, -1)))
        a, r = uncayley(q * sign[..., None, :]), r * sign[..., None]
        more_a, more_r, more_logs = missed(y.detach(), a.detach(), r.detach(), logs.detach(), least)
        a, r, logs = a + more_a, r + more_r, logs + more_logs
        raw = torch.cat((packed(a, -1), packed(r.mT, -1), helmert_transpose(logs)), -1)
        return raw.masked_fill(wrong[..., None], math.nan).to(value.dtype)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂ chart(Y)/∂x| = Σᵢ₍ᵢ﹤ₖ₎ (K - i + 1) log Rᵢᵢ - (K - 1) log det(I + A/2) - ½ log K

        As of `invertible` for the first K - 1 columns; the last is Q times that of R, whose last entry follows from the
        others. The first K - 1 rows of V have the determinant 1/√K.
        """
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one (I - A/2)⁻¹

        Where exp(V x) overflows it is its root twice, without a gradient: a 0 of Q stays 0, and what is small is a number yet.
        """
        x, k = widened(raw), math.isqrt(raw.shape[-1] + 1)
        half = k * (k - 1) // 2
        m, volume = resolvent_and_log_volume(skew(x[..., :half]) / 2)
        q, still = turn(m), (2 * m - identity(m)).detach()
        logs, few = helmert(x[..., 2 * half :]), helmert(x[..., 2 * half :] * share(k))
        most = math.log(torch.finfo(x.dtype).max)
        over = logs.detach() > most
        r = fill(x[..., half : 2 * half], k, -1).mT + torch.diag_embed(torch.exp(logs.masked_fill(over, -math.inf)))
        root = torch.exp(logs.detach().masked_fill(~over, -math.inf).clamp(max=2 * most) / 2).unsqueeze(-2)
        near, far, part = parted(r)
        value = q @ near + (q.detach() @ far + still * root * (root * part)) / part
        left = torch.ones_like(logs).cumsum(-1).flip(-1)
        log_r = (left * few)[..., :-1].sum(-1) / share(k)
        log_det = log_r - (k - 1) * volume - math.log(k) / 2
        return value.to(raw.dtype), log_det.to(raw.dtype)


class SpecialLinear(Domain):
    """A square matrix of determinant 1: a linear map that keeps volume and orientation, the group SL(K)."""

    name = "special_linear"
    sizes = ("K",)
    notation = "{Y ∈ ℝᴷˣᴷ : det Y = 1}"
    examples = ("special_linear[3]", "special_linear[3, 2]", "special_linear[2] = [[2, 1], [0, 0.5]]")
    starts_at = "the identity matrix"
    transforms = {"rotation_triangle": UnitRotationTriangle()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        """Beside the product of the rows' lengths or 1: that many eps of it rounding the entries may make.

        A row counts as at least 2⁻¹⁴ long, the smallest normal float16: below it rounding is no share of an entry. Of what
        is not finite `contains` speaks. Of rows divided by their lengths elimination loses no more than eps, however unlike
        they are.
        """
        size = value.abs().amax(-1, keepdim=True).clamp(min=FLOOR)
        rows = value / size
        length = rows.square().sum(-1, keepdim=True).clamp(min=1).sqrt()
        total = (size.log() + length.log()).sum((-2, -1))
        sign, log = torch.linalg.slogdet(rows / length)
        most = total.clamp(min=0)
        share = (sign * torch.exp(log + (total - most))).nan_to_num(
            0.0
        )  # of a pivot whose reciprocal overflows: singular
        off: Tensor = share - torch.exp(-most)
        return off.abs().nan_to_num(0.0)

    def violation(self, value: Any) -> Violation | None:
        if found := first_infinite(value):
            return found
        sizes = [max(FLOOR, *map(abs, row)) for row in value]
        rows = [[entry / size for entry in row] for row, size in zip(value, sizes, strict=True)]
        lengths = [math.sqrt(max(1.0, sum(entry * entry for entry in row))) for row in rows]
        total = sum(map(math.log, [*sizes, *lengths]))
        unit = [[entry / length for entry in row] for row, length in zip(rows, lengths, strict=True)]
        sign, log = sign_and_log_det(unit)
        most = max(0.0, total)
        if abs(sign * math.exp(log + (total - most)) - math.exp(-most)) <= 1e-6:
            return None
        determinant = sign * math.exp(min(log + total, 700.0))
        return Violation((), f"a matrix of determinant {determinant:.6g}", "have determinant 1")

    def chart(self, value: Tensor) -> Tensor:
        """The first K - 1 columns, and the products of the last with their orthonormal basis: the rest follows."""
        r: Tensor = torch.linalg.qr(value).R
        last = r[..., :-1, -1] * torch.sign(r.diagonal(dim1=-2, dim2=-1))[..., :-1]
        return torch.cat((value[..., :-1].flatten(-2), last), -1)


def missed(y: Tensor, a: Tensor, r: Tensor, logs: Tensor, least: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What to add to A, to R and to the logarithms of its diagonal, for Q R to be Y, but for the determinant

    With E = Y - Q R, F = Qᵀ E R⁻¹ is a skew Ω, by which Q turns, and an upper triangle, by which R grows; and A grows by
    (I + A/2) Ω (I - A/2). The trace of F is the determinant's, and is left to the entry `least` of R's diagonal. Nothing
    where F is no small step.
    """
    eye, b = identity(y), taken(a / 2)
    q, r = turn(resolvent(b)), r.triu(1) + torch.diag_embed(torch.exp(logs))
    inverse = torch.linalg.solve_triangular(r, eye + torch.zeros_like(r), upper=True)  # vmap knows no other eye
    f = q.mT @ (y - q @ r) @ inverse
    off = f.diagonal(dim1=-2, dim2=-1).sum(-1, keepdim=True) * r.diagonal(dim1=-2, dim2=-1) * least
    f = f - off.unsqueeze(-1) * inverse
    f = torch.where(f.abs().amax((-2, -1), keepdim=True) < 2.0**-10, f, torch.zeros_like(f))
    low = f.tril(-1)
    up = f.triu() + low.mT
    return (eye + b) @ (low - low.mT) @ (eye - b), up @ r, up.diagonal(dim1=-2, dim2=-1)


def sign_and_log_det(matrix: list[list[float]]) -> tuple[int, float]:
    """Of the determinant, by elimination with the largest pivot of each column"""
    if not matrix:
        return 1, 0.0
    at, pivot = max(enumerate(matrix), key=lambda pair: abs(pair[1][0]))
    if not pivot[0]:
        return 0, -math.inf
    others = [row for i, row in enumerate(matrix) if i != at]
    rest = [[a - row[0] / pivot[0] * b for a, b in zip(row[1:], pivot[1:], strict=True)] for row in others]
    sign, log = sign_and_log_det(rest)
    return (1 if pivot[0] > 0 else -1) * (-1) ** at * sign, log + math.log(abs(pivot[0]))
