"""The numbered contract of `cdsl/constraints/base.py`, for every transform of every domain of the registry.

The laws that anybody's domain must keep are `cdsl.testing`'s; here they are run over ours, and beside them what is asked of
ours alone. How many ulp each map keeps is held against an oracle in `test_accuracy.py` and its neighbours.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.func import vmap
from torch.utils._python_dispatch import TorchDispatchMode

from cdsl.constraints import domains, modules
from cdsl.constraints.base import Domain, Transform
from cdsl.testing import (
    DTYPES,
    FORWARD,
    KERNELS,
    LAWS,
    Case,
    Law,
    broken,
    declare,
    events_of,
    extreme,
    finite,
    gradient,
    is_bounded,
    ordinary,
    over_event,
    representable,
    rows,
    seen_through,
)
from tests.conftest import THOROUGH
from tests.strategies import CASES, CASES_OF, DEVICES, PLAIN, STARTS_OF

pytestmark = pytest.mark.untraced

each_map = pytest.mark.parametrize("cases", CASES_OF.values(), ids=CASES_OF.keys())
each_bijective_map = pytest.mark.parametrize(
    "cases", [pytest.param(cases, id=name) for name, cases in CASES_OF.items() if cases[0].transform.bijective]
)
each_domain = pytest.mark.parametrize("domain", domains().values(), ids=lambda domain: domain.name)
each_transform = pytest.mark.parametrize(
    ("domain", "name"),
    [(domain, name) for domain in domains().values() for name in domain.transforms],
    ids=lambda part: part if isinstance(part, str) else part.name,
)


# -- the laws of anybody's domain --------------------------------------------------------------------------------------


@contextmanager
def anomalies(law: Law, dtype: torch.dtype | None) -> Iterator[None]:
    """Where gradients are asked for, NaN is an error on the way back, even where it is masked in the end; without the
    warning of `detect_anomaly()`. Half precision is float32 on the way back: once is enough of what costs as much again.

    The traceback that torch would keep of every operation, at nine tenths of the time, is not: the error names the operation.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.fx.traceback, "format_stack", list)
        torch.autograd.set_detect_anomaly(law.check is finite and (THOROUGH or dtype in (torch.float32, torch.float64)))
        yield
        torch.autograd.set_detect_anomaly(False)


def test_a_gradient_that_is_nan_on_the_way_is_an_error() -> None:
    """Though it is masked in the end, by the slope 0 of a square."""
    raw = torch.zeros(1, requires_grad=True)
    with anomalies(LAWS[-1], torch.float32), pytest.raises(RuntimeError, match=r"SqrtBackward0.*nan"):
        torch.where(raw > 0, torch.sqrt(raw) * 0, raw).sum().backward()


def broken_laws(law: Law, cases: tuple[Case, ...]) -> Iterator[str]:
    """What the law says against each case, by the first dtype that shows it."""
    for case in cases:
        for dtype in DTYPES if law.every_dtype else (None,):
            with anomalies(law, dtype):
                found = broken(law, case, dtype) if dtype else broken(law, case)
            if found:
                yield found
                break


@pytest.mark.parametrize(
    ("law", "cases"),
    [
        pytest.param(law, cases, id=f"{name}-{law.name}")
        for name, cases in CASES_OF.items()
        for law in LAWS
        if law.bijective in (None, cases[0].transform.bijective)
    ],
)
def test_a_map_keeps_a_law_in_every_dtype(law: Law, cases: tuple[Case, ...]) -> None:
    found = list(broken_laws(law, cases))
    assert not found, "\n".join(found)


# -- 2: what is outside ------------------------------------------------------------------------------------------------

POOL = (0.0, -0.0, 5e-324, 2.2e-308, 1e-20, 0.5, 1.0, 2.0, 1e200, 1e308, math.inf, math.nan)


@functools.cache
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
        reached = list(draw(st.sampled_from(reached_by(case))))
        position = draw(st.integers(0, len(reached) - 1))
        reached[position] = draw(st.just(reached[position]) | entries(case))
        return in_rows(reached, case.event)
    return in_rows(draw(lists(case)), case.event)


