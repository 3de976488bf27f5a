"""What the laws and the table of accuracy do not ask of numbers: optional arguments, infinite bounds, steps before a map."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

import cdsl
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from cdsl.constraints.interval import Between
from cdsl.constraints.positive import GAPS
from cdsl.constraints.prob import GATES, Gate
from cdsl.constraints.real import After
from cdsl.model import Model
from cdsl.runtime import DomainError, SignatureMismatch
from cdsl.testing import GRID
from tests import oracle
from tests.oracle import Real, exact, mp

INF = math.inf
BOUNDS = [(-INF, INF), (-INF, 3.0), (-1.0, INF), (-1.0, 3.0), (0.1, 1e10), (-1e-300, INF)]

each_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
each_gate = pytest.mark.parametrize("gate", [name for name in GATES if name != "clamp"])
bijective_gates = [name for name in GATES if GATES[name].bijective]
each_bijective_gate = pytest.mark.parametrize("gate", bijective_gates)


def model_of(spec: str) -> Any:
    return cdsl.loads(spec).Model(dtype=torch.float64)


def grid(dtype: torch.dtype) -> Tensor:
    """Both signs of the laws' extremes, and the largest number."""
    held = torch.tensor([*GRID, torch.finfo(dtype).max], dtype=torch.float64).to(dtype)
    held = held[held.isfinite()]
    return torch.cat((held, -held))


@pytest.fixture
def anomalies() -> Iterator[None]:
    """NaN is an error on the way back, even where it is masked in the end."""
    torch.autograd.set_detect_anomaly(True)
    yield
    torch.autograd.set_detect_anomaly(False)


# -- real(loc, scale) ---------------------------------------------------------------------------------------------------


def test_real_alone_is_raw_itself() -> None:
    identity, raw = domains()["real"].transforms["identity"], torch.randn(3)
    assert identity.forward(raw) is raw
    assert identity.inverse(raw) is raw
    assert torch.equal(identity.log_det(raw), torch.zeros(3))
    for spec in ("x: real", "x: real()", "x: real(0)", "x: real(0, 1)", "x: real(scale=1)", "x: real(-0.0, 1)"):
        assert model_of(spec).spec["parameters"][0]["arguments"] == []
        assert cdsl.compile(spec) == cdsl.compile("x: real")


@pytest.mark.parametrize(
    ("spec", "arguments"),
    [("real(2)", [2.0]), ("real(2, 3)", [2.0, 3.0]), ("real(scale=3)", [0.0, 3.0]), ("real(scale=3, loc=2)", [2, 3])],
)
def test_real_with_arguments_starts_at_loc_with_raw_0(spec: str, arguments: list[float]) -> None:
    model = model_of(f"x: {spec}")
    loc, scale = (*arguments, 1.0)[:2]
    assert model.spec["parameters"][0]["arguments"] == arguments
    assert model.x_raw.item() == 0
    assert model.x.item() == loc
    model.x = 7.0
    assert model.x_raw.item() == (7 - loc) / scale
    assert model.log_abs_det_jacobian().item() == math.log(scale)


def test_loc_and_scale_may_be_tensors_and_have_their_gradients() -> None:
    identity = domains()["real"].transforms["identity"]
    raw = torch.randn(5, 3, dtype=torch.float64)
    loc = torch.randn(3, dtype=torch.float64, requires_grad=True)
    scale = torch.rand(3, dtype=torch.float64, requires_grad=True)
    value, log_det = identity.forward_and_log_det(raw, loc, scale)
    assert torch.equal(value, loc + scale * raw)
    assert torch.equal(log_det, torch.log(scale).expand(5, 3))
    to_loc, to_scale = torch.autograd.grad(value.sum() + log_det.sum(), (loc, scale))
    torch.testing.assert_close(to_loc, torch.full((3,), 5.0, dtype=torch.float64), rtol=0, atol=0)
    torch.testing.assert_close(to_scale, raw.sum(0) + 5 / scale, rtol=1e-15, atol=1e-14)
    torch.testing.assert_close(identity.inverse(value, loc, scale), raw, rtol=1e-14, atol=1e-14)


# -- infinite bounds ----------------------------------------------------------------------------------------------------


def maps_of(domain: str, via: str) -> Transform:
    return domains()[domain].transforms[via]


