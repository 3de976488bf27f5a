"""The packed layout: what it shares with the other one, what it does less of, and what it refuses."""

import copy
import importlib
import io
import math
import pickle

import pytest
import torch
from torch._dynamo.testing import CompileCounter
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree

import cdsl
import cdsl.runtime
from cdsl.files import class_of
from cdsl.runtime.tracing import traced

from .test_accept import HUGE, SPECS, unformatted

LAYOUTS = ("separate", "packed")
PRODUCTS = ("doubly_stochastic_", "hurwitz_", "invertible_", "rotation_matrix_exp_", "special_linear_")
"""Values of `accept/matrices.cdsl` that products and factors of matrices make: libraries take several at once in another order."""
TYPED = {"array_bounds", "derived_values", "held_entries", "nested_models", "only_frozen", "scalars", "stages"}
SPEC = """
p: prob
s: positive
w: simplex[4]
q: prob = 0.3
v: positive[3, 2]
tau: greater_than([1, -1])[2]
beta: real[3] = [1, 0, 0] frozen [true, false, false]
frozen c: positive = 2
L: cholesky_corr[3]
o: ordered[3]
o2: ordered[2, 3]
"""
DERIVED = """
model Noise {
    scale: positive
    df: greater_than(1)
}
dim N = 3
data y: real[N] = 0
p: prob
q: prob via staged(train=logistic, eval=hard_sigmoid)
tau: greater_than(p)
mu: positive[N]
noise: Noise
more: Noise[2]
let centre = sum(mu) * noise.scale + tau
"""
MANY = "\n".join(f"p{at}: prob\ns{at}: positive\nw{at}: simplex[4]" for at in range(40))


def both(spec, **options):
    """A model in either layout, with the same raw values."""
    models = [cdsl.loads(spec, layout=layout).Model(dtype=torch.float64, **options) for layout in LAYOUTS]
    for model in models:
        model.randomize_(generator=torch.Generator().manual_seed(0))
    return models


def leaves(values):
    """Every tensor among values, by where it stands."""
    found = {}
    for name, value in values._asdict().items():
        if isinstance(value, torch.Tensor):
            found[name] = value
        else:
            for at, one in enumerate([value] if hasattr(value, "_asdict") else value):
                found |= {f"{name}[{at}].{inner}": tensor for inner, tensor in leaves(one).items()}
    return found


def assert_equal(ours, theirs, rounded=()):
    """To some roundings: torch computes what is left at the end of a vector otherwise than what fills its registers, so that an
    entry's last bits depend on what stands beside it. Those of these names to more of them."""
    ours, theirs = leaves(ours), leaves(theirs)
    assert list(ours) == list(theirs)
    for name, value in ours.items():
        tolerance = 1e-13 if name in rounded else 2e-15  # measured: 4 eps and 1, of entries up to 10
        torch.testing.assert_close(
            value, theirs[name], rtol=tolerance, atol=tolerance, msg=lambda told, name=name: f"{name}: {told}"
        )


@pytest.fixture
def pair():
    return both(SPEC)


# -- what is the same ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.stem not in HUGE], ids=lambda file: file.stem)
def test_values_flat_vector_and_checkpoints_are_those_of_the_other_layout(spec):
    text = spec.read_bytes().decode("utf-8-sig")
    name = class_of(spec)
    separate, packed = (getattr(cdsl.loads(text, name, layout), name)(dtype=torch.float64) for layout in LAYOUTS)
    assert_equal(packed(), separate(), PRODUCTS)
    separate.randomize_(generator=torch.Generator().manual_seed(1))
    packed.load_state_dict(separate.state_dict())
    assert packed.raw_names() == separate.raw_names()
    assert torch.equal(packed.to_flat(), separate.to_flat())
    saved = packed.state_dict()
    assert list(saved) == list(separate.state_dict())
    assert all(torch.equal(saved[key], value) for key, value in separate.state_dict().items())
    assert_equal(packed(), separate(), PRODUCTS)
    assert packed.scalar_dict() == pytest.approx(separate.scalar_dict(), rel=1e-13, abs=1e-13)
    theta = torch.randn(2, 3, packed.unconstrained_size, dtype=torch.float64)
    assert_equal(packed.constrain(theta), separate.constrain(theta), PRODUCTS)
    if all(leaf.one.map.transform.bijective for leaf in packed._free()):
        found, expected = (model.forward_and_log_det()[1] for model in (packed, separate))
        torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-12)  # sums in another order
    else:
        told = []
        for model in (packed, separate):
            with pytest.raises(cdsl.runtime.NotBijective) as raised:
                model.forward_and_log_det()
            told.append(str(raised.value))
        assert told[0] == told[1]


