"""How long value, log-Jacobian and gradient take on a CUDA device, beside torch and NumPyro: `python -m benchmarks.cuda --write`.

The cases, the loss and the raw values of `benchmarks.speed`. A side is called again and again, and the device waited for once, at the
end of some milliseconds of calls: what is shown is what a step of training adds, the least of some turns. `--write` renews the table of docs/speed.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import cdsl
from benchmarks.speed.cases import Case, cases, counts, raw_of
from benchmarks.speed.page import aligned, shown
from benchmarks.speed.sides import Call, compiled, loss_of, theirs_torch, torch_by_dynamo

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
BEGIN, END = "<!-- cuda: python -m benchmarks.cuda --write -->\n", "<!-- end -->"
SIDES = ("module", "graph", "compiled", "torch", "torch, compiled", "numpyro")
RATIOS = (("torch", "module"), ("torch, compiled", "compiled"), ("numpyro", "compiled"))
SIZES, COUNTS = (1_000, 1_000_000), (40, 400)
TURNS, SECONDS = 7, 1e-2


def ours(case: Case, theta: Tensor) -> dict[str, Call]:
    """Eagerly; the same captured as a CUDA graph; and by `value_and_grad`."""
    model: Any = cdsl.loads(case.spec, layout="packed").Model(dtype=torch.float64).cuda()
    model.load_flat_(theta)
    loss = loss_of(case)

    def module() -> None:
        model.raw.grad = None
        loss(*model.forward_and_log_det()).backward()

    return {"module": module, "graph": captured(module, model), "compiled": compiled(model, loss, theta)}


def captured(call: Call, model: Any) -> Call:
    """A call as a graph, which is replayed."""
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(beside)
    model.raw.grad = None
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


def by_torch(case: Case, theta: Tensor) -> dict[str, Call]:
    """By torch's transforms, eagerly and, of one declaration, by `torch.compile`."""
    torch.compiler.reset()
    eager = theirs_torch(case, theta)
    if eager is None:
        return {}
    return {"torch": eager} | ({"torch, compiled": torch_by_dynamo(case, theta)} if case.count == 1 else {})


def by_numpyro(case: Case, theta: Tensor) -> dict[str, Call]:
    """NumPyro's transforms and JAX's gradient, jitted as one function, of an array that is on the device."""
    if importlib.util.find_spec("numpyro") is None or not case.numpyro:
        return {}
    import jax
    from numpyro.distributions import biject_to as bijection
    from numpyro.distributions import constraints as c

    jax.config.update("jax_enable_x64", True)
    ((name, _),) = case.numpyro
    transform = bijection(getattr(c, name))

    def loss(raw: Any) -> Any:
        value = transform(raw)
        return transform.log_abs_det_jacobian(raw, value).sum() + (value * value).sum()

    both, raw = jax.jit(jax.value_and_grad(loss)), jax.device_put(theta.cpu().numpy(), jax.devices("gpu")[0])
    results: list[Any] = []

    def call() -> None:
        results[:] = [both(raw)]

    def wait() -> None:
        results[0][1].block_until_ready()

    call.wait = wait  # type: ignore[attr-defined]
    return {"numpyro": call}


def timed(calls: dict[str, Call]) -> dict[str, float]:
    """Microseconds a call, of every side."""

    def once(call: Call, loops: int) -> float:
        begin = time.perf_counter()
        for _ in range(loops):
            call()
        getattr(call, "wait", torch.cuda.synchronize)()
        return (time.perf_counter() - begin) / loops

    loops, least = {}, dict.fromkeys(calls, float("inf"))
    for name, call in calls.items():
        once(call, 3)
        loops[name] = max(1, round(SECONDS / once(call, 3)))
    for _ in range(TURNS):  # the sides of one library in turn
        for name, call in calls.items():
            least[name] = min(least[name], once(call, loops[name]))
    return {name: 1e6 * one for name, one in least.items()}


def rows() -> Iterator[list[str]]:
    """One line a case."""
    chosen = [one for one in cases(max(SIZES)) if round(one.size, -3) in SIZES]
    chosen += [one for one in counts(max(COUNTS)) if one.count in COUNTS]
    us: dict[str, dict[str, float]] = {case.name: {} for case in chosen}
    for sides in (ours, by_torch, by_numpyro):
        for case in chosen:
            us[case.name] |= timed(sides(case, raw_of(case).cuda()))
            torch.cuda.empty_cache()
            print(case.name, us[case.name], file=sys.stderr, flush=True)
    for case in chosen:
        own = us[case.name]
        shares = [own[other] / own[side] if other in own else None for other, side in RATIOS]
        yield [case.name, f"{case.size:,}", *map(shown, map(own.get, SIDES)), *map(shown, shares)]


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table of docs/speed.md")
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("benchmarks.cuda: expected a CUDA device, found none")
    head = ["case", "raw", *SIDES, *(f"{other}/{own}" for other, own in RATIOS)]
    machine = f"One {torch.cuda.get_device_name()}; torch {torch.__version__}."
    lines = "\n".join([machine, "", *aligned(head, list(rows()))])
    print(lines)
    if chosen.write:
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{begin}{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
