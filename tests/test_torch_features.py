"""Every map inside what torch does to functions: compile, export, transform, differentiate again, autocast, fake tensors.

Tracing costs seconds a map. Of the slow kinds the gate has one test for the default transform of every domain, and one
shape of a map; every transform, and every shape in one graph, are `CDSL_THOROUGH=1 pytest tests/test_torch_features.py`.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._dynamo.utils import counters
from torch._subclasses import FakeTensorMode
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, vmap
from torch.utils._python_dispatch import TorchDispatchMode

from cdsl.constraints import doubly_stochastic
from cdsl.testing import Case, events_of, ordinary
from tests.conftest import THOROUGH
from tests.strategies import CASES, SHAPES, SHAPES_OF, module_of

pytestmark = [
    pytest.mark.untraced,
    # inductor's own lowering of `diagonal`
    pytest.mark.filterwarnings("ignore:`torch._prims_common.check` is deprecated:FutureWarning"),
]


def is_default(case: Case) -> bool:
    return case.declared.map.name == case.domain.default


def some_of(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """The shapes of a map in a slow test: the one of the domain's first example."""
    return cases if THOROUGH else cases[:1]


def one_of_each(cases: Iterable[Case]) -> tuple[Case, ...]:
    """For a slow test of single events: the first of every map that has entries."""
    ones = (case for case in cases if math.prod(case.declared.raw_shape))
    return tuple(
        ones if THOROUGH else {(case.domain, case.declared.map.name): case for case in reversed([*ones])}.values()
    )


each_map = pytest.mark.parametrize("cases", SHAPES_OF.values(), ids=SHAPES_OF.keys())
each_default = pytest.mark.parametrize(
    "cases",
    [pytest.param(some_of(cases), id=name) for name, cases in SHAPES_OF.items() if THOROUGH or is_default(cases[0])],
)
each_case = pytest.mark.parametrize("case", one_of_each(CASES), ids=str)
each_bijective = pytest.mark.parametrize(
    "case", one_of_each(case for case in SHAPES if case.transform.bijective), ids=str
)

DEFAULTS = tuple(cases[0] for cases in SHAPES_OF.values() if is_default(cases[0]) and cases[0].transform.bijective)
"""One parameter of every domain that has a log-Jacobian, by its default transform."""
OTHERS = tuple(cases[0] for cases in SHAPES_OF.values() if cases[0] not in DEFAULTS)
"""One of every other map."""
ALL = (*DEFAULTS, *(case for case in OTHERS if is_default(case)))
"""One of every domain, by its default transform."""
TOGETHER = [DEFAULTS[at::7] for at in range(7)] + [tuple(case for case in ALL if case not in DEFAULTS)]
by_few = pytest.mark.parametrize(
    "cases", SHAPES_OF.values() if THOROUGH else TOGETHER, ids=lambda cases: cases[0].domain.name
)
"""Every domain's default transform, in the gate several in one model, whose graph takes little longer than that of one."""
FLAT = tuple(case for case in DEFAULTS if len(case.event) < 2)
"""The defaults without matrices, whose graphs are the large ones, for what is no matter of the map."""
FEW = tuple(case for case in FLAT if case.domain.name in ("interval", "simplex", "ordered", "unit_vector"))
"""A number with arguments, a sum, increments and a length: for what is slow, no matter of the map, and dynamo's, which
reads every map of the others in a graph of its own."""


def names(cases: tuple[Case, ...]) -> str:
    return str(cases[0]) if len(cases) == 1 else "together"


KERNELS = 16
"""A compiled graph runs other kernels than eager torch, and fuses: each step of a map may differ by 2 eps, none has more
than eight that add up."""


@pytest.fixture
def fresh_compiler() -> Iterator[None]:
    torch._dynamo.reset()
    counters.clear()
    yield
    torch._dynamo.reset()


compiling = pytest.mark.usefixtures("fresh_compiler")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Newton's in `doubly_stochastic`, in the gate: raws of ±1 are near enough for five, and a graph of twelve shows no more."""
    if not THOROUGH:
        monkeypatch.setattr(doubly_stochastic, "STEPS", 5)


