"""What a traced graph is made of anew before it is compiled: what inductor would call out of its loops for, or do again at each call."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.fx import GraphModule, Node, map_arg

LONGEST, MOST = 32, 4096
"""Of a running sum that is written out: its terms, and the additions of all of them. Beyond, the call is the faster."""
HEAVIEST = 2**24
"""Bytes of all constants that are held; what is more is computed at every call."""
FILLED: dict[Any, Any] = {
    torch.ops.aten.ones_like.default: 1,
    torch.ops.aten.zeros_like.default: 0,
    torch.ops.aten.new_ones.default: 1,
    torch.ops.aten.new_zeros.default: 0,
    torch.ops.aten.full_like.default: None,
    torch.ops.aten.new_full.default: None,
}
"""Operators that take shape and dtype alone of their first argument, and what they fill with; None: their last argument."""
SCANS: dict[Any, tuple[float, Any, tuple[Any, ...]]] = {
    torch.ops.aten.cumsum.default: (0.0, torch.ops.aten.sum.dim_IntList, ([-1],)),
    torch.ops.aten.cumprod.default: (1.0, torch.ops.aten.prod.dim_int, (-1,)),
}
"""What changes nothing, and the reduction of which each entry is one."""


class Scans(NamedTuple):
    """The running sums and products of a graph."""

    longest: int = 0
    """How many terms the longest has of those that were written out."""
    left: int = 0
    """How many stay calls of torch."""


def fold_constants(graph: GraphModule) -> list[Tensor]:
    """What depends on no input is computed now, and becomes an input of its own, after the others.

    It is no constant of the compiled code, which then is the same for the same graph, wherever it is kept.
    """
    known: dict[Node, Any] = {}
    for node in graph.graph.nodes:
        if node.op == "get_attr":
            known[node] = getattr(graph, node.target)
        elif node.target in FILLED:
            like: Tensor = node.meta["val"]
            fill = node.args[-1] if FILLED[node.target] is None else FILLED[node.target]
            known[node] = torch.full((), fill, dtype=like.dtype, device=like.device).expand(like.shape)
        elif is_function(node) and all(one in known for one in node.all_input_nodes):
            args, kwargs = map_arg((node.args, node.kwargs), known.__getitem__)
            known[node] = node.target(*args, **kwargs)
    constants: list[Tensor] = []
    left = HEAVIEST
    first = next(node for node in graph.graph.nodes if node.op != "placeholder")
    for node, value in known.items():
        if node.op != "get_attr" and any(user not in known for user in node.users) and is_worth_holding(value, left):
            left -= value.numel() * value.itemsize
            with graph.graph.inserting_before(first):
                placeholder = graph.graph.placeholder(f"constant_{len(constants)}")
            placeholder.meta = dict(node.meta)
            node.replace_all_uses_with(placeholder)
            constants.append(value.contiguous())
    graph.graph.eliminate_dead_code()
    return constants


def write_out_scans(graph: GraphModule) -> Scans:
    """Short running sums and products become one sum or product for each entry, of what stands up to there.

    Terms are added one after the other, as by torch, so that no bit is another. (In float32 torch adds in float64: it stays.)
    """
    longest, left, aten, call = 0, 0, torch.ops.aten, graph.graph.call_function
    for node in list(graph.graph.nodes):
        if node.target not in SCANS or node.meta["val"].device.type != "cpu":
            continue
        like: Tensor = node.meta["val"]
        if not is_short(like, node):
            left += 1
            continue
        nothing, reduction, over = SCANS[node.target]
        length = like.shape[-1]
        with graph.graph.inserting_before(node):
            terms = call(aten.expand.default, (call(aten.unsqueeze.default, (node.args[0], -2)), [*like.shape, length]))
            at = call(aten.arange.default, (length,), {"dtype": torch.int64})
            is_before = call(aten.le.Tensor, (at, call(aten.unsqueeze.default, (at, -1))))
            other = call(aten.scalar_tensor.default, (nothing,), {"dtype": like.dtype})
            found = call(reduction, (call(aten.where.self, (is_before, terms, other)), *over))
        found.meta = dict(node.meta)
        node.replace_all_uses_with(found)
        graph.graph.erase_node(node)
        longest = max(longest, length)
    return Scans(longest, left)


def is_short(like: Tensor, node: Node) -> bool:
    """Whether a running sum or product, of this shape, is along the last dimension, in float64, and has few terms."""
    if like.dtype != torch.float64 or node.kwargs or not like.ndim or node.args[1] not in (-1, like.ndim - 1):
        return False
    return 0 < like.shape[-1] <= LONGEST and like.numel() * like.shape[-1] <= MOST


def is_function(node: Node) -> bool:
    """Whether a node is an operator of torch that gives the same for the same arguments, and does nothing else."""
    operator = node.target
    return (
        isinstance(operator, torch._ops.OpOverload)
        and operator.namespace in ("aten", "prims")
        and torch.Tag.nondeterministic_seeded not in operator.tags
        and not operator._schema.is_mutable
        and "empty" not in operator.__name__
    )


def is_worth_holding(value: Any, most: int) -> bool:
    """Whether a constant is a tensor, of less than so many bytes, and not one number everywhere, which inductor writes into the code."""
    if not isinstance(value, Tensor) or value.numel() < 2 or value.numel() * value.itemsize >= most:
        return False
    return not bool((value == value.reshape(-1)[0]).all())
