"""Bounds that are arrays: an entry is what a parameter of that entry's numbers is, wherever the module goes."""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensor, FakeTensorMode  # private, and the only names that they have

import cdsl
from cdsl.constraints import domains
from cdsl.model import Model
from cdsl.runtime import DomainError, SignatureMismatch
from cdsl.testing import GRID, KERNELS

from .conftest import run_python

INF = math.inf
LOW, HIGH = (0.0, -INF, 0.1, -INF, -1.0), (INF, 3.0, 10.0, INF, 1.0)
ARGUMENTS = {
    "interval": (LOW, HIGH),
    "greater_than": ((0.0, -INF, 0.1, -7.0, 1e6),),
    "less_than": ((0.0, INF, 0.1, -7.0, 1e6),),
    "real": ((0.0, 0.1, -7.0, 1e3, 0.0), (1.0, 0.1, 2.0, 1e-3, 3.0)),
}
MAPS = [(name, via) for name in ARGUMENTS for via in domains()[name].transforms]
each_map = pytest.mark.parametrize(("name", "via"), MAPS)
each_dtype = pytest.mark.parametrize(
    "dtype", [torch.float16, torch.float32, torch.float64], ids=lambda dtype: str(dtype)[6:]
)

SPEC = """\
tau: interval([0, -inf, 0.1], [inf, 3, 10])[3]
s: greater_than([0, 1])[5, 2]
rows: interval([[-1], [-inf]], high=[2, 3, inf])[2, 3] via probit
x: real([0, 0.1], [[1], [0.1]])[2, 2]
cut: interval([0, -inf], 1)[2] via clamp = 0.5
number: interval(0.1, 10)
"""
BUFFERS = ["_tau_low", "_tau_high", "_s_low", "_rows_low", "_rows_high", "_x_loc", "_x_scale", "_cut_low"]
BIJECTIVE = SPEC.replace("cut:", "frozen cut:")


@pytest.fixture(scope="module")
def everything() -> Any:
    """The class of all that there is, the surjective one frozen."""
    return cdsl.loads(BIJECTIVE).Model


def model_of(spec: str, dtype: torch.dtype = torch.float64) -> Any:
    return cdsl.loads(spec).Model(dtype=dtype)


def text_of(argument: Any) -> str:
    return json.dumps(argument).replace("Infinity", "inf")


def entrywise(name: str, via: str, dtype: torch.dtype) -> tuple[Any, list[Any]]:
    """A module of five entries, and five modules of one."""
    arguments = ARGUMENTS[name]
    size = len(arguments[0])
    array = f"x: {name}({', '.join(map(text_of, arguments))})[{size}] via {via}"
    numbers = (f"x: {name}({', '.join(map(text_of, one))}) via {via}" for one in zip(*arguments, strict=True))
    return model_of(array, dtype), [model_of(one, dtype) for one in numbers]


def assert_close(got: Tensor, expected: Tensor, dtype: torch.dtype) -> None:
    """To `KERNELS` eps: the same formula by a vector kernel and by a scalar one."""
    torch.testing.assert_close(got, expected, rtol=KERNELS * torch.finfo(dtype).eps, atol=0, equal_nan=False)


def grid(dtype: torch.dtype) -> Tensor:
    """Both signs of the laws' extremes."""
    held = torch.tensor(GRID, dtype=torch.float64).to(dtype)
    held = held[held.isfinite()]
    return torch.cat((held, -held))


@pytest.fixture
def anomalies() -> Iterator[None]:
    """NaN is an error on the way back, even where it is masked in the end."""
    torch.autograd.set_detect_anomaly(True)
    yield
    torch.autograd.set_detect_anomaly(False)


# -- an entry is a parameter of its own numbers, whose laws and oracles hold those ---------------------------------------


