"""How long value, log-Jacobian and gradient take, beside torch, NumPyro and Stan: `python -m benchmarks.speed`.

Every side computes the same: the sum of the squares of all entries of the values, plus the log-Jacobian, and its gradient by
raw, in float64, on one core and one thread. A call is timed in a loop of a few milliseconds; sides take turns, and the figure is the
least of all turns. NumPyro and Stan come with `pip install -e '.[benchmarks]'`; a side that is not installed, or has no such map, shows `-`.
"""

from __future__ import annotations

import os

os.environ |= {  # read when the libraries are imported
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}

import argparse
import importlib.util
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributions import biject_to, constraints

import cdsl

DOCS = Path(__file__).parents[1] / "docs" / "speed.md"
BEGIN, END = "<!-- python -m benchmarks.speed --write -->", "<!-- end -->"
SIDES = ("module", "flat", "compiled", "aot", "torch", "numpyro", "stan")
RATIOS = (("torch", "module"), ("numpyro", "compiled"), ("stan", "compiled"), ("stan", "aot"))
SIZES = (10, 1_000, 100_000, 1_000_000)
TURNS, LOOP = 7, 3e-3
"""How often each side is timed, and for how many seconds at least."""

Call = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """A model, in every library's words; `None` where it has none."""

    name: str
    size: int
    """How many raw values."""
    spec: str
    torch: list[tuple[Any, tuple[int, ...]]] | None
    """Each constraint, and the shape of its raw."""
    numpyro: list[tuple[str, tuple[int, ...]]]
    """None of them for hundreds of declarations: XLA takes minutes to compile these."""
    stan: tuple[str, str]
    """Declarations, and what of them is summed."""
    read: int | None = None
    """How many values the loss reads, the first; None: all of them."""


def cases(most: int) -> Iterator[Case]:
    """Every domain at every size up to the most, and many small declarations."""
    for size in (one for one in SIZES if one <= most):
        yield vector("positive", size, size, constraints.positive, "positive", "vector<lower=0>[{}]")
        yield vector("prob", size, size, constraints.unit_interval, "unit_interval", "vector<lower=0, upper=1>[{}]")
        yield vector("ordered", size, size, None, "ordered_vector", "ordered[{}]")
        yield vector("simplex", size, size + 1, constraints.simplex, "simplex", "simplex[{}]")
        k = round((2 * size) ** 0.5 + 0.5)
        raw = k * (k - 1) // 2
        yield vector("cholesky_corr", raw, k, constraints.corr_cholesky, "corr_cholesky", "cholesky_factor_corr[{}]")
        yield vector("cholesky_cov", raw, k - 1, None, "lower_cholesky", "cholesky_factor_cov[{}]")
    if most > SIZES[2]:  # these take minutes to compile
        yield many(100, 2)
        yield many(100, None)


def vector(domain: str, raw: int, size: int, in_torch: Any, in_numpyro: str, in_stan: str) -> Case:
    """One declaration."""
    return Case(
        name=f"{domain}[{size}]",
        size=raw,
        spec=f"x: {domain}[{size}]",
        torch=None if in_torch is None else [(in_torch, (raw,))],
        numpyro=[(in_numpyro, (raw,))],
        stan=(f"{in_stan.format(size)} x;", "dot_self(to_vector(x))"),
    )


def many(each: int, read: int | None) -> Case:
    """Declarations of four kinds, as many of each; the loss reads all, or a probability and a scale."""
    kinds = (
        ("p", "prob", constraints.unit_interval, (), "real<lower=0, upper=1> {};", "square({})"),
        ("s", "positive", constraints.positive, (), "real<lower=0> {};", "square({})"),
        ("q", "interval(0, 2)", constraints.interval(0.0, 2.0), (), "real<lower=0, upper=2> {};", "square({})"),
        ("w", "simplex[4]", constraints.simplex, (3,), "simplex[4] {};", "dot_self({})"),
    )
    ones = [(f"{name}{at}", *rest) for at in range(each) for name, *rest in kinds]
    return Case(
        name=f"{len(ones)} declarations, {read or 'all'} read",
        size=6 * each,
        spec="\n".join(f"{name}: {domain}" for name, domain, *_ in ones),
        torch=[(constraint, shape) for _, _, constraint, shape, *_ in ones],
        numpyro=[],
        stan=(
            "\n".join(declared.format(name) for name, _, _, _, declared, _ in ones),
            " + ".join([squared.format(name) for name, *_, squared in ones][:read]),
        ),
        read=read,
    )


