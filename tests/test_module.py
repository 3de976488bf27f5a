"""What a generated module does: every member of the interface, the contracts of the runtime, and its life in torch."""

from __future__ import annotations

import copy
import functools
import importlib
import io
import json
import math
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.func import functional_call, jacrev, stack_module_state, vmap
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import cdsl
from cdsl.model import Model
from cdsl.runtime import ConstrainedModule, DomainError, Map, NotBijective, SignatureMismatch
from cdsl.runtime.table import html_table
from cdsl.testing import DTYPES

SPEC = """#: Everything that a declaration can be.

p: prob = 0.3  #: the chance
s: positive = 2.5
w: simplex[3] = [0.2, 0.3, 0.5]
W: simplex[2, 3]
mu: ordered[3] = [-1, 0, 2.5]
tau: interval(0.1, 10)[2, 2] via probit
frozen g: positive = 9.81
z: real
"""

NAMES = ["p", "s", "w", "W", "mu", "tau", "g", "z"]
RAW_NAMES = (
    "p_raw s_raw w_raw[0] w_raw[1] W_raw[0, 0] W_raw[0, 1] W_raw[1, 0] W_raw[1, 1] mu_raw[0] mu_raw[1] mu_raw[2] "
    "tau_raw[0, 0] tau_raw[0, 1] tau_raw[1, 0] tau_raw[1, 1] z_raw"
).replace(", ", ",")
RAW_NAMES = [name.replace(",", ", ") for name in RAW_NAMES.split()]
SIZE = len(RAW_NAMES)
FREE = [name for name in NAMES if name != "g"]

each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: str(dtype).removeprefix("torch."))
each_lead = pytest.mark.parametrize("lead", [(), (3,), (2, 0), (1,)], ids=str)


def everything(text: str = SPEC, name: str = "Everything", **options: Any) -> Any:
    """An instance of the class that the spec declares; float64 unless told."""
    return class_of(text, name)(**{"dtype": torch.float64, **options})


@functools.cache
def class_of(text: str, name: str) -> Any:
    return getattr(cdsl.loads(text, name=name), name)


@pytest.fixture
def model() -> Any:
    return everything()


@pytest.fixture
def theta() -> Tensor:
    return draw((SIZE,))