@each_map
@each_dtype
def test_every_entry_is_that_of_its_own_numbers(name: str, via: str, dtype: torch.dtype, anomalies: None) -> None:
    """Value, log-Jacobian and both gradients, for ordinary raws and the laws' extremes."""
    array, numbers = entrywise(name, via, dtype)
    drawn = 3 * torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    raw = torch.cat((drawn.to(dtype), grid(dtype)))
    stacked = raw[:, None].expand(-1, len(numbers)).clone().requires_grad_()
    value = array.constrain(stacked).x
    (slope,) = torch.autograd.grad(value.sum(), stacked) if value.requires_grad else (torch.zeros_like(stacked),)
    assert value.dtype == dtype
    assert not value.isnan().any()
    bijective = array._declared[0].map.transform.bijective
    for entry, one in enumerate(numbers):
        alone = raw[:, None].clone().requires_grad_()
        expected = one.constrain(alone).x
        (of_value,) = torch.autograd.grad(expected.sum(), alone)
        assert_close(value[:, entry], expected, dtype)
        assert_close(slope[:, entry], of_value[:, 0], dtype)
    if bijective:
        parts = [one.constrain_and_log_det(raw[:, None])[1].double() for one in numbers]
        log_det = array.constrain_and_log_det(stacked)[1]
        (of_log_det,) = (
            torch.autograd.grad(log_det.sum(), stacked) if log_det.requires_grad else (torch.zeros_like(stacked),)
        )
        size = torch.stack(parts).abs().sum(0)  # entries add up: each to its own rounding
        fits = size < torch.finfo(dtype).max
        off = (log_det.double() - torch.stack(parts).sum(0)).abs()
        assert (off[fits] <= len(numbers) * KERNELS * torch.finfo(dtype).eps * size[fits].clamp(min=1)).all()
        assert not of_log_det.isnan().any()


@each_map
def test_inverses_are_those_of_the_entries_own_numbers(name: str, via: str) -> None:
    array, numbers = entrywise(name, via, torch.float64)
    raw = torch.tensor([[0.3, -0.4, 1.1, 0.2, -0.9], [-2.0, 1.5, 0.1, 3.0, 0.5]], dtype=torch.float64)
    if via in ("relu", "abs", "square", "clamp", "hard_sigmoid"):
        raw = raw.abs() / 8 + 0.2  # where each has one inverse
    values = array.constrain(raw)
    back = array.unconstrain(values)
    for entry, one in enumerate(numbers):
        value = values.x[:, entry]
        assert_close(back[:, entry], one.unconstrain({"x": value}).reshape(-1), torch.float64)
    array.x = values.x[1]
    assert_close(array.x_raw.detach(), back[1], torch.float64)


@each_map
def test_starts_are_those_of_the_entries_own_numbers(name: str, via: str) -> None:
    array, numbers = entrywise(name, via, torch.float64)
    assert_close(array.x.detach(), torch.stack([one.x.detach() for one in numbers]), torch.float64)


@pytest.mark.parametrize("raw", [-7.5, -1.0, 0.0, 0.3, 4.0])
def test_stans_containers_of_bounds_are_ours(raw: float) -> None:
    """The log-Jacobian, its gradient and the raw values, to the 1e-9 that two float64 implementations leave."""
    stanli = pytest.importorskip("stanli")
    low, high = ("[0, negative_infinity(), 0.1, -1]'", "[positive_infinity(), 3, 10, 1]'")
    theirs = stanli.Model(stan_code=f"parameters {{ vector<lower={low}, upper={high}>[4] x; }} model {{ }}")
    ours = model_of("x: interval([0, -inf, 0.1, -1], [inf, 3, 10, 1])[4]")
    theta = (raw + torch.arange(4.0, dtype=torch.float64) / 8).requires_grad_()
    values, log_det = ours.constrain_and_log_det(theta)
    (slope,) = torch.autograd.grad(log_det, theta)
    density, of_density = theirs.log_prob_grad(theta.detach().numpy())
    assert log_det.item() == pytest.approx(density, abs=1e-9)
    torch.testing.assert_close(slope, torch.as_tensor(of_density), rtol=1e-9, atol=1e-9)
    raw_of = torch.as_tensor(theirs.unconstrain({"x": values.x.tolist()}))
    torch.testing.assert_close(ours.unconstrain(values), raw_of, rtol=1e-9, atol=1e-9)


# -- what a spec may say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_",
    [
        "interval([0, 1], 5)[2]",
        "interval(0, [5])[3]",
        "interval([[0], [1]], [2, 3, 4])[2, 3]",
        "interval([0, 1, 2], 3)[4, 3]",
        "interval([[1]], [2])[4, 3]",
        "greater_than([])[0]",
        "greater_than([1])[0]",
        "less_than([1, 2] / 3)[2]",
        "less_than(-[1, -inf])[1, 2]",
        "real(scale=[1, 2])[2]",
    ],
)
def test_shapes_that_broadcast_to_the_sizes_are_taken(type_: str) -> None:
    model = model_of(f"x: {type_}")
    (declared,) = model._declared
    assert model.x.shape == declared.batch
    assert model.log_abs_det_jacobian().shape == ()
    assert model.x.dtype == torch.float64