@each_gate
@each_dtype
def test_an_interval_without_a_bound_is_what_stan_makes_of_it(gate: str, dtype: torch.dtype) -> None:
    """The very numbers of `real`, `less_than` and `greater_than` by exp, whatever the gate."""
    between, raw = maps_of("interval", gate), torch.linspace(-9, 9, 181, dtype=dtype)
    above, below = maps_of("greater_than", "exp"), maps_of("less_than", "exp")
    for bounds, other, arguments in (
        ((-INF, INF), maps_of("real", "identity"), ()),
        ((-INF, 3.0), below, (3.0,)),
        ((-1.0, INF), above, (-1.0,)),
        ((0.0, INF), maps_of("positive", "exp"), ()),
        ((-INF, 0.0), maps_of("negative", "exp"), ()),
    ):
        value = other.forward(raw, *arguments)
        assert torch.equal(between.forward(raw, *bounds), value)
        assert torch.equal(between.inverse(value, *bounds), other.inverse(value, *arguments))
        if between.bijective:
            assert torch.equal(between.log_det(raw, *bounds), other.log_det(raw, *arguments))
        else:
            with pytest.raises(NotImplementedError, match="surjective"):
                between.log_det(raw, *bounds)


@pytest.mark.parametrize("gap", GAPS)
def test_greater_than_and_less_than_without_their_bound_are_real(gap: str) -> None:
    raw = grid(torch.float64)
    for domain, bound in (("greater_than", -INF), ("less_than", INF)):
        one = maps_of(domain, gap)
        assert one.forward(raw, bound) is raw
        assert one.inverse(raw, bound) is raw
        if one.bijective:
            assert torch.equal(one.log_det(raw, bound), torch.zeros_like(raw))
        else:
            with pytest.raises(NotImplementedError, match="surjective"):
                one.log_det(raw, bound)


@each_bijective_gate
@each_dtype
def test_bounds_in_a_tensor_are_each_entry_s_own(gate: str, dtype: torch.dtype) -> None:
    """As one by one, to the 4 eps of other kernels and of a width that is rounded to the dtype; derivatives as well."""
    between = maps_of("interval", gate)
    raw = torch.linspace(-5, 5, 21, dtype=dtype)[:, None]
    low, high = (torch.tensor(bounds, dtype=torch.float64).to(dtype) for bounds in zip(*BOUNDS, strict=True))
    value, log_det = between.forward(raw, low, high), between.log_det(raw, low, high)
    alone = [between.forward(raw, *pair) for pair in BOUNDS]
    tolerance: dict[str, float] = {"rtol": 4 * torch.finfo(dtype).eps, "atol": 4 * torch.finfo(dtype).eps}
    torch.testing.assert_close(value, torch.cat(alone, 1), **tolerance)
    torch.testing.assert_close(log_det, torch.cat([between.log_det(raw, *pair) for pair in BOUNDS], 1), **tolerance)
    inverses = [between.inverse(one, *pair) for one, pair in zip(alone, BOUNDS, strict=True)]
    torch.testing.assert_close(between.inverse(torch.cat(alone, 1), low, high), torch.cat(inverses, 1), **tolerance)


def test_one_bound_may_be_a_tensor_and_the_other_a_number() -> None:
    between, raw = maps_of("interval", "logistic"), torch.linspace(-2, 2, 5, dtype=torch.float64)
    low = torch.tensor(-1.0, dtype=torch.float64)
    torch.testing.assert_close(between.forward(raw, low, 3.0), between.forward(raw, -1.0, 3.0), rtol=1e-15, atol=1e-15)
    assert torch.equal(between.forward(raw, low, INF), between.forward(raw, -1.0, INF))
    assert torch.equal(between.forward(raw, -INF, low), between.forward(raw, -INF, -1.0))


