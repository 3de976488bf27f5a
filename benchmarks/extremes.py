"""Maps at extreme raws, beside torch, NumPyro and Stan: `python -m benchmarks.extremes`.

Of every transform of the registry, in four dtypes: what is not finite although the exact result is a number of the dtype,
what lies outside of the domain although the exact value does not, and how many gradients are zero. What is exact, the oracles
of the tests say to 60 digits, asked where a side's result is suspect. `--write` keeps the counts in `extremes.json` and renews
`docs/extremes.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.accuracy.rows import ROWS, Row
from benchmarks.accuracy.sides import SIDES, Side, ours, sides_of
from benchmarks.accuracy.truth import Truth, truth_of
from cdsl.constraints import domains
from cdsl.constraints.base import Domain
from tests import oracle
from tests.oracle import Vec, mp
from tests.oracle_matrices import zero_sum_forward, zero_sum_inverse

COUNTS = Path(__file__).with_name("extremes.json")
DOCS = Path(__file__).parents[1] / "docs" / "extremes.md"
BEGIN, END = "<!-- python -m benchmarks.extremes --write -->", "<!-- end -->"

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
SIZES = (
    *(1, 2, 3, 5, 8, 10, 15, 17, 20, 25, 30, 37, 40, 50, 60, 70, 80, 88, 89, 100, 104, 150, 200, 300, 400, 500, 600, 700),
    *(709, 710, 745, 746, 800, 1e3, 1e6, 1e30),
)  # fmt: skip
"""Beside eps, the largest and the smallest normal number of the dtype: 39 sizes, 79 points with both signs and 0."""
COMBINED = 4
"""Random combinations of points of the grid for each point of it."""
FIGURES = ("value", "log_det", "gradient", "log_det_gradient", "outside", "zero", "zero_exactly")


# -- raws --------------------------------------------------------------------------------------------------------------


def grid(dtype: torch.dtype) -> Tensor:
    """0, and numbers of either sign, as far as the dtype holds them."""
    info = torch.finfo(dtype)
    sizes = (info.eps, *SIZES, info.max, info.tiny)
    held = torch.tensor([0.0, *(sign * size for size in sizes for sign in (1, -1))], dtype=torch.float64).to(dtype)
    return held[held.isfinite()]


def raws(row: Row, dtype: torch.dtype) -> Tensor:
    """The grid; of vectors and matrices all entries alike, random combinations, one entry that is not 0, alternating signs."""
    numbers, shape = grid(dtype), row.of.raw_event(row.sizes)
    if not shape:
        return numbers
    many, length = len(numbers), math.prod(shape)
    generator = torch.Generator().manual_seed(0)
    drawn = numbers[torch.randint(many, (COMBINED * many, length), generator=generator)]
    first = torch.nn.functional.one_hot(torch.tensor(0), length).to(dtype)
    signs = torch.tensor([(-1.0) ** k for k in range(length)], dtype=dtype)
    patterned = [numbers[:, None] * pattern for pattern in (torch.ones_like(signs), first, first.flip(0), signs)]
    return torch.cat([patterned[0], drawn, *patterned[1:]]).reshape(-1, *shape)


SUMS_KNOWN = {"doubly_stochastic", "zero_sum_matrix"}
"""Whose rows and columns have sums that do not change: nor would theirs with weights that are one of the row and one of the column."""


def weights(row: Row) -> Tensor:
    """Of the entries of a value, so that their sum has a gradient: unlike, and smaller in all than one."""
    many = math.prod(row.event)
    if many == 1:
        return torch.ones(row.event)
    rising = torch.linspace(0.5, 1.0, many, dtype=torch.float64).reshape(row.event)
    return (rising**3 if row.domain in SUMS_KNOWN else rising) / many


# -- what is exact -----------------------------------------------------------------------------------------------------


class NoAnswerError(Exception):
    """The oracle cannot say."""


UNASKED = {"doubly_stochastic"}
"""Whose oracle, Newton's method to 110 digits, does not end at such raws. Its values lie in [0, 1]; of its gradient there is the
leading term."""


class Exact:
    """A row at one raw, asked when there is a need."""

    def __init__(self, row: Row, dtype: torch.dtype, raw: tuple[float, ...]) -> None:
        self.row, self.dtype = row, dtype
        self.truth: Truth = truth_of(row, dtype)
        self.raw: Vec = [mp.mpf(one) for one in raw]

    def is_held(self, number: Any) -> bool:
        """Whether it is a number of the dtype."""
        return abs(number) <= torch.finfo(self.dtype).max

    def value(self) -> Vec:
        """All entries."""
        self.refuse_unasked()
        with mp.workdps(self.digits):
            return value_of(self.row, self.dtype if self.row.arguments else None, tuple(self.raw))

    @property
    def digits(self) -> int:
        """60; and of matrices twice the digits that the largest raw has, as systems with its square and 1 in them are solved."""
        largest = max(map(abs, self.raw)) if len(self.row.event) > 1 else 1
        return mp.dps + 2 * int(mp.log10(max(largest, 1)))

    def refuse_unasked(self) -> None:
        """Hold the domain against those whose oracle answers.

        Raises:
            NoAnswerError: it does not.
        """
        if self.row.domain in UNASKED:
            raise NoAnswerError

    def has_value(self) -> bool:
        """Whether all of them are numbers of the dtype."""
        return domains()[self.row.domain].bounded or all(map(self.is_held, self.value()))

    def is_inside(self, got: Tensor) -> bool:
        """Whether the exact value lies in the domain once it is rounded, and does so one float nearer to what was got too."""
        rounded = torch.tensor([float(one) for one in self.value()], dtype=torch.float64).to(self.dtype)
        nearer = torch.nextafter(rounded, got.reshape(-1)).reshape(1, *self.row.event)
        return bool(contains(self.row, nearer, closed=False)[0])

    def slopes(self, *, one_sided: bool = False) -> Vec:
        """The gradient of the weighted sum of the value; at a kink the smaller slope of two, where they are asked for."""
        self.refuse_unasked()
        scale = [mp.mpf(one) for one in weights(self.row).reshape(-1).tolist()]
        return differences(
            lambda raw: mp.fdot(scale, self.truth.forward(raw)), self.raw, self.dtype, one_sided=one_sided
        )

    def log_dets(self) -> Vec:
        """The log-det alone."""
        self.refuse_unasked()
        assert self.truth.log_det is not None
        with mp.workdps(self.digits):
            return [self.truth.log_det(self.raw)]

    def log_det_slopes(self) -> Vec:
        """The gradient of the log-det."""
        self.refuse_unasked()
        assert self.truth.log_det is not None
        return self.truth.slope(self.raw) if self.truth.slope else differences(self.truth.log_det, self.raw, self.dtype)

    def is_flat(self) -> bool:
        """Whether the gradient of the value is 0 once it is rounded, or would be one float below."""
        info, key = torch.finfo(self.dtype), (self.row.domain, self.row.transform)
        least = mp.mpf(info.smallest_normal) * info.eps
        if self.row.domain == "doubly_stochastic":
            with mp.workdps(self.digits):
                return bool(self.leading_slope() <= least)
        self.refuse_unasked()
        if not self.row.sizes and key in oracle.SCALARS:
            ends = [mp.mpf(end) for end in torch.tensor(self.row.ends, dtype=torch.float64).to(self.dtype).tolist()]
            return bool(abs(oracle.SCALARS[key].slope(*self.raw, *ends)) <= least)
        if not self.row.sizes:
            return all(abs(one) <= least for one in self.slopes(one_sided=True))
        return bool(abs(self.slope_along()) <= least)

    def slope_along(self) -> Any:
        """That of the value in one direction, to which each entry of raw adds a part of its own: no more than its largest slope."""
        digits, smaller = digits_of(self.dtype)
        with mp.workdps(digits):
            scale, step = [mp.mpf(one) for one in weights(self.row).reshape(-1).tolist()], mp.mpf(10) ** -smaller
            at = [step * (len(self.raw) + k) / (2 * len(self.raw) ** 2) for k in range(len(self.raw))]
            up, down = (
                self.truth.forward([x + sign * h for x, h in zip(self.raw, at, strict=True)]) for sign in (1, -1)
            )
            return mp.fdot(scale, [a - b for a, b in zip(up, down, strict=True)]) / step / 2

    def leading_slope(self) -> Any:
        """The largest entry of the gradient of a weighted sum of a doubly stochastic matrix, by its leading term

        Number its columns so that the permutation of the largest Σ Z is the diagonal. For the entries C of any other cycle of
        length L, Π_C Y is exp(w) times that of the diagonal over the same rows, with w the difference of ΣZ over the two,
        whatever Y is scaled by. Where the diagonal is nearly 1 and no other cycle is in their way, each of them is exp(w / L),
        and the weighted sum changes with w by exp(w / L) / L times the difference of the weights.
        """
        (k,) = self.row.sizes
        z, scale = zero_sum_forward((k, k), self.raw), [mp.mpf(one) for one in weights(self.row).reshape(-1).tolist()]
        best = max(permutations(range(k)), key=lambda to: mp.fsum(z[i * k + to[i]] for i in range(k)))
        found = []
        for length in range(2, k + 1):
            for rows in (rows for rows in permutations(range(k), length) if rows[0] == min(rows)):
                steps = [mp.mpf(0)] * (k * k)
                for i, after in zip(rows, (*rows[1:], rows[0]), strict=True):
                    steps[i * k + best[after]] += 1
                    steps[i * k + best[i]] -= 1
                rate = mp.exp(mp.fdot(steps, z) / length) / length * abs(mp.fdot(steps, scale))
                found.append(rate * max(map(abs, zero_sum_inverse((k, k), steps))))
        return max(found)


def digits_of(dtype: torch.dtype) -> tuple[int, int]:
    """Digits in which 1 less the smallest number of the dtype is not 1, and those of a step that is smaller than it."""
    return (760, 380) if dtype == torch.float64 else (160, 80)


@cache
def value_of(row: Row, dtype: torch.dtype | None, raw: tuple[Any, ...]) -> Vec:
    """Of arguments as they are in the dtype, if there are any."""
    return truth_of(row, dtype or torch.float64).forward([*raw])


def differences(function: Callable[[Vec], Any], raw: Vec, dtype: torch.dtype, *, one_sided: bool = False) -> Vec:
    """The gradient; on either side of a number, the smaller one."""
    digits, smaller = digits_of(dtype)
    with mp.workdps(digits):
        found = []
        for k, one in enumerate(raw):
            step = max(abs(one), mp.mpf(1)) * mp.mpf(10) ** -smaller
            down, at, up = (function([*raw[:k], one + sign * step, *raw[k + 1 :]]) for sign in (-1, 0, 1))
            sides = [(at - down) / step, (up - at) / step]
            found.append(min(sides, key=abs) if one_sided else sum(sides) / 2)
        return found


# -- counts ------------------------------------------------------------------------------------------------------------


def contains(row: Row, value: Tensor, *, closed: bool) -> Tensor:
    """As the laws ask it: by the bounds in the dtype of the value; the closure at its resolution."""
    domain = domains()[row.domain]
    bounds = torch.tensor(row.arguments, dtype=torch.float64).to(value.dtype).tolist()
    wide = domain.inward(value.double(), torch.finfo(value.dtype).eps) if closed else value.double()
    return domain.contains(wide, *bounds, *row.given[len(bounds) :], closed=closed)


def misses(row: Row, value: Tensor) -> Tensor:
    """Whether each value misses the equation of the domain by more than its sum or product may: 4 eps, and log K of them."""
    residual = domains()[row.domain].residual(value.double(), *row.given)
    if residual is None:
        return torch.zeros(len(value), dtype=torch.bool)
    return residual > (4 + math.log2(max(2, math.prod(row.event)))) * torch.finfo(value.dtype).eps


def is_curved(row: Row) -> bool:
    """Whether no rounding of single entries keeps to one side of the boundary: then its closure alone is asked about."""
    return type(domains()[row.domain]).inward is not Domain.inward


def count(row: Row, side: Side, raw: Tensor) -> dict[str, int]:
    """What is wrong with a side on these raws; a figure that it has not is missing."""
    dtype, found, unknown = raw.dtype, dict[str, int](), set[int]()
    rows = [Exact(row, dtype, tuple(one)) for one in raw.reshape(len(raw), -1).tolist()]

    def says(k: int, question: Callable[[Exact], bool]) -> bool:
        """The oracle's answer; False where there is none, which is counted."""
        try:
            return question(rows[k])
        except (NoAnswerError, ZeroDivisionError):  # the latter where a matrix is singular to as many digits as it has
            unknown.add(k)
            return False

    def wrong(got: Tensor, exact: Callable[[Exact], Vec], also: Callable[[Exact], bool] = lambda one: True) -> int:
        """How many rows have NaN, or are infinite where the exact entry is a number of the dtype."""
        flat, total = got.reshape(len(rows), -1), 0

        def is_wrong(one: Exact) -> bool:
            infinite = flat[k].isinf().tolist()
            return also(one) and any(bad and one.is_held(true) for bad, true in zip(infinite, exact(one), strict=True))

        for k in (~flat.isfinite()).any(1).nonzero()[:, 0].tolist():
            total += bool(flat[k].isnan().any()) or says(k, is_wrong)
        return total

    if side.forward is not None:
        value = side.forward(raw)
        finite = value.reshape(len(rows), -1).isfinite().all(1)
        found["value"] = wrong(value, Exact.value)
        outside = finite & (~contains(row, value, closed=True) | misses(row, value))
        edge = finite & ~outside & ~contains(row, value, closed=False) & (not is_curved(row))
        found["outside"] = int(outside.sum())
        for k in edge.nonzero()[:, 0].tolist():
            found["outside"] += says(k, lambda one, got=value[k]: one.is_inside(got))  # type: ignore[misc]
    if side.pullback is not None:
        slope = side.pullback(raw, weights(row).to(dtype)).reshape(len(rows), -1)
        found["gradient"] = wrong(slope, Exact.slopes, Exact.has_value)
        zero = [k for k in (slope == 0).all(1).nonzero()[:, 0].tolist() if says(k, Exact.has_value)]
        found["zero"] = len(zero)
        found["zero_exactly"] = sum(says(k, Exact.is_flat) for k in zero)
    if side.log_det is not None:
        total, slope = side.log_det(raw)
        found["log_det"] = wrong(total, Exact.log_dets)
        found["log_det_gradient"] = wrong(slope, Exact.log_det_slopes)
    found["unknown"] = len(unknown)
    return found