@pytest.mark.parametrize("spec", [SPEC, DERIVED, MANY], ids=["plain", "derived", "many"])
def test_gradients_are_those_of_the_other_layout(spec):
    found = []
    for model in both(spec):
        values, log_det = model.forward_and_log_det()
        weighted = sum(value.cos().sum() / at for at, value in enumerate(leaves(values).values(), 1))
        (weighted + log_det).backward()
        grads = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
        theta = model.to_flat().requires_grad_()
        values, log_det = model.constrain_and_log_det(theta)
        weighted = sum(value.cos().sum() / at for at, value in enumerate(leaves(values).values(), 1))
        (flat,) = torch.autograd.grad(weighted + log_det, theta)
        found.append((grads, flat))
    (separate, flat), (packed, also) = found
    torch.testing.assert_close(flat, also, rtol=1e-13, atol=1e-14)  # a few roundings of sums in another order
    owners = dict(both(spec)[1].named_modules())
    for name, grad in packed.items():
        owner = owners[name.removesuffix("raw").rstrip(".")]
        for one, place in owner._where().items():
            expected = separate[f"{name.removesuffix('raw')}{one}_raw"]
            torch.testing.assert_close(place.of(grad), expected, rtol=1e-13, atol=1e-14)


def test_setting_inverting_and_starting_are_those_of_the_other_layout(pair):
    separate, packed = pair
    for model in pair:
        model.p = 0.25
        model.assign_(w=[0.1, 0.2, 0.3, 0.4], o2=[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], beta=[1.0, 2.0, 3.0])
    assert torch.equal(packed.to_flat(), separate.to_flat())
    assert torch.equal(packed.unconstrain(packed()), separate.unconstrain(separate()))
    with pytest.raises(cdsl.runtime.DomainError, match="outside"):
        packed.assign_(s=2.0, p=1.5)
    assert torch.equal(packed.to_flat(), separate.to_flat())
    theta = torch.linspace(-1, 1, packed.unconstrained_size, dtype=torch.float64)
    packed.load_flat_(theta)
    assert torch.equal(packed.to_flat(), theta)
    packed.reset_parameters()
    separate.reset_parameters()
    assert torch.equal(packed.to_flat(), separate.to_flat())


@pytest.mark.parametrize("inner", LAYOUTS)
@pytest.mark.parametrize("outer", LAYOUTS)
def test_a_model_of_one_layout_stands_in_one_of_the_other(inner, outer, tmp_path, monkeypatch, run_cdsl):
    """A compiled module imports those of the specs that its own imports, in whatever layout they are."""
    (tmp_path / "inner.cdsl").write_text("a: prob\nb: prob\nw: simplex[3]\nfrozen c: prob = 0.2\n")
    spec = 'from "inner.cdsl" import Inner\np: prob\none: Inner\nsome: Inner[2]\nt: greater_than(one.a)\n'
    (tmp_path / "outer.cdsl").write_text(spec)
    for name, layout in (("inner", inner), ("outer", outer)):
        run_cdsl("compile", "--layout", layout, f"{name}.cdsl")
    monkeypatch.syspath_prepend(tmp_path)
    model = importlib.import_module("outer").Outer(dtype=torch.float64)
    alone = cdsl.load(tmp_path / "outer.cdsl").Outer(dtype=torch.float64)
    alone.randomize_(generator=torch.Generator().manual_seed(0))
    model.load_state_dict(alone.state_dict())
    assert_equal(model(), alone())
    assert torch.equal(model.to_flat(), alone.to_flat())
    with torch.no_grad():
        model.assign_(some=model().some, t=model.t)
    theta = alone.to_flat()
    assert_equal(model.constrain(theta), alone.constrain(theta))
    for ours, theirs in zip(model.constrain_and_log_det(theta), alone.constrain_and_log_det(theta), strict=True):
        if isinstance(ours, torch.Tensor):  # a few terms in another order
            torch.testing.assert_close(ours, theirs, rtol=1e-14, atol=1e-14)
    torch.testing.assert_close(model.forward_and_log_det()[1], alone.forward_and_log_det()[1], rtol=1e-14, atol=1e-14)