@each_bijective_gate
@each_dtype
def test_gradients_of_entries_with_and_without_bounds_are_not_nan(
    gate: str, dtype: torch.dtype, anomalies: None
) -> None:
    """Of value, log-det and inverse, to raw and to both bounds, at every extreme: nothing of a map not taken shows.

    An infinite bound has no derivative: 0.
    """
    between = maps_of("interval", gate)
    low, high = (torch.tensor(b, dtype=torch.float64).to(dtype) for b in zip(*BOUNDS[:-1], strict=True))
    raw = grid(dtype)[:, None].expand(-1, len(low))
    fits = torch.exp(raw).isfinite() | ((low.isfinite() & high.isfinite()) & (gate != "cloglog"))
    raw = torch.where(fits, raw, 1.0).requires_grad_()  # where exp overflows 0 · ∞ is the caller's
    low, high = low.requires_grad_(), high.requires_grad_()
    value, log_det = between.forward(raw, low, high), between.log_det(raw, low, high)
    assert value.isfinite().all()
    representable = log_det.isfinite()  # all but those of probit, x²/2, at the largest number
    assert (
        representable
        | ((gate == "probit") & (raw.abs() > 1e19))
        | ((gate in ("logistic", "tanh")) & (raw.abs() > 1e38))
    ).all()
    for result in (value, log_det[representable]):
        to_raw, to_low, to_high = torch.autograd.grad(result.sum(), (raw, low, high), retain_graph=True)
        assert to_raw.isfinite().all()
        assert to_low.isfinite().all()
        assert to_high.isfinite().all()
        assert (to_low[low.isinf()] == 0).all()
        assert (to_high[high.isinf()] == 0).all()
    inside = torch.tensor([0.5, 2.0], dtype=dtype)[:, None].requires_grad_()
    slopes = torch.autograd.grad(between.inverse(inside, low, high).sum(), (inside, low, high))
    assert all(slope.isfinite().all() for slope in slopes)
    for domain, bound in (("greater_than", low), ("less_than", high)):
        for gap in ("exp", "softplus", "log10", "algebraic"):
            small = raw.clamp(-30, 30)
            one = maps_of(domain, gap)
            result = one.forward(small, bound).sum() + one.log_det(small, bound).sum()
            assert all(slope.isfinite().all() for slope in torch.autograd.grad(result, (raw, bound), retain_graph=True))


def test_infinite_bounds_in_a_spec() -> None:
    model = model_of(
        "a: interval(0, inf)\nb: interval(-inf, 3)\nc: interval(-inf, inf)\nd: greater_than(-inf)[2]\ne: less_than(inf)"
    )
    assert [value.tolist() for value in model()] == [1.0, 2.0, 0.0, [0.0, 0.0], 0.0]
    assert model.to_flat().tolist() == [0.0] * 6
    text = json.dumps(model.spec, allow_nan=False)
    assert [one["arguments"] for one in json.loads(text)["parameters"]] == [
        [0.0, "inf"],
        ["-inf", 3.0],
        ["-inf", "inf"],
        ["-inf"],
        ["inf"],
    ]
    meant = Model.model_validate_json(text)
    assert meant.parameters[0].arguments == (0.0, INF)
    assert Model.model_validate_json(meant.model_dump_json()) == Model.model_validate(model.spec) == meant
    assert "interval(0.0, inf)" in model.summary()
    with pytest.raises(DomainError, match="be greater than 0, off by 1"):
        model.a = -1.0
    with pytest.raises(DomainError, match="be finite"):
        model.c = INF


# -- a step before a transform -------------------------------------------------------------------------------------------

STEPS = [
    ("positive via exp(loc=1, scale=2)", "positive", "exp", (), 1.0, 2.0),
    ("positive via softplus(-0.5)", "positive", "softplus", (), -0.5, 1.0),
    ("nonnegative via algebraic(scale=0.1)", "positive", "algebraic", (), 0.0, 0.1),
    ("interval(-1, 2) via probit(0.25, 0.3)", "interval", "probit", (-1.0, 2.0), 0.25, 0.3),
    ("prob via sigmoid(scale=1.702)", "prob", "logistic", (), 0.0, 1.702),
    ("greater_than(1.5) via log10(loc=-2)", "greater_than", "log10", (1.5,), -2.0, 1.0),
    ("interval(-inf, 3)[2] via logistic(1, 2)", "less_than", "exp", (3.0,), 1.0, 2.0),
]
each_step = pytest.mark.parametrize(
    ("spec", "domain", "via", "arguments", "loc", "scale"), STEPS, ids=[s[0] for s in STEPS]
)