@functools.cache
def reached_by(case: Case) -> list[list[float]]:
    """Flat values of the map."""
    flat: list[list[float]] = case.forward(ordinary(case, spread=1.0)).flatten(1).tolist()
    return flat


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
    "case", [case for case in PLAIN if case.declared.map.name == case.domain.default and not case.batch], ids=str
)


@one_of_each
@settings(max_examples=50 if THOROUGH else 12)
@given(data=st.data())
def test_2_what_lies_outside_is_refused_by_contains_and_explained_by_violation(case: Case, data: st.DataObject) -> None:
    """`violation` of plain numbers says what `contains` says of a tensor: inside, outside and on the boundary.

    Of eight values an example, since an example costs more than a value.
    """
    for value in data.draw(st.tuples(*[event_values(case)] * 8)):
        assert_explained(case, value)


def assert_explained(case: Case, value: Any) -> None:
    """Of one value."""
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
    if case.event and math.prod(case.event) == 1 and is_bounded(case):
        return
    for position in range(math.prod(case.event)):
        for step in (-30.0, 30.0):
            pair = start.clone().expand(2, *start.shape).clone()
            pair.view(2, -1)[:, position] += torch.tensor([step, 2 * step], dtype=torch.float64)
            if not case.contains(pair).any():
                yield pair[0], pair[1]


@each_map
def test_2_no_inverse_clamps_to_hide_what_lies_outside(cases: tuple[Case, ...]) -> None:
    """Such a value has no raw (NaN or infinite), or none that another value has too, as it would after a clamp."""
    for case in cases:
        for near, far in outside(case) if not case.batch else ():
            raw, other = case.inverse(near), case.inverse(far)
            hidden = raw.isfinite().all() and other.isfinite().all() and torch.equal(raw, other)
            assert not hidden, (case, near, far, raw)


# -- 3: log-Jacobians -------------------------------------------------------------------------------------------------


@each_bijective_map
def test_3_log_det_is_summed_over_the_event_and_the_batch_where_asked(cases: tuple[Case, ...]) -> None:
    for case in cases:
        raw = ordinary(case)
        value, total = case.declared.map.with_log_det(raw, *case.given, batch=len(case.batch))
        alone = case.log_det(raw)
        assert torch.equal(value, case.forward(raw)), case
        assert total.shape == raw.shape[:1], case
        expected = alone.sum(tuple(range(1, alone.ndim))) if case.batch else alone
        assert torch.equal(total, expected), case


@each_bijective_map
def test_3_log_det_is_that_of_raw_in_every_dtype(cases: tuple[Case, ...]) -> None:
    """A closed form of raw, never of the rounded value: rounded once to float16 and bfloat16, within 2 eps a term."""
    for case, dtype in product(cases, DTYPES):
        raw = torch.cat([ordinary(case, dtype), extreme(case, dtype)])
        got, exact = case.log_det(raw), case.log_det(raw.double())
        terms = math.prod(case.event) + 1
        size = torch.maximum(exact.abs().clamp(min=1), event_size(case, raw))
        wrong = (got.double() - exact).abs() > 2 * terms * torch.finfo(dtype).eps * size
        assert not (wrong & representable(raw, case)).any(), (case, dtype, raw, got, exact)


def event_size(case: Case, raw: Tensor) -> Tensor:
    """Σ|x| of an event: what cancels in a sum of raws."""
    size = raw.double().abs()
    return size.flatten(-len(case.raw_event)).sum(-1) if case.raw_event else size


# -- 4: batches --------------------------------------------------------------------------------------------------------


def close(case: Case, got: Tensor, expected: Tensor) -> bool:
    tolerance = KERNELS * torch.finfo(got.dtype).eps * case.scale(expected).double()
    return got.shape == expected.shape and bool(((got.double() - expected.double()).abs() <= tolerance).all())


