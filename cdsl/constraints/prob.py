"""`prob`: the open unit interval; and the *gates*, the elementwise maps ℝ → (0, 1) that other domains use too.

A gate is exact at both ends: its `complement` 1 - g(x) is a formula of its own, and loses no digit where g(x) is near 1.
`cloglog` is not symmetric, and `clamp` about ½; for all others 1 - g(x) = g(-x).

Where two formulas meet, what is not taken is cut further out: at its own bounds torch's `clamp` has no slope from 2.15 on.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from cdsl.constraints.base import Bounded, Lean, Transform, at_least, at_most, attach, in_pairs, summed_over
from cdsl.constraints.scans import PIECE

if TYPE_CHECKING:
    from typing import Any

    import torch
    from torch import Tensor

    from cdsl.constraints.base import Scalar

LOG_2 = math.log(2)
MANY = 4096  # terms, from which on a sum of logarithms is that of products in `Lean` forms
ARTANH = (
    (1.0, 0.33333333333341286),
    (0.199999999976438, 0.1428571455582858),
    (0.11111095430673142, 0.09091429900236955),
    (0.07681838124445817, 0.06795652742789947),
    (0.04940394524382393, 0.08890381913056651),
)
"""artanh(s)/s as a polynomial of s², in pairs of terms: through its values at the Chebyshev nodes of s ≤ ⅓, and off by 10⁻¹⁶ there."""
ROOT_HALF, ROOT_HALF_REST = 46341 / 65536, -7.627587649755991556e-07  # √½ to 16 bits, and its rest


class Gate(Transform):
    """A map ℝ → (0, 1), increasing; symmetric about ½ unless it says otherwise.

    With a `width`, forward, complement, smaller and log_det are those of width · g(x), which need not underflow where
    g(x) does.
    """

    middle: ClassVar[float] = 0.0
    """The x at which g(x) is ½."""

    @abstractmethod
    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """raw ↦ width · value."""

    def complement(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · (1 - g(x)) = width · g(-x)"""
        return self.forward(-raw, width)

    def smaller(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · g(x) below the middle, width · (1 - g(x)) above"""
        return self.forward(torch.where(raw < 0, raw, -raw), width)  # not -|x|: its slope at 0 is 0

    def from_smaller(self, raw: Tensor, width: Scalar) -> Tensor:
        """width · g(x), for a gate that is made of its smaller side: exact below the middle, rounded once more above"""
        smaller = self.smaller(raw, width)
        return torch.where(raw < self.middle, smaller, width - smaller)

    def inverse(self, value: Tensor) -> Tensor:
        """x = g⁻¹(y), from y and 1 - y"""
        return self.divide(value, 1 - value, 2 * value - 1)

    def log_complement(self, raw: Tensor) -> Tensor:
        """log(1 - g(x)); of 0, which surjective gates reach, that of the smallest number: finite, and of slope 0"""
        info = torch.finfo(raw.dtype)
        return torch.log(self.complement(raw).clamp(min=info.tiny * info.eps))

    @abstractmethod
    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """The x at which g(x) : 1 - g(x) is below : above; exact near either end, and near 0 as `apart` is.

        `apart` is below - above: the caller may know it better.
        """

    @abstractmethod
    def centred(self, raw: Tensor) -> Tensor:
        """2 g(x) - 1, exact near the middle too: the value only, derivatives are forward's."""


class LeanLogistic(Lean):
    """`Logistic`, all of it from e = exp(-|x|)."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """y = σ(x) as torch has it, and e where that is more: where σ(x) underflows too early

        Below the edge the two agree to the last bit, above it e is cut to less than σ(x); so there is no branch, and the
        larger of two monotone steps is one.
        """
        minus = torch.copysign(raw, -1.0)
        e = torch.exp(minus)
        log_det = None if batch is None else self.log_det(minus, e, batch)
        value = torch.sigmoid(raw)
        edge = math.exp(-37.0 if raw.dtype == torch.float64 else -17.0)
        return torch.maximum(value, torch.clamp(e, max=edge, out=minus), out=value), log_det, (e,)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """e / (1 + e)² ∂y - tanh(x/2) ∂ld"""
        (e,) = saved
        root = e + 1.0  # 1 would be turned into 1.0 first, at a third of the price
        rate = torch.div(e, root.mul_(root), out=root)
        if to_log_det is None:
            return rate.mul_(to_value)  # type: ignore[arg-type]  # one of the two is given
        wide = raw if raw.dtype is e.dtype else raw.to(e.dtype)
        bend = torch.mul(wide, -0.5).tanh_().mul_(to_log_det)
        return bend if to_value is None else bend.addcmul_(rate, to_value)

    def fusing(self) -> Lean:
        """With fewer transcendental functions, and branches, which are dear in eager code alone."""
        return FusingLogistic()

    @staticmethod
    def log_det(minus: Tensor, e: Tensor, batch: int, width: float = 1.0) -> Tensor:
        """log w - |x| - 2 log(1 + e), summed over so many dimensions

        A width may cancel it: then (log(w/4) - |x|) - 2 log(1 + (e - 1)/2), whose parts are small where it is. Of many terms
        the last one is the logarithm of the product of a block of factors: between 1 and 2, they do not overflow.
        """
        if batch and e.numel() >= MANY:
            factors = (e + 1).flatten(-batch)
            block = 512 if e.dtype == torch.float64 else 64
            blocks = factors.shape[-1] // block
            wholes = factors[..., : blocks * block].reshape((*factors.shape[:-1], blocks, block))
            logs = wholes.prod(-1).log_().sum(-1).add_(factors[..., blocks * block :].prod(-1).log_())
            return torch.sub(minus.flatten(-batch).sum(-1), logs, alpha=2).add_(logarithm(width) * factors.shape[-1])
        if width == 1:
            return summed_over(torch.sub(minus, torch.log1p(e), alpha=2), batch)
        log_width: Any
        log_width, rest = log_in_two(width / 4, e)
        terms = (minus + log_width).sub_((e - 1).mul_(0.5).log1p_(), alpha=2)
        return summed_over(terms.add_(rest) if abs(log_width) > 1 else terms, batch)


class FusingLogistic(Lean):
    """`LeanLogistic` for a compiler of whole loops: one exponential, and no other transcendental function."""

    def forward(self, raw: Tensor, batch: int | None) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """y = 1 / (1 + e) above 0, 1 / (1 + 1/e) below, and e where the two agree to the last bit: every step is monotone

        Signs are chosen: `copysign` would be a call for every few entries, around which all else is put away and fetched.
        """
        minus = -raw.abs()
        e = torch.exp(minus)
        log_det = None if batch is None else self.log_det(minus, e, batch)
        below = torch.where(raw < (-37.0 if raw.dtype == torch.float64 else -17.0), e, 1 / (1 + 1 / e))
        return torch.where(raw < 0, below, 1 / (1 + e)), log_det, (e,)

    def backward(
        self, raw: Tensor, saved: tuple[Tensor, ...], to_value: Tensor | None, to_log_det: Tensor | None
    ) -> Tensor:
        """e / (1 + e)² ∂y - tanh(x/2) ∂ld"""
        (e,) = saved
        own = 1 / (1 + e)
        rate = e * own * own
        if to_log_det is None:
            return rate * to_value  # type: ignore[operator]  # one of the two is given
        bend = self.tanh_of_half(raw.to(e.dtype), e) * -to_log_det
        return bend if to_value is None else bend + rate * to_value

    @staticmethod
    def tanh_of_half(raw: Tensor, e: Tensor) -> Tensor:
        """tanh(x/2) = ±(1 - e) / (1 + e), which cancels near 0

        There, |x| below ½, it is Lambert's continued fraction of h = x/2 down to h²/11: less than eps/4 is missing.
        """
        half = raw / 2
        square = half * half
        is_near = raw.abs() < 0.5
        over = torch.where(is_near, half * (10395 + square * (1260 + square * 21)), torch.where(raw < 0, e - 1, 1 - e))
        return over / torch.where(is_near, 10395 + square * (4725 + square * (210 + square)), 1 + e)

    @staticmethod
    def log_det(minus: Tensor, e: Tensor, batch: int, width: float = 1.0) -> Tensor:
        """As in `LeanLogistic`; of so many terms that their factors would be taken from the system, page by page, without products

        In float32, whose sums lose more of many terms than of a few products, with them.
        """
        if not batch or e.numel() < 2 * PIECE or e.dtype != torch.float64:
            return LeanLogistic.log_det(minus, e, batch, width)
        terms = math.prod(e.shape[-batch:])
        return summed_over(minus - 2 * FusingLogistic.log_one_plus(e), batch) + logarithm(width) * terms

    @staticmethod
    def log_one_plus(e: Tensor) -> Tensor:
        """log(1 + e) = 2 artanh(e / (2 + e)) for e from 0 to 1, by a polynomial: a part of the loop around it, and no call"""
        share = e / (2 + e)
        return 2 * (share * in_pairs(share * share, ARTANH))


class Logistic(Gate):
    """y = 1 / (1 + exp(-x)). Reaches 0 where exp(x) underflows, and 1 at x > 36 (16 in float32)."""

    lean_form = LeanLogistic()

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = 1 / (1 + exp(-x)), and exp(x) where the two agree to the last bit

        Below -37 (-17 in float32) 1 + exp(-x) is exp(-x), which overflows where exp(x) is still a number. There exp(x)
        is the product of two square roots of it, and `width` comes between them: none of the three is subnormal.
        Each step is monotone, and autograd gives y² exp(-x) = σ(x) σ(-x) to full relative accuracy, never falsely zero.
        """
        edge = -37.0 if raw.dtype == torch.float64 else -17.0
        root = torch.exp(raw.clamp(max=edge) / 2)
        body = width / (1 + torch.exp(-raw.clamp(min=edge - 1)))
        return torch.where(raw < edge, root * (width * root), body)

    def log_complement(self, raw: Tensor) -> Tensor:
        """log σ(-x)"""
        return torch.nn.functional.logsigmoid(-raw)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = log(u / v): as log1p((u - v)/v) within a factor 2, as log u - log v where the ratio leaves the format"""
        ratio, tiny = below / above, torch.finfo(below.dtype).tiny
        close, kept = (ratio > 0.5) & (ratio < 2), (ratio > tiny) & (ratio < 1 / tiny)
        near = torch.log1p((apart / above).masked_fill(~close, 0.0))  # what is not taken has no infinite slope to hide
        far = torch.where(kept, torch.log(ratio.masked_fill(~kept, 1.0)), torch.log(below) - torch.log(above))
        return torch.where(close, near, far)

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(x) - 1 = tanh(x/2)"""
        return torch.tanh(raw / 2)

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = log σ(x) + log σ(-x) = -|x| - 2 log(1 + exp(-|x|)) = -log 4 - log(1 + sinh²(x/2))

        A width above 1 may cancel it: far out log width meets -|x| first; near 0 the last form has no 1 to round, so
        that for a width of 4 it keeps its digits down to x = 0.
        """
        minus = torch.where(raw < 0, raw, -raw)  # not -|x|: its slope at 0 is 0
        log_width, rest = log_in_two(width, raw)
        far = (log_width + minus) + (rest - 2 * torch.log1p(torch.exp(minus)))
        if isinstance(width, float) and width <= 1:
            return far
        sinh = torch.sinh(raw.clamp(-2, 2) / 2)
        near = log_in_two(width / 4, raw)[0] - torch.log1p(sinh * sinh)
        return torch.where(raw.abs() < 2, near, far)

    def lean(self, *arguments: Any) -> Lean | None:
        """Of the gate itself."""
        return None if arguments else self.lean_form


class Probit(Gate):
    """y = Φ(x), the standard normal distribution function. Reaches 0 at x < -38.5 (-14.2) and 1 at x > 8.3 (5.5)."""

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = Φ(x) = ½ erfc(-x/√2)

        In the tail the roundings of x/√2 and of its square would be all of the error, up to x² ulp. So their rests are
        carried along: with w = -x/√2 as rounded and δ its rest, ½ erfc(w + δ) = ½ erfc(w) - δ exp(-w²)/√π. Above -1
        the correction is less than the rounding of y, and would break its monotony. The derivative, which torch
        takes to be exp(-w²)/√(2π), is in truth less by exp(-(x²/2 - w²)).
        """
        w = raw * -math.sqrt(0.5)
        half = torch.erfc(w) / 2
        cut = (raw.clamp(-64, 64) * 16).round() / 16
        delta = (cut * -ROOT_HALF - w) - ((raw - cut) * math.sqrt(0.5) + cut * ROOT_HALF_REST)
        tail = half - delta * torch.exp(-w * w) / math.sqrt(math.pi)
        value = torch.where((raw < -1) & (raw > -64), tail, half)  # Φ(-64) is 0 in every dtype
        return width * attach(value, half * (1 - half_square(raw, w * w)).detach())

    def log_complement(self, raw: Tensor) -> Tensor:
        """log Φ(-x), and above 1 log(½ erfcx(x/√2)) - x²/2, where Φ(-x) underflows; from 10⁹ on the latter is all of it"""
        near = torch.log1p(-self.forward(raw.clamp(max=1.0)))
        square = raw * raw / 2
        scaled = torch.log(torch.special.erfcx(raw.clamp(0.0, 1e9) * math.sqrt(0.5)) / 2)
        return torch.where(raw < 1, near, (scaled - square) - half_square(raw, square).detach())

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = Φ⁻¹(u / (u + v)), from the smaller side, and √2 erf⁻¹((u - v)/(u + v)) within a factor 10

        From there to a factor 2 torch's Φ⁻¹ is the less exact of the two: it loses up to 3 eps.
        """
        whole = below + above
        left = torch.special.ndtri(torch.minimum(below, above) / whole)
        close = (below < 10 * above) & (above < 10 * below)
        near = math.sqrt(2) * torch.erfinv((apart / whole).masked_fill(~close, 0.0))
        return torch.where(close, near, torch.where(below < above, left, -left))

    def centred(self, raw: Tensor) -> Tensor:
        """2Φ(x) - 1 = erf(x/√2)"""
        return torch.erf(raw * math.sqrt(0.5))

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = -x²/2 - log √(2π), and log width, which it may cancel"""
        square = raw * raw / 2
        log_width, rest = log_in_two(width / math.sqrt(2 * math.pi), raw)
        return (log_width - square) + (rest - half_square(raw, square)).detach()


class Tanh(Gate):
    """y = (1 + tanh x) / 2 = σ(2x): logistic with raw halved."""

    logistic = Logistic()

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = σ(2x)"""
        return self.logistic.forward(2 * raw, width)

    def log_complement(self, raw: Tensor) -> Tensor:
        """log σ(-2x)"""
        return self.logistic.log_complement(2 * raw)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = log(u / v) / 2"""
        return self.logistic.divide(below, above, apart) / 2

    def centred(self, raw: Tensor) -> Tensor:
        """2σ(2x) - 1 = tanh x"""
        return torch.tanh(raw)

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = log 2 + log σ(2x) + log σ(-2x)"""
        return self.logistic.log_det(2 * raw, 2 * width)


class Arctan(Gate):
    """y = ½ + arctan(x)/π, the Cauchy distribution function: its ends are as far as 1/x. Reaches 1 at |x| > 5e15 (1e7)."""

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = ½ + arctan(x)/π"""
        return self.from_smaller(raw, width)

    def smaller(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · arctan(1/|x|)/π, the angle of (|x|, 1): no difference in it to round

        Its slope is 1/(1 + x²), and x² overflows long before 1/x² is 0; there the angle is 1/|x|.
        """
        size, edge = torch.where(raw < 0, -raw, raw), far_out(raw)
        angle = torch.atan2(torch.ones_like(raw), size.clamp(max=2 * edge))
        return torch.where(size > edge, 1 / size.clamp(min=edge), angle) / math.pi * width

    def log_complement(self, raw: Tensor) -> Tensor:
        """log1p(-g(x)) below 1, and above log(arctan(1/x)/π), where that angle is 1/x in the end"""
        size, edge = raw.clamp(min=0.5), far_out(raw)
        angle = torch.atan2(torch.ones_like(raw), size.clamp(max=2 * edge))
        far = torch.where(size > edge, -torch.log(size), torch.log(angle)) - math.log(math.pi)
        return torch.where(raw < 1, torch.log1p(-self.forward(raw.clamp(max=1.0))), far)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = tan(π/2 (u - v)/(u + v)), and -cot(π u/(u + v)) where u < v/3, from the smaller side"""
        whole = below + above
        near = torch.tan(apart / whole * (math.pi / 2))
        cot = 1 / torch.tan(torch.minimum(below, above) / whole * math.pi)
        far = torch.where(below < above, -cot, cot)
        return torch.where((below < 3 * above) & (above < 3 * below), near, far)

    def centred(self, raw: Tensor) -> Tensor:
        """2/π arctan x"""
        return torch.atan(raw) / (math.pi / 2)

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = -log π - log(1 + x²)"""
        return log_of_power(width / math.pi, raw, 2)


class Algebraic(Gate):
    """y = ½ (1 + x/√(1 + x²)), of roots alone: its ends are as far as 1/4x². Reaches 1 at |x| > 7e7 (3e3)."""

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = ½ (1 + x/√(1 + x²))"""
        return self.from_smaller(raw, width)

    def smaller(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """With s = √(1 + x²), width · ½ (1 - |x|/s) = width · ½/(s (s + |x|)), as 1 = (s - |x|) (s + |x|)"""
        s = hypotenuse(raw)
        return width / 2 / s / (s + torch.where(raw < 0, -raw, raw))

    def log_complement(self, raw: Tensor) -> Tensor:
        """log1p(-½/(s (s - x))) below 0, and above -log 2 - log s - log(s + x), with s = √(1 + x²)"""
        size = hypotenuse(raw.clamp(min=-1.0))
        above = -(torch.log(2 * size) + torch.log(size + raw.clamp(min=-1.0)))
        return torch.where(raw < 0, torch.log1p(-self.smaller(raw.clamp(max=0.0))), above)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = (u - v) / (2 √u √v), as x/√(1 + x²) = (u - v)/(u + v)"""
        return apart / (2 * torch.sqrt(below) * torch.sqrt(above))

    def centred(self, raw: Tensor) -> Tensor:
        """x/√(1 + x²) = ±1/√(1 + 1/x²), of monotone steps alone; and x where that is all of it and x² would underflow"""
        size, edge = raw.abs(), 1 / far_out(raw)
        share = 1 / torch.sqrt(1 + 1 / (size * size))
        return torch.where(size < edge, raw, torch.where(raw < 0, -share, share))

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = -log 2 - 3/2 log(1 + x²)"""
        return log_of_power(width / 2, raw, 3)


class Cloglog(Gate):
    """y = 1 - exp(-exp(x)), the complementary log-log link's inverse: not symmetric.

    Like exp(x) at 0, and at 1 as near as exp(-exp(x)). Reaches 0 where exp(x) underflows, and 1 at x > 3.6 (2.8). Near 1
    the digits of the distance to it, and of the slope, are those that exp(x) has after the point. log |dy/dx| overflows
    where exp(x) does.
    """

    middle = math.log(LOG_2)
    explosive = True

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = 1 - exp(-exp(x))"""
        return self.from_smaller(raw, width)

    def complement(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · exp(-exp(x))"""
        smaller = self.smaller(raw, width)
        return torch.where(raw < self.middle, width - smaller, smaller)

    def smaller(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · (1 - exp(-exp(x))) by expm1 below log log 2, width · exp(-exp(x)) above

        As in `Logistic`, `width` comes between two roots where either underflows: below -37 (-17 in float32) of exp(x),
        which is all of it; and of exp(-exp(x)), 0 in every dtype from 7 on. Cut to ½ the two join monotonically.
        """
        edge = -37.0 if raw.dtype == torch.float64 else -17.0
        root = torch.exp(raw.clamp(max=edge) / 2)
        body = torch.expm1(-torch.exp(raw.clamp(edge - 1, self.middle))) * -width
        below = torch.where(raw < edge, root * (width * root), body)
        tail = torch.exp(torch.exp(raw.clamp(self.middle - 1, 7.0)) / -2)
        smaller = torch.where(raw < self.middle, below, tail * (width * tail))
        return attach(smaller.clamp(max=width / 2), smaller)

    def log_complement(self, raw: Tensor) -> Tensor:
        """-exp(x), cut where it would be -∞"""
        return -torch.exp(at_most(raw, math.floor(math.log(torch.finfo(raw.dtype).max))))

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = log(-log(v / (u + v))), with log1p(-u / (u + v)) where u < v"""
        whole, tiny = below + above, torch.finfo(below.dtype).tiny
        lower, left, right = below < above, below / whole, above / whole
        small, large = lower & (left > tiny), ~lower & (right > tiny)
        from_small = torch.log(-torch.log1p(-left.masked_fill(~small, 0.5)))
        from_large = torch.log(-torch.log(right.masked_fill(~large, 0.5)))
        tiny_small = torch.log(below.masked_fill(~lower, 1.0)) - torch.log(whole)
        tiny_large = torch.log(torch.log(whole) - torch.log(torch.where(lower, whole / 2, above)))
        return torch.where(
            lower, torch.where(small, from_small, tiny_small), torch.where(large, from_large, tiny_large)
        )

    def centred(self, raw: Tensor) -> Tensor:
        """1 - 2 exp(-exp(x)) = -expm1(-log 2 (exp(x - log log 2) - 1))"""
        return -torch.expm1(-LOG_2 * torch.expm1(raw - self.middle))

    def log_det(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """log |dy/dx| = x - exp(x), which is -1 or less

        From 50 on the first is no part of a float, and where both are infinite none of the difference.
        """
        log_width, rest = log_in_two(width, raw)
        return log_width + (raw.clamp(max=50.0) - torch.exp(raw)) + rest


class HardSigmoid(Gate):
    """y = (x + 3)/6, cut at 0 and 1. Surjective: flat beyond ±3, where the gradient is 0."""

    surjective = True

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = min(max((x + 3)/6, 0), 1): near -3 the sum is exact, where x/6 + ½ would cancel"""
        return width * at_most(at_least((raw + 3) / 6, 0.0), 1.0)

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = 3 (u - v) / (u + v), and beyond ±1.5 ± (3 - 6u/(u + v)), from the smaller side: as exact as x is there"""
        whole = below + above
        near = 3 * (apart / whole)
        far = torch.copysign(3 - 6 * (torch.minimum(below, above) / whole), near.detach())
        return torch.where(near.abs() < 1.5, near, far)

    def centred(self, raw: Tensor) -> Tensor:
        """x/3, cut at -1 and 1"""
        return (raw / 3).clamp(-1, 1)


class Clamp(Gate):
    """y = x, cut at 0 and 1. Surjective: flat outside, where the gradient is 0 and learning stops."""

    middle = 0.5
    surjective = True

    def forward(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """y = min(max(x, 0), 1)"""
        return width * at_most(at_least(raw, 0.0), 1.0)

    def complement(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · (1 - g(x))"""
        return width * at_most(at_least(1 - raw, 0.0), 1.0)

    def smaller(self, raw: Tensor, width: Scalar = 1.0) -> Tensor:
        """width · g(x) below ½, width · (1 - g(x)) above"""
        return torch.where(raw < 0.5, self.forward(raw, width), self.complement(raw, width))

    def inverse(self, value: Tensor) -> Tensor:
        """x = y"""
        return value

    def divide(self, below: Tensor, above: Tensor, apart: Tensor) -> Tensor:
        """x = u / (u + v)"""
        return below / (below + above)

    def centred(self, raw: Tensor) -> Tensor:
        """2x - 1, cut at -1 and 1"""
        return (2 * raw - 1).clamp(-1, 1)


GATES = {
    "logistic": Logistic(),
    "probit": Probit(),
    "tanh": Tanh(),
    "arctan": Arctan(),
    "algebraic": Algebraic(),
    "cloglog": Cloglog(),
    "hard_sigmoid": HardSigmoid(),
    "clamp": Clamp(),
}


class Prob(Bounded):
    """A probability, strictly between 0 and 1."""

    name = "prob"
    also = ("unit_interval",)
    notation = "(0, 1)"
    examples = ("prob", "prob[3]", "prob = 0.3", "prob via probit")
    starts_at = "1/2"
    transforms = GATES
    aliases = {"sigmoid": "logistic"}

    def start(self, sizes: tuple[int, ...]) -> float:
        return 0.5

    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


def stored(number: Scalar, like: Tensor) -> Scalar:
    """The number as the dtype of `like` has it, which is what torch computes with (Veltkamp's splitting)."""
    if isinstance(number, torch.Tensor) or like.dtype != torch.float32:
        return number
    spread = number * (2**29 + 1)
    return spread - (spread - number)


def logarithm(width: float) -> float:
    """log width; -∞ of 0, which the width between two numbers is in a dtype that has one for both"""
    return math.log(width) if width else -math.inf


def log_in_two(width: Scalar, like: Tensor) -> tuple[Scalar, Scalar]:
    """log width as the dtype of `like` has it, and what its rounding lost: log w = l + log(w / exp(l))"""
    if isinstance(width, torch.Tensor):
        log = torch.log(width)
        return log, (width - torch.exp(log)).detach() / width.detach()
    if not width:
        return -math.inf, 0.0
    rounded = stored(math.log(width), like)
    return rounded, (width - math.exp(rounded)) / width


def half_square(raw: Tensor, rounded: Tensor) -> Tensor:
    """x²/2 - rounded, to the last digit, for |x| < 64: of x = c + (x - c), c² is exact"""
    cut = (raw.clamp(-64, 64) * 16).round() / 16
    rest = (cut * cut / 2 - rounded) + (raw - cut) * (raw + cut) / 2
    return torch.where(raw.abs() < 64, rest, torch.zeros_like(rest))


def far_out(like: Tensor) -> float:
    """A number whose square is far from overflow, and to which 1 + x² is x²"""
    return 2.0**500 if like.dtype == torch.float64 else 2.0**60


def hypotenuse(raw: Tensor) -> Tensor:
    """√(1 + x²), and |x| where that is all of it

    In float32 by hypot, to an ulp: on AMD, MKL's root is off by ¾ of one there, after what the square has lost. In float64 by the
    root, whose every step is monotone: CUDA's hypot is not.
    """
    size, edge = torch.where(raw < 0, -raw, raw), far_out(raw)  # not |x|: its slope at 0 is 0, and so is its derivative
    near = size.clamp(max=2 * edge)  # of ∞ the slope would be no number
    root = torch.sqrt(1 + near * near) if raw.dtype == torch.float64 else torch.hypot(near, torch.ones_like(near))
    return torch.where(size > edge, size, root)


def log_of_power(width: Scalar, raw: Tensor, power: int) -> Tensor:
    """log(width / √(1 + x²)ᵖ): one logarithm of the quotient while that is a number, or else a difference of two

    Where a large width meets the power, the difference would lose what the quotient keeps. Its derivative is the other's.
    """
    s = hypotenuse(raw).clamp(max=torch.finfo(raw.dtype).max)  # `attach` has no use for an infinity
    log_width, rest = log_in_two(width, raw)
    apart = (log_width - power * torch.log(s)) + rest
    quotient, tiny = width / s**power, torch.finfo(raw.dtype).tiny
    return attach(torch.where((quotient > tiny) & (quotient < 1 / tiny), torch.log(quotient), apart), apart)