def draw(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def state(model: nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def same(left: dict[str, Tensor], right: dict[str, Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def equal(left: tuple[Tensor, ...], right: tuple[Tensor, ...]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(left, right, strict=True))


def near(left: Any, right: Any) -> bool:
    """To 4 eps of max(1, |x|): torch's vector and scalar kernels differ by that, see test_laws.py."""
    eps = torch.finfo(left.dtype).eps
    return left.shape == right.shape and bool(((left - right).abs() <= 4 * eps * right.abs().clamp(min=1)).all())


# -- values -------------------------------------------------------------------------------------------------------------


def test_calling_the_model_gives_every_value_by_name_in_declaration_order(model: Any) -> None:
    values = model()
    assert type(values).__name__ == "EverythingValues"
    assert list(values._fields) == NAMES
    shapes = {"p": (), "s": (), "w": (3,), "W": (2, 3), "mu": (3,), "tau": (2, 2), "g": (), "z": ()}
    assert {name: tuple(getattr(values, name).shape) for name in NAMES} == shapes
    assert equal(values, tuple(getattr(model, name) for name in NAMES))


def test_values_start_where_the_spec_says_or_at_the_neutral_value(model: Any) -> None:
    """To 4 eps: raw is the rounded inverse, and these starts are well inside their domains."""
    expected = {
        "p": 0.3,
        "s": 2.5,
        "w": [0.2, 0.3, 0.5],
        "W": [[1 / 3] * 3] * 2,
        "mu": [-1.0, 0.0, 2.5],
        "tau": [[5.05] * 2] * 2,
        "g": 9.81,
        "z": 0.0,
    }
    for name, value in expected.items():
        assert near(getattr(model, name), torch.tensor(value, dtype=torch.float64)), name


def test_every_value_is_differentiable_and_a_frozen_one_is_not(model: Any) -> None:
    values = model()
    sum((value * value).sum() for value in values).backward()
    for name in FREE:
        assert getattr(model, f"{name}_raw").grad is not None
    assert model.g_raw.grad is None
    assert not values.g.requires_grad


@pytest.mark.parametrize("member", ["__call__", "forward_and_log_det"])
def test_each_value_is_computed_once(model: Any, member: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def noted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Map, *arguments: Any, **named: Any) -> Any:
            seen.append(repr(self))
            return method(self, *arguments, **named)

        return call

    monkeypatch.setattr(Map, "__call__", noted(Map.__call__))
    monkeypatch.setattr(Map, "with_log_det", noted(Map.with_log_det))
    getattr(model, member)()
    assert len(seen) == len(NAMES)


def test_reading_one_value_computes_that_one_alone(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    call = Map.__call__
    monkeypatch.setattr(Map, "__call__", lambda self, *rest: (seen.append(repr(self)), call(self, *rest))[1])
    _ = model.mu
    assert seen == ["ordered.increments"]


def test_backward_runs_any_number_of_times(model: Any) -> None:
    for _ in range(5):
        sum(value.sum() for value in model()).backward()
        (model.p * model.w).sum().backward()
        model.log_abs_det_jacobian().backward()
    assert all(getattr(model, f"{name}_raw").grad.isfinite().all() for name in FREE)


def test_the_raw_parameters_are_leaves_and_nothing_derived_from_them_is_kept(model: Any) -> None:
    model(), model.p, model.forward_and_log_det(), model.to_flat(), repr(model), model.scalar_dict()
    model.log_abs_det_jacobian().backward()
    assert [name for name, _ in model.named_parameters()] == [f"{name}_raw" for name in NAMES]
    assert all(type(one) is nn.Parameter and one.is_leaf for one in model.parameters())
    assert dict(model.named_buffers()) == {}
    leaves = torch.utils._pytree.tree_leaves({key: value for key, value in vars(model).items() if key != "_parameters"})
    assert not any(isinstance(leaf, Tensor) for leaf in leaves)


def test_a_scalar_has_raw_of_shape_1_and_a_value_without_shape(model: Any) -> None:
    assert model.p_raw.shape == (1,)
    assert model.p.shape == ()
    assert model.z_raw.shape == (1,)


def test_raw_has_the_shape_that_the_transform_takes() -> None:
    shapes = {"isometric_log_ratio": (2, 2), "stick_breaking": (2, 2), "softmax": (2, 3)}
    for transform, shape in shapes.items():
        assert everything(f"w: simplex[2, 3] via {transform}").w_raw.shape == shape


def test_options_are_by_keyword_and_follow_torchs_defaults() -> None:
    cls = type(everything())
    with pytest.raises(TypeError):
        cls(torch.float64)
    assert cls().p.dtype == torch.float32
    torch.set_default_dtype(torch.float64)
    try:
        assert cls().p.dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    with torch.device("meta"):
        assert cls().p_raw.is_meta


@each_dtype
def test_values_and_log_det_are_of_the_dtype_asked_for(dtype: torch.dtype) -> None:
    model = everything(dtype=dtype)
    values, log_det = model.forward_and_log_det()
    assert {one.dtype for one in (*values, log_det, *model.parameters(), model.to_flat())} == {dtype}


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
def test_a_dtype_that_cannot_hold_raw_is_refused(dtype: torch.dtype) -> None:
    with pytest.raises((TypeError, RuntimeError), match="floating"):
        everything(dtype=dtype)


def test_sizes_of_zero_and_one_are_sizes() -> None:
    model = everything("a: positive[0]\nb: simplex[0, 3]\nc: simplex[1]\nd: ordered[1]\ne: real[2, 0]")
    assert [tuple(value.shape) for value in model()] == [(0,), (0, 3), (1,), (1,), (2, 0)]
    assert model.unconstrained_size == 1
    assert model.raw_names() == ["d_raw[0]"]
    assert model.c.tolist() == [1.0]
    assert model.log_abs_det_jacobian().item() == 0.0
    assert model.scalar_dict() == {"c[0]": 1.0, "d[0]": 0.0}
    model.assign_(a=[], b=torch.zeros(0, 3), c=[1], d=[7])
    assert model.d.tolist() == [7.0]
    assert "e" in repr(model)
    model.load_flat_(torch.ones(1))
    assert model.constrain(torch.zeros(4, 1)).b.shape == (4, 0, 3)


# -- log-Jacobian -------------------------------------------------------------------------------------------------------


def test_forward_and_log_det_is_both(model: Any) -> None:
    values, log_det = model.forward_and_log_det()
    assert equal(values, model())
    assert torch.equal(log_det, model.log_abs_det_jacobian())
    assert log_det.shape == ()


@pytest.mark.parametrize("frozen", [(), ("w",), ("p", "mu", "tau")], ids=str)
def test_log_det_is_that_of_the_jacobian_from_theta_to_the_charts(model: Any, frozen: tuple[str, ...]) -> None:
    """Raws of ±1: the matrix is block triangular and well conditioned; 1e-12 leaves a thousand eps for LU of 16 × 16."""
    model.freeze_(*frozen)
    free = [one for one in model._declared if one.name not in ("g", *frozen)]
    theta = draw((model.unconstrained_size,)).clamp(-1, 1)

    def charts(theta: Tensor) -> Tensor:
        values = model.constrain(theta)
        sizes = {one.name: one.given[len(one.arguments) :] for one in free}
        charts = (one.map.domain.chart(getattr(values, one.name), *sizes[one.name]) for one in free)
        return torch.cat([coordinates.reshape(-1) for coordinates in charts])

    expected = torch.linalg.slogdet(jacrev(charts)(theta)).logabsdet
    assert abs(model.constrain_and_log_det(theta)[1] - expected) < 1e-12
    model.load_flat_(theta)
    assert abs(model.log_abs_det_jacobian() - expected) < 1e-12


def test_a_surjective_transform_refuses_its_log_det_and_names_the_alternatives() -> None:
    model = everything("s: positive\nq: prob via hard_sigmoid\nv: simplex[2, 3] via softmax")
    asks: list[Callable[[], Any]] = [
        model.log_abs_det_jacobian,
        model.forward_and_log_det,
        lambda: model.constrain_and_log_det(torch.zeros(8, dtype=torch.float64)),
    ]
    for ask in asks:
        with pytest.raises(
            NotBijective,
            match=r"^q: .*hard_sigmoid.*surjective.*Bijective transforms of `prob`: logistic, probit, tanh, ",
        ):
            ask()
    model.freeze_("q")
    with pytest.raises(NotBijective, match=r"^v: .*softmax.*isometric_log_ratio, stick_breaking$"):
        model.log_abs_det_jacobian()
    model.freeze_("v")
    assert model.log_abs_det_jacobian() == model.s_raw.sum()
    model.unfreeze_("q")
    with pytest.raises(NotBijective):
        model.log_abs_det_jacobian()
    assert model.constrain(torch.zeros(2, dtype=torch.float64)).q == 0.5


# -- the flat view ------------------------------------------------------------------------------------------------------


def test_the_flat_view_is_in_declaration_order_and_row_major(model: Any) -> None:
    assert model.raw_names() == RAW_NAMES
    assert model.unconstrained_size == SIZE
    theta = torch.arange(SIZE, dtype=torch.float64)
    model.load_flat_(theta)
    assert torch.equal(model.to_flat(), theta)
    assert model.W_raw.tolist() == [[4, 5], [6, 7]]
    assert model.tau_raw.tolist() == [[11, 12], [13, 14]]
    for label, entry in zip(model.raw_names(), theta, strict=True):
        name, _, index = label.removesuffix("]").partition("[")
        at = tuple(map(int, index.split(", "))) if index else (0,)
        assert getattr(model, name)[at] == entry


def test_to_flat_is_a_copy_without_graph(model: Any) -> None:
    flat = model.to_flat()
    assert not flat.requires_grad
    flat.zero_()
    assert model.s_raw.item() != 0
    one = everything("x: real[3] = 1")
    one.to_flat().zero_()
    assert one.x.tolist() == [1, 1, 1]


def test_load_flat_takes_what_requires_grad_and_keeps_no_graph(model: Any, theta: Tensor) -> None:
    model.load_flat_(theta.requires_grad_())
    assert all(one.is_leaf and one.grad_fn is None for one in model.parameters())
    assert torch.equal(model.to_flat(), theta)


@pytest.mark.parametrize("length", [0, 1, SIZE - 1, SIZE + 1])
def test_a_theta_of_the_wrong_length_raises_with_both_numbers(model: Any, length: int) -> None:
    before, theta = state(model), torch.zeros(length, dtype=torch.float64)
    for take in (model.load_flat_, model.constrain, model.constrain_and_log_det):
        with pytest.raises(ValueError, match=rf"{SIZE}\b.*\({length},\)"):
            take(theta)
    assert same(before, state(model))


def test_a_theta_without_its_dimension_raises(model: Any) -> None:
    for take in (model.load_flat_, model.constrain, model.constrain_and_log_det):
        with pytest.raises(ValueError, match=f"{SIZE}.*\\(\\)"):
            take(torch.tensor(0.0))
    with pytest.raises(ValueError, match=f"{SIZE}"):
        model.load_flat_(torch.zeros(1, SIZE))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_theta_that_is_not_finite_is_refused_by_the_name_of_its_entry(model: Any, theta: Tensor, bad: float) -> None:
    before = state(model)
    theta[6] = bad
    with pytest.raises(ValueError, match=r"W_raw\[1, 0\]"):
        model.load_flat_(theta)
    assert same(before, state(model))


def test_a_theta_that_overflows_the_dtype_of_the_module_is_refused() -> None:
    model = everything(dtype=torch.float16)
    before, theta = state(model), torch.zeros(SIZE)
    theta[-1] = 1e6
    with pytest.raises(ValueError, match="z_raw"):
        model.load_flat_(theta)
    assert same(before, state(model))


@each_lead
def test_constrain_is_batched_and_equals_the_single_case(model: Any, lead: tuple[int, ...]) -> None:
    theta = draw((*lead, SIZE))
    values = model.constrain(theta)
    both, log_det = model.constrain_and_log_det(theta)
    assert equal(values, both)
    assert log_det.shape == lead
    for name, value in zip(NAMES, values, strict=True):
        assert value.shape == (*lead, *getattr(model, name).shape)
    if 0 in lead:
        return  # vmap has no empty batch
    single = model.constrain_and_log_det
    for _ in lead:
        single = vmap(single)
    expected, expected_log_det = single(theta)
    assert all(near(one, other) for one, other in zip(values, expected, strict=True))
    assert near(log_det, expected_log_det)


def test_constrain_of_the_flat_view_is_the_model(model: Any) -> None:
    values, log_det = model.constrain_and_log_det(model.to_flat())
    assert equal(values, model())
    assert torch.equal(log_det, model.log_abs_det_jacobian())


def test_constrain_is_differentiable_in_theta_and_leaves_the_model_alone(model: Any, theta: Tensor) -> None:
    values, log_det = model.constrain_and_log_det(theta.requires_grad_())
    (sum(value.sum() for value in values) + log_det).backward()
    assert theta.grad is not None
    assert theta.grad.isfinite().all()
    assert all(one.grad is None for one in model.parameters())


@each_lead
def test_unconstrain_is_the_inverse_of_constrain(model: Any, lead: tuple[int, ...]) -> None:
    """To 1e-12: normal raws, whose values lose at most a thousand eps on the way."""
    theta = draw((*lead, SIZE))
    values = model.constrain(theta)
    for given_as in (values, values._asdict(), {name: getattr(values, name) for name in FREE}):
        back = model.unconstrain(given_as)
        assert back.shape == theta.shape
        assert ((back - theta).abs() < 1e-12).all()


def test_unconstrain_of_the_model_is_the_flat_view(model: Any) -> None:
    assert (model.unconstrain(model()) - model.to_flat()).abs().max() < 1e-14


def test_unconstrain_takes_what_assign_takes(model: Any) -> None:
    """Numbers, lists, arrays, integers; computed as `assign_` does."""
    given = {
        "p": 0.4,
        "s": torch.tensor(3),
        "w": np.array([0.2, 0.3, 0.5]),
        "W": [[0.2, 0.3, 0.5]] * 2,
        "mu": torch.tensor([1, 2, 3]),
        "tau": np.full((2, 2), 2, dtype=np.int64),
        "z": -1,
    }
    theta = model.unconstrain(given)
    model.assign_(**given)
    assert near(theta, model.to_flat())


def test_unconstrain_gives_the_dtype_of_the_module() -> None:
    model = everything(dtype=torch.float32)
    assert model.unconstrain(everything()()).dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "bad", "message"),
    [
        ("p", 1.5, "p is outside prob: 1.5"),
        ("w", [0.2, 0.3, 0.6], "w is outside"),
        ("mu", [0.0, 2.0, 1.0], r"mu\[2\]"),
        ("w", [0.5, 0.5], r"w: .*\(2,\)"),
        ("s", "a", "s: "),
    ],
    ids=str,
)
def test_unconstrain_refuses_what_assign_refuses(model: Any, name: str, bad: Any, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        model.unconstrain({**model()._asdict(), name: bad})


def test_unconstrain_names_the_bad_entry_of_a_batch(model: Any) -> None:
    values = model.constrain(draw((3, SIZE)))._asdict()
    values["mu"] = values["mu"].clone()
    values["mu"][1] = torch.tensor([0.0, 2.0, 1.0])
    with pytest.raises(DomainError, match=r"mu\[1, 2\]"):
        model.unconstrain(values)


def test_unconstrain_needs_every_value_that_is_not_frozen(model: Any) -> None:
    values = model()._asdict()
    del values["g"]
    model.unconstrain(values)
    del values["mu"]
    with pytest.raises(DomainError, match="mu"):
        model.unconstrain(values)


# -- setting ------------------------------------------------------------------------------------------------------------


def test_a_value_is_set_by_assignment_and_by_assign(model: Any) -> None:
    raw = model.p_raw
    model.p = 0.9
    assert near(model.p, torch.tensor(0.9, dtype=torch.float64))
    model.assign_(p=0.25, w=[0.1, 0.2, 0.7], mu=torch.tensor([1.0, 2.0, 4.0]))
    assert near(model.p, torch.tensor(0.25, dtype=torch.float64))
    assert near(model.w, torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64))
    assert near(model.mu, torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64))
    assert model.p_raw is raw, "an optimizer that holds it goes on"
    assert raw.is_leaf
    assert raw.grad_fn is None


def test_a_frozen_value_can_be_set_too(model: Any) -> None:
    model.g = 1.62
    assert near(model.g, torch.tensor(1.62, dtype=torch.float64))
    assert not model.g_raw.requires_grad


@pytest.mark.parametrize(
    "value",
    [
        [0.2, 0.3, 0.5],
        (0.2, 0.3, 0.5),
        np.array([0.2, 0.3, 0.5]),
        torch.tensor([0.2, 0.3, 0.5]),
        torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64),
        [torch.tensor(0.2), torch.tensor(0.3), torch.tensor(0.5)],
        [np.float32(0.2), np.float64(0.3), 0.5],
        nn.Parameter(torch.tensor([0.2, 0.3, 0.5]), requires_grad=False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_may_be_lists_tuples_arrays_and_tensors(model: Any, value: Any) -> None:
    """To 1e-7: some of them are given in float32."""
    model.assign_(w=value)
    assert (model.w - torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)).abs().max() < 1e-7


@pytest.mark.parametrize(
    "value", [3, np.int64(3), np.float32(3), np.array(3), torch.tensor(3), torch.tensor(3.0)], ids=repr
)
def test_a_scalar_may_be_any_number(model: Any, value: Any) -> None:
    model.s = value
    assert near(model.s, torch.tensor(3.0, dtype=torch.float64))


def test_an_event_is_broadcast_over_the_batch_and_a_number_over_single_entries(model: Any) -> None:
    model.assign_(W=[0.2, 0.3, 0.5], tau=5)
    assert near(model.W, torch.tensor([[0.2, 0.3, 0.5]] * 2, dtype=torch.float64))
    assert near(model.tau, torch.full((2, 2), 5.0, dtype=torch.float64))


@pytest.mark.parametrize(
    ("name", "value", "shapes"),
    [
        ("w", 1 / 3, [(3,), ()]),
        ("w", [0.5, 0.5], [(3,), (2,)]),
        ("W", [[0.2, 0.3, 0.5]], [(2, 3), (3,), (1, 3)]),
        ("tau", [1, 2], [(2, 2), (2,)]),
        ("tau", [[[1]]], [(2, 2), (1, 1, 1)]),
        ("p", [0.5], [(), (1,)]),
        ("p", [], [(), (0,)]),
        ("mu", [[0, 1, 2]], [(3,), (1, 3)]),
    ],
)
def test_a_wrong_shape_is_refused_with_both_shapes(
    model: Any, name: str, value: Any, shapes: list[tuple[int, ...]]
) -> None:
    before = state(model)
    with pytest.raises(DomainError) as caught:
        model.assign_(**{name: value})
    assert str(caught.value).startswith(f"{name}: ")
    assert all(str(shape) in str(caught.value) for shape in shapes), str(caught.value)
    assert same(before, state(model))


OUTSIDE = [
    ("p", 1.5, "p is outside prob: 1.5, "),
    ("p", 0.0, "p is outside prob: 0, "),
    ("p", 1, "p is outside prob: 1, "),
    ("p", math.nan, "p is outside prob: nan, "),
    ("s", math.inf, "s is outside positive: inf, "),
    ("z", -math.inf, "z is outside real: -inf, "),
    ("z", math.nan, "z is outside real: nan, "),
    ("tau", [[1, 1], [11, 1]], "tau[1, 0] is outside interval(0.1, 10.0)[2, 2]: 11, "),
    ("tau", 0.1, "tau[0, 0] is outside interval(0.1, 10.0)[2, 2]: 0.1, "),
    ("mu", [0, 2, 1], "mu[2] is outside ordered[3]: 1, "),
    ("mu", [0, 1, 1], "mu[2] is outside ordered[3]: 1, "),
    ("mu", [0, math.nan, 1], "mu[1] is outside ordered[3]: nan, "),
    ("w", [0.5, -0.1, 0.6], "w[1] is outside simplex[3]: -0.1, "),
    ("w", [0.2, 0.3, 0.6], "w is outside simplex[3]: 1.1 in sum, "),
    ("w", [0.5, math.nan, 0.5], "w[1] is outside simplex[3]: nan, "),
    ("w", [1e308, 1e308, 1e308], "w is outside simplex[3]: "),
    ("w", [0.5, math.inf, 0.5], "w is outside simplex[3]: inf in sum, "),
    ("W", [[0.2, 0.3, 0.5], [0.2, 0.2, 0.5]], "W[1] is outside simplex[2, 3]: 0.9 in sum, "),
    ("W", [[0.2, 0.3, 0.5], [0.2, -0.2, 1]], "W[1, 1] is outside simplex[2, 3]: -0.2, "),
]


@pytest.mark.parametrize(("name", "value", "message"), OUTSIDE, ids=lambda part: str(part)[:30])
def test_a_value_outside_is_refused_by_parameter_index_value_and_domain(
    model: Any, name: str, value: Any, message: str
) -> None:
    before = state(model)
    for given_as in (value, torch.tensor(value, dtype=torch.float64), np.array(value)):
        with pytest.raises(DomainError) as caught:
            model.assign_(**{name: given_as})
        assert str(caught.value).startswith(message)
    with pytest.raises(ValueError, match="must "):
        setattr(model, name, value)
    assert same(before, state(model))


def wrong_things() -> Iterator[tuple[str, Any]]:
    """What is no tensor of real numbers that stands for itself."""
    graph = torch.tensor(0.2, requires_grad=True)
    yield "string", "0.3"
    yield "strings", ["0.2", "0.3", "0.5"]
    yield "array of strings", np.array(["0.2", "0.3", "0.5"])
    yield "array of objects", np.array([0.2, None, 0.5], dtype=object)
    yield "None", None
    yield "dict", {}
    yield "set", {0.2, 0.3, 0.5}
    yield "object", object()
    yield "complex", 0.5 + 0j
    yield "complex tensor", torch.tensor([0.2, 0.3, 0.5], dtype=torch.complex64)
    yield "complex array", np.array([0.2, 0.3, 0.5 + 1j])
    yield "complex list", [0.2, 0.3, 0.5 + 0j]
    yield "ragged", [[0.2], [0.3, 0.5]]
    yield "huge integer", 10**400
    yield "a graph", graph * torch.tensor([1.0, 1.5, 2.5])
    yield "a leaf that requires grad", torch.tensor([0.2, 0.3, 0.5], requires_grad=True)
    yield "a list of a graph", [graph, 0.3, 0.5]
    yield "a tensor without data", torch.tensor([0.2, 0.3, 0.5], device="meta")
    yield "a sparse tensor", torch.tensor([0.2, 0.3, 0.5]).to_sparse()


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in wrong_things()])
def test_what_is_no_real_number_is_refused_by_name(model: Any, value: Any) -> None:
    before = state(model)
    with pytest.raises(DomainError, match=r"^w: "):
        model.assign_(s=1.5, w=value)
    assert same(before, state(model))


def test_what_requires_grad_is_refused_with_what_to_do(model: Any) -> None:
    with pytest.raises(DomainError, match="detach"):
        model.assign_(p=model.p)
    model.assign_(p=model.p.detach())


@pytest.mark.parametrize(("name", "value", "message"), OUTSIDE, ids=lambda part: str(part)[:30])
def test_assign_writes_all_or_nothing(model: Any, name: str, value: Any, message: str) -> None:
    """Wherever the bad one stands among the good ones."""
    before = state(model)
    good = {"p": 0.9, "s": 1.0, "w": [0.1, 0.1, 0.8], "mu": [1, 2, 3], "tau": 1, "z": 5, "g": 1}
    good.pop(name, None)
    for values in ({**good, name: value}, {name: value, **good}):
        with pytest.raises(DomainError):
            model.assign_(**values)
        assert same(before, state(model))
    model.assign_(**good)
    assert not same(before, state(model))


def test_a_value_whose_raw_does_not_fit_the_dtype_is_refused() -> None:
    model = everything(dtype=torch.float16)
    before = state(model)
    with pytest.raises(DomainError, match=r"^z: .*float16"):
        model.assign_(p=0.9, z=1e5)
    assert same(before, state(model))
    many = everything("a: positive[2, 2] via softplus", dtype=torch.float16)
    with pytest.raises(DomainError, match=r"^a\[1, 0\]: .*float16"):
        many.a = [[1, 1], [1e6, 1]]


def test_a_name_that_is_not_declared_is_a_type_error_and_writes_nothing(model: Any) -> None:
    before = state(model)
    with pytest.raises(TypeError, match=r"`q`.*p, s, w"):
        model.assign_(s=1.0, q=1.0)
    assert same(before, state(model))


def test_what_is_tested_is_the_value_as_given_and_not_what_it_rounds_to() -> None:
    model = everything(dtype=torch.float32)
    model.p = 1 - 1e-12  # 1 in float32
    assert 27 < model.p_raw.item() < 28
    with pytest.raises(DomainError):
        model.p = 1.0
    model.tau = torch.tensor(0.1)  # in float32 this is more than 0.1
    with pytest.raises(DomainError):
        model.tau = torch.tensor(0.1, dtype=torch.float64)
    model.tau = math.nextafter(0.1, 1)
    assert model.tau_raw.isfinite().all()
    half = everything(dtype=torch.float16)
    half.mu = [1, 1 + 1e-9, 1 + 2e-9]  # all 1 in float16
    assert half.mu_raw.isfinite().all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    p=st.floats(1e-12, 1 - 1e-12),
    s=st.floats(1e-300, 1e300),
    z=st.floats(-1e300, 1e300),
    steps=st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3),
)
def test_what_is_assigned_is_what_is_read(p: float, s: float, z: float, steps: list[float]) -> None:
    """Raw is rounded to eps of itself: log s and logit p are below 700, so 1000 eps relative; sums as their largest."""
    model = everything()
    mu = np.cumsum(steps) - 500
    model.assign_(p=p, s=s, z=z, mu=mu, w=np.array(steps) / sum(steps))
    eps = torch.finfo(torch.float64).eps
    assert abs(model.p.item() - p) <= 1000 * eps * p
    assert abs(model.s.item() - s) <= 1000 * eps * s
    assert model.z.item() == z
    assert (model.mu.detach().numpy() - mu).__abs__().max() <= 100 * eps * 3000
    assert np.abs(model.w.detach().numpy() - np.array(steps) / sum(steps)).max() <= 100 * eps


