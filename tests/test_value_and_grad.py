"""`model.value_and_grad(fn)`: what it computes, what it sees of changes, what it refuses; and the recipes that it is for.

Compiling takes seconds a graph. Four are compiled, one of them ahead of time, and shared; what holds of tracing alone is tested
without inductor.
"""

import copy
import dataclasses
import importlib
import pickle
import shutil
import warnings
import zipfile

import numpy
import pytest
import torch
from scipy.optimize import minimize
from torch.fx.experimental.proxy_tensor import make_fx

import cdsl
import cdsl.runtime.graph
import cdsl.runtime.package
from cdsl.runtime import NotBijective
from cdsl.runtime.arrays import ARRAYS, with_own_outputs
from cdsl.runtime.compiling import by_inductor
from cdsl.runtime.rewrite import Scans, fold_constants, write_out_scans

SPEC = """
model Noise {
    scale: positive
    df: greater_than(1)
}
dim N
data y: real[N]
p: prob
tau: greater_than([1, -1])[2]
mu: ordered[3]
w: simplex[4]
beta: real[3] = [1, 0, 0] frozen [true, false, false]
frozen c: positive = 2
held: prob
noise: Noise
let centre = mean(y) + mu[1] / N
"""
GAPS = "s: positive[10]"


def named(values):
    """Every value, those of nested models too."""
    for one in values:
        yield from named(one) if isinstance(one, tuple) else (one,)


def density(values, log_det):
    """A number whose gradient shows every entry, and overflows where no value does."""
    weighted = [torch.arange(1, one.numel() + 1, dtype=one.dtype) * one.reshape(-1) for one in named(values)]
    return torch.cat(weighted).sum() + log_det


class NoSlope(torch.autograd.Function):
    """The sum, with a gradient of 0 that is not its derivative."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.sum()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, slope):
        return torch.zeros_like(ctx.saved_tensors[0])


class InPlace(torch.autograd.Function):
    """exp x, written over in place, with a gradient of 3 that is not its derivative; of the form without a rule for vmap."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clone().exp_()

    @staticmethod
    def backward(ctx, slope):
        return torch.zeros_like(ctx.saved_tensors[0]).add_(3) * slope


def model_of(spec, **data):
    """A model with raw values of its own."""
    model = cdsl.loads(spec).Model(dtype=torch.float64, **data)
    model.randomize_(generator=torch.Generator().manual_seed(0))
    return model


def by_autograd(model, fn, theta):
    """The same through the module's own parameters."""
    before = model.to_flat()
    model.load_flat_(theta)
    parameters = [leaf.parameter for leaf in model._free()]
    value = fn(*model.forward_and_log_det())
    slopes = torch.autograd.grad(value, parameters, materialize_grads=True)
    model.load_flat_(before)
    return value.detach(), torch.cat([slope.reshape(-1) for slope in slopes])


def assert_same(found, expected, eps_count=16):
    """To that many eps of the largest entry, or of 1; where nothing is a number in either, in both."""
    for one, other in zip(found, expected, strict=True):
        assert (one.dtype, one.shape, one.requires_grad) == (other.dtype, other.shape, False)
        top = max(1.0, *other.nan_to_num(0, 0, 0).abs().reshape(-1).tolist())
        atol = eps_count * torch.finfo(one.dtype).eps * top
        torch.testing.assert_close(one, other, rtol=0, atol=atol, equal_nan=True)


@pytest.fixture(scope="module")
def rich():
    """A model of many kinds, its function, compiled, and the calls of the function it is made of."""
    model = model_of(SPEC, y=[1.0, 2.0, 4.0])
    model.freeze_("held")
    calls = []

    def fn(values, log_det):
        calls.append(values)
        return density(values, log_det)

    return model, model.value_and_grad(fn), calls


@pytest.fixture(scope="module")
def gaps():
    """Ten positives that lie best at 2."""
    model = model_of(GAPS)
    f = model.value_and_grad(lambda values, log_det: (values.s - 2).square().sum())
    f(model.to_flat())
    return model, f


