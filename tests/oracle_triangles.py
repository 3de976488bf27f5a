"""What the maps of triangular and positive definite matrices compute, to 60 digits: textbook formulas, nothing of `cdsl`.

Raw vectors and matrices are lists of `mp.mpf`. A factor is worked with row by row; `Places` says which entry of raw
stands where.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from tests.oracle import Real, Vec, mp

Matrix = list[Vec]
Places = list[tuple[int, int]]
"""The row and the column of each entry of raw."""


def below(k: int) -> Places:
    """Below the diagonal, row by row."""
    return [(i, j) for i in range(k) for j in range(i)]


def below_by_columns(k: int) -> Places:
    return [(i, j) for j in range(k) for i in range(j + 1, k)]


def triangle(m: int, n: int) -> Places:
    """On and below the diagonal, row by row."""
    return [(i, j) for i in range(m) for j in range(min(i + 1, n))]


def zeros(m: int, n: int) -> Matrix:
    return [[mp.mpf(0)] * n for _ in range(m)]


def identity(k: int) -> Matrix:
    return [[mp.mpf(i == j) for j in range(k)] for i in range(k)]


def filled(raw: Vec, places: Places, matrix: Matrix) -> Matrix:
    for x, (i, j) in zip(raw, places, strict=True):
        matrix[i][j] = x
    return matrix


def read(matrix: Matrix, places: Places) -> Vec:
    return [matrix[i][j] for i, j in places]


def flat(matrix: Matrix) -> Vec:
    return list(chain.from_iterable(matrix))


def outer(factor: Matrix) -> Matrix:
    """L Lᵀ"""
    return [[mp.fdot(row, other) for other in factor] for row in factor]


def outer_pullback(factor: Matrix, g: Matrix) -> Matrix:
    """(G + Gᵀ) L"""
    k = len(factor)
    columns = list(zip(*factor, strict=True))
    return [[mp.fdot([g[i][m] + g[m][i] for m in range(k)], column) for column in columns] for i in range(k)]


def log_sech(x: Real) -> Real:
    with mp.workdps(mp.dps + (700 if abs(x) < 1e-15 else 0)):
        return -mp.log(mp.cosh(x)) if abs(x) < 50 else mp.log(2) - abs(x) - mp.log1p(mp.exp(-2 * abs(x)))


def tanh_factor(raw: Vec, places: Places, k: int) -> Matrix:
    """Lᵢⱼ = tanh(xᵢⱼ) Πₖ₍ₖ﹤ⱼ₎ sech(xᵢₖ)"""
    x, rows = filled(raw, places, zeros(k, k)), []
    for i in range(k):
        row, left = [], mp.mpf(1)
        for j in range(i):
            row.append(mp.tanh(x[i][j]) * left)
            left *= mp.sech(x[i][j])
        rows.append([*row, left, *[mp.mpf(0)] * (k - i - 1)])
    return rows


def tanh_pullback(raw: Vec, places: Places, g: Matrix) -> Vec:
    """In row i: gⱼ sech² xⱼ Π - tanh xⱼ Σₖ₍ₖ﹥ⱼ₎ gₖ Lₖ"""
    k = len(g)
    factor, x, slopes = tanh_factor(raw, places, k), filled(raw, places, zeros(k, k)), zeros(k, k)
    for i in range(k):
        later = g[i][i] * factor[i][i]
        lefts = [mp.mpf(1)]
        for j in range(i):
            lefts.append(lefts[-1] * mp.sech(x[i][j]))
        for j in reversed(range(i)):
            slopes[i][j] = g[i][j] * lefts[j] * mp.sech(x[i][j]) ** 2 - mp.tanh(x[i][j]) * later
            later += g[i][j] * factor[i][j]
    return read(slopes, places)


def tanh_inverse(factor: Matrix, places: Places) -> Vec:
    """sinh xᵢⱼ = Lᵢⱼ over the length of what follows it in its row"""
    return [mp.asinh(factor[i][j] / mp.sqrt(mp.fsum(v * v for v in factor[i][j + 1 : i + 1]))) for i, j in places]


def weighted(weight: Callable[[int, int], int]) -> Callable[[Vec, Places], Real]:
    """Σ w(i, j) log sech xᵢⱼ, i and j from 0"""
    return lambda raw, places: mp.fsum(weight(i, j) * log_sech(x) for x, (i, j) in zip(raw, places, strict=True))


def row_normalized(raw: Vec, k: int) -> Matrix:
    rows = filled(raw, below(k), identity(k))
    lengths = [mp.sqrt(mp.fsum(v * v for v in row)) for row in rows]
    return [[v / length for v in row] for row, length in zip(rows, lengths, strict=True)]


def row_normalized_log_det(raw: Vec, k: int) -> Real:
    """Row i, from 1, is a map of ℝⁱ⁻¹ onto a ball: -½ (i + 1) log(1 + |x|²)"""
    rows = filled(raw, below(k), zeros(k, k))
    with mp.workdps(700):
        return -mp.fsum((i + 2) * mp.log1p(mp.fsum(v * v for v in row)) / 2 for i, row in enumerate(rows))


def log_diagonal(raw: Vec, m: int, n: int) -> Matrix:
    factor = filled(raw, triangle(m, n), zeros(m, n))
    return [[mp.exp(v) if i == j else v for j, v in enumerate(row)] for i, row in enumerate(factor)]
