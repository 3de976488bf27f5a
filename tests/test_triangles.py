"""Triangular and positive definite matrices: the accuracy that is promised, what peers get wrong, and Stan's word.

The goals are those of the design's table of accuracy; where it has none, a comment says what was measured. eps is that
of the dtype; float32 is computed as the library does, through float64 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

import cdsl.runtime  # noqa: F401  binds torch to the maps
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from tests import oracle_triangles as oracle
from tests.oracle import Real, Vec, exact, mp, ulp, ulps

pytestmark = pytest.mark.untraced

DTYPES = [pytest.param(torch.float64, id="float64"), pytest.param(torch.float32, id="float32")]
each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_kind = pytest.mark.parametrize(
    ("kind", "k"), [("ordinary", 2), ("ordinary", 10), ("ordinary", 40), ("extreme", 4)]
)
SIZES = [1e-300, 1e-30, 1e-8, 1.0, 19.5, 20.0, 37.0, 88.0, 300.0, 709.0, 745.0, 1e3, 1e6]


def of(domain: str, via: str) -> Transform:
    return domains()[domain].transforms[via]


@cache
def raws(kind: str, length: int, dtype: torch.dtype) -> list[Tensor]:
    """Ordinary raws, or every extreme as all, first, last, alternating."""
    if kind == "ordinary":
        generator = torch.Generator().manual_seed(length)
        count = max(1, 60 // length)
        return list((3 * torch.randn(count, length, generator=generator, dtype=torch.float64)).to(dtype))
    index = torch.arange(length)
    masks = [index >= 0, index == 0, index == length - 1, index % 2 == 0]
    rows = [
        sign * size * torch.where(mask, 1.0, -1.0 if mask is masks[3] else 0.0).double()
        for size, sign, mask in product(SIZES, (1, -1), masks)
    ]
    return [row.to(dtype) for row in rows]


def compute(transform: Transform, raw: Tensor, *sizes: int) -> tuple[Tensor, Tensor]:
    """Value and log_det as the library computes them."""
    wide = raw.double() if transform.scan else raw
    value, log_det = transform.forward_and_log_det(wide, *sizes)
    return value.to(raw.dtype), log_det.to(raw.dtype)


def invert(transform: Transform, value: Tensor, *sizes: int) -> Tensor:
    wide = value.double() if transform.scan else value
    return transform.inverse(wide, *sizes).to(value.dtype)


def matrix(value: Tensor) -> oracle.Matrix:
    return [exact(row) for row in value]


def eps(dtype: torch.dtype) -> float:
    return torch.finfo(dtype).eps


def off(got: float, true: Real, scale: Real, dtype: torch.dtype, spare: float = 2) -> float:
    """The error in eps of `scale`, beyond so many subnormals."""
    error = max(abs(mp.mpf(got) - true) - spare * ulp(mp.mpf(0), dtype), mp.mpf(0))
    return float(error / scale / eps(dtype)) if error else 0.0


def worst(got: Tensor, true: Vec, scale: Any, dtype: torch.dtype, spare: float = 2) -> float:
    """The largest of the errors in eps of one scale, or of one for each."""
    scales = scale if isinstance(scale, list) else [scale] * len(true)
    rows = zip(got.flatten().tolist(), true, scales, strict=True)
    return max((off(g, t, s, dtype, spare) for g, t, s in rows), default=0.0)


def gradient(result: Tensor, leaf: Tensor) -> Tensor:
    return torch.autograd.grad(result, leaf)[0]


def weights(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.cos(torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape).to(dtype)


# ---- cholesky_corr, corr ---------------------------------------------------------------------------------------------


@each_dtype
@each_kind
def test_cholesky_corr_tanh(kind: str, k: int, dtype: torch.dtype) -> None:
    """Every entry, the diagonal included, to 2 + 3 √K ulp; through float64 it is rounded once."""
    transform, places = of("cholesky_corr", "tanh"), oracle.below(k)
    for raw in raws(kind, len(places), dtype):
        leaf = raw.clone().requires_grad_()
        value, log_det = compute(transform, leaf)
        x = exact(raw)
        true = oracle.tanh_factor(x, places, k)
        goal = 2 + 3 * math.sqrt(k) if dtype == torch.float64 else 0.51
        for got, entry in zip(value.flatten().tolist(), oracle.flat(true), strict=True):
            # of a product of K factors each may have lost half a subnormal
            assert min(ulps(got, entry, dtype), abs(got - entry) / ulp(mp.mpf(0), dtype) - k / 2) <= goal
            assert got != 0 or abs(entry) <= k * ulp(mp.mpf(0), dtype)
        total = oracle.weighted(lambda i, j: i - j + 1)(x, places)
        assert off(log_det.item(), total, abs(total), dtype) <= 1.5
        slope = [-(i - j + 1) * mp.tanh(v) for v, (i, j) in zip(x, places, strict=True)]
        assert worst(gradient(log_det, leaf), slope, [i - j + 1 for i, j in places], dtype) <= 2
        g = weights((k, k), dtype)
        value, _ = compute(transform, leaf)
        pulled = oracle.tanh_pullback(x, places, matrix(g))
        # No goal in the table: sums over a row of terms as large as 1. Measured 1.1 eps.
        assert worst(gradient((value * g).sum(), leaf), pulled, mp.mpf(1), dtype, 2 * k) <= 2


@each_dtype
@pytest.mark.parametrize(("spread", "k"), [(3.0, 2), (3.0, 10), (1.0, 40), (60.0, 6)])
def test_cholesky_corr_tanh_inverse(spread: float, k: int, dtype: torch.dtype) -> None:
    """2 eps (1 + |log L|), of the very floats that forward gave; never NaN for a positive diagonal, down to subnormals."""
    transform, places = of("cholesky_corr", "tanh"), oracle.below(k)
    for raw in raws("ordinary", len(places), dtype):
        value = compute(transform, raw * (spread / 3))[0]
        if not (value.diagonal() > 0).all():
            continue
        rows = matrix(value)
        true = oracle.tanh_inverse(rows, places)
        scales = [1 + abs(mp.log(min(abs(v) for v in rows[i][j : i + 1] if v))) for i, j in places]
        assert worst(invert(transform, value), true, scales, dtype) <= 2


@each_dtype
@each_kind
def test_cholesky_corr_row_normalize(kind: str, k: int, dtype: torch.dtype) -> None:
    """No goal in the table: a division, a root, and a sum of K squares. Measured 2.0 ulp at K = 40, and 0.9 eps."""
    transform, places = of("cholesky_corr", "row_normalize"), oracle.below(k)
    for raw in raws(kind, len(places), dtype):
        value, log_det = compute(transform, raw)
        x = exact(raw)
        goal = 2.5 if dtype == torch.float64 else 0.51
        for got, entry in zip(value.flatten().tolist(), oracle.flat(oracle.row_normalized(x, k)), strict=True):
            assert min(ulps(got, entry, dtype), abs(got - entry) / ulp(mp.mpf(0), dtype) - 2) <= goal
        true = oracle.row_normalized_log_det(x, k)
        assert off(log_det.item(), true, abs(true), dtype) <= 1.5
        if (value.diagonal() >= torch.finfo(dtype).tiny).all():
            rows = matrix(value)
            back = [rows[i][j] / rows[i][i] for i, j in places]
            assert worst(invert(transform, value), back, [max(abs(b), mp.mpf(1)) for b in back], dtype) <= 1


@each_dtype
@each_kind
def test_corr(kind: str, k: int, dtype: torch.dtype) -> None:
    """2.5 eps, exactly symmetric, exactly 1 on the diagonal, nothing beyond ±1."""
    transform, places = of("corr", "partial_correlations"), oracle.below_by_columns(k)
    for raw in raws(kind, len(places), dtype):
        leaf = raw.clone().requires_grad_()
        value, log_det = compute(transform, leaf)
        assert torch.equal(value, value.mT)
        assert (value.diagonal() == 1).all()
        assert (value.abs() <= 1).all()
        x = exact(raw)
        factor = oracle.tanh_factor(x, places, k)
        assert worst(value, oracle.flat(oracle.outer(factor)), mp.mpf(1), dtype) <= 2.5
        total = oracle.weighted(lambda i, j: k - j)(x, places)
        assert off(log_det.item(), total, abs(total), dtype) <= 1.5
        slope = [-(k - j) * mp.tanh(v) for v, (i, j) in zip(x, places, strict=True)]
        assert worst(gradient(log_det, leaf), slope, mp.mpf(k), dtype) <= 2
        g = weights((k, k), dtype)
        value, _ = compute(transform, leaf)
        off_diagonal = [[v * (i != j) for j, v in enumerate(row)] for i, row in enumerate(matrix(g))]
        pulled = oracle.tanh_pullback(x, places, oracle.outer_pullback(factor, off_diagonal))
        # No goal in the table: two sums over K terms as large as 1. Measured 0.4 K.
        assert worst(gradient((value * g).sum(), leaf), pulled, mp.mpf(1), dtype, 2 * k) <= 4 + k


# ---- cholesky_cov, cov -----------------------------------------------------------------------------------------------


@each_dtype
@pytest.mark.parametrize(("m", "n"), [(1, 1), (3, 3), (20, 20), (7, 3)])
def test_cholesky_cov(m: int, n: int, dtype: torch.dtype) -> None:
    """1 ulp, 1 eps back, 2 eps of Σ|xᵢᵢ| for the log-Jacobian; what is not on the diagonal is copied."""
    transform, places = of("cholesky_cov", "log_diagonal"), oracle.triangle(m, n)
    for raw in raws("ordinary", len(places), dtype):
        value, log_det = compute(transform, raw, m, n)
        x = exact(raw)
        true = oracle.flat(oracle.log_diagonal(x, m, n))
        assert max(ulps(g, t, dtype) for g, t in zip(value.flatten().tolist(), true, strict=True)) <= 1
        logs = [v for v, (i, j) in zip(x, places, strict=True) if i == j]
        assert off(log_det.item(), mp.fsum(logs), mp.fsum(map(abs, logs)), dtype) <= 2
        back = [
            mp.log(v) if i == j else v for v, (i, j) in zip(oracle.read(matrix(value), places), places, strict=True)
        ]
        assert worst(invert(transform, value, m, n), back, [max(abs(b), mp.mpf(1)) for b in back], dtype) <= 1


@each_dtype
@pytest.mark.parametrize("k", [1, 2, 10, 40])
@pytest.mark.parametrize("domain", ["cov", "precision", "psd"])
def test_cov(domain: str, k: int, dtype: torch.dtype) -> None:
    """2 eps of the largest entry, exactly symmetric; 2 eps of the sum's terms and 1 eps for the log-Jacobian."""
    transform, places = of(domain, "log_cholesky"), oracle.triangle(k, k)
    for raw in raws("ordinary", len(places), dtype)[:: 1 if domain == "cov" else 9]:
        leaf = raw.clone().requires_grad_()
        value, log_det = compute(transform, leaf)
        assert torch.equal(value, value.mT)
        x = exact(raw)
        factor = oracle.log_diagonal(x, k, k)
        true = oracle.flat(oracle.outer(factor))
        assert worst(value, true, max(map(abs, true)), dtype) <= 2
        terms = [(k - i + 1) * v for v, (i, j) in zip(x, places, strict=True) if i == j]
        total, size = mp.fsum(terms) + k * mp.log(2), mp.fsum(map(abs, terms))
        assert off(log_det.item(), total, size + 1, dtype) <= 2
        g = weights((k, k), dtype)
        pulled = oracle.outer_pullback(factor, matrix(g))
        slopes = [p * (f if i == j else 1) for (i, j), p, f in each_entry(places, pulled, factor)]
        # No goal in the table: sums over K terms as large as the largest entry. Measured 0.3 K.
        largest = max(map(abs, true)) + max(abs(f) for f in oracle.flat(factor))
        assert worst(gradient((value * g).sum(), leaf), slopes, largest, dtype) <= 2 + k / 2