def off_by(dtype: Any, total: float) -> Any:
    """[0.25, 0.25, 0.5] with its last entry such that the sum is `total`, exactly if the dtype has it."""
    if isinstance(dtype, torch.dtype):
        return torch.tensor([0.25, 0.25, total - 0.5], dtype=dtype)
    return np.array([0.25, 0.25, total - 0.5], dtype=dtype) if dtype else [0.25, 0.25, total - 0.5]


@pytest.mark.parametrize(
    ("dtype", "eps"),
    [
        (None, 2.0**-52),
        (np.float64, 2.0**-52),
        (np.float32, 2.0**-23),
        (np.float16, 2.0**-10),
        (torch.float64, 2.0**-52),
        (torch.float32, 2.0**-23),
        (torch.float16, 2.0**-10),
        (torch.bfloat16, 2.0**-7),
    ],
    ids=str,
)
def test_a_simplex_may_miss_its_sum_by_what_the_dtype_it_is_given_in_may_lose(dtype: Any, eps: float) -> None:
    """max(1e-6, 8 eps √K), and is normalised."""
    model, tolerance = everything("w: simplex[3]"), max(1e-6, 8 * eps * math.sqrt(3))
    for total in (1 + 0.8 * tolerance, 1 - 0.8 * tolerance):
        model.w = off_by(dtype, total)
        assert abs(model.w.sum().item() - 1) < 1e-15
    before = state(model)
    for total in (1 + 1.3 * tolerance, 1 - 1.3 * tolerance):
        with pytest.raises(DomainError, match="in sum, must sum to 1, off by"):
            model.w = off_by(dtype, total)
    assert same(before, state(model))


