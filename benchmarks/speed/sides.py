"""The same of every library: value, log-Jacobian and gradient of a case, as one call."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import biject_to
from torch.nn.utils import parametrize

import cdsl
from benchmarks.speed.cases import Case, raw_of
from cdsl import runtime
from cdsl.emit import LAYOUTS

Call = Callable[[], Any]

MOST_DYNAMO = 1_000
"""Raw values, up to which Dynamo's own steps are what a compiled call takes."""
MOST_COMPILED = 400
"""Declarations."""


def ours(case: Case) -> dict[str, Call]:
    """Eagerly through the module's parameters, in both layouts; eagerly of a flat vector; compiled, of a flat vector; and ahead of time."""
    separate, packed = (cdsl.loads(case.spec, layout=layout).Model(dtype=torch.float64) for layout in LAYOUTS)
    theta = raw_of(case)
    leaf = theta.clone().requires_grad_()

    loss = loss_of(case)

    def eager(model: Any) -> Call:
        model.load_flat_(theta)
        parameters = list(model.parameters())

        def call() -> None:
            for one in parameters:
                one.grad = None
            loss(*model.forward_and_log_det()).backward()

        return call

    def flat() -> None:
        leaf.grad = None
        loss(*separate.constrain_and_log_det(leaf)).backward()

    calls: dict[str, Call] = {"module": eager(separate), "flat": flat}
    if case.count > 1:
        calls |= {"packed": eager(packed), "hand": by_hand(case, leaf)}
        calls |= {} if case.read else {"loss": the_loss(case)}
    if case.count <= MOST_COMPILED:
        model = packed if case.count > 1 else separate
        calls |= {"compiled": compiled(model, loss, theta), "aot": compiled(model, loss, theta, aot=True)}
        calls |= {"arrays, aot": as_arrays(case, theta)} if case.count > 1 else {}
    if case.count == 1 and case.size <= MOST_DYNAMO:
        torch.compiler.reset()  # of the cases before: their losses have the same code, which is compiled so many times at most
        calls |= {"torch.compile": by_dynamo(lambda: loss(*separate.forward_and_log_det()), separate.parameters())}
        calls |= {"its floor": by_dynamo(lambda: torch.sum(leaf * leaf), [leaf])}
        calls |= with_running_sum(case, leaf)
        calls |= {"torch.compile, torch": torch_by_dynamo(case, theta)} if case.torch else {}
        calls |= floors_of(case, theta)
    return calls


def loss_of(case: Case) -> Callable[[Any, Tensor], Tensor]:
    """The log-Jacobian and the sum of the squares of what is read."""

    def loss(values: Any, log_det: Tensor) -> Tensor:
        for value in values if case.read is None else map(values.__getitem__, range(case.read)):
            log_det = log_det + (value * value).sum()
        return log_det

    return loss


def floors_of(case: Case, theta: Tensor) -> dict[str, Call]:
    """What a call takes that has no map; and, where the map has a lean form, that by itself, without a module: eagerly, its
    operators and those of the loss, without autograd; and by Dynamo as one `autograd.Function`."""
    lean = cdsl.loads(case.spec).Model._declared[0].map.transform.lean()
    if lean is None:
        return without_map(case.size)
    one = theta.new_ones(())

    alone, leaf = function_of(lean, case), theta.clone().requires_grad_()

    def function() -> None:
        leaf.grad = None
        value, log_det = alone(leaf)
        torch.add(log_det, (value * value).sum()).backward()

    @torch.no_grad()
    def operators() -> None:
        value, log_det, saved = lean.forward(theta, batch_of(case))
        torch.add(log_det, (value * value).sum())
        slope = one * value
        lean.backward(theta, saved, slope + slope, one)

    calls = {"operators": operators, "function": function, "lean alone": lean_by_dynamo(lean.fusing(), case, theta)}
    return without_map(case.size) | calls


def with_running_sum(case: Case, leaf: Tensor) -> dict[str, Call]:
    """By Dynamo, the sum of squares of the running sum of raw, or of the rows of the matrix that raw is put in: what a map
    cannot do without that goes from entry to entry. It is a call out of the compiled loops, and another on the way back."""
    if case.kind in ("ordered", "simplex"):

        def sums() -> Tensor:
            return torch.cumsum(leaf, -1)

    elif case.kind == "cholesky_corr":
        k = round((2 * case.size) ** 0.5 + 0.5)
        rows, columns = torch.tril_indices(k, k, -1)

        def sums() -> Tensor:
            return leaf.new_zeros(k * k).index_copy(0, rows * k + columns, leaf).reshape(k, k).cumsum(-1)

    else:
        return {}
    return {"its floor, scans": by_dynamo(lambda: torch.sum(sums() ** 2), [leaf])}


