"""Extreme raws: a part of the grid of `benchmarks/extremes.py`, counted again; and what its page shows is what it found."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import pytest
import torch

from benchmarks import extremes
from benchmarks.accuracy.rows import ROWS
from benchmarks.accuracy.sides import Side, ours
from tests.conftest import THOROUGH
from tests.oracle import mp
from tests.oracle_matrices import scaled, scaled_pullback

FOUND = json.loads(extremes.COUNTS.read_text(encoding="utf-8"))
SHOWN = {(one["map"], one["dtype"]): one["sides"]["cdsl"] for one in FOUND}
WRONG = ("value", "log_det", "gradient", "log_det_gradient", "outside")
MEASURED = [row for row in ROWS if extremes.is_measured(row)]
pytestmark = pytest.mark.untraced


OVERFLOWED = (
    "cholesky_cov[3, 3] via log_diagonal", "descending[10]", "generator[3] via exp", "ordered[10]", "positive_ordered[10]",
    "zero_sum[10] via isometric",
)  # fmt: skip
"""Maps whose sums once overflowed on the way."""


def some(row, dtype, many=12):
    """Rows from all over, the same ones every time."""
    raw = extremes.raws(row, dtype)
    return raw if THOROUGH else raw[:: max(1, len(raw) // many)]


def farthest(row, dtype):
    """The raws with the largest number of the dtype in them."""
    raw = extremes.raws(row, dtype)
    return raw[(raw.abs() == torch.finfo(dtype).max).flatten(1).any(1)]


@pytest.mark.parametrize("dtype", extremes.DTYPES, ids=str)
def test_no_more_is_wrong_at_extreme_raws_than_the_page_says(dtype):
    for row in MEASURED:
        found = extremes.count(row, ours(row), some(row, dtype))
        shown = SHOWN[str(row), str(dtype).removeprefix("torch.")]
        for figure in WRONG:
            assert found.get(figure, 0) <= shown.get(figure, 0), (row, dtype, figure, found)


@pytest.mark.parametrize("dtype", extremes.DTYPES, ids=str)
def test_no_sum_overflows_on_the_way(dtype):
    for row in MEASURED:
        if str(row).startswith(OVERFLOWED):
            found = extremes.count(row, replace(ours(row), pullback=None), farthest(row, dtype))
            assert not any(found.get(figure, 0) for figure in WRONG), (row, found)


def test_what_low_rank_has_no_number_for_overflows():
    """A NaN, or an infinity: the page counts both, as the terms of such a sum overflow with opposite signs."""
    row = next(row for row in MEASURED if row.domain == "low_rank")
    m = row.sizes[0]
    for dtype in extremes.DTYPES:
        raw = extremes.raws(row, dtype)
        value = ours(row).forward(raw)
        at = (~value.isfinite()).nonzero().tolist()
        assert at
        for k, i, j in at:
            left, right = raw[k, i].tolist(), raw[k, m + j].tolist()
            exact = sum(Fraction(a) * Fraction(b) for a, b in zip(left, right, strict=True))
            assert abs(exact) > Fraction(torch.finfo(dtype).max), (dtype, k, i, j)


def test_what_is_multiplied_by_a_zero_of_the_rotation_is_not_seen():
    """Entry 0, 2 of that rotation is 0, and of the triangle below it e^57; 1e-17 of rounding would make 1e8 of it."""
    row = next(row for row in MEASURED if row.domain == "special_linear")
    raw = (-15.0, 150.0, -20.0, -710.0, -37.0, -3.0, 1.0, -70.0)
    got = ours(row).forward(torch.tensor([raw], dtype=torch.float64))[0, 0, 2].item()
    assert got == pytest.approx(float(extremes.Exact(row, torch.float64, raw).value()[2]), rel=1e-13)


@pytest.mark.parametrize("raw", [(60.0, -20.0, 10.0, 35.0), (-30.0, 44.0, 25.0, -41.0), (7.0, -8.0, 20.0, 50.0)])
def test_the_leading_term_of_a_doubly_stochastic_gradient_is_nearly_all_of_it(raw):
    row = next(row for row in MEASURED if row.domain == "doubly_stochastic")
    with mp.workdps(120):
        value = scaled((3,), [mp.mpf(one) for one in raw])
        slope = max(map(abs, scaled_pullback(value, mp.matrix(extremes.weights(row).tolist()))))
    assert slope / 2 < extremes.Exact(row, torch.float64, raw).leading_slope() < 2 * slope


def test_the_page_has_every_map_in_every_dtype_and_is_what_was_found():
    assert set(SHOWN) == {
        (str(row), str(dtype).removeprefix("torch.")) for row in MEASURED for dtype in extremes.DTYPES
    }
    assert extremes.page(FOUND) in extremes.DOCS.read_text(encoding="utf-8")


def test_what_is_wrong_is_counted():
    """A sigmoid that is clamped to its bounds, one that overflows, and a log-det that does."""
    row = next(row for row in ROWS if str(row) == "prob via logistic")
    raw = extremes.raws(row, torch.float32)

    def naive(raw):
        return torch.exp(raw) / (1 + torch.exp(raw))

    def log_det(raw):
        leaf = raw.clone().requires_grad_()
        total = torch.log(naive(leaf) * (1 - naive(leaf)))
        return total.detach(), torch.autograd.grad(total.sum(), leaf)[0]

    def pullback(raw, weights):
        leaf = raw.clone().requires_grad_()
        return torch.autograd.grad((naive(leaf) * weights).sum(), leaf)[0]

    found = extremes.count(row, Side(naive, log_det, None, pullback), raw)
    assert all(found[figure] > 5 for figure in ("value", "log_det", "gradient", "log_det_gradient")), found
    outside = extremes.count(row, Side(lambda raw: torch.where(raw > 1, 1.0, torch.sigmoid(raw)), None, None), raw)
    assert outside["outside"] > 5, outside
    flat = extremes.count(row, Side(None, None, None, lambda raw, weights: torch.zeros_like(raw)), raw)
    assert flat["zero"] == len(raw) > flat["zero_exactly"], flat


def test_the_grid_has_79_points_of_which_float16_holds_75():
    assert [len(extremes.grid(dtype)) for dtype in extremes.DTYPES] == [75, 79, 79, 79]
    assert all(math.isfinite(one) for one in extremes.grid(torch.bfloat16).tolist())