def model_of(cases: tuple[Case, ...], dtype: torch.dtype = torch.float64) -> Any:
    """Raws of ±1: no value is on a boundary or at a kink, no slope is small."""
    model = module_of(cases)(dtype=dtype)
    model.randomize_(1.0, generator=torch.Generator().manual_seed(0))
    return model


def outputs(model: Any) -> tuple[Tensor, ...]:
    """All that a model says: values, and the log-det where all maps are bijective."""
    if all(one.map.transform.bijective for one in model._declared):
        values, log_det = model.forward_and_log_det()
        return (*values, log_det)
    return tuple(model())


def loss(results: tuple[Tensor, ...]) -> Tensor:
    """A number whose gradient shows every entry: squares, each with a weight of its own."""
    total = results[0].new_zeros(())
    for result in results:
        weight = torch.arange(1, result.numel() + 1, dtype=result.dtype).reshape(result.shape)
        total = total + (weight * result * result).sum()
    return total


def gradients(model: Any, total: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(total, list(model.parameters()), materialize_grads=True))


def assert_near(got: Tensor, expected: Tensor, eps_count: float = KERNELS) -> None:
    """To that many eps of the largest entry, or of 1."""
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if expected.numel():
        tolerance = eps_count * torch.finfo(expected.dtype).eps * expected.detach().abs().amax().clamp(min=1)
        assert ((got - expected).abs() <= tolerance).all(), (got, expected)


def assert_same(got: Any, expected: Any) -> None:
    for one, other in zip(got, expected, strict=True):
        assert_near(one, other)


# -- compile ------------------------------------------------------------------------------------------------------------


def assert_compiles(model: Any, backend: str) -> None:
    """One graph, the values and gradients of eager, and the same graph while the parameters change."""
    compiled = torch.compile(outputs, fullgraph=True, backend=backend)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.numel()] or model.parameters(), lr=1e-3)
    for _ in range(2):
        got, expected = compiled(model), outputs(model)
        assert_same(got, expected)
        slopes = gradients(model, loss(got))
        # the gradient of a square has the error of the value times its weight, of up to 24 entries
        for one, other in zip(slopes, gradients(model, loss(expected)), strict=True):
            assert_near(one, other, 24 * KERNELS)
        for parameter, slope in zip(model.parameters(), slopes, strict=True):
            parameter.grad = slope
        optimizer.step()
    assert counters["stats"]["unique_graphs"] == 1


@compiling
@(each_map if THOROUGH else each_default)
def test_a_model_compiles_to_one_graph_with_the_values_and_gradients_of_eager(cases: tuple[Case, ...]) -> None:
    """In the gate those of default transforms, with the way back; others are made of the same few formulas."""
    if torch.__version__.startswith("2.6.") and str(cases[0]).startswith("stiefel") and "cayley" in str(cases[0]):
        pytest.skip("torch 2.6 takes views of what its own joint graph lays out otherwise")
    assert_compiles(model_of(some_of(cases)), "aot_eager")


class Operations(TorchDispatchMode):
    """Notes every operation of torch."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[Any] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.used.add(func)
        return func(*args, **(kwargs or {}))


def operations(case: Case) -> set[Any]:
    """What its model uses, there and back."""
    model = model_of((case,))
    with Operations() as noted:
        gradients(model, loss(outputs(model)))
    return noted.used


def new_operations(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Those that use one that none before them uses, beginning with the one that uses the most."""
    known: set[Any] = set()
    chosen = []
    for case, used in sorted(((case, operations(case)) for case in cases), key=lambda pair: -len(pair[1])):
        if used - known:
            chosen.append(case)
        known |= used
    return tuple(chosen)


@compiling
@pytest.mark.parametrize(
    ("cases", "dtype"),
    [(FLAT, torch.float32), *([(OTHERS, torch.float64)] if THOROUGH else [])],
    ids=["defaults", "others"][: 1 + THOROUGH],
)
def test_inductor_keeps_values_and_gradients(cases: tuple[Case, ...], dtype: torch.dtype) -> None:
    """Every operation of the maps of numbers and vectors, and in THOROUGH each of the maps, through generated code; matrices,
    of which it needs minutes, as graphs above."""
    cases = tuple(case for case in cases if len(case.event) < 2)
    assert_compiles(model_of(cases if THOROUGH else new_operations(cases), dtype), "inductor")


