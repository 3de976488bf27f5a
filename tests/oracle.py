"""What the maps compute, to 60 digits: textbook formulas on mpmath numbers, with nothing taken from `cdsl`.

A formula that would cancel stands here in a form that does not, or is worked with as many digits more as it loses.
Arguments of a domain follow the raw, as in the maps; all numbers are `mp.mpf`, made from floats without rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import torch
from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

mp = MPContext()  # our own: the precision of `mpmath.mp` stays as it was
mp.dps = 60

Real = Any
"""An `mp.mpf`; mpmath has no types."""
Vec = list[Real]


@dataclass(frozen=True)
class Scalar:
    """An elementwise bijection."""

    forward: Callable[..., Real]
    inverse: Callable[..., Real]
    log_det: Callable[..., Real]
    slope: Callable[..., Real]
    """The derivative of forward."""
    log_det_slope: Callable[..., Real]
    """The derivative of log_det."""


@dataclass(frozen=True)
class Vector:
    """A bijection of vectors."""

    forward: Callable[[Vec], Vec]
    inverse: Callable[[Vec], Vec]
    log_det: Callable[[Vec], Real]
    log_det_gradient: Callable[[Vec], Vec]
    pullback: Callable[[Vec, Vec], Vec]
    """(raw, g) to the gradient of the sum of g times value."""


def exact(values: torch.Tensor) -> Vec:
    """The very numbers that a tensor of one dimension holds."""
    return [mp.mpf(value) for value in values.tolist()]


def ulp(number: Real, dtype: torch.dtype) -> Real:
    """The distance between the neighbours of `number` in `dtype`, that of subnormals near 0."""
    digits, least = (53, -1074) if dtype == torch.float64 else (24, -149)
    return mp.ldexp(1, max(mp.frexp(number)[1] - digits, least) if number else least)


def ulps(got: float, true: Real, dtype: torch.dtype) -> float:
    """The error of `got` in ulp of the exact result; infinity is right where that overflows the format."""
    top = mp.mpf(torch.finfo(dtype).max)
    if math.isinf(got) and abs(true) > top * (1 - mp.mpf(2) ** -52) and got * true > 0:
        return 0.0
    return float(abs(mp.mpf(got) - true) / ulp(true, dtype)) if math.isfinite(got) else math.inf


def sharper(x: Real, digits: int) -> Any:
    """More digits, where x is so near 0 that a sum keeps no trace of it at 60."""
    return mp.workdps(mp.dps + (digits if abs(x) < 1e-15 else 0))


def remembered(function: Callable[[Real], Real]) -> Callable[[Real], Real]:
    """Computed once for each number and precision."""

    @cache
    def at(x: Real, digits: int) -> Real:
        with mp.workdps(digits):
            return function(x)

    return lambda x: at(x, mp.dps)


@remembered
def sigmoid(x: Real) -> Real:
    return 1 / (1 + mp.exp(-x))


@remembered
def log_sigmoid(x: Real) -> Real:
    return -mp.log1p(mp.exp(-x))


@remembered
def log(x: Real) -> Real:
    return mp.log(x)


@remembered
def normal_cdf(x: Real) -> Real:
    if abs(x) > 1e5:  # mpmath takes none that is much larger
        return mp.mpf(x > 0)
    return mp.erfc(-x / mp.sqrt(2)) / 2


def normal_log_pdf(x: Real) -> Real:
    return -x * x / 2 - mp.log(2 * mp.pi) / 2


def normal_pdf(x: Real) -> Real:
    return mp.exp(normal_log_pdf(x))


def normal_quantile(below: Real, above: Real) -> Real:
    """Newton's method on the logarithm of the smaller tail; each step doubles the 9 digits that it starts with."""
    if above < below:
        return -normal_quantile(above, below)
    share = below / (below + above)
    x = mp.mpf(NormalDist().inv_cdf(max(float(share), 5e-324)))
    for _ in range(3 + math.ceil(math.log2(mp.dps / 60))):
        tail = mp.erfc(-x / mp.sqrt(2)) / 2
        x -= mp.log(tail / share) * tail / normal_pdf(x)
    return x


@dataclass(frozen=True)
class Gate:
    """A map onto (0, 1); symmetric about 1/2, but for one that has a complement of its own."""

    forward: Callable[[Real], Real]
    divide: Callable[[Real, Real], Real]
    """The x at which forward(x) : complement(x) is that of the two arguments."""
    log_slope: Callable[[Real], Real]
    bend: Callable[[Real], Real]
    """The derivative of log_slope."""
    own_complement: Callable[[Real], Real] | None = None

    def complement(self, x: Real) -> Real:
        """1 - forward(x)"""
        return self.own_complement(x) if self.own_complement else self.forward(-x)

    def slope(self, x: Real) -> Real:
        return exp(self.log_slope(x))