@pytest.fixture
def uncompiled(monkeypatch):
    """Graphs run as they were traced."""
    monkeypatch.setattr(cdsl.runtime.graph, "by_inductor", lambda graph, *_: lambda inputs: graph(*inputs))


# -- compiled -----------------------------------------------------------------------------------------------------------


def test_value_and_gradient_are_those_of_autograd(rich):
    model, f, _ = rich
    for seed in range(3):
        theta = torch.randn(
            model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
        )
        assert_same(f(theta), by_autograd(model, density, theta))
    assert f.compiled


@pytest.mark.parametrize("signs", [(700.0,), (-700.0,), (700.0, -700.0), (-700.0, 700.0)], ids=str)
def test_extremes_are_those_of_autograd(rich, signs):
    model, f, _ = rich
    theta = torch.tensor(signs * model.unconstrained_size, dtype=torch.float64)[: model.unconstrained_size]
    value, gradient = f(theta)
    assert_same((value, gradient), by_autograd(model, density, theta))
    assert value.isfinite()
    assert gradient.isfinite().all()


def test_it_is_traced_once_whatever_mode_it_is_called_in(rich):
    model, f, calls = rich
    theta = model.to_flat()
    expected = f(theta)
    before = len(calls)
    for _ in range(10):
        f(theta + 0.1)
    for mode in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        with mode():
            assert_same(f(theta.clone()), expected, 0)
    assert_same(f(torch.nn.Parameter(theta)), expected, 0)
    assert len(calls) == before


def test_results_are_not_written_again(gaps):
    model, f = gaps
    theta = model.to_flat()
    value, gradient = f(theta)
    before = value.clone(), gradient.clone()
    f(theta + 1)
    assert_same((value, gradient), before, 0)


def test_data_and_frozen_values_are_followed(rich):
    model, f, calls = rich
    theta = model.to_flat()
    f(theta)
    traced, state = len(calls), model.held.item()
    model.y = [2.0, 0.0, -3.0]
    assert_same(f(theta), by_autograd(model, density, theta))
    with torch.no_grad():
        model.held_raw.copy_(torch.tensor([0.7]))
    assert_same(f(theta), by_autograd(model, density, theta))
    model.reset_parameters()
    assert model.held != state
    assert_same(f(theta), by_autograd(model, density, theta))
    assert len(calls) == traced


def test_a_backward_of_ones_own_is_kept():
    """`torch.compile(torch.func.grad_and_value(f))` drops it (pytorch#193279)."""
    model = model_of("s: positive[3]")
    f = model.value_and_grad(
        lambda values, log_det: NoSlope.apply(values.s) + log_det + InPlace.apply(values.s.detach() + 0 * log_det).sum()
    )
    theta = model.to_flat()
    f(theta)
    value, gradient = f(theta)
    assert f.compiled
    parts = theta.exp().sum() + theta.sum() + theta.exp().exp().sum()
    assert value == pytest.approx(parts.item(), rel=1e-15)
    assert gradient.tolist() == [1.0, 1.0, 1.0]


def test_scipy_minimizes_it(gaps):
    model, f = gaps

    def value_and_gradient(x):
        value, gradient = f(torch.from_numpy(x))
        return value.item(), gradient.numpy()

    found = minimize(value_and_gradient, model.to_flat().numpy(), jac=True, method="L-BFGS-B", tol=1e-12)
    assert found.success
    assert model.constrain(torch.from_numpy(found.x)).s.numpy() == pytest.approx(numpy.full(10, 2.0), abs=1e-5)


def test_hamiltonian_steps_keep_the_energy(gaps):
    model, f = gaps
    generator = torch.Generator().manual_seed(0)
    theta = model.to_flat()
    value, gradient = f(theta)
    for _ in range(5):
        momentum = torch.randn(10, dtype=torch.float64, generator=generator)
        before = value + momentum.square().sum() / 2
        for _ in range(50):
            momentum = momentum - 0.001 * gradient / 2
            theta = theta + 0.001 * momentum
            value, gradient = f(theta)
            momentum = momentum - 0.001 * gradient / 2
        assert value + momentum.square().sum() / 2 == pytest.approx(before.item(), rel=1e-4)


