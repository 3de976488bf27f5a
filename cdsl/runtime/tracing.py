"""A function and its gradient as one graph of torch's operators, all that it reads being inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx

from cdsl.runtime.fused import with_gradients

Slot: TypeAlias = tuple[dict[str, Any], str]
"""Where a module keeps a tensor: in a dict, under a name."""


def traced(
    loss: Callable[[Tensor], Tensor], tensors: list[Tensor], slots: list[Slot]
) -> tuple[GraphModule, list[Tensor]]:
    """(theta, the tensors in the slots, others) ↦ (value, gradient), and the others.

    The gradient is that of `torch.autograd`, whose own steps are traced, so that a Function is so by its own backward. Nothing
    in the graph writes into a tensor that is in it.
    """

    def function(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        with swapped(slots, inputs[1:]), with_gradients():
            value, gradient = differentiated(loss, inputs[0])
        return value.clone(), gradient.clone()  # never an input itself

    with torch.inference_mode(False), torch.no_grad():
        # each a tensor of its own: two slots may hold one tensor now, and two later
        inputs = [ordinary(tensor) for tensor in tensors]
        graph = make_fx(function)(*inputs)
        graph.graph.eliminate_dead_code()
        closed = lift(graph)
        graph.recompile()
        if any(writes(node) for node in graph.graph.nodes):
            graph = make_fx(torch.func.functionalize(graph))(*inputs, *(ordinary(tensor) for tensor in closed))
    return graph, closed


def differentiated(loss: Callable[[Tensor], Tensor], theta: Tensor) -> tuple[Tensor, Tensor]:
    """The value, and its gradient by autograd; neither has a graph."""
    with torch.enable_grad():
        theta = theta.detach().requires_grad_()
        value = loss(theta)
        if not value.requires_grad:
            return value, torch.zeros_like(theta)
        (gradient,) = torch.autograd.grad(value, theta, materialize_grads=True)
    return value.detach(), gradient


def ordinary(tensor: Tensor) -> Tensor:
    """The tensor without graph, copied if autograd would not take it."""
    return tensor.clone() if tensor.is_inference() else tensor.detach()


@contextmanager
def swapped(slots: list[Slot], tensors: Sequence[Tensor]) -> Iterator[None]:
    """These tensors in the slots, until the block ends."""
    before = [holder[name] for holder, name in slots]
    try:
        for (holder, name), tensor in zip(slots, tensors, strict=True):
            holder[name] = tensor
        yield
    finally:
        for (holder, name), tensor in zip(slots, before, strict=True):
            holder[name] = tensor


def lift(graph: GraphModule) -> list[Tensor]:
    """Make inputs of the tensors that the function closes over, which inductor would write into its code where they are small.

    One that was made of numbers while tracing, as `torch.tensor(2.0)` is, stays a constant.
    """
    closed: dict[Any, tuple[Tensor, Node]] = {}
    first = next(node for node in graph.graph.nodes if node.op != "placeholder")
    for node in list(graph.graph.nodes):
        if node.op == "get_attr" and isinstance(tensor := getattr(graph, node.target), Tensor):
            if all(name_of(user).startswith("lift_fresh") for user in node.users):
                continue
            key = (tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())  # autograd saves aliases
            if key not in closed:
                with graph.graph.inserting_before(first):
                    placeholder = graph.graph.placeholder(f"closed_{len(closed)}")
                placeholder.meta = dict(node.meta)
                closed[key] = tensor, placeholder
            node.replace_all_uses_with(closed[key][1])
            graph.graph.erase_node(node)
    left = {node.target for node in graph.graph.nodes if node.op == "get_attr"}
    for kept in (graph._parameters, graph._buffers):  # AOTAutograd would make inputs of those that are no longer named
        for name in kept.keys() - left:
            del kept[name]
    return [tensor for tensor, _ in closed.values()]


def name_of(node: Node) -> str:
    """The name of the operator that a node calls: `cumsum`."""
    return node.target.overloadpacket.__name__ if isinstance(node.target, torch._ops.OpOverload) else str(node.target)


def writes(node: Node) -> bool:
    """Whether the operator that a node calls writes into one of its arguments."""
    return isinstance(node.target, torch._ops.OpOverload) and node.target._schema.is_mutable
