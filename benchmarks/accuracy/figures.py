"""The errors of a side on a row's raws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from benchmarks.accuracy.rows import SPREAD, Row
from benchmarks.accuracy.sides import Side
from benchmarks.accuracy.truth import truth_of
from cdsl.constraints import domains
from tests import oracle
from tests.oracle import Real, Vec, exact, mp

GRID = [1e-300, 1e-30, 1e-8, 1.0, 10.0, 20.0, 37.0, 50.0, 88.0, 100.0, 300.0, 709.0, 745.0, 1e3, 1e6]
DIGITLESS = 1e15
"""Relative errors in eps from which nothing of a float64 is right."""


def raws(row: Row, kind: str, dtype: torch.dtype) -> Tensor:
    """Numbers `(many,)`, or raws of vectors and matrices `(many, *raw event)`."""
    shape = row.of.raw_event(row.sizes)
    length, sizes = math.prod(shape), [sign * size for size in GRID for sign in (1, -1)]
    if kind == "ordinary":
        many = max(2, 200 // length) if shape else 400
        generator = torch.Generator().manual_seed(row.sizes[0] if row.sizes else 0)
        drawn = torch.randn(many, *shape, dtype=torch.float64, generator=generator)
        return (SPREAD.get(row.domain, 3.0) * drawn).to(dtype)
    if not shape:
        held = torch.tensor(sizes, dtype=torch.float64).to(dtype)
        return held[held.isfinite()]
    index = torch.arange(length)
    patterns = [index >= 0, index == 0, index == length - 1]
    signs = torch.where(index % 2 == 0, 1.0, -1.0).double()
    rows = [torch.where(pattern, size, 0.0).double() for size in sizes for pattern in patterns]
    all_rows = torch.stack(rows + [size * signs for size in sizes]).to(dtype)
    return all_rows[all_rows.any(-1)].unflatten(-1, shape)  # 1e-300 is 0 in float32, and 0 has no direction


@dataclass
class Figures:
    """The worst errors of one side; None where there is nothing to measure."""

    value: float | None = None
    log_det: float | None = None
    slope: float | None = None
    back: float | None = None


def measure(row: Row, side: Side, raw: Tensor) -> Figures:
    """One side on these raws."""
    found, dtype = Figures(), raw.dtype
    eps, most = torch.finfo(dtype).eps, torch.finfo(dtype).max
    truth = truths(row, tuple(raw.flatten().tolist()), len(raw), dtype)
    if side.forward is not None:
        value = side.forward(raw)
        pairs = zip(value.reshape(len(raw), -1).tolist(), truth["value"], strict=True)
        found.value = worst(error for gots, trues in pairs for error in value_errors(row, gots, trues, dtype))
        if side.inverse is not None:
            found.back = back(row, side, value)
    if side.log_det is not None:
        total, slope = side.log_det(raw)
        singles = zip(total.tolist(), truth["log_det"], strict=True)
        found.log_det = worst(off(got, true, max(abs(true), 1), eps) for got, true in singles if abs(true) < most)
        if truth["slope"]:
            rows = zip(slope.reshape(len(raw), -1).tolist(), truth["slope"], strict=True)
            found.slope = worst(error for gots, trues in rows for error in beside_largest(gots, trues, dtype))
    return found


def beside_largest(gots: Iterable[Any], trues: Vec, dtype: torch.dtype, least: float = 1.0) -> list[float]:
    """In eps of the largest of them, or of a number that is larger; where there is no truth, or it overflows, nothing."""
    pairs = [(got, true) for got, true in zip(gots, trues, strict=True) if not mp.isnan(true)]
    scale = max([mp.mpf(least), *(abs(true) for _, true in pairs)])
    if scale > torch.finfo(dtype).max:
        return []
    unit = max(scale * torch.finfo(dtype).eps, oracle.ulp(mp.mpf(0), dtype))
    return [off(got, true, unit, 1) for got, true in pairs]


def value_errors(row: Row, gots: Iterable[Any], trues: Vec, dtype: torch.dtype) -> list[float]:
    """Of the entries of one value: in ulp of each, or in eps of the largest of them and the bounds, if that is a number."""
    if row.in_ulp:
        return [oracle.ulps(got, true, dtype) for got, true in zip(gots, trues, strict=True)]
    return beside_largest(gots, trues, dtype, max(map(abs, row.ends), default=0.0))


def back(row: Row, side: Side, value: Tensor) -> float | None:
    """The inverse of what forward gave, where that lies inside the domain; None if nowhere.

    Beside the exact inverse of that very float; or, of a row that says so, the exact value of what was found beside it: but
    not where a side says by NaN alone that it finds nothing, as of a matrix that rounding has left without a factor.
    """
    inside = value[[reached(row, one) for one in value]]
    if not len(inside) or side.inverse is None:
        return None
    dtype, truth = value.dtype, truth_of(row, value.dtype)
    errors = []
    for one, got in zip(inside.reshape(len(inside), -1), side.inverse(inside).reshape(len(inside), -1), strict=True):
        if not row.back_to_value:
            assert truth.inverse is not None
            pairs = zip(got.tolist(), truth.inverse(exact(one)), strict=True)
            errors += [off(a, b, max(abs(b), 1), torch.finfo(dtype).eps) for a, b in pairs]
        elif got.isfinite().all():
            errors += value_errors(row, truth.forward(exact(got)), exact(one), dtype)
        elif not got.isnan().all():
            errors.append(math.inf)
    return worst(errors)


def reached(row: Row, value: Tensor) -> bool:
    """Whether a value lies in the domain, and not on that part of its boundary which no raw of a bijection gives."""
    domain = domains()[row.domain]
    if not domain.contains(value.double(), *row.given):
        return False
    return not (row.of.bijective and domain.unreached(value.tolist(), *row.arguments))


@cache
def truths(row: Row, flat: tuple[float, ...], many: int, dtype: torch.dtype) -> dict[str, Any]:
    """What the oracle says of these raws."""
    rows = [exact(one) for one in torch.tensor(flat, dtype=torch.float64).reshape(many, -1)]
    truth = truth_of(row, dtype)
    return {
        "value": list(map(truth.forward, rows)),
        "log_det": list(map(truth.log_det, rows)) if truth.log_det else None,
        "slope": list(map(truth.slope, rows)) if truth.slope else None,
    }


def off(got: Any, true: Real, scale: Real, eps: float) -> float:
    """The error in eps of a scale."""
    return float(abs(mp.mpf(got) - true) / scale / eps) if mp.isfinite(got) else math.inf


def worst(errors: Iterable[float]) -> float | None:
    """The largest; what has no digits left is as good as infinite, and of nothing there is none."""
    largest = max(errors, default=None)
    if largest is None:
        return None
    return math.inf if math.isnan(largest) or largest > DIGITLESS else largest
