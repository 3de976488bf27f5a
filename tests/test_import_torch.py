"""`cdsl import --torch`: modules with constraints, parametrizations, and torch's own constraints by name, as specs."""

import math
import sys
from types import ModuleType

import pytest
import torch
from click.testing import CliRunner
from torch import nn
from torch.distributions import constraints
from torch.nn.utils import parametrizations, parametrize

import cdsl
from cdsl.cli import cdsl as commands
from cdsl.live import NoCounterpart, spec_of

# -- modules that speak as GPyTorch's do -------------------------------------------------------------------------------


class Interval(nn.Module):
    """What `gpytorch.constraints.Interval` has, as far as anything here asks: its bounds, its transform, and values."""

    def __init__(self, lower, upper, transform=torch.sigmoid):
        super().__init__()
        self.register_buffer("lower_bound", torch.as_tensor(lower).float())
        self.register_buffer("upper_bound", torch.as_tensor(upper).float())
        self._transform = transform

    @property
    def enforced(self):
        return self._transform is not None

    def transform(self, raw):
        if not self.enforced:
            return raw
        if self.upper_bound.max() == math.inf:
            return self.lower_bound + self._transform(raw)
        if self.lower_bound.min() == -math.inf:
            return self.upper_bound - self._transform(-raw)
        return self.lower_bound + (self.upper_bound - self.lower_bound) * self._transform(raw)


class Part(nn.Module):
    """A module that has constraints for its parameters, by their names."""

    def __init__(self, **parameters):
        super().__init__()
        self._constraints = {}
        for name, (value, constraint) in parameters.items():
            self.register_parameter(name, nn.Parameter(torch.as_tensor(value)))
            self._constraints[name] = constraint

    def constraint_for_parameter_name(self, name):
        return self._constraints.get(name)


def above(low, transform=None):
    return Interval(low, math.inf, transform or nn.Softplus())


def value_of(module, name):
    """The value of a parameter, under its constraint."""
    raw = module.get_parameter(name)
    constraint = module.constraint_for_parameter_name(name)
    return raw if constraint is None else constraint.transform(raw)


def loaded(live, dtype=torch.float32):
    """The module of what is written, which has no problems."""
    found = spec_of(live)
    assert found.problems == ()
    return cdsl.loads(cdsl.format(found.spec)).Model(dtype=dtype)


CONSTRAINED = {
    "positive": (above(0.0), "positive[2] via softplus"),
    "by exp": (above(0.0, torch.exp), "positive[2]"),
    "above": (above(1e-4), "greater_than(0.0001)[2] via softplus"),
    "below": (Interval(-math.inf, 5.0, nn.Softplus()), "less_than(5)[2] via softplus"),
    "between": (Interval(-1.0, 2.5), "interval(-1, 2.5)[2]"),
    "unit": (Interval(0.0, 1.0), "prob[2]"),
    "by probit": (Interval(0.0, 1.0, torch.special.ndtr), "prob[2] via probit"),
    "each": (Interval([0.0, 1.0], [1.0, 3.0]), "interval([0, 1], [1, 3])[2]"),
    "all the same": (Interval([0.5, 0.5], [2.0, 2.0]), "interval(0.5, 2)[2]"),
    "none": (None, "real[2]"),
}


@pytest.mark.parametrize(("constraint", "written"), CONSTRAINED.values(), ids=CONSTRAINED)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_constraint_is_a_domain_and_its_value_the_start(constraint, written, dtype):
    part = Part(raw_scale=(torch.tensor([-0.7, 0.4], dtype=dtype), constraint)).to(dtype)
    name = "raw_scale" if constraint is None else "scale"
    assert spec_of(part).spec.startswith(f"{name}: {written} = [")
    value = getattr(loaded(part, dtype)(), name)
    torch.testing.assert_close(value, value_of(part, "raw_scale").detach(), rtol=8 * torch.finfo(dtype).eps, atol=0)


