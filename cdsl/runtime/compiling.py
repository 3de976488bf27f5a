"""A traced graph ↦ compiled code that takes a list of tensors. What is private to torch's compilers is named here, and in `package`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode
from torch.fx import GraphModule

from cdsl.runtime.rewrite import Scans

Run: TypeAlias = Callable[[list[Tensor]], Sequence[Tensor]]
"""A compiled graph; it may empty the list."""


def by_inductor(graph: GraphModule, tensors: list[Tensor], scans: Scans) -> Run:
    """By inductor, without Dynamo and, where it makes no difference, without the runtime of AOTAutograd.

    `compile_fx` is private to torch, and is named here alone. Of what it returns, the compiled kernels themselves take the
    half of the time. They are taken where their outputs are those of the whole, bit for bit. What is left of calls to torch
    is made in C++: from Python each takes some microseconds.
    """
    inductor = import_module("torch._inductor.compile_fx")
    kernels: list[Any] = []

    def inner(*args: Any, **kwargs: Any) -> Any:
        kernels.append(inductor.compile_fx_inner(*args, **kwargs))
        return kernels[-1]

    # fake inputs in a mode with a shape environment, without which inductor's cache on disk passes a graph by
    mode = FakeTensorMode(shape_env=import_module("torch.fx.experimental.symbolic_shapes").ShapeEnv())
    fakes = [mode.from_tensor(tensor, static_shapes=True) for tensor in tensors]
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            node.meta.pop("val", None)  # a fake of another mode
    options = options_of(scans) | ({"cpp_wrapper": True} if scans.left else {})
    # a hit in AOTAutograd's cache would not come by here; inductor's own stays on
    with torch.no_grad(), counted(), import_module("torch._functorch.config").patch(enable_autograd_cache=False):
        whole = inductor.compile_fx(graph, fakes, inner_compile=inner, config_patches=options)
    expected = whole(*tensors)
    if len(kernels) == 1 and same(kernels[0](list(tensors)), expected):
        # what it calls itself, after asking whether there is a profiler, and whether this is the first time
        run: Run = getattr(kernels[0], "current_callable", kernels[0])
        return run
    return lambda inputs: whole(*inputs)


def counted() -> AbstractContextManager[Any]:
    """Where torch 2.6 counts what a graph of inductor's cache has saved: outside of it, it raises when it has found one."""
    utils = import_module("torch._dynamo.utils")
    context: AbstractContextManager[Any] = (
        nullcontext() if hasattr(utils, "CompileEventLogger") else utils.get_metrics_context()
    )
    return context


def guard(tensors: list[Tensor]) -> Callable[..., bool] | None:
    """What Dynamo asks of tensors before it runs code that was compiled for these; None where this torch has no such thing.

    True: as many, of the same types, dtypes, shapes, strides and devices, with or without gradient as these are, and under the
    same modes. Torch keeps the class for itself, and it is named here alone.
    """
    try:
        guards = import_module("torch._C._dynamo.guards").TensorGuards
        check: Callable[..., bool] = guards(*tensors, dynamic_dims_sizes=None, dynamic_dims_strides=None).check
        return check if check(*tensors) else None
    except Exception:  # whatever a private interface raises; the checks in Python say the same
        return None


def options_of(scans: Scans) -> dict[str, Any]:
    """What is asked of inductor for a graph with these running sums: their terms one after the other, in one expression."""
    return {"unroll_reductions_threshold": scans.longest + 1} if scans.longest >= 8 else {}  # 8 is inductor's own


def by_torch_compile(graph: GraphModule, tensors: list[Tensor]) -> Run:
    """By the public interface. There is no gradient left in the graph for Dynamo to get wrong (pytorch#193279)."""
    whole = torch.compile(graph, fullgraph=True, dynamic=False)

    def run(inputs: list[Tensor]) -> Sequence[Tensor]:
        with torch.no_grad():
            found: Sequence[Tensor] = whole(*inputs)
        return found

    run(tensors)
    return run


def same(found: Sequence[Tensor], expected: Sequence[Tensor]) -> bool:
    """Whether two lists of tensors are equal, NaN to NaN."""
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(torch.equal(torch.nan_to_num(a), torch.nan_to_num(b)) for a, b in pairs)


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason given")