def exp(x: Real) -> Real:
    """0 where mpmath would take a number of a million digits: below the square of every subnormal."""
    return mp.exp(x) if x > -1e5 else mp.mpf(0)


EXP = Scalar(mp.exp, mp.log, lambda x: x, mp.exp, lambda x: mp.mpf(1))
SOFTPLUS = Scalar(
    lambda x: mp.log1p(mp.exp(x)), lambda y: mp.log(mp.expm1(y)), log_sigmoid, sigmoid, lambda x: sigmoid(-x)
)

LOG10 = Scalar(
    lambda x: mp.power(10, x),
    mp.log10,
    lambda x: x * mp.log(10) + mp.log(mp.log(10)),
    lambda x: mp.power(10, x) * mp.log(10),
    lambda x: mp.log(10),
)


def squareplus(x: Real) -> Real:
    """(x + √(x² + 4)) / 2, and 2 / (√(x² + 4) - x) where the sum would cancel"""
    root = mp.sqrt(x * x + 4)
    return (x + root) / 2 if x > 0 else 2 / (root - x)


SQUAREPLUS = Scalar(
    squareplus,
    lambda y: (y - 1) * (y + 1) / y,
    lambda x: (
        mp.log(squareplus(x)) - mp.log(x * x + 4) / 2 if x < 0 else mp.log1p(-squareplus(-x) / mp.sqrt(x * x + 4))
    ),
    lambda x: squareplus(x) / mp.sqrt(x * x + 4),
    lambda x: 2 * squareplus(-x) / (x * x + 4),
)

LOGISTIC = Gate(
    sigmoid, lambda u, v: mp.log(u / v), lambda x: log_sigmoid(x) + log_sigmoid(-x), lambda x: -mp.tanh(x / 2)
)
PROBIT = Gate(normal_cdf, normal_quantile, normal_log_pdf, lambda x: -x)
TANH = Gate(
    lambda x: sigmoid(2 * x),
    lambda u, v: mp.log(u / v) / 2,
    lambda x: mp.log(2) + log_sigmoid(2 * x) + log_sigmoid(-2 * x),
    lambda x: -2 * mp.tanh(x),
)


def algebraic(x: Real) -> Real:
    """½ (1 + x/√(1 + x²)), and ½/(√(1 + x²) (√(1 + x²) - x)) where the sum would cancel"""
    root = mp.sqrt(1 + x * x)
    return (1 + x / root) / 2 if x > 0 else 1 / (2 * root * (root - x))


ALGEBRAIC = Gate(
    algebraic,
    lambda u, v: (u - v) / (2 * mp.sqrt(u * v)),
    lambda x: -mp.log(2) - 3 * mp.log1p(x * x) / 2,
    lambda x: -3 * x / (1 + x * x),
)
ARCTAN = Gate(
    lambda x: mp.atan2(1, -x) / mp.pi,
    lambda u, v: -mp.cot(mp.pi * u / (u + v)) if u < v else mp.cot(mp.pi * v / (u + v)),
    lambda x: -mp.log(mp.pi) - mp.log1p(x * x),
    lambda x: -2 * x / (1 + x * x),
)
CLOGLOG = Gate(
    lambda x: -mp.expm1(-mp.exp(min(x, 30))),
    lambda u, v: mp.log(mp.log1p(u / v)),
    lambda x: x - mp.exp(x),
    lambda x: -mp.expm1(x),
    lambda x: exp(-mp.exp(min(x, 30))),
)


def negative(gap: Scalar) -> Scalar:
    """y = -g(x)"""
    return Scalar(
        lambda x: -gap.forward(x), lambda y: gap.inverse(-y), gap.log_det, lambda x: -gap.slope(x), gap.log_det_slope
    )


def above(gap: Scalar) -> Scalar:
    """y = low + g(x), and y = x without a bound"""
    return Scalar(
        lambda x, low: low + gap.forward(x) if mp.isfinite(low) else x,
        lambda y, low: gap.inverse(y - low) if mp.isfinite(low) else y,
        lambda x, low: gap.log_det(x) if mp.isfinite(low) else mp.mpf(0),
        lambda x, low: gap.slope(x) if mp.isfinite(low) else mp.mpf(1),
        lambda x, low: gap.log_det_slope(x) if mp.isfinite(low) else mp.mpf(0),
    )