def each_entry(places: oracle.Places, *matrices: oracle.Matrix) -> Iterator[tuple[tuple[int, int], Real, Real]]:
    for i, j in places:
        yield (i, j), *(one[i][j] for one in matrices)  # type: ignore[misc]  # two matrices


@each_dtype
@pytest.mark.parametrize("k", [2, 10])
def test_cov_lkj(k: int, dtype: torch.dtype) -> None:
    """The goals of `corr`, times the scales; and its log-Jacobian beside that of the scales, (K + 1) Σ xᵢ + K log 2."""
    transform, places = of("cov", "lkj"), oracle.below_by_columns(k)
    for raw in raws("ordinary", len(places) + k, dtype):
        value, log_det = compute(transform, raw)
        assert torch.equal(value, value.mT)
        x = exact(raw)
        scales = [mp.exp(v) for v in x[:k]]
        rows = zip(scales, oracle.tanh_factor(x[k:], places, k), strict=True)
        products = oracle.outer([[s * v for v in row] for s, row in rows])
        pairs = [a * b for a, b in product(scales, scales)]
        assert worst(value, oracle.flat(products), pairs, dtype) <= 2.5 + 2  # two more factors, each of 1 ulp
        rest = oracle.weighted(lambda i, j: k - j)(x[k:], places)
        total = (k + 1) * mp.fsum(x[:k]) + k * mp.log(2) + rest
        assert off(log_det.item(), total, (k + 1) * mp.fsum(map(abs, x[:k])) + k + abs(rest), dtype) <= 2


