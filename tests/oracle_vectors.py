"""To 60 digits, what the maps of vectors compute that `tests/oracle.py` has not: textbook formulas, nothing from `cdsl`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests import oracle
from tests.oracle import Real, Vec, differences, helmert, helmert_transpose, log_sigmoid, mp, prefix_sums, suffix_sums


@dataclass(frozen=True)
class Vector:
    """A map of vectors; its arguments follow raw or value."""

    forward: Callable[..., Vec]
    inverse: Callable[..., Vec]
    log_det: Callable[..., Vec]
    """The terms that add up to it."""


def by_differences(function: Callable[[Vec], Real], x: Vec, step: Real) -> Vec:
    """The gradient, from both sides: with steps of 1e-20 and 60 digits good to 1e-38 or so."""
    slopes = []
    for k in range(len(x)):
        up, down = list(x), list(x)
        up[k], down[k] = x[k] + step, x[k] - step
        slopes.append((function(up) - function(down)) / (2 * step))
    return slopes


def length(x: Vec) -> Real:
    return mp.sqrt(mp.fsum(value * value for value in x))


# ---- sums of 0, spheres ----------------------------------------------------------------------------------------------


def householder(x: Vec) -> Vec:
    """(x, 0), reflected so that the last axis goes to -(1, …, 1)/√K"""
    return reflected([*x, mp.mpf(0)])


def reflected(y: Vec) -> Vec:
    axis = [1 / mp.sqrt(len(y)) + (k == len(y) - 1) for k in range(len(y))]
    along = 2 * mp.fdot(axis, y) / mp.fdot(axis, axis)
    return [value - along * a for value, a in zip(y, axis, strict=True)]


def stereographic(x: Vec) -> Vec:
    square = mp.fdot(x, x)
    return [2 * value / (square + 1) for value in x] + [(square - 1) / (square + 1)]


def from_stereographic(y: Vec) -> Vec:
    """Through the rest of 1 that the other entries say, where the last is near it; y need not be of length 1 exactly."""
    rest = mp.fdot(y[:-1], y[:-1]) / (1 + y[-1]) if y[-1] > 0 else 1 - y[-1]
    return [value / rest for value in y[:-1]]


# ---- simplexes -------------------------------------------------------------------------------------------------------


def log_softmax(z: Vec) -> Vec:
    top = max(z)
    others = mp.fsum(mp.exp(value - top) for k, value in enumerate(z) if k != z.index(top))
    return [value - top - mp.log1p(others) for value in z]


def log_sticks(x: Vec) -> Vec:
    t = oracle.stick_logits(x)
    left = [mp.mpf(0), *prefix_sums([log_sigmoid(-value) for value in t])]
    return [log_sigmoid(value) + before for value, before in zip(t, left, strict=False)] + left[-1:]


def from_log_sticks(y: Vec) -> Vec:
    rest = suffix_sums([mp.exp(value) for value in y])[1:]
    return [v - mp.log(r) + mp.log(len(rest) - k) for k, (v, r) in enumerate(zip(y, rest, strict=False))]


def divided(y: Vec) -> Vec:
    total = mp.fsum(y)
    return [value / total for value in y]


def scaled(simplex: oracle.Vector) -> Vector:
    return Vector(
        lambda x, total: [total * share for share in simplex.forward(x)],
        lambda y, total: simplex.inverse(divided(y)),
        lambda x, total: [simplex.log_det(x), len(x) * mp.log(total)],
    )


def floored(simplex: oracle.Vector) -> Vector:
    def forward(x: Vec, floor: Real) -> Vec:
        return [floor + (1 - (len(x) + 1) * floor) * share for share in simplex.forward(x)]

    return Vector(
        forward,
        lambda y, floor: simplex.inverse(divided([value - floor for value in y])),
        lambda x, floor: [simplex.log_det(x), len(x) * mp.log(1 - (len(x) + 1) * floor)],
    )


def shared_out(simplex: oracle.Vector) -> Vector:
    def forward(x: Vec) -> Vec:
        return prefix_sums([share / (len(x) + 1 - j) for j, share in enumerate(simplex.forward(x))])

    def inverse(y: Vec) -> Vec:
        return simplex.inverse(divided([(len(y) - j) * d for j, d in enumerate(differences([mp.mpf(0), *y]))]))

    return Vector(forward, inverse, lambda x: [simplex.log_det(x), -mp.log(mp.factorial(len(x) + 1))])


def steps(simplex: oracle.Vector) -> Vector:
    def forward(x: Vec, low: Real, high: Real) -> Vec:
        return [low + (high - low) * part for part in prefix_sums(simplex.forward(x))[:-1]]

    return Vector(
        forward,
        lambda y, low, high: simplex.inverse(divided(differences([low, *y, high]))),
        lambda x, low, high: [simplex.log_det(x), len(x) * mp.log(high - low)],
    )


# ---- balls, autoregressions ------------------------------------------------------------------------------------------


def log_left(x: Real) -> Real:
    """log(1 - tanh |x|)"""
    return log_one_plus_tanh(-abs(x))


def log_one_plus_tanh(x: Real) -> Real:
    with oracle.sharper(x, 400):
        return mp.log(2) + log_sigmoid(2 * x)


def log_sech_squared(x: Real) -> Real:
    with oracle.sharper(x, 800):
        return 2 * mp.log(mp.sech(x))


def signed_sticks(x: Vec) -> Vec:
    left = [mp.mpf(1)]
    for value in x:
        left.append(left[-1] * mp.exp(log_left(value)))
    return [mp.tanh(value) * rest for value, rest in zip(x, left, strict=False)]


def from_signed_sticks(y: Vec) -> Vec:
    left = [1 - total for total in prefix_sums([mp.mpf(0), *map(abs, y)])]
    return [mp.atanh(value / rest) for value, rest in zip(y, left, strict=False)]


def signed_sticks_log_det(x: Vec) -> Vec:
    return [log_sech_squared(value) + (len(x) - k) * log_left(value) for k, value in enumerate(x, 1)]


def autoregression(x: Vec) -> Vec:
    """Durbin and Levinson's recursion"""
    y: Vec = []
    for r in map(mp.tanh, x):
        y = [one - r * other for one, other in zip(y, y[::-1], strict=True)] + [r]
    return y