def below(gap: Scalar) -> Scalar:
    """y = high - g(x), and y = x without a bound"""
    return Scalar(
        lambda x, high: high - gap.forward(x) if mp.isfinite(high) else x,
        lambda y, high: gap.inverse(high - y) if mp.isfinite(high) else y,
        lambda x, high: gap.log_det(x) if mp.isfinite(high) else mp.mpf(0),
        lambda x, high: -gap.slope(x) if mp.isfinite(high) else mp.mpf(1),
        lambda x, high: gap.log_det_slope(x) if mp.isfinite(high) else mp.mpf(0),
    )


def between(gate: Gate) -> Scalar:
    """y = low + (high - low) g(x), from the nearer end; as by `above` and `below` with exp where a bound is infinite"""

    def either(inside: Callable[..., Real], of: Callable[[Scalar], Callable[..., Real]]) -> Callable[..., Real]:
        def by_bounds(given: Real, low: Real, high: Real) -> Real:
            if mp.isfinite(low) and mp.isfinite(high):
                return inside(given, low, high)
            return of(below(EXP))(given, high) if mp.isinf(low) else of(above(EXP))(given, low)

        return by_bounds

    def forward(x: Real, low: Real, high: Real) -> Real:
        with sharper(x, 400):
            width = high - low
            return low + width * gate.forward(x) if x < 0 else high - width * gate.complement(x)

    def inverse(y: Real, low: Real, high: Real) -> Real:
        with sharper(2 * y - low - high, 400):
            return gate.divide(y - low, high - y)

    def log_det(x: Real, low: Real, high: Real) -> Real:
        with sharper(x, 800):
            return mp.log(high - low) + gate.log_slope(x)

    return Scalar(
        either(forward, lambda one: one.forward),
        either(inverse, lambda one: one.inverse),
        either(log_det, lambda one: one.log_det),
        either(lambda x, low, high: (high - low) * gate.slope(x), lambda one: one.slope),
        either(lambda x, low, high: gate.bend(x), lambda one: one.log_det_slope),
    )


def unit(gate: Gate) -> Scalar:
    """y = g(x)"""
    return Scalar(gate.forward, lambda y: gate.divide(y, 1 - y), gate.log_slope, gate.slope, gate.bend)


def prefix_sums(terms: Sequence[Real]) -> Vec:
    total, sums = mp.mpf(0), []
    for term in terms:
        total += term
        sums.append(total)
    return sums


def suffix_sums(terms: Sequence[Real]) -> Vec:
    return prefix_sums(terms[::-1])[::-1]


def differences(values: Vec) -> Vec:
    return [high - low for low, high in pairwise(values)]


ORDERED = Vector(
    forward=lambda x: prefix_sums([x[0], *map(mp.exp, x[1:])]),
    inverse=lambda y: [y[0], *map(mp.log, differences(y))],
    log_det=lambda x: mp.fsum(x[1:]),
    log_det_gradient=lambda x: [mp.mpf(0)] + [mp.mpf(1)] * (len(x) - 1),
    pullback=lambda x, g: [s * (mp.exp(v) if k else 1) for k, (s, v) in enumerate(zip(suffix_sums(g), x, strict=True))],
)

POSITIVE_ORDERED = Vector(
    forward=lambda x: prefix_sums([mp.exp(v) for v in x]),
    inverse=lambda y: [mp.log(d) for d in differences([mp.mpf(0), *y])],
    log_det=mp.fsum,
    log_det_gradient=lambda x: [mp.mpf(1)] * len(x),
    pullback=lambda x, g: [s * mp.exp(v) for s, v in zip(suffix_sums(g), x, strict=True)],
)


@cache
def helmert_scale(n: int) -> Real:
    return mp.sqrt(mp.mpf(n) * (n + 1))


def helmert(x: Vec) -> Vec:
    """V x: column n of V is 1/√(n(n+1)) in its first n rows, -n/√(n(n+1)) in the next, and 0 below."""
    w = [value / helmert_scale(n) for n, value in enumerate(x, 1)]
    return [up - k * down for k, (up, down) in enumerate(zip([*suffix_sums(w), 0], [0, *w], strict=True))]


def helmert_transpose(z: Vec) -> Vec:
    """Vᵀ z"""
    return [(s - n * z[n]) / helmert_scale(n) for n, s in enumerate(prefix_sums(z)[:-1], 1)]


def softmax(z: Vec) -> Vec:
    top = max(z)
    e = [mp.exp(value - top) for value in z]
    total = mp.fsum(e)
    return [value / total for value in e]


def ilr_forward(x: Vec) -> Vec:
    return softmax(helmert(x))


def ilr_log_det(x: Vec) -> Real:
    """Σ log yₖ + ½ log K"""
    z = helmert(x)
    top, k = max(z), len(z)
    log_total = top + mp.log(mp.fsum(mp.exp(value - top) for value in z))
    return mp.fsum(value - log_total for value in z) + mp.log(k) / 2