@each_step
def test_a_step_comes_before_the_transform(
    spec: str, domain: str, via: str, arguments: tuple[float, ...], loc: float, scale: float
) -> None:
    """Value and log-Jacobian against the oracle: within the map's 4 ulp, and what the step's own rounding moves it.

    float32 is computed in float64 and rounded once: half an ulp, and 1e-6 of one where that falls on a tie.
    """
    module, truth = cdsl.loads(f"x: {spec}"), oracle.SCALARS[domain, via]
    bounds = tuple(map(mp.mpf, arguments))

    def step(x: float) -> Real:
        return mp.mpf(loc) + mp.mpf(scale) * mp.mpf(x)

    for dtype in (torch.float64, torch.float32):
        model = module.Model(dtype=dtype)
        for x in (-3.0, -0.3, 0.0, 0.7, 2.5):
            raw = torch.tensor([x] * model.x_raw.numel(), dtype=dtype)
            value, log_det = model.constrain_and_log_det(raw)
            at = step(raw[0].item())
            true = truth.forward(at, *bounds)
            seen = abs(truth.slope(at, *bounds)) * (abs(mp.mpf(loc)) + abs(scale * mp.mpf(x))) / oracle.ulp(true, dtype)
            allowed = 4 + float(seen) * torch.finfo(dtype).eps if dtype == torch.float64 else 0.5 + 1e-6
            assert oracle.ulps(value.x.reshape(-1)[0].item(), true, dtype) <= allowed
            expected = (truth.log_det(at, *bounds) + mp.log(mp.mpf(scale))) * len(raw)
            assert abs(log_det.item() - expected) <= 8 * torch.finfo(dtype).eps * max(1, abs(expected))
            back = model.constrain(model.unconstrain({"x": value.x}))
            torch.testing.assert_close(back.x, value.x, rtol=8 * torch.finfo(dtype).eps, atol=0)


@each_step
def test_a_step_is_part_of_model_code_and_checkpoint(
    spec: str, domain: str, via: str, arguments: tuple[float, ...], loc: float, scale: float
) -> None:
    model, plain = (
        model_of(f"x: {spec}"),
        model_of(
            f"x: {spec.partition('(' if ' via' not in spec else ' via')[0]} via {spec.partition('via ')[2].partition('(')[0]}"
        ),
    )
    (said,) = model.spec["parameters"]
    assert said["step"] == [loc, scale]
    meant = Model.model_validate(model.spec)
    assert meant.parameters[0].step == (loc, scale)
    assert Model.model_validate_json(meant.model_dump_json()) == meant
    (declared,) = model._declared
    named = [f"loc={loc}"] * (loc != 0) + [f"scale={scale}"] * (scale != 1)
    written = f"{declared.map.name}({', '.join(named)})"
    assert declared.signature()["transform"] == written
    assert declared.map.written == written
    assert written in model.summary()
    text = cdsl.compile(f"x: {spec}")
    assert f"via {written}`" in text
    assert text.count(", ".join(named)) >= 4
    with pytest.raises(SignatureMismatch, match="the raw values of one mean nothing in the other"):
        plain.load_state_dict(model.state_dict())
    model.load_state_dict(model.state_dict())


def test_a_step_that_does_nothing_is_none() -> None:
    for spec in (
        "s: positive via exp()",
        "s: positive via exp(0)",
        "s: positive via exp(0, 1)",
        "s: positive via exp(scale=1)",
    ):
        assert cdsl.compile(spec) == cdsl.compile("s: positive")


def test_a_surjective_transform_takes_a_step_too() -> None:
    model = model_of("s: positive via relu(loc=1, scale=2) = 5")
    assert model.s_raw.item() == 2.0
    assert model.s.item() == 5.0
    with pytest.raises(cdsl.runtime.NotBijective, match="surjective"):
        model.log_abs_det_jacobian()


def test_models_of_before_steps_are_read() -> None:
    data = model_of("s: positive").spec
    del data["parameters"][0]["step"]
    assert Model.model_validate(data) == Model.model_validate(model_of("s: positive").spec)


@each_bijective_gate
@each_dtype
def test_a_step_has_no_nan_at_extremes(gate: str, dtype: torch.dtype, anomalies: None) -> None:
    """Where loc + scale · raw overflows, a gate is at its end."""
    model = cdsl.loads(f"p: prob via {gate}(loc=-2, scale=3)").Model(dtype=dtype)
    (declared,) = model._declared
    raw = grid(dtype).requires_grad_()
    value, log_det = declared.map.with_log_det(raw)
    (slope,) = torch.autograd.grad(value.sum(), raw, retain_graph=True)
    assert not value.isnan().any()
    assert not log_det.isnan().any()
    assert slope.isfinite().all()
    assert ((value >= 0) & (value <= 1)).all()


