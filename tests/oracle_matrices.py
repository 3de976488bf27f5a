"""What the maps of stochastic matrices and of manifolds compute, to 60 digits: textbook formulas, nothing from `cdsl`.

Raws, values and gradients are flat lists in the order of rows, of `mp.mpf`; the sizes that a spec writes come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests import oracle
from tests.oracle import Real, Vec, mp

Sizes = tuple[int, ...]
Rows = list[Vec]


@dataclass(frozen=True)
class Map:
    """A bijection onto matrices."""

    forward: Callable[[Sizes, Vec], Vec]
    inverse: Callable[[Sizes, Vec], Vec]
    log_det: Callable[[Sizes, Vec], Real]
    log_det_gradient: Callable[[Sizes, Vec], Vec]
    pullback: Callable[[Sizes, Vec, Vec], Vec]
    """(sizes, raw, g) to the gradient of the sum of g times value."""


def in_rows(flat: Vec, width: int) -> Rows:
    return [flat[i : i + width] for i in range(0, len(flat), width)]


def flat(rows: Rows) -> Vec:
    return [entry for row in rows for entry in row]


def transposed(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


# ---- stochastic matrices: the simplex of every row or column, raw in the order of Stan's columns ----------------------


def by_row(vector: oracle.Vector) -> Map:
    def raws(sizes: Sizes, x: Vec) -> Rows:
        return transposed(in_rows(x, sizes[0]))

    return Map(
        lambda sizes, x: flat([vector.forward(row) for row in raws(sizes, x)]),
        lambda sizes, y: flat(transposed([vector.inverse(row) for row in in_rows(y, sizes[1])])),
        lambda sizes, x: mp.fsum(vector.log_det(row) for row in raws(sizes, x)),
        lambda sizes, x: flat(transposed([vector.log_det_gradient(row) for row in raws(sizes, x)])),
        lambda sizes, x, g: flat(
            transposed([vector.pullback(*pair) for pair in zip(raws(sizes, x), in_rows(g, sizes[1]), strict=True)])
        ),
    )


def by_column(vector: oracle.Vector) -> Map:
    def raws(sizes: Sizes, x: Vec) -> Rows:
        return in_rows(x, len(x) // sizes[1])

    def columns(sizes: Sizes, y: Vec) -> Rows:
        return transposed(in_rows(y, sizes[1]))

    return Map(
        lambda sizes, x: flat(transposed([vector.forward(row) for row in raws(sizes, x)])),
        lambda sizes, y: flat([vector.inverse(column) for column in columns(sizes, y)]),
        lambda sizes, x: mp.fsum(vector.log_det(row) for row in raws(sizes, x)),
        lambda sizes, x: flat([vector.log_det_gradient(row) for row in raws(sizes, x)]),
        lambda sizes, x, g: flat(
            [vector.pullback(*pair) for pair in zip(raws(sizes, x), columns(sizes, g), strict=True)]
        ),
    )


def zero_sum(x: Vec) -> Vec:
    """Stan's basis: column n has n in row n, -1 in all before and in the last, over √(n (n + 1))"""
    w = [value / mp.sqrt(n * (n + 1)) for n, value in enumerate(x, 1)]
    return [n * value - mp.fsum(w[n:]) for n, value in enumerate(w, 1)] + [-mp.fsum(w)]


def zero_sum_transpose(z: Vec) -> Vec:
    """Its transpose"""
    return [(n * z[n - 1] - mp.fsum(z[: n - 1]) - z[-1]) / mp.sqrt(n * (n + 1)) for n in range(1, len(z))]


def zero_sum_forward(sizes: Sizes, x: Vec) -> Vec:
    """The raw of Stan is a matrix of M - 1 rows, read by columns: down its columns, then along its rows."""
    down = transposed([zero_sum(column) for column in in_rows(x, sizes[0] - 1)])
    return flat([zero_sum(row) for row in down])


def zero_sum_inverse(sizes: Sizes, y: Vec) -> Vec:
    rows = [zero_sum_transpose(row) for row in in_rows(y, sizes[1])]
    return flat([zero_sum_transpose(column) for column in transposed(rows)])


