"""What the row of a map computes, to 60 digits: the oracles of the tests by the name of the map, and those of surjections.

Nothing here is taken from `cdsl` but sizes and arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks.accuracy.rows import Row, Sizes
from tests import oracle, oracle_matrices, oracle_triangles, oracle_vectors
from tests.oracle import Real, Vec, exact, mp
from tests.oracle_triangles import Places, below, below_by_columns, flat, log_diagonal, outer, tanh_factor, triangle

Numbers = Callable[[Vec], Vec]
ALIKE = {"nonnegative": "positive", "precision": "cov", "psd": "cov"}
"""Domains whose maps are those of another."""


@dataclass(frozen=True)
class Truth:
    """A map of lists of numbers: raw and value, flat. Slope is the gradient of log_det; None where there is none to have."""

    forward: Numbers
    inverse: Numbers | None = None
    log_det: Callable[[Vec], Real] | None = None
    slope: Numbers | None = None


def truth_of(row: Row, dtype: torch.dtype) -> Truth:
    """The oracle of a row.

    Raises:
        KeyError: there is none.
    """
    key, sizes = (ALIKE.get(row.domain, row.domain), row.transform), row.sizes
    if (row.domain, row.transform) in SURJECTIONS:
        surjection, arguments = SURJECTIONS[row.domain, row.transform], list(map(mp.mpf, row.arguments))
        return Truth(lambda x: surjection(x, sizes, arguments))
    if not sizes:
        scalar, ends = oracle.SCALARS[key], exact(torch.tensor(row.ends, dtype=torch.float64).to(dtype))
        return Truth(
            lambda x: [scalar.forward(*x, *ends)], lambda y: [scalar.inverse(*y, *ends)],
            lambda x: scalar.log_det(*x, *ends), lambda x: [scalar.log_det_slope(*x, *ends)],
        )  # fmt: skip
    if key in oracle.VECTORS:
        vector = oracle.VECTORS[key]
        return Truth(vector.forward, vector.inverse, vector.log_det, vector.log_det_gradient)
    if key in oracle_vectors.VECTORS:
        return of_vector(oracle_vectors.VECTORS[key], row)
    if key in oracle_matrices.MAPS:
        return of_matrix(oracle_matrices.MAPS[key], row)
    return TRIANGLES[key](sizes)


def of_vector(vector: oracle_vectors.Vector, row: Row) -> Truth:
    """With arguments, and a log-Jacobian in its terms."""
    arguments = list(map(mp.mpf, row.arguments))

    def log_det(x: Vec) -> Real:
        return mp.fsum(vector.log_det(x, *arguments))

    def by_differences(x: Vec) -> Vec:
        return oracle_vectors.by_differences(log_det, x, mp.mpf(10) ** -20)

    return Truth(
        lambda x: vector.forward(x, *arguments), lambda y: vector.inverse(y, *arguments),
        log_det, SLOPES.get((row.domain, row.transform), by_differences),
    )  # fmt: skip


def sign(x: Real) -> Real:
    """The slope of |x|: NaN at 0, where there is none."""
    return mp.sign(x) if x else mp.nan


def signed_sticks_slope(x: Vec) -> Vec:
    """Of Σ 2 log sech xₖ + (K - k) log(1 - tanh |xₖ|), k from 1"""
    kinks = [(len(x) - k) * sign(one) * (1 + mp.tanh(abs(one))) if k < len(x) else 0 for k, one in enumerate(x, 1)]
    return [-2 * mp.tanh(one) - kink for one, kink in zip(x, kinks, strict=True)]


SLOPES: dict[tuple[str, str], Numbers] = {
    ("zero_sum", "isometric"): lambda x: [mp.mpf(0)] * len(x),
    ("zero_sum", "householder"): lambda x: [mp.mpf(0)] * len(x),
    ("unit_vector", "normalize"): lambda x: [-one for one in x],
    ("unit_vector", "stereographic"): lambda x: [-2 * len(x) * one / (1 + mp.fdot(x, x)) for one in x],
    ("ball", "algebraic"): lambda x: [-(len(x) + 2) * one / (1 + mp.fdot(x, x)) for one in x],
    ("l1_ball", "algebraic"): lambda x: [-(len(x) + 1) * sign(one) / (1 + mp.fsum(map(abs, x))) for one in x],
    ("l1_ball", "stick_breaking"): signed_sticks_slope,
}
"""Of vectors that are long, or whose log-Jacobian has a kink, which no difference sees."""


BY_DIFFERENCES = {"invertible", "special_linear", "hurwitz"}
"""Matrices whose oracle takes minutes for the slope at K = 10: each of 100 entries is two eigenvalue problems or so."""


def of_matrix(one: oracle_matrices.Map, row: Row) -> Truth:
    """With sizes."""
    slow = row.domain in BY_DIFFERENCES and row.sizes[0] > 3
    return Truth(
        lambda x: one.forward(row.sizes, x), lambda y: one.inverse(row.sizes, y), lambda x: one.log_det(row.sizes, x),
        None if slow else lambda x: one.log_det_gradient(row.sizes, x),
    )  # fmt: skip


# ---- triangles and what is made of them --------------------------------------------------------------------------------


def rows_of(y: Vec, width: int) -> list[Vec]:
    return [y[i : i + width] for i in range(0, len(y), width)]


def partial(places: Places, k: int, weight: Callable[[int, int], int]) -> tuple[Callable[[Vec], Real], Numbers]:
    """Σ w(i, j) log sech xᵢⱼ and its gradient."""
    return (
        lambda x: oracle_triangles.weighted(weight)(x, places),
        lambda x: [-weight(i, j) * mp.tanh(one) for one, (i, j) in zip(x, places, strict=True)],
    )


def cholesky_corr(sizes: Sizes) -> Truth:
    (k,) = sizes
    places = below(k)
    return Truth(
        lambda x: flat(tanh_factor(x, places, k)),
        lambda y: oracle_triangles.tanh_inverse(rows_of(y, k), places),
        *partial(places, k, lambda i, j: i - j + 1),
    )


def row_normalized(sizes: Sizes) -> Truth:
    (k,) = sizes

    def inverse(y: Vec) -> Vec:
        return [y[i * k + j] / y[i * k + i] for i, j in below(k)]

    def slope(x: Vec) -> Vec:
        rows = [x[i * (i - 1) // 2 : i * (i + 1) // 2] for i in range(k)]
        return [-(i + 2) * one / (1 + mp.fdot(row, row)) for i, row in enumerate(rows) for one in row]

    return Truth(
        lambda x: flat(oracle_triangles.row_normalized(x, k)), inverse,
        lambda x: oracle_triangles.row_normalized_log_det(x, k), slope,
    )  # fmt: skip


def corr(sizes: Sizes) -> Truth:
    (k,) = sizes
    places = below_by_columns(k)
    return Truth(lambda x: flat(outer(tanh_factor(x, places, k))), None, *partial(places, k, lambda i, j: k - j))


def cholesky_cov(gap: oracle.Scalar) -> Callable[[Sizes], Truth]:
    """A triangle with g(x) on its diagonal."""

    def at(sizes: Sizes) -> Truth:
        m, n = sizes
        places = triangle(m, n)

        def on_diagonal(function: Callable[[Real], Real], x: Vec, other: Callable[[Real], Real]) -> Vec:
            return [function(one) if i == j else other(one) for one, (i, j) in zip(x, places, strict=True)]

        def forward(x: Vec) -> Vec:
            filled = on_diagonal(gap.forward, x, lambda one: one)
            return flat(oracle_triangles.filled(filled, places, oracle_triangles.zeros(m, n)))

        return Truth(
            forward,
            lambda y: on_diagonal(gap.inverse, oracle_triangles.read(rows_of(y, n), places), lambda one: one),
            lambda x: mp.fsum(on_diagonal(gap.log_det, x, lambda one: mp.mpf(0))),
            lambda x: on_diagonal(gap.log_det_slope, x, lambda one: mp.mpf(0)),
        )

    return at


def log_cholesky(sizes: Sizes) -> Truth:
    """L Lᵀ of rank R, K if none is written: R log 2 + Σᵢ (K - i + 2) xᵢᵢ, i from 1."""
    k, r = (*sizes, sizes[0])[:2]
    places = triangle(k, r)
    weights = [(k - i + 1) * (i == j) for i, j in places]
    return Truth(
        lambda x: flat(outer(log_diagonal(x, k, r))), None,
        lambda x: mp.fdot(weights, x) + r * mp.log(2), lambda x: list(map(mp.mpf, weights)),
    )  # fmt: skip


def lkj(sizes: Sizes) -> Truth:
    (k,) = sizes
    places = below_by_columns(k)
    total, slope = partial(places, k, lambda i, j: k - j)

    def forward(x: Vec) -> Vec:
        factor = tanh_factor(x[k:], places, k)
        return flat(outer([[mp.exp(log) * one for one in row] for log, row in zip(x[:k], factor, strict=True)]))

    return Truth(
        forward, None, lambda x: (k + 1) * mp.fsum(x[:k]) + k * mp.log(2) + total(x[k:]),
        lambda x: [mp.mpf(k + 1)] * k + slope(x[k:]),
    )  # fmt: skip


def moved(places: Callable[[int], Places], mirror: int = 0, diagonal: int = 0) -> Callable[[Sizes], Truth]:
    """Raw in places of a matrix, times `mirror` in those across the diagonal, and a number on that."""

    def at(sizes: Sizes) -> Truth:
        (k,) = sizes

        def forward(x: Vec) -> Vec:
            matrix = [[mp.mpf(diagonal * (i == j)) for j in range(k)] for i in range(k)]
            for one, (i, j) in zip(x, places(k), strict=True):
                matrix[j][i] = mirror * one
                matrix[i][j] = one
            return flat(matrix)

        return Truth(
            forward, lambda y: [y[i * k + j] for i, j in places(k)],
            lambda x: mp.mpf(0), lambda x: [mp.mpf(0)] * len(x),
        )  # fmt: skip

    return at


TRIANGLES: dict[tuple[str, str], Callable[[Sizes], Truth]] = {
    ("cholesky_corr", "tanh"): cholesky_corr,
    ("cholesky_corr", "row_normalize"): row_normalized,
    ("corr", "partial_correlations"): corr,
    ("cholesky_cov", "log_diagonal"): cholesky_cov(oracle.EXP),
    ("cholesky_cov", "softplus_diagonal"): cholesky_cov(oracle.SOFTPLUS),
    ("cov", "log_cholesky"): log_cholesky,
    ("cov", "lkj"): lkj,
    ("psd_rank", "log_trapezoid"): log_cholesky,
    ("lower_triangular", "rows"): moved(lambda k: triangle(k, k)),
    ("unit_lower", "rows"): moved(below, diagonal=1),
    ("symmetric", "mirrored"): moved(lambda k: triangle(k, k), mirror=1),
    ("skew", "opposite"): moved(below, mirror=-1),
}

# ---- surjections: they have a value alone; each takes raw, sizes and arguments ------------------------------------------

Surjection = Callable[[Vec, Sizes, Vec], Vec]


def elementwise(function: Callable[..., Real]) -> Surjection:
    return lambda x, sizes, arguments: [function(*x, *arguments)]


def clamp(x: Real, low: Real, high: Real) -> Real:
    return min(max(x, low), high)


def hard_sigmoid(x: Real, low: Real, high: Real) -> Real:
    """low + (high - low) (x/6 + ½), cut at low and high; from the middle, which may be 0"""
    return clamp((low + high) / 2 + (high - low) * x / 6, low, high)


GAPS: dict[str, Callable[[Real], Real]] = {"relu": lambda x: max(x, mp.mpf(0)), "abs": abs, "square": lambda x: x * x}


def softmax(x: Vec, sizes: Sizes, arguments: Vec) -> Vec:
    return oracle.softmax(x)


def shared_out(x: Vec, sizes: Sizes, arguments: Vec) -> Vec:
    """The share j of K goes to the K - j entries from j on, in equal parts"""
    return oracle.prefix_sums([share / (len(x) - j) for j, share in enumerate(oracle.softmax(x))])


SOFTMAX = oracle.Vector(oracle.softmax, *[None] * 4)  # type: ignore[arg-type]  # its forward is all that is asked


def low_rank(x: Vec, sizes: Sizes, arguments: Vec) -> Vec:
    """U Vᵀ, U in the first M rows of R"""
    m, _, r = sizes
    rows = rows_of(x, r)
    return [mp.fdot(u, v) for u in rows[:m] for v in rows[m:]]


def lower_factor(x: Vec, sizes: Sizes, arguments: Vec) -> Vec:
    k = sizes[0]
    return flat(outer(oracle_triangles.filled(x, triangle(k, k), oracle_triangles.zeros(k, k))))


def orthogonal(x: Vec, sizes: Sizes, arguments: Vec) -> Vec:
    """The columns of a rotation times the signs of the last K numbers"""
    (k,) = sizes
    rotation = oracle_matrices.cayley_forward(k, k, x[:-k])
    return [-one if x[i % k - k] < 0 else one for i, one in enumerate(rotation)]


SURJECTIONS: dict[tuple[str, str], Surjection] = {
    **{(domain, name): elementwise(gap) for domain in ("positive", "nonnegative") for name, gap in GAPS.items()},
    **{("negative", name): elementwise(lambda x, gap=gap: -gap(x)) for name, gap in GAPS.items()},
    **{("greater_than", name): elementwise(lambda x, low, gap=gap: low + gap(x)) for name, gap in GAPS.items()},
    **{("less_than", name): elementwise(lambda x, high, gap=gap: high - gap(x)) for name, gap in GAPS.items()},
    ("prob", "clamp"): elementwise(lambda x: clamp(x, mp.mpf(0), mp.mpf(1))),
    ("interval", "clamp"): elementwise(clamp),
    ("prob", "hard_sigmoid"): elementwise(lambda x: hard_sigmoid(x, mp.mpf(0), mp.mpf(1))),
    ("interval", "hard_sigmoid"): elementwise(hard_sigmoid),
    ("angle", "hard_sigmoid"): elementwise(lambda x: hard_sigmoid(x, -mp.pi, mp.pi)),
    ("angle", "wrap"): elementwise(lambda x: x - 2 * mp.pi * mp.nint(x / (2 * mp.pi))),
    ("simplex", "softmax"): softmax,
    ("log_simplex", "softmax"): lambda x, sizes, arguments: oracle_vectors.log_softmax(x),
    ("scaled_simplex", "softmax"): lambda x, sizes, arguments: [arguments[0] * one for one in oracle.softmax(x)],
    ("floored_simplex", "softmax"): lambda x, sizes, arguments: [
        arguments[0] + (1 - len(x) * arguments[0]) * one for one in oracle.softmax(x)
    ],
    ("ordered_simplex", "softmax"): shared_out,
    ("row_stochastic", "softmax"): lambda x, sizes, arguments: oracle_matrices.by_row(SOFTMAX).forward(sizes, x),
    ("column_stochastic", "softmax"): lambda x, sizes, arguments: oracle_matrices.by_column(SOFTMAX).forward(sizes, x),
    ("low_rank", "factors"): low_rank,
    ("psd", "lower_factor"): lower_factor,
    ("psd_rank", "factor"): lambda x, sizes, arguments: flat(outer(rows_of(x, sizes[1]))),
    ("orthogonal", "cayley"): orthogonal,
    ("rotation", "matrix_exp"): lambda x, sizes, arguments: oracle_matrices.exponential(sizes[0], x),
}
