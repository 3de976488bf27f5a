"""The numbered contract of `cdsl/constraints/base.py`: one test for each sentence, for every transform of every domain.

How many ulp each map keeps is held against an oracle in `test_accuracy.py`; the tolerances here are as wide as the
coarsest goal of any map, and say why.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.func import jacrev, vmap
from torch.utils._python_dispatch import TorchDispatchMode

from cdsl.constraints import domains, modules
from cdsl.constraints.base import Bounded, Domain, Transform
from tests.strategies import (
    BIJECTIVE,
    CASES,
    DEVICES,
    DTYPES,
    STARTS,
    SURJECTIVE,
    Case,
    declare,
    events_of,
    extreme,
    largest,
    ordinary,
    representable,
)

FORWARD = 40
"""The coarsest goal of a forward map, in eps of the numbers that it adds up: 40 ulp, isometric log-ratio in float64."""
INVERSE = 8
"""The coarsest goal of an inverse map, in eps of max(1, |raw|): the same map."""
KERNELS = 4
"""torch runs a long row through a vector kernel and its tail, or a single number, through a scalar one. Each is within
1 ulp of the truth, so the two differ by 2; a formula of two or three such steps by 4 eps."""

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_bijective = pytest.mark.parametrize("case", BIJECTIVE, ids=str)
each_surjective = pytest.mark.parametrize("case", SURJECTIVE, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: str(dtype).removeprefix("torch."))
each_domain = pytest.mark.parametrize("domain", domains().values(), ids=lambda domain: domain.name)
each_transform = pytest.mark.parametrize(
    ("domain", "name"),
    [(domain, name) for domain in domains().values() for name in domain.transforms],
    ids=lambda part: part if isinstance(part, str) else part.name,
)


def over_event(mask: Tensor, event: tuple[int, ...]) -> Tensor:
    """Whether it holds for all entries of each event; an event without entries has it."""
    return mask.flatten(-len(event)).all(-1) if event else mask


def is_bounded(case: Case) -> bool:
    """Whether no value of the domain is large."""
    if isinstance(case.domain, Bounded):
        return all(map(math.isfinite, case.domain.bounds(*case.arguments)))
    return case.domain.bounded


def overflows(case: Case, raw: Tensor) -> Tensor:
    """Where the exact value may exceed the dtype, for each event.

    By the same map in float64. In float64 itself: no vector of the registry grows faster than a sum of K exp, which
    overflows at log(max / K) = 709.78 - log K, and no matrix faster than a sum of products of two.
    """
    if is_bounded(case):
        return torch.zeros(raw.shape[: raw.ndim - len(case.raw_event)], dtype=torch.bool)
    top = (709.78 - math.log(max(1, math.prod(case.event)))) / max(1, len(case.event))
    exact = case.forward(raw.double())
    fits = over_event(exact.abs() < torch.finfo(raw.dtype).max, case.event)
    return ~fits & ((raw.dtype != torch.float64) | ~over_event(raw.abs() < top, case.raw_event))


def assert_in_domain(case: Case, raw: Tensor) -> None:
    value = case.forward(raw)
    finite = over_event(value.isfinite(), case.event)
    assert not value.isnan().any(), raw[rows(value.isnan())]
    wrong = ~(finite | overflows(case, raw)) | (finite & ~case.contains(value, closed=True))
    assert not wrong.any(), (raw[wrong], value[wrong])
    residual = case.domain.residual(value.double(), *case.given)
    if residual is not None:
        # numerics.md: sums within 4 eps, plus log K for the length of the sum
        assert residual.max() <= (4 + math.log2(math.prod(case.event))) * torch.finfo(raw.dtype).eps


# -- 1 ------------------------------------------------------------------------------------------------------------------


@each_dtype
@each_case
def test_1_forward_of_any_finite_raw_lies_in_the_domain(case: Case, dtype: torch.dtype) -> None:
    for raw in (ordinary(case, dtype), extreme(case, dtype)):
        if raw.numel():
            assert_in_domain(case, raw)


@each_dtype
@each_case
def test_1_so_does_that_of_the_largest_number_of_the_dtype(case: Case, dtype: torch.dtype) -> None:
    raw = largest(case, dtype)
    if raw.numel():
        assert_in_domain(case, raw)


# -- 2 ------------------------------------------------------------------------------------------------------------------


def seen_through(function: Any, at: Tensor, errors: Tensor, like: Tensor) -> Tensor:
    """Errors of the argument as errors of the result: Σₖ |∂ result / ∂ argumentₖ| errorₖ, for a batch of events."""
    many, size = len(at), math.prod(at.shape[1:])
    slopes = vmap(jacrev(function))(at).abs().reshape(many, -1, size)
    return (slopes @ errors.expand(at.shape).reshape(many, size, 1)).reshape(like.shape)


def raw_rounding(raw: Tensor) -> Tensor:
    return raw.abs().clamp(min=1)


@each_dtype
@each_bijective
def test_2_inverse_of_forward_is_raw_to_the_stated_accuracy(case: Case, dtype: torch.dtype) -> None:
    """To 8 eps of raw, and 40 eps of the value as the slope of the inverse shows them.

    That is all there is to know of raw where the value has kept it to three digits; in float64 this must be so for all
    raws within ±3.
    """
    raw, eps = torch.cat([ordinary(case, dtype), ordinary(case, dtype, spread=1.0)]), torch.finfo(dtype).eps
    raw = events_of(case, raw)
    if not raw.numel():
        return
    value = case.forward(raw)
    inside = case.contains(value)
    raw, value = raw[inside], value[inside]
    wide, known = raw.double(), value.double()
    seen = seen_through(case.inverse, known, case.scale(known), wide)
    tolerance = eps * (INVERSE * raw_rounding(wide) + FORWARD * seen)
    resolved = over_event(tolerance < 1e-3 * raw_rounding(wide), case.raw_event)
    if dtype == torch.float64:
        within = over_event(wide.abs() <= 3, case.raw_event)
        assert within.any()
        assert resolved[within].all()
        assert inside.sum() >= within.sum()
    off = (case.inverse(value).double() - wide).abs()
    assert (off <= tolerance)[resolved].all(), (raw, value, off / tolerance)


@each_dtype
@each_case
def test_2_forward_of_inverse_is_the_value(case: Case, dtype: torch.dtype) -> None:
    """To 40 eps of the numbers it is computed from, and what the rounding of raw moves it."""
    raw, eps = events_of(case, ordinary(case, dtype)), torch.finfo(dtype).eps
    value = case.forward(raw)
    value = value[case.contains(value)]
    back = case.inverse(value)
    assert back.isfinite().all()
    if not back.numel():
        assert torch.equal(case.forward(back), value) or not raw.numel()
        return
    seen = seen_through(case.forward, back.double(), raw_rounding(back.double()), value)
    tolerance = eps * (INVERSE * seen + FORWARD * case.scale(value.double()))
    off = (case.forward(back).double() - value.double()).abs()
    assert (off <= tolerance).all(), (value, off / tolerance)


POOL = (0.0, -0.0, 5e-324, 2.2e-308, 1e-20, 0.5, 1.0, 2.0, 1e200, 1e308, math.inf, math.nan)


def entries(case: Case) -> st.SearchStrategy[float]:
    """Any float, and often one of the bounds, a neighbour of it, or a number of the pool."""
    near = [side(bound) for bound in case.arguments for side in (below, float, above)]
    pool = [*POOL, *(-number for number in POOL), below(1.0), above(1.0), *near]
    return st.sampled_from(pool) | st.floats(-4, 12) | st.floats()


def below(number: float) -> float:
    return math.nextafter(number, -math.inf)


def above(number: float) -> float:
    return math.nextafter(number, math.inf)


@st.composite
def event_values(draw: st.DrawFn, case: Case) -> Any:
    """A float, or an array of them: reached by the map and perhaps moved in one entry, or a list laid out in rows."""
    if not case.event:
        return draw(entries(case))
    if draw(st.booleans()):
        reached = case.forward(ordinary(case, spread=1.0)[draw(st.integers(0, 15))]).flatten().tolist()
        position = draw(st.integers(0, len(reached) - 1))
        reached[position] = draw(st.just(reached[position]) | entries(case))
        return in_rows(reached, case.event)
    return in_rows(draw(lists(case)), case.event)


def in_rows(flat: list[float], shape: tuple[int, ...]) -> Any:
    """A flat list as nested ones."""
    nested: Any = torch.tensor(flat, dtype=torch.float64).reshape(shape).tolist()
    return nested


@st.composite
def lists(draw: st.DrawFn, case: Case) -> list[float]:
    """As drawn, in order, divided by their sum, off by about the tolerance of a sum, huge."""
    drawn = [draw(entries(case)) for _ in range(math.prod(case.event))]
    form = draw(st.sampled_from(["drawn", "sorted", "positive", "shares", "nearly", "huge"]))
    if form == "huge":
        return [1e308] * len(drawn)
    if form == "sorted":
        return sorted(drawn)
    if form == "positive":
        return sorted(map(abs, drawn))
    total = sum(map(abs, drawn))
    if form == "drawn" or not (0 < total < math.inf):
        return drawn
    shares = [abs(entry) / total for entry in drawn]
    off = draw(st.sampled_from([1e-6, -1e-6]) | st.floats(-3e-6, 3e-6))
    return shares if form == "shares" else [shares[0] + off, *shares[1:]]


one_of_each = pytest.mark.parametrize(
    "case", [case for case in CASES if case.declared.map.name == case.domain.default and not case.batch], ids=str
)


@one_of_each
@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.data())
def test_2_what_lies_outside_is_refused_by_contains_and_explained_by_violation(case: Case, data: st.DataObject) -> None:
    """`violation` of plain numbers says what `contains` says of a tensor: inside, outside and on the boundary."""
    value = data.draw(event_values(case))
    tensor = torch.tensor(value, dtype=torch.float64)
    inside, residual = case.domain.contains(tensor, *case.given), case.domain.residual(tensor, *case.given)
    if residual is not None:
        inside = inside & (residual <= 1e-6)
    violation = case.domain.violation(value, *case.given)
    assert (violation is None) == bool(inside), (value, violation)
    if violation is None:
        assert case.domain.contains(tensor, *case.given, closed=True)
    else:
        assert violation.must
        assert len(violation.index) in (0, len(case.event))
        assert all(0 <= index < size for index, size in zip(violation.index, case.event, strict=False))
        assert violation.off is None or violation.off >= 0 or math.isnan(violation.off)


@one_of_each
def test_2_contains_is_batched(case: Case) -> None:
    value = case.forward(ordinary(case))
    stacked = torch.stack([value, -value - 20]).reshape(2, 4, 4, *case.event)
    inside = case.domain.contains(stacked, *case.given)
    assert inside.dtype == torch.bool
    assert inside.shape == (2, 4, 4)
    assert torch.equal(inside, torch.stack([case.domain.contains(one, *case.given) for one in stacked]))
    assert case.domain.contains(stacked[:, :0], *case.given).shape == (2, 0, 4)


def outside(case: Case) -> Iterator[tuple[Tensor, Tensor]]:
    """Pairs of values that leave the domain in the same place, one farther than the other; of one point, none."""
    start = case.declared.start_value()
    if case.event == (1,) and is_bounded(case):
        return
    for position in range(math.prod(case.event)):
        for step in (-30.0, 30.0):
            pair = start.clone().expand(2, *start.shape).clone()
            pair.view(2, -1)[:, position] += torch.tensor([step, 2 * step], dtype=torch.float64)
            if not case.contains(pair).any():
                yield pair[0], pair[1]


@pytest.mark.parametrize("case", [case for case in CASES if not case.batch], ids=str)
def test_2_no_inverse_clamps_to_hide_what_lies_outside(case: Case) -> None:
    """Such a value has no raw (NaN or infinite), or none that another value has too, as it would after a clamp."""
    for near, far in outside(case):
        raw, other = case.inverse(near), case.inverse(far)
        hidden = raw.isfinite().all() and other.isfinite().all() and torch.equal(raw, other)
        assert not hidden, (near, far, raw)


# -- 3 ------------------------------------------------------------------------------------------------------------------


@each_bijective
def test_3_log_det_is_that_of_the_jacobian_of_the_chart(case: Case) -> None:
    """Against autograd and LU in float64.

    Derivatives are good to 4 eps, and so is the logarithm of one. A determinant of n × n loses its condition number:
    for raws of ±2 increments differ by e⁴, shares by e⁸, so 1e5 eps with room for n = 3.
    """
    raw = ordinary(case, spread=1.0).clamp(-2, 2)
    events = events_of(case, raw)

    def chart(one: Tensor) -> Tensor:
        value = case.forward(one)
        return (value if case.domain.surface else case.domain.chart(value)).reshape(-1)

    if events.numel():
        jacobian = vmap(jacrev(chart))(events)
        size = math.prod(case.raw_event)
        jacobian = jacobian.flatten(2) if case.raw_event else jacobian[..., None]
        if case.domain.surface:
            expected = torch.linalg.slogdet(jacobian.mT @ jacobian).logabsdet / 2
        else:
            assert jacobian.shape[1:] == (size, size), "the chart has as many coordinates as raw"
            expected = torch.linalg.slogdet(jacobian).logabsdet
    else:
        expected = events.new_zeros(events.shape[0])  # no entries: the determinant of a matrix of 0 × 0 is 1
    eps = torch.finfo(torch.float64).eps
    tolerance = eps * (1e5 if case.event else 8) * expected.abs().clamp(min=1)
    got = case.log_det(raw)
    assert got.shape == raw.shape[: raw.ndim - len(case.raw_event)]
    assert ((got.reshape(-1) - expected).abs() <= tolerance).all(), (got, expected)


@each_bijective
def test_3_log_det_is_summed_over_the_event_and_the_batch_where_asked(case: Case) -> None:
    raw = ordinary(case)
    value, total = case.declared.map.with_log_det(raw, *case.given, batch=len(case.batch))
    alone = case.log_det(raw)
    assert torch.equal(value, case.forward(raw))
    assert total.shape == raw.shape[:1]
    expected = alone.sum(tuple(range(1, alone.ndim))) if case.batch else alone
    assert torch.equal(total, expected)


@each_dtype
@each_bijective
def test_3_log_det_is_that_of_raw_in_every_dtype(case: Case, dtype: torch.dtype) -> None:
    """A closed form of raw, never of the rounded value: rounded once to float16 and bfloat16, within 2 eps a term."""
    raw = torch.cat([ordinary(case, dtype), extreme(case, dtype)])
    got, exact = case.log_det(raw), case.log_det(raw.double())
    terms = math.prod(case.event) + 1
    size = torch.maximum(exact.abs().clamp(min=1), event_size(case, raw))
    wrong = (got.double() - exact).abs() > 2 * terms * torch.finfo(dtype).eps * size
    assert not (wrong & representable(raw, case)).any(), (raw, got, exact)


def event_size(case: Case, raw: Tensor) -> Tensor:
    """Σ|x| of an event: what cancels in a sum of raws."""
    size = raw.double().abs()
    return size.flatten(-len(case.raw_event)).sum(-1) if case.raw_event else size


@each_surjective
def test_3_a_surjective_transform_has_no_log_det_and_says_so(case: Case) -> None:
    with pytest.raises(NotImplementedError, match="surjective"):
        case.log_det(ordinary(case))


# -- 4 ------------------------------------------------------------------------------------------------------------------


def close(case: Case, got: Tensor, expected: Tensor) -> bool:
    tolerance = KERNELS * torch.finfo(got.dtype).eps * case.scale(expected).double()
    return got.shape == expected.shape and bool(((got.double() - expected.double()).abs() <= tolerance).all())


def close_raw(got: Tensor, expected: Tensor) -> bool:
    """Raws and log-dets: sums of logarithms, as good as their largest term; 4 eps of max(1, |x|)."""
    tolerance = KERNELS * torch.finfo(got.dtype).eps * expected.double().abs().amax().clamp(min=1)
    return got.shape == expected.shape and bool(((got.double() - expected.double()).abs() <= tolerance).all())


@each_dtype
@each_case
def test_4_leading_dimensions_are_batch(case: Case, dtype: torch.dtype) -> None:
    raw = ordinary(case, dtype, count=4, spread=1.0)
    value = case.forward(raw)
    assert value.shape == (4, *case.declared.shape)
    stacked = case.forward(raw.reshape(2, 2, *case.declared.raw_shape))
    assert torch.equal(stacked, value.reshape(2, 2, *case.declared.shape))
    for one, of_one in zip(raw, value, strict=True):
        assert close(case, case.forward(one), of_one)
    if value.numel() and case.contains(value).all():
        back = case.inverse(value)
        for of_one, one in zip(value, back, strict=True):
            if one.numel():
                assert close_raw(case.inverse(of_one), one)
    if case.transform.bijective and value.numel():
        log_det = case.log_det(raw)
        for one, of_one in zip(raw, log_det, strict=True):
            assert close_raw(case.log_det(one), of_one)


@each_case
def test_4_an_empty_batch_has_empty_results(case: Case) -> None:
    for lead in ((0,), (2, 0)):
        raw = torch.zeros(*lead, *case.declared.raw_shape)
        value = case.forward(raw)
        assert value.shape == (*lead, *case.declared.shape)
        assert case.inverse(value).shape == raw.shape
        if case.transform.bijective:
            assert case.log_det(raw).shape == (*lead, *case.batch)


@each_dtype
@each_case
def test_4_vmap_of_one_is_the_batch(case: Case, dtype: torch.dtype) -> None:
    raw = ordinary(case, dtype, count=6, spread=1.0)
    value = case.forward(raw)
    assert close(case, vmap(case.forward)(raw), value)
    if case.contains(value).all() and raw.numel():
        assert close_raw(vmap(case.inverse)(value), case.inverse(value))
    if case.transform.bijective and raw.numel():
        assert close_raw(vmap(case.log_det)(raw), case.log_det(raw))


# -- 5 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
@each_dtype
@each_case
def test_5_dtype_and_device_of_the_result_are_those_of_raw(case: Case, dtype: torch.dtype, device: str) -> None:
    raw = ordinary(case, dtype, spread=1.0).to(device)
    value = case.forward(raw)
    results = [value, case.inverse(value)] + ([case.log_det(raw)] if case.transform.bijective else [])
    assert [(one.dtype, one.device.type) for one in results] == [(dtype, device)] * len(results)
    shapes = [(16, *case.declared.shape), raw.shape, (16, *case.batch)]
    assert [tuple(one.shape) for one in results] == [tuple(shape) for shape in shapes[: len(results)]]


@each_case
def test_5_float16_and_bfloat16_are_computed_in_float32_and_rounded_once(case: Case) -> None:
    for dtype in (torch.float16, torch.bfloat16):
        raw = ordinary(case, dtype)
        assert torch.equal(case.forward(raw), case.transform.forward(raw.float(), *case.given).to(dtype))
        if case.transform.bijective:
            assert torch.equal(case.log_det(raw), case.transform.log_det(raw.float(), *case.given).to(dtype))


# -- 6 ------------------------------------------------------------------------------------------------------------------


def gradient(result: Tensor, raw: Tensor, weight: Tensor) -> Tensor:
    """That of the weighted sum; of a constant it is 0."""
    return torch.autograd.grad(result, raw, weight)[0] if result.requires_grad else torch.zeros_like(raw)


def assert_no_nan(case: Case, raw: Tensor) -> None:
    """Weights of 1/K: then the gradient of a value that fits its dtype fits as well."""
    raw.requires_grad_()
    value = case.forward(raw)
    weight = torch.full_like(value, 1 / max(1, math.prod(case.event)))
    slope = gradient(value, raw, weight)
    fits = over_event(value.isfinite(), case.event)
    bad = rows(fits & ~over_event(slope.isfinite(), case.raw_event)) | rows(value.isnan()) | rows(slope.isnan())
    assert not bad.any(), (raw[bad], value[bad], slope[bad])
    if case.transform.bijective:
        log_det = case.log_det(raw)
        slope = gradient(log_det, raw, torch.ones_like(log_det))
        bad = rows(log_det.isnan() | (representable(raw, case) & ~log_det.isfinite())) | rows(~slope.isfinite())
        assert not bad.any(), (raw[bad], log_det[bad], slope[bad])


def rows(mask: Tensor) -> Tensor:
    """Whether any entry of each row is true."""
    return mask.reshape(len(mask), -1).any(1)


@pytest.fixture
def anomalies() -> Iterator[None]:
    """NaN is an error on the way back, even where it is masked in the end; without the warning of `detect_anomaly()`."""
    torch.autograd.set_detect_anomaly(True)
    yield
    torch.autograd.set_detect_anomaly(False)


@each_dtype
@each_case
def test_6_no_nan_or_infinity_in_value_log_det_or_gradients(case: Case, dtype: torch.dtype, anomalies: None) -> None:
    raw = extreme(case, dtype)
    if raw.numel():
        assert_no_nan(case, raw)


@each_dtype
@each_case
def test_6_nor_at_the_largest_number_of_the_dtype(case: Case, dtype: torch.dtype, anomalies: None) -> None:
    """A log-det overflows there, rightly; its gradient does not."""
    raw = largest(case, dtype)
    if raw.numel():
        assert_no_nan(case, raw)


@each_bijective
def test_6_a_gradient_is_zero_only_where_the_true_one_underflows(case: Case) -> None:
    """numerics.md G5, in float64: ∂value/∂raw of a single number is exp(log_det), 5e-324 or more above log of it."""
    if case.event or case.batch:
        return
    raw = extreme(case, torch.float64).requires_grad_()
    slope = gradient(case.forward(raw), raw, torch.ones_like(raw))
    falsely = (slope == 0) & (case.log_det(raw) > math.log(1e-323))
    assert not falsely.any(), raw[falsely]


# -- 7 ------------------------------------------------------------------------------------------------------------------


class Watch(TorchDispatchMode):
    """Notes every operation that changes a tensor, makes one from nothing, or reads a number out of one."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = any(isinstance(arg, Tensor) for arg in torch.utils._pytree.tree_leaves((args, kwargs)))
        if func._schema.is_mutable or not tensors or "_local_scalar_dense" in str(func) or "lift" in str(func):
            self.notes.append(str(func))
        return func(*args, **(kwargs or {}))