def batch_of(case: Case) -> int:
    """How many dimensions the log-Jacobian is summed over beside those of one value."""
    return int(case.kind in ("positive", "prob"))


def function_of(lean: Any, case: Case) -> Callable[[Tensor], Any]:
    """A map's lean form as one function with its derivative, without all that a module is asked before."""
    batch = batch_of(case)

    class Alone(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, raw: Tensor) -> Any:
            value, log_det, saved = lean.forward(raw, batch)
            ctx.save_for_backward(raw, *saved)
            return value, log_det

        @staticmethod
        def backward(ctx: Any, to_value: Tensor, to_log_det: Tensor) -> Any:
            raw, *saved = ctx.saved_tensors
            return lean.backward(raw, tuple(saved), to_value, to_log_det)

    function: Callable[[Tensor], Any] = Alone.apply
    return function


def lean_by_dynamo(lean: Any, case: Case, theta: Tensor) -> Call:
    """A map's lean form and the loss, by `torch.compile`, as one function with its derivative."""
    alone, leaf = function_of(lean, case), theta.clone().requires_grad_()

    def loss() -> Tensor:
        value, log_det = alone(leaf)
        total: Tensor = log_det + (value * value).sum()
        return total

    return by_dynamo(loss, [leaf])


def torch_by_dynamo(case: Case, theta: Tensor) -> Call:
    """torch's transform and the same loss, by `torch.compile`."""
    leaf = theta.clone().requires_grad_()
    ((constraint, _),) = case.torch or ()
    transform = biject_to(constraint)

    def loss() -> Tensor:
        value = transform(leaf)
        total: Tensor = transform.log_abs_det_jacobian(leaf, value).sum() + (value * value).sum()
        return total

    return by_dynamo(loss, [leaf])


def as_arrays(case: Case, theta: Tensor) -> Call:
    """The same raw values as four arrays, one of each kind, ahead of time: what is left when nothing is declared one by one."""
    each = case.count // 4
    spec = f"p: prob[{each}]\ns: positive[{each}]\nq: interval(0, 2)[{each}]\nw: simplex[{each}, 4]"

    def loss(values: Any, log_det: Tensor) -> Tensor:
        if case.read is None:
            return log_det + sum((value * value).sum() for value in values)
        return log_det + values.p[0] * values.p[0] + values.s[0] * values.s[0]

    return compiled(cdsl.loads(spec).Model(dtype=torch.float64), loss, theta, aot=True)


@cache
def without_map(size: int) -> dict[str, Call]:
    """The sum of squares of so many raw values and its gradient, by the same checks and the same compilers."""
    model = cdsl.loads(f"x: real[{size}]").Model(dtype=torch.float64)

    def squares(values: Any) -> Tensor:
        return (values.x * values.x).sum()

    theta = torch.linspace(-1, 1, size, dtype=torch.float64)
    return {"no map": compiled(model, squares, theta), "no map, aot": compiled(model, squares, theta, aot=True)}


def the_loss(case: Case) -> Call:
    """The loss alone and its gradient, of as many values that are there already."""
    each = case.count // 4
    leaves = [torch.full((), 0.5, dtype=torch.float64, requires_grad=True) for _ in range(3 * each)]
    leaves += [torch.full((4,), 0.25, dtype=torch.float64, requires_grad=True) for _ in range(each)]

    def call() -> None:
        total = torch.zeros((), dtype=torch.float64)
        for one in leaves:
            one.grad = None
            total = total + (one * one).sum()
        total.backward()

    return call


def by_dynamo(loss: Callable[[], Tensor], parameters: Iterable[Tensor]) -> Call:
    """`torch.compile` of a loss, and `backward()`."""
    compiled_loss, parameters = torch.compile(loss, fullgraph=True, dynamic=False), list(parameters)

    def call() -> None:
        for one in parameters:
            one.grad = None
        compiled_loss().backward()

    call()
    return call


def compiled(model: Any, loss: Callable[..., Tensor], theta: Tensor, **options: bool) -> Call:
    """By one graph.

    Raises:
        RuntimeError: it was not compiled.
    """
    f = model.value_and_grad(loss, **options)
    f(theta)
    if not f.compiled:
        raise RuntimeError(f"{f!r} was not compiled")
    return lambda: f(theta)


def by_hand(case: Case, leaf: Tensor) -> Call:
    """What one would write for these declarations: one vector, one call of our maps for each kind, and what is read cut out."""
    each = case.count // 4
    maps = (runtime.prob.logistic, runtime.positive.exp, runtime.interval.logistic, runtime.simplex.isometric_log_ratio)
    bounds = ((), (), (0.0, 2.0), ())

    def call() -> None:
        leaf.grad = None
        *numbers, simplexes = leaf.split([each, each, each, 3 * each])
        raws = (*numbers, simplexes.reshape(each, 3))
        total: Any = 0.0
        for at, (one, raw, given) in enumerate(zip(maps, raws, bounds, strict=True)):
            values, log_det = one.with_log_det(raw, *given, batch=1)
            total = total + log_det
            if case.read is None:
                for value in values.unbind(0):
                    total = total + (value * value).sum()
            elif at < case.read:
                total = total + values[0] * values[0]
        total.backward()

    return call