def test_modules_are_flattened_and_shared_parameters_are_one():
    inner = Part(raw_width=([[0.3, 0.4]], above(0.0)), free=(1.0, None))
    tree = nn.ModuleDict({"kernel": inner, "again": inner, "mean": nn.Linear(2, 1)})
    tree["mean"].weight.data[:] = torch.tensor([0.5, -2.0])
    tree["mean"].bias = nn.Parameter(torch.zeros(1), requires_grad=False)
    found = spec_of(tree)
    assert found.spec.splitlines()[1:] == [
        "kernel_free: real = 1",
        "mean_weight: real[1, 2] = [[0.5, -2]]",
        "frozen mean_bias: real[1] = 0",
    ]
    assert (found.problems, found.renames) == ((), {})
    model = loaded(tree)
    assert [*model.frozen_names()] == ["mean_bias"]
    torch.testing.assert_close(model().kernel_width, value_of(inner, "raw_width").detach())


def test_another_transform_is_told_and_the_value_kept():
    found = spec_of(Part(raw_x=(2.0, above(0.0, lambda raw: raw**4))))
    assert found.spec == "x: positive = 16\n"
    assert [one.name for one in found.problems] == ["raw_x"]
    assert "`<lambda>` is none of `positive`" in found.problems[0].message
    softer = nn.Softplus(beta=2.0)
    assert "`Softplus` is none" in spec_of(Part(raw_x=(2.0, above(0.0, softer)))).problems[0].message


def test_a_constraint_that_is_not_enforced_is_one_here():
    assert spec_of(Part(x=(2.0, Interval(0.0, 5.0, None)))).spec == "x: interval(0, 5) = 2\n"
    outside = spec_of(Part(x=(7.0, Interval(0.0, 5.0, None))))
    assert (outside.spec, len(outside.problems)) == ("x: interval(0, 5)\n", 1)


def test_gpytorch_itself():
    gpytorch = pytest.importorskip(
        "gpytorch", reason="GPyTorch is not among what the tests need: `pip install gpytorch`"
    )
    kernel = gpytorch.kernels.ScaleKernel(
        gpytorch.kernels.RBFKernel(ard_num_dims=2, lengthscale_constraint=gpytorch.constraints.Interval(0.05, 3.0)),
        outputscale_constraint=gpytorch.constraints.Positive(transform=torch.exp, inv_transform=torch.log),
    )
    kernel.outputscale, kernel.base_kernel.lengthscale = 2.5, torch.tensor([[0.3, 1.7]])
    noise = gpytorch.likelihoods.GaussianLikelihood(noise_constraint=gpytorch.constraints.GreaterThan(1e-4))
    tree = nn.ModuleDict({"kernel": kernel, "likelihood": noise})
    values = loaded(tree)()
    torch.testing.assert_close(values.kernel_outputscale, kernel.outputscale.detach())
    torch.testing.assert_close(values.kernel_base_kernel_lengthscale, kernel.base_kernel.lengthscale.detach())
    torch.testing.assert_close(values.likelihood_noise_covar_noise, noise.noise.detach())
    assert "via softplus" in spec_of(noise).spec


# -- parametrizations --------------------------------------------------------------------------------------------------

PARAMETRIZED = {
    "softplus": (nn.Softplus(), "positive[3, 2] via softplus"),
    "sigmoid": (nn.Sigmoid(), "prob[3, 2]"),
    "tanh": (nn.Tanh(), "interval(-1, 1)[3, 2] via tanh"),
    "relu": (nn.ReLU(), "nonnegative[3, 2] via relu"),
    "softmax": (nn.Softmax(-1), "simplex[3, 2] via softmax"),
}


@pytest.mark.parametrize(("layer", "written"), PARAMETRIZED.values(), ids=PARAMETRIZED)
def test_a_layer_that_parametrizes_is_a_domain(layer, written):
    linear = parametrize.register_parametrization(nn.Linear(2, 3, bias=False), "weight", layer)
    assert spec_of(linear).spec.startswith(f"weight: {written} = [")
    torch.testing.assert_close(loaded(linear)().weight, linear.weight.detach())


