"""Who is killed while overwriting a checkpoint leaves what? `python -m benchmarks.kills`, and `--write` renews the table of docs/faults.md.

Each side overwrites one file of 8 MB of float32 for ever, with one of two contents in turns, in a child of one process; each child
is killed at a random moment, with SIGKILL, and the file is compared, byte for byte, with what the side leaves when nobody kills it.
Nothing is slowed: tests/killed.py does that, and holds cdsl's own commands. A file that is neither content is torn.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

import cdsl

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
BEGIN, END = "<!-- python -m benchmarks.kills --write -->", "<!-- end -->"
ENTRIES = 2_000_000

Write = Callable[[torch.Tensor, Path], object]


def ours(raw: torch.Tensor, path: Path) -> None:
    """A model of that many parameters, saved."""
    model = MODEL(device="meta").to_empty(device="cpu")
    model.load_flat_(raw)
    model.save(path)


def pickled(raw: torch.Tensor, path: Path) -> None:
    """The standard library's way."""
    with path.open("wb") as file:
        pickle.dump(raw.numpy(), file)


MODEL = cdsl.loads(f"x: real[{ENTRIES}]\n").Model
SIDES: dict[str, Write] = {
    "`model.save`": ours,
    "`torch.save`": lambda raw, path: torch.save({"x": raw}, path),
    "`safetensors.torch.save_file`": lambda raw, path: safetensors.torch.save_file({"x": raw}, path),
    "`numpy.savez`": lambda raw, path: np.savez(path, x=raw.numpy()),
    "`pickle.dump`": pickled,
}


def killed(write: Write, times: int, folder: Path) -> tuple[int, int]:
    """How many kills left a torn file, and how many contents were found of the two that are whole."""
    target, draw = folder / "model.npz", random.Random(0)
    raws = [torch.full((ENTRIES,), number) for number in (1.0, 2.0)]
    whole = []
    for raw in raws:
        write(raw, target)
        whole.append(target.read_bytes())
    begun = time.perf_counter()
    write(raws[0], target)
    took = time.perf_counter() - begun
    assert target.read_bytes() == whole[0] != whole[1], "the same content is the same bytes"
    torn, seen = 0, set()
    for _ in range(times):
        child = os.fork()
        if not child:
            try:
                while True:
                    for raw in reversed(raws):
                        write(raw, target)
            finally:
                os._exit(1)
        time.sleep(draw.uniform(0, 3 * took))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "it wrote until it was killed"
        found = target.read_bytes() if target.exists() else b""
        torn += found not in whole
        seen |= {found} & {*whole}
        write(raws[0], target)
    return torn, len(seen)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kills", description="Kills while a checkpoint is overwritten."
    )
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="renew docs/faults.md")
    options = parser.parse_args()
    torch.set_num_threads(1)  # a process with threads is better not forked
    lines = ["| | torn files |", "| --- | --- |"]
    for name, write in SIDES.items():
        with tempfile.TemporaryDirectory() as folder:
            torn, seen = killed(write, options.times, Path(folder))
        lines.append(f"| {name} | {torn} of {options.times} |")
        print(lines[-1], f"{seen} contents", flush=True)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "safetensors", "numpy"))
    told = f"{datetime.now(tz=timezone.utc).date()}, Python {sys.version.split()[0]}, {versions}."
    table = "\n".join([*lines, "", told])
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
