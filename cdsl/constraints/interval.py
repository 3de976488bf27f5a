"""`interval(low, high)`: the numbers between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdsl.constraints.base import Bounded, Lean, Transform, at_least, at_most, attach, text
from cdsl.constraints.greater_than import Above
from cdsl.constraints.less_than import Below
from cdsl.constraints.positive import Exp
from cdsl.constraints.prob import GATES, FusingLogistic, Gate, LeanLogistic, Logistic, stored
from cdsl.constraints.real import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar


class LeanBetween(Lean):
    """`Between` for the logistic gate and numbers, from r = exp(-|x|/2), which never underflows: e = r² and |x| = -2 log r."""

    def forward(
        self, raw: Tensor, batch: int | None, low: Any, high: Any
    ) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """The end that x is nearer to, and the share s of the width from there: low + s or high - s; or the middle

        Where σ(-|x|) underflows too early, s is w e, as in `LeanLogistic`: of a bound that is not 0 it is no part there.
        """
        low, high, width = self.bounds_in(raw, low, high)
        far, least = (-37.0, 1e-290) if raw.dtype == torch.float64 else (-17.0, 1e-30)
        half = raw * 0.5
        root = torch.copysign(half, -1.0).exp_()
        minus = torch.copysign(raw, -1.0)
        log_det = None
        if batch is not None:
            log_det = LeanLogistic.log_det(minus, root * root, batch, width)
        smaller = torch.sigmoid(minus).mul_(width)
        if min(abs(low), abs(high)) <= least * width:
            tail = torch.mul(root, width, out=minus).mul_(root).clamp_(max=width * math.exp(far))
            torch.maximum(smaller, tail, out=smaller)
        is_middle = smaller >= width / 8
        middle = half.tanh_().mul_(width / 2).add_((low + high) / 2).clamp_(low + width / 8, high - width / 8)
        ends = torch.mul(raw, math.inf, out=minus).clamp_(low, high).sub_(smaller.copysign_(raw))  # 0 is in the middle
        return torch.where(is_middle, middle, ends), log_det, (root,)

    def backward(
        self,
        raw: Tensor,
        saved: tuple[Tensor, ...],
        to_value: Tensor | None,
        to_log_det: Tensor | None,
        low: Any,
        high: Any,
    ) -> Tensor:
        """w e / (1 + e)² ∂y - tanh(x/2) ∂ld"""
        (root,) = saved
        *_, width = self.bounds_in(root, low, high)
        square = (root * root).add_(1.0)
        rate = torch.mul(root, width).mul_(root).div_(square.mul_(square))
        if to_log_det is None:
            return rate.mul_(to_value)  # type: ignore[arg-type]  # one of the two is given
        bend = torch.mul(raw.to(root.dtype), -0.5, out=square).tanh_().mul_(to_log_det)
        return bend if to_value is None else bend.addcmul_(rate, to_value)

    @staticmethod
    def bounds_in(like: Tensor, low: Any, high: Any) -> tuple[Any, Any, Any]:
        """The bounds and the width between them, as the dtype of `like` has them"""
        low, high = stored(low, like), stored(high, like)
        return low, high, stored(high - low, like)

    def fusing(self) -> Lean:
        """With fewer transcendental functions."""
        return FusingBetween()


class FusingBetween(LeanBetween):
    """`LeanBetween` for a compiler of whole loops: r, e with all its digits, and a tanh, whose steps are monotone, for the middle."""

    def forward(
        self, raw: Tensor, batch: int | None, low: Any, high: Any
    ) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """The same, with s = w / (1 + 1/e) as in `FusingLogistic`"""
        low, high, width = self.bounds_in(raw, low, high)
        far, least = (-37.0, 1e-290) if raw.dtype == torch.float64 else (-17.0, 1e-30)
        minus = -raw.abs()
        root, e = torch.exp(minus / 2), torch.exp(minus)
        log_det = None if batch is None else FusingLogistic.log_det(minus, e, batch, width)
        smaller = width / (1 + 1 / e)
        if min(abs(low), abs(high)) <= least * width:
            smaller = torch.maximum(smaller, (root * width * root).clamp(max=width * math.exp(far)))
        middle = torch.tanh(raw / 2) * (width / 2) + (low + high) / 2
        ends = torch.where(raw < 0, low + smaller, high - smaller)
        value = torch.where(smaller >= width / 8, middle.clamp(low + width / 8, high - width / 8), ends)
        return value, log_det, (root, e)

    def backward(
        self,
        raw: Tensor,
        saved: tuple[Tensor, ...],
        to_value: Tensor | None,
        to_log_det: Tensor | None,
        low: Any,
        high: Any,
    ) -> Tensor:
        """w e / (1 + e)² ∂y - tanh(x/2) ∂ld"""
        root, e = saved
        *_, width = self.bounds_in(root, low, high)
        own = 1 / (1 + e)
        rate: Tensor = root * width * root * own * own
        if to_log_det is None:
            return rate * to_value  # type: ignore[operator]  # one of the two is given
        bend = FusingLogistic.tanh_of_half(raw.to(root.dtype), e) * -to_log_det
        return bend if to_value is None else bend + rate * to_value


@dataclass(frozen=True)
class Between(Transform):
    """y = low + (high - low) g(x), with the gate g: ℝ → (0, 1). Reaches a bound where the distance to it is below half
    an ulp of it.

    An infinite bound is none: y = low + exp(x), y = high - exp(x) or y = x, as in Stan. Of bounds that are tensors, each
    entry is what its own bounds make it.
    """

    gate: Gate

    above = Above(Exp())
    below = Below(Exp())
    free = Identity()
    lean_form = LeanBetween()

    def forward(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """y = low + (high - low) g(x)"""
        maps = self.inside, self.above.forward, self.below.forward, self.free.forward
        return by_bounds(raw, low, high, *maps, (0.0, 0.0, 0.0))

    def inverse(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """x = g⁻¹ at (y - low) : (high - y)"""
        maps = self.outside, self.above.inverse, self.below.inverse, self.free.inverse
        return by_bounds(value, low, high, *maps, (0.5, 1.0, -1.0))

    def log_det(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """log |dy/dx| = log(high - low) + log g′(x)"""
        if self.gate.surjective:
            return super().log_det(raw)
        maps = self.log_det_inside, self.above.log_det, self.below.log_det, self.free.log_det
        return by_bounds(raw, low, high, *maps, (0.0, 0.0, 0.0))

    def inside(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """low + w g(x) where g(x) < ½, and high - w (1 - g(x)) otherwise, with w = high - low

        So each end is approached by a small term and never passed. In the middle, where g(x) is above ⅛ on both
        sides, y = (low + high)/2 + (w/2) (2 g(x) - 1), as exact as can be where the two ends cancel; cut to its range
        it joins them monotonically.
        """
        low, high = stored(low, raw), stored(high, raw)
        width = stored(high - low, raw)
        smaller = self.gate.smaller(raw, width)
        ends = torch.where(raw < self.gate.middle, low + smaller, high - smaller)
        middle = (low + high) / 2 + (width / 2) * self.gate.centred(raw)
        inner = low + width / 8, high - width / 8
        middle = torch.clamp(middle, *inner)  # type: ignore[arg-type]  # two tensors or two numbers
        return attach(torch.where(smaller >= width / 8, middle, ends), ends)

    def outside(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """Both differences are exact near their bound, and 2y is that of both for low = -high"""
        below, above = value - low, high - value
        symmetric = isinstance(high, float) and low == -high
        return self.gate.divide(below, above, 2 * value if symmetric else below - above)

    def log_det_inside(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """log g′(x) of a gate that is as wide as the interval, in the dtype of raw"""
        return self.gate.log_det(raw, stored(high, raw) - stored(low, raw))

    def lean(self, *arguments: Any) -> Lean | None:
        """For the default gate, between two finite numbers that no dtype takes for one."""
        numbers = all(isinstance(bound, float) and abs(bound) != math.inf for bound in arguments)
        if not numbers or type(self.gate) is not Logistic or arguments[1] - arguments[0] < 1e-30:
            return None
        return self.lean_form


class Clip(Transform):
    """y = x, cut at low and high. Surjective: flat outside, where the gradient is 0 and learning stops."""

    surjective = True

    def forward(self, raw: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """y = min(max(x, low), high)"""
        return at_most(at_least(raw, low), high)

    def inverse(self, value: Tensor, low: Scalar, high: Scalar) -> Tensor:
        """x = y"""
        return value


class Interval(Bounded):
    """A number between two bounds; an infinite bound is none."""

    name = "interval"
    also = ("open_interval",)
    arguments = ("low", "high")
    infinite = True
    notation = "(low, high)"
    examples = (
        "interval(0, 10)",
        "interval(-1, 1)[3]",
        "interval(0.1, 10) = 2.5",
        "interval(-1, 2) via probit",
        "interval(0, inf)",
    )
    starts_at = "(low + high) / 2, or 1 inside an only bound"
    transforms = {name: Between(gate) for name, gate in GATES.items() if name != "clamp"} | {"clamp": Clip()}
    aliases = {"sigmoid": "logistic"}

    def refuse_arguments(self, low: float, high: float) -> str | None:
        if not low < high:
            return f"the interval ({text(low)}, {text(high)}) is empty"
        if math.isinf(high - low) and math.isfinite(low) and math.isfinite(high):
            return "the width of the interval overflows float64"
        return None

    def start(self, sizes: tuple[int, ...], low: Scalar, high: Scalar) -> Scalar:
        if math.isfinite(low) and math.isfinite(high):
            return low + (high - low) / 2
        return low + 1.0 if math.isfinite(low) else high - 1.0 if math.isfinite(high) else 0.0

    def bounds(self, low: Scalar, high: Scalar) -> tuple[Scalar, Scalar]:
        return low, high


def by_bounds(
    given: Tensor,
    low: Scalar,
    high: Scalar,
    between: Callable[[Tensor, Scalar, Scalar], Tensor],
    above: Callable[[Tensor, Scalar], Tensor],
    below: Callable[[Tensor, Scalar], Tensor],
    free: Callable[[Tensor], Tensor],
    neutral: tuple[float, float, float],
) -> Tensor:
    """The map for both bounds, the lower, the upper or none, as they are finite: at once for numbers, entry by entry

    Where a map is not the one, it is given a neutral entry and bounds of 0 and 1, so that nothing overflows on the way back.
    """
    if not (isinstance(low, torch.Tensor) or isinstance(high, torch.Tensor)):
        ends = abs(low) != math.inf, abs(high) != math.inf  # dynamo, which may trace them, has no isfinite
        if all(ends):
            return between(given, low, high)
        if any(ends):
            return above(given, low) if ends[0] else below(given, high)
        return free(given)
    low, high = low + given.new_zeros(()), high + given.new_zeros(())
    has_low, has_high = torch.isfinite(low), torch.isfinite(high)
    both, one_low, one_high = has_low & has_high, has_low & ~has_high, has_high & ~has_low
    inside = between(given.masked_fill(~both, neutral[0]), low.masked_fill(~both, 0.0), high.masked_fill(~both, 1.0))
    over = above(given.masked_fill(~one_low, neutral[1]), low.masked_fill(~one_low, 0.0))
    under = below(given.masked_fill(~one_high, neutral[2]), high.masked_fill(~one_high, 0.0))
    return torch.where(both, inside, torch.where(one_low, over, torch.where(one_high, under, free(given))))