@each_case
def test_7_a_map_makes_no_tensor_changes_none_and_reads_no_number_out_of_one(case: Case) -> None:
    raw = ordinary(case, count=2, spread=1.0)
    kept = raw.clone()
    with Watch() as watch:
        value = case.forward(raw)
        case.inverse(value)
        if case.transform.bijective:
            case.log_det(raw)
    assert watch.notes == []
    assert torch.equal(raw, kept)


MAKERS = set(
    "tensor as_tensor arange linspace zeros ones full eye empty scalar_tensor from_numpy item tolist numpy".split()
)


def formulas() -> Iterator[tuple[str, Any]]:
    """Every method of every transform, and every function beside them, that is written in the package."""
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                yield f"{module.__name__}.{value.__name__}", value
            elif isinstance(value, type) and issubclass(value, Transform) and value.__module__ == module.__name__:
                for name, member in vars(value).items():
                    function = getattr(member, "__func__", member)
                    if isinstance(function, FunctionType) and not name.startswith("__"):
                        yield f"{value.__qualname__}.{name}", function


@pytest.mark.parametrize("function", [pytest.param(one, id=name) for name, one in formulas()])
def test_7_a_formula_uses_torch_and_its_arguments_and_nothing_in_place(function: FunctionType) -> None:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.AugAssign, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom)), ast.dump(
            node
        )
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assert not any(isinstance(target, (ast.Subscript, ast.Attribute)) for target in targets), ast.unparse(node)
        if isinstance(node, ast.Attribute):
            assert not (node.attr.endswith("_") and not node.attr.endswith("__")), ast.unparse(node)
            assert node.attr not in MAKERS, ast.unparse(node)
    globals_used = inspect.getclosurevars(function).globals
    allowed = {"torch", "math"}
    for name, value in globals_used.items():
        ours = getattr(value, "__module__", "").startswith("cdsl.constraints")
        assert name in allowed or ours or isinstance(value, (str, float)), name


