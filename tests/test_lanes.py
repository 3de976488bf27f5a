"""What a loss does to each of many values is done to all at once, and comes to the same."""

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

import cdsl
from cdsl.runtime.lanes import merge_lanes
from cdsl.runtime.tracing import traced


def calls(graph):
    return [node.target for node in graph.graph.nodes if node.op == "call_function"]


def merged(function, *inputs):
    """How many operators a function was and is, and that it gives the same."""
    graph = make_fx(function, tracing_mode="fake")(*inputs)
    before = len(calls(graph))
    merge_lanes(graph)
    graph.recompile()
    graph.graph.lint()
    found, expected = graph(*inputs), function(*inputs)
    for one, other in zip(found, expected, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        torch.testing.assert_close(one, other, rtol=1e-14, atol=0)  # a sum in another order: 20 terms of one sign
    return before, len(calls(graph))


def rows(count=20, *shape):
    return torch.rand(count, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.5


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_the_sum_of_squares_of_many_is_four_operators(shape):
    before, after = merged(lambda x: squares_of(x, range(20)), rows(20, *shape))
    assert before > 60
    assert after <= 5


def squares_of(x, places):
    total = x.new_ones(())
    for at in places:
        one = torch.select(x, 0, at)
        total = total + (one * one).sum()
    return (total,)


def test_half_of_them_are_taken_together_and_few_are_not():
    before, after = merged(lambda x: squares_of(x, range(0, 20, 2)), rows())
    assert after < before
    before, after = merged(lambda x: squares_of(x, range(3)), rows())
    assert after == before - 3  # what sums one number


def test_what_is_stacked_again_is_what_it_was():
    def function(x, y):
        return (torch.stack([torch.exp(torch.select(x, 0, at)) + y for at in range(20)]),)

    assert merged(function, rows(20, 3), rows(3))[1] == 2


def test_what_differs_stays_apart():
    def function(x, y, z):
        each = [torch.select(x, 0, at) for at in range(4)]
        numbers = [one * at for at, one in enumerate(each)]
        crossed = [each[at] * each[3 - at] for at in range(4)]
        mixed = [each[at] * torch.select(y, 0, at) for at in range(2)]
        wider = [torch.select(x, 0, at)[0] * z for at in range(4)]
        turned = torch.stack([torch.exp(one) for one in reversed(each)])
        aside = torch.stack([torch.exp(one) for one in each], 1)
        return (*numbers, *crossed, *mixed, *wider, turned, aside)

    merged(function, rows(4, 3), rows(2, 3), rows(5))


def test_numbers_of_several_dtypes_keep_theirs():
    def function(x, small, whole, wide):
        promoted = [torch.select(small, 0, at) * wide for at in range(4)]  # float32 beside a number of float64
        chosen = [torch.where(torch.select(x, 0, at) > 1, torch.select(small, 0, at), wide) for at in range(4)]
        counted = [(torch.select(x, 0, at) > 1).sum() for at in range(4)]
        total, number, any_of = wide, whole[0] * 1, x[0] > 1
        for at in range(4):
            total = total + torch.select(small, 0, at)
            number = number + torch.select(whole, 0, at)
            any_of = any_of + torch.select(whole > 1, 0, at)
        return (*promoted, *chosen, *counted, total, number, any_of)

    numbers = torch.arange(4, dtype=torch.int32)
    merged(function, rows(4), rows(4).float(), numbers, torch.tensor(1 / 3, dtype=torch.float64))


def test_slices_of_slices_are_merged_in_turn():
    def function(x):
        total = x.new_zeros(())
        for i in range(4):
            for j in range(3):
                total = total + torch.exp(torch.select(torch.sin(torch.select(x, 0, i)), 0, j))
        return (total,)

    before, after = merged(function, rows(4, 3))
    assert after < before


def test_random_numbers_are_drawn_as_often_as_they_were():
    def function(x):
        return tuple(torch.select(x, 0, at) + torch.rand((), dtype=x.dtype) for at in range(4))

    graph = make_fx(function, tracing_mode="fake")(rows(4))
    merge_lanes(graph)
    assert calls(graph).count(torch.ops.aten.rand.default) == 4


@pytest.mark.parametrize("layout", ["separate", "packed"])
def test_a_graph_is_as_large_for_many_declarations_as_for_few(layout):
    def size(count):
        spec = "\n".join(f"p{at}: prob\ns{at}: positive\nw{at}: simplex[4]" for at in range(count))
        model = cdsl.loads(spec, layout=layout).Model(dtype=torch.float64)

        def loss(theta):
            values, log_det = model.constrain_and_log_det(theta)
            return sum(((one * one).sum() for one in values), log_det)

        theta = torch.linspace(-1, 1, model.unconstrained_size, dtype=torch.float64)
        with torch.no_grad():
            graph, _ = traced(loss, [theta], [])
        merge_lanes(graph)
        graph.recompile()
        leaf = theta.clone().requires_grad_()
        expected = loss(leaf)
        expected.backward()
        value, gradient = graph(theta)
        torch.testing.assert_close(value, expected.detach(), rtol=1e-14, atol=0)
        torch.testing.assert_close(gradient, leaf.grad, rtol=0, atol=1e-14)  # entries of about 1
        return len(calls(graph))

    assert size(12) == size(6)