def is_measured(row: Row) -> bool:
    """Numbers, vectors of ten, small matrices."""
    return not row.sizes or row.event == (10,) or (len(row.event) > 1 and max(row.sizes) <= 4)


def lines(rows: Iterable[Row], kept: dict[tuple[str, str], dict[str, Any]] | None = None) -> Iterator[dict[str, Any]]:
    """The table as data; of the other sides than ours, what is kept of them by map and dtype."""
    for row in rows:
        began = time.perf_counter()
        for dtype in DTYPES:
            raw, name_of = raws(row, dtype), str(dtype).removeprefix("torch.")
            found = {} if kept is None else dict(kept.get((str(row), name_of), {}))
            for name, side in (sides_of(row, dtype) if kept is None else {"cdsl": ours(row)}).items():
                if side is None or (name == "numpyro" and dtype not in DTYPES[2:]):
                    continue
                if name == "torch" and row.domain == "rotation":
                    continue  # its solver raises, or does not end
                try:
                    found[name] = count(row, side, raw)
                except RuntimeError as error:  # torch has no kernel of it in this dtype, or refuses one of the raws
                    print(f"{row}, {name}, {dtype}: {error}", file=sys.stderr)
            yield {"map": str(row), "dtype": name_of, "points": len(raw), "sides": found}
        value_of.cache_clear()
        print(f"{time.perf_counter() - began:6.1f} s  {row}", file=sys.stderr, flush=True)


