"""`doubly_stochastic[K]`: matrices of probabilities whose rows and columns sum to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text

if TYPE_CHECKING:
    import torch
    from torch import Tensor

STEPS = 30  # of Sinkhorn: each makes the rows sum to 1, then the columns
FAR = 1e30  # two logarithms farther apart than this: the smaller is that of 0, whatever is added to them


class Sinkhorn(Transform):
    """Y = diag(u) exp(X) diag(v) by 30 steps that make the rows sum to 1, then the columns (Sinkhorn, 1964,
    doi:10.1214/aoms/1177703591), with the K × K matrix X of raw.

    Surjective: adding a constant to a row or to a column of X changes nothing. What 30 steps leave is mended by as much of
    the matrix 1/K as that takes, so that rows and columns sum to 1 for every raw: less than 1e-4 where entries of X differ
    by a few units, percents where by tens. A value is reached exactly from its logarithm.
    """

    surjective = True
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K × K"""
        return (sizes[0], sizes[0])

    def forward(self, raw: Tensor) -> Tensor:
        """Y = P / m + (1 - c / m) / K, of the P that the steps lead to, its rows summing to 1, its columns to c ≤ m = max c

        Rows then sum to 1/m + (K - K/m)/K, columns to c/m + 1 - c/m. Converged, c is 1 and Y is P.
        """
        logs = (raw - raw.detach().amax(-1, keepdim=True)).clamp(min=-FAR)
        for _ in range(STEPS):
            logs = logs - torch.logsumexp(logs, -1, keepdim=True)
            logs = logs - torch.logsumexp(logs, -2, keepdim=True)
        rows = torch.exp(logs - torch.logsumexp(logs, -1, keepdim=True))
        columns = rows.sum(-2, keepdim=True)
        most = columns.amax(-1, keepdim=True)
        return rows / most + (1 - columns / most) / raw.shape[-1]

    def inverse(self, value: Tensor) -> Tensor:
        """X = log(Y / max Y)"""
        return torch.log(value / value.amax((-2, -1), keepdim=True))


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