@pytest.mark.parametrize(("rows", "columns", "written"), [(3, 2, "stiefel[3, 2]"), (2, 2, "rotation[2]")])
def test_orthogonal_columns_are_a_point_of_the_stiefel_manifold(rows, columns, written):
    linear = nn.Linear(columns, rows, bias=False)
    linear.weight.data = torch.eye(rows, columns) + 0.1
    linear = parametrizations.orthogonal(linear)
    assert spec_of(linear).spec.startswith(f"weight: {written} = [")
    torch.testing.assert_close(loaded(linear)().weight, linear.weight.detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    "made",
    [
        lambda: parametrizations.weight_norm(nn.Linear(2, 3, bias=False)),
        lambda: parametrizations.orthogonal(nn.Linear(3, 2, bias=False)),
        lambda: parametrize.register_parametrization(nn.Linear(2, 3, bias=False), "weight", nn.Softmax(0)),
        lambda: parametrize.register_parametrization(nn.Linear(2, 3, bias=False), "weight", nn.Softplus(beta=2)),
        lambda: parametrize.register_parametrization(
            parametrize.register_parametrization(nn.Linear(2, 3, bias=False), "weight", nn.Tanh()),
            "weight",
            nn.Sigmoid(),
        ),
    ],
    ids=["weight norm", "more columns", "another axis", "another beta", "two layers"],
)
def test_any_other_parametrization_is_told_and_left_out(made):
    found = spec_of(made())
    assert found.spec == ""
    assert [one.name for one in found.problems] == ["weight"]
    assert "which has no counterpart in cdsl" in found.problems[0].message


# -- constraints of torch.distributions --------------------------------------------------------------------------------

BY_NAME = {
    "real": (constraints.real, "real"),
    "a shape": ((constraints.real, (2, 3)), "real[2, 3]"),
    "a size": ((constraints.real_vector, 3), "real[3]"),
    "positive": (constraints.positive, "positive"),
    "nonnegative": (constraints.nonnegative, "nonnegative"),
    "greater_than": (constraints.greater_than(2), "greater_than(2)"),
    "greater_than_eq": (constraints.greater_than_eq(torch.tensor(2.5)), "greater_than(2.5)"),
    "less_than": (constraints.less_than(0.1), "less_than(0.1)"),
    "negative": (constraints.less_than(0), "negative"),
    "no bound": (constraints.greater_than(-math.inf), "real"),
    "interval": (constraints.interval(-1, 2), "interval(-1, 2)"),
    "half_open_interval": (constraints.half_open_interval(0, 360), "interval(0, 360)"),
    "unit_interval": ((constraints.unit_interval, torch.Size([4])), "prob[4]"),
    "bounds of each": ((constraints.interval(torch.zeros(2), torch.tensor([1.0, 2.0])), 2), "interval(0, [1, 2])[2]"),
    "simplex": ((constraints.simplex, (2, 4)), "simplex[2, 4]"),
    "lower_cholesky": ((constraints.lower_cholesky, (3, 3)), "cholesky_cov[3]"),
    "many": ((constraints.lower_cholesky, (5, 3, 3)), "cholesky_cov[5, 3, 3]"),
    "corr_cholesky": ((constraints.corr_cholesky, (5, 3, 3)), "cholesky_corr[5, 3]"),
    "positive_definite": ((constraints.positive_definite, (3, 3)), "cov[3]"),
    "positive_semidefinite": ((constraints.positive_semidefinite, (3, 3)), "psd[3]"),
    "symmetric": ((constraints.symmetric, (3, 3)), "symmetric[3]"),
    "lower_triangular": ((constraints.lower_triangular, (3, 3)), "lower_triangular[3]"),
    "square": ((constraints.square, (3, 3)), "real[3, 3]"),
    "independent": ((constraints.independent(constraints.positive, 1), (3,)), "positive[3]"),
    "a value": ((constraints.positive, torch.tensor(0.1)), "positive = 0.1"),
    "whole numbers": ((constraints.positive, torch.tensor([1, 2])), "positive[2] = [1, 2]"),
    "one for all": ((constraints.real, torch.full((2, 2), 0.1)), "real[2, 2] = 0.1"),
    "nothing": ((constraints.real, torch.zeros(0)), "real[0]"),
}