# -- the page ----------------------------------------------------------------------------------------------------------

HEADS = {
    "value": "value", "log_det": "log-det", "gradient": "gradient", "log_det_gradient": "log-det's gradient",
    "outside": "outside", "zero": "zero gradient",
}  # fmt: skip


def cell(side: dict[str, int] | None, figure: str) -> str:
    """A count; of zero gradients with those that are rightly so."""
    if side is None or figure not in side:
        return "-"
    return f"{side[figure]} ({side.get('zero_exactly', '?')})" if figure == "zero" else str(side[figure])


def table(found: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each map and dtype; a column for each figure with the sides in order."""
    head = ["map", "dtype", "points", *(f"{name}: {' / '.join(SIDES)}" for name in HEADS.values())]
    rows = [
        [
            one["map"], one["dtype"], str(one["points"]),
            *(" / ".join(cell(one["sides"].get(side), figure) for side in SIDES) for figure in HEADS),
        ]
        for one in found
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(text.ljust(width) for text, width in zip(row, widths, strict=True))} |"


def totals(found: list[dict[str, Any]]) -> Iterator[str]:
    """Of each side, over the maps that it has: how many points, and how many of them are wrong."""
    yield f"| side | points | {' | '.join(HEADS.values())} |"
    yield f"|{' --- |' * (2 + len(HEADS))}"
    for side in SIDES:
        mine = [one for one in found if side in one["sides"]]
        cells = [str(sum(one["points"] for one in mine))]
        for figure in HEADS:
            has = [one["sides"][side] for one in mine if figure in one["sides"][side]]
            total = {name: sum(one[name] for one in has) for name in FIGURES if all(name in one for one in has)}
            cells.append(cell(total if has else None, figure))
        yield f"| {side} | {' | '.join(cells)} |"


def page(found: list[dict[str, Any]]) -> str:
    """What stands between the marks."""
    return "\n".join((BEGIN, *totals(found), "", *table(found), END))


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the counts, and renew the table of docs/extremes.md")
    parser.add_argument("--ours", action="store_true", help="count ours alone, and keep the counts of the others")
    chosen = parser.parse_args()
    known = {(one["map"], one["dtype"]): one["sides"] for one in json.loads(COUNTS.read_text(encoding="utf-8"))}
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of torch and jax, about what they do with such numbers
    found = list(lines(filter(is_measured, ROWS), known if chosen.ours else None))
    print(page(found))
    if chosen.write:
        COUNTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{before}{page(found)}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
