"""`unit_vector[K]`: vectors of length 1, the unit sphere; and sums of squares that do not overflow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Lean, Transform, Violation, summed_over, text

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class LeanNormalize(Lean):
    """`Normalize`, from one sum of squares."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """y = c x / |c x| with a power of 2 for c, and -|c x|² / 2 c²; and c / |c x|, 0 where there is no direction"""
        value, scale = rescaled(raw)
        square = (value * value).sum(-1, keepdim=True)
        none = square == 0.0
        log_det = None if batch is None else summed_over((square * -0.5).div_(scale).div_(scale).squeeze(-1), batch)
        root = square.masked_fill_(none, raw.shape[-1]).sqrt_()
        return value.masked_fill_(none, 1.0).div_(root), log_det, (value, (scale / root).masked_fill_(none, 0.0))

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """(∂y - y Σ y ∂y) / |x| - x ∂ld"""
        value, rate = saved
        if to_value is None:
            return raw.to(value.dtype) * -to_log_det  # type: ignore[operator]  # one of the two is given
        found = torch.addcmul(to_value, value, (value * to_value).sum(-1, keepdim=True), value=-1).mul_(rate)
        return found if to_log_det is None else found.addcmul_(raw.to(value.dtype), to_log_det, value=-1)


class Normalize(Transform):
    """y = x / |x|, with log-Jacobian -|x|²/2: Stan's unit_vector.

    K raws for K - 1 dimensions: the length |x| is spare. The log-Jacobian is that of value and length together, where
    the length is given the coordinate G(|x|) = ∫₀ sᴷ⁻¹ exp(-s²/2) ds; so a posterior stays proper, the length has a χ
    distribution of its own, and raw is normal where the value is uniform. Raw 0 has no direction: it is given that of
    (1, …, 1), with gradient 0.
    """

    scan = True
    lean_form = LeanNormalize()

    def lean(self) -> Lean | None:
        """Of its one sum of squares."""
        return self.lean_form

    def forward(self, raw: Tensor) -> Tensor:
        """y = x / |x|"""
        scaled = rescaled(raw)[0]
        square = (scaled * scaled).sum(-1, keepdim=True)
        none = square == 0
        return scaled.masked_fill(none, 1.0) / torch.sqrt(square.masked_fill(none, raw.shape[-1]))

    def inverse(self, value: Tensor) -> Tensor:
        """x = y: of all lengths, 1"""
        return value

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y, G(|x|))/∂x| = -|x|²/2: ∂y has |x|¹⁻ᴷ for determinant, and ∂G |x|ᴷ⁻¹ exp(-|x|²/2)"""
        return -(raw * raw).sum(-1) / 2

    def spare(self, raw: Tensor) -> Tensor:
        """G(|x|) = ∫₀ sᴷ⁻¹ exp(-s²/2) ds = 2ᴷᐟ²⁻¹ Γ(K/2) P(K/2, |x|²/2)"""
        half, square = raw.shape[-1] / 2, (raw * raw).sum(-1, keepdim=True)
        whole = math.exp(math.lgamma(half) + (half - 1) * math.log(2))
        share: Tensor = torch.special.gammainc(torch.full_like(square, half), square / 2)
        return whole * share


class Stereographic(Transform):
    """y = (2 x, |x|² - 1) / (|x|² + 1), from the pole (0, …, 0, 1), which it does not reach: K - 1 raws, smooth everywhere.

    A raw of 0 is the opposite pole. The pole is rounded to where |x| is above 2/eps.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """y = (2 x, |x|² - 1) / (|x|² + 1)

        All of it times c²: (2 c u, |u|² - c²) / (|u|² + c²), with u = c x and c a power of 2 that keeps squares in the format.
        """
        scaled, scale = rescaled(raw, down=True)
        square = (scaled * scaled).sum(-1, keepdim=True)
        one = scale * scale
        return torch.cat((2 * scale * scaled, square - one), -1) / (square + one)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y₁…ₖ₋₁ / (1 - y_K)

        With 1 - y_K = (y₁² + … + y_K₋₁²) / (1 + y_K) for y_K > 0, where the difference would have no digits.
        """
        first, last = value[..., :-1], value[..., -1:]
        scaled, scale = rescaled(first)
        square = (scaled * scaled).sum(-1, keepdim=True)
        return torch.where(last > 0, scale * scaled * ((1 + last) / square), first / (1 - last))

    def log_det(self, raw: Tensor) -> Tensor:
        """½ log det JᵀJ = (K - 1) log(2 / (1 + |x|²))

        As -(K - 1) log1p((|x|² - 1) / 2), which keeps its digits near |x| = 1.
        """
        near, square, log = square_or_log(raw)
        return -raw.shape[-1] * torch.where(near, torch.log1p((square - 1) / 2), log - math.log(2))


class UnitVector(Domain):
    """A vector of length 1: a direction, a point of the unit sphere."""

    name = "unit_vector"
    also = ("sphere",)
    sizes = ("K",)
    least = 2
    bounded = True
    surface = True
    notation = "{y ∈ ℝᴷ : |y| = 1}"
    examples = (
        "unit_vector[3]",
        "unit_vector[2, 4]",
        "unit_vector[2] = [0.6, 0.8]",
        "unit_vector[3] via stereographic",
    )
    starts_at = "1/√K, …, 1/√K"
    transforms = {"normalize": Normalize(), "stereographic": Stereographic()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 1 / math.sqrt(sizes[-1])

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        length: Tensor = torch.linalg.vector_norm(value, dim=-1)
        return (length - 1).abs()

    def violation(self, value: Any) -> Violation | None:
        for k, entry in enumerate(value):
            if not math.isfinite(entry):
                return Violation((k,), text(entry), "be finite")
        length = math.hypot(*value)
        if abs(length - 1) <= 1e-6:
            return None
        return Violation((), f"of length {length:.12g}", "have length 1", abs(length - 1))


def rescaled(raw: Tensor, *, down: bool = False) -> tuple[Tensor, Tensor]:
    """(c x, c) with a power of 2 for c, so that no square overflows, nor underflows where it counts; `down`: c ≤ 1

    c is 1 for a largest entry between 2⁻⁴⁵⁰ and 2⁴⁵⁰, 2⁻⁴⁵ and 2⁴⁵ in float32. Being a constant factor, it leaves no
    trace in derivatives either.
    """
    top = raw.detach().abs().amax(-1, keepdim=True)
    edge, factor = (2.0**450, 2.0**600) if raw.dtype == torch.float64 else (2.0**45, 2.0**90)
    scale = torch.ones_like(top).masked_fill(top > edge, 1 / factor)
    scale = scale if down else scale.masked_fill(top < 1 / edge, factor)
    return raw * scale, scale


def square_or_log(raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(near, |x|², log |x|²): whether the square is a number of the format, it, and its logarithm where it is not"""
    scaled, scale = rescaled(raw, down=True)
    square, near = (scaled * scaled).sum(-1), scale.squeeze(-1) == 1
    return near, square, torch.log(square.masked_fill(near, 1.0)) - 2 * torch.log(scale.squeeze(-1))