def test_a_step_compiles_exports_and_maps_over_batches() -> None:
    model = model_of("s: positive[3] via exp(loc=1, scale=2)\ntau: interval(0, inf) via logistic(scale=0.5)")
    theta = torch.randn(4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values, log_det = model.constrain_and_log_det(theta)
    compiled = torch.compile(model.constrain_and_log_det, fullgraph=True, backend="aot_eager")
    got, got_log_det = compiled(theta)
    for one, other in zip((*got, got_log_det), (*values, log_det), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-14, atol=1e-14)
    of_each = torch.func.vmap(lambda row: model.constrain_and_log_det(row)[1])(theta)
    torch.testing.assert_close(of_each, log_det, rtol=1e-14, atol=1e-14)
    program = torch.export.export(model, (), strict=True)
    for one, other in zip(program.module()(), model(), strict=True):
        assert torch.equal(one, other)


def test_after_is_bijective_where_its_transform_is() -> None:
    assert After(GAPS["exp"], 1.0, 2.0).bijective
    assert not After(GAPS["relu"], 1.0, 2.0).bijective
    assert not After(Between(GATES["hard_sigmoid"]), 1.0, 2.0).bijective  # type: ignore[arg-type]  # it is a gate


@each_dtype
def test_hard_sigmoid_is_exact_next_to_its_ends(dtype: torch.dtype) -> None:
    """1 ulp, with the complement's, and back to a raw that has this value again; x/6 + ½ lost 85 ulp, next to -3 all."""
    ours, eps = GATES["hard_sigmoid"], torch.finfo(dtype).eps
    assert isinstance(ours, Gate)
    near = 3 - 2.0 ** torch.arange(-52 if dtype == torch.float64 else -22, 2, dtype=dtype)
    raw = torch.cat(
        (-near, near, torch.linspace(-3, 3, 201, dtype=dtype), 2.0 ** torch.arange(-99, 1, 9.0, dtype=dtype))
    )
    raw.requires_grad_()
    value, complement = ours.forward(raw), ours.complement(raw)
    for x, one, other in zip(exact(raw), value.tolist(), complement.tolist(), strict=True):
        assert oracle.ulps(one, (x + 3) / 6, dtype) <= 1
        assert oracle.ulps(other, (3 - x) / 6, dtype) <= 1
    inside = value.detach()[(value > 0) & (value < 1)]
    for y, x in zip(exact(inside), exact(ours.inverse(inside)), strict=True):
        assert abs(x - (6 * y - 3)) <= eps * max(1, abs(6 * y - 3))
        assert oracle.ulps(float(y), (x + 3) / 6, dtype) <= 1 or y > mp.mpf(1) / 4
    (slope,) = torch.autograd.grad(value.sum(), raw)
    assert slope[(value > 0) & (value < 1)].tolist() == pytest.approx([1 / 6] * len(inside))
    beyond = torch.tensor([-4.0, -3.5, 3.5, math.inf], dtype=dtype, requires_grad=True)
    (flat,) = torch.autograd.grad(ours.forward(beyond).sum(), beyond)
    assert (ours.forward(beyond).tolist(), flat.tolist()) == ([0, 0, 1, 1], [0] * 4)


# -- gates and gaps ------------------------------------------------------------------------------------------------------


@each_bijective_gate
@each_dtype
def test_a_gate_s_complement_is_as_exact_as_itself(gate: str, dtype: torch.dtype) -> None:
    """4 ulp; for cloglog times exp(x), the size of the number that 1 - g(x) is exp of."""
    raw = torch.linspace(-30, 30, 121, dtype=dtype)
    ours, truth = GATES[gate], oracle.GATES[gate]
    assert isinstance(ours, Gate)
    assert truth.forward(mp.mpf(ours.middle)) == pytest.approx(0.5)
    value, complement = ours.forward(raw), ours.complement(raw)
    for x, one, other in zip(exact(raw), value.tolist(), complement.tolist(), strict=True):
        lost = float(mp.exp(min(x, 7))) if gate == "cloglog" and x > 0 else 1.0
        assert oracle.ulps(one, truth.forward(x), dtype) <= 4
        assert oracle.ulps(other, truth.complement(x), dtype) <= 4 * lost
    smaller = torch.where(raw < ours.middle, value, complement)
    torch.testing.assert_close(ours.smaller(raw), smaller, rtol=2 * torch.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_s_sides_and_middle_are_those_of_its_value(gate: str) -> None:
    """To 4 eps of 1: `smaller` is g or 1 - g, whichever side of the middle, and `centred` is 2g - 1."""
    one, raw = GATES[gate], torch.linspace(-4, 4, 101, dtype=torch.float64)
    value = one.forward(raw)
    sides = torch.where(raw < one.middle, value, 1 - value)
    for found, expected in (
        (one.smaller(raw), sides),
        (one.centred(raw), 2 * value - 1),
        (one.complement(raw), 1 - value),
    ):
        assert (found - expected).abs().max() <= 4 * torch.finfo(torch.float64).eps
    assert (one.forward(torch.tensor(one.middle, dtype=torch.float64)) - 0.5).abs() <= torch.finfo(torch.float64).eps
    inside = raw[(value > 0.01) & (value < 0.99)]
    assert (one.inverse(one.forward(inside)) - inside).abs().max() < 1e-13  # 0.01 keeps two digits less than 1


@pytest.mark.parametrize(
    ("domain", "name"), [*(("prob", gate) for gate in GATES), *(("positive", gap) for gap in GAPS)]
)
def test_no_slope_is_lost_where_two_formulas_meet(domain: str, name: str) -> None:
    """It is between those of the neighbours: torch's `clamp` has none at its own bounds from 2.15 on."""
    form = domains()[domain].transforms[name]
    raw = torch.tensor([*range(-80, 81), getattr(form, "middle", 0.0), -(2.0**500), 2.0**500], dtype=torch.float64)
    below, above = torch.nextafter(raw, raw - INF), torch.nextafter(raw, raw + INF)
    for formula in (form.forward, *((form.log_det,) if form.bijective else ())):
        slope_of = torch.func.grad(lambda raw, formula=formula: formula(raw).sum())
        slope, one, other = slope_of(raw), slope_of(below), slope_of(above)
        room = 1e-12 * torch.maximum(one.abs(), other.abs())  # roundings, some of them of terms that cancel
        room = room.nan_to_num(posinf=0.0)
        assert ((slope >= torch.minimum(one, other) - room) & (slope <= torch.maximum(one, other) + room)).all()


@pytest.mark.parametrize(
    ("spec", "ends", "slope"),
    [
        ("prob via clamp", (0.0, 1.0), 1.0),
        ("prob via hard_sigmoid", (-3.0, 3.0), 1 / 6),
        ("interval(-1, 2) via clamp", (-1.0, 2.0), 1.0),
        ("interval([-1], [2])[1] via clamp", (-1.0, 2.0), 1.0),
    ],
)
def test_a_value_that_stands_on_its_end_learns(spec: str, ends: tuple[float, float], slope: float) -> None:
    """What cuts is flat beyond its ends alone."""
    model = model_of(f"x: {spec}")
    for end in ends:
        raw = torch.full((1,), end, dtype=torch.float64, requires_grad=True)
        (found,) = torch.autograd.grad(model.constrain(raw).x.sum(), raw)
        assert found.item() == slope


def test_nonnegative_has_positive_s_maps_and_its_zero() -> None:
    positive, nonnegative = domains()["positive"], domains()["nonnegative"]
    assert nonnegative.transforms == positive.transforms
    assert nonnegative.contains(torch.tensor([0.0, -0.0, 1.0, -1.0, INF, math.nan])).tolist() == [1, 1, 1, 0, 0, 0]
    model = model_of("a: nonnegative via relu = 0\nb: nonnegative[2] via square = [0, 4]\nc: nonnegative")
    assert [value.tolist() for value in model()] == [0.0, [0.0, 4.0], 1.0]
    with pytest.raises(DomainError, match="the raw value of what was given does not fit"):
        model.c = 0.0


def test_an_angle_wraps_by_all_digits_of_pi() -> None:
    """Against 60 digits, far beyond where 2π in float64 has any left; its slope is 1."""
    wrap = domains()["angle"].transforms["wrap"]
    raw = torch.tensor([0.0, 1.0, 3.0, -3.5, 100.0, 1e6, -1e10, 1e15, 3e-9], dtype=torch.float64, requires_grad=True)
    value = wrap.forward(raw)
    for x, y in zip(exact(raw.detach()), value.tolist(), strict=True):
        turns = mp.nint(x / (2 * mp.pi))
        assert oracle.ulps(y, x - 2 * mp.pi * turns, torch.float64) <= 2
    (slope,) = torch.autograd.grad(value.sum(), raw)
    assert (slope == 1).all()
    assert model_of("a: angle via wrap = 3").a.item() == 3.0


@each_dtype
def test_an_angle_by_arctan_is_twice_the_arctangent(dtype: torch.dtype) -> None:
    """y = 2 arctan x, the stereographic projection of the circle; to 2 ulp."""
    raw = torch.linspace(-50, 50, 101, dtype=dtype)
    value = domains()["angle"].transforms["arctan"].forward(raw)
    assert all(oracle.ulps(y, 2 * mp.atan(x), dtype) <= 2 for x, y in zip(exact(raw), value.tolist(), strict=True))


@pytest.mark.parametrize(
    ("other", "name"),
    [("unit_interval", "prob"), ("open_interval(0, 2)", "interval(0, 2)"), ("circular", "angle")],
)
def test_names_of_torch_and_numpyro_are_read(other: str, name: str) -> None:
    assert cdsl.compile(f"x: {other}") == cdsl.compile(f"x: {name}")
    assert cdsl.compile("x: positive via squareplus") == cdsl.compile("x: positive via algebraic")


# -- Stan ----------------------------------------------------------------------------------------------------------------

STAN = [
    ("real<offset=10, multiplier=2>", "real", "identity", (10.0, 2.0)),
    ("real<offset=-3>", "real", "identity", (-3.0,)),
    ("real<multiplier=0.5>", "real", "identity", (0.0, 0.5)),
    ("real<lower=negative_infinity()>", "greater_than", "exp", (-INF,)),
    ("real<upper=positive_infinity()>", "less_than", "exp", (INF,)),
    ("real<lower=0.5, upper=positive_infinity()>", "interval", "logistic", (0.5, INF)),
    ("real<lower=negative_infinity(), upper=-2>", "interval", "logistic", (-INF, -2.0)),
    ("real<lower=negative_infinity(), upper=positive_infinity()>", "interval", "logistic", (-INF, INF)),
]


@pytest.mark.parametrize(("declaration", "domain", "via", "arguments"), STAN, ids=[row[0] for row in STAN])
def test_stan_has_the_same_log_jacobian_and_raw(
    declaration: str, domain: str, via: str, arguments: tuple[float, ...]
) -> None:
    stanli = pytest.importorskip("stanli")
    theirs = stanli.Model(stan_code=f"parameters {{ {declaration} y; }} model {{ }}")
    ours = domains()[domain].transforms[via]
    for x in (-7.5, -1.0, 0.0, 0.3, 4.0):
        raw = torch.tensor([x], dtype=torch.float64)
        density, slope = theirs.log_prob_grad(raw.numpy())
        leaf = raw.clone().requires_grad_()
        log_det = ours.log_det(leaf, *arguments).sum()
        (gradient,) = torch.autograd.grad(log_det, leaf) if log_det.requires_grad else (torch.zeros(1),)
        assert log_det.item() == pytest.approx(density, abs=1e-12)
        assert gradient.item() == pytest.approx(float(slope[0]), abs=1e-12)
        value = ours.forward(raw, *arguments)
        assert ours.inverse(value, *arguments).item() == pytest.approx(
            theirs.unconstrain({"y": value.item()})[0], abs=1e-9
        )


def test_an_interval_too_narrow_for_its_dtype_is_no_nan():
    model = cdsl.loads("x: interval(0, 1e-50) = 0.5e-50").Model(dtype=torch.float32)
    values, log_det = model.forward_and_log_det()
    assert values.x == 0
    assert log_det.isfinite()


def test_a_second_model_with_another_step_compiles_like_the_first():
    """Dynamo makes a variable of a number that it meets again as another; nothing may be written out of it then."""
    torch.compiler.reset()
    for loc in (0.5, 1.5, 2.5):
        model = cdsl.loads(f"x: positive via exp(loc={loc}, scale=2)\ny: interval(0, {loc})").Model()
        theta = model.to_flat()
        compiled = torch.compile(model.constrain_and_log_det, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(theta), model.constrain_and_log_det(theta))