def partial_autocorrelations(y: Vec) -> Vec:
    found: Vec = []
    while y:
        r = y[-1]
        found.insert(0, r)
        y = [(one + r * other) / (1 - r * r) for one, other in zip(y[:-1], y[-2::-1], strict=True)]
    return found


def autoregression_log_det(x: Vec) -> Vec:
    """Barndorff-Nielsen and Schou: Σ ⌊k/2⌋ log(1 - r) + ⌊(k - 1)/2⌋ log(1 + r), and log(1 - r²) of tanh itself"""
    down, up = [log_one_plus_tanh(-value) for value in x], [log_one_plus_tanh(value) for value in x]
    terms = [[(k // 2 + 1) * a, ((k - 1) // 2 + 1) * b] for k, (a, b) in enumerate(zip(down, up, strict=True), 1)]
    return [term for pair in terms for term in pair]


SIMPLEXES = {"isometric_log_ratio": oracle.ILR, "stick_breaking": oracle.STICK_BREAKING}

VECTORS: dict[tuple[str, str], Vector] = {
    ("zero_sum", "isometric"): Vector(helmert, helmert_transpose, lambda x: [mp.mpf(0)]),
    ("zero_sum", "householder"): Vector(householder, lambda y: reflected(y)[:-1], lambda x: [mp.mpf(0)]),
    ("unit_vector", "normalize"): Vector(
        lambda x: [value / length(x) for value in x], lambda y: y, lambda x: [-mp.fdot(x, x) / 2]
    ),
    ("unit_vector", "stereographic"): Vector(
        stereographic, from_stereographic, lambda x: [len(x) * mp.log(2), -len(x) * mp.log1p(mp.fdot(x, x))]
    ),
    ("log_simplex", "isometric_log_ratio"): Vector(
        lambda x: log_softmax(helmert(x)),
        helmert_transpose,
        lambda x: [log_softmax(helmert(x))[-1], mp.log(len(x) + 1) / 2],
    ),
    ("log_simplex", "stick_breaking"): Vector(log_sticks, from_log_sticks, lambda x: [log_sticks(x)[-1]]),
    **{("scaled_simplex", name): scaled(simplex) for name, simplex in SIMPLEXES.items()},
    **{("floored_simplex", name): floored(simplex) for name, simplex in SIMPLEXES.items()},
    **{("ordered_simplex", name): shared_out(simplex) for name, simplex in SIMPLEXES.items()},
    **{("ordered_in", name): steps(simplex) for name, simplex in SIMPLEXES.items()},
    ("descending", "decrements"): Vector(
        lambda x: oracle.ORDERED.forward(x)[::-1], lambda y: oracle.ORDERED.inverse(y[::-1]), lambda x: x[1:]
    ),
    ("ball", "algebraic"): Vector(
        lambda x: [value / mp.sqrt(1 + mp.fdot(x, x)) for value in x],
        lambda y: [value / mp.sqrt(1 - mp.fdot(y, y)) for value in y],
        lambda x: [-(mp.mpf(len(x)) / 2 + 1) * mp.log1p(mp.fdot(x, x))],
    ),
    ("l1_ball", "stick_breaking"): Vector(signed_sticks, from_signed_sticks, signed_sticks_log_det),
    ("l1_ball", "algebraic"): Vector(
        lambda x: [value / (1 + mp.fsum(map(abs, x))) for value in x],
        lambda y: [value / (1 - mp.fsum(map(abs, y))) for value in y],
        lambda x: [-(len(x) + 1) * mp.log1p(mp.fsum(map(abs, x)))],
    ),
    ("stationary", "partial_autocorrelations"): Vector(
        autoregression, lambda y: [mp.atanh(r) for r in partial_autocorrelations(y)], autoregression_log_det
    ),
}