@compiling
def test_assignment_loading_and_reading_between_steps_do_not_compile_again() -> None:
    model = model_of(DEFAULTS if THOROUGH else FLAT)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    start = model.state_dict()
    for _ in range(3):
        assert_same(compiled(), model())
        model.load_flat_(model.to_flat() + 0.1)
        model.assign_(**{one.name: one.start_value() for one in model._declared})
        model.scalar_dict(), model.summary()
        model.load_state_dict(start)
    assert counters["stats"]["unique_graphs"] == 1


def assert_constrains(cases: tuple[Case, ...], backend: str, *steps: tuple[int, tuple[int, ...]]) -> None:
    """After batches of these sizes there are at most so many graphs."""
    model = model_of(cases)
    compiled = torch.compile(model.constrain, fullgraph=True, dynamic=True, backend=backend)
    for graphs, sizes in steps:
        for size in sizes:
            generator = torch.Generator().manual_seed(size)
            theta = torch.randn(size, model.unconstrained_size, generator=generator, dtype=torch.float64)
            assert_same(compiled(theta), model.constrain(theta))
        assert counters["stats"]["unique_graphs"] <= graphs, sizes


@compiling
@by_few
def test_constrain_compiles_to_one_graph_for_all_batch_sizes(cases: tuple[Case, ...]) -> None:
    """runtime.md, contract 2. First a batch of another size than theta has: dynamo takes equal ones to stay equal."""
    assert_constrains(cases, "aot_eager" if THOROUGH else "eager", (1, (101, 2, 3, 17, 2)))


@compiling
def test_constrain_compiles_again_for_batch_sizes_0_and_1() -> None:
    steps = ((1, (2, 3, 5, 17, 2)), (2, (1,)), (3, (0,)), (3, (4, 1, 0)))
    assert_constrains(DEFAULTS if THOROUGH else FEW, "eager", *steps)


# -- export -------------------------------------------------------------------------------------------------------------


def through_a_file(program: Any) -> Any:
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    return torch.export.load(file)


def assert_is_exported(model: Any, strict: bool) -> None:
    loaded = through_a_file(torch.export.export(model, (), strict=strict)).module()
    got, expected = loaded(), model()
    assert type(got).__name__ == type(expected).__name__
    assert got._fields == expected._fields, "equal names and fields are one output type, runtime.md contract 11"
    assert_same(got, expected)
    assert set(loaded.state_dict()) == {f"{one.name}_raw" for one in model._declared}


@compiling
@by_few
def test_a_model_is_exported_saved_and_loaded(cases: tuple[Case, ...]) -> None:
    assert_is_exported(model_of(cases), strict=False)


@compiling
@pytest.mark.parametrize("cases", [(case,) for case in (*DEFAULTS, *OTHERS)] if THOROUGH else [FEW], ids=names)
def test_a_model_is_exported_strictly(cases: tuple[Case, ...]) -> None:
    """Through dynamo, as in every graph above."""
    assert_is_exported(model_of(cases), strict=True)


@compiling
@pytest.mark.skipif(
    not THOROUGH, reason="the compiler of C++ takes 30 s for two domains as for eight: CDSL_THOROUGH=1 asks"
)
@pytest.mark.parametrize(
    "cases", [ALL[at : at + 8] for at in range(0, len(ALL), 8)], ids=lambda cases: cases[0].domain.name
)
@pytest.mark.filterwarnings(
    "ignore:`isinstance:FutureWarning", "ignore:.*:DeprecationWarning"
)  # torch, of its own names
def test_a_model_is_compiled_ahead_of_time(cases: tuple[Case, ...], tmp_path: Any) -> None:
    """Its `forward`, by AOTInductor, from the package alone; the compiler of C++ takes most of the time."""
    model = model_of(cases)
    package = torch._inductor.aoti_compile_and_package(
        torch.export.export(model, ()), package_path=str(tmp_path / "model.pt2")
    )
    got, expected = torch._inductor.aoti_load_package(package)(), model()
    assert got._fields == expected._fields
    assert_same(got, expected)