ZERO_SUM = Map(
    zero_sum_forward,
    zero_sum_inverse,
    lambda sizes, x: mp.mpf(0),
    lambda sizes, x: [mp.mpf(0)] * len(x),
    lambda sizes, x, g: zero_sum_inverse(sizes, g),
)


# ---- Cayley: rotations and orthonormal columns ------------------------------------------------------------------------


def below(n: int, k: int) -> list[tuple[int, int]]:
    """Where raw stands in the skew matrix: below the diagonal, in its first k columns."""
    return [(i, j) for i in range(n) for j in range(min(i, k))]


def resolvent(n: int, k: int, x: Vec) -> mp.matrix:
    """(I - X/2)⁻¹"""
    a = mp.eye(n)
    for (i, j), value in zip(below(n, k), x, strict=True):
        a[i, j] -= value / 2
        a[j, i] += value / 2
    return a**-1


def cayley_forward(n: int, k: int, x: Vec) -> Vec:
    """(I - X/2)⁻¹ (I + X/2) = 2 (I - X/2)⁻¹ - I, its first k columns"""
    q = 2 * resolvent(n, k, x) - mp.eye(n)
    return [q[i, j] for i in range(n) for j in range(k)]


def cayley_inverse(n: int, k: int, y: Vec) -> Vec:
    """With W = 2 (I + Y₁)⁻¹: the skew part of -W, twice; and Y₂ W"""
    rows = in_rows(y, k)
    w = 2 * (mp.matrix(rows[:k]) + mp.eye(k)) ** -1
    rest = mp.matrix(rows[k:]) * w if n > k else None
    return [w[j, i] - w[i, j] if i < k else rest[i - k, j] for i, j in below(n, k)]


def cayley_log_det(n: int, k: int, x: Vec) -> Real:
    """K (K - 1)/4 log 2 - (N - 1) log det(I - X/2)"""
    return mp.mpf(k * (k - 1)) / 4 * mp.log(2) + (n - 1) * mp.log(mp.det(resolvent(n, k, x)))


def cayley_log_det_gradient(n: int, k: int, x: Vec) -> Vec:
    """∂ log det(I - X/2) = -½ tr((I - X/2)⁻¹ ∂X)"""
    m = resolvent(n, k, x)
    return [(n - 1) * (m[j, i] - m[i, j]) / 2 for i, j in below(n, k)]


