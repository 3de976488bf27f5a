"""Writers that are killed at random moments: `python -m tests.killed OPERATION TIMES` says what was found, as JSON.

Every write is slowed: it goes in small parts, with a rest after each, before and after the file is synced, and before it
takes its name. A child of one process that has imported everything runs the operation, so that a kill costs milliseconds.
Every second one is killed some time after it began, the others some time after they began to write.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

REST = 0.0004
"""Seconds after each part."""
PARTS = 8
WRITING = 3 * (PARTS + 4) * REST
"""Longer than writing takes."""


@dataclass
class Operation:
    """What a child does, in turns, and what may be found after each kill."""

    turns: tuple[Callable[[], object], ...]
    target: Path
    whole: set[bytes | None]
    """Every content that the target may have; None: it is not there."""
    first: bytes | None = None
    """What the target is before each child; None: as the one before left it."""
    kept: dict[Path, bytes] = field(default_factory=dict)
    """What no kill may touch."""


def cdsl_(*arguments: str) -> Callable[[], object]:
    """A command, as the command line runs it."""
    from cdsl.cli import cdsl

    def run() -> None:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            cdsl.main(arguments, standalone_mode=False)

    return run


def contents(turns: tuple[Callable[[], object], ...], target: Path) -> set[bytes | None]:
    """What each turn leaves when nobody kills it."""
    found: set[bytes | None] = set()
    for turn in turns:
        turn()
        found.add(target.read_bytes())
    return found


def compiling(folder: Path) -> Operation:
    """Two specs, written to one file in turns."""
    for name, size in (("a", 30), ("b", 40)):
        (folder / f"{name}.cdsl").write_text("".join(f"p_{k}: prob\n" for k in range(size)))
    target = folder / "out.py"
    turns = tuple(cdsl_("compile", str(folder / f"{name}.cdsl"), "-o", str(target)) for name in "ab")
    kept = {one: one.read_bytes() for one in folder.glob("*.cdsl")}
    return Operation(turns, target, contents(turns, target), kept=kept)


def mending(folder: Path, before: str, *command: str) -> Operation:
    """A command that changes the spec itself, which is as it was before each."""
    target = folder / "spec.cdsl"
    target.write_text(before)
    turns = (cdsl_(*command, str(target)),)
    return Operation(turns, target, {before.encode(), *contents(turns, target)}, before.encode())


def formatting(folder: Path) -> Operation:
    return mending(folder, "".join(f"p_{k} :prob   # {k}\n" for k in range(60)), "fmt")


def fixing(folder: Path) -> Operation:
    return mending(folder, "".join(f"p_{k}: postive  # {k}\n" for k in range(10)), "check", "--fix", "--unsafe-fixes")


def saving(folder: Path) -> Operation:
    """Two models, saved to one file in turns."""
    import cdsl

    cls, target = cdsl.loads("x: real[20_000]").Model, folder / "model.safetensors"
    models = [cls(), cls()]
    models[1].load_flat_(models[1].to_flat() + 1)
    turns = tuple(lambda one=one: one.save(target) for one in models)
    return Operation(turns, target, contents(turns, target))


def migrating(folder: Path) -> Operation:
    """Two checkpoints, carried over to one file in turns."""
    import torch

    import cdsl

    (folder / "old.cdsl").write_text("x: real[20_000]\n")
    (folder / "new.cdsl").write_text("y: real[20_000]\n")
    target, model = folder / "new.pt", cdsl.load(folder / "old.cdsl").Old()
    for name in "ab":
        torch.save(model.state_dict(), folder / f"{name}.pt")
        model.load_flat_(model.to_flat() + 1)
    specs = (str(folder / "old.cdsl"), str(folder / "new.cdsl"))
    options = ("-o", str(target), "--force", "--rename", "x=y")
    turns = tuple(cdsl_("migrate", *specs, str(folder / f"{name}.pt"), *options) for name in "ab")
    kept = {folder / f"{name}.pt": (folder / f"{name}.pt").read_bytes() for name in "ab"}
    return Operation(turns, target, contents(turns, target), kept=kept)


def in_place(folder: Path) -> Operation:
    """As others write, opening the file and filling it: what is found then says that this would see it."""
    target = folder / "out.txt"
    whole: set[bytes | None] = {one * 60_000 for one in (b"a", b"b")}

    def write(data: bytes) -> None:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(data)

    turns = tuple(lambda one=one: write(one) for one in whole)
    turns[0]()
    return Operation(turns, target, whole)


OPERATIONS: dict[str, Callable[[Path], Operation]] = {
    "compile": compiling, "fmt": formatting, "check --fix": fixing, "migrate": migrating, "save": saving,
    "in place": in_place,
}  # fmt: skip


class SlowFile(io.BufferedWriter):
    """Writes a few bytes at a time."""

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # whatever has bytes
        step = max(1, -(-len(view) // PARTS))
        for begin in range(0, len(view), step):
            super().write(view[begin : begin + step])
            self.flush()
            time.sleep(REST)
        return len(view)


@contextlib.contextmanager
def slowed(began: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Files are written slowly, synced slowly, and take their names slowly; `began` is called when one is open for that."""
    sync, replace, opened, named = os.fsync, Path.replace, os.fdopen, Path.open

    def slow(function: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **options: object) -> object:
            time.sleep(REST)
            found = function(*arguments, **options)
            time.sleep(REST)
            return found

        return run

    def open_slowly(function: Callable[..., io.IOBase]) -> Callable[..., io.IOBase]:
        def run(*arguments: object, **options: object) -> io.IOBase:
            file = function(*arguments, **options)
            if not isinstance(file, io.BufferedWriter):
                return file
            began()
            return SlowFile(file.detach())

        return run

    os.fsync, Path.replace = slow(sync), slow(replace)  # type: ignore[assignment,method-assign]
    os.fdopen, Path.open = open_slowly(opened), open_slowly(named)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        os.fsync, Path.replace, os.fdopen, Path.open = sync, replace, opened, named  # type: ignore[method-assign]


