"""How long value, log-Jacobian and gradient take, beside torch, NumPyro and Stan: `python -m benchmarks.speed`.

Every side computes the same: the sum of the squares of all entries of the values, plus the log-Jacobian, and its gradient by
raw, in float64, on one core and one thread. A call is timed in a loop of a few milliseconds; sides take turns, and the figure is the
least of all turns. NumPyro and Stan come with `pip install -e '.[benchmarks]'`; a side that is not installed, or has no such map, shows `-`.

Figures go to a file, `docs/speed.json`, after each case, and what is there is not measured again: a run that was interrupted
goes on. `--write` makes the tables and the plots of `docs/speed.md` of that file.
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
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from benchmarks.speed.cases import COUNTS, SIZES, Case, cases, counts
from benchmarks.speed.floors import LARGE, PASSES, large
from benchmarks.speed.page import write
from benchmarks.speed.sides import (
    Call,
    ours,
    theirs_gpytorch,
    theirs_numpyro,
    theirs_parametrize,
    theirs_stan,
    theirs_torch,
)

DOCS = Path(__file__).parents[2] / "docs"
TURNS, SECONDS = (7, 40), 2.0
"""How often each side is timed at least; and at most, if all of it takes no longer than that."""
LOOP, BEFORE = 3e-3, 3
"""For how many seconds at least a side is timed in a turn, and how many calls come before it."""


def timed(calls: dict[str, Call]) -> dict[str, float]:
    """Microseconds a call, of every side, the least of many turns

    A turn begins with calls that are not timed, which find the processor's caches full of the side before; in a loop that trains
    they are its own.
    """
    loops = {name: loop_of(call) for name, call in calls.items()}
    least = dict.fromkeys(calls, float("inf"))
    began, (fewest, most) = time.perf_counter(), TURNS
    for turn in range(most):
        if turn >= fewest and time.perf_counter() > began + SECONDS:
            break
        for name, call in calls.items():
            once(call, min(BEFORE, loops[name]))
            least[name] = min(least[name], once(call, loops[name]))
    return {name: round(1e6 * one, 2) for name, one in least.items()}


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


def measure(case: Case) -> dict[str, Any]:
    """Microseconds of every side that has the case."""
    peers = {
        "torch": theirs_torch(case), "parametrize": theirs_parametrize(case), "gpytorch": theirs_gpytorch(case),
        "numpyro": theirs_numpyro(case), "stan": theirs_stan(case),
    }  # fmt: skip
    us = timed(ours(case) | {name: call for name, call in peers.items() if call is not None})
    return {"raw": case.size, "kind": case.kind, "count": case.count, "us": us}


def machine() -> str:
    """What it was measured on."""
    cpu = platform.processor() or platform.machine()
    if (found := Path("/proc/cpuinfo")).exists():
        lines = found.read_text(encoding="utf-8").splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if "model name" in line), cpu)
    libraries = [name for name in ("torch", "numpyro", "jax", "stanli") if importlib.util.find_spec(name)]
    return f"One core of {cpu}; {', '.join(f'{name} {version(name)}' for name in libraries)}."


def main() -> None:
    """Measure what is not measured yet; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="no more than 100,000 raw values, but for floors, or 400 declarations"
    )
    parser.add_argument("--anew", action="store_true", help="measure again what is in the file")
    parser.add_argument("--json", type=Path, default=DOCS / "speed.json", help="the file of figures")
    parser.add_argument("--write", action="store_true", help="renew the tables and plots of docs/speed.md")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):  # XLA has threads of its own
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    kept = json.loads(chosen.json.read_text(encoding="utf-8")) if chosen.json.exists() and not chosen.anew else {}
    found = {"machine": machine(), "cases": {}, "large": {}} | kept
    tasks = [("cases", one.name, one, measure) for one in cases(SIZES[2] if chosen.quick else SIZES[-1])]
    tasks += [("cases", one.name, one, measure) for one in counts(COUNTS[2] if chosen.quick else COUNTS[-1])]
    tasks += [
        ("large", f"{one}[{size}]", (one, size), large) for one in PASSES for size in LARGE[: 1 if chosen.quick else 2]
    ]
    for part, name, what, how in tasks:
        if name in found[part]:
            continue
        began = time.perf_counter()
        found[part][name] = how(what)
        print(f"{time.perf_counter() - began:6.1f} s  {name}: {found[part][name]}", file=sys.stderr, flush=True)
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if chosen.write:
        write(found, DOCS)


if __name__ == "__main__":
    main()
