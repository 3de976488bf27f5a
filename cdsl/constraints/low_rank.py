"""`low_rank[M, N, R]`: matrices of rank R at most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, first_infinite
from cdsl.constraints.rotation import widened

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Factors(Transform):
    """Y = U Vᵀ, with the M × R matrix U in the first M rows of raw and the N × R matrix V in the others.

    Surjective: U G and V G⁻ᵀ give the same Y for every invertible G. At U = V = 0 the gradient is 0. It is not a `scan`, as
    it widens raw itself: where raw was narrower, no product overflows.
    """

    surjective = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(M + N) × R"""
        m, n, r = sizes
        return (m + n, r)

    def forward(self, raw: Tensor, m: int, n: int, r: int) -> Tensor:
        """Y = U Vᵀ"""
        x = widened(raw)
        u, v = x[..., :m, :], x[..., m:, :]
        return product(u, v) if x.dtype == raw.dtype else (u @ v.mT).to(raw.dtype)

    def inverse(self, value: Tensor, m: int, n: int, r: int) -> Tensor:
        """U = A √D, V = B √D, of the singular value decomposition Y = A D Bᵀ: the two factors of least and equal norm"""
        left, size, right = torch.linalg.svd(widened(value), full_matrices=False)
        root = torch.sqrt(size[..., None, :r])
        return torch.cat((left[..., :r] * root, right.mT[..., :r] * root), -2).to(value.dtype)


def product(u: Tensor, v: Tensor) -> Tensor:
    """U Vᵀ, never ∞ - ∞: what overflows on the way is that of factors scaled down, scaled up again, and has no gradient"""
    value, small = u @ v.mT, 2.0**-528 if u.dtype == torch.float64 else 2.0**-80
    far = (u.detach() * small) @ (v.detach() * small).mT / small / small
    return torch.where(torch.isfinite(value), value, far)


class LowRank(Domain):
    """A matrix of rank R at most."""

    name = "low_rank"
    sizes = ("M", "N", "R")
    sized = True
    notation = "{Y ∈ ℝᴹˣᴺ : rank Y ≤ R}"
    examples = ("low_rank[3, 4, 2]", "low_rank[2, 3, 3, 1]", "low_rank[2, 2, 1] = [[1, 2], [2, 4]]")
    starts_at = "the identity matrix, of which the first R diagonal entries are kept"
    transforms = {"factors": Factors()}

    def refuse_sizes(self, *sizes: int) -> str | None:
        m, n, r = sizes
        return None if r <= min(m, n) else f"no matrix of {m} × {n} has rank {r}: R is at most the smaller of M and N"

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return sizes[:2]

    def start(self, sizes: tuple[int, ...]) -> Tensor:
        m, n, r = sizes
        return torch.eye(m, r, dtype=torch.float64) @ torch.eye(r, n, dtype=torch.float64)

    def contains(self, value: Tensor, m: int, n: int, r: int, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1).all(-1)

    def residual(self, value: Tensor, m: int, n: int, r: int) -> Tensor:
        """The R + 1st singular value beside the largest entry or 1; of what is not finite `contains` speaks."""
        finite = torch.isfinite(value).all(-1, keepdim=True).all(-2, keepdim=True)
        part = (value / value.abs().amax((-2, -1), keepdim=True).clamp(min=1)).masked_fill(~finite, 0.0)
        return torch.nn.functional.pad(torch.linalg.svdvals(part), (0, 1))[..., r]

    def violation(self, value: Any, m: int, n: int, r: int) -> Violation | None:
        if found := first_infinite(value):
            return found
        largest = max(1.0, *(abs(entry) for row in value for entry in row))
        sizes = singular_values([[entry / largest for entry in row] for row in value])
        beyond = sizes[r] * largest if r < len(sizes) else 0.0
        if beyond <= 1e-6 * largest:
            return None
        return Violation((), f"the singular value {beyond:.6g} beyond the first {r}", "be 0", beyond)


def singular_values(matrix: list[list[float]]) -> list[float]:
    """In decreasing order, by turning pairs of rows until all are orthogonal (Hestenes, 1958, doi:10.1137/0106005)"""
    rows = matrix if len(matrix) <= len(matrix[0]) else [list(column) for column in zip(*matrix, strict=True)]
    for _ in range(40):
        before = rows
        for p in range(len(rows)):
            for q in range(p):
                high, low = orthogonal_pair(rows[q], rows[p])
                rows = [*rows[:q], high, *rows[q + 1 : p], low, *rows[p + 1 :]]
        if all(one is other for one, other in zip(rows, before, strict=True)):
            break
    return sorted((math.hypot(*row) for row in rows), reverse=True)


def orthogonal_pair(left: list[float], right: list[float]) -> tuple[list[float], list[float]]:
    """The two vectors turned in their plane until they are orthogonal; themselves where they are"""
    aa, bb, ab = dot(left, left), dot(right, right), dot(left, right)
    if abs(ab) <= 1e-15 * math.sqrt(aa * bb):
        return left, right
    half = (bb - aa) / (2 * ab)
    t = math.copysign(1.0, half) / (abs(half) + math.hypot(1.0, half))
    c = 1 / math.hypot(1.0, t)
    pairs = list(zip(left, right, strict=True))
    return [c * (a - t * b) for a, b in pairs], [c * (t * a + b) for a, b in pairs]


def dot(left: list[float], right: list[float]) -> float:
    """Σ aᵢ bᵢ"""
    return sum(a * b for a, b in zip(left, right, strict=True))
