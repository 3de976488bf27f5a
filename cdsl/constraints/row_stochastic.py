"""`row_stochastic[M, N]`: matrices whose rows are probabilities that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation
from cdsl.constraints.simplex import Simplex

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class ByRow(Transform):
    """Each row of Y is the simplex's map of a column of raw: read row by row raw is in Stan's order, which is that of
    columns. Zeros only where an entry underflows."""

    row: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(N - 1) × M, or N × M where the map of a row is that of N values"""
        m, n = sizes
        return (*self.row.raw_event((n,)), m)

    def forward(self, raw: Tensor) -> Tensor:
        """Yᵢ = f(xᵢ), with the simplex's map f and the i-th column xᵢ of raw"""
        return self.row.forward(raw.mT)

    def inverse(self, value: Tensor) -> Tensor:
        """xᵢ = f⁻¹(Yᵢ)"""
        return self.row.inverse(value).mT

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Y without its last column)/∂x| = Σᵢ log |det ∂f(xᵢ)/∂xᵢ|"""
        return self.row.log_det(raw.mT).sum(-1)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from the simplex's map, which shares work"""
        value, log_det = self.row.forward_and_log_det(raw.mT)
        return value, log_det.sum(-1)


class RowStochastic(Domain):
    """A matrix of positive numbers whose rows sum to 1: the transition probabilities of a Markov chain."""

    name = "row_stochastic"
    also = ("row_stochastic_matrix",)
    sizes = ("M", "N")
    bounded = True
    notation = "{Y ∈ ℝᴹˣᴺ : Yᵢⱼ > 0, Σⱼ Yᵢⱼ = 1}"
    examples = (
        "row_stochastic[3, 3]",
        "row_stochastic[2, 2] = [[0.9, 0.1], [0.2, 0.8]]",
        "row_stochastic[2, 3, 4] via stick_breaking",
    )
    starts_at = "1/N everywhere"
    transforms = {name: ByRow(row) for name, row in Simplex.transforms.items()}
    aliases = Simplex.aliases

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1 / sizes[1]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return (value >= 0 if closed else value > 0).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return (value.sum(-1) - 1).abs().amax(-1)

    def violation(self, value: Any) -> Violation | None:
        return first_improper(value, "row")

    def chart(self, value: Tensor) -> Tensor:
        """The last column follows from the others."""
        return value[..., :-1]


def first_improper(rows: list[list[float]], line: str) -> Violation | None:
    """The first row that is no simplex; `line` is what it is called."""
    for i, row in enumerate(rows):
        if found := Simplex().violation(row):
            if found.index:
                return Violation((i, *found.index), found.found, found.must, found.off)
            return Violation((), f"{line} {i} has {found.found}", found.must, found.off)
    return None
