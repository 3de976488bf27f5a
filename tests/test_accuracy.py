"""The accuracy that is promised, held against the 60-digit oracle: the goals of the design's table of accuracy.

Unless a comment says otherwise a bound is that table's goal, and what is measured lies below it. Units: *ulp* is the
distance between floats at the exact result, *eps* that at 1. float32 is computed as the library does: elementwise maps
natively, maps that add up along the event in float64, rounded once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
import torch
from torch import Tensor

import cdsl.runtime  # noqa: F401  binds torch to the maps
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from tests import oracle
from tests.oracle import Real, Vec, exact, mp

pytestmark = pytest.mark.untraced

DTYPES = [pytest.param(torch.float64, id="float64"), pytest.param(torch.float32, id="float32")]
SIZES = [1e-300, 1e-30, 1e-8, 1.0, 10.0, 20.0, 37.0, 50.0, 88.0, 100.0, 300.0, 709.0, 745.0, 1e3, 1e6]
EXTREMES = [sign * size for size in SIZES for sign in (1, -1)]
SLOPE = 4.0
"""G5: the relative error of an elementwise derivative, in eps."""


@dataclass(frozen=True)
class Case:
    """An elementwise map with arguments, and its goals."""

    domain: str
    transform: str
    arguments: tuple[float, ...] = ()
    ulp: float = math.inf
    """Of forward."""
    scaled: float = math.inf
    """Of forward, in eps · max(|bounds|, |value|): where the value crosses 0 there is no other accuracy."""
    inverse: float = 1.0
    """In eps · max(1, |x|), with x the exact inverse of the given float."""
    log_det: float = 0.0
    """In eps, relative."""
    least: float = 0.0
    """Below this log_det's error is that of a number of this size."""
    bend: float = 1.0
    """Of the derivative of log_det, in eps · max(1, |it|): a difference that passes through 0."""
    lost: Callable[[Real], Real] = lambda x: 1
    """By what factor a derivative may be less exact: where it is exp of a number as large as that, so is its error."""

    def __str__(self) -> str:
        arguments = "".join(f"({', '.join(f'{a:g}' for a in self.arguments)})") if self.arguments else ""
        return f"{self.domain}{arguments} via {self.transform}"

    @property
    def map(self) -> Transform:
        return domains()[self.domain].transforms[self.transform]

    @property
    def oracle(self) -> oracle.Scalar:
        return oracle.SCALARS[self.domain, self.transform]

    def bounds(self, dtype: torch.dtype) -> Vec:
        """The arguments as the dtype has them: the interval that a float32 lies in is the one between two float32."""
        bounds = (-math.pi, math.pi) if self.domain == "angle" else self.arguments
        return exact(torch.tensor(bounds, dtype=torch.float64).to(dtype))