def close_raw(got: Tensor, expected: Tensor) -> bool:
    """Raws and log-dets: sums of logarithms, as good as their largest term; 4 eps of max(1, |x|)."""
    tolerance = KERNELS * torch.finfo(got.dtype).eps * expected.double().abs().amax().clamp(min=1)
    return got.shape == expected.shape and bool(((got.double() - expected.double()).abs() <= tolerance).all())


@each_map
def test_4_vmap_of_one_is_the_batch(cases: tuple[Case, ...]) -> None:
    for case, dtype in product(cases, DTYPES):
        raw = ordinary(case, dtype, count=6, spread=1.0)
        value = case.forward(raw)
        assert close(case, vmap(case.forward)(raw), value), (case, dtype)
        if case.contains(value).all() and raw.numel():
            assert close_raw(vmap(case.inverse)(value), case.inverse(value)), (case, dtype)
        if case.transform.bijective and raw.numel():
            assert close_raw(vmap(case.log_det)(raw), case.log_det(raw)), (case, dtype)


@each_map
def test_4_two_leading_dimensions_are_one_for_everything_that_is_asked_of_a_map(cases: tuple[Case, ...]) -> None:
    """Nothing is counted from the left: the log-Jacobian, the way back, and what a domain says of values."""
    for case in cases:
        raw = ordinary(case, count=4, spread=1.0)
        value, sizes = case.forward(raw), case.given[len(case.arguments) :]
        asked = [
            (case.inverse, value),
            (lambda one, case=case: case.domain.residual(one, *case.given), value),
            (lambda one, case=case: case.domain.inward(one, 2.0**-52), value),
            (lambda one, case=case, sizes=sizes: case.domain.chart(one, *sizes), value),
            (lambda one, case=case: case.transform.spare(one, *case.given), raw),
            *([(case.log_det, raw)] if case.transform.bijective else []),
        ]
        for of, one in asked:
            flat, stacked = of(one), of(one.reshape(2, 2, *one.shape[1:]))
            assert (flat is None and stacked is None) or torch.equal(stacked, flat.reshape(2, 2, *flat.shape[1:])), case


# -- 5 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
@each_map
def test_5_dtype_and_device_of_the_result_are_those_of_raw(cases: tuple[Case, ...], device: str) -> None:
    """Tensors without data, whose kernels are slow, in the dtype that is computed in another one."""
    for case, dtype in product(cases, DTYPES if THOROUGH or device != "meta" else (torch.float16,)):
        raw = ordinary(case, dtype, spread=1.0).to(device)
        value = case.forward(raw)
        results = [value, case.inverse(value)] + ([case.log_det(raw)] if case.transform.bijective else [])
        assert [(one.dtype, one.device.type) for one in results] == [(dtype, device)] * len(results), (case, dtype)
        shapes = [(16, *case.declared.shape), raw.shape, (16, *case.batch)]
        found = [tuple(one.shape) for one in results]
        assert found == [tuple(shape) for shape in shapes[: len(results)]], (case, dtype)


@each_map
def test_5_float16_and_bfloat16_are_computed_in_float32_and_rounded_once(cases: tuple[Case, ...]) -> None:
    for case, dtype in product(cases, (torch.float16, torch.bfloat16)):
        raw = ordinary(case, dtype)
        once = case.transform.forward(raw.float(), *case.given).to(dtype)
        assert torch.equal(case.forward(raw), once), (case, dtype)
        if case.transform.bijective:
            once = case.transform.log_det(raw.float(), *case.given).to(dtype)
            assert torch.equal(case.log_det(raw), once), (case, dtype)