@pytest.mark.parametrize(("constraint", "written"), BY_NAME.values(), ids=BY_NAME)
def test_a_constraint_by_name_is_a_domain(constraint, written):
    found = spec_of({"x": constraint})
    assert (found.spec, found.problems) == (f"x: {written}\n", ())
    value = loaded({"x": constraint})().x
    what, given = constraint if isinstance(constraint, tuple) else (constraint, ())
    assert bool(what.check(value).all())
    if isinstance(given, torch.Tensor):
        torch.testing.assert_close(value, given.float())
    else:
        assert value.shape == torch.Size([given] if isinstance(given, int) else given)


WITHOUT = {
    "discrete": (constraints.integer_interval(0, 9), "is discrete"),
    "truth values": (constraints.boolean, "is discrete"),
    "dependent": (constraints.dependent, "depends on other values"),
    "cat": (constraints.cat([constraints.real, constraints.positive]), "none of cdsl's"),
    "stack": (constraints.stack([constraints.real, constraints.positive]), "none of cdsl's"),
    "no size": (constraints.simplex, "needs 1 size at least"),
    "one size": ((constraints.corr_cholesky, 3), "needs 2 sizes at least"),
    "not square": ((constraints.positive_definite, (2, 3)), "as many rows as columns"),
    "no shape": ((constraints.real, (2, "x")), "expected a shape"),
    "no constraint": (7, "expected a name, and a constraint"),
    "a class": (constraints.greater_than, "expected a name, and a constraint"),
    "complex": ((constraints.real, torch.tensor(1j)), "complex"),
    "no values": ((constraints.real, torch.zeros(2, device="meta")), "on the meta device"),
    "sparse": ((constraints.real, torch.sparse_coo_tensor([[0]], [1.0], (2,), check_invariants=True)), "sparse"),
    "an empty interval": (constraints.interval(2, 1), "is empty"),
    "no number": (constraints.greater_than("a"), "raised ValueError"),
}


@pytest.mark.parametrize(("constraint", "why"), WITHOUT.values(), ids=WITHOUT)
def test_what_has_no_counterpart_is_told_by_name_and_the_rest_is_written(constraint, why):
    found = spec_of({"x": constraint, "y": constraints.positive})
    assert found.spec == "y: positive\n"
    (problem,) = found.problems
    assert problem.name == "x"
    assert why in problem.message


ELSEWHERE = {
    "outside": ((constraints.positive, torch.tensor(-1.0)), "positive", "outside `positive`"),
    "on the boundary": ((constraints.nonnegative, torch.zeros(2)), "nonnegative[2]", "no raw value gives this start"),
    "not a number": ((constraints.real, torch.tensor([math.nan, 1])), "real[2]", "not all of its values are finite"),
    "too many": ((constraints.real, torch.arange(700.0)), "real[700]", "700 values are too many"),
    "too many tokens": ((constraints.real, torch.arange(600.0).reshape(-1, 1, 1)), "real[600, 1, 1]", "tokens"),
}