def theirs_torch(case: Case, theta: Tensor | None = None) -> Call | None:
    """Eagerly, by torch's transforms; of the raw values of the case, or of these, which may be on another device."""
    if case.torch is None:
        return None
    theta = raw_of(case) if theta is None else theta
    maps = [(biject_to(constraint), shape) for constraint, shape in case.torch]
    leaves = [one.clone().requires_grad_() for one in pieces(theta, [shape for _, shape in maps])]

    def call() -> None:
        total: Any = 0.0
        for at, (leaf, (transform, _)) in enumerate(zip(leaves, maps, strict=True)):
            leaf.grad = None
            value = transform(leaf)
            total = total + transform.log_abs_det_jacobian(leaf, value).sum()
            if case.read is None or at < case.read:
                total = total + (value * value).sum()
        total.backward()

    return call


def theirs_parametrize(case: Case) -> Call | None:
    """Eagerly, by torch's transforms as parametrizations: without a log-Jacobian, which these do not have."""
    if case.torch is None:
        return None

    class Constrained(nn.Module):
        def __init__(self, constraint: Any) -> None:
            super().__init__()
            self.transform = biject_to(constraint)

        def forward(self, raw: Tensor) -> Tensor:
            value: Tensor = self.transform(raw)
            return value

    module = nn.Module()
    for at, ((constraint, shape), raw) in enumerate(
        zip(case.torch, pieces(raw_of(case), [s for _, s in case.torch]), strict=True)
    ):
        del shape
        module.register_parameter(f"x{at}", nn.Parameter(raw.clone()))
        parametrize.register_parametrization(module, f"x{at}", Constrained(constraint), unsafe=True)
    parameters = list(module.parameters())
    return summed(lambda: [getattr(module, f"x{at}") for at in range(case.read or case.count)], parameters)


def theirs_gpytorch(case: Case) -> Call | None:
    """Eagerly, by GPyTorch's constraints, of which `Positive` and `Interval` have maps; likewise without a log-Jacobian."""
    if importlib.util.find_spec("gpytorch") is None or case.kind not in ("positive", "prob"):
        return None
    from gpytorch.constraints import Interval, Positive

    constraint = (
        Positive(transform=torch.exp, inv_transform=torch.log) if case.kind == "positive" else Interval(0.0, 1.0)
    )
    constraint = constraint.double()
    leaf = raw_of(case).requires_grad_()
    return summed(lambda: [constraint.transform(leaf)], [leaf])


def summed(read: Callable[[], list[Tensor]], parameters: list[Tensor]) -> Call:
    """The sum of squares of what is read, and `backward()`."""

    def call() -> None:
        for one in parameters:
            one.grad = None
        total: Any = 0.0
        for value in read():
            total = total + (value * value).sum()
        total.backward()

    return call


def theirs_numpyro(case: Case) -> Call | None:
    """NumPyro's transforms and JAX's gradient, jitted as one function."""
    if importlib.util.find_spec("numpyro") is None or not case.numpyro:
        return None
    import jax
    import numpy
    from numpyro.distributions import biject_to as bijection
    from numpyro.distributions import constraints as c

    jax.config.update("jax_enable_x64", True)
    maps = [(bijection(eval(f"c.{name}", {"c": c})), shape) for name, shape in case.numpyro]
    raw = raw_of(case).numpy()

    def loss(theta: Any) -> Any:
        total = 0.0
        start = 0
        for at, (transform, shape) in enumerate(maps):
            length = int(numpy.prod(shape))
            one = theta[start : start + length].reshape(shape)
            start += length
            value = transform(one)
            total = total + transform.log_abs_det_jacobian(one, value).sum()
            if case.read is None or at < case.read:
                total = total + (value * value).sum()
        return total

    both = jax.jit(jax.value_and_grad(loss))

    def call() -> None:
        both(raw)[1].block_until_ready()

    return call


def theirs_stan(case: Case) -> Call | None:
    """Stan, through stanli."""
    if importlib.util.find_spec("stanli") is None:
        return None
    import stanli

    declared, squares = case.stan
    model = stanli.Model(stan_code=f"parameters {{ {declared} }} model {{ target += {squares}; }}")
    raw = raw_of(case).numpy()
    return lambda: model.log_prob_grad(raw)


def pieces(theta: Tensor, shapes: list[tuple[int, ...]]) -> list[Tensor]:
    """A flat vector in pieces of these shapes."""
    parts = theta.split([torch.Size(shape).numel() for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
