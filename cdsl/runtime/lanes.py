"""Like steps on the slices of one tensor become one step on the tensor: what a loss does to each of many declarations.

A loss that reads 400 values is thousands of operators on single numbers, on which inductor spends minutes. Most of them do the
same to slices of the same tensor, the values of one group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fx import GraphModule, Node, map_arg

from cdsl.runtime.rewrite import is_function

ADD = torch.ops.aten.add.Tensor
SELECT, STACK, SUM = torch.ops.aten.select.int, torch.ops.aten.stack.default, torch.ops.aten.sum.default


def merge_lanes(graph: GraphModule) -> None:
    """Until there is nothing left to merge: each step that is taken of half of the slices of a tensor, or more, is taken of all."""
    share_steps(graph)
    while merge(graph):
        share_steps(graph)
    add_up(graph)
    graph.graph.eliminate_dead_code()


def share_steps(graph: GraphModule) -> None:
    """What is the same twice is there once, and what changes nothing is not there."""
    known: dict[Any, Node] = {}
    for node in list(graph.graph.nodes):
        if not is_pure(node):
            continue
        same: Any = node.args[0]
        if not changes_nothing(node):
            same = known.setdefault((node.target, described(node, lambda one: one.name)), node)
        if same is not node:
            node.replace_all_uses_with(same)
            graph.graph.erase_node(node)


def merge(graph: GraphModule) -> bool:
    """One round; whether there was anything to merge."""
    lanes = {node: node.args[2] for node in graph.graph.nodes if is_lane(node)}
    alike: dict[tuple[Any, str], dict[int, Node]] = defaultdict(dict)
    found = False
    for node in list(graph.graph.nodes):
        if node.target == STACK and (whole := unstacked(node, lanes)) is not None:
            node.replace_all_uses_with(whole)
            graph.graph.erase_node(node)
            found = True
            continue
        places = {lanes[one] for one in node.all_input_nodes if one in lanes}
        if len(places) == 1 and can_merge(node, lanes):
            key = node.target, described(node, lambda one: f"of {one.args[0]}" if one in lanes else one.name)
            alike[key][places.pop()] = node
    for nodes in alike.values():
        slices = [one for one in first_of(nodes).all_input_nodes if one in lanes]
        count = shape_of(slices[0].args[0])[0]
        if len(nodes) > 1 and 2 * len(nodes) >= count:
            take_of_all(graph, nodes, lanes, count)
            found = True
    return found


def take_of_all(graph: GraphModule, nodes: dict[int, Node], lanes: dict[Node, int], count: int) -> None:
    """The step of these nodes as one, where the last of what it takes is known, and its slices in their places."""
    first = first_of(nodes)

    def whole(one: Node) -> Any:
        return one.args[0] if one in lanes else one

    args: Any
    args, kwargs = map_arg((first.args, dict(first.kwargs)), whole)
    taken = {whole(one) for one in first.all_input_nodes}
    after = [one for one in graph.graph.nodes if one in taken or one.op == "placeholder"][-1]
    with graph.graph.inserting_after(after):
        if first.target == SUM:
            dims = list(range(1, len(shape_of(args[0]))))
            step = graph.graph.call_function(torch.ops.aten.sum.dim_IntList, (args[0], dims))
        else:
            step = graph.graph.call_function(operator_of(first), args, kwargs)
    step.meta["val"] = first.meta["val"].new_empty((count, *first.meta["val"].shape))
    for at, node in nodes.items():
        with graph.graph.inserting_after(step):
            slice_ = graph.graph.call_function(SELECT, (step, 0, at))
        slice_.meta = dict(node.meta)
        node.replace_all_uses_with(slice_)
        graph.graph.erase_node(node)


def add_up(graph: GraphModule) -> None:
    """All slices of a tensor that are added to a number one after the other are added up first."""
    inner = {node.args[0] for node in graph.graph.nodes if is_sum_of_numbers(node)}
    for node in list(graph.graph.nodes):
        if not is_sum_of_numbers(node) or (node in inner and len(node.users) == 1):
            continue
        terms: list[Any] = []
        start: Any = node
        while is_sum_of_numbers(start) and (start is node or len(start.users) == 1):
            start, term = start.args
            terms.append(term)
        places: dict[Node, list[int]] = defaultdict(list)
        for term in filter(is_lane, terms):
            places[term.args[0]].append(term.args[2])
        wholes = [one for one, at in places.items() if len(at) > 1 and sorted(at) == [*range(shape_of(one)[0])]]
        if not wholes:
            continue
        others = [term for term in reversed(terms) if not (is_lane(term) and term.args[0] in wholes)]
        with graph.graph.inserting_before(node):
            found = start
            for term in (*others, *(graph.graph.call_function(SUM, (one,)) for one in wholes)):
                found = graph.graph.call_function(ADD, (found, term))
                found.meta["val"] = node.meta["val"]
        node.replace_all_uses_with(found)


def is_sum_of_numbers(node: Any) -> bool:
    """Whether a node adds two tensors of one number each, both of one floating dtype: a sum of others is of another dtype."""
    if not isinstance(node, Node) or node.target != ADD or node.kwargs:
        return False
    if not all(isinstance(one, Node) and shape_of(one) == () for one in node.args):
        return False
    dtypes = {dtype_of_node(one) for one in node.args}
    return len(dtypes) == 1 and dtypes.pop().is_floating_point


def is_pure(node: Node) -> bool:
    """Whether a node is a tensor that is the same for the same arguments, and does nothing else."""
    return is_function(node) and isinstance(node.meta.get("val"), Tensor)


def changes_nothing(node: Node) -> bool:
    """Whether a node gives what it is given: the sum of a number, or a view that changes nothing."""
    if node.target not in (SUM, torch.ops.aten.expand.default, torch.ops.aten.detach.default):
        return False
    given: Any = node.args[0]
    before, after = given.meta["val"], node.meta["val"]
    return (
        before.shape == after.shape and before.dtype == after.dtype and (operator_of(node) is not SUM or not after.ndim)
    )


def is_lane(node: Node) -> bool:
    """Whether a node is a slice of a tensor along its first dimension."""
    args: Any = node.args
    return operator_of(node) is SELECT and args[1] == 0 and isinstance(args[2], int) and args[2] >= 0


def unstacked(stack: Node, lanes: dict[Node, int]) -> Node | None:
    """The tensor all of whose slices are stacked here as they were, if that is so."""
    pieces: Any = stack.args[0]
    if (len(stack.args) > 1 and stack.args[1] != 0) or not all(lanes.get(one) == at for at, one in enumerate(pieces)):
        return None
    whole: Any = pieces[0].args[0]
    return whole if len(pieces) == shape_of(whole)[0] and {one.args[0] for one in pieces} == {whole} else None


def can_merge(node: Node, lanes: dict[Node, int]) -> bool:
    """Whether what a node does to a slice can be done to all at once, along one more dimension in front."""
    if not is_pure(node):
        return False
    slices = [one for one in node.all_input_nodes if one in lanes]
    if node.target == SUM:  # that of one number, of another dtype, would be that of all of them
        return not node.kwargs and len(node.args) == 1 and shape_of(slices[0]) != ()
    if {len(shape_of(one)) for one in slices} != {len(shape_of(node))}:
        return False  # the new dimension would not be in front of all others
    of_slices = {dtype_of_node(one) for one in slices}
    others = {dtype_of_node(one) for one in node.all_input_nodes if one not in lanes}
    if shape_of(node) == () and of_slices != {torch.bool} and others - of_slices - {torch.bool}:
        return False  # a number beside a number changes the dtype, beside a tensor of some dimensions it does not
    return len({shape_of(one.args[0])[0] for one in slices}) == 1 and is_pointwise(node)


def is_pointwise(node: Node) -> bool:
    """Whether each entry of what a node gives is made of the entries in its place."""
    tags: list[Any] = operator_of(node).tags
    return torch.Tag.pointwise in tags


def described(node: Node, name: Callable[[Node], str]) -> str:
    """All arguments, in words: those that are nodes by that name."""
    return repr(map_arg((node.args, dict(node.kwargs)), lambda one: Named(name(one))))


def shape_of(node: Any) -> tuple[int, ...]:
    """The shape of what a node is; of what is no tensor, or is not known, none that a tensor has."""
    value = node.meta.get("val")
    return tuple(value.shape) if isinstance(value, Tensor) else (-1,)


def dtype_of_node(node: Any) -> torch.dtype:
    """The dtype of a node that is a tensor."""
    found: torch.dtype = node.meta["val"].dtype
    return found


def operator_of(node: Node) -> Any:
    """What a node does."""
    return node.target


def first_of(nodes: dict[int, Node]) -> Node:
    """Any of them."""
    return next(iter(nodes.values()))


class Named(str):
    """The name of a node, which is shown without quotes, and so is never taken for a string."""

    __slots__ = ()

    __repr__ = str.__str__