def test_an_array_is_part_of_the_model_and_of_its_json() -> None:
    model = model_of(SPEC)
    meant = Model.model_validate(model.spec)
    assert meant.parameters[0].arguments == ((0.0, -INF, 0.1), (INF, 3.0, 10.0))
    assert meant.parameters[3].arguments == ((0.0, 0.1), ((1.0,), (0.1,)))
    assert model.spec["parameters"][0]["arguments"] == [[0.0, "-inf", 0.1], ["inf", 3.0, 10.0]]
    assert Model.model_validate_json(meant.model_dump_json()) == meant
    assert Model.model_validate_json(meant.model_dump_json()) == meant
    (checked, _) = cdsl.check(cdsl.parse(SPEC))
    assert checked == meant


def test_numbers_stay_literals() -> None:
    text = cdsl.compile("x: interval(0, [5, 6])[2]\ny: interval(0.1, 10)\n")
    assert "cdsl.interval.logistic(x_raw, 0.0, self._x_high)" in text
    assert "cdsl.interval.logistic(y_raw, 0.1, 10.0)" in text
    assert text.count("torch.nn.Buffer") == 1


# -- errors at run time --------------------------------------------------------------------------------------------------


def test_errors_name_the_entry_and_its_own_bounds() -> None:
    model = model_of(SPEC)
    with pytest.raises(
        DomainError, match=r"^tau\[1\] is outside interval\(-inf, 3\.0\): 4, must be less than 3, off by 1"
    ):
        model.tau = [1.0, 4.0, 1.0]
    with pytest.raises(DomainError, match=r"^s\[0, 1\] is outside greater_than\(1\.0\): 0\.5, must be greater than 1"):
        model.s = 0.5
    with pytest.raises(DomainError, match=r"^rows\[1, 0\] is outside interval\(-inf, 2\.0\)"):
        model.assign_(tau=[1, 1, 1], rows=[[0, 0, 0], [2, 0, 0]])
    assert model.tau.tolist() == [1.0, 2.0, 5.05]  # all or nothing
    model.tau = [100.0, -100.0, 9.0]
    assert_close(model.tau.detach(), torch.tensor([100.0, -100.0, 9.0], dtype=torch.float64), torch.float64)
    values = {name: getattr(model, name).expand(7, *getattr(model, name).shape) for name in model._names()}
    values["s"] = values["s"].clone()
    values["s"][6, 4, 1] = 1.0
    with pytest.raises(DomainError, match=r"^s\[6, 4, 1\] is outside greater_than\(1\.0\): 1, must be greater than 1"):
        model.unconstrain(values)


def test_a_bound_that_the_dtype_has_not_is_refused() -> None:
    """As infinite it would be none, and the parameter free."""
    spec = "x: greater_than([1, 1e300])[2] = [2, 2e300]"
    with pytest.raises(DomainError, match=r"^x: the bound low\[1\] does not fit torch\.float32"):
        model_of(spec, torch.float32)
    assert model_of(spec).x.tolist() == pytest.approx([2, 2e300])
    with pytest.raises(DomainError, match="does not fit"):
        model_of(spec).float()
    wide = model_of("x: interval([0, 0], [1e5, 1])[2]", torch.float16)  # 1e5 is beyond float16, and computed in float32
    wide.x = [100.0, 0.5]
    assert wide.x.tolist() == pytest.approx([100, 0.5], rel=4 * torch.finfo(torch.float16).eps)


# -- where a module goes -------------------------------------------------------------------------------------------------


def held(model: Any) -> list[Tensor]:
    return [getattr(model, name) for name in BUFFERS]


def assert_exact(model: Any, dtype: torch.dtype, device: str = "cpu") -> None:
    """Every bound is the float64 that was declared, rounded once."""
    exact = held(model_of(BIJECTIVE))
    for one, other in zip(held(model), exact, strict=True):
        assert (one.dtype, one.device.type) == (dtype, device)
        assert torch.equal(one, other.to(dtype))


def test_buffers_follow_the_dtype_and_are_never_rounded_twice(everything: Any) -> None:
    model = everything(dtype=torch.float32)
    assert [name for name, _ in model.named_buffers()] == BUFFERS
    assert_exact(model, torch.float32)
    assert_exact(model.to(torch.float64), torch.float64)
    assert_exact(model.half(), torch.float32)  # the precision that maps of half raw are computed in
    assert_exact(model.bfloat16(), torch.float32)
    parent = torch.nn.Sequential(torch.nn.Linear(1, 1), model).double()
    assert_exact(parent[1], torch.float64)
    assert [value.dtype for value in model()] == [torch.float64] * 6


def test_a_step_does_not_feel_a_move_that_changes_nothing(everything: Any) -> None:
    """What a graph holds is not written: `to` between forward and backward is allowed of parameters."""
    model = everything(dtype=torch.float64)
    loss = model().tau.sum()
    model.to(torch.float64)
    loss.backward()
    assert model.tau_raw.grad.isfinite().all()