@pytest.mark.parametrize(("constraint", "written", "why"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_value_that_is_no_start_is_told_and_the_domain_written(constraint, written, why):
    found = spec_of({"x": constraint})
    assert found.spec == f"x: {written}\n"
    assert "starts elsewhere: " in found.problems[0].message
    assert why in found.problems[0].message


def test_numbers_are_written_in_the_digits_that_their_dtype_reads_back():
    for dtype, text in [
        (torch.bfloat16, "0.1"),
        (torch.float16, "0.1"),
        (torch.float32, "0.1"),
        (torch.float64, "0.1"),
    ]:
        assert spec_of({"x": (constraints.real, torch.tensor(0.1, dtype=dtype))}).spec == f"x: real = {text}\n"
    for exponent in range(-40, 39, 3):
        value = torch.tensor([1.2345678 * 10.0**exponent, math.pi], dtype=torch.float32)
        assert torch.equal(loaded({"x": (constraints.real, value)})().x, value)


def test_names_that_a_spec_cannot_give_are_others_and_told():
    names = ["lambda", "forward", "x", "x_raw", "a b", "a_b", "0", "_q", "", "é.b", "p\u202eq", "p\u202e", "n\n: real"]
    found = spec_of(dict.fromkeys(names, constraints.real))
    assert found.problems == ()
    assert list(found.renames) == [name for name in names if name not in ("x", "é.b")]
    model = cdsl.loads(found.spec).Model()
    assert len(model()) == len(names)
    assert found.renames["lambda"] == "lambda_"
    assert found.renames["x_raw"] == "x_raw_"


def test_a_name_that_is_too_long_is_told():
    found = spec_of({"x" * 101: constraints.real})
    assert (found.spec, len(found.problems)) == ("", 1)


def test_a_spec_is_never_too_long(monkeypatch):
    monkeypatch.setattr("cdsl.live.LONGEST_TEXT", 4000)
    found = spec_of({f"x{i}": (constraints.real, torch.linspace(0.1, 0.9, 20)) for i in range(30)})
    assert len(found.spec.splitlines()) == 30
    assert 2000 < len(cdsl.format(found.spec)) < 4000
    assert 10 < len(found.problems) < 30
    assert found.problems[-1].name == "x29"


def test_a_module_of_cdsls_own_has_a_spec_already(monkeypatch):
    model = cdsl.loads("p: prob").Model()
    found = spec_of(nn.ModuleDict({"coin": model, "line": nn.Linear(1, 1)}))
    assert [one.name for one in found.problems] == ["coin"]
    assert "line_weight" in found.spec
    assert "p_raw" not in found.spec
    assert [one.name for one in spec_of(model).problems] == ["Model"]
    standalone = ModuleType("standalone")
    monkeypatch.setitem(sys.modules, "standalone", standalone)  # where its dataclasses look for their names
    exec(cdsl.compile("p: prob", standalone=True), vars(standalone))
    assert [one.name for one in spec_of(standalone.Model()).problems] == ["Model"]


def test_parameters_that_are_no_real_numbers_are_told():
    module = nn.Module()
    module.whole = nn.Parameter(torch.tensor([1, 2]), requires_grad=False)
    module.turned = nn.Parameter(torch.tensor([1j]))
    module.lazy = nn.UninitializedParameter()
    module.fine = nn.Parameter(torch.tensor([0.1, 3e-5, -0.0], dtype=torch.float16))
    found = spec_of(module)
    assert found.spec == "fine: real[3] = [0.1, 3e-05, -0]\n"
    assert [one.name for one in found.problems] == ["whole", "turned", "lazy"]


def test_a_constraint_that_raises_is_told():
    class Broken(Interval):
        def transform(self, raw):
            raise RuntimeError("broken\nindeed")

    found = spec_of(Part(x=(1.0, Broken(0.0, 1.0)), y=(1.0, None)))
    assert found.spec == "y: real = 1\n"
    assert "raised RuntimeError" in found.problems[0].message


def test_what_is_no_module_and_no_dictionary_is_refused():
    for one in (nn.Linear, 7, [constraints.real], None):
        with pytest.raises(NoCounterpart, match="and it is "):
            spec_of(one)


# -- the command -------------------------------------------------------------------------------------------------------

MODULE = """
import torch
from torch.distributions import constraints
print("loud")
given = {"s": constraints.positive, "w": (constraints.simplex, torch.tensor([0.2, 0.3, 0.5])), "lambda": constraints.real}
mixed = {**given, "n\\x1b[31m": constraints.boolean}
class Holder:
    inside = given
    @property
    def broken(self):
        raise KeyError("no")
holder = Holder()
"""


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`command("import", …)` in this process, where torch is there already, and in a directory of its own."""
    (tmp_path / "model.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield lambda *arguments: CliRunner().invoke(commands, arguments)
    for name in ("model", *BESIDE):
        sys.modules.pop(name, None)


SPEC = "s:       positive\nw:       simplex[3] = [0.2, 0.3, 0.5]\nlambda_: real\n"


def test_the_command_writes_a_spec_to_standard_output_and_nothing_else(run_cdsl, tmp_path):
    (tmp_path / "model.py").write_text(MODULE)
    ran = run_cdsl("import", "--torch", "model:given")
    assert (ran.rc, ran.stdout) == (0, SPEC)
    assert ran.stderr == "loud\nmodel:given: `lambda` is `lambda_` here\n"


def test_the_command_writes_a_file_that_compiles(command, tmp_path):
    assert command("import", "--torch", "model:holder.inside", "-o", "m.cdsl").exit_code == 0
    assert (tmp_path / "m.cdsl").read_text() == SPEC
    assert command("check", "m.cdsl").exit_code == 0
    again = command("import", "--torch", "model:given", "-o", "m.cdsl")
    assert (again.exit_code, "replace it with `--force`" in again.stderr) == (2, True)
    assert command("import", "--torch", "model:given", "-o", "m.cdsl", "--force").exit_code == 0


def test_the_command_tells_what_is_left_out_and_writes_the_rest(command, tmp_path):
    ran = command("import", "--torch", "model:mixed", "-o", "m.cdsl")
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[-1].startswith("model:mixed: error[E902]: `n\\x1b[31m`: its constraint is discrete")
    assert (tmp_path / "m.cdsl").read_text() == SPEC


REFUSED = {
    "model:givn": "`model` has no `givn`, did you mean `given`?",
    "model:holder.broken": "importing `model` raised KeyError: 'no' (model.py, line 11)",
    "model:Holder": "expected an `nn.Module` or a dictionary of constraints, and it is the class `Holder`",
    "nothing.here:x": "there is no module `nothing`, here or installed",
    "bad:x": "importing `bad` raised ZeroDivisionError: division by zero (bad.py, line 1)",
    "needy:x": "importing `needy` raised ModuleNotFoundError: No module named 'not_there'",
    "typo:x": "importing `typo` raised SyntaxError",
    "leaves:x": "importing `leaves` raised SystemExit: 3",
}


BESIDE = {"bad": "1 / 0", "needy": "import not_there", "typo": "x = (", "leaves": "raise SystemExit(3)"}


@pytest.mark.parametrize(("live", "message"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_there_or_raises_is_told_without_a_traceback(live, message, command, tmp_path):
    for name, text in BESIDE.items():
        (tmp_path / f"{name}.py").write_text(text)
    ran = command("import", "--torch", live, "-o", "m.cdsl")
    assert ran.exit_code == 1
    assert f"{live}: error[E903]: {message}" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "m.cdsl").exists()


USAGE = {
    "a file": (["--torch", "model.py:x"], "write `model:x`"),
    "no object": (["--torch", "model"], "--torch takes MODULE:OBJECT"),
    "relative": (["--torch", "..x:y"], "--torch takes MODULE:OBJECT"),
    "both": (["--torch", "a:b", "c.stan"], "name one"),
    "neither": ([], "name one"),
}


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage(arguments, message, command):
    ran = command("import", *arguments)
    assert ran.exit_code == 2
    assert message in ran.stderr