def leftovers(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.name.startswith(".cdsl-")]


def killed(operation: Operation, times: int, draw: random.Random) -> dict[str, int]:
    """Kill so many children, and look at what is there after each."""
    began = time.perf_counter()
    with slowed():
        operation.turns[-1]()
    longest = time.perf_counter() - began
    found = {
        "kills": times,
        "torn": 0,
        "lost": 0,
        "touched": 0,
        "failed": 0,
        "while_writing": 0,
        "most_left": 0,
        "contents": 0,
    }
    seen = set()
    for number in range(times):
        if operation.first is not None:
            operation.target.write_bytes(operation.first)
        before = {*leftovers(operation.target.parent)}
        told, tell = os.pipe()
        child = os.fork()
        if not child:
            try:
                with slowed(lambda tell=tell: os.write(tell, b"w")):
                    while True:
                        for turn in (*operation.turns[number // 2 % len(operation.turns) :], *operation.turns):
                            turn()
            finally:
                os._exit(1)
        os.close(tell)
        if number % 2:
            os.read(told, 1)
        time.sleep(draw.uniform(0, WRITING if number % 2 else longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        found["failed"] += not os.WIFSIGNALED(status)
        os.close(told)
        left = {*leftovers(operation.target.parent)}
        content = operation.target.read_bytes() if operation.target.exists() else None
        found["torn"] += content is not None and content not in operation.whole
        found["lost"] += content is None
        found["touched"] += any(one.read_bytes() != data for one, data in operation.kept.items())
        found["while_writing"] += bool(left - before)
        found["most_left"] = max(found["most_left"], len(left))
        seen.add(content)
    if operation.first is not None:
        operation.target.write_bytes(operation.first)
    operation.turns[0]()
    found |= {"left": len(leftovers(operation.target.parent)), "contents": len(seen)}
    return found


def main() -> None:
    """Once for each operation that is named."""
    warnings.simplefilter("ignore")
    name, times = sys.argv[1], int(sys.argv[2])
    for one in OPERATIONS if name == "all" else [name]:
        with tempfile.TemporaryDirectory() as folder:
            found = killed(OPERATIONS[one](Path(folder)), times, random.Random(0))
        print(json.dumps({"operation": one, **found}), flush=True)  # noqa: T201  a command


if __name__ == "__main__":
    main()