def test_meta_to_empty_and_reset(everything: Any) -> None:
    model = everything(device="meta", dtype=torch.float64)
    assert all(one.is_meta for one in held(model))
    assert model().tau.is_meta
    model.to_empty(device="cpu")
    assert_exact(model, torch.float64)
    for one in held(model):
        one.fill_(7.0)
    model.reset_parameters()
    assert_exact(model, torch.float64)
    assert all(torch.equal(a, b) for a, b in zip(model(), everything(dtype=torch.float64)(), strict=True))


@pytest.mark.parametrize("assign", [False, True])
def test_meta_and_a_checkpoint(everything: Any, assign: bool) -> None:
    source = everything(dtype=torch.float64)
    source.randomize_(generator=torch.Generator().manual_seed(0))
    model = everything(device="meta", dtype=torch.float64)
    if not assign:
        model.to_empty(device="cpu")
    model.load_state_dict(source.state_dict(), assign=assign)
    assert_exact(model, torch.float64)
    assert all(torch.equal(a, b) for a, b in zip(model(), source(), strict=True))


def test_no_data_is_made_where_none_are_wanted() -> None:
    with torch.device("meta"):
        assert cdsl.loads(SPEC).Model().tau.is_meta
    with FakeTensorMode():
        model = cdsl.loads(SPEC).Model()
        model.reset_parameters()
        assert isinstance(model().tau, FakeTensor)


def test_bounds_are_no_part_of_a_state_dict(everything: Any) -> None:
    assert set(everything().state_dict()) == {
        *(f"{name}_raw" for name in ("tau", "s", "rows", "x", "cut", "number")),
        "_extra_state",
    }