def ilr_pullback(x: Vec, g: Vec) -> Vec:
    """Vᵀ (y (g - Σ y g)); only differences of g matter, taken from where y is largest"""
    y = ilr_forward(x)
    pivot = g[y.index(max(y))]
    g = [value - pivot for value in g]
    mean = mp.fdot(y, g)
    return helmert_transpose([p * (value - mean) for p, value in zip(y, g, strict=True)])


ILR = Vector(
    forward=ilr_forward,
    inverse=lambda y: helmert_transpose([mp.log(p) for p in y]),
    log_det=ilr_log_det,
    log_det_gradient=lambda x: helmert_transpose([-(len(x) + 1) * p for p in ilr_forward(x)]),
    pullback=ilr_pullback,
)


def stick_logits(x: Vec) -> Vec:
    """tₖ = xₖ - log(K - k)"""
    return [value - log(len(x) - k) for k, value in enumerate(x)]


def sticks(x: Vec) -> Vec:
    """What is left before each break, and at the end: Πⱼ₍ⱼ﹤ₖ₎ σ(-tⱼ)"""
    left = [mp.mpf(1)]
    for t in stick_logits(x):
        left.append(left[-1] * sigmoid(-t))
    return left


def stick_forward(x: Vec) -> Vec:
    left = sticks(x)
    return [sigmoid(t) * stick for t, stick in zip(stick_logits(x), left, strict=False)] + left[-1:]


def stick_inverse(y: Vec) -> Vec:
    rest = suffix_sums(y)[1:]
    return [mp.log(p / r) + log(len(rest) - k) for k, (p, r) in enumerate(zip(y, rest, strict=False))]


def stick_log_det(x: Vec) -> Real:
    """The Jacobian is triangular: Σ log (σ(tₖ) σ(-tₖ) · what is left)"""
    total, log_left = mp.mpf(0), mp.mpf(0)
    for t in stick_logits(x):
        total += log_sigmoid(t) + log_sigmoid(-t) + log_left
        log_left += log_sigmoid(-t)
    return total


def stick_log_det_gradient(x: Vec) -> Vec:
    return [sigmoid(-t) - (len(x) - k) * sigmoid(t) for k, t in enumerate(stick_logits(x))]


def stick_pullback(x: Vec, g: Vec) -> Vec:
    """σ(tₖ) σ(-tₖ) · what is left · (gₖ - the mean of the later g, as what remains is shared out)"""
    y, left = stick_forward(x), sticks(x)
    later = suffix_sums([p * value for p, value in zip(y, g, strict=True)])[1:]
    terms = zip(stick_logits(x), left, left[1:], g, later, strict=False)
    return [sigmoid(t) * sigmoid(-t) * now * (value - rest / after) for t, now, after, value, rest in terms]


STICK_BREAKING = Vector(stick_forward, stick_inverse, stick_log_det, stick_log_det_gradient, stick_pullback)

REAL = Scalar(
    lambda x, loc=0, scale=1: loc + scale * x,
    lambda y, loc=0, scale=1: (y - loc) / scale,
    lambda x, loc=0, scale=1: mp.log(scale),
    lambda x, loc=0, scale=1: mp.mpf(scale),
    lambda x, loc=0, scale=1: mp.mpf(0),
)

GAPS = {"exp": EXP, "softplus": SOFTPLUS, "log10": LOG10, "algebraic": SQUAREPLUS}
GATES = {
    "logistic": LOGISTIC,
    "probit": PROBIT,
    "tanh": TANH,
    "arctan": ARCTAN,
    "algebraic": ALGEBRAIC,
    "cloglog": CLOGLOG,
}

SCALARS: dict[tuple[str, str], Scalar] = {
    ("real", "identity"): REAL,
    **{("positive", name): gap for name, gap in GAPS.items()},
    **{("negative", name): negative(gap) for name, gap in GAPS.items()},
    **{("greater_than", name): above(gap) for name, gap in GAPS.items()},
    **{("less_than", name): below(gap) for name, gap in GAPS.items()},
    **{("prob", name): unit(gate) for name, gate in GATES.items()},
    **{("interval", name): between(gate) for name, gate in GATES.items()},
    **{("angle", name): between(gate) for name, gate in GATES.items()},
}

VECTORS: dict[tuple[str, str], Vector] = {
    ("ordered", "increments"): ORDERED,
    ("positive_ordered", "increments"): POSITIVE_ORDERED,
    ("simplex", "isometric_log_ratio"): ILR,
    ("simplex", "stick_breaking"): STICK_BREAKING,
}
