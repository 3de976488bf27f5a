"""Where the time of a cold `cdsl check` goes: `python benchmarks/startup.py`.

Each row is a fresh process that does what the row above does and a little more; the figure is the least wall time of many
runs, and the difference is what the step costs. The last row is the whole command on a spec of three lines. The goal is 350 ms
on a machine of two cores; torch, for comparison, stands below.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEC = "p: prob\ns: positive\nw: simplex[4]\n"
RUNS = 15

STEPS = {
    "python": "pass",
    "+ click": "import click",
    "+ pydantic": "import click, pydantic; pydantic.BaseModel",
    "+ lark": "import click, pydantic, lark; pydantic.BaseModel",
    "+ cdsl": "import cdsl.cli",
    "+ parser tables": "import cdsl.cli; from cdsl.syntax.parse import parser; parser()",
}


def least(command: list[str], runs: int = RUNS) -> float:
    """The least wall time of a command over many runs, in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as directory:
        spec = Path(directory) / "mixture.cdsl"
        spec.write_text(SPEC, encoding="utf-8")
        commands = {name: [sys.executable, "-c", code] for name, code in STEPS.items()}
        commands["cdsl check"] = [sys.executable, "-m", "cdsl", "check", str(spec)]
        before = 0.0
        print(f"{'step':18}{'total ms':>10}{'step ms':>10}")
        for name, command in commands.items():
            total = least(command)
            print(f"{name:18}{total:10.0f}{total - before:10.0f}")
            before = total
        print(f"{'import torch':18}{least([sys.executable, '-c', 'import torch'], 3):10.0f}")


if __name__ == "__main__":
    main()
