"""What holds large maps back: a compiled pass of their own transcendental functions, and what a call has in memory at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

import cdsl

TURNS = 9
LARGE = (1_000_000, 10_000_000)


def exponentials(x: Tensor) -> Tensor:
    """What `positive` cannot do without: one exponential an entry, read and written once."""
    return torch.exp(x)


def logistics(x: Tensor) -> Tensor:
    """What `prob` cannot do without: an exponential and a quotient an entry, and of every 256 of them a logarithm."""
    e = torch.exp(-x.abs())
    blocks = (1 + e[: e.numel() // 256 * 256]).reshape(-1, 256).prod(-1).log()
    return 1 / (1 + e) + blocks.sum()


def running_sums(x: Tensor) -> Tensor:
    """What `ordered` cannot do without: an exponential an entry, sums from the first on, and for the gradient sums from the last."""
    return torch.cumsum(torch.cumsum(torch.exp(x), -1).flip(-1), -1)


PASSES = {"positive": exponentials, "prob": logistics, "ordered": running_sums}
LOGARITHMS = ("prob",)
"""Those whose log-det has them."""


def large(what: tuple[str, int]) -> dict[str, Any]:
    """Of a domain and a size: µs of the compiled function, of that pass and of a copy, and where the log-det has logarithms, of a function that
    does without its value; peaks of memory, in raws, beyond raw."""
    domain, size = what
    model = cdsl.loads(f"x: {domain}[{size}]").Model(dtype=torch.float64)
    theta = torch.randn(size, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) / 2
    model.load_flat_(theta)
    f = model.value_and_grad(lambda values, log_det: values.x.square().sum() + log_det)
    f(theta)
    one_pass = torch.compile(PASSES[domain], dynamic=False)

    def pass_() -> None:
        with torch.no_grad():
            one_pass(theta)

    def eager() -> None:
        model.zero_grad()
        values, log_det = model.forward_and_log_det()
        (values.x.square().sum() + log_det).backward()

    calls: dict[str, Callable[[], Any]] = {"compiled": lambda: f(theta), "pass": pass_, "copy": theta.clone}
    if domain in LOGARITHMS:
        calls["no log-det"] = without_log_det(model._declared[0].map.transform.lean().fusing(), theta)
    least = dict.fromkeys(calls, float("inf"))
    for call in calls.values():
        call()
    for _ in range(TURNS):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            least[name] = min(least[name], time.perf_counter() - begin)
    us = {name: round(1e6 * one, 1) for name, one in least.items()}
    peaks = {"eager": peak(eager), "compiled": peak(calls["compiled"])}
    return {"raw": size, "us": us, "peak": {name: round(one / (8 * size), 2) for name, one in peaks.items()}}


def without_log_det(lean: Any, theta: Tensor) -> Callable[[], Any]:
    """A map's lean form, the sum of squares and the gradient with that of the log-det, compiled: all but the log-det's value."""
    one = theta.new_ones(())

    @torch.compile(dynamic=False)
    def compiled(x: Tensor) -> tuple[Tensor, Tensor]:
        value, _, saved = lean.forward(x, None)
        return value.square().sum(), lean.backward(x, saved, value + value, one)

    return torch.no_grad()(lambda: compiled(theta))


def peak(call: Callable[[], Any]) -> int:
    """The most bytes that a call has allocated at once, what it leaves behind included."""
    call()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        call()
    held = most = 0
    for event in recorded.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return most
