"""`l1_ball[K]`: vectors whose absolute values sum to less than 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, attach, attach_log, text
from cdsl.constraints.ordered import signed_sum
from cdsl.constraints.scans import cumprod, cumsum
from cdsl.constraints.simplex import countdown
from cdsl.constraints.unit_vector import rescaled

if TYPE_CHECKING:
    import torch
    from torch import Tensor

EDGE = 20.0  # beyond it 1 - tanh x is 2 exp(-2x), to 18 digits


class SignedSticks(Transform):
    """yₖ = tanh(xₖ) · what is left, 1 - |y₁| - … - |yₖ₋₁|: NumPyro's l1_ball.

    Signs are kept; there is a kink where an xₖ is 0, with the slope halfway between those of its sides. Reaches the boundary
    where what is left is below half an ulp.
    """

    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """yₖ = tanh(xₖ) Πⱼ₍ⱼ﹤ₖ₎ (1 - tanh |xⱼ|): a product of what is left, never 1 minus what is gone

        With e = exp(-2|x|), 1 - tanh |x| is 2e / (1 + e). The derivative is that of Σ log, as in `simplex`: of -|x|, with
        the kink, and of log sech x, which has none.
        """
        pad, minus = torch.nn.functional.pad, negative_size(raw)
        e = torch.exp(2 * minus)
        left = cumprod((2 * e / (1 + e))[..., :-1])
        log_left = cumsum(((minus - torch.log1p(e)) - raw.abs())[..., :-1])
        return tanh_of(raw, e) * attach_log(pad(left, (1, 0), value=1.0), pad(log_left, (1, 0)).clamp(min=-1e6))

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = artanh(yₖ / left) = ± ½ log1p(2 |yₖ| / (left - |yₖ|)), what is left being rounded once"""
        size = value.abs()
        left = signed_sum(torch.cat((torch.ones_like(size[..., :1]), -size), -1), 0)[..., 1:]
        return torch.sign(value) * torch.log1p(2 * size / left) / 2

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = Σₖ (K - k + 2) log sech xₖ - (K - k) |xₖ|: terms of one sign, nothing cancels

        As log(1 - tanh² x) = 2 log sech x and log(1 - tanh |x|) = log sech x - |x|.
        """
        size, left = raw.abs(), countdown(raw) - 1
        sinh = torch.sinh(raw.clamp(-EDGE, EDGE))
        log_sech = torch.where(size < EDGE, -torch.log1p(sinh * sinh) / 2, math.log(2) - size)
        return ((left + 2) * log_sech - left * size).sum(-1)


class L1BallAlgebraic(Transform):
    """y = x / (1 + |x₁| + … + |x_K|): all entries alike. A kink where an xₖ is 0; reaches the boundary at Σ|x| > 2/eps."""

    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x / (1 + Σ |x|)

        As c x / (c + Σ |c x|), with a power of 2 for c that keeps the sum in the format.
        """
        scaled, scale = rescaled(raw, down=True)
        return scaled / (scale + scaled.abs().sum(-1, keepdim=True))

    def inverse(self, value: Tensor) -> Tensor:
        """x = y / (1 - Σ |y|), the divisor rounded once"""
        return value / signed_sum(torch.cat((torch.ones_like(value[..., :1]), -value.abs()), -1), 0)[..., -1:]

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂y/∂x| = -(K + 1) log(1 + Σ |x|)"""
        scaled, scale = rescaled(raw, down=True)
        size, scale = scaled.abs().sum(-1), scale.squeeze(-1)
        near = scale == 1
        far = torch.log(size.masked_fill(near, 1.0)) - torch.log(scale)
        return -(raw.shape[-1] + 1) * torch.where(near, torch.log1p(size), far)


class L1Ball(Domain):
    """A vector whose absolute values sum to less than 1."""

    name = "l1_ball"
    sizes = ("K",)
    bounded = True
    notation = "{y ∈ ℝᴷ : |y₁| + … + |y_K| < 1}"
    examples = ("l1_ball[3]", "l1_ball[2, 4]", "l1_ball[2] = [0.5, -0.25]", "l1_ball[3] via algebraic")
    starts_at = "0, …, 0"
    transforms = {"stick_breaking": SignedSticks(), "algebraic": L1BallAlgebraic()}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.0

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        total = value.abs().sum(-1)
        return total <= 1 if closed else total < 1

    def violation(self, value: Any) -> Violation | None:
        total = sum(map(abs, value))
        if total < 1:
            return None
        return Violation((), f"{text(total)} in absolute sum", "sum to less than 1", total - 1)

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """Rounding the entries lengthens it by eps/2 at most; 4 eps are for a map that adds up in the same dtype."""
        return value * (1 - 4 * eps)


def negative_size(raw: Tensor) -> Tensor:
    """-|x|, with a slope at 0"""
    return torch.where(raw < 0, raw, -raw)


def tanh(raw: Tensor) -> Tensor:
    """tanh x, with a derivative that does not end where it rounds to 1"""
    return tanh_of(raw, torch.exp(2 * negative_size(raw)))


def tanh_of(raw: Tensor, e: Tensor) -> Tensor:
    """tanh x, with the derivative of ± (1 - e) / (1 + e), where e is exp(-2|x|)"""
    size = (1 - e) / (1 + e)
    return attach(torch.tanh(raw), torch.where(raw < 0, -size, size))


def log_one_plus_tanh(raw: Tensor) -> Tensor:
    """log(1 + tanh x) = -log1p(expm1(-2x) / 2), and log 2 + 2x where that is the same: relatively exact everywhere"""
    near = -torch.log1p(torch.expm1(-2 * raw.clamp(min=-EDGE)) / 2)
    return torch.where(raw > -EDGE, near, 2 * raw + math.log(2))