def test_what_is_copied_or_pickled_is_made_anew(gaps):
    model, f = gaps
    theta = model.to_flat()
    other = copy.deepcopy(f)
    assert other.model is not model
    assert not other.compiled
    again = pickle.loads(pickle.dumps(model.value_and_grad(just_sum, compile=False)))
    assert again(theta)[0] == pytest.approx(theta.exp().sum().item(), rel=1e-15)


def just_sum(values):
    return values.s.sum()


def test_functions_may_differentiate_by_themselves(uncompiled):
    model = model_of(GAPS)

    def fn(values, log_det):
        slopes = torch.func.grad(lambda s: (s.sin() * s).sum())(values.s)
        curvature = torch.func.jacrev(torch.func.grad(lambda s: (s**3).sum()))(values.s).diagonal()
        rows = torch.func.vmap(lambda s: s * s)(values.s)
        return (slopes * curvature * rows).sum() + log_det

    f, theta = model.value_and_grad(fn), model.to_flat()
    f(theta)
    assert_same(f(theta), by_autograd(model, fn, theta))
    assert f.compiled


@pytest.mark.parametrize(
    "mode", [torch.no_grad, torch.enable_grad, torch.inference_mode], ids=lambda mode: mode.__name__
)
def test_the_first_call_may_be_in_any_mode(uncompiled, mode):
    model = model_of("mu: ordered[3]\nw: simplex[4]")
    calls = []

    def fn(values, log_det):
        calls.append(values)
        return density(values, log_det)

    f = model.value_and_grad(fn)
    expected = by_autograd(model, density, model.to_flat())
    with mode():
        theta = model.to_flat().clone()
        assert_same(f(theta), expected)
    before = len(calls)
    for other in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        with other():
            assert_same(f(theta), expected)
    assert (f.compiled, len(calls)) == (True, before)


# -- the graph ----------------------------------------------------------------------------------------------------------


def operators(graph):
    """What a graph calls."""
    return [node.target for node in graph.graph.nodes if node.op == "call_function"]


def test_constants_are_taken_out_and_nothing_else_is():
    aten, weight = torch.ops.aten, torch.arange(3.0).double()

    def function(x, closed):
        index = torch.ones_like(x).cumsum(-1) - 1
        noise = torch.rand(3, dtype=torch.float64)
        return x * index * torch.full_like(x, 2.0) + noise * closed.cumsum(-1)

    x = torch.tensor([1.0, 2.0, 3.0]).double()
    graph = make_fx(function)(x, weight)
    constants = fold_constants(graph)
    graph.recompile()
    assert [one.tolist() for one in constants] == [[0.0, 1.0, 2.0]]
    assert operators(graph).count(aten.cumsum.default) == 1
    assert aten.rand.default in operators(graph)
    torch.manual_seed(0)
    expected = function(x, weight)
    torch.manual_seed(0)
    assert torch.equal(graph(x, weight, *constants), expected)


def test_constants_are_held_as_long_as_all_of_them_are_small(monkeypatch):
    """Of three that take 32 bytes each, two together are as much as is held."""
    monkeypatch.setattr(cdsl.runtime.rewrite, "HEAVIEST", 80)

    def function(x):
        at = torch.ones_like(x).cumsum(-1)
        return (x * at).cumsum(-1) * at.sin() + (x * at.exp()).cumsum(-1)

    x = torch.randn(4, generator=torch.Generator().manual_seed(0)).double()
    graph = make_fx(function)(x)
    constants = fold_constants(graph)
    graph.recompile()
    assert [one.tolist() for one in constants] == [[1, 2, 3, 4], torch.arange(1.0, 5).double().sin().tolist()]
    assert torch.ops.aten.exp.default in operators(graph)
    assert torch.equal(graph(x, *constants), function(x))