# -- what is less ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["forward_and_log_det", "constrain_and_log_det"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_map_runs_once_for_all_declarations_that_are_alike(layout, member, monkeypatch):
    model = cdsl.loads(MANY, layout=layout).Model()
    calls = []
    original = cdsl.runtime.Map.with_log_det

    def counted(self, raw, *arguments, **named):
        calls.append(repr(self))
        return original(self, raw, *arguments, **named)

    monkeypatch.setattr(cdsl.runtime.Map, "with_log_det", counted)
    if member == "constrain_and_log_det":
        model.constrain_and_log_det(model.to_flat())
    else:
        model.forward_and_log_det()
    once = ["positive.exp", "prob.logistic", "simplex.isometric_log_ratio"]
    separate = layout == "separate" and member == "forward_and_log_det"
    assert sorted(calls) == sorted(once * (40 if separate else 1))


def test_a_value_that_is_not_read_leaves_nothing_in_the_gradient():
    """Few are cut out one by one, more of them all at once; either way the gradient of what was read is right."""
    model = cdsl.loads(MANY, layout="packed").Model(dtype=torch.float64)
    kinds = {}
    for count in (1, 4, 5, 40):
        values = model()
        total = sum(values[3 * at] * (at + 1) for at in range(count))
        (grad,) = torch.autograd.grad(total, model.raw)
        slope = torch.zeros(200, dtype=torch.float64)
        slope[:count] = torch.arange(1, count + 1) / 4  # σ′(0) = ¼; probabilities stand first
        torch.testing.assert_close(grad, slope, rtol=0, atol=0)
        kinds[count] = type(values[0].grad_fn).__name__
    assert kinds == {1: "SelectBackward0", 4: "SelectBackward0", 5: "SelectBackward0", 40: "SelectBackward0"}
    assert type(values[3 * 39].grad_fn).__name__ == "UnbindBackward0"


def test_values_are_read_by_name_by_number_and_one_after_the_other(pair):
    _, model = pair
    values = model()
    p, *rest = values
    assert p is values.p is values[0] is values[-11] is next(iter(values))
    assert len(values) == 11 == len(rest) + 1
    assert values[1:3] == (values.s, values.w)
    assert list(values._asdict()) == list(values._fields) == "p s w q v tau beta c L o o2".split()
    assert repr(values).startswith("ModelValues(p=tensor(")
    with pytest.raises(AttributeError, match="ModelValues has no value 'nope'; there are p, s, w"):
        values.nope  # noqa: B018  # reading it is the test
    with pytest.raises(IndexError):
        values[11]


# -- what is refused ------------------------------------------------------------------------------------------------------


def test_what_would_treat_one_raw_by_itself_is_refused_and_nothing_changes(pair):
    _, model = pair
    for member in (model.freeze_, model.unfreeze_):
        with pytest.raises(TypeError, match=r'`p` has no raw parameter of its own.* load it with `layout="separate"`'):
            member("p")
    for options in ({"no_decay": "p"}, {"lr": {"p": 0.1}}):
        with pytest.raises(TypeError, match="`p` has no raw parameter of its own"):
            model.param_groups(**options)
    assert [[id(one) for one in group["params"]] for group in model.param_groups(lr=0.1)] == [[id(model.raw)]]
    with pytest.raises(TypeError, match="`p_raw` is a view of `raw`, to be read"):
        model.p_raw = model.p_raw
    with pytest.raises(TypeError, match="declared `frozen`"):
        model.unfreeze_("c")
    assert model.frozen_names() == ["c"]
    assert [name for name, _ in model.named_parameters()] == ["raw", "c_raw"]


@pytest.mark.parametrize("call", [cdsl.compile, cdsl.loads])
def test_a_layout_that_there_is_not_is_refused(call):
    with pytest.raises(ValueError, match="layout: expected 'separate' or 'packed', got 'flat'"):
        call("p: prob", layout="flat")