def cayley_pullback(n: int, k: int, x: Vec, g: Vec) -> Vec:
    """dY = (I - X/2)⁻¹ dX (I - X/2)⁻¹"""
    m, weights = resolvent(n, k, x), mp.zeros(n, n)
    for position, value in enumerate(g):
        weights[position // k, position % k] = value
    t = m.T * weights * m.T
    return [t[i, j] - t[j, i] for i, j in below(n, k)]


ROTATION = Map(
    lambda sizes, x: cayley_forward(sizes[0], sizes[0], x),
    lambda sizes, y: cayley_inverse(sizes[0], sizes[0], y),
    lambda sizes, x: cayley_log_det(sizes[0], sizes[0], x),
    lambda sizes, x: cayley_log_det_gradient(sizes[0], sizes[0], x),
    lambda sizes, x, g: cayley_pullback(sizes[0], sizes[0], x, g),
)
STIEFEL = Map(
    lambda sizes, x: cayley_forward(*sizes, x),
    lambda sizes, y: cayley_inverse(*sizes, y),
    lambda sizes, x: cayley_log_det(*sizes, x),
    lambda sizes, x: cayley_log_det_gradient(*sizes, x),
    lambda sizes, x, g: cayley_pullback(*sizes, x, g),
)


# ---- subspaces ----------------------------------------------------------------------------------------------------------


def graph(sizes: Sizes, x: Vec) -> mp.matrix:
    """[I; X]"""
    n, k = sizes
    return mp.matrix([[mp.mpf(i == j) for j in range(k)] for i in range(k)] + in_rows(x, k)[: n - k])


def grassmann_forward(sizes: Sizes, x: Vec) -> Vec:
    """[I; X] R⁻¹ with RᵀR = I + XᵀX: by Cholesky, with digits to spare for the square"""
    with mp.workdps(120):
        stacked = graph(sizes, x)
        y = stacked * (mp.cholesky(stacked.T * stacked).T) ** -1
        return [y[i, j] for i in range(sizes[0]) for j in range(sizes[1])]


def grassmann_inverse(sizes: Sizes, y: Vec) -> Vec:
    k = sizes[1]
    rows = in_rows(y, k)
    x = mp.matrix(rows[k:]) * mp.matrix(rows[:k]) ** -1
    return [x[i, j] for i in range(sizes[0] - k) for j in range(k)]


def grassmann_log_det(sizes: Sizes, x: Vec) -> Real:
    n, k = sizes
    stacked = graph(sizes, x)
    return mp.mpf(k * (n - k)) / 2 * mp.log(2) - mp.mpf(n) / 2 * mp.log(mp.det(stacked.T * stacked))


def grassmann_log_det_gradient(sizes: Sizes, x: Vec) -> Vec:
    """∂ log det(I + XᵀX) = 2 X (I + XᵀX)⁻¹"""
    n, k = sizes
    stacked = graph(sizes, x)
    d = stacked * (stacked.T * stacked) ** -1
    return [-n * d[i, j] for i in range(k, n) for j in range(k)]


def grassmann_pullback(sizes: Sizes, x: Vec, g: Vec) -> Vec:
    """By differences of the 60-digit value."""
    return by_differences(lambda v: mp.fdot(g, grassmann_forward(sizes, v)), x)


GRASSMANN = Map(grassmann_forward, grassmann_inverse, grassmann_log_det, grassmann_log_det_gradient, grassmann_pullback)


# ---- rates --------------------------------------------------------------------------------------------------------------


def rates(gap: oracle.Scalar) -> Map:
    """g(x) off the diagonal, minus the sum of the row on it"""

    def off(sizes: Sizes, flat_matrix: Vec) -> Vec:
        k = sizes[0]
        return [flat_matrix[i * k + j] for i in range(k) for j in range(k) if i != j]

    def forward(sizes: Sizes, x: Vec) -> Vec:
        k = sizes[0]
        rows = [[gap.forward(value) for value in row] for row in in_rows(x, k - 1)]
        return flat([[*row[:i], -mp.fsum(row), *row[i:]] for i, row in enumerate(rows)])

    def pullback(sizes: Sizes, x: Vec, g: Vec) -> Vec:
        k = sizes[0]
        own = [g[i * k + i] for i in range(k) for _ in range(k - 1)]
        return [gap.slope(v) * (w - d) for v, w, d in zip(x, off(sizes, g), own, strict=True)]

    return Map(
        forward,
        lambda sizes, y: [gap.inverse(value) for value in off(sizes, y)],
        lambda sizes, x: mp.fsum(map(gap.log_det, x)),
        lambda sizes, x: [gap.log_det_slope(value) for value in x],
        pullback,
    )


# ---- positive determinants ----------------------------------------------------------------------------------------------


def split(k: int, x: Vec) -> tuple[Vec, Rows]:
    """What is below the diagonal, and the triangle of the rest with its diagonal by softplus"""
    rows = in_rows(x, k)
    upper = [[mp.mpf(0)] * i + [oracle.SOFTPLUS.forward(row[i]), *row[i + 1 :]] for i, row in enumerate(rows)]
    return [rows[i][j] for i, j in below(k, k)], upper


def invertible_forward(sizes: Sizes, x: Vec) -> Vec:
    (k,) = sizes
    low, upper = split(k, x)
    y = mp.matrix(in_rows(cayley_forward(k, k, low), k)) * mp.matrix(upper)
    return [y[i, j] for i in range(k) for j in range(k)]


def invertible_inverse(sizes: Sizes, y: Vec) -> Vec:
    """R by Cholesky of YᵀY, with digits to spare for the square; Q = Y R⁻¹"""
    (k,) = sizes
    with mp.workdps(120):
        matrix = mp.matrix(in_rows(y, k))
        r = mp.cholesky(matrix.T * matrix).T
        q = matrix * r**-1
        low = dict(zip(below(k, k), cayley_inverse(k, k, [q[i, j] for i in range(k) for j in range(k)]), strict=True))
        above = {(i, j): oracle.SOFTPLUS.inverse(r[i, j]) if i == j else r[i, j] for i in range(k) for j in range(i, k)}
        return [(low | above)[i, j] for i in range(k) for j in range(k)]


def invertible_log_det(sizes: Sizes, x: Vec) -> Real:
    """Σᵢ (K - i) log Rᵢᵢ + log R′ᵢᵢ - (K - 1) log det(I - A/2)"""
    (k,) = sizes
    low, upper = split(k, x)
    diagonal = mp.fsum((k - 1 - i) * mp.log(upper[i][i]) + oracle.SOFTPLUS.log_det(x[i * k + i]) for i in range(k))
    return diagonal + cayley_log_det(k, k, low) - mp.mpf(k * (k - 1)) / 4 * mp.log(2)


def by_differences(function: Callable[[Vec], Real], x: Vec) -> Vec:
    return [mp.diff(lambda t, i=i: function([*x[:i], t, *x[i + 1 :]]), x[i]) for i in range(len(x))]


INVERTIBLE = Map(
    invertible_forward,
    invertible_inverse,
    invertible_log_det,
    lambda sizes, x: by_differences(lambda v: invertible_log_det(sizes, v), x),
    lambda sizes, x, g: by_differences(lambda v: mp.fdot(g, invertible_forward(sizes, v)), x),
)


# ---- determinant 1 ------------------------------------------------------------------------------------------------------


def special_split(k: int, x: Vec) -> tuple[Vec, mp.matrix]:
    """What is below the diagonal, and R: above its diagonal column by column, on it exp of the Helmert basis of the rest"""
    half = k * (k - 1) // 2
    r, logs = mp.zeros(k, k), oracle.helmert(x[2 * half :])
    for (i, j), value in zip(below(k, k), x[half : 2 * half], strict=True):
        r[j, i] = value
    for i, value in enumerate(logs):
        r[i, i] = mp.exp(value)
    return x[:half], r


def special_forward(sizes: Sizes, x: Vec) -> Vec:
    (k,) = sizes
    low, r = special_split(k, x)
    y = mp.matrix(in_rows(cayley_forward(k, k, low), k)) * r
    return [y[i, j] for i in range(k) for j in range(k)]


def special_inverse(sizes: Sizes, y: Vec) -> Vec:
    """R by Cholesky of YᵀY; its smallest diagonal entry is 1 over the others"""
    (k,) = sizes
    with mp.workdps(120):
        matrix = mp.matrix(in_rows(y, k))
        r = mp.cholesky(matrix.T * matrix).T
        q = matrix * r**-1
        low = cayley_inverse(k, k, [q[i, j] for i in range(k) for j in range(k)])
        logs = [mp.log(r[i, i]) for i in range(k)]
        least = min(range(k), key=lambda i: logs[i])
        logs = [value if i != least else value - mp.fsum(logs) for i, value in enumerate(logs)]
        return [*low, *(r[j, i] for i, j in below(k, k)), *oracle.helmert_transpose(logs)]


def special_log_det(sizes: Sizes, x: Vec) -> Real:
    """Column by column: Rⱼⱼ for each row below j, and for j < K for itself; the minor of the basis is 1/√K"""
    (k,) = sizes
    low, r = special_split(k, x)
    logs = mp.fsum((k - j) * mp.log(r[j, j]) for j in range(k - 1))
    return logs - mp.log(k) / 2 + cayley_log_det(k, k, low) - mp.mpf(k * (k - 1)) / 4 * mp.log(2)


SPECIAL = Map(
    special_forward,
    special_inverse,
    special_log_det,
    lambda sizes, x: by_differences(lambda v: special_log_det(sizes, v), x),
    lambda sizes, x, g: by_differences(lambda v: mp.fdot(g, special_forward(sizes, v)), x),
)


# ---- stable matrices ----------------------------------------------------------------------------------------------------


def stable_split(k: int, x: Vec) -> tuple[mp.matrix, mp.matrix]:
    """The skew A, and L with softplus on its diagonal"""
    half, a, lower = k * (k - 1) // 2, mp.zeros(k, k), mp.zeros(k, k)
    for (i, j), value in zip(below(k, k), x[:half], strict=True):
        a[i, j], a[j, i] = value, -value
    rest = iter(x[half:])
    for i in range(k):
        for j in range(i + 1):
            lower[i, j] = next(rest) if j < i else oracle.SOFTPLUS.forward(next(rest))
    return a, lower


def stable_matrix(sizes: Sizes, x: Vec) -> mp.matrix:
    """-½ (I - A) L Lᵀ"""
    a, lower = stable_split(sizes[0], x)
    return (a - mp.eye(sizes[0])) * lower * lower.T / 2


def stable_forward(sizes: Sizes, x: Vec) -> Vec:
    y = stable_matrix(sizes, x)
    return [y[i, j] for i in range(sizes[0]) for j in range(sizes[0])]


def stable_inverse(sizes: Sizes, y: Vec) -> Vec:
    """From P with Y P + P Yᵀ = -I, one equation for each entry"""
    (k,) = sizes
    with mp.workdps(120):
        matrix, left = mp.matrix(in_rows(y, k)), mp.zeros(k * k, k * k)
        for i in range(k):
            for j in range(k):
                for n in range(k):
                    left[i * k + j, n * k + j] += matrix[i, n]
                    left[i * k + j, i * k + n] += matrix[j, n]
        p = mp.matrix(
            in_rows(list(mp.lu_solve(left, mp.matrix([-mp.mpf(i == j) for i in range(k) for j in range(k)]))), k)
        )
        a, lower = mp.eye(k) + 2 * matrix * p, mp.cholesky(p**-1)
        rest = [oracle.SOFTPLUS.inverse(lower[i, j]) if i == j else lower[i, j] for i in range(k) for j in range(i + 1)]
        return [*(a[i, j] for i, j in below(k, k)), *rest]


def stable_log_det(sizes: Sizes, x: Vec) -> Real:
    """log |det(I - A)| + Σ log ½|λᵢ + λⱼ| + Σ (K - i + 1) log Lᵢᵢ + log L′ᵢᵢ: sums of two eigenvalues by those of Y"""
    (k,) = sizes
    a, lower = stable_split(k, x)
    values = mp.eig(stable_matrix(sizes, x), left=False, right=False)
    sums = mp.fsum(mp.log(abs(values[i] + values[j]) / 2) for i in range(k) for j in range(i))
    ends = [x[k * (k - 1) // 2 + i * (i + 3) // 2] for i in range(k)]
    diagonal = mp.fsum((k - i) * mp.log(lower[i, i]) + oracle.SOFTPLUS.log_det(end) for i, end in enumerate(ends))
    return mp.log(mp.det(mp.eye(k) - a)) + sums + diagonal


STABLE = Map(
    stable_forward,
    stable_inverse,
    stable_log_det,
    lambda sizes, x: by_differences(lambda v: stable_log_det(sizes, v), x),
    lambda sizes, x, g: by_differences(lambda v: mp.fdot(g, stable_forward(sizes, v)), x),
)


def exponential(k: int, x: Vec) -> Vec:
    """exp(A)"""
    a = mp.zeros(k, k)
    for (i, j), value in zip(below(k, k), x, strict=True):
        a[i, j], a[j, i] = value, -value
    y = mp.expm(a, method="taylor")
    return [y[i, j] for i in range(k) for j in range(k)]


# ---- doubly stochastic matrices -----------------------------------------------------------------------------------------


def scaled(sizes: Sizes, x: Vec) -> mp.matrix:
    """exp(Zᵢⱼ + fᵢ + gⱼ) whose rows and columns sum to 1: f from the rows, g by Newton, cut where a step is longer than 1"""
    (k,) = sizes
    z, g = mp.matrix(in_rows(zero_sum_forward((k, k), x), k)), [mp.mpf(0)] * k
    while True:
        y = (z + mp.ones(k, 1) * mp.matrix([g])).apply(mp.exp)
        y = mp.diag([1 / mp.fsum(y[i, :]) for i in range(k)]) * y
        sums = [mp.fsum(y[:, j]) for j in range(k)]
        if max(abs(total - 1) for total in sums) < mp.mpf(10) ** -110:
            return y
        flow = (mp.diag(sums) - y.T * y)[: k - 1, : k - 1]
        step = [*mp.lu_solve(flow, mp.matrix([total - 1 for total in sums[:-1]])), mp.mpf(0)]
        most = max(1, *map(abs, step))
        g = [value - (1 + mp.log(most)) / most * move for value, move in zip(g, step, strict=True)]


def scaled_pullback(y: mp.matrix, g: mp.matrix) -> Vec:
    """dY = Y ∘ (dZ + df 1ᵀ + 1 dgᵀ), whose rows and columns sum to 0: the multipliers of these; then raw's orthonormal basis"""
    k = y.rows
    whole, sums = mp.eye(2 * k), mp.zeros(2 * k, 1)
    for i in range(k):
        for j in range(k):
            whole[i, k + j] = whole[k + j, i] = y[i, j]
            sums[i] += g[i, j] * y[i, j]
            sums[k + j] += g[i, j] * y[i, j]
    free = [*mp.lu_solve(whole[: 2 * k - 1, : 2 * k - 1], sums[: 2 * k - 1]), mp.mpf(0)]
    return zero_sum_inverse((k, k), [y[i, j] * (g[i, j] - free[i] - free[k + j]) for i in range(k) for j in range(k)])


def scaled_log_det(sizes: Sizes, x: Vec) -> Real:
    """Σ log Yᵢⱼ - log det(I - Y′ᵀY′) + (K - 1) log K, of Y′ without its last column, with digits to spare for the difference"""
    (k,) = sizes
    with mp.workdps(120):
        y = scaled(sizes, x)
        rest = y[:, : k - 1]
        return mp.fsum(map(mp.log, y)) - mp.log(mp.det(mp.eye(k - 1) - rest.T * rest)) + (k - 1) * mp.log(k)


def scaled_log_det_gradient(sizes: Sizes, x: Vec) -> Vec:
    """d log_det = Σ dYᵢⱼ/Yᵢⱼ + 2 tr((I - Y′ᵀY′)⁻¹ Y′ᵀ dY′)"""
    (k,) = sizes
    with mp.workdps(120):
        y = scaled(sizes, x)
        rest = y[:, : k - 1]
        g = y.apply(lambda entry: 1 / entry)
        g[:, : k - 1] += 2 * rest * (mp.eye(k - 1) - rest.T * rest) ** -1
        return scaled_pullback(y, g)


def scaled_forward(sizes: Sizes, x: Vec) -> Vec:
    with mp.workdps(120):
        return list(scaled(sizes, x))


def scaled_value_pullback(sizes: Sizes, x: Vec, g: Vec) -> Vec:
    with mp.workdps(120):
        return scaled_pullback(scaled(sizes, x), mp.matrix(in_rows(g, sizes[0])))


DOUBLY_STOCHASTIC = Map(
    scaled_forward,
    lambda sizes, y: zero_sum_inverse((sizes[0], sizes[0]), centred(sizes[0], list(map(mp.log, y)))),
    scaled_log_det,
    scaled_log_det_gradient,
    scaled_value_pullback,
)


def centred(k: int, y: Vec) -> Vec:
    """Less the means of its rows and of its columns"""
    rows = in_rows(y, k)
    mean, down = mp.fsum(y) / (k * k), [mp.fsum(column) / k for column in zip(*rows, strict=True)]
    return [entry - mp.fsum(row) / k - down[j] + mean for row in rows for j, entry in enumerate(row)]


MAPS: dict[tuple[str, str], Map] = {
    ("row_stochastic", "isometric_log_ratio"): by_row(oracle.ILR),
    ("row_stochastic", "stick_breaking"): by_row(oracle.STICK_BREAKING),
    ("column_stochastic", "isometric_log_ratio"): by_column(oracle.ILR),
    ("column_stochastic", "stick_breaking"): by_column(oracle.STICK_BREAKING),
    ("zero_sum_matrix", "isometric"): ZERO_SUM,
    ("rotation", "cayley"): ROTATION,
    ("stiefel", "cayley"): STIEFEL,
    ("grassmann", "graph"): GRASSMANN,
    ("invertible", "rotation_triangle"): INVERTIBLE,
    ("special_linear", "rotation_triangle"): SPECIAL,
    ("hurwitz", "lyapunov"): STABLE,
    ("doubly_stochastic", "sinkhorn"): DOUBLY_STOCHASTIC,
    ("generator", "exp"): rates(oracle.EXP),
    ("generator", "softplus"): rates(oracle.SOFTPLUS),
}
