"""On a CUDA device: what a module does there is what it does on the CPU, in plain code, captured as a graph and compiled.

Without a device these wait for one; `tests/test_capture.py` says without it which operations a graph could not hold.
"""

import copy
import functools
import math
import subprocess
import sys

import pytest
import torch
from torch.utils._pytree import tree_leaves

import cdsl
from tests.strategies import CASES_OF, module_of
from tests.test_at_home import SPEC
from tests.test_capture import MIXED, TEXTS, has_log_det, kinds, passes, total

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="waits for a CUDA device")

each_layout = pytest.mark.parametrize("layout", ["separate", "packed"])
each_kind = pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in kinds()])


def drawn(model, scale=1.0, seed=0):
    """The module with other raws than those of its start."""
    model.randomize_(scale, generator=torch.Generator().manual_seed(seed))
    return model


def read(model):
    """Values, and the log-Jacobian where there is one."""
    return model.forward_and_log_det() if has_log_det(model) else model()


def warm_up(model):
    """Passes on another stream, which a capture asks for."""
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(3):
            passes(model)
    torch.cuda.current_stream().wait_stream(beside)
    model.zero_grad(set_to_none=True)


def passed(model, run=None):
    """Values, log-Jacobian and gradients of one pass, on the CPU; or of what `run` gives."""
    model.zero_grad(set_to_none=True)
    results = run() if run else read(model)
    total(results).backward()
    found = [*tree_leaves(results), *(one.grad for one in model.parameters())]
    return [one.detach().cpu() for one in found if isinstance(one, torch.Tensor)]


def far(found, wanted):
    """The largest difference, over the largest entry of the tensor, in eps of its dtype; infinite where one alone is no number."""
    off = 0.0
    for a, b in zip(found, wanted, strict=True):
        if b.numel() and b.is_floating_point():
            info, top = torch.finfo(b.dtype), b.abs().nan_to_num(0.0, 0.0, 0.0).max()
            same = torch.equal(a.isfinite(), b.isfinite()) and torch.equal(a.isnan(), b.isnan())
            apart = torch.where(b.isfinite(), a - b, 0.0).abs().max() / top.clamp(min=info.tiny) / info.eps
            off = max(off, float(apart) if same else math.inf)
    return off


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", CASES_OF)
def test_a_map_is_there_what_it_is_on_the_cpu(name, dtype):
    here = drawn(module_of(CASES_OF[name])().to(dtype))
    there = copy.deepcopy(here).cuda()
    assert all(one.is_cuda for one in tree_leaves(there()) if isinstance(one, torch.Tensor))
    off = far(passed(there), passed(here))
    assert off <= 150  # an H200: 76 for the sticks of `scaled_simplex`, 15 for the others


@each_layout
@each_kind
def test_a_step_is_captured_as_a_graph(text, layout):
    """Forward, log-Jacobian and gradient: what the graph computes from other raws is what plain code does."""
    model = drawn(cdsl.loads(text, layout=layout).Model(dtype=torch.float64)).cuda()
    warm_up(model)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = read(model)
        total(results).backward()
    other = drawn(copy.deepcopy(model).cpu(), seed=1)
    with torch.no_grad():
        for mine, its in zip(model.parameters(), other.parameters(), strict=True):
            mine.copy_(its)
    graph.replay()
    captured = [one.detach().cpu() for one in tree_leaves(results) if isinstance(one, torch.Tensor)]
    captured += [one.grad.cpu() for one in model.parameters()]
    del results  # and with it what was made while another stream was the current one
    assert far(captured, passed(model)) <= 1  # atomics add in any order


@each_layout
@pytest.mark.parametrize("name", TEXTS)
def test_a_spec_with_data_constants_and_models_is_captured(name, layout):
    if "solve(" in TEXTS[name]:
        pytest.skip("`solve` looks at what it found, which a graph cannot hold")
    model = cdsl.loads(TEXTS[name], layout=layout).Model(dtype=torch.float64).cuda()
    warm_up(model)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = read(model)
    with torch.no_grad():
        for raw in model.parameters():
            raw.add_(0.125)
    graph.replay()
    found = [one.detach().cpu() for one in tree_leaves(results) if isinstance(one, torch.Tensor)]
    wanted = [one.detach().cpu() for one in tree_leaves(read(model)) if isinstance(one, torch.Tensor)]
    assert far(found, wanted) <= 1


@functools.cache
def packages_load():
    """Whether torch's own packages do: where a trivial one kills the process that loads it, ours cannot be tried."""
    script = """
import torch
x = torch.ones(3, device="cuda")
made = torch._inductor.aoti_compile_and_package(torch.export.export(torch.nn.ReLU(), (x,)))
print(torch._inductor.aoti_load_package(made)(x))
"""
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


@each_layout
@pytest.mark.parametrize("aot", [False, True], ids=["compiled", "aot"])
@pytest.mark.parametrize("text", [MIXED, "p: prob[1000]\ns: simplex[1001]\no: ordered[1000]\nc: cholesky_corr[20]\n"])
def test_value_and_grad_is_compiled_for_the_device(text, layout, aot, recwarn):
    if aot and not packages_load():
        pytest.skip("waits for a torch whose own packages load on this machine")
    model = cdsl.loads(text, layout=layout).Model(dtype=torch.float64).cuda()

    def loss(values, log_det):
        return total(values).square() + log_det

    run, plain = model.value_and_grad(loss, aot=aot), model.value_and_grad(loss, compile=False)
    for seed in range(3):
        theta = torch.randn(
            model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
        )
        found, wanted = run(theta.cuda()), plain(theta.cuda())
        assert far([one.cpu() for one in found], [one.cpu() for one in wanted]) <= 1000
    assert run.compiled
    assert [str(one.message) for one in recwarn if "value_and_grad" in str(one.message)] == []


@pytest.mark.filterwarnings(
    r"ignore:\s*Online softmax is disabled:UserWarning", "ignore:`torch._prims_common.check`:FutureWarning"
)
def test_torch_compile_with_backward():
    model = drawn(cdsl.loads(SPEC).Model(dtype=torch.float64)).cuda()
    wanted = passed(model)
    assert far(passed(model, torch.compile(model, fullgraph=True)), wanted) <= 150


@each_layout
@pytest.mark.parametrize("options", [{"fused": True}, {"foreach": True}, {"capturable": True}])
def test_it_trains_and_comes_back_by_a_checkpoint(layout, options, tmp_path):
    module = cdsl.loads(SPEC, layout=layout)
    model = module.Model().cuda()
    goal = [one.detach() for one in drawn(copy.deepcopy(model).cpu(), 0.3, seed=1).cuda()()]
    optimizer = torch.optim.Adam(model.parameters(), 0.02, **options)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = sum((value - other).square().mean() for value, other in zip(model(), goal, strict=True))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    torch.save(model.state_dict(), tmp_path / "model.pt")
    other = module.Model()
    other.load_state_dict(torch.load(tmp_path / "model.pt", map_location="cpu", weights_only=True))
    for mine, its in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(mine.cpu(), its)


def test_automatic_mixed_precision():
    model = drawn(cdsl.loads(SPEC).Model()).cuda()
    wanted = [one.detach().cpu() for one in model()]
    for dtype in (torch.float16, torch.bfloat16):
        with torch.autocast("cuda", dtype):
            found = model()
        assert [one.dtype for one in found] == [one.dtype for one in wanted]
        assert far([one.detach().cpu() for one in found], wanted) == 0