def test_7_the_check_of_formulas_can_fail() -> None:
    """The two checks above notice what they are for."""
    with Watch() as watch:
        torch.ones(2).add_(torch.tensor(1.0)).sum().item()
    assert len(watch.notes) >= 4


# -- the registry -------------------------------------------------------------------------------------------------------


def home(domain: Domain) -> ModuleType:
    return inspect.getmodule(type(domain))  # type: ignore[return-value]  # a class that was imported has one


@each_domain
def test_a_domain_lives_in_the_file_of_its_name(domain: Domain) -> None:
    assert Path(home(domain).__file__ or "").stem == domain.name
    assert domains()[domain.name] is domain


def test_every_file_holds_one_domain() -> None:
    files = {Path(module.__file__ or "").stem for module in modules()} - {"base"}
    assert files == set(domains())


@each_domain
def test_a_domain_says_what_it_is(domain: Domain) -> None:
    assert domain.summary.endswith(".")
    assert domain.notation
    assert domain.starts_at
    assert domain.examples
    assert (home(domain).__doc__ or "").startswith(f"`{domain.name}")
    assert domain.default == next(iter(domain.transforms))
    assert domain.transforms[domain.default].bijective, "the default has a log-Jacobian"
    assert set(domain.aliases.values()) <= set(domain.transforms)
    assert not set(domain.aliases) & set(domain.transforms)
    assert domain.elementwise == (not domain.sizes)
    assert any("=" not in example and "via" not in example for example in domain.examples)


