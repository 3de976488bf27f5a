"""`column_stochastic[M, N]`: matrices whose columns are probabilities that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation
from cdsl.constraints.row_stochastic import first_improper
from cdsl.constraints.simplex import Simplex

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class ByColumn(Transform):
    """Each column of Y is the simplex's map of a row of raw: read row by row raw is in Stan's order, which is that of
    columns. Zeros only where an entry underflows."""

    column: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """N × (M - 1), or N × M where the map of a column is that of M values"""
        m, n = sizes
        return (n, *self.column.raw_event((m,)))

    def forward(self, raw: Tensor) -> Tensor:
        """Yⱼ = f(xⱼ), with the j-th column Yⱼ, the simplex's map f and the j-th row xⱼ of raw"""
        return self.column.forward(raw).mT

    def inverse(self, value: Tensor) -> Tensor:
        """xⱼ = f⁻¹(Yⱼ)"""
        return self.column.inverse(value.mT)

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(Y without its last row)/∂x| = Σⱼ log |det ∂f(xⱼ)/∂xⱼ|"""
        return self.column.log_det(raw).sum(-1)

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Both from the simplex's map, which shares work"""
        value, log_det = self.column.forward_and_log_det(raw)
        return value.mT, log_det.sum(-1)


class ColumnStochastic(Domain):
    """A matrix of positive numbers whose columns sum to 1: mixing weights, one column for each item mixed."""

    name = "column_stochastic"
    also = ("column_stochastic_matrix",)
    sizes = ("M", "N")
    bounded = True
    notation = "{Y ∈ ℝᴹˣᴺ : Yᵢⱼ > 0, Σᵢ Yᵢⱼ = 1}"
    examples = (
        "column_stochastic[3, 2]",
        "column_stochastic[2, 2] = [[0.9, 0.2], [0.1, 0.8]]",
        "column_stochastic[2, 4, 3] via stick_breaking",
    )
    starts_at = "1/M everywhere"
    transforms = {name: ByColumn(column) for name, column in Simplex.transforms.items()}
    aliases = Simplex.aliases

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1 / sizes[0]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return (value >= 0 if closed else value > 0).all(-1).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        return (value.sum(-2) - 1).abs().amax(-1)

    def violation(self, value: Any) -> Violation | None:
        found = first_improper([list(column) for column in zip(*value, strict=True)], "column")
        return Violation(found.index[::-1], found.found, found.must, found.off) if found else None

    def chart(self, value: Tensor) -> Tensor:
        """The last row follows from the others."""
        return value[..., :-1, :]