def test_running_sums_that_are_written_out_are_those_of_torch_bit_for_bit():
    generator = torch.Generator().manual_seed(0)
    sums, products, long, narrow = (
        torch.randn(*shape, dtype=torch.float64, generator=generator).exp() for shape in ((2, 32), (3, 9), (40,), (5,))
    )
    sums[1, 7] = torch.inf
    products[2, 3] = 0

    def function(sums, products, long, narrow):
        return (
            sums.cumsum(-1), sums.flip(-1).cumsum(-1).flip(-1), products.cumprod(-1), long.cumsum(0),
            products.cumsum(0), narrow.float().cumsum(0),
        )  # fmt: skip

    inputs = [sums, products, long, narrow]
    graph = make_fx(function)(*inputs)
    scans = write_out_scans(graph)
    graph.recompile()
    assert scans == Scans(longest=32, left=3)
    found = by_inductor(graph, inputs, scans)(list(inputs))
    for one, expected in zip(found, function(*inputs), strict=True):
        assert torch.equal(one, expected)


# -- ahead of time ------------------------------------------------------------------------------------------------------

BELOW = "dim N\ndata y: real[N]\nmu: ordered[3]\nw: simplex[4]\ns: positive"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A model with data, a frozen parameter and a weight that the function closes over, and where its package is kept."""
    model = model_of(BELOW, y=[1.0, 2.0])
    model.freeze_("s")
    weight = torch.tensor([1.0, 2.0]).double()

    def fn(values, log_det):
        return density(values, log_det) + (weight * (model.y - values.mu[0]) ** 2).sum() * values.s

    folder = tmp_path_factory.mktemp("aot") / "packages"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = model.value_and_grad(fn, aot=folder)
        f(model.to_flat())
    assert f.compiled
    return model, fn, f, weight, folder


@pytest.fixture
def never_compiled(monkeypatch):
    """No package is made."""

    def refuse(*_):
        raise RuntimeError("a package was compiled")

    monkeypatch.setattr(cdsl.runtime.package, "package", refuse)


def test_a_package_computes_and_follows_what_a_compiled_function_does(package, never_compiled):
    model, fn, f, weight, _ = package
    for seed in range(3):
        theta = torch.randn(6, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        assert_same(f(theta), by_autograd(model, fn, theta))
    before = [one.clone() for one in f(theta)]
    model.y = [5.0, -7.0]
    weight.mul_(3)
    with torch.no_grad():
        model.s_raw.add_(1)
    found = f(theta)
    assert_same(found, by_autograd(model, fn, theta))
    assert_same(f(torch.stack([theta, theta + 1], 1)[:, 0]), found, 0)
    for mode in (torch.no_grad, torch.enable_grad, torch.inference_mode):
        with mode():
            assert_same(f(theta.clone()), found, 0)
    kept = [one.clone() for one in found]
    f(theta + 1)
    assert_same(found, kept, 0)
    assert not torch.equal(before[0], found[0])
    with pytest.raises(ValueError, match=r"theta: expected shape \(6,\), got \(7,\)"):
        f(torch.zeros(7).double())
    model.unfreeze_("s")
    with pytest.raises(RuntimeError, match="`s` was unfrozen"):
        f(theta)
    model.freeze_("s")


def test_a_package_is_loaded_where_it_is_kept(package, never_compiled):
    model, fn, f, _, folder = package
    theta = model.to_flat()
    again = model.value_and_grad(fn, aot=str(folder))
    again(theta)
    assert again.compiled
    assert_same(again(theta), f(theta), 0)
    assert [path.suffix for path in folder.iterdir()] == [".pt2"]
    assert not pickle.loads(pickle.dumps(model.value_and_grad(just_sum, aot=folder))).compiled


def test_a_call_of_a_small_package_makes_its_results_and_no_other_tensor(package):
    """What is computed on the way are arrays on the stack; results are not, which the next call would write into."""
    *_, folder = package
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path) as archive:
        code = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".cpp"))
    assert code.count("aoti_torch_empty_strided(") == 2
    assert "_storage[" in code


def test_what_stands_in_memory_of_the_next_call_is_copied():
    theta, kept = torch.tensor([1.0, 2.0]), torch.zeros(2)

    def run(inputs):
        kept.copy_(inputs[0])
        return kept[0], kept

    own = with_own_outputs(run, [theta])
    value, gradient = own([theta])
    own([theta + 1])
    assert (value.item(), gradient.tolist()) == (1.0, [1.0, 2.0])

    def fresh(inputs):
        return inputs[0].sum(), inputs[0] + 1

    assert with_own_outputs(fresh, [theta]) is fresh


def test_without_arrays_a_package_is_compiled_as_inductor_does_and_says_so(monkeypatch, tmp_path):
    asked = []

    def compile_(program, package_path, inductor_configs):
        asked.append(inductor_configs)

    def arrays():
        raise ImportError("no such class")

    monkeypatch.setattr(torch._inductor, "aoti_compile_and_package", compile_)
    monkeypatch.setattr(cdsl.runtime.package, "arrays_on_stack", arrays)
    for size, warned in ((3, True), (1001, False)):
        x = torch.zeros(size).double()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            cdsl.runtime.package.package(make_fx(torch.sin)(x), [x], Scans(), tmp_path)
        assert [str(one.message) for one in told] == [
            "value_and_grad: compiled without arrays, because no such class"
        ] * warned
    assert asked == [{}, {}]


def test_a_package_with_arrays_that_does_not_load_is_compiled_without(monkeypatch, tmp_path):
    asked = []

    def compile_(program, package_path, inductor_configs):
        asked.append(dict(inductor_configs))

    def loaded(path, tensors):
        raise RuntimeError("undefined symbol")

    monkeypatch.setattr(torch._inductor, "aoti_compile_and_package", compile_)
    monkeypatch.setattr(cdsl.runtime.package, "loaded", loaded)
    x = torch.zeros(3).double()
    with pytest.warns(UserWarning, match="compiled without arrays, because undefined symbol"):
        cdsl.runtime.package.package(make_fx(torch.sin)(x), [x], Scans(), tmp_path)
    assert asked == [dict(ARRAYS), {}]


def test_a_damaged_package_is_compiled_anew_and_a_stale_one_is_not_found(package, uncompiled, monkeypatch, tmp_path):
    model, fn, f, _, kept = package
    folder = shutil.copytree(kept, tmp_path / "packages")  # others find theirs whole, and alone
    theta, (path,) = model.to_flat(), folder.iterdir()
    content, made = path.read_bytes(), []

    def copied(graph, tensors, scans, beside):
        made.append(beside / "graph.pt2")
        made[-1].write_bytes(content)
        return made[-1]

    monkeypatch.setattr(cdsl.runtime.package, "package", copied)
    for damaged in (content[:1000], b"", content[:-1] + b"!", content[:70000] + b"\0" + content[70001:] + b" "):
        path.write_bytes(damaged)
        again = model.value_and_grad(fn, aot=folder)
        with pytest.warns(UserWarning, match=r"\.pt2 is compiled anew: its contents are not those that were written"):
            again(theta)
        assert_same(again(theta), f(theta), 0)
        assert path.read_bytes() == content
    assert len(made) == 4
    monkeypatch.setattr(cdsl.runtime.package, "processor", lambda: "another")
    model.value_and_grad(fn, aot=folder)(theta)
    assert (len(made), len(list(folder.iterdir()))) == (5, 2)


def test_what_cannot_be_compiled_ahead_of_time_is_compiled_and_says_why(uncompiled, never_compiled, tmp_path):
    model = model_of(GAPS)
    theta = model.to_flat()
    (tmp_path / "file").write_text("")
    for aot, why in (
        (True, "RuntimeError: a package was compiled"),
        (tmp_path / "file" / "in", "NotADirectoryError: "),
    ):
        f = model.value_and_grad(density, aot=aot)
        with pytest.warns(UserWarning, match=f"not compiled ahead of time, because {why}"):
            f(theta)
        assert f.compiled
        assert_same(f(theta), by_autograd(model, density, theta))
    with pytest.raises(ValueError, match=r"aot: expected the path of a directory, .*; .*file is a file"):
        model.value_and_grad(density, aot=tmp_path / "file")
    with pytest.raises(ValueError, match="aot: what is compiled ahead of time is compiled"):
        model.value_and_grad(density, aot=True, compile=False)


# -- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theta", "error", "message"),
    [
        (numpy.zeros(10), TypeError, "theta: expected a tensor, got numpy.ndarray: torch.from_numpy(theta) shares its memory"),
        ([0.0] * 10, TypeError, "theta: expected a tensor, got builtins.list"),
        (torch.zeros(9).double(), ValueError, "theta: expected shape (10,), got (9,)"),
        (torch.zeros(11).double(), ValueError, "theta: expected shape (10,), got (11,)"),
        (torch.zeros(1, 10).double(), ValueError, "theta: expected shape (10,), got (1, 10)"),
        (torch.zeros(10).long(), TypeError, "theta: expected a floating dtype, got torch.int64"),
        (torch.zeros(10, device="meta").double(), ValueError, "theta: expected it on cpu, as the model is, got meta"),
    ],
    ids=["numpy", "list", "short", "long", "batch", "integer", "device"],
)  # fmt: skip
def test_what_is_no_theta_is_refused_on_every_call(gaps, theta, error, message):
    model, f = gaps
    for _ in range(2):
        with pytest.raises(error) as told:
            f(theta)
        assert str(told.value) == message
        assert f(model.to_flat())[0].isfinite()


def test_strides_and_dtypes_are_never_taken_for_others(gaps):
    model, f = gaps
    theta = model.to_flat()
    apart = torch.stack([theta, theta + 1], 1)[:, 0]
    assert apart.stride() == (2,)
    assert_same(f(apart), f(theta), 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cdsl.runtime.graph, "by_inductor", lambda graph, *_: lambda inputs: graph(*inputs))
        for dtype in (torch.float32, torch.float16):
            value, gradient = f(theta.to(dtype))
            assert (value.dtype, gradient.dtype) == (dtype, dtype)
            assert_same(f(theta.to(dtype)), by_autograd(model.to(dtype), f.fn, theta.to(dtype)))
            model.to(torch.float64)
    assert_same(f(theta), by_autograd(model, f.fn, theta))


def test_a_negated_view_is_read_as_what_it_stands_for(gaps):
    model, f = gaps
    theta = model.to_flat()
    assert_same(f(torch._neg_view(-theta)), f(theta), 0)


def test_inputs_are_asked_about_in_cpp_first_and_python_says_the_same(gaps):
    model, f = gaps
    theta = model.to_flat()
    f(theta)
    graph = f._latest
    in_python = dataclasses.replace(graph, fits=None)
    assert graph.fits(theta, *graph.closed)
    others = [theta.float(), theta[:-1], theta.repeat(2)[::2], theta.to("meta"), torch._neg_view(theta)]
    for other in others:
        assert not graph.fits(other, *graph.closed)
        assert in_python.inputs(other) is None is graph.inputs(other)
    with_graph = theta.clone().requires_grad_()
    assert not graph.fits(with_graph, *graph.closed)
    assert not graph.inputs(with_graph)[0].requires_grad


def test_a_function_must_return_a_real_scalar(gaps):
    model, _ = gaps
    theta = model.to_flat()
    for fn, told in {
        lambda values, log_det: 3.0: "fn: expected it to return a scalar tensor, got float",
        lambda values, log_det: values.s: "fn: expected it to return a real scalar, got torch.float64 of shape (10,)",
        lambda values, log_det: (
            values.s.sum().long()
        ): "fn: expected it to return a real scalar, got torch.int64 of shape ()",
    }.items():
        with pytest.raises(TypeError) as error:
            model.value_and_grad(fn)(theta)
        assert str(error.value) == told


def test_a_function_of_values_alone_needs_no_log_det(uncompiled):
    model = model_of("r: positive via square\np: prob")
    theta = torch.tensor([3.0, 0.0], dtype=torch.float64)
    value, gradient = model.value_and_grad(lambda values: values.r + values.p)(theta)
    assert (value, gradient.tolist()) == (9.5, [6.0, 0.25])
    with pytest.raises(NotBijective, match="square` is surjective"):
        model.value_and_grad(lambda values, log_det: log_det)


def test_what_is_frozen_is_fixed(uncompiled):
    model = model_of("model Noise {\n    df: positive\n}\np: prob\ns: positive\nm: Noise")
    model.freeze_("s")
    f = model.value_and_grad(density)
    theta = model.to_flat()
    expected = f(theta)
    model.unfreeze_("s")
    model.freeze_("m")
    with pytest.raises(RuntimeError, match=r"^`m.df` was frozen, `s` was unfrozen since this function was made"):
        f(theta)
    model.freeze_("s")
    model.unfreeze_("m")
    assert_same(f(theta), expected)


def test_stages_are_fixed(uncompiled):
    model = model_of("p: prob via staged(train=logistic, eval=probit)")
    f = model.value_and_grad(density)
    theta = torch.tensor([0.5], dtype=torch.float64)
    expected = f(theta)
    model.eval()
    with pytest.raises(RuntimeError, match=r"^Model went to eval mode since this function was made"):
        f(theta)
    assert_same(model.value_and_grad(density)(theta), by_autograd(model, density, theta))
    model.train()
    assert_same(f(theta), expected)


# -- what is seen -------------------------------------------------------------------------------------------------------


def test_other_shapes_of_data_get_a_graph_of_their_own(uncompiled):
    model = model_of("dim N\ndata y: real[N]\nmu: real\nlet m = sum(y - mu) / N", y=[1.0, 2.0])
    f = model.value_and_grad(density)
    theta = model.to_flat()
    f(theta)
    for y in ([1.0, 2.0, 6.0], [4.0], [3.0, 7.0]):
        model.set_data_(y=y)
        for _ in range(2):
            assert_same(f(theta), by_autograd(model, density, theta))
    assert repr(f) == "value_and_grad of Model, theta (1,), 3 graphs"


def test_a_model_in_another_dtype_is_traced_anew(uncompiled):
    model = model_of("mu: real\nlet third = [1, 1] / 3")
    f = model.value_and_grad(lambda values: values.mu * values.third.sum())
    theta = torch.ones(1, dtype=torch.float64)
    for dtype in (torch.float64, torch.float32, torch.float64):
        model.to(dtype)
        for _ in range(2):
            assert f(theta)[0] == 2 * (torch.ones((), dtype=dtype) / 3).double()
    assert len(f._graphs) == 2


def test_after_many_shapes_it_runs_eagerly_and_says_so(uncompiled):
    model = model_of("dim N\ndata y: real[N]\nmu: real\nlet m = sum(y - mu) / N", y=[0.0])
    f = model.value_and_grad(density)
    theta = model.to_flat()
    for size in range(1, 9):
        model.y = [1.0] * size
        f(theta)
    model.y = [1.0] * 9
    with pytest.warns(
        UserWarning, match="8 graphs were compiled, for as many dtypes or shapes of data; others will run eager"
    ):
        assert_same(f(theta), by_autograd(model, density, theta))
    assert_same(f(theta), by_autograd(model, density, theta))
    model.y = [1.0]
    assert_same(f(theta), by_autograd(model, density, theta))
    assert f.compiled


def test_tensors_that_a_function_closes_over_are_seen_as_they_are_changed_in_place(uncompiled):
    model = model_of(GAPS)
    one, ten, weight = (
        torch.tensor(2.0).double(),
        torch.arange(10).double(),
        torch.nn.Parameter(torch.ones(10).double()),
    )

    def fn(values, log_det):
        return one * (ten * weight * values.s).sum() + torch.tensor(3.0) * log_det

    f, theta = model.value_and_grad(fn), model.to_flat()
    f(theta)
    one.mul_(3)
    ten.add_(1)
    with torch.no_grad():
        weight.mul_(2)
    one.data = torch.tensor(5.0).double()
    assert_same(f(theta), by_autograd(model, fn, theta))
    ten.resize_(5)
    with pytest.raises(RuntimeError, match="size of tensor"):  # that of the function itself
        f(theta)
    assert len(f._graphs) == 1


def test_data_that_a_function_reads_of_its_model_are_followed(uncompiled):
    model = model_of("dim N\ndata y: real[N]\nmu: real", y=[1.0, 2.0])

    def fn(values, log_det):
        return (model.y - values.mu).square().sum()

    f, theta = model.value_and_grad(fn), model.to_flat()
    f(theta)
    model.y = [5.0, 7.0]
    assert_same(f(theta), by_autograd(model, fn, theta))


def test_another_number_of_threads_gets_a_graph_of_its_own(uncompiled):
    model, threads = model_of(GAPS), torch.get_num_threads()
    f, theta = model.value_and_grad(density), model.to_flat()
    try:
        for number in (1, 2, 1, 2):
            torch.set_num_threads(number)
            f(theta)
            assert_same(f(theta), by_autograd(model, density, theta))
    finally:
        torch.set_num_threads(threads)
    assert len(f._graphs) == 2


# -- without a compiler -------------------------------------------------------------------------------------------------


def test_what_cannot_be_traced_runs_eagerly_and_says_why():
    model = model_of(GAPS)

    def fn(values, log_det):
        return values.s.sum() if values.s.sum() > 0 else log_det

    f, theta = model.value_and_grad(fn), model.to_flat()
    with pytest.warns(
        UserWarning, match=r"Model: it cannot be compiled \(RuntimeError: .* tracing tensor .*\); it will run eag"
    ):
        assert_same(f(theta), by_autograd(model, fn, theta))
    assert_same(f(theta), by_autograd(model, fn, theta))
    assert not f.compiled


def test_without_a_compiler_it_runs_eagerly_and_says_why(monkeypatch):
    def no_compiler(graph, *_):
        raise FileNotFoundError("g++")

    monkeypatch.setattr(cdsl.runtime.graph, "by_inductor", no_compiler)
    monkeypatch.setattr(cdsl.runtime.graph, "by_torch_compile", no_compiler)
    model = model_of(GAPS)
    f, theta = model.value_and_grad(density), model.to_flat()
    with pytest.warns(UserWarning, match=r"it cannot be compiled \(FileNotFoundError: g\+\+\); it will run eagerly$"):
        f(theta)
    assert_same(f(theta), by_autograd(model, density, theta))


def test_where_the_private_interface_is_gone_torch_compile_is_taken(monkeypatch):
    def gone(graph, *_):
        raise AttributeError("compile_fx")

    monkeypatch.setattr(cdsl.runtime.graph, "by_inductor", gone)
    monkeypatch.setattr(torch, "compile", lambda graph, **_: graph)
    model = model_of(GAPS)
    f, theta = model.value_and_grad(density), model.to_flat()
    with pytest.warns(
        UserWarning, match="compiled by torch.compile, some µs slower a call, because AttributeError: compile_fx"
    ):
        f(theta)
    assert f.compiled
    assert_same(f(theta), by_autograd(model, density, theta))


def test_uncompiled_it_is_the_same(rich):
    model, f, _ = rich
    theta = model.to_flat()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = model.value_and_grad(density, compile=False)
        assert_same(plain(theta), by_autograd(model, density, theta))
        with torch.inference_mode():
            assert_same(plain(theta), f(theta))
    assert not plain.compiled


def test_models_without_free_parameters_have_an_empty_gradient(uncompiled):
    model = model_of("frozen c: positive = 2")
    f, theta = model.value_and_grad(lambda values: values.c), torch.zeros(0, dtype=torch.float64)
    for _ in range(2):
        value, gradient = f(theta)
        assert (value, gradient.shape) == (2, (0,))


def test_standalone_modules_have_it(tmp_path, monkeypatch):
    (tmp_path / "alone_gaps.py").write_text(cdsl.compile(GAPS, name="Alone", standalone=True))
    monkeypatch.syspath_prepend(str(tmp_path))
    model = importlib.import_module("alone_gaps").Alone(dtype=torch.float64)
    value, gradient = model.value_and_grad(just_sum, compile=False)(torch.zeros(10).double())
    assert (value, gradient.tolist()) == (10, [1.0] * 10)


def test_autocast_is_that_of_each_call(gaps):
    """What was compiled without it is not run under it, and the other way round."""
    _, f = gaps
    graph = f._graphs[0]
    theta = torch.zeros(10, dtype=torch.float64)
    assert graph.inputs(theta) is not None
    with torch.autocast("cpu", torch.bfloat16):
        assert graph.inputs(theta) is None
        assert dataclasses.replace(graph, autocast=torch.bfloat16).inputs(theta) is not None
