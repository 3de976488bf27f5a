"""`log_simplex[K]`: the logarithms of K probabilities that sum to 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Domain, Transform, Violation, text
from cdsl.constraints.log_ratio import helmert_transpose
from cdsl.constraints.ordered import running_sum
from cdsl.constraints.positive import Softplus
from cdsl.constraints.simplex import countdown

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SHRINK = 2.0**30  # raw is divided by it, which costs no digit that counts: its sums, and 2²⁶ of it, overflow nowhere


class LogIsometricLogRatio(Transform):
    """y = log softmax(V x), with the Helmert basis V: the logarithm of `simplex via isometric_log_ratio`.

    Each entry is exact to 1.5 eps of it or of 1, whatever cancels in V x, while no entry of raw exceeds 2²⁴, and to 2⁻⁷⁶ of
    the largest beyond. Where there is no float64, float32 has that as long as K is below 100 and raw below 2⁹.
    """

    scan = True

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """y = V x - log Σ exp(V x)"""
        high, low = helmert_in_two(raw / SHRINK)
        top = (high + low).argmin(-1, keepdim=True)  # or as near to it as the sum tells
        return log_softmax((high.gather(-1, top) - high) + (low.gather(-1, top) - low), SHRINK)

    def inverse(self, value: Tensor) -> Tensor:
        """x = Vᵀ y, of y less its mean: V is orthogonal to constants"""
        return helmert_transpose(value - value.mean(-1, keepdim=True))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = y_K + ½ log K"""
        return self.forward_and_log_det(raw)[1]

    def forward_and_log_det(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """y, and its last entry + ½ log K"""
        value = self.forward(raw)
        return value, value[..., -1] + math.log(value.shape[-1]) / 2


class LogStickBreaking(Transform):
    """yₖ = log σ(tₖ) + Σⱼ₍ⱼ﹤ₖ₎ log σ(-tⱼ), with tₖ = xₖ - log(K - k): the logarithm of `simplex via stick_breaking`."""

    scan = True
    softplus = Softplus()

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """K - 1"""
        return (sizes[0] - 1,)

    def forward(self, raw: Tensor) -> Tensor:
        """yₖ = log σ(tₖ) + Σⱼ₍ⱼ﹤ₖ₎ log σ(-tⱼ): terms of one sign, nothing cancels"""
        pad, softplus = torch.nn.functional.pad, self.softplus.forward
        t = raw - torch.log(countdown(raw))
        return -(pad(softplus(-t), (0, 1)) + pad(running_sum(softplus(t)), (1, 0)))

    def inverse(self, value: Tensor) -> Tensor:
        """xₖ = yₖ - log Σⱼ₍ⱼ﹥ₖ₎ exp yⱼ + log(K - k), summed from the end; among logarithms only where exp y underflows"""
        backwards = value.flip(-1)
        sums, info = running_sum(torch.exp(backwards)), torch.finfo(value.dtype)
        rest = torch.where(sums > info.tiny / info.eps, torch.log(sums), torch.logcumsumexp(backwards, -1))
        return (value - rest.flip(-1).roll(-1, -1))[..., :-1] + torch.log(countdown(value[..., :-1]))

    def log_det(self, raw: Tensor) -> Tensor:
        """log |det ∂(y₁ … y_K₋₁)/∂x| = Σₖ log σ(-tₖ), which is y_K"""
        return -running_sum(self.softplus.forward(raw - torch.log(countdown(raw))))[..., -1:].sum(-1)  # of no term: 0


class LogSoftmax(Transform):
    """y = log softmax(x) over K raw values. Surjective: adding a constant to x changes nothing."""

    surjective = True
    scan = True

    def forward(self, raw: Tensor) -> Tensor:
        """y = x - log Σ exp(x)"""
        return log_softmax(raw / 2, 2.0)

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value


class LogSimplex(Domain):
    """A vector whose exponentials sum to 1: log-probabilities that never underflow."""

    name = "log_simplex"
    sizes = ("K",)
    notation = "{y ∈ ℝᴷ : Σ exp(yₖ) = 1}"
    examples = ("log_simplex[4]", "log_simplex[2, 3]", "log_simplex[10] via stick_breaking")
    starts_at = "-log K, …, -log K"
    transforms = {
        "isometric_log_ratio": LogIsometricLogRatio(),
        "stick_breaking": LogStickBreaking(),
        "softmax": LogSoftmax(),
    }
    aliases = {"ilr": "isometric_log_ratio"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return -math.log(sizes[-1])

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """Finite: that no entry is above 0 is the equation's; closed, -∞ as well, the logarithm of 0"""
        return (value < math.inf if closed else torch.isfinite(value)).all(-1)

    def residual(self, value: Tensor) -> Tensor:
        """|log Σ exp(y)|"""
        return torch.logsumexp(value, -1).abs()

    def violation(self, value: Any) -> Violation | None:
        for k, entry in enumerate(value):
            if not math.isfinite(entry):
                return Violation((k,), text(entry), "be finite")
        top = max(value)
        off = top + math.log(sum(math.exp(entry - top) for entry in value))
        if abs(off) <= 1e-6:
            return None
        return Violation((), f"{off:.12g} as the logarithm of the sum of exponentials", "have 0 there", abs(off))

    def chart(self, value: Tensor) -> Tensor:
        """The last entry follows from the others."""
        return value[..., :-1]


def log_softmax(z: Tensor, scale: float) -> Tensor:
    """(z - max z) - log1p(Σ exp(z - max z) over the others), of scale · z

    So log y is relatively exact too where y is almost 1; and its derivative is taken against the largest entry, where it
    loses nothing.
    """
    top = z.argmax(-1, keepdim=True)
    apart = scale * (z - z.gather(-1, top))
    is_top = torch.zeros_like(z, dtype=torch.bool).scatter(-1, top, True)
    others = torch.exp(apart).masked_fill(is_top, 0.0)
    return apart - torch.log1p(others.sum(-1, keepdim=True))


def helmert_in_two(raw: Tensor) -> tuple[Tensor, Tensor]:
    """V x, as what its entries lie below the first, in two parts: z₁ - zₖ = Σₙ₍ₙ﹤ₖ₎ wₙ + (k - 1) wₖ₋₁, wₙ = xₙ / √(n (n + 1))

    The halves of w that come first are multiples of units, 2²⁷ n of which (2¹³ n) are more than any entry of raw: their
    sums, and their products with n and half of the root s, are exact. What is left of w is (x - h s)/s of such a half h,
    where s too is in two parts; so it adds digits to those that w has. The derivative is all in it.
    """
    pad, x = torch.nn.functional.pad, raw.detach()
    lift, split = (2.0**26, 2.0**29 + 1) if raw.dtype == torch.float64 else (2.0**11, 2.0**13 + 1)
    n = torch.ones_like(raw).cumsum(-1)
    square = torch.addcmul(n, n, n)
    s = torch.sqrt(square)
    spread = s * split
    s_high = spread - (spread - s)
    s_low = torch.addcmul(square, s_high, s_high, value=-1) / (s + s_high)
    large = pad(x, (0, 1)).abs().amax(-1, keepdim=True) * lift / n
    high = (x / s + large) - large
    low = torch.addcmul(torch.addcmul(raw, high, s_high, value=-1), high, s_low, value=-1) / s
    high, low = (pad(torch.addcmul(w.cumsum(-1), n, w), (1, 0)) for w in (high, low))
    return high, low