@each_dtype
@pytest.mark.parametrize("domain", ["cov", "precision"])
def test_lkj_comes_back_from_all_that_is_definite(domain: str, dtype: torch.dtype) -> None:
    """Contract 2, of matrices whose smallest eigenvalue is next to nothing: divided by √(Yᵢᵢ Yⱼⱼ) some were not definite.

    Exactly applied to what `inverse` found, forward is within 3 eps of √(Yᵢᵢ Yⱼⱼ): measured 1.3.
    """
    k, transform = 10, of(domain, "lkj")
    generator, eps = torch.Generator().manual_seed(0), torch.finfo(dtype).eps
    spread = 3.0 if dtype == torch.float64 else 1.0  # at 3 none of float32 is definite
    raw = (spread * torch.randn(300, k * (k + 1) // 2, generator=generator, dtype=torch.float64)).to(dtype)
    value = transform.forward(raw.double()).to(dtype)
    value = value[domains()[domain].contains(value.double())]
    back = transform.inverse(value.double())
    assert len(value) >= 10
    assert back.isfinite().all()
    for one, x in zip(value, map(exact, back), strict=True):
        factor = oracle.tanh_factor(x[k:], oracle.below_by_columns(k), k)
        true = oracle.outer([[mp.exp(log) * v for v in row] for log, row in zip(x, factor, strict=False)])
        sizes = [mp.sqrt(v) for v in exact(one.diagonal())]
        for row, rows, size in zip(true, matrix(one), sizes, strict=True):
            assert max(abs(a - b) / size / s for a, b, s in zip(row, rows, sizes, strict=True)) <= 3 * eps


@each_dtype
@pytest.mark.parametrize(("k", "r"), [(1, 1), (3, 3), (7, 3), (20, 2), (30, 8)])
def test_psd_rank(k: int, r: int, dtype: torch.dtype) -> None:
    """The goals of `cov`; and back to an L whose product is the value to its rounding, each entry beside its row's size.

    No goal in the table for the way back. Measured 19 eps of √(Yᵢᵢ Yⱼⱼ), which is the symmetric eigenvalue problem's.
    """
    transform, places = of("psd_rank", "log_trapezoid"), oracle.triangle(k, r)
    back = []
    for raw in raws("ordinary", len(places), dtype):
        leaf = raw.clone().requires_grad_()
        value, log_det = compute(transform, leaf, k, r)
        assert torch.equal(value, value.mT)
        x = exact(raw)
        factor = oracle.log_diagonal(x, k, r)
        true = oracle.flat(oracle.outer(factor))
        assert worst(value, true, max(map(abs, true)), dtype) <= 2
        terms = [(k - i + 1) * v for v, (i, j) in zip(x, places, strict=True) if i == j]
        assert off(log_det.item(), mp.fsum(terms) + r * mp.log(2), mp.fsum(map(abs, terms)) + 1, dtype) <= 2
        g = weights((k, k), dtype)
        pulled = oracle.outer_pullback(factor, matrix(g))
        slopes = [p * (f if i == j else 1) for (i, j), p, f in each_entry(places, pulled, factor)]
        largest = max(map(abs, true)) + max(abs(f) for f in oracle.flat(factor))
        assert worst(gradient((value * g).sum(), leaf), slopes, largest, dtype) <= 2 + k / 2
        value = value.detach()
        if not domains()["psd_rank"].contains(value.double(), k, r):
            continue  # rounded, the first R rows and columns are not definite any more
        back.append(invert(transform, value, k, r))
        lower = oracle.log_diagonal(exact(back[-1]), k, r)
        scales = [mp.sqrt(true[i * k + i] * true[j * k + j]) for i, j in product(range(k), repeat=2)]
        assert worst(value, oracle.flat(oracle.outer(lower)), scales, dtype) <= 32
    assert back


@each_dtype
@pytest.mark.parametrize(("k", "r"), [(1, 1), (7, 3), (20, 20)])
def test_psd_rank_factor(k: int, r: int, dtype: torch.dtype) -> None:
    """1 ulp of a sum of R products: 1 + √R eps of √(Yᵢᵢ Yⱼⱼ), as far as `low_rank`; and its inverse is one of its factors."""
    transform = of("psd_rank", "factor")
    for raw in raws("ordinary", k * r, dtype):
        leaf = raw.reshape(k, r).clone().requires_grad_()
        value = transform.forward(leaf.double(), k, r).to(dtype)
        true = oracle.outer(matrix(raw.reshape(k, r)))
        scales = [mp.sqrt(true[i][i] * true[j][j]) for i, j in product(range(k), repeat=2)]
        assert worst(value, oracle.flat(true), scales, dtype) <= 1 + math.sqrt(r)
        g = weights((k, k), dtype)
        pulled = oracle.flat(oracle.outer_pullback(matrix(raw.reshape(k, r)), matrix(g)))
        # No goal in the table: sums over 2K terms of one. Measured 0.2 K.
        largest = max(abs(v) for v in exact(raw))
        assert worst(gradient((value * g).sum(), leaf), pulled, largest, dtype) <= 2 + k / 2
        lower = invert(transform, value.detach(), k, r)
        if r < k:
            assert torch.equal(lower, lower.tril())
            assert (lower.diagonal() > 0).all()
            assert worst(value, oracle.flat(oracle.outer(matrix(lower))), scales, dtype) <= 32


def test_a_matrix_of_low_rank_has_its_factor_where_the_textbooks_loses_it() -> None:
    """A = L₁L₁ᵀ, L₂ = B L₁⁻ᵀ of a value that was rounded: its first rows are nearly dependent, the others are not.

    What the textbook's product misses the value by is its rounding times ‖B A⁻¹‖², 1e10 here; ours is within 32 eps.
    """
    transform = of("psd_rank", "factor")
    lower = torch.tensor([[1.0, 0.0], [0.7, 1e-5], [0.3, 0.9], [-0.5, 0.8]], dtype=torch.float64)
    value = transform.forward(lower, 4, 2)
    top = torch.linalg.cholesky(value[:2, :2])
    textbook = torch.cat((top, torch.linalg.solve_triangular(top, value[2:, :2].mT, upper=False).mT))
    assert (textbook @ textbook.mT - value).abs().max() > 1e4 * eps(torch.float64)
    ours = transform.inverse(value, 4, 2)
    assert (ours @ ours.mT - value).abs().max() <= 32 * eps(torch.float64)
    units = torch.tensor([2.0**200, 2.0**-200, 2.0**300, 2.0**-20], dtype=torch.float64)[:, None]
    assert torch.equal(transform.inverse(value * units * units.mT, 4, 2), ours * units)


def test_derivatives_of_the_way_there_and_back_cancel() -> None:
    """Those of the inverse are the textbook's, of raws of ±1 in which nothing is nearly dependent; the second ones too."""
    transform = of("psd_rank", "log_trapezoid")
    raw = torch.tensor([0.3, -0.7, 0.2, 0.5, -1.0, 0.9, 0.1], dtype=torch.float64)

    def there_and_back(raw: Tensor) -> Tensor:
        return transform.inverse(transform.forward(raw, 4, 2), 4, 2)

    slopes = torch.func.jacrev(there_and_back)(raw)
    torch.testing.assert_close(slopes, torch.eye(7, dtype=torch.float64), rtol=0, atol=1e-12)
    second = torch.func.jacrev(torch.func.jacrev(there_and_back))(raw)
    torch.testing.assert_close(second, torch.zeros_like(second), rtol=0, atol=1e-11)


def test_psd_rank_leaves_out_what_its_chart_does_not_tell_apart_and_says_so() -> None:
    """Of rank 2, semidefinite, but its first two rows are one; then one of rank 1, one of rank 3, and an indefinite one."""
    domain = domains()["psd_rank"]
    root = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    indefinite = torch.tensor([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    for value in (root @ root.mT, root[:, :1] @ root[:, :1].mT, indefinite):
        assert not domain.contains(value, 3, 2)
        violation = domain.violation(value.tolist(), 3, 2)
        assert violation is not None
        assert violation.index == (1, 1)
        assert violation.must.endswith("for its first 2 rows and columns to be positive definite")
        for transform in domain.transforms.values():
            assert not transform.inverse(value, 3, 2).isfinite().all()
    full = torch.eye(3, dtype=torch.float64)
    assert domain.residual(full, 3, 2) == 1
    assert "beyond the first 2" in str(domain.violation(full.tolist(), 3, 2))
    assert domain.violation(full.tolist(), 3, 3) is None
    assert "R is at most K" in str(domain.refuse_sizes(2, 3))


def test_an_overflow_of_psd_rank_is_infinite_and_has_no_nan_in_it() -> None:
    """As of `cov`: exp(2x) overflows; the other entries keep their values, the log-Jacobian its digits."""
    for x in (355.0, 400.0, 709.0, 800.0, 1e6):
        raw = torch.tensor([x, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
        value, log_det = of("psd_rank", "log_trapezoid").forward_and_log_det(raw, 3, 1)
        assert value[0, 0] == math.inf
        assert value[1].tolist() == [0, 0, 0]
        assert value[2, 2] == 1
        assert log_det.item() == pytest.approx(4 * x + math.log(2), rel=1e-15)
        assert gradient(log_det, raw).tolist() == [4, 0, 0]
        value, _ = of("psd_rank", "log_trapezoid").forward_and_log_det(raw, 3, 1)
        assert not gradient(value[2, 2] + value[2, 1], raw).isnan().any()


@pytest.mark.parametrize("domain", ["lower_triangular", "unit_lower", "symmetric", "skew"])
def test_what_is_only_moved_is_exact_both_ways(domain: str) -> None:
    (transform,) = domains()[domain].transforms.values()
    raw = raws("ordinary", transform.raw_event((7,))[0], torch.float64)[0]
    value = transform.forward(raw)
    assert torch.equal(transform.inverse(value), raw)
    places = oracle.triangle(7, 7) if len(raw) == 28 else oracle.below(7)
    assert [value[i, j].item() for i, j in places] == raw.tolist()
    assert transform.log_det(raw) == 0


def test_an_eigenvalue_below_0_by_a_millionth_of_the_largest_is_rounding() -> None:
    """And by more than that it is none: the matrix has no lower factor."""
    inverse = domains()["psd"].transforms["lower_factor"].inverse
    near, far = (torch.diag(torch.tensor([1.0, least], dtype=torch.float64)) for least in (-1e-6, -1.5e-6))
    assert inverse(near).tolist() == [1.0, 0.0, 0.0]
    assert inverse(far).isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_log_jacobian_of_row_normalize_is_relatively_exact_near_0(dtype: torch.dtype) -> None:
    """-½ Σᵢ (i + 1) |xᵢ|² to first order, of the rows x below the diagonal; to 8 eps, and the next order."""
    raw = torch.tensor([0.5, -0.25, 1.0], dtype=dtype) * 2.0**-12
    got = domains()["cholesky_corr"].transforms["row_normalize"].log_det(raw).item()
    squares = [0.25 * 2.0**-24, 1.0625 * 2.0**-24]
    expected = -sum(weight * math.log1p(square) / 2 for weight, square in zip((3, 4), squares, strict=True))
    assert abs(got - expected) <= 8 * torch.finfo(dtype).eps * abs(expected)


def test_a_singular_matrix_has_a_lower_factor() -> None:
    """Of rank 1 of 3, and of rank 0: where Cholesky's method divides by 0. Its root loses half of the digits, not Y."""
    transform = of("psd", "lower_factor")
    column = torch.tensor([[1.0], [-2.0], [0.5]], dtype=torch.float64)
    for value in (column @ column.T, torch.zeros(3, 3, dtype=torch.float64)):
        assert domains()["psd"].contains(value)
        raw = transform.inverse(value)
        torch.testing.assert_close(transform.forward(raw), value, rtol=0, atol=4e-15)
    assert transform.inverse(column @ column.T - torch.eye(3, dtype=torch.float64)).isnan().all()


# ---- what peers get wrong, on the very inputs: accuracy.md, section 3 ------------------------------------------------


def test_peers_1_stan_loses_the_diagonal() -> None:
    """Raw 19.5: Stan has L₂₂ = 0, a density of -∞ and a gradient of ∞; at raw 18 it is off by 0.044."""
    for domain, via, first in (("cholesky_corr", "tanh", 2), ("corr", "partial_correlations", 2)):
        for x, last, density in ((19.5, 6.796e-9, -37.6137), (18.0, 3.046e-8, -34.6137)):
            raw = torch.tensor([x], dtype=torch.float64, requires_grad=True)
            value, log_det = of(domain, via).forward_and_log_det(raw)
            assert log_det.item() == pytest.approx(density, abs=1e-4)
            assert gradient(log_det, raw).item() == pytest.approx(-first, rel=5e-16, abs=0)
            if domain == "cholesky_corr":
                assert value[1, 1].item() == pytest.approx(last, rel=1e-3)
                torch.testing.assert_close(of(domain, via).inverse(value), raw, rtol=1e-15, atol=0)
    raw = 3 * torch.randn(200, 45, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    raw.requires_grad_()
    value, log_det = of("cholesky_corr", "tanh").forward_and_log_det(raw)
    assert (value.diagonal(dim1=-2, dim2=-1) > 0).all()
    assert gradient(log_det.sum(), raw).isfinite().all()


@pytest.mark.parametrize(
    ("dtype", "x", "density"), [(torch.float32, 6.0, -74.2959), (torch.float64, 12.0, -158.2959)], ids=str
)
def test_peers_2_torch_and_numpyro_clamp_tanh(dtype: torch.dtype, x: float, density: float) -> None:
    """Their log-Jacobian is -∞ and their inverse NaN at raw [0, x, x, x, x, x]; L₂₂ is up to 25 times too large."""
    transform = of("cholesky_corr", "tanh")
    raw = torch.tensor([0.0, *[x] * 5], dtype=dtype, requires_grad=True)
    value, log_det = compute(transform, raw)
    assert log_det.item() == pytest.approx(density, abs=1e-3)
    assert gradient(log_det, raw).isfinite().all()
    torch.testing.assert_close(invert(transform, value.detach()), raw.detach(), rtol=1e-6, atol=0)
    for kind, point, last in ((torch.float32, 10.0, 9.0799859e-5), (torch.float64, 20.0, 4.1223072e-9)):
        value = compute(transform, torch.tensor([point], dtype=kind))[0]
        assert value[1, 1].item() == pytest.approx(last, rel=1e-7)
    for k in (10, 50):
        raw = 3 * torch.randn(50, k * (k - 1) // 2, generator=torch.Generator().manual_seed(k))
        for one in (raw, raw.double()):
            assert compute(transform, one)[1].isfinite().all()


def test_peers_13_products_that_are_not_symmetric() -> None:
    """torch's L @ L.mT is not in 40 of 50 matrices; and no peer's correlation matrix has 1 on its diagonal."""
    for dtype in (torch.float32, torch.float64):
        generator = torch.Generator().manual_seed(0)
        for domain, length in (("cov", 55), ("corr", 45)):
            raw = (3 * torch.randn(50, length, dtype=torch.float64, generator=generator)).to(dtype)
            value = compute(of(domain, domains()[domain].default), raw)[0]
            assert torch.equal(value, value.mT)
            if domain == "corr":
                assert (value.diagonal(dim1=-2, dim2=-1) == 1).all()


def test_peers_18_a_matrix_without_a_factor_is_said_to_have_none() -> None:
    """K = 50, raw 3 N(0, 1): Stan's inverse is off by 1.4e3 and says nothing, torch raises. Ours is NaN, or one whose
    product is the matrix: to K eps of its largest entry, which is what Cholesky's method promises."""
    for domain in ("cov", "corr"):
        transform = of(domain, domains()[domain].default)
        (length,) = transform.raw_event((50,))
        raw = 3 * torch.randn(20, length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        value = transform.forward(raw)
        back = transform.inverse(value)
        none = back.isnan().any(-1)
        assert back[none].isnan().all()
        again = transform.forward(back[~none])
        size = value[~none].abs().amax((-2, -1), keepdim=True)
        assert ((again - value[~none]).abs() <= 50 * eps(torch.float64) * size).all()
    indefinite = torch.tensor([[1.0, 2.0], [2.0, 1.0]], dtype=torch.float64)
    for domain in ("cov", "corr", "precision", "psd"):
        for transform in domains()[domain].transforms.values():
            assert transform.inverse(indefinite).isnan().all()
        assert not domains()[domain].contains(indefinite)


def test_an_overflow_is_infinite_and_has_no_nan_in_it() -> None:
    """exp(2x) overflows, and 0 · ∞ is in the product; the other entries keep their values, the log-Jacobian its digits."""
    for x in (355.0, 400.0, 709.0, 800.0, 1e6):
        raw = torch.tensor([x, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
        value, log_det = of("cov", "log_cholesky").forward_and_log_det(raw)
        assert value[0, 0] == math.inf
        assert value[1, 0] == 0
        assert value[1, 1].item() == pytest.approx(math.exp(2.0))
        assert log_det.item() == pytest.approx(3 * x + 2 + 2 * math.log(2))
        assert gradient(log_det, raw).tolist() == [3, 0, 2]
        value, _ = of("cov", "log_cholesky").forward_and_log_det(raw)
        assert not gradient(value[1, 1] + value[1, 0], raw).isnan().any()


# ---- Stan ------------------------------------------------------------------------------------------------------------

STAN = [
    ("cholesky_factor_corr[{0}]", "cholesky_corr", "tanh"),
    ("corr_matrix[{0}]", "corr", "partial_correlations"),
    ("cholesky_factor_cov[{0}]", "cholesky_cov", "log_diagonal"),
    ("cov_matrix[{0}]", "cov", "log_cholesky"),
]


@cache
def declared(declaration: str) -> Any:
    stanli = pytest.importorskip("stanli")
    return stanli.Model(stan_code=f"parameters {{ {declaration} y; }} model {{ }}")


def assert_is_stans(declaration: str, transform: Transform, sizes: tuple[int, ...], given: tuple[int, ...]) -> None:
    """Log-Jacobian and gradient at raws of the size of Stan's own starts, and its unconstrained values of ours."""
    (length,) = transform.raw_event(sizes)
    generator = torch.Generator().manual_seed(length)
    # Beyond, Stan's own 1 - Σ squares cancels: it is accurate to 1e-9 where a row keeps some of its length.
    spread = 1.0 if sizes[0] <= 10 else 0.3
    raw = (spread * torch.randn(length, dtype=torch.float64, generator=generator)).requires_grad_()
    value, log_det = transform.forward_and_log_det(raw, *given)
    density, slope = declared(declaration).log_prob_grad(raw.detach().numpy())
    torch.testing.assert_close(log_det.item(), density, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(gradient(log_det, raw), torch.as_tensor(slope), rtol=1e-9, atol=1e-9)
    value = value.detach()
    theirs = torch.as_tensor(declared(declaration).unconstrain({"y": value.tolist()}))
    torch.testing.assert_close(transform.inverse(value, *given), theirs, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(theirs, raw.detach(), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(("declaration", "domain", "via"), STAN, ids=[row[1] for row in STAN])
@pytest.mark.parametrize("k", [2, 3, 10, 50])
def test_stans_square_matrices(declaration: str, domain: str, via: str, k: int) -> None:
    given = (k, k) if domains()[domain].sized else ()
    assert_is_stans(declaration.format(k), of(domain, via), given or (k,), given)


@pytest.mark.parametrize(("m", "n"), [(4, 2), (5, 1), (50, 7)])
def test_stans_rectangular_factors(m: int, n: int) -> None:
    assert_is_stans(f"cholesky_factor_cov[{m}, {n}]", of("cholesky_cov", "log_diagonal"), (m, n), (m, n))
