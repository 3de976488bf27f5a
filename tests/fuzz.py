"""`python -m tests.fuzz`: the whole compiler over mutated specs, in one process; 0 crashes, 0 tracebacks, 0 hangs is what it must say.

    python -m tests.fuzz --count 100000            # the nightly run
    python -m tests.fuzz --seed 7 --first 1234 --count 1   # one mutant again

What is wrong is printed with its seed and the smallest text that shows the same; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from cdsl import __version__
from cdsl.checker import check
from cdsl.diagnostics import concise, errors, github, sarif, text
from cdsl.diagnostics import json as as_json
from cdsl.emit import LAYOUTS, emit
from cdsl.errors import CdslError
from cdsl.files import read_spec
from cdsl.loader import module_of
from cdsl.model import Model
from cdsl.runtime.module import named
from cdsl.source import Source
from cdsl.syntax.format import format
from cdsl.syntax.parse import parse

from .allowed import foreign
from .mutate import mutant
from .test_format import meaning
from .test_random_specs import entries

PATH = Path("fuzz.cdsl")
SECONDS = 5.0
"""What one spec may take, some thousand times what it does take."""
MOST_ENTRIES = 2000
"""Of the values of a module that is built."""


class Hangs(BaseException):
    """A spec took longer than it may; no `except Exception` of the compiler's takes it for its own."""


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """What runs here takes no more of this process's time, or raises `Hangs`: a busy machine is no hang, and nothing here waits."""

    def stop(*_: object) -> None:
        raise Hangs(f"longer than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# -- what holds of every spec ------------------------------------------------------------------------------------------


def judged(data: bytes) -> tuple[str, Model | None]:
    """What became of a spec, `unreadable`, `misspelt`, `refused` or `accepted`, and its model.

    Raises:
        AssertionError: something does not hold that holds of every spec.
    """
    source, problems = read_spec(PATH, data)
    if problems:
        reported(problems, source)
        return "unreadable", None
    spec = parse(source.text)
    model, problems = check(spec)
    assert (model is None) == errors(problems)
    reported(problems, source)
    if errors(spec.diagnostics):
        return "misspelt", None
    formatted = format(source.text)
    assert format(formatted) == formatted, "formatted again it is another text"
    again = parse(formatted)
    assert not errors(again.diagnostics), "formatted it has errors"
    assert meaning(again) == meaning(spec), "formatted it means something else"
    if model is None:
        return "refused", None
    assert check(again).model == model, "formatted it is another model"
    assert Model.model_validate_json(model.model_dump_json()) == model, "the model does not survive JSON"
    return "accepted", model


def reported(problems: Any, source: Source) -> None:
    """Every form of a report can be made, and none holds what acts on a terminal."""
    if not problems:
        return
    for one in problems:
        assert one.message
        assert one.span is None or source.first <= one.span.start <= one.span.end <= source.end
    found = [(problems, source)]
    for report in (text.render(problems, source), concise.render(found), github.render(found)):
        assert all(line.isprintable() for line in report.split("\n"))
    assert github.render(found).count("\n") == len(problems)
    assert len(json.loads(as_json.render(found))) == len(problems)
    assert len(json.loads(sarif.render(found, __version__))["runs"][0]["results"]) == len(problems)


def emitted(model: Model) -> tuple[str, ...]:
    """The module in both layouts: Python, and nothing else than the emitter writes."""
    texts = tuple(emit(model, layout=layout) for layout in LAYOUTS)
    for one in texts:
        compile(one, "<fuzz>", "exec", dont_inherit=True)
        found = list(foreign(one, model))
        assert not found, f"foreign to the emitter: {found[0]}"
    return texts


def lawful(model: Model, texts: tuple[str, ...]) -> bool:
    """Whether the module could be built of what the spec says alone; then it keeps what is promised of every module."""
    dims = {one.name: 2 for one in model.dims if one.default is None}
    if any(one.default is None for one in model.data) or not (model.parameters or model.children or model.lets):
        return False
    try:
        built = [getattr(module_of(one), model.name)(**dims, dtype=torch.float64, device="meta") for one in texts]
        if sum(one.numel() for one in (*built[0].parameters(), *built[0].buffers())) > MOST_ENTRIES:
            return False
        if sum(one.numel() for one in entries(built[0]())) > MOST_ENTRIES:
            return False
        built = [getattr(module_of(one), model.name)(**dims, dtype=torch.float64) for one in texts]
    except (CdslError, ValueError, TypeError, IndexError):
        return (
            False  # sizes, defaults or bounds that do not fit each other: known when the module is built, and said then
        )
    for one in built:
        one.randomize_(1.0, generator=torch.Generator().manual_seed(0))
    separate, packed = built
    packed.load_state_dict(separate.state_dict())
    assert torch.equal(separate.to_flat(), packed.to_flat())
    assert separate.raw_names() == packed.raw_names()
    flat = separate.constrain(separate.to_flat())
    found = [dict(named(values, "")) for values in (separate(), packed(), flat)]
    for leaf in separate._leaves():
        if any(isinstance(given, str) for given in (*leaf.one.arguments, leaf.one.loc, leaf.one.scale)):
            continue  # computed: whatever the spec says
        value, *others = (values[leaf.name] for values in found)
        assert value.isfinite().all(), f"{leaf.name} is not finite"
        for other in others:  # grouped, an entry's last bits depend on its neighbours: tests/test_packed.py
            torch.testing.assert_close(other, value, rtol=1e-12, atol=1e-12)
    return True


# -- running -----------------------------------------------------------------------------------------------------------


def tried(data: bytes, *, emits: bool = True, builds: bool = True, seconds: float = SECONDS) -> str:
    """What became of a spec, everything that holds held against it.

    Raises:
        Exception: whatever is wrong.
    """
    with no_longer_than(seconds):
        outcome, model = judged(data)
        texts = emitted(model) if model is not None and emits else ()
    if texts and builds and model is not None:
        with no_longer_than(10 * seconds):
            return "built" if lawful(model, texts) else outcome
    return outcome


def wrong(data: bytes, seconds: float) -> str:
    """Where a spec goes wrong, in one line, or nothing."""
    try:
        tried(data, seconds=seconds)
    except (Exception, Hangs) as error:
        places = [one for one in traceback.extract_tb(error.__traceback__) if "torch" not in one.filename]
        return f"{type(error).__name__} in {places[-1].name}" if places else type(error).__name__
    return ""


def minimised(data: bytes, where: str, seconds: float, most: float) -> bytes:
    """The smallest part of a spec that was found in so many seconds to go wrong in the same place: large pieces are left out, then
    smaller ones."""
    end = time.monotonic() + most
    size = max(len(data) // 2, 1)
    while size and time.monotonic() < end:
        at, before = 0, data
        while at < len(data) and time.monotonic() < end:
            less = data[:at] + data[at + size :]
            if wrong(less, seconds) == where:
                data = less
            else:
                at += size
        size = size if data != before else size // 2
    return data


def run(
    seed: str,
    first: int,
    count: int,
    *,
    every: int,
    seconds: float = SECONDS,
    shrink: float = 60,
    say: Callable[[str], None] = print,
) -> Counter[str]:
    """So many mutants, of which one in `every` that is accepted is built; what became of them, `wrong` among it.

    Each takes so many seconds at most; what is wrong is made small for at most `shrink` of them.
    """
    outcomes: Counter[str] = Counter()
    accepted, begun, slowest = 0, time.monotonic(), (0.0, 0)
    for index in range(first, first + count):
        data, started = mutant(f"{seed}/{index}"), time.process_time()
        try:
            outcome = tried(data, builds=accepted % every == 0, seconds=seconds)
        except (Exception, Hangs):
            told, where = traceback.format_exc(), wrong(data, seconds)
            say(f"mutant {index} of seed {seed}: {where}\n{told}\n{minimised(data, where, seconds, shrink)!r}")
            outcome = "wrong"
        slowest = max(slowest, (time.process_time() - started, index))
        accepted += outcome in ("accepted", "built")
        outcomes[outcome] += 1
        if (index + 1 - first) % 2000 == 0:
            gc.collect()
            if (index + 1 - first) % 10_000 == 0:
                say(f"{index + 1 - first}: {dict(outcomes)} in {time.monotonic() - begun:.0f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(
        f"{count} specs in {time.monotonic() - begun:.0f} s, {dict(outcomes)}; slowest {slowest[0]:.2f} s of its own (mutant {slowest[1]}); "
        f"{memory} MiB at most"
    )
    return outcomes


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="The compiler over mutated specs.")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--first", type=int, default=0, help="the first mutant")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=10, help="of those that are accepted, build one in so many")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="what one spec may take")
    options = parser.parse_args()
    outcomes = run(options.seed, options.first, options.count, every=options.every, seconds=options.seconds)
    sys.exit(int(outcomes["wrong"] > 0))


if __name__ == "__main__":
    main()