def raw_of(case: Case) -> Tensor:
    """The same raw values for every side."""
    return torch.randn(case.size, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) / 2


def ours(case: Case) -> dict[str, Call]:
    """Eagerly through the module's parameters; and of a flat vector: eagerly, compiled, and compiled ahead of time."""
    model = cdsl.loads(case.spec).Model(dtype=torch.float64)
    theta = raw_of(case)
    model.load_flat_(theta)
    parameters = list(model.parameters())
    leaf = theta.clone().requires_grad_()

    def loss(values: Any, log_det: Tensor) -> Tensor:
        total = log_det
        for value in values[: case.read]:
            total = total + (value * value).sum()
        return total

    def module() -> None:
        for one in parameters:
            one.grad = None
        loss(*model.forward_and_log_det()).backward()

    def flat() -> None:
        leaf.grad = None
        loss(*model.constrain_and_log_det(leaf)).backward()

    compiled, aot = model.value_and_grad(loss), model.value_and_grad(loss, aot=True)
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "error", message="value_and_grad"
        )  # that it is not compiled, or otherwise than was asked
        compiled(theta)
        aot(theta)
    return {"module": module, "flat": flat, "compiled": lambda: compiled(theta), "aot": lambda: aot(theta)}


def theirs_torch(case: Case) -> Call | None:
    """Eagerly, by torch's transforms."""
    if case.torch is None:
        return None
    theta = raw_of(case)
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


def timed(calls: dict[str, Call]) -> dict[str, float]:
    """Microseconds a call, of every side, the least of many turns."""
    loops = {name: loop_of(call) for name, call in calls.items()}
    least = dict.fromkeys(calls, float("inf"))
    for _ in range(TURNS):
        for name, call in calls.items():
            least[name] = min(least[name], once(call, loops[name]))
    return {name: 1e6 * one for name, one in least.items()}


def loop_of(call: Call) -> int:
    """How many calls take so long that the clock and the loop count for nothing."""
    call()
    loops = 1
    while once(call, loops) * loops < LOOP:
        loops *= 2
    return loops


def once(call: Call, loops: int) -> float:
    """Seconds a call."""
    begin = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - begin) / loops


def measure(case: Case) -> dict[str, float]:
    """Microseconds of every side that has the case."""
    peers = {"torch": theirs_torch(case), "numpyro": theirs_numpyro(case), "stan": theirs_stan(case)}
    return timed(ours(case) | {name: call for name, call in peers.items() if call is not None})


def machine() -> str:
    """What it was measured on."""
    cpu = platform.processor() or platform.machine()
    if (found := Path("/proc/cpuinfo")).exists():
        names = [
            line.partition(":")[2].strip()
            for line in found.read_text(encoding="utf-8").splitlines()
            if "model name" in line
        ]
        cpu = next(iter(names), cpu)
    libraries = [name for name in ("torch", "numpyro", "jax", "stanli") if importlib.util.find_spec(name)]
    return f"One core of {cpu}; {', '.join(f'{name} {version(name)}' for name in libraries)}."


def shown(figure: float | None) -> str:
    """A figure in three digits."""
    if figure is None:
        return "-"
    return f"{figure:.0f}" if figure >= 99.5 else f"{figure:.3g}"


def table(found: list[dict[str, Any]]) -> Iterator[str]:
    """One line a case: raw values, µs of each side, and ratios: how many times as long the other takes."""
    head = ["case", "raw", *SIDES, *(f"{other}/{own}" for other, own in RATIOS)]
    rows = [
        [
            one["case"], str(one["raw"]), *(shown(one["us"].get(side)) for side in SIDES),
            *(shown(one["us"][other] / one["us"][own] if other in one["us"] else None) for other, own in RATIOS),
        ]
        for one in found
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 100,000 raw values, of one declaration, alone")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--write", action="store_true", help="renew the table of docs/speed.md")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):  # XLA has threads of its own
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = []
    for case in cases(SIZES[2] if chosen.quick else SIZES[3]):
        began = time.perf_counter()
        found.append({"case": case.name, "raw": case.size, "us": measure(case)})
        print(f"{time.perf_counter() - began:6.1f} s  {case.name}", file=sys.stderr, flush=True)
        if chosen.json:  # after each: the next may take long
            chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    lines = "\n".join([machine(), "", *table(found)])
    print(lines)
    if chosen.write:
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