@pytest.mark.parametrize("way", [copy.deepcopy, copy.copy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies(way: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "copied_bounds.py").write_text(cdsl.compile(BIJECTIVE, name="CopiedBounds"))
    monkeypatch.syspath_prepend(tmp_path)
    import copied_bounds

    model = copied_bounds.CopiedBounds(dtype=torch.float64)
    model.randomize_(generator=torch.Generator().manual_seed(0))
    other = way(model)
    assert_exact(other, torch.float64)
    assert all(torch.equal(a, b) for a, b in zip(model(), other(), strict=True))
    assert_exact(other.float(), torch.float32)


# -- transformations of torch --------------------------------------------------------------------------------------------


def test_batches_of_theta_and_vmap(everything: Any) -> None:
    model = everything(dtype=torch.float64)
    theta = torch.randn(2, 3, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values, log_det = model.constrain_and_log_det(theta)
    assert log_det.shape == (2, 3)
    for i, j in ((0, 0), (1, 2)):
        alone, of_alone = model.constrain_and_log_det(theta[i, j])
        assert all(torch.allclose(a[i, j], b, rtol=1e-15, atol=0) for a, b in zip(values, alone, strict=True))
        assert_close(log_det[i, j], of_alone, torch.float64)
    torch.testing.assert_close(model.unconstrain(values), theta, rtol=1e-9, atol=1e-9)
    mapped = torch.func.vmap(torch.func.vmap(lambda one: model.constrain_and_log_det(one)[1]))(theta)
    assert_close(mapped, log_det, torch.float64)


def test_log_det_is_that_of_the_jacobian(everything: Any) -> None:
    """Of entries each by itself the Jacobian is diagonal; 1e-12 is what a sum of 20 logarithms leaves."""
    model = everything(dtype=torch.float64)
    theta = torch.randn(model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def flat(one: Tensor) -> Tensor:
        values = model.constrain(one)._asdict()
        return torch.cat([values[name].reshape(-1) for name in values if name != "cut"])

    (slope, log_det) = torch.func.jacrev(flat)(theta), model.constrain_and_log_det(theta)[1]
    assert torch.equal(slope, torch.diag(torch.diagonal(slope)))
    assert log_det.item() == pytest.approx(torch.diagonal(slope).abs().log().sum().item(), abs=1e-12)
    hessian = torch.func.hessian(lambda one: model.constrain_and_log_det(one)[1])(theta)
    forward = torch.func.jvp(flat, (theta,), (torch.ones_like(theta),))[1]
    assert hessian.isfinite().all()
    assert_close(forward, torch.diagonal(slope), torch.float64)


def test_ensembles(everything: Any) -> None:
    models = [everything(dtype=torch.float64) for _ in range(3)]
    for seed, one in enumerate(models):
        one.randomize_(generator=torch.Generator().manual_seed(seed))
    parameters, buffers = torch.func.stack_module_state(models)
    base = copy.deepcopy(models[0]).to("meta")
    together = torch.func.vmap(lambda *state: torch.func.functional_call(base, state, ()).tau)(parameters, buffers)
    assert_close(together, torch.stack([one().tau for one in models]), torch.float64)


def test_compile(everything: Any) -> None:
    model = everything(dtype=torch.float64)
    theta = torch.randn(4, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    compiled = torch.compile(model.constrain_and_log_det, fullgraph=True, backend="aot_eager")
    (got, log_det), (values, expected) = compiled(theta), model.constrain_and_log_det(theta)
    for one, other in zip((*got, log_det), (*values, expected), strict=True):
        assert_close(one, other, torch.float64)


def test_export_with_its_bounds(everything: Any) -> None:
    model = everything(dtype=torch.float64)
    file = io.BytesIO()
    torch.export.save(torch.export.export(model, (), strict=True), file)
    file.seek(0)
    program = torch.export.load(file).module()
    assert all(torch.equal(a, b) for a, b in zip(program(), model(), strict=True))


def test_training_stays_inside(everything: Any) -> None:
    model = everything(dtype=torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.3)
    for _ in range(20):
        optimizer.zero_grad()
        (
            (model.tau - torch.tensor([5.0, -5.0, 20.0])).square().sum() + model.log_abs_det_jacobian().square()
        ).backward()
        optimizer.step()
    low, high = torch.tensor([0, -INF, 0.1]), torch.tensor([INF, 3, 10])
    assert ((low <= model.tau) & (model.tau <= high)).all()
    assert torch.equal(model._tau_high, high)


STANDALONE = """
import sys, torch
import alone
assert not any(name.split(".")[0] == "cdsl" for name in sys.modules)
model = alone.Alone(device="meta", dtype=torch.float64).to_empty(device="cpu")
model.reset_parameters()
assert model.tau.tolist() == [1.0, 2.0, 5.05], model.tau
assert model._tau_low.tolist() == [0.0, -torch.inf, 0.1]
try:
    model.tau = [1, 4, 1]
except ValueError as error:
    print(error)
"""


def test_standalone(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text(cdsl.compile(SPEC, name="Alone", standalone=True))
    done = run_python("-c", STANDALONE, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.strip() == "tau[1] is outside interval(-inf, 3.0): 4, must be less than 3, off by 1"


# -- what is said of them ------------------------------------------------------------------------------------------------


def many(last: float) -> str:
    entries = [k / 8 for k in range(200)]
    return f"x: greater_than({[*entries[:150], last, *entries[151:]]})[200]"


def test_the_signature_is_exact_and_messages_are_short() -> None:
    one, other = model_of(many(1.5)), model_of(many(1.5 + 2**-40))
    (declared,) = one._declared
    assert declared.domain.count(",") == 199
    assert declared.brief == "greater_than([0.0, 0.125, 0.25, 0.375, … 196 more])[200]"
    assert declared.brief in one.summary()
    assert len(one.summary()) < 1000
    one.load_state_dict(model_of(many(1.5)).state_dict())
    with pytest.raises(SignatureMismatch) as error:
        one.load_state_dict(other.state_dict())
    assert "1.5000000000009095" in str(error.value)  # the entry that differs, of 200
    assert len(str(error.value)) < 600
    with pytest.raises(SignatureMismatch, match=r"greater_than\(0\.0\)\[200\] via exp"):
        one.load_state_dict(model_of("x: greater_than(0)[200]").state_dict())


def test_the_text_of_a_module_is_short_where_it_is_read() -> None:
    text = cdsl.compile(many(1.5))
    assert '"""`greater_than([0.0, 0.125, 0.25, 0.375, … 196 more])[200] via exp`"""' in text
    assert cdsl.compile(many(1.5)) == text


def test_the_text_of_a_module_is_formatted(tmp_path: Path) -> None:
    """Arrays of every length, under names and docs of every length that the formatter breaks lines for."""
    ruff = shutil.which("ruff") or pytest.skip("ruff is not installed")
    for size in range(1, 51):
        entries = [0.5 + entry for entry in range(size)]
        spec = f"#: {'d' * (50 + size)}\n\n{'n' * size}: interval({entries}, inf)[{size}]\nm: less_than([{entries}])[2, {size}]"
        (tmp_path / f"text{size}.py").write_text(cdsl.compile(spec))
    told = subprocess.run([ruff, "format", "--isolated", "--diff", "."], cwd=tmp_path, capture_output=True, check=False)
    assert told.stdout[:1000] == b""
