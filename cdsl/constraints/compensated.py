"""The exact mode: maps that add up or multiply along the event, in twice the digits, and rounded once.

A pair is a number as the unevaluated sum of two floats, the first of them its rounding. What an operation on floats loses is
a float itself, and is known (Knuth's two-sum, Veltkamp's split, Dekker's product: doi:10.1007/BF01397083), so pairs are
made of the floats that there are, and serve where there is no float64. Only values are made so: derivatives are those of
the ordinary formulas.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cdsl.constraints.base import attach

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Pair = tuple[Tensor, Tensor]

LOG_2_REST = 2.3190468138462996e-17  # log 2, less its float64
LOG_2_SINGLE, LOG_2_SINGLE_REST = 0.693147182464599609375, -1.904654299957768e-09  # its float32, and the rest
FARTHEST = (
    3000.0  # exp of it overflows, exp of minus it underflows, and so do both of their square roots, in float64 too
)


class ExactMode:
    """`with exact():` — inside, `on`. One for the whole process: other threads are in it as long as any of them is.

    Blocks may be nested, and leave nothing behind, however they end. `torch.compile` guards on `on`: what was compiled
    outside is compiled anew inside. Enter it outside of what is compiled.
    """

    def __init__(self) -> None:
        self.on = False
        self._blocks = 0
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Until the block ends, values are computed in twice the digits."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._blocks += more
            self.on = self._blocks > 0


exact = ExactMode()


def attach_finite(value: Tensor, ordinary: Tensor) -> Tensor:
    """`value`, bit for bit, with the derivatives of the ordinary formula, which alone says what is beyond the format"""
    return torch.where(ordinary.isfinite(), attach(value, ordinary), ordinary)


# -- pairs ---------------------------------------------------------------------------------------------------------------


def two_sum(a: Tensor, b: Tensor) -> Pair:
    """a + b"""
    total = a + b
    added = total - a
    return total, (a - (total - added)) + (b - added)


def quick_two_sum(a: Tensor, b: Tensor) -> Pair:
    """a + b, of |a| ≥ |b|"""
    total = a + b
    return total, b - (total - a)


def halves(a: Tensor) -> Pair:
    """a, as two floats of half its digits; |a| below 2⁹⁹⁶ (2¹¹⁵)"""
    scaled = a * (134217729.0 if a.dtype == torch.float64 else 4097.0)  # 2²⁷ + 1, 2¹² + 1
    high = scaled - (scaled - a)
    return high, a - high


def two_product(a: Tensor, b: Tensor) -> Pair:
    """a b"""
    product, (a1, a2), (b1, b2) = a * b, halves(a), halves(b)
    return product, a2 * b2 + ((a1 * b1 - product) + a1 * b2 + a2 * b1)


def plus(x: Pair, y: Pair) -> Pair:
    """x + y"""
    total, lost = two_sum(x[0], y[0])
    return quick_two_sum(total, lost + (x[1] + y[1]))


def minus(x: Pair) -> Pair:
    """-x"""
    return -x[0], -x[1]


def times(x: Pair, y: Pair) -> Pair:
    """x y"""
    product, lost = two_product(x[0], y[0])
    return quick_two_sum(product, lost + (x[0] * y[1] + x[1] * y[0]))


def over(x: Pair, y: Pair) -> Pair:
    """x / y"""
    ratio = x[0] / y[0]
    product, lost = two_product(ratio, y[0])
    return quick_two_sum(ratio, (((x[0] - product) - lost) + x[1] - ratio * y[1]) / y[0])


def root_of(x: Pair) -> Pair:
    """√x"""
    root = torch.sqrt(x[0])
    square, lost = two_product(root, root)
    return quick_two_sum(root, (((x[0] - square) - lost) + x[1]) / (2 * root))


def single(a: Tensor) -> Pair:
    """A float as a pair"""
    return a, torch.zeros_like(a)


def padded(x: Pair, sides: tuple[int, int], value: float = 0.0) -> Pair:
    """More entries at either end of the last dimension"""
    pad = torch.nn.functional.pad
    return pad(x[0], sides, value=value), pad(x[1], sides)


def chosen(condition: Tensor, x: Pair, y: Pair) -> Pair:
    """x where the condition holds, y elsewhere"""
    return torch.where(condition, x[0], y[0]), torch.where(condition, x[1], y[1])


def shifted(a: Tensor, power: Tensor) -> Tensor:
    """2^power · a, in two steps: neither of the factors overflows or underflows where the product does not"""
    half = torch.round(power / 2)
    return a * torch.exp2(half) * torch.exp2(power - half)


def unit_scale(raw: Tensor) -> Tensor:
    """The power of 2 by which the largest entry of an event is about 1, as far as it may be taken and taken back"""
    largest, edge = torch.nn.functional.pad(raw.abs(), (0, 1)).amax(-1, keepdim=True), torch.finfo(raw.dtype).tiny
    farthest = 1000.0 if raw.dtype == torch.float64 else 120.0
    return torch.log2(largest.clamp(min=edge)).round().clamp(-farthest, farthest)


# -- exp, sums, products ---------------------------------------------------------------------------------------------------


def power_of_e(x: Pair) -> tuple[Pair, Tensor]:
    """exp(x) - 1 and 0 for |x| < ½ log 2, in general (m, n) with exp(x) = 2ⁿ (1 + m), |m| < ½; as ±3000 beyond that

    With r = (x - n log 2)/64 that is r + ½ r² + r³/6 + …, and six times 2m + m². Only from r³/6 on are there no
    pairs, and of that an eps, 64 times, is below eps / 2¹⁸.
    """
    at = x[0].clamp(-FARTHEST, FARTHEST)
    rest = torch.where(at == x[0], x[1], torch.zeros_like(at))
    n = torch.round(at / math.log(2))
    double = at.dtype == torch.float64
    high, low = (math.log(2), LOG_2_REST) if double else (LOG_2_SINGLE, LOG_2_SINGLE_REST)
    product, lost = two_product(n, torch.full_like(n, high))
    r = plus((at, rest), (-product, -torch.add(lost, n, alpha=low)))
    r = (r[0] / 64, r[1] / 64)
    p, square = r[0], times(r, r)
    series = 1 / 6 + p * (1 / 24 + p * (1 / 120 + p * (1 / 720 + p * (1 / 5040 + p * (1 / 40320 + p / 362880)))))
    m = plus(plus(r, (square[0] / 2, square[1] / 2)), single(p * p * p * series))
    return doubled(doubled(doubled(doubled(doubled(doubled(m)))))), n


def doubled(m: Pair) -> Pair:
    """(1 + m)² - 1 = 2m + m²"""
    return plus((2 * m[0], 2 * m[1]), times(m, m))


def exp_of(x: Pair) -> tuple[Pair, Tensor]:
    """exp(x) as a pair between ½ and 2, and the power of 2 that it is to be multiplied by"""
    m, n = power_of_e(x)
    return plus(single(torch.ones_like(n)), m), n


def sums_of(terms: Pair) -> Pair:
    """Prefix sums

    In whatever order, and in whatever precision, the sums were added up: what each misses, of the one before it and its
    term, is known, and is added up as well.
    """
    sums = torch.cumsum(terms[0], -1)
    total, lost = two_sum(torch.nn.functional.pad(sums[..., :-1], (1, 0)), terms[0])
    missed = (total - sums) + lost + terms[1]
    return quick_two_sum(sums, torch.cumsum(missed.nan_to_num(0.0, 0.0, 0.0), -1))  # of an overflow there is no rest


def products_of(factors: Pair, power: Tensor) -> tuple[Pair, Tensor]:
    """Prefix products of 2^power · factors, with factors that are positive and normal: pairs, and powers of 2 again

    Each product is moved near 1 by a power of 2, so that none underflows. What each multiplication loses is, beside the
    product, a share of it, and the shares' logarithms add up.
    """
    pad = torch.nn.functional.pad
    size = torch.cumsum(torch.log2(factors[0]), -1).round()
    move = torch.exp2(pad(size[..., :-1], (1, 0)) - size)
    factors = (factors[0] * move, factors[1] * move)
    products = torch.cumprod(factors[0], -1)
    before = pad(products[..., :-1], (1, 0), value=1.0)
    product, lost = two_product(before, factors[0])
    share = ((product - products) + lost + before * factors[1]) / products
    return quick_two_sum(products, products * torch.expm1(torch.cumsum(share, -1))), torch.cumsum(power, -1) + size


# -- values ----------------------------------------------------------------------------------------------------------------


def exact_increments(start: Tensor, steps: Tensor) -> Tensor:
    """y = cumsum(start, exp(steps)): never decreasing; the largest term moved to 2⁵⁰⁰ (2⁶⁰), for sums of subnormals"""
    (high, low), n = exp_of(single(steps))
    largest = torch.cat((unit_scale(start), n), -1).amax(-1, keepdim=True)
    power = (largest - (500.0 if steps.dtype == torch.float64 else 60.0)).clamp(max=0)
    start, n = shifted(start, -power), n - power
    sums = sums_of(
        (torch.cat((start, shifted(high, n)), -1), torch.cat((torch.zeros_like(start), shifted(low, n)), -1))
    )
    return shifted(torch.cummax(sums[0], -1).values, power)


def exact_helmert(raw: Tensor) -> tuple[Pair, Tensor]:
    """V x, and the power of 2 that it is to be multiplied by"""
    size = unit_scale(raw)
    n = torch.ones_like(raw).cumsum(-1)
    w = over(single(shifted(raw, -size)), root_of(two_product(n, n + 1)))
    sums = sums_of((w[0].flip(-1), w[1].flip(-1)))
    ups = padded((sums[0].flip(-1), sums[1].flip(-1)), (0, 1))
    return plus(ups, minus(padded(times(single(n), w), (1, 0)))), size


def exact_reflection(raw: Tensor) -> Tensor:
    """(x - s / (K + √K), -s / √K) with s = Σ x"""
    size = unit_scale(raw)
    x, k = single(shifted(raw, -size)), single(torch.full_like(size, raw.shape[-1] + 1.0))
    total, root = sums_of(padded(x, (1, 0))), root_of(k)
    total = (total[0][..., -1:], total[1][..., -1:])
    value, last = plus(x, minus(over(total, plus(k, root)))), minus(over(total, root))
    return shifted(torch.cat((value[0], last[0]), -1), size)


def exact_softmax(z: Pair, power: Tensor) -> Tensor:
    """exp(x - max x) / Σ exp(x - max x), of x = 2^power · z"""
    top = z[0].argmax(-1, keepdim=True)
    high, low = plus(z, (-z[0].gather(-1, top), -z[1].gather(-1, top)))
    high, low = shifted(high, power), shifted(low, power)
    e, n = exp_of((high, torch.where(high > -FARTHEST, low, torch.zeros_like(low))))
    total = sums_of((shifted(e[0], n), shifted(e[1], n)))
    return shifted(over(e, (total[0][..., -1:], total[1][..., -1:]))[0], n)


def exact_sticks(raw: Tensor) -> Tensor:
    """yₖ = exp(xₖ) / (n + exp(xₖ)) · Π of n / (n + exp(x)) before it, with n = K - k; above 0 both by exp(-x)"""
    n = single(torch.ones_like(raw).cumsum(-1).flip(-1))
    (e, power), one = exp_of(single(-raw.abs())), single(torch.ones_like(raw))
    high = raw > 0
    flat = (shifted(e[0], power), shifted(e[1], power))
    whole = plus(chosen(high, times(flat, n), n), chosen(high, one, flat))
    taken, left = over(chosen(high, one, e), whole), over(chosen(high, times(e, n), n), whole)
    zero = torch.zeros_like(power)
    rest, to_rest = products_of(left, torch.where(high, power, zero))
    pad = torch.nn.functional.pad
    value = times(padded(taken, (0, 1), 1.0), padded(rest, (1, 0), 1.0))[0]
    return shifted(value, pad(torch.where(high, zero, power), (0, 1)) + pad(to_rest, (1, 0)))


def exact_hyperbolic(raw: Tensor) -> tuple[Pair, Pair, Tensor]:
    """tanh x; and sech x, with the power of 2 that it is to be multiplied by

    Of m = exp(-|x|) - 1 and u = 1 - exp(-2|x|) = -m (2 + m) they are u / (2 - u) and 2 exp(-|x|) / (2 - u).
    """
    m, n = power_of_e(single(-raw.abs()))
    one, scale = single(torch.ones_like(raw)), torch.exp2(n)
    e = plus(one, m)
    m = chosen(n == 0, m, plus((e[0] * scale, e[1] * scale), minus(one)))
    two = (2 * one[0], one[1])
    u = minus(times(m, plus(two, m)))
    whole = plus(two, minus(u))
    tanh, sign = over(u, whole), torch.copysign(one[0], raw)
    return (tanh[0] * sign, tanh[1] * sign), over((2 * e[0], 2 * e[1]), whole), n