@pytest.mark.parametrize(
    "cases", [pytest.param(cases, id=name) for name, cases in CASES_OF.items() if cases[0].transform.scan]
)
def test_5_a_map_that_wants_float64_does_without_where_there_is_none(cases: tuple[Case, ...]) -> None:
    """Some devices have no float64: there the formulas themselves are good to a thousandth, and finite where float64 is."""
    for case in cases:
        for raw in (ordinary(case, torch.float32, spread=1.0), extreme(case, torch.float32)):
            got, exact = case.transform.forward(raw, *case.given), case.transform.forward(raw.double(), *case.given)
            fits = over_event(exact.float().isfinite(), case.event)
            bad = rows(fits & ~over_event(got.isfinite(), case.event))
            assert not bad.any(), (case, raw[bad], got[bad])
        raw = ordinary(case, torch.float32, spread=1.0)
        off = (case.transform.forward(raw, *case.given).double() - case.forward(raw.double())).abs()
        assert (off <= 1e-3 * case.scale(case.forward(raw.double()))).all(), (case, off)


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(cases, id=name)
        for name, cases in CASES_OF.items()
        if cases[0].event and cases[0].domain.name != "cholesky_cov"
    ],
)
def test_5_a_value_of_many_entries_is_computed_in_float64_and_rounded_once(cases: tuple[Case, ...]) -> None:
    """Or only moved from raw; of a Cholesky factor the diagonal alone is more than that, number by number."""
    for case in cases:
        raw = ordinary(case, torch.float32)
        assert torch.equal(case.forward(raw), case.forward(raw.double()).float()), case


# -- 6: gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.transform.bijective and not case.event and not case.batch], ids=str
)
def test_6_a_gradient_is_zero_only_where_the_true_one_underflows(case: Case) -> None:
    """numerics.md G5, in float64: ∂value/∂raw of a single number is exp(log_det), 5e-324 or more above log of it."""
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


@each_map
def test_7_a_map_makes_no_tensor_changes_none_and_reads_no_number_out_of_one(cases: tuple[Case, ...]) -> None:
    for case in cases:
        raw = ordinary(case, count=2, spread=1.0)
        kept = raw.clone()
        with Watch() as watch:
            value = case.forward(raw)
            case.inverse(value)
            if case.transform.bijective:
                case.log_det(raw)
        assert watch.notes == [], case
        assert torch.equal(raw, kept), case


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
        assert name in allowed or ours or isinstance(value, (str, int, float)), name


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
    files = {Path(module.__file__ or "").stem for module in modules()} - {"base", "compensated", "log_ratio", "scans"}
    assert files == set(domains())


@each_domain
def test_a_domain_says_what_it_is(domain: Domain) -> None:
    assert domain.summary.endswith(".")
    assert domain.notation
    assert domain.starts_at
    assert domain.examples
    assert (home(domain).__doc__ or "").startswith(f"`{domain.name}")
    assert domain.default == next(iter(domain.transforms))
    bijective = [one.bijective for one in domain.transforms.values()]
    assert bijective[0] or not any(bijective), "the default has a log-Jacobian, where any transform has"
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


@pytest.mark.parametrize("specs", STARTS_OF.values(), ids=STARTS_OF.keys())
def test_a_start_is_inside_its_domain_and_survives_in_every_transform_and_dtype(specs: tuple[str, ...]) -> None:
    """To 40 eps of the value's numbers, and what the rounding of raw to the dtype moves it."""
    for case, dtype in product(map(declare, specs), DTYPES):
        model = case.model(dtype=dtype)
        wanted, value = case.declared.start_value(), model.x.detach()
        assert value.dtype == dtype, (case, dtype)
        assert value.shape == case.declared.shape, (case, dtype)
        assert case.domain.contains(wanted, *case.given).all(), (case, dtype)
        assert case.contains(value).all(), (case, dtype, value)
        if not wanted.numel():
            continue
        raw = events_of(case, model.x_raw.detach().double().reshape(case.declared.raw_shape))
        off, wanted = (value.double() - wanted).abs().reshape(-1, *case.event), wanted.reshape(-1, *case.event)
        moved = seen_through(case.forward, raw, raw.abs(), wanted) if raw.numel() else torch.zeros_like(wanted)
        near = torch.finfo(dtype).eps * (moved + FORWARD * case.scale(wanted))
        assert (off <= near).all(), (case, dtype, wanted, value)