class Constrain(torch.nn.Module):
    """All that `constrain` says of a batch, as the `forward` that export asks for."""

    def __init__(self, cases: tuple[Case, ...]) -> None:
        super().__init__()
        self.model = model_of(cases)

    def forward(self, theta: Tensor) -> tuple[Tensor, ...]:
        if all(one.map.transform.bijective for one in type(self.model)._declared):
            values, log_det = self.model.constrain_and_log_det(theta)
            return (*values, log_det)
        return tuple(self.model.constrain(theta))


def assert_constrain_is_exported(cases: tuple[Case, ...], strict: bool) -> None:
    module = Constrain(cases)
    size = module.model.unconstrained_size
    theta = torch.randn(4, size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    shapes = {"theta": {0: torch.export.Dim("batch", min=2)}}
    loaded = through_a_file(torch.export.export(module, (theta,), strict=strict, dynamic_shapes=shapes)).module()
    for many in (theta, theta[:2], theta.repeat(3, 1)):
        assert_same(loaded(many), module(many))


@compiling
@by_few
def test_constrain_is_exported_for_any_batch_size(cases: tuple[Case, ...]) -> None:
    assert_constrain_is_exported(cases, strict=False)


@compiling
def test_constrain_is_exported_strictly_for_any_batch_size() -> None:
    assert_constrain_is_exported(DEFAULTS if THOROUGH else FEW, strict=True)


# -- torch.func ---------------------------------------------------------------------------------------------------------


def tried(case: Case) -> Iterator[tuple[Callable[[Tensor], Tensor], Tensor]]:
    """The functions of one event's raw that a case has, with raws of ±1 or so that are at no kink."""
    raws = events_of(case, ordinary(case, count=2, spread=0.7))[:2]
    yield case.forward, raws
    if case.transform.bijective:
        yield case.log_det, raws


def by_autograd(function: Callable[[Tensor], Tensor], raw: Tensor) -> Tensor:
    """The Jacobian, row by row; of a constant it is 0."""
    raw = raw.clone().requires_grad_()
    result = function(raw)
    rows = [
        torch.autograd.grad(entry, raw, retain_graph=True)[0] if entry.requires_grad else torch.zeros_like(raw)
        for entry in result.reshape(-1)
    ]
    return torch.stack(rows).reshape(result.shape + raw.shape)


@each_case
def test_forward_and_reverse_mode_agree_with_autograd(case: Case) -> None:
    for function, raws in tried(case):
        for raw in raws:
            expected = by_autograd(function, raw)
            assert_near(jacrev(function)(raw), expected)
            assert_near(jacfwd(function)(raw), expected)
            tangent = torch.linspace(-1, 1, raw.numel(), dtype=raw.dtype).reshape(raw.shape)
            value, slope = jvp(function, (raw,), (tangent,))
            assert_near(value, function(raw))
            assert_near(slope, (expected * tangent).reshape((*value.shape, -1)).sum(-1), 64 * KERNELS)


@each_case
def test_the_hessian_is_symmetric_and_the_same_in_every_mode(case: Case) -> None:
    """Forward over reverse, reverse over reverse, and autograd twice."""
    for function, raws in tried(case):

        def number(raw: Tensor, function: Callable[[Tensor], Tensor] = function) -> Tensor:
            result = function(raw)
            return (result * torch.linspace(0.5, 1, result.numel(), dtype=raw.dtype).reshape(result.shape)).sum()

        for raw in raws:
            expected = torch.autograd.functional.hessian(number, raw)
            assert_near(hessian(number)(raw), expected)
            assert_near(jacrev(jacrev(number))(raw), expected)
            size = raw.numel()
            square = expected.reshape(size, size)
            assert_near(square, square.T)


@each_case
def test_vmap_of_grad_is_grad_of_each(case: Case) -> None:
    for function, raws in tried(case):

        def number(raw: Tensor, function: Callable[[Tensor], Tensor] = function) -> Tensor:
            return function(raw).square().sum()

        assert_near(vmap(grad(number))(raws), torch.stack([grad(number)(raw) for raw in raws]))
        assert_near(vmap(jacrev(function))(raws), torch.stack([by_autograd(function, raw) for raw in raws]))
        assert_near(vmap(hessian(number))(raws), torch.stack([hessian(number)(raw) for raw in raws]))


@each_map
def test_functional_call_grad_and_vmap_take_a_model(cases: tuple[Case, ...]) -> None:
    model = model_of(cases)
    raws = {name: parameter.detach() for name, parameter in model.named_parameters()}

    def number(raws: dict[str, Tensor]) -> Tensor:
        return loss(tuple(functional_call(model, raws, ())))

    kept = model.to_flat()
    expected = gradients(model, loss(tuple(model())))
    assert_same(grad(number)(raws).values(), expected)
    stacked = {name: torch.stack([raw, raw + 0.1, raw - 0.1]) for name, raw in raws.items()}
    slopes = vmap(grad(number))(stacked)
    assert_same([slope[0] for slope in slopes.values()], expected)
    assert torch.equal(model.to_flat(), kept)


@pytest.mark.parametrize("cases", [*((case,) for case in DEFAULTS), *([DEFAULTS] if THOROUGH else [])], ids=names)
def test_the_hessian_of_a_density_of_theta_is_that_of_autograd(cases: tuple[Case, ...]) -> None:
    model = model_of(cases)

    def density(theta: Tensor) -> Tensor:
        values, log_det = model.constrain_and_log_det(theta)
        return log_det - loss(tuple(values)) / 100

    theta = model.to_flat()
    expected = torch.autograd.functional.hessian(density, theta)
    assert_near(hessian(density)(theta), expected, 10 * KERNELS)
    many = torch.stack([theta, theta + 0.1])
    assert_near(vmap(hessian(density))(many)[0], expected, 10 * KERNELS)


# -- differentiating again ----------------------------------------------------------------------------------------------


@each_bijective
def test_first_and_second_derivatives_are_those_of_finite_differences(case: Case) -> None:
    """In float64, with torch's own steps and tolerances; forward mode too. Second ones along random lines, in the gate."""
    torch.manual_seed(0)  # of those lines
    for function, raws in tried(case):
        raw = raws[0].clone().requires_grad_()
        result = function(raw)
        if not result.requires_grad:
            continue  # a constant: log 1
        assert gradcheck(function, raw, check_forward_ad=True)
        (slope,) = torch.autograd.grad(result.sum(), raw, create_graph=True)
        if slope.requires_grad:
            assert gradgradcheck(function, raw, fast_mode=not THOROUGH)
        else:  # said to be constant, as that of a sum is
            elsewhere = (raw.detach() + 0.1).requires_grad_()
            assert_near(torch.autograd.grad(function(elsewhere).sum(), elsewhere)[0], slope)


# -- autocast -----------------------------------------------------------------------------------------------------------


@each_map
def test_autocast_leaves_values_log_dets_and_gradients_as_they_are(cases: tuple[Case, ...]) -> None:
    for dtype in (torch.float16, torch.float32):
        model = model_of(cases, dtype)
        expected = outputs(model)
        slopes = gradients(model, loss(expected))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            got = outputs(model)
            got_slopes = gradients(model, loss(got))
        assert all(one.dtype == dtype for one in got), dtype
        assert all(torch.equal(one, other) for one, other in zip(got, expected, strict=True)), dtype
        assert all(torch.equal(one, other) for one, other in zip(got_slopes, slopes, strict=True)), dtype


# -- tensors without data -----------------------------------------------------------------------------------------------


@each_map
def test_shapes_and_dtypes_are_known_without_data(cases: tuple[Case, ...]) -> None:
    expected = [(one.shape, one.dtype) for one in outputs(model_of(cases))]
    meta = module_of(cases)(dtype=torch.float64, device="meta")
    assert [(one.shape, one.dtype) for one in outputs(meta)] == expected
    assert all(one.is_meta for one in outputs(meta))
    model = model_of(cases)
    with FakeTensorMode(allow_non_fake_inputs=False) as mode:
        fakes = {name: mode.from_tensor(one) for name, one in model.named_parameters()}
        values = functional_call(model, fakes, ())
    assert [(one.shape, one.dtype) for one in values] == expected[: len(values)]
    assert {one.device.type for one in values} == {"cpu"}


def test_a_model_is_built_out_of_fake_tensors() -> None:
    """As any module of torch is, where memory is planned before there is any."""
    with FakeTensorMode():
        values = module_of(DEFAULTS)()()
    assert [one.shape for one in values] == [one.shape for one in module_of(DEFAULTS)()()]