def test_at_the_edge_of_that_tolerance_a_simplex_is_taken_or_refused() -> None:
    """And nothing else: the sum in a tensor and the sum of floats differ in their last bit."""
    model = everything("w: simplex[3]")
    generator = np.random.default_rng(0)
    for _ in range(200):
        w = generator.dirichlet([1, 1, 1])
        try:
            model.w = [w[0] + 1e-6, *w[1:]]
        except DomainError as refused:
            assert "in sum" in str(refused)  # noqa: PT017  # either way is right


def test_a_parameter_cannot_be_replaced_by_a_parameter_of_torch(model: Any) -> None:
    before = state(model)
    with pytest.raises(TypeError, match="`p_raw`"):
        model.p = nn.Parameter(torch.tensor(0.5))
    assert same(before, state(model))


def test_the_error_inside_a_property_is_the_one_that_is_raised() -> None:
    class Broken(type(everything())):  # type: ignore[misc]  # a class made at run time
        @property
        def odds(self) -> Any:
            return self.p.no_such_member

    model = Broken()
    with pytest.raises(AttributeError, match="no_such_member"):
        _ = model.odds
    with pytest.raises(AttributeError, match="neither"):
        _ = model.neither
    assert not hasattr(model, "neither")
    del model._parameters["p_raw"]
    with pytest.raises(AttributeError, match="p_raw"):
        _ = model.p


