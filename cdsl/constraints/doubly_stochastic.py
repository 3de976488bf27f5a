"""`doubly_stochastic[K]`: matrices of probabilities whose rows and columns sum to 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, text
from cdsl.constraints.log_ratio import softmax
from cdsl.constraints.rotation import identity
from cdsl.constraints.zero_sum_matrix import Isometric

if TYPE_CHECKING:
    import torch
    from torch import Tensor

FAR = 1e30  # a raw beyond it counts as it: sums of what it makes are finite
STEPS, LAST = 12, 4  # of Newton, and those of them that are taken at Z itself
NEAR = 8.0  # the spread of a matrix from whose columns as they are Newton converges at once


class Sinkhorn(Transform):
    """Y = diag(u) exp(Z) diag(v), where Sinkhorn's steps (1964, doi:10.1214/aoms/1177703591) lead to from the matrix Z that
    `zero_sum_matrix` makes of raw.

    Bijective: Z is log Y, less the means of its rows and columns. What is constant in rows or columns of a K × K matrix of
    logarithms has no effect on Y, and raw does without it: it is what `zero_sum_matrix` inverts such a matrix to.

    u and v come from Newton's method along t Z, 0 < t ≤ 1. For normal raws of deviation up to 30, 2 ≤ K ≤ 200, rows and
    columns sum to 1 within 4 eps, and an entry, however small, is good to eps of what is in its exponent; at 100 sums are
    that for 99 raws in a hundred of K = 30. By then Y is next to a permutation, or to a mean of some. Where Newton has not
    arrived, as much of the matrix 1/K is added as makes the sums 1, and log_det is that of a matrix nearby. Zeros only
    where an entry underflows.
    """

    scan = True
    basis = Isometric()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(K - 1) × (K - 1)"""
        return (sizes[0] - 1, sizes[0] - 1)

    def forward(self, raw: Tensor) -> Tensor:
        """Y = softmax(Z + g) by rows, with the g that makes its columns sum to 1"""
        return self.forward_at(*self.solved(raw))

    def inverse(self, value: Tensor) -> Tensor:
        """X = Vᵀ log Y W

        V and W are orthogonal to constants: less the means of its rows and columns, the sums over log Y are small.
        """
        logs = torch.log(value / value.amax((-2, -1), keepdim=True))
        logs = logs - logs.mean(-1, keepdim=True)
        return self.basis.inverse(logs - logs.mean(-2, keepdim=True))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Y without its last row and column)/∂x| = Σ log Yᵢⱼ - log det(I - Y′ᵀY′) + (K - 1) log K

        Y′ is Y without its last column. As dY = Y ∘ (dZ + df 1ᵀ + 1 dgᵀ), in orthonormal coordinates of matrices that sum
        to 0 the map dY ↦ dZ is division by Y, projected on them. With D for the diagonal of all Yᵢⱼ its determinant is
        that of D⁻¹ times that of D on the complement, which the sums B of all rows and of all columns but one span:
        det BDBᵀ / det BBᵀ = det(I - Y′ᵀY′) / K^(2K - 2). The chart has K^(1 - K) of the volume of those coordinates.
        """
        return self.log_det_at(*self.solved(raw)[:2])

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from one u and v"""
        z, g, inverse = self.solved(raw)
        return self.forward_at(z, g, inverse), self.log_det_at(z, g)

    def solved(self, raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Z; g; and the matrix that makes of the excess of columns by how much g is too large

        Two of Newton's steps are differentiated, with that matrix as a constant. At a raw that is h away a constant g is off
        by O(h), and each step leaves O(h) times what g is off by: after the first its derivative is right, after the
        second its second derivative too.
        """
        z = self.basis.forward(raw.clamp(-FAR, FAR))
        g = potentials(z.detach())
        system, rate = response(torch.softmax(z.detach() + g, -1), 1 - identity(z))
        inverse = torch.linalg.inv_ex(system).inverse.nan_to_num(0.0, 0.0, 0.0) / rate.mT
        for _ in range(2):
            g = g - cut(inverse @ excess(softmax(z + g)).mT)
        return z, g, inverse

    @staticmethod
    def forward_at(z: Tensor, g: Tensor, inverse: Tensor) -> Tensor:
        """softmax(Z + g), and a last step from the numbers that it gives: Z + g is rounded by eps of its size

        Where columns still do not sum to 1 it is Y / m + (1 - c / m) / K, of columns that sum to c ≤ m = max c.
        """
        rough = softmax(z + g)
        scaled = rough.detach() * torch.exp(-cut(inverse @ excess(rough.detach()).mT))
        value = attach(scaled / scaled.sum(-1, keepdim=True), rough)
        columns = value.sum(-2, keepdim=True)
        most = columns.amax(-1, keepdim=True)
        mended = value / most + (1 - columns / most) / value.shape[-1]
        off = (columns.detach() - 1).abs().amax(-1, keepdim=True)
        few = (4 + math.log2(value.shape[-1])) * torch.finfo(value.dtype).eps
        return torch.where(off > few, mended, value)

    @staticmethod
    def log_det_at(z: Tensor, g: Tensor) -> Tensor:
        """Σ log Yᵢⱼ - log det(I - Y′ᵀY′) + (K - 1) log K, all of it from logarithms"""
        logs = z + g
        logs = logs - torch.logsumexp(logs, -1, keepdim=True)
        rates = torch.logsumexp(logs.unsqueeze(-1) + logs.unsqueeze(-2), -3)
        return logs.sum((-2, -1)) - log_trees(rates) + (z.shape[-1] - 1) * math.log(z.shape[-1])


class DoublyStochastic(Domain):
    """A matrix of positive numbers whose rows and columns sum to 1: a soft permutation."""

    name = "doubly_stochastic"
    sizes = ("K",)
    bounded = True
    notation = "{Y ∈ ℝᴷˣᴷ : Yᵢⱼ > 0, Σⱼ Yᵢⱼ = 1, Σᵢ Yᵢⱼ = 1}"
    examples = (
        "doubly_stochastic[3]",
        "doubly_stochastic[2, 4]",
        "doubly_stochastic[2] = [[0.75, 0.25], [0.25, 0.75]]",
    )
    starts_at = "1/K everywhere"
    transforms = {"sinkhorn": Sinkhorn()}

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1 / sizes[0]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return (value >= 0 if closed else value > 0).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return torch.maximum((value.sum(-1) - 1).abs().amax(-1), (value.sum(-2) - 1).abs().amax(-1))

    def violation(self, value: Any) -> Violation | None:
        for i, row in enumerate(value):
            for j, entry in enumerate(row):
                if not entry > 0:
                    return Violation((i, j), text(entry), "be greater than 0", -entry)
        for line, many in (("row", value), ("column", zip(*value, strict=True))):
            for i, entries in enumerate(many):
                total = sum(entries)
                if not abs(total - 1) <= 1e-6:
                    return Violation((), f"{line} {i} has {total:.12g} in sum", "sum to 1", abs(total - 1))
        return None

    def chart(self, value: Tensor) -> Tensor:
        """The last row and the last column follow from the others."""
        return value[..., :-1, :-1]


def potentials(z: Tensor) -> Tensor:
    """g, `(…, 1, K)`, for which the columns of softmax(Z + g) sum to 1

    The minimum of the convex Σᵢ log Σⱼ exp(Zᵢⱼ + gⱼ) - Σⱼ gⱼ, by Newton's method. Steps of which the long ones are cut to
    about a logarithm of their length do not diverge, as the third derivative is bounded by the second (Sun and Tran-Dinh,
    2019, doi:10.1007/s10107-018-1282-4), but from afar they are many. So g is found of t Z, one step for each t that
    grows to 1 in equal factors: g nearly grows with it, and the next one is near.
    """
    spread = z.amax((-2, -1), keepdim=True) - z.amin((-2, -1), keepdim=True)
    start = (NEAR / spread).clamp(max=1)
    factor = start ** (-1 / (STEPS - LAST))
    z, g, beside = z * start, torch.zeros_like(z[..., :1, :]), 1 - identity(z)
    for n in range(STEPS):
        g = g - newton(torch.softmax(z + g, -1), beside)
        if n < STEPS - LAST:
            z, g = z * factor, g * factor
    return g


def newton(x: Tensor, beside: Tensor) -> Tensor:
    """By how much g is too large, for softmax(Z + g) to have columns that sum to 1"""
    system, rate = response(x, beside)
    return cut(torch.linalg.solve_ex(system, excess(x).mT / rate).result)


def cut(step: Tensor) -> Tensor:
    """A column, as a row; of a length m > 1, in its largest entry, cut to 1 + log m; 0 where it is not a number"""
    most = step.detach().abs().amax(-2, keepdim=True).clamp(min=1.0)
    return ((1 + torch.log(most)) / most * step).nan_to_num(0.0, 0.0, 0.0).mT


def excess(x: Tensor) -> Tensor:
    """Σᵢ Xᵢⱼ - 1, `(…, 1, K)`, of rows that sum to 1: an entry above ½ is 1 minus the others of its row, and the 1 cancels"""
    large = x > 0.5
    others = x.masked_fill(large, 0.0)
    terms = torch.where(large, -others.sum(-1, keepdim=True), others)
    return terms.sum(-2, keepdim=True) + (large.sum(-2, keepdim=True) - 1)


def response(x: Tensor, beside: Tensor) -> tuple[Tensor, Tensor]:
    """I - P + 1πᵀ and s: (D - XᵀX) g = c where (I - P + 1πᵀ) g = c / s, for c that sum to 0

    D is the diagonal of the columns' sums: the rows of D - XᵀX sum to 0. So it is s (I - P), of the entries beside the
    diagonal, their sums s and the chain P of their shares, all of them exact where X is next to a permutation. The chain's
    stationary distribution is π = s / Σ s, and g has mean 0 in it.
    """
    rates = (x.mT @ x) * beside
    s = rates.sum(-1, keepdim=True).clamp(min=math.sqrt(torch.finfo(x.dtype).tiny))
    return (1 - beside) - rates / s + (s / s.sum(-2, keepdim=True)).mT, s


def log_trees(rates: Tensor) -> Tensor:
    """log of the minor of the Laplacian of these rates, given by their logarithms: Σ over trees of the products of rates

    One node after another is eliminated, the pivot being the sum of its rates to those that are left (Grassmann, Taksar
    and Heyman, 1985, doi:10.1287/opre.33.5.1107): nothing is subtracted, all digits are kept. The diagonal has no effect.
    """
    total = torch.zeros_like(rates[..., 0, 0])
    for _ in range(rates.shape[-1] - 1):
        beside = rates[..., 0, 1:]
        pivot = torch.logsumexp(beside, -1, keepdim=True)
        total = total + pivot.squeeze(-1)
        rates = torch.logaddexp(rates[..., 1:, 1:], (beside - pivot).unsqueeze(-1) + beside.unsqueeze(-2))
    return total