def test_a_checkpoint_that_lacks_a_raw_or_has_another_shape_is_told_by_the_name_of_that_raw(pair):
    separate, packed = pair
    state = separate.state_dict()
    before = packed.to_flat()
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "p_raw", "v_raw"\.'):
        packed.load_state_dict({key: value for key, value in state.items() if key not in ("p_raw", "v_raw")})
    with pytest.raises(
        RuntimeError, match=r"size mismatch for v_raw: \(2, 3\) from the checkpoint, \(3, 2\) in this module"
    ):
        packed.load_state_dict(state | {"v_raw": state["v_raw"].T})
    with pytest.raises(RuntimeError, match="Unexpected key"):
        packed.load_state_dict(state | {"x_raw": state["p_raw"]})
    other = cdsl.loads(SPEC.replace("p: prob\n", "p: interval(0, 2)\n", 1)).Model(dtype=torch.float64)
    with pytest.raises(
        cdsl.runtime.SignatureMismatch, match=r"p: the checkpoint was saved under `interval\(0.0, 2.0\)"
    ):
        packed.load_state_dict(other.state_dict())
    assert packed.to_flat().shape == before.shape


# -- at home in torch -----------------------------------------------------------------------------------------------------


def test_copies_pickles_and_checkpoints_keep_the_values(pair, tmp_path):
    _, model = pair
    model()
    copies = [copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
    torch.save(model.state_dict(), tmp_path / "state.pt")
    fresh = type(model)(dtype=torch.float64)
    fresh.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    with torch.device("meta"):
        assigned = type(model)(dtype=torch.float64)
    assigned.load_state_dict(model.state_dict(), assign=True)
    with torch.device("meta"):
        emptied = type(model)(dtype=torch.float64)
    emptied.to_empty(device="cpu").reset_parameters()
    emptied.load_state_dict(model.state_dict())
    for one in (*copies, fresh, assigned, emptied):
        assert_equal(one(), model())
        assert one.raw.requires_grad
        assert one.raw is not model.raw
    assert_equal(pickle.loads(pickle.dumps(model())), model())
    assert model.to(torch.float32)().p.dtype == torch.float32


def test_files_are_those_of_the_other_layout(pair, tmp_path):
    separate, model = pair
    model.save(tmp_path / "model.safetensors")
    for one in pair:
        assert_equal(type(one).load(tmp_path / "model.safetensors")(), separate())


def test_it_compiles_whole_and_is_exported_and_loaded():
    separate, model = both("p: prob\nq: prob\ntau: greater_than([1, -1])[2]\nfrozen c: positive = 2\no: ordered[2, 3]")
    theta = model.to_flat()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    assert_equal(compiled(), model())
    values, log_det = torch.compile(model.constrain_and_log_det, fullgraph=True, backend="aot_eager")(theta)
    assert_equal(values, separate())
    torch.testing.assert_close(log_det, separate.log_abs_det_jacobian(), rtol=1e-14, atol=1e-14)  # another order
    for strict in (False, True):
        if strict and torch.__version__.startswith(("2.6.", "2.9.")):
            pytest.skip(
                "a strict export of torch 2.6 and 2.9 takes no tensor that is cut out when values are flattened"
            )
        buffer = io.BytesIO()
        torch.export.save(torch.export.export(model, (), strict=strict), buffer)
        buffer.seek(0)
        assert_equal(torch.export.load(buffer).module()(), model())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("spec", ["p: prob\nq: prob\ns: positive", DERIVED], ids=["plain", "derived"])
def test_what_a_module_keeps_of_its_flat_vector_compiles_nothing_again(layout, spec):
    """It is made when it is first asked for: then a guard on its absence would fail."""
    model = cdsl.loads(spec, layout=layout).Model()
    for member in ("forward_and_log_det", "constrain_and_log_det"):
        model = copy.deepcopy(model)  # without what is kept
        torch.compiler.reset()
        counter = CompileCounter()
        compiled = torch.compile(getattr(model, member), backend=counter, fullgraph=True)
        given = (model.to_flat(),) if member.startswith("constrain") else ()
        compiled(*given)
        model.forward_and_log_det()
        model.constrain_and_log_det(model.to_flat())
        compiled(*given)
        assert counter.frame_count == 1


def test_function_transforms_take_it(pair):
    separate, model = pair
    theta = torch.stack([model.to_flat(), -model.to_flat()])
    zero = torch.func.functional_call(model, {"raw": torch.zeros_like(model.raw)}, ())
    assert zero.p == 0.5
    assert_equal(torch.func.vmap(model.constrain)(theta), separate.constrain(theta))
    for member in (torch.func.hessian, torch.func.jacrev, torch.func.jacfwd):
        found, expected = (
            member(lambda theta, one=one: one.constrain_and_log_det(theta)[1])(theta[0]) for one in (model, separate)
        )
        torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-14)  # another order