# -- start, reset, randomize --------------------------------------------------------------------------------------------


def test_reset_parameters_writes_the_starts_again(model: Any) -> None:
    before = state(model)
    model.randomize_()
    model.g = 1
    model.freeze_("s")
    model.reset_parameters()
    assert same(before, state(model))
    assert model.frozen_names() == ["s", "g"]


@each_dtype
def test_randomize_draws_raw_within_the_radius_and_skips_what_is_frozen(dtype: torch.dtype) -> None:
    model = everything("x: real[1000]\ny: positive[10]\nfrozen g: positive = 9.81", dtype=dtype)
    model.freeze_("y")
    before = state(model)
    for radius in (2.0, 0.25):
        model.randomize_(*([] if radius == 2 else [radius]))
        assert model.x_raw.abs().max() <= radius
        assert model.x_raw.abs().max() > 0.9 * radius
        assert abs(model.x_raw.double().mean()) < radius / 10
    assert torch.equal(model.y_raw, before["y_raw"])
    assert torch.equal(model.g_raw, before["g_raw"])
    assert model.x_raw.is_leaf
    assert model.x_raw.requires_grad


def test_randomize_with_a_generator_is_reproducible_and_leaves_the_global_one_alone(model: Any) -> None:
    before = torch.random.get_rng_state()
    model.randomize_(generator=torch.Generator().manual_seed(3))
    first = model.to_flat()
    model.randomize_(generator=torch.Generator().manual_seed(4))
    assert not torch.equal(model.to_flat(), first)
    model.randomize_(generator=torch.Generator().manual_seed(3))
    assert torch.equal(model.to_flat(), first)
    assert torch.equal(torch.random.get_rng_state(), before)


# -- freezing -----------------------------------------------------------------------------------------------------------