CASES = [
    Case("real", "identity", ulp=0, inverse=0),
    *(Case(domain, "exp", ulp=1) for domain in ("positive", "negative")),
    *(Case(domain, "softplus", ulp=2, inverse=2, log_det=1.5) for domain in ("positive", "negative")),
    Case("greater_than", "exp", (1.5,), ulp=1),
    Case("greater_than", "exp", (0.1,), ulp=1),
    Case("greater_than", "exp", (-1.0,), scaled=1.1),
    Case("less_than", "exp", (1.5,), scaled=1.1),
    Case("less_than", "exp", (-1.0,), ulp=1),
    Case("greater_than", "softplus", (1.5,), ulp=1, inverse=1.5, log_det=1.5),
    # The table's 1 ulp was measured at 1.5: over a smaller bound the gap's own 2 ulp show.
    Case("greater_than", "softplus", (0.1,), ulp=2, inverse=1.5, log_det=1.5),
    # The same: a gap of up to 2, whose ulp is twice that of the bound 1.
    Case("greater_than", "softplus", (-1.0,), scaled=1.5, inverse=1.5, log_det=1.5),
    Case("less_than", "softplus", (1.5,), scaled=1.1, inverse=1.5, log_det=1.5),
    Case("prob", "logistic", ulp=2.5, inverse=1.5, log_det=1.5),
    Case("prob", "tanh", ulp=2.5, inverse=1.5, log_det=1.5),
    # Probit has no goal in the table. Measured 1.8, 1.6 and 0.9; its inverse over 6000 random intervals 2.3.
    Case("prob", "probit", ulp=2.5, inverse=2, log_det=1.5),
    # Not in the table. `loc` cancels `scale · x` where the value crosses 0.
    Case("real", "identity", (10.0, 2.0), scaled=1, inverse=1, log_det=1),
    Case("real", "identity", (0.1, 0.3), scaled=1, inverse=1, log_det=1),
    # Not in the table: as exact as exp and softplus, but for the log-Jacobian of 10^x, a sum that passes through 0, and
    # the quotients and roots of the other.
    *(Case(domain, "log10", ulp=1, log_det=1.5, least=1) for domain in ("positive", "negative")),
    *(
        Case(domain, "algebraic", ulp=2.5, inverse=2, log_det=2.5, bend=2.5)  # measured 2.04, 1.23, 2.38, 2.32
        for domain in ("positive", "negative")
    ),
    Case("greater_than", "log10", (1.5,), ulp=1, log_det=1.5, least=1),
    Case("greater_than", "log10", (0.1,), ulp=1, log_det=1.5, least=1),
    Case("less_than", "log10", (1.5,), scaled=1.1, log_det=1.5, least=1),
    Case("greater_than", "algebraic", (1.5,), ulp=1, inverse=2, log_det=2.5, bend=2.5),
    Case("greater_than", "algebraic", (-1.0,), scaled=1.5, inverse=2, log_det=2.5, bend=2.5),
    Case("less_than", "algebraic", (1.5,), scaled=1.5, inverse=2, log_det=2.5, bend=2.5),
    # Without a bound.
    Case("greater_than", "exp", (-math.inf,), ulp=0, inverse=0),
    Case("less_than", "softplus", (math.inf,), ulp=0, inverse=0),
    Case("interval", "logistic", (-math.inf, math.inf), ulp=0, inverse=0),
    Case("interval", "logistic", (0.5, math.inf), ulp=1),
    Case("interval", "probit", (-math.inf, -1.0), ulp=1),
    # Not in the table: gates of roots and angles. Measured 3.2, 1.3, 3.2 and 1.7.
    Case("prob", "arctan", ulp=2.5, inverse=1.5, log_det=2, bend=2),
    Case("prob", "algebraic", ulp=3.5, inverse=1.5, log_det=3.5, bend=2),
    Case("prob", "cloglog", ulp=2.5, inverse=1.5, log_det=1.5, lost=lambda x: max(1, mp.exp(min(x, 7)))),
    *(
        Case("interval", gate, bounds, scaled=1, inverse=2.5, log_det=2.5, least=1, bend=2)
        for bounds in ((-1.0, 1.0), (0.1, 10.0), (0.0, 1e10))
        for gate in ("arctan", "algebraic")
    ),
    *(
        Case(
            "interval",
            "cloglog",
            bounds,
            scaled=1.1,
            inverse=2,
            log_det=2,
            least=4,  # log width meets exp(x), which is as large
            lost=lambda x: max(1, mp.exp(min(x, 7))),
        )
        for bounds in ((-1.0, 1.0), (0.1, 10.0), (1000.1, 1000.2))
    ),
    *(Case("angle", gate, ulp=2, scaled=1, inverse=2, log_det=2, least=1) for gate in ("logistic", "tanh")),
    Case("angle", "probit", ulp=2, scaled=1, inverse=3, log_det=2, least=1),
    *(
        Case("angle", gate, ulp=2, scaled=1, inverse=2.5, log_det=2.5, least=1, bend=2)
        for gate in ("arctan", "algebraic")
    ),
    # Its middle is not at 0, and what crosses 0 there has no other accuracy than that of the bounds.
    Case("angle", "cloglog", scaled=1, inverse=2, log_det=2, least=4, lost=lambda x: max(1, mp.exp(min(x, 7)))),
    # y = tanh x: the table's row of that name, relative accuracy of log_det near 0 included.
    Case("interval", "tanh", (-1.0, 1.0), ulp=1, scaled=1, inverse=1, log_det=3),
    Case("interval", "logistic", (-1.0, 1.0), ulp=1, scaled=1, inverse=2, log_det=2, least=1),
    # The table's 1 ulp for a = -b was measured at 1: another b is one rounding more.
    *(
        Case("interval", gate, (-3.0, 3.0), ulp=2, scaled=1, inverse=2, log_det=2, least=1)
        for gate in ("logistic", "tanh")
    ),
    *(
        Case("interval", gate, bounds, scaled=1, inverse=2, log_det=2, least=1)
        for bounds in (
            (0.1, 10.0),
            (-1.0, 2.0),
            (0.3, 0.7),
            (1000.0, 1001.0),
            (-1.0, 1.1),
            (1000.1, 1000.2),
            (-1.0, 0.0),
            (0.0, 1e10),
        )
        for gate in ("logistic", "tanh")
    ),
    # Probit again has no goal for its inverse: what was measured, and room for what was not.
    *(
        Case("interval", "probit", bounds, scaled=1, inverse=3, log_det=2, least=1)
        for bounds in ((-1.0, 1.0), (0.1, 10.0), (-1.0, 2.0), (1000.1, 1000.2), (0.0, 1e10))
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def test_every_elementwise_bijection_of_the_oracle_has_a_case() -> None:
    assert {(case.domain, case.transform) for case in CASES} == set(oracle.SCALARS)


@cache
def raws(dtype: torch.dtype) -> Tensor:
    """Ordinary values, every order of magnitude down to subnormals, both sides of all branches, and the extremes."""
    rng, far = random.Random(0), 760.0 if dtype == torch.float64 else 110.0
    sign = (-1, 1)
    values = [0.0, *EXTREMES]
    values += [
        s * (edge + step) for edge in (1, 2, 17, 20, 37, 38.4, 40, 64) for step in (-1e-6, 0, 1e-6) for s in sign
    ]
    values += [rng.gauss(0, 3) for _ in range(120)]
    values += [rng.uniform(-40, 40) for _ in range(60)]
    values += [rng.uniform(-far, far) for _ in range(60)]
    values += [rng.choice(sign) * 10 ** rng.uniform(-20, 1) for _ in range(60)]
    values += [rng.choice(sign) * 10 ** rng.uniform(-320, -20) for _ in range(15)]
    distinct: Tensor = torch.tensor(values, dtype=torch.float64).to(dtype).unique()
    return distinct


def hold(errors: Iterable[tuple[float, float]], goal: float) -> None:
    """None of the (error, where) is above the goal, nor not a number."""
    worst, where = max(errors, key=lambda pair: math.inf if math.isnan(pair[0]) else pair[0], default=(0.0, 0.0))
    assert worst <= goal, f"{worst:.4g} > {goal:.4g} at {where!r}"


def eps(dtype: torch.dtype) -> float:
    return torch.finfo(dtype).eps


def subnormal(dtype: torch.dtype) -> Real:
    return oracle.ulp(mp.mpf(0), dtype)


def relative(got: float, true: Real, scale: Real, dtype: torch.dtype, spare: float = 2) -> float:
    """The error in eps of `scale`, beyond so many subnormals: where a step underflows there is no relative accuracy."""
    if not math.isfinite(got):
        return math.inf
    off = max(abs(got - true) - spare * subnormal(dtype), mp.mpf(0))
    return float(off / scale / eps(dtype)) if off else 0.0


def overflows(true: Real, dtype: torch.dtype) -> bool:
    return bool(abs(true) > torch.finfo(dtype).max)


def slopes(function: Callable[[Tensor], Tensor], raw: Tensor, order: int = 1) -> Tensor:
    """The derivative of an elementwise function, by autograd."""
    raw = raw.clone().requires_grad_()
    result = function(raw)
    for _ in range(order):
        if not result.requires_grad:
            return torch.zeros_like(raw)
        (result,) = torch.autograd.grad(result.sum(), raw, create_graph=True, materialize_grads=True)
    detached: Tensor = result.detach()
    return detached


# ---- elementwise maps ------------------------------------------------------------------------------------------------


@each_case
@each_dtype
def test_forward(case: Case, dtype: torch.dtype) -> None:
    raw, bounds = raws(dtype), case.bounds(dtype)
    got = case.map.forward(raw, *case.arguments)
    assert domains()[case.domain].contains(got, *case.arguments, closed=True)[got.isfinite()].all()  # G2
    rows = [(x, g, case.oracle.forward(mp.mpf(x), *bounds)) for x, g in zip(raw.tolist(), got.tolist(), strict=True)]
    hold(((oracle.ulps(g, true, dtype), x) for x, g, true in rows), case.ulp)
    scaled = (
        (relative(g, true, max(abs(true), *map(abs, bounds)), dtype, 0), x)
        for x, g, true in rows
        if bounds and not overflows(true, dtype)
    )
    hold(scaled, case.scaled)


@each_case
@each_dtype
def test_inverse(case: Case, dtype: torch.dtype) -> None:
    """G7: of the very floats that forward gave."""
    bounds = case.bounds(dtype)
    value = case.map.forward(raws(dtype), *case.arguments).unique()
    value = value[domains()[case.domain].contains(value, *case.arguments)]
    got = case.map.inverse(value, *case.arguments)
    trues = (case.oracle.inverse(y, *bounds) for y in exact(value))
    rows = zip(value.tolist(), got.tolist(), trues, strict=True)
    hold(((relative(g, true, max(abs(true), 1), dtype, 0), y) for y, g, true in rows), case.inverse)


@each_case
@each_dtype
def test_log_det(case: Case, dtype: torch.dtype) -> None:
    """G1, G3: finite and right wherever raw is finite, however saturated the value."""
    raw, bounds = raws(dtype), case.bounds(dtype)
    got = case.map.log_det(raw, *case.arguments)
    trues = (case.oracle.log_det(x, *bounds) for x in exact(raw))
    rows = [row for row in zip(raw.tolist(), got.tolist(), trues, strict=True) if not overflows(row[2], dtype)]
    hold(((relative(g, true, max(abs(true), case.least), dtype), x) for x, g, true in rows), case.log_det)


@each_case
@each_dtype
def test_slope(case: Case, dtype: torch.dtype) -> None:
    """G5, and never falsely zero."""
    raw, bounds = raws(dtype), case.bounds(dtype)
    got = slopes(lambda x: case.map.forward(x, *case.arguments), raw)
    trues = (case.oracle.slope(x, *bounds) for x in exact(raw))
    rows = [row for row in zip(raw.tolist(), got.tolist(), trues, strict=True) if not overflows(row[2], dtype)]
    spare = 2.0
    if case.transform == "probit" and case.domain in ("interval", "angle") and mp.isfinite(bounds[1] - bounds[0]):
        # The interval's width multiplies Φ and φ themselves, and with them what underflow took from them: erfc has no
        # form that could be scaled before.
        spare *= max(1.0, float(bounds[1] - bounds[0]))
    hold(((relative(g, true, abs(true) * case.lost(x), dtype, spare), x) for x, g, true in rows), SLOPE)
    assert all(g != 0 for _, g, true in rows if abs(true) >= 2 * spare * subnormal(dtype))


@each_case
@each_dtype
def test_slope_of_log_det(case: Case, dtype: torch.dtype) -> None:
    """Finite, and to 1 eps absolute: it is a difference that passes through 0; 2 where tanh doubles it, or as stated."""
    raw, bounds = raws(dtype), case.bounds(dtype)
    got = slopes(lambda x: case.map.log_det(x, *case.arguments), raw)
    trues = (case.oracle.log_det_slope(x, *bounds) for x in exact(raw))
    rows = [row for row in zip(raw.tolist(), got.tolist(), trues, strict=True) if not overflows(row[2], dtype)]
    goal = 2 if case.transform == "tanh" else case.bend
    hold(((relative(g, true, max(abs(true), 1), dtype), x) for x, g, true in rows), goal)


@each_case
@each_dtype
def test_derivatives_at_zero(case: Case, dtype: torch.dtype) -> None:
    """The first two, of value and log_det, are right exactly at 0, where `abs` and `clamp` would break them."""
    bounds, zeros = case.bounds(dtype), torch.tensor([0.0, -0.0], dtype=dtype)

    def check(ours: Callable[..., Tensor], theirs: Callable[..., Real], order: int) -> None:
        true = mp.diff(lambda x: theirs(x, *bounds), mp.mpf(0), order)
        true = true if abs(true) > 1e-20 else mp.mpf(0)  # what the difference quotient leaves of 0
        for got in slopes(lambda x: ours(x, *case.arguments), zeros, order).tolist():
            hold([(relative(got, true, abs(true), dtype, 0) if true else abs(got), order)], SLOPE if true else 0)

    for order in (1, 2):
        check(case.map.forward, case.oracle.forward, order)
        check(case.map.log_det, case.oracle.log_det, order)


BRANCHES = [0.0, 1e-300, 1e-8, 0.5, 1.0, 2.0, 8.3, 8.5, 17.0, 18.5, 20.0, 37.0, 38.4, 40.0, 64.0, 104.0, 709.0, 745.0]
QUANTILES = [math.log(7) / 2, 1.1503493803760079, math.log(7), 1 + math.sqrt(2), 3 / math.sqrt(7)]
QUANTILES += [math.log(-math.log(share)) for share in (7 / 8, 1 / 2, 1 / 8)]
"""Where the gates pass 1/8: an interval's ends join its middle; and where one that is not symmetric has its middle."""


def neighbours(centre: float, count: int, dtype: torch.dtype) -> Tensor:
    """So many consecutive floats, in order, around a number."""
    integer = torch.int64 if dtype == torch.float64 else torch.int32
    bits = torch.tensor(abs(centre), dtype=dtype).view(integer) + torch.arange(count, dtype=integer) - count // 2
    floats = torch.where(bits < 0, -((-bits).view(dtype)), bits.view(dtype))
    return -floats.flip(0) if centre < 0 else floats


@each_case
@each_dtype
def test_monotone(case: Case, dtype: torch.dtype) -> None:
    """G4: over consecutive floats around every branch point, and some ordinary ones."""
    rng = random.Random(1)
    centres = [sign * point for point in BRANCHES + QUANTILES for sign in (1, -1)] + [
        rng.gauss(0, 2) for _ in range(10)
    ]
    raw = torch.stack([neighbours(centre, 10_000, dtype) for centre in centres])
    value = case.map.forward(raw, *case.arguments)
    rises = case.oracle.slope(mp.mpf(0), *case.bounds(dtype)) > 0
    value = torch.where(raw.isfinite(), value, 0)
    steps = torch.where(value.isfinite()[:, 1:] & value.isfinite()[:, :-1], value.diff(), 0)
    down = (steps < 0 if rises else steps > 0).any(-1)
    assert not down.any(), f"not monotone near {[c for c, bad in zip(centres, down.tolist(), strict=True) if bad]}"


@pytest.mark.parametrize(
    ("domain", "transform", "arguments", "raw", "dtype"),
    [
        ("positive", "exp", (), -740.0, torch.float64),
        ("positive", "softplus", (), -100.0, torch.float32),
        ("negative", "exp", (), -100.0, torch.float32),
        ("prob", "logistic", (), -740.0, torch.float64),
        ("prob", "logistic", (), -103.0, torch.float32),
        ("prob", "tanh", (), -51.0, torch.float32),
        ("prob", "probit", (), -38.4, torch.float64),
        ("prob", "probit", (), -14.1, torch.float32),
        ("interval", "logistic", (0.0, 10.0), -746.0, torch.float64),
    ],
)
def test_subnormals_are_kept(
    domain: str, transform: str, arguments: tuple[float, ...], raw: float, dtype: torch.dtype
) -> None:
    """G6"""
    got = domains()[domain].transforms[transform].forward(torch.tensor(raw, dtype=dtype), *arguments).item()
    true = oracle.SCALARS[domain, transform].forward(
        exact(torch.tensor([raw], dtype=dtype))[0], *map(mp.mpf, arguments)
    )
    assert 0 < abs(got) < torch.finfo(dtype).tiny
    hold([(oracle.ulps(got, true, dtype), raw)], 1.5)


@pytest.mark.parametrize("gate", oracle.GATES)
def test_bounds_may_be_tensors(gate: str) -> None:
    """The same values, log-Jacobians and inverses; and the bounds' own derivatives, 1 - g(x) and g(x)."""
    between, g = domains()["interval"].transforms[gate], domains()["prob"].transforms[gate]
    raw = torch.linspace(-30, 30, 601, dtype=torch.float64)
    low, high = (torch.tensor(bound, dtype=torch.float64).requires_grad_() for bound in (-1.0, 1.1))
    value = between.forward(raw, low, high)
    torch.testing.assert_close(value, between.forward(raw, -1.0, 1.1), rtol=0, atol=4e-16)
    torch.testing.assert_close(between.log_det(raw, low, high), between.log_det(raw, -1.0, 1.1), rtol=1e-15, atol=1e-15)
    inside = value.detach()[domains()["interval"].contains(value.detach(), -1.0, 1.1)]
    torch.testing.assert_close(between.inverse(inside, low, high), between.inverse(inside, -1.0, 1.1), rtol=0, atol=0)
    weights = torch.cos(raw)
    to_low, to_high = torch.autograd.grad((value * weights).sum(), (low, high))
    torch.testing.assert_close(to_low, (weights * g.complement(raw)).sum(), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(to_high, (weights * g.forward(raw)).sum(), rtol=1e-13, atol=1e-13)


# ---- vectors ---------------------------------------------------------------------------------------------------------

ORDERED = ("ordered", "increments")
POSITIVE_ORDERED = ("positive_ordered", "increments")
ILR = ("simplex", "isometric_log_ratio")
STICK = ("simplex", "stick_breaking")
VECTORS = [pytest.param(key, id=" via ".join(key)) for key in oracle.VECTORS]
each_vector = pytest.mark.parametrize("key", VECTORS)
each_simplex = pytest.mark.parametrize("key", [VECTORS[2], VECTORS[3]])
each_kind = pytest.mark.parametrize(("kind", "size"), [("ordinary", k) for k in (2, 10, 1000)] + [("extreme", 10)])
"""The size of the value. Beyond 1000 the oracle takes its time: 1e5 were looked at once, and are within the goals."""

Key = tuple[str, str]


def transform(key: Key) -> Transform:
    return domains()[key[0]].transforms[key[1]]


def compute(key: Key, raw: Tensor) -> tuple[Tensor, Tensor]:
    """Value and log_det as the library computes them: float32 through float64."""
    assert transform(key).scan
    value, log_det = transform(key).forward_and_log_det(raw.double())
    return value.to(raw.dtype), log_det.to(raw.dtype)


def invert(key: Key, value: Tensor) -> Tensor:
    return transform(key).inverse(value.double()).to(value.dtype)


def patterns(length: int) -> Iterator[Tensor]:
    """Every extreme as all, first, last, alternating."""
    for extreme in EXTREMES:
        every = torch.full((length,), extreme, dtype=torch.float64)
        index = torch.arange(length)
        yield every
        yield torch.where(index == 0, every, 0.0)
        yield torch.where(index == length - 1, every, 0.0)
        yield torch.where(index % 2 == 0, every, -every)


def vectors(key: Key, kind: str, size: int, dtype: torch.dtype) -> list[Tensor]:
    """Raw vectors for a value of this size."""
    length = size - 1 if key[0] == "simplex" else size
    if kind == "extreme":
        return [raw.to(dtype) for raw in patterns(length)]
    generator = torch.Generator().manual_seed(size)
    return [
        (3 * torch.randn(length, dtype=torch.float64, generator=generator)).to(dtype) for _ in range(300 // size + 1)
    ]


def slack(key: Key, kind: str, raw: Vec, dtype: torch.dtype) -> float:
    """The goal of a value of a simplex, in ulp; its gradient and whatever else is made of it share it."""
    if dtype == torch.float32:
        return 0.51
    if key == ILR:
        return 40 if kind == "ordinary" else 5 * (1 + float(max(map(abs, oracle.helmert(raw)))))
    goal = 4 + 2 * math.sqrt(len(raw) + 1) + float(max(map(abs, oracle.stick_logits(raw))))
    # The table's goal lets the roundings of K factors cancel like a random walk. Of equal raws they are equal.
    return goal if kind == "ordinary" else goal + len(raw) / 2


@each_vector
@each_dtype
@each_kind
def test_vector_forward(key: Key, dtype: torch.dtype, kind: str, size: int) -> None:
    for raw in vectors(key, kind, size, dtype):
        value, x = compute(key, raw)[0], exact(raw)
        true = oracle.VECTORS[key].forward(x)
        assert not value.isnan().any()
        # A term that underflows is off by half a subnormal, and there are so many of them.
        spare = size / 2
        pairs = list(zip(value.tolist(), true, strict=True))
        if key[0] == "simplex" or dtype == torch.float32:
            goal = slack(key, kind, x, dtype) if key[0] == "simplex" else 0.51
            hold(((oracle.ulps(g, t, dtype), raw[0].item()) for g, t in pairs), goal)
            continue
        # Up to 8 terms are added plainly, more with what rounding lost: the table's tiers A and B.
        goal = 1 + math.sqrt(size) / 2 if size <= 8 else 1
        top = max((abs(t) for t in true if not overflows(t, dtype)), default=1)
        kept = [(g, t) for g, t in pairs if not overflows(t, dtype)]
        hold(((relative(g, t, top, dtype, spare), raw[0].item()) for g, t in kept), goal)
        assert all(g == math.inf for g, t in pairs if overflows(t, dtype))
        if key == POSITIVE_ORDERED:
            hold(((relative(g, t, t, dtype, spare), raw[0].item()) for g, t in kept), 2)


@each_simplex
@each_dtype
@each_kind
def test_simplex_sums_to_one(key: Key, dtype: torch.dtype, kind: str, size: int) -> None:
    """Within 3 eps, and tier A's log K; no entry is negative, and none is 0 unless it underflows."""
    for raw in vectors(key, kind, size, dtype):
        value = compute(key, raw)[0]
        hold([(float(abs(mp.fsum(exact(value)) - 1)) / eps(dtype), raw[0].item())], 3 + math.log(size))
        assert (value >= 0).all()
        true = oracle.VECTORS[key].forward(exact(raw))
        assert all(g > 0 for g, t in zip(value.tolist(), true, strict=True) if t > 2 * subnormal(dtype))


@each_vector
@each_dtype
@each_kind
def test_vector_inverse(key: Key, dtype: torch.dtype, kind: str, size: int) -> None:
    """G7, where no component is subnormal or tied."""
    for raw in vectors(key, kind, size, dtype):
        value = compute(key, raw)[0]
        regular = (value.abs() >= torch.finfo(dtype).tiny) & value.isfinite()
        if not (regular.all() and domains()[key[0]].contains(value)):
            continue
        y = exact(value)
        true = oracle.VECTORS[key].inverse(y)
        scales = [max(abs(t), 1) for t in true]
        if key == STICK:
            # The table's 1 + |log y|, of both the piece and the rest that it is compared with.
            rests = oracle.suffix_sums(y)[1:]
            scales = [1 + abs(mp.log(p)) + abs(mp.log(r)) for p, r in zip(y, rests, strict=False)]
        goal = {ORDERED: 1, POSITIVE_ORDERED: 1, ILR: 8, STICK: 2}[key]
        rows = zip(invert(key, value).tolist(), true, scales, strict=True)
        hold(((relative(g, t, scale, dtype, 0), raw[0].item()) for g, t, scale in rows), goal)


@each_vector
@each_dtype
@pytest.mark.parametrize(
    ("kind", "size"), [("ordinary", 2), ("ordinary", 10), ("ordinary", 1000), ("extreme", 2), ("extreme", 40)]
)
def test_vector_log_det(key: Key, dtype: torch.dtype, kind: str, size: int) -> None:
    """G1, G3: finite and right, gradient included, wherever raw is finite, however saturated the value."""
    for raw in vectors(key, kind, size, dtype):
        leaf, x = raw.clone().requires_grad_(), exact(raw)
        log_det = compute(key, leaf)[1]
        (gradient,) = torch.autograd.grad(log_det, leaf)
        true = oracle.VECTORS[key].log_det(x)
        # A sum of both signs is as exact as its terms are large, one of one sign is relatively exact.
        goal = {ORDERED: 2, POSITIVE_ORDERED: 2, ILR: 2, STICK: 1.5}[key]
        scale = abs(true) if key[0] == "simplex" else mp.fsum(map(abs, x))
        hold([(relative(log_det.item(), true, scale, dtype), raw[0].item())], goal)
        # No goal in the table. A sum of K parts of 1 that passes through 0: measured 6 eps; far out ILR's parts have no
        # other accuracy than its value.
        trues = oracle.VECTORS[key].log_det_gradient(x)
        top = max(1, *map(abs, trues))
        rows = zip(gradient.tolist(), trues, strict=True)
        goal = 8 + (slack(key, kind, x, dtype) if key == ILR and kind == "extreme" else 0)
        hold(((relative(g, t, top, dtype), raw[0].item()) for g, t in rows), goal)


@each_vector
@each_dtype
@each_kind
def test_vector_gradient(key: Key, dtype: torch.dtype, kind: str, size: int) -> None:
    """Of Σ cos(k) yₖ: finite where the value is, never NaN, and relative to its largest entry as exact as the value."""
    for raw in vectors(key, kind, size, dtype):
        leaf, x = raw.clone().requires_grad_(), exact(raw)
        value = compute(key, leaf)[0]
        weights = torch.cos(torch.arange(size, dtype=dtype))
        (gradient,) = torch.autograd.grad((value * weights).sum(), leaf)
        assert not gradient.isnan().any()
        true = oracle.VECTORS[key].pullback(x, exact(weights))
        if key[0] == "simplex":
            scales, goal = [max(map(abs, true))] * len(x), 4 + slack(key, kind, x, dtype)
        else:
            # Suffix sums of the weights, whose signs cancel: as exact as they would be without.
            scales, goal = oracle.VECTORS[key].pullback(x, exact(weights.abs())), 2 + math.sqrt(size)
        rows = zip(gradient.tolist(), true, scales, strict=True)
        spare = 2 * size
        hold(
            (
                (relative(g, t, scale, dtype, spare), raw[0].item())
                for g, t, scale in rows
                if not overflows(scale, dtype)
            ),
            goal,
        )


@pytest.mark.parametrize("top", [0, 2, 4])
def test_simplex_gradient_where_one_entry_is_almost_one(top: int) -> None:
    """The textbook form, x (g - Σ x g), cancels there: its error is 4e3 eps and more, as the last lines show."""
    z = torch.full((5,), -4.0, dtype=torch.float64).index_fill(0, torch.tensor(top), 16.0) + torch.arange(5.0)
    raw = transform(ILR).inverse(torch.softmax(z, 0)).requires_grad_()
    weights = torch.tensor([1e4, -3e3, 2e4, 7e3, 1.1e4], dtype=torch.float64)
    (gradient,) = torch.autograd.grad((compute(ILR, raw)[0] * weights).sum(), raw)
    true = oracle.ilr_pullback(exact(raw.detach()), exact(weights))
    scale = max(map(abs, true))
    hold(((relative(g, t, scale, torch.float64), top) for g, t in zip(gradient.tolist(), true, strict=True)), 40)

    n = torch.arange(1.0, 5, dtype=torch.float64)
    w = raw / torch.sqrt(n * (n + 1))
    plain = torch.softmax(torch.cat((w.flip(0).cumsum(0).flip(0), w[:1] * 0)) - torch.cat((w[:1] * 0, n * w)), 0)
    (textbook,) = torch.autograd.grad((plain * weights).sum(), raw)
    worst = max(relative(g, t, scale, torch.float64) for g, t in zip(textbook.tolist(), true, strict=True))
    assert worst > 4e3


@pytest.mark.parametrize("key", [VECTORS[0], VECTORS[1]])
@each_dtype
@pytest.mark.parametrize("size", [8, 1000, 100_000])
def test_ordered_never_decreases(key: Key, dtype: torch.dtype, size: int) -> None:
    """G4. (Ties are the format's: in float32 of K = 1e5 a third of the steps is lost.)"""
    for seed in range(5):
        raw = 3 * torch.randn(size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        value = compute(key, raw.to(dtype))[0]
        assert (value.diff() >= 0).all()
        plain = transform(key).forward(raw.to(dtype))  # and where a device has no float64 to go through
        assert (plain.diff() >= 0).all()


# ---- the oracle itself -----------------------------------------------------------------------------------------------


@each_case
def test_the_oracles_log_det_is_that_of_its_forward(case: Case) -> None:
    bounds = case.bounds(torch.float64)
    for x in map(mp.mpf, (-3, -0.25, 0, 1.5)):
        slope = mp.diff(lambda t: case.oracle.forward(t, *bounds), x)
        assert abs(mp.log(abs(slope)) - case.oracle.log_det(x, *bounds)) < 1e-20
        assert abs(slope - case.oracle.slope(x, *bounds)) < 1e-20 * abs(slope)
        bend = mp.diff(lambda t: case.oracle.log_det(t, *bounds), x)
        assert abs(bend - case.oracle.log_det_slope(x, *bounds)) < 1e-20
        assert abs(case.oracle.inverse(case.oracle.forward(x, *bounds), *bounds) - x) < 1e-40


@each_vector
def test_the_vector_oracles_log_det_is_that_of_its_forward(key: Key) -> None:
    truth, x = oracle.VECTORS[key], [mp.mpf(v) for v in (0.5, -1.25, 2)]

    def partial(function: Callable[[Vec], Real], k: int) -> Real:
        return mp.diff(lambda t: function([*x[:k], t, *x[k + 1 :]]), x[k])

    def entry(row: int) -> Callable[[Vec], Real]:
        return lambda v: truth.forward(v)[row]

    jacobian = mp.matrix([[partial(entry(row), column) for column in range(3)] for row in range(3)])
    assert abs(mp.log(abs(mp.det(jacobian))) - truth.log_det(x)) < 1e-20
    g = [mp.mpf(v) for v in (3, -2, 5, 7)][: len(truth.forward(x))]
    for column in range(3):
        assert abs(partial(truth.log_det, column) - truth.log_det_gradient(x)[column]) < 1e-20
        assert abs(partial(lambda v: mp.fdot(g, truth.forward(v)), column) - truth.pullback(x, g)[column]) < 1e-20
        assert abs(truth.inverse(truth.forward(x))[column] - x[column]) < 1e-40


# ---- other libraries' failures, on the inputs that show them (accuracy.md, section 3) --------------------------------


def test_failure_3_log_det_of_a_saturated_stick() -> None:
    """torch has -708.4 and numpyro -87.3, the log of a clamped value; Stan -inf and NaN slopes; in float32 all -inf."""
    for dtype in (torch.float64, torch.float32):
        assert compute(STICK, torch.tensor([-1000.0], dtype=dtype))[1].item() == -1000.0
    raw = torch.tensor([40.0, 0.0], dtype=torch.float64, requires_grad=True)
    log_det = compute(STICK, raw)[1]
    hold([(relative(log_det.item(), oracle.stick_log_det(exact(raw.detach())), mp.mpf(80), torch.float64), 40)], 1.5)
    (gradient,) = torch.autograd.grad(log_det, raw)
    assert gradient.isfinite().all()
    for key in (STICK, ILR):
        raw = (3 * torch.randn(999, generator=torch.Generator().manual_seed(0))).requires_grad_()
        log_det = compute(key, raw)[1]
        (gradient,) = torch.autograd.grad(log_det, raw)
        assert log_det.isfinite()
        assert gradient.isfinite().all()


@pytest.mark.parametrize("size", [100, 1000])
def test_failure_4_inverse_of_stick_breaking(size: int) -> None:
    """By 1 - cumsum, as in torch, numpyro and TFP, the raw comes back off by up to 673."""
    raw = 3 * torch.randn(size - 1, dtype=torch.float64, generator=torch.Generator().manual_seed(size))
    torch.testing.assert_close(invert(STICK, compute(STICK, raw)[0]), raw, rtol=1e-12, atol=1e-12)
    short = torch.tensor([10.0, 10.0, 10.0])
    torch.testing.assert_close(invert(STICK, compute(STICK, short)[0]), short, rtol=1e-6, atol=0)


def test_failure_5_negative_probabilities() -> None:
    """By 1 - sum, as in TFP, the last entry is -2.2e-16."""
    numpy = pytest.importorskip("numpy")
    raw = torch.from_numpy(3 * numpy.random.default_rng(53).standard_normal(99))
    for key in (STICK, ILR):
        value, log_det = compute(key, raw)
        assert (value > 0).all()
        assert log_det.isfinite()


def test_failure_6_ordered_that_is_not() -> None:
    """XLA's parallel prefix sums, under numpyro and TFP, take 223 steps down."""
    for seed in range(3):
        raw = 3 * torch.randn(100_000, generator=torch.Generator().manual_seed(seed))
        assert (compute(ORDERED, raw)[0].diff() >= 0).all()


def test_failure_8_softplus_above_twenty() -> None:
    """torch's threshold of 20: off by 5.7e5 ulp just above it, and f(20) > f(20 + 1e-9)."""
    softplus = domains()["positive"].transforms["softplus"]
    raw = torch.tensor([20.0, 20 + 1e-9, 20.5, 25.0, 36.0], dtype=torch.float64)
    value = softplus.forward(raw)
    assert (value.diff() > 0).all()
    trues = [oracle.SOFTPLUS.forward(x) for x in exact(raw)]
    hold(
        zip(
            (oracle.ulps(g, t, raw.dtype) for g, t in zip(value.tolist(), trues, strict=True)),
            raw.tolist(),
            strict=True,
        ),
        2,
    )
    trues = [oracle.sigmoid(-x) for x in exact(raw)]
    rows = zip(slopes(softplus.log_det, raw).tolist(), trues, strict=True)
    hold(((relative(g, t, t, raw.dtype), 20) for g, t in rows), SLOPE)


def test_failure_9_positive_ordered_of_zeros() -> None:
    """exp(ordered), as in pyro and numpyro, overflows at raw zeros: 11 infinities of 100, 90 of 800."""
    for size, dtype in ((100, torch.float32), (800, torch.float64)):
        raw = torch.zeros(size, dtype=dtype)
        assert torch.equal(compute(POSITIVE_ORDERED, raw)[0], torch.arange(1, size + 1, dtype=dtype))


def test_failure_12_inverse_of_an_interval_near_its_end() -> None:
    """By (y - a)/(b - a), as in torch, gpytorch, numpyro and Stan, 35.638; the inverse of that very float is 35.756."""
    between = domains()["interval"].transforms["logistic"]
    value = between.forward(torch.tensor([36.5], dtype=torch.float64), -1.0, 2.0)
    true = oracle.SCALARS["interval", "logistic"].inverse(exact(value)[0], mp.mpf(-1), mp.mpf(2))
    hold([(relative(between.inverse(value, -1.0, 2.0).item(), true, true, torch.float64), 36.5)], 2)


@pytest.mark.parametrize("size", [710.0, 800.0, 1e6])
def test_failure_14_gradient_of_log_det_where_exp_overflows(size: float) -> None:
    """0 · ∞ in Stan; exactly 1."""
    raw = torch.tensor([size], dtype=torch.float64)
    for domain in ("positive", "negative", "greater_than", "less_than"):
        exp, bounds = domains()[domain].transforms["exp"], [1.5] * len(domains()[domain].arguments)
        leaf = raw.clone().requires_grad_()
        assert torch.autograd.grad(exp.log_det(leaf, *bounds), leaf)[0].item() == 1
    for key in (ORDERED, POSITIVE_ORDERED):
        leaf = torch.full((3,), size, dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad(compute(key, leaf)[1], leaf)
        assert gradient.tolist() == [0.0 if key == ORDERED else 1.0, 1.0, 1.0]


@pytest.mark.parametrize("via", ["isometric_log_ratio", "softmax"])
def test_failure_15_softmax_in_float32(via: str) -> None:
    """torch.softmax is 21 half-ulps there."""
    raw = 3 * torch.randn(200, generator=torch.Generator().manual_seed(0))
    value = domains()["simplex"].transforms[via].forward(raw.double()).float()
    x = exact(raw)
    true = oracle.softmax(x) if via == "softmax" else oracle.ilr_forward(x)
    hold(((oracle.ulps(g, t, torch.float32), 0) for g, t in zip(value.tolist(), true, strict=True)), 0.51)


def test_failure_16_kernels_of_xla() -> None:
    """They flush subnormals; log1p(-0.414…) is off by 64 eps, atanh by 31, tanh by 6.5 ulp, and 1 from 8 on in float32."""
    exp, logit = domains()["positive"].transforms["exp"], domains()["prob"].transforms["logistic"]
    for x, dtype in ((-708.5, torch.float64), (-87.4, torch.float32)):
        raw = torch.tensor([x], dtype=dtype)
        hold([(oracle.ulps(exp.forward(raw).item(), mp.exp(exact(raw)[0]), dtype), x)], 1)
    ratio = -0.41415624184812605  # the logit of y is log1p of (2y - 1)/(1 - y)
    value = torch.tensor([(1 + ratio) / (2 + ratio)], dtype=torch.float64)
    y = exact(value)[0]
    hold([(relative(logit.inverse(value).item(), mp.log(y / (1 - y)), mp.mpf(1), torch.float64), ratio)], 1.5)
    tanh = domains()["interval"].transforms["tanh"]
    for x, dtype, is_one in ((8.0, torch.float32, False), (18.5, torch.float64, False), (19.5, torch.float64, True)):
        raw = torch.tensor([x], dtype=dtype)
        value = tanh.forward(raw, -1.0, 1.0)
        hold([(oracle.ulps(value.item(), mp.tanh(exact(raw)[0]), dtype), x)], 1)
        assert (value.item() == 1) is is_one
        if not is_one:
            true = mp.atanh(exact(value)[0])
            hold([(relative(tanh.inverse(value, -1.0, 1.0).item(), true, true, dtype), x)], 1)


@pytest.mark.parametrize("gate", oracle.GATES)
@each_dtype
def test_failure_17_probabilities_that_step_down(gate: str, dtype: torch.dtype) -> None:
    """exp(x) / (1 + exp(x)), as in Stan, steps down 1754 times in these 2e5 consecutive floats."""
    raw = neighbours(-1.0, 200_000, dtype)
    assert (raw.diff() > 0).all()
    assert (domains()["prob"].transforms[gate].forward(raw).diff() >= 0).all()


@each_dtype
@pytest.mark.parametrize("name", ["prob.algebraic", "prob.arctan", "positive.algebraic", "prob.logistic"])
def test_slopes_at_infinity_are_numbers(name: str, dtype: torch.dtype) -> None:
    """An optimizer that has run away stays away, and tells no NaN to those that have not."""
    domain, transform = name.split(".")
    one, raw = domains()[domain].transforms[transform], torch.tensor([math.inf, -math.inf], dtype=dtype)
    assert slopes(one.forward, raw).isfinite().all()
    assert slopes(one.log_det, raw).isfinite().all()