def test_optimizers_and_averages_move_raw_as_a_whole(pair):
    separate, model = pair
    average = torch.optim.swa_utils.AveragedModel(model)
    for one in pair:
        optimizer = torch.optim.Adam([each for each in one.parameters() if each.requires_grad], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            values, log_det = one.forward_and_log_det()
            (sum(value.square().sum() for value in values) - log_det).backward()
            optimizer.step()
    # Adam divides by the root of a square of the gradient, whose last bits differ
    torch.testing.assert_close(model.to_flat(), separate.to_flat(), rtol=1e-9, atol=1e-9)
    average.update_parameters(model)
    assert average.module.p != 0.5


def test_a_function_of_few_values_is_compiled_without_the_others():
    """Of 120 declarations in either layout, two are read: the graph has a line or two for each group, not one for each value."""
    for layout in LAYOUTS:
        model = cdsl.loads(MANY, layout=layout).Model(dtype=torch.float64)
        theta = torch.linspace(-1, 1, 200, dtype=torch.float64)

        def density(values, log_det):
            return values.p0.square() + values.s39 + log_det

        f = model.value_and_grad(density, compile=False)
        f(theta)
        graph, _ = traced(f._loss, [theta], [])
        assert len(graph.graph.nodes) < 250
        value, gradient = graph(theta, *_)
        expected, slope = f(theta)
        torch.testing.assert_close(value, expected, rtol=1e-14, atol=0)  # terms in another order
        torch.testing.assert_close(gradient, slope, rtol=1e-13, atol=1e-14)


def test_a_function_of_derived_values_is_traced_with_data_that_may_change():
    """Not compiled here: that takes seconds, and is the same for both layouts."""
    found = []
    for model in both(DERIVED + "let off = y - mu\n"):
        f = model.value_and_grad(lambda values, log_det: values.off.square().sum() + log_det, compile=False)
        theta = model.to_flat()
        f(theta)
        tensors = [theta, *(holder[name] for holder, name in f._slots)]
        graph, closed = traced(f._loss, tensors, f._slots)
        model.set_data_(y=[1.0, 2.0, 3.0])
        tensors = [theta, *(holder[name] for holder, name in f._slots)]
        for ours, theirs in zip(graph(*tensors, *closed), f(theta), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-13, atol=1e-13)  # sums in another order
        found.append(f(theta)[1])
    torch.testing.assert_close(*found, rtol=1e-13, atol=1e-13)  # likewise


def test_what_maps_over_values_sees_each_of_them_and_not_its_group(pair):
    separate, model = pair
    theta = model.to_flat()
    for member in (torch.func.jacrev, torch.func.jacfwd):
        found, expected = (member(one.constrain)(theta) for one in (model, separate))
        for name in model()._fields:  # sums in another order
            torch.testing.assert_close(getattr(found, name), getattr(expected, name), rtol=1e-13, atol=1e-14)
    assert [value.shape for value in pytree.tree_leaves(model())] == [value.shape for value in separate()]
    mapped = cdsl.loads(SPEC.replace("frozen c: positive = 2\n", ""), layout="packed").Model(dtype=torch.float64)
    # not `c`: of what it does not map over torch 2.13 makes a last dimension whose size it reads out of other memory
    last = torch.func.vmap(mapped.constrain, out_dims=-1)(torch.stack([mapped.to_flat()] * 2))
    assert last.o2.shape == (2, 3, 2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_model_is_first_used_under_any_mode_and_trains_afterwards(layout):
    """What is kept of the flat vector is kept of ordinary tensors."""

    class Reading(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = cdsl.loads("p: prob\nb: positive\nq: prob", layout=layout).Model(dtype=torch.float64)

        def forward(self, theta):
            return self.model.constrain(theta).q

    theta = torch.ones(3, dtype=torch.float64)

    def inferred(reading):
        with torch.inference_mode():
            reading.model.log_abs_det_jacobian()
            return reading(theta)

    first = [
        inferred,
        lambda reading: torch.export.export(reading, (theta,), strict=False).module()(theta),
        *(
            lambda reading, mode=mode: make_fx(reading, tracing_mode=mode)(theta)(theta)
            for mode in ("fake", "symbolic", "real")
        ),
        lambda reading: torch.func.vmap(reading)(theta[None])[0],
    ]
    for use in first:
        reading = Reading()
        again = Reading()
        again(theta)
        leaf = theta.clone().requires_grad_()
        for one in (reading, again):
            assert use(one) == 1 / (1 + math.exp(-1))
            (gradient,) = torch.autograd.grad(one(leaf), leaf)
            assert gradient[0] == gradient[1] == 0 < gradient[2]
        reading.model().q.backward()


def test_a_state_of_another_dtype_is_assigned_whole():
    spec = "p: prob\nw: simplex[3]\nfrozen c: positive = 2\nx: interval(0, c)"
    state = cdsl.loads(spec).Model(dtype=torch.float32).state_dict()
    model = cdsl.loads(spec, layout="packed").Model(dtype=torch.float64)
    model.load_state_dict(state, assign=True)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_what_no_checkpoint_of_ours_has_is_told(pair, tmp_path):
    separate, model = pair
    state = dict(model.state_dict())
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"raw"'):
        model.load_state_dict(state | {"raw": torch.ones(99)})
    assert model.load_state_dict({"raw": torch.ones(99)}, strict=False).unexpected_keys == ["raw"]
    with pytest.raises(RuntimeError, match="size mismatch for p_raw: float from the checkpoint"):
        model.load_state_dict(state | {"p_raw": 3.0})
    separate.freeze_("p")
    separate.save(tmp_path / "a")
    with pytest.raises(cdsl.runtime.CheckpointError, match="`p` was frozen when it was saved, and a packed module"):
        type(model).load(tmp_path / "a")
    values = model()
    with pytest.raises(AttributeError, match=r"ModelValues\.p is to be read: set the parameter, `model.p = …`"):
        values.p = 1.0


def test_other_transforms_keep_the_layout(pair):
    _, model = pair
    other = cdsl.reparameterize(model, s="softplus")
    assert isinstance(other, cdsl.runtime.PackedModule)
    torch.testing.assert_close(other.s, model.s, rtol=1e-15, atol=0)  # an ulp or two from there and back


# -- the text -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Specs of every kind in the packed layout."""
    folder = tmp_path_factory.mktemp("packed")
    for spec in (spec for spec in SPECS if spec.stem in TYPED):
        text = cdsl.compile(spec.read_bytes().decode("utf-8-sig"), name=class_of(spec), layout="packed")
        (folder / f"{spec.stem}.py").write_text(text, encoding="utf-8")
    return folder


def test_its_text_is_formatted_and_typed(compiled, mypy):
    assert unformatted(".", compiled) == ""
    assert mypy(*(str(path) for path in sorted(compiled.glob("*.py")))) == ""


def test_it_is_written_standalone(tmp_path, python):
    text = cdsl.compile(SPEC, name="Mixture", layout="packed", standalone=True)
    (tmp_path / "packed.py").write_text(text, encoding="utf-8")
    assert "import cdsl" not in text
    model = cdsl.loads(SPEC, layout="packed").Model()
    done = python(
        "-c",
        "import packed; model = packed.Mixture(); print(model().o2.tolist(), model.log_abs_det_jacobian().item())",
        cwd=tmp_path,
    )
    assert done.stdout.strip() == f"{model().o2.tolist()} {model.log_abs_det_jacobian().item()}"


def test_the_command_line_writes_it(run_cdsl, tmp_path):
    (tmp_path / "mixture.cdsl").write_text("p: prob\ns: positive\n")
    run_cdsl("compile", "--layout", "packed", str(tmp_path / "mixture.cdsl"))
    assert "class Mixture(cdsl.PackedModule" in (tmp_path / "mixture.py").read_text()