def test_freezing_takes_a_parameter_out_of_theta_and_unfreezing_puts_it_back(model: Any) -> None:
    full, log_det = model.to_flat(), model.log_abs_det_jacobian()
    model.freeze_("w", "p")
    assert model.frozen_names() == ["p", "w", "g"]
    assert model.raw_names() == [name for name in RAW_NAMES if not name.startswith(("p_", "w_"))]
    assert model.unconstrained_size == SIZE - 3
    assert model.to_flat().shape == (SIZE - 3,)
    assert not model.p_raw.requires_grad
    assert not model().w.requires_grad
    assert model.log_abs_det_jacobian() != log_det
    values = model.constrain(torch.zeros(5, SIZE - 3, dtype=torch.float64))
    assert values.w.shape == (5, 3)
    assert torch.equal(values.w, model.w.expand(5, 3))
    assert torch.equal(values.p, model.p.expand(5))
    with pytest.raises(ValueError, match=f"{SIZE - 3}.*{SIZE}"):
        model.load_flat_(full)
    model.unfreeze_("w", "p")
    assert model.frozen_names() == ["g"]
    assert torch.equal(model.to_flat(), full)
    assert torch.equal(model.log_abs_det_jacobian(), log_det)
    assert model.p_raw.requires_grad


def test_freezing_twice_is_freezing_once(model: Any) -> None:
    model.freeze_("p", "p")
    model.freeze_("p")
    model.freeze_()
    model.unfreeze_("p")
    model.unfreeze_("p")
    assert model.frozen_names() == ["g"]


@pytest.mark.parametrize("member", ["freeze_", "unfreeze_"])
def test_freezing_takes_declared_names_and_does_nothing_where_one_is_unknown(model: Any, member: str) -> None:
    for name in ("q", "p_raw"):
        with pytest.raises(TypeError, match=f"`{name}`.*p, s, w"):
            getattr(model, member)("s", name)
    assert model.frozen_names() == ["g"]
    assert model.s_raw.requires_grad


def test_a_parameter_that_the_spec_declares_frozen_is_a_constant(model: Any) -> None:
    assert model.frozen_names() == ["g"]
    assert not model.g_raw.requires_grad
    assert "g_raw" not in model.raw_names()
    assert "g_raw" in model.state_dict()
    assert near(model().g, torch.tensor(9.81, dtype=torch.float64))
    log_det = model.log_abs_det_jacobian()
    model.g = 2.0
    assert torch.equal(model.log_abs_det_jacobian(), log_det)
    with pytest.raises(TypeError, match="`g` is declared `frozen`"):
        model.unfreeze_("s", "g")
    model.freeze_("g")
    assert not model.g_raw.requires_grad


def test_a_model_of_constants_has_an_empty_theta() -> None:
    model = everything("frozen g: positive = 9.81\nfrozen w: simplex[3] = [0.2, 0.3, 0.5]")
    assert model.unconstrained_size == 0
    assert model.raw_names() == []
    assert model.to_flat().shape == (0,)
    assert model.log_abs_det_jacobian() == 0
    model.load_flat_(torch.zeros(0))
    for lead in ((), (3,), (2, 0)):
        values, log_det = model.constrain_and_log_det(torch.zeros(*lead, 0, dtype=torch.float64))
        assert values.w.shape == (*lead, 3)
        assert log_det.shape == lead
    assert model.unconstrain(model()).shape == (0,)
    model.randomize_()
    assert near(model.g, torch.tensor(9.81, dtype=torch.float64))


