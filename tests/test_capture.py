"""What a CUDA graph can capture: no number read out of a tensor, no shape that depends on values, nothing copied from the CPU.

The gate has no CUDA; `tests/test_cuda.py` captures where there is one. So modules are moved to the meta device, where no tensor has numbers to read, and every operation is noted:
one on a CPU tensor would be a copy to the device, or a mistake. What CUDA's own kernels do inside is not seen.
"""

import contextlib
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import cdsl
from cdsl.constraints import domains
from cdsl.runtime.fused import is_plain, with_gradients
from tests.conftest import THOROUGH

from .test_at_home import EVERY

WAITS = {
    "_assert_async", "_linalg_check_errors", "_linalg_eigvals", "_local_scalar_dense", "_unique2", "bincount", "equal",
    "histc", "is_nonzero", "item", "linalg_cholesky", "linalg_eig", "linalg_eigvals", "linalg_lstsq", "masked_select", "nonzero",
    "repeat_interleave", "unique_consecutive", "unique_dim",
}  # fmt: skip
"""Operations for which the CPU waits until the device has computed."""


class Notes(TorchDispatchMode):
    """Which operations wait for the device, or have a tensor on the CPU; and every name, to know that there were some."""

    def __init__(self):
        super().__init__()
        self.wrong, self.seen = [], set()

    def __torch_dispatch__(self, operator, types, arguments=(), options=None):
        found = operator(*arguments, **(options or {}))
        name = operator._schema.name.partition("::")[2]
        tensors = [one for one in tree_leaves((arguments, options, found)) if isinstance(one, torch.Tensor)]
        masked = name.startswith("index") and any(one.dtype in (torch.bool, torch.uint8) for one in tensors[1:-1])
        if name in WAITS or masked or any(one.device.type == "cpu" for one in tensors):
            self.wrong.append(name)
        self.seen.add(name)
        return found


def moved(model):
    """The module with its tensors on the meta device, those that are not registered too."""
    model = model.to("meta")
    for one in model.modules():
        for name, parameter in list(one._parameters.items()):
            if parameter is not None and parameter.device.type == "cpu":
                one._parameters[name] = nn.Parameter(parameter.to("meta"), parameter.requires_grad)
    return model


def total(values):
    return sum(one.sum() for one in tree_leaves(values) if isinstance(one, torch.Tensor) and one.is_floating_point())


def has_log_det(model):
    return all(leaf.one.map.transform.bijective for leaf in model._leaves())


def passes(model):
    """There and back: values, the log-Jacobian, and both of flat vectors."""
    device = next(model.parameters()).device
    theta = torch.zeros(2, model.unconstrained_size, device=device, requires_grad=True)
    if has_log_det(model):
        total([model.forward_and_log_det(), model.constrain_and_log_det(theta)]).backward()
    else:
        total([model(), model.constrain(theta)]).backward()


@contextlib.contextmanager
def noted(lean):
    """Notes of what runs inside: as plain eager code runs it, by lean forms, or as what is traced and transformed, by formulas."""
    with with_gradients() if lean else contextlib.nullcontext(), Notes() as notes:
        assert is_plain(torch.empty(1, device="meta")) == lean
        yield notes


def kinds():
    """Every domain by its default transform, bijective ones apart: a log-Jacobian is asked for where all have one."""
    bijective = {name for name, case in EVERY.items() if case.declared.map.transform.bijective}
    lines = {name: f"{name}: {case}\n" for name, case in EVERY.items()}
    yield "with a log-Jacobian", "".join(line for name, line in lines.items() if name in bijective)
    yield "without", "".join(line for name, line in lines.items() if name not in bijective)
    if THOROUGH:
        for domain in domains().values():
            declared = domain.examples[0].partition("=")[0].partition(" via ")[0]
            for at in domain.transforms:
                yield f"{domain.name} via {at}", f"x: {declared} via {at}\n"


