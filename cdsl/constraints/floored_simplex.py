"""`floored_simplex(floor)[K]`: K probabilities that sum to 1, none of them below a floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, for_entries, text
from cdsl.constraints.prob import log_in_two
from cdsl.constraints.simplex import Simplex

if TYPE_CHECKING:
    from torch import Tensor

    from cdsl.constraints.base import Scalar


@dataclass(frozen=True)
class Floored(Transform):
    """y = floor + (1 - K floor) s, with s in the simplex. Reaches the floor where what is above it is below half an ulp."""

    shares: Transform
    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """That of the simplex"""
        return self.shares.raw_event(sizes)

    def forward(self, raw: Tensor, floor: Scalar) -> Tensor:
        """y = floor + (1 - K floor) s(x)"""
        shares = self.shares.forward(raw)
        return for_entries(floor) + for_entries(unclaimed(floor, shares.shape[-1])) * shares

    def inverse(self, value: Tensor, floor: Scalar) -> Tensor:
        """x = s⁻¹((y - floor) / (1 - K floor))"""
        width = for_entries(unclaimed(floor, value.shape[-1]))
        return self.shares.inverse((value - for_entries(floor)) / width)

    def log_det(self, raw: Tensor, floor: Scalar) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = log |det ∂s/∂x| + (K - 1) log(1 - K floor)"""
        return self.forward_and_log_det(raw, floor)[1]

    def forward_and_log_det(self, raw: Tensor, floor: Scalar) -> tuple[Tensor, Tensor]:
        """Both from one s"""
        shares, log_det = self.shares.forward_and_log_det(raw)
        width = unclaimed(floor, shares.shape[-1])
        log_width, rest = log_in_two(width, raw)
        value = for_entries(floor) + for_entries(width) * shares
        return value, log_det + (shares.shape[-1] - 1) * (log_width + rest)


class FlooredSimplex(Domain):
    """A vector of numbers above a floor that sum to 1: probabilities, none of them negligible."""

    name = "floored_simplex"
    arguments = ("floor",)
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : yₖ > floor, Σ yₖ = 1}"
    examples = (
        "floored_simplex(0.01)[4]",
        "floored_simplex(0.1)[2, 3]",
        "floored_simplex(0.1)[3] = [0.2, 0.3, 0.5]",
        "floored_simplex(0.05)[4] via stick_breaking",
    )
    starts_at = "1/K, …, 1/K"
    transforms = {name: Floored(transform) for name, transform in Simplex.transforms.items()}
    aliases = Simplex.aliases

    def refuse_arguments(self, floor: float) -> str | None:
        return None if 0 <= floor < 1 else f"the floor of a simplex is at least 0 and below 1/K, not {text(floor)}"

    def refuse(self, arguments: tuple[float, ...], sizes: tuple[int, ...]) -> str | None:
        (floor,), (size,) = arguments, sizes
        if unclaimed(floor, size) > 0:
            return None
        return f"{size} entries above {text(floor)} do not sum to 1: the floor is below 1/K"

    def start(self, sizes: tuple[int, ...], floor: Scalar) -> float:
        return 1 / sizes[-1]

    def contains(self, value: Tensor, floor: Scalar, *, closed: bool = False) -> Tensor:
        least = for_entries(floor)
        return (value >= least if closed else value > least).all(-1)

    def residual(self, value: Tensor, floor: Scalar) -> Tensor:
        return (value.sum(-1) - 1).abs()

    def violation(self, value: Any, floor: float) -> Violation | None:
        for k, entry in enumerate(value):
            if not entry > floor:
                return Violation((k,), text(entry), f"be greater than {text(floor)}", floor - entry)
        total = sum(value)
        if abs(total - 1) <= 1e-6:
            return None
        return Violation((), f"{total:.12g} in sum", "sum to 1", abs(total - 1))

    def chart(self, value: Tensor) -> Tensor:
        """The last entry follows from the others."""
        return value[..., :-1]


def unclaimed(floor: Scalar, size: int) -> Scalar:
    """1 - K floor, rounded once: floor in two halves, so that both products are exact (Veltkamp's splitting)"""
    spread = floor * (2**27 + 1)
    high = spread - (spread - floor)
    return (1 - size * high) - size * (floor - high)