def test_no_optimizer_moves_what_is_frozen(model: Any) -> None:
    """Neither decay, nor momentum of before, nor a gradient that was computed before it was frozen."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        sum(value.sum() for value in model()).backward()
        optimizer.step()
    sum(value.sum() for value in model()).backward()
    model.freeze_("p", "w")
    before = state(model)
    optimizer.step()
    after = state(model)
    assert all(torch.equal(before[name], after[name]) for name in ("p_raw", "w_raw", "g_raw"))
    assert not torch.equal(before["s_raw"], after["s_raw"])


# -- looking ------------------------------------------------------------------------------------------------------------


def test_scalar_dict_has_every_entry_as_a_float(model: Any) -> None:
    numbers = model.scalar_dict("model/")
    assert list(numbers)[:6] == ["model/p", "model/s", "model/w[0]", "model/w[1]", "model/w[2]", "model/W[0, 0]"]
    assert len(numbers) == sum(value.numel() for value in model())
    assert all(type(number) is float for number in numbers.values())
    assert numbers["model/mu[2]"] == model.mu[2].item()
    assert numbers["model/tau[1, 0]"] == model.tau[1, 0].item()
    assert model.scalar_dict().keys() == {name.removeprefix("model/") for name in numbers}


def test_repr_and_summary_are_a_table_of_the_parameters(model: Any) -> None:
    lines = model.summary().splitlines()
    assert lines[0].split() == ["name", "domain", "transform", "shape", "value", "trainable"]
    assert [line.split()[0] for line in lines[2:]] == NAMES
    assert all("yes" in line or name == "g" for name, line in zip(NAMES, lines[2:], strict=True))
    assert lines[2 + NAMES.index("g")].endswith("no")
    assert "interval(0.1, 10.0)[2, 2]" in lines[2 + NAMES.index("tau")]
    assert "probit" in lines[2 + NAMES.index("tau")]
    assert "0.3" in lines[2]
    assert repr(model).startswith("Everything")
    assert model.summary() in repr(model)
    model.freeze_("p")
    assert model.summary().splitlines()[2].endswith("no")
    assert "Everything" in repr(nn.Sequential(model))


def test_the_html_table_is_escaped(model: Any) -> None:
    text = model._repr_html_()
    assert text.count("<tr>") == 1 + len(NAMES)
    assert "<td>interval(0.1, 10.0)[2, 2]</td>" in text
    assert "<td>&lt;b&gt;&amp;&quot;</td>" in html_table([('<b>&"',)])


def test_repr_works_without_data() -> None:
    meta = everything(device="meta")
    assert "(meta)" in repr(meta)
    assert "(meta)" in meta._repr_html_()


def test_spec_is_the_checked_model_as_json(model: Any) -> None:
    checked = cdsl.check(cdsl.parse(SPEC), "Everything").model
    assert checked is not None
    assert Model.model_validate(json.loads(json.dumps(model.spec))) == checked
    assert cdsl.Model.model_validate_json(json.dumps(model.spec)) == checked
    model.spec["parameters"].clear()
    assert model.spec["parameters"], "a copy"


# -- checkpoints --------------------------------------------------------------------------------------------------------


def test_the_state_is_every_raw_and_the_signature(model: Any) -> None:
    assert list(model.state_dict()) == [*(f"{name}_raw" for name in NAMES), "_extra_state"]
    assert all(isinstance(one, Tensor) for one in model.state_dict().values())


@pytest.fixture
def trained(model: Any) -> Any:
    model.randomize_(generator=torch.Generator().manual_seed(0))
    model.g = 1.5
    return model


def test_torch_save_loads_with_weights_only(trained: Any, tmp_path: Path) -> None:
    torch.save(trained.state_dict(), tmp_path / "model.pt")
    fresh = everything()
    fresh.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert same(state(fresh), state(trained))


def test_safetensors_keep_the_state(trained: Any, tmp_path: Path) -> None:
    safetensors.torch.save_file(trained.state_dict(), tmp_path / "model.safetensors")
    fresh = everything()
    fresh.load_state_dict(safetensors.torch.load_file(tmp_path / "model.safetensors"))
    assert same(state(fresh), state(trained))


def test_safetensors_save_and_load_the_model(trained: Any, tmp_path: Path) -> None:
    safetensors.torch.save_model(trained, str(tmp_path / "model.safetensors"))
    fresh = everything()
    safetensors.torch.load_model(fresh, str(tmp_path / "model.safetensors"))
    assert same(state(fresh), state(trained))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s: positive", "s: positive via softplus"),
        ("tau: interval(0.1, 10)[2, 2] via probit", "tau: interval(0.1, 20)[2, 2] via probit"),
        ("mu: ordered[3]", "mu: positive_ordered[3]"),
        ("p: prob", "p: interval(0, 1)"),
    ],
)
def test_a_state_of_another_constraint_is_refused_and_nothing_is_copied(before: str, after: str) -> None:
    """The message names the parameter, and both."""
    first, last = "a: real = 1", "z: real = 1"
    saved, other = (everything(f"{first}\n{line}\n{last}") for line in (before, after))
    other.randomize_()
    kept = state(other)
    name = before.partition(":")[0]
    old, new = (type(one)._declared[1] for one in (saved, other))
    for strict in (True, False):
        with pytest.raises(SignatureMismatch) as caught:
            other.load_state_dict(saved.state_dict(), strict=strict)
        assert f".{name}: " in str(caught.value)
        assert f"`{old.domain} via {old.map.name}`" in str(caught.value)
        assert f"`{new.domain} via {new.map.name}`" in str(caught.value)
        assert same(state(other), kept)
    parent = nn.ModuleDict({"inner": other})
    with pytest.raises(SignatureMismatch):
        parent.load_state_dict(nn.ModuleDict({"inner": saved}).state_dict())
    assert same(state(other), kept)


def test_a_state_without_a_signature_loads_with_one_warning(trained: Any) -> None:
    bare = {name: value for name, value in trained.state_dict().items() if name != "_extra_state"}
    fresh = everything()
    with pytest.warns(UserWarning, match="under which constraints") as caught:
        fresh.load_state_dict(bare)
    assert len(caught) == 1
    assert same(state(fresh), state(trained))


@pytest.mark.parametrize("signature", [True, False])
def test_strict_loading_reports_the_keys_that_are_really_missing(trained: Any, signature: bool) -> None:
    lacking = dict(trained.state_dict(), extra=torch.zeros(1))
    del lacking["s_raw"]
    if not signature:
        del lacking["_extra_state"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if not signature else "error")  # the one of the test above
        with pytest.raises(RuntimeError) as caught:
            everything().load_state_dict(lacking)
        assert 'Missing key(s) in state_dict: "s_raw". ' in str(caught.value)
        assert 'Unexpected key(s) in state_dict: "extra". ' in str(caught.value)
        keys = everything().load_state_dict(lacking, strict=False)
    assert keys.missing_keys == ["s_raw"]
    assert keys.unexpected_keys == ["extra"]


def test_an_extra_state_that_is_not_ours_is_refused(model: Any) -> None:
    for foreign in (torch.zeros(4, dtype=torch.uint8), {"a": 1}, torch.ones(3)):
        with pytest.raises(SignatureMismatch):
            everything().load_state_dict({**model.state_dict(), "_extra_state": foreign})


def test_the_signature_keeps_its_size_while_it_fits(model: Any) -> None:
    """Distributed checkpoints compare sizes: a power of two, at least 1024."""
    sizes = {everything(f"{'x' * n}: real").get_extra_state().numel() for n in (1, 20, 99)}
    assert sizes == {1024}
    long = everything("\n".join(f"x{i}: interval(0, 10)[3] via probit" for i in range(60))).get_extra_state()
    assert long.dtype == torch.uint8
    assert math.log2(long.numel()).is_integer()


def test_a_model_inside_another_module_is_saved_and_loaded_with_it(trained: Any) -> None:
    parent, fresh = (nn.ModuleDict({"net": nn.Linear(2, 2), "own": one}) for one in (trained, everything()))
    fresh.load_state_dict(parent.state_dict())
    assert same(state(fresh), state(parent))


def test_loading_with_assign_replaces_the_parameters(trained: Any) -> None:
    fresh = everything(device="meta")
    fresh.load_state_dict(trained.state_dict(), assign=True)
    assert same(state(fresh), state(trained))
    assert not fresh.g_raw.requires_grad
    assert fresh.p_raw.requires_grad
    assert all(type(one) is nn.Parameter and one.is_leaf for one in fresh.parameters())
    sum(value.sum() for value in fresh()).backward()
    assert equal(fresh(), trained())


def test_an_optimizer_resumes_from_its_state() -> None:
    def steps(model: Any, optimizer: Any, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            loss(model).backward()
            optimizer.step()

    straight = everything()
    optimizer = torch.optim.Adam(straight.parameters(), lr=0.05)
    steps(straight, optimizer, 3)
    saved = io.BytesIO()
    torch.save([straight.state_dict(), optimizer.state_dict()], saved)
    steps(straight, optimizer, 3)
    saved.seek(0)
    resumed = everything()
    again = torch.optim.Adam(resumed.parameters(), lr=0.05)
    model_state, optimizer_state = torch.load(saved, weights_only=True)
    resumed.load_state_dict(model_state)
    again.load_state_dict(optimizer_state)
    steps(resumed, again, 3)
    assert same(state(resumed), state(straight))


# -- copies -------------------------------------------------------------------------------------------------------------


def test_a_deep_copy_is_equal_and_shares_nothing(trained: Any) -> None:
    trained.freeze_("p")
    kept = state(trained)
    twin = copy.deepcopy(trained)
    assert type(twin) is type(trained)
    assert same(state(twin), kept)
    assert twin.frozen_names() == ["p", "g"]
    assert not twin.p_raw.requires_grad
    twin.randomize_()
    twin.unfreeze_("p")
    assert same(state(trained), kept)
    assert trained.frozen_names() == ["p", "g"]


def test_a_copy_of_a_subclass_is_of_the_subclass() -> None:
    class Mine(type(everything())):  # type: ignore[misc]  # a class made at run time
        def __init__(self) -> None:
            super().__init__()
            self.extra = nn.Linear(2, 1)

    twin = copy.deepcopy(Mine())
    assert type(twin) is Mine
    assert isinstance(twin.extra, nn.Linear)


def test_a_pickled_model_is_equal(trained: Any) -> None:
    trained.freeze_("p")
    twin = pickle.loads(pickle.dumps(trained))
    assert type(twin) is type(trained)
    assert same(state(twin), state(trained))
    assert twin.frozen_names() == ["p", "g"]
    values = pickle.loads(pickle.dumps(trained.constrain(trained.to_flat())))
    assert type(values) is type(trained())
    assert equal(values, trained())


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The class, compiled to a file and imported."""
    (tmp_path / "compiled_everything.py").write_text(cdsl.compile(SPEC, name="Everything"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("compiled_everything").Everything
    del sys.modules["compiled_everything"]


def test_a_module_compiled_to_a_file_pickles_by_its_name(imported: Any, tmp_path: Path) -> None:
    model = imported(dtype=torch.float64)
    model.randomize_()
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert type(twin) is imported
        assert same(state(twin), state(model))
    torch.save(model, tmp_path / "whole.pt")
    assert same(state(torch.load(tmp_path / "whole.pt", weights_only=False)), state(model))
    assert b"def _evaluate" not in pickle.dumps(model), "by name, not by source"


def test_a_module_compiled_in_memory_pickles_into_a_fresh_process(trained: Any, tmp_path: Path) -> None:
    (tmp_path / "model.pickle").write_bytes(pickle.dumps((trained, trained().p.detach())))
    script = (
        "import pickle, sys; model, p = pickle.load(open(sys.argv[1], 'rb')); assert model.p == p; print(model.spec)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "model.pickle"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert run.stdout.strip() == str(trained.spec)


# -- torch --------------------------------------------------------------------------------------------------------------


@each_dtype
def test_a_module_moves_to_another_dtype(trained: Any, dtype: torch.dtype) -> None:
    """What changes is the rounding of raw: no value moves by more than 50 eps of the numbers it is made of."""
    before = trained()
    moved = trained.to(dtype)
    assert moved is trained
    assert all(one.dtype == dtype for one in (*moved(), *moved.parameters()))
    for old, new in zip(before, moved(), strict=True):
        assert (new.double() - old).abs().max() <= 50 * torch.finfo(dtype).eps * max(1, old.abs().max())
    assert moved.double().p.dtype == torch.float64
    assert moved.float().p.dtype == torch.float32
    assert moved.half().p.dtype == torch.float16
    assert moved.bfloat16().p.dtype == torch.bfloat16


def test_double_is_exact_and_a_checkpoint_moves_between_dtypes() -> None:
    single = everything(dtype=torch.float32)
    raw = state(single)
    double = everything()
    double.load_state_dict(single.state_dict())
    assert all(torch.equal(one, raw[name].double()) for name, one in state(double).items())
    assert same(state(copy.deepcopy(single).double()), state(double))


def test_a_module_without_data_is_filled_and_reset() -> None:
    meta = everything(device="meta")
    assert all(one.is_meta for one in (*meta.parameters(), *meta()))
    assert [value.shape for value in meta()] == [value.shape for value in everything()()]
    assert meta.forward_and_log_det()[1].is_meta
    assert meta.raw_names() == RAW_NAMES
    meta.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in meta.parameters():
            parameter.fill_(math.nan)
    meta.reset_parameters()
    assert same(state(meta), state(everything()))
    assert not meta.g_raw.requires_grad
    assert "_extra_state" in meta.state_dict()


@pytest.mark.parametrize("buffers", [True, False])
def test_an_average_of_weights_is_a_model(model: Any, buffers: bool) -> None:
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.5), use_buffers=buffers)
    average.update_parameters(model)
    start = model.p_raw.item()
    model.p_raw.data.fill_(start + 2)
    average.update_parameters(model)
    assert average.module.p_raw.item() == pytest.approx(start + 1)
    assert 0 < average().p < 1
    fresh = everything()
    fresh.load_state_dict(average.module.state_dict())
    assert same(state(fresh), state(average.module))
    saved = copy.deepcopy(average.state_dict())
    average.load_state_dict(saved)


def test_models_stack_into_an_ensemble(model: Any) -> None:
    models = [everything() for _ in range(3)]
    for seed, one in enumerate(models):
        one.randomize_(generator=torch.Generator().manual_seed(seed))
    parameters, buffers = stack_module_state(models)
    values = vmap(lambda p, b: functional_call(model, (p, b)))(parameters, buffers)
    for i, one in enumerate(models):
        assert all(near(value[i], own) for value, own in zip(values, one(), strict=True))


def test_training_mode_gradient_mode_and_hooks_are_torchs(model: Any) -> None:
    assert model.training
    assert not model.eval().training
    with torch.no_grad():
        assert not model().p.requires_grad
    with torch.inference_mode():
        assert equal(model(), everything()())
    seen = []
    handle = model.register_forward_hook(lambda module, args, output: seen.append(output.p.item()))
    model()
    handle.remove()
    assert seen == [model.p.item()]
    assert list(model.children()) == []
    assert isinstance(model, ConstrainedModule)


def loss(model: Any) -> Tensor:
    """How far every value is from another one, that is inside."""
    values = model()
    wanted = {
        "p": 0.9,
        "s": 1.0,
        "w": [0.6, 0.3, 0.1],
        "W": [[0.1, 0.1, 0.8]],
        "mu": [-2.0, 1.0, 1.5],
        "tau": 3.0,
        "z": 1.0,
    }
    targets = {name: torch.tensor(value, dtype=values.p.dtype) for name, value in wanted.items()}
    return sum(((getattr(values, name) - target) ** 2).sum() for name, target in targets.items())  # type: ignore[return-value]  # not 0


OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.02),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=1e-3),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.02),
    "NAdam": lambda p: torch.optim.NAdam(p, lr=0.1),
    "LBFGS": lambda p: torch.optim.LBFGS(p, lr=0.5, max_iter=5),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_any_optimizer_reduces_a_loss(model: Any, name: str) -> None:
    """From 15 or so to below 1 within 200 steps, and what is frozen stays."""
    optimizer, first, constant = OPTIMIZERS[name](model.parameters()), loss(model).item(), model.g.item()

    def closure() -> float:
        optimizer.zero_grad()
        value = loss(model)
        value.backward()
        return value.item()

    for _ in range(200):
        optimizer.step(closure)
    assert loss(model).item() < min(1.0, first / 5)
    assert model.g.item() == constant


def test_one_prob_is_fitted_to_090_by_adam() -> None:
    """The seed of cdsl: no "backward through the graph a second time", and no value outside on the way. Ten thousand steps
    are `examples/second_backward.py`'s, which `test_examples.py` runs."""
    model = everything("p: prob", dtype=torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-2)
    target = torch.tensor(0.9)
    for step in range(2000):
        optimizer.zero_grad()
        value = torch.nn.functional.mse_loss(model.p, target)
        value.backward()
        optimizer.step()
        if step % 20 == 0:
            assert 0 < model.p.item() < 1
    assert abs(model.p.item() - 0.9) < 1e-6


@pytest.mark.parametrize("theta", [[0.0, 0.0], torch.zeros(2, dtype=torch.int64), None], ids=["list", "int64", "None"])
def test_a_theta_that_is_no_tensor_of_real_numbers_is_refused_with_what_it_is(theta: Any) -> None:
    with pytest.raises(
        TypeError, match=r"theta: expected a tensor of a floating dtype, got (list|torch\.int64|NoneType)"
    ):
        everything().constrain(theta)