@each_domain
def test_its_examples_compile_and_declare_it(domain: Domain) -> None:
    for example in domain.examples:
        declared = declare(example).declared
        assert declared.map.domain is domain
        assert ("via" in example) == (f"via {declared.map.name}" in example)
        if "via" not in example:
            assert declared.map.name == domain.default


@each_domain
def test_its_aliases_are_read_as_the_transform_they_name(domain: Domain) -> None:
    for alias, name in domain.aliases.items():
        assert declare(f"{domain.examples[0]} via {alias}").declared.map.name == name


@each_transform
def test_a_transform_says_its_formulas(domain: Domain, name: str) -> None:
    transform = domain.transforms[name]
    assert (type(transform).__doc__ or "").strip()
    assert type(transform).__doc__ != Transform.__doc__
    for formula in (transform.forward, transform.inverse, *([transform.log_det] if transform.bijective else [])):
        assert (formula.__doc__ or "").strip()
        assert formula.__doc__ != getattr(Transform, formula.__name__).__doc__
    says_so = "surjective" in (type(transform).__doc__ or "").lower()
    assert says_so or transform.bijective or is_built_on_a_surjective_one(transform)


def is_built_on_a_surjective_one(transform: Transform) -> bool:
    return not transform.surjective and any(
        isinstance(step, Transform) and not step.bijective for step in vars(transform).values()
    )


# -- starts -------------------------------------------------------------------------------------------------------------


@each_dtype
@pytest.mark.parametrize("spec", STARTS)
def test_a_start_is_inside_its_domain_and_survives_in_every_transform_and_dtype(spec: str, dtype: torch.dtype) -> None:
    """To 40 eps of the value's numbers, and what the rounding of raw to the dtype moves it."""
    case = declare(spec)
    model = case.model(dtype=dtype)
    wanted, value = case.declared.start_value(), model.x.detach()
    assert value.dtype == dtype
    assert value.shape == case.declared.shape
    assert case.domain.contains(wanted, *case.given).all()
    assert case.contains(value).all()
    if not wanted.numel():
        return
    raw = events_of(case, model.x_raw.detach().double().reshape(case.declared.raw_shape))
    off, wanted = (value.double() - wanted).abs().reshape(-1, *case.event), wanted.reshape(-1, *case.event)
    moved = seen_through(case.forward, raw, raw.abs(), wanted) if raw.numel() else torch.zeros_like(wanted)
    assert (off <= torch.finfo(dtype).eps * (moved + FORWARD * case.scale(wanted))).all(), (wanted, value)