MIXED = """
data y: real[3] = [1, 2, 3]
data seen: bool[3] = [true, false, true]
a: positive[2]
w: simplex[3]
b: positive
frozen c: positive = 2
v: simplex[3]
d: positive[3]
low: interval([0, 1], 3)[2]
p: prob[3] = [0.2, 0.3, 0.4] frozen [true, false, false]
t: greater_than(max(y))
let z = [1, 2] * a + y[[0, 2]] + 1
let m = sum(where(seen, y, 0)) + [b, 1, 2][0]
"""


each_form = pytest.mark.parametrize("lean", [True, False], ids=["lean forms", "formulas"])
each_layout = pytest.mark.parametrize("layout", ["separate", "packed"])
each_kind = pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in kinds()])


@each_form
@each_layout
@each_kind
def test_no_pass_of_a_domain_waits_for_the_device(text, layout, lean):
    """On the CPU, where the same operations run: by name."""
    model = cdsl.loads(text, layout=layout).Model()
    passes(model)
    with noted(lean) as notes:
        passes(model)
    assert not notes.seen & WAITS
    assert {"sum", "split_with_sizes"} <= notes.seen


@each_kind
@pytest.mark.parametrize("lean", [True, False] if THOROUGH else [True], ids=["lean forms", "formulas"][: 1 + THOROUGH])
def test_no_pass_of_a_domain_uses_the_cpu(text, lean):
    """That formulas make no tensor of their own is law 7 of tests/test_laws.py."""
    model = moved(cdsl.loads(text).Model())
    with noted(lean) as notes:
        values = model.forward_and_log_det() if has_log_det(model) else model()
        total(values).backward()
    assert notes.wrong == []


TEXTS = {"mixed": MIXED} | {
    name: Path(__file__).with_name("accept").joinpath(f"{name}.cdsl").read_text(encoding="utf-8")
    for name in ("derived_values", "nested_models")
}


@each_layout
@pytest.mark.parametrize("name", TEXTS)
def test_no_pass_of_a_spec_with_data_constants_and_models_does_either(name, layout):
    """A first pass makes what later ones keep, as a warm-up does before a capture. `solve` looks at what it found."""
    model = moved(cdsl.loads(TEXTS[name], layout=layout).Model())
    passes(model)
    with noted(lean=True) as notes:
        passes(model)
    assert {*notes.wrong} == ({"_linalg_check_errors"} if "solve(" in TEXTS[name] else set())


def test_the_notes_can_tell():
    """Each of these is what the tests above must not find."""
    x = torch.empty(3, device="meta")
    for wrong in (
        lambda: x * torch.tensor([1.0, 2.0, 3.0]).to("meta"),
        lambda: torch.linalg.inv(torch.empty(2, 2, device="meta")),
        lambda: torch.linalg.cholesky(torch.empty(2, 2, device="meta")),
        lambda: x * torch.ones(3)[0],
    ):
        with Notes() as notes:
            wrong()
        assert notes.wrong
    for wrong in (x[0].item, lambda: x[x > 0], lambda: bool((x > 0).any())):
        with pytest.raises((RuntimeError, NotImplementedError)), Notes():  # meta has no numbers
            wrong()


def test_the_flat_vector_is_put_in_groups_by_pieces_as_by_indices(monkeypatch):
    """The first is for what is compiled for an accelerator; here it is asked of the CPU, by indices that lie elsewhere."""
    monkeypatch.setattr(cdsl.runtime.groups, "may_keep", lambda: False)
    model = cdsl.loads("a: prob\ns: simplex[3]\nb: prob[2]\nr: real\nt: simplex[3]\nc: prob").Model(dtype=torch.float64)
    theta = torch.randn(4, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    wanted = model.constrain_and_log_det(theta)
    grouping = model._view_now().group()
    grouping.entries = grouping.entries.to("meta")
    for found, other in zip(tree_leaves(model.constrain_and_log_det(theta)), tree_leaves(wanted), strict=True):
        assert torch.equal(found, other)
