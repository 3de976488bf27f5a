"""How the compiler, a command and a module grow with the spec: `python -m benchmarks.growth`.

Three measurements: what the passes take for 1 up to 100,000 declarations; where the time of a cold `cdsl check` goes; and
what importing a compiled module and making its class take for 1 up to 10,000. Figures are seconds of one core's work, not of the
clock, so that a busy machine disturbs them little, the least of several turns. `--write` renews the tables of docs/speed.md, and its
picture, for which matplotlib is there with `pip install -e '.[benchmarks]'`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import py_compile
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.machinery import SourcelessFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

from cdsl.checker import check
from cdsl.collector import put_off
from cdsl.emit import emit
from cdsl.syntax.parse import parse, parser

DOCS = Path(__file__).parents[1] / "docs"
PICTURE = DOCS / "pictures" / "growth.svg"
BEGIN, END = "<!-- python -m benchmarks.growth --write: {} -->", "<!-- end of {} -->"
SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
MODULES = (1, 10, 100, 1_000, 10_000)
MOST_TURNS, LONGEST = 15, 6.0
"""How often a size is measured, and for about how many seconds at most; once at least."""
RUNS = 15
KINDS = ("prob", "real", "prob", "positive", "prob", "real", "simplex[4]")
SMALL = "p: prob\ns: positive\nw: simplex[4]\n"

Row = dict[str, float]

COLD = """
import json, time
marks = {{}}
def done(step):
    marks[step] = time.process_time()
done("Python")
import click
done("import click")
import pydantic
pydantic.BaseModel
done("import pydantic")
import cdsl.cli.check
done("import cdsl")
from cdsl.syntax.parse import parse, parser
parser()
done("the parser's tables")
spec = parse({spec!r})
done("parse")
from cdsl.checker import check
check(spec)
done("check")
print(json.dumps(marks))
"""
"""Says when each step of a command was done, in seconds of work since the process began."""


def spec_of(count: int) -> str:
    """A spec of so many declarations, of short names and four domains: 100,000 of them are just below the longest text."""
    rest = string.ascii_letters + string.digits
    names = map("".join, product(string.ascii_uppercase, rest, rest + "_"))
    return "".join(f"{name}:{kind}\n" for name, kind in zip(islice(names, count), cycle(KINDS), strict=False))


def turns(measure: Callable[[], Row]) -> Row:
    """The least of every figure."""
    begin, least = time.perf_counter(), measure()
    for _ in range(MOST_TURNS - 1):
        if time.perf_counter() - begin > LONGEST:
            break
        least = {name: min(figure, least[name]) for name, figure in measure().items()}
    return least


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """The work of a call, and what it returns."""
    begin = time.process_time()
    result = call()
    return time.process_time() - begin, result


def compiled(count: int) -> Row:
    """The passes."""
    text = spec_of(count)

    @put_off()
    def measure() -> Row:
        parsing, spec = seconds(lambda: parse(text))
        checking, (model, problems) = seconds(lambda: check(spec))
        if model is None:
            raise RuntimeError(f"the spec has problems, the first: {problems[0].message}")
        emitting, _ = seconds(lambda: emit(model))
        return {"parse": parsing, "check": checking, "emit": emitting, "all": parsing + checking + emitting}

    return turns(measure)


def cold() -> Row:
    """The steps of `cdsl check` for three declarations, each in its place in a process of its own; and the whole command."""
    code = COLD.format(spec=SMALL)
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "small.cdsl"
        spec.write_text(SMALL, encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "PYTHONPYCACHEPREFIX": folder,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }  # as where it is installed

        def measure() -> Row:
            marks = json.loads(subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=folder))
            before = os.times()
            command = [sys.executable, "-m", "cdsl", "check", str(spec)]
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder)
            clock, after = time.perf_counter() - begin, os.times()
            work = after.children_user + after.children_system - before.children_user - before.children_system
            steps = {
                step: end - start for (step, end), start in zip(marks.items(), (0.0, *marks.values()), strict=False)
            }
            return {**steps, "the command": work, "on the clock": clock}

        measure()  # writes the bytecode and the parser's tables
        rows = [measure() for _ in range(RUNS)]
    return {name: min(row[name] for row in rows) for name in rows[0]}


def module(count: int) -> Row:
    """A compiled module: from its source, from its bytecode, and what is done to the whole of it."""
    import cdsl
    import cdsl.runtime  # with torch, which is not what is measured

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "grown.py"
        source.write_text(cdsl.compile(spec_of(count)), encoding="utf-8")
        bytecode = f"{source}c"

        def imported() -> Any:
            loader = SourcelessFileLoader("grown", bytecode)
            found = module_from_spec(spec_from_loader("grown", loader))  # type: ignore[arg-type]  # there is one
            loader.exec_module(found)
            return found

        def measure() -> Row:
            once, _ = seconds(lambda: py_compile.compile(str(source), cfile=bytecode, doraise=True))
            importing, found = seconds(imported)
            making, model = seconds(found.Model)
            saving, state = seconds(model.state_dict)
            loading, _ = seconds(lambda: model.load_state_dict(state))
            return {"bytecode": once, "import": importing, "make": making, "state_dict": saving, "load": loading}

        return turns(measure)


def shown(figure: float) -> str:
    """Milliseconds, in three digits."""
    return f"{figure * 1e3:.3g}" if figure < 0.9995 else f"{figure * 1e3:.0f}"


def growth_table(rows: dict[int, Row]) -> Iterator[str]:
    """One line a size, in milliseconds; the last column is microseconds a declaration of the first that adds others up."""
    columns = [*next(iter(rows.values()))]
    total = "all" if "all" in columns else "make"
    yield f"| declarations | {' | '.join(f'{name}, ms' for name in columns)} | {total}, µs each |"
    yield f"| {' | '.join('---:' for _ in range(len(columns) + 2))} |"
    for count, row in rows.items():
        yield f"| {count:,} | {' | '.join(map(shown, row.values()))} | {row[total] / count * 1e6:.0f} |"


def cold_table(row: Row) -> Iterator[str]:
    """One line a step."""
    yield "| step | ms |"
    yield "| --- | ---: |"
    for name, figure in row.items():
        yield f"| {name} | {figure * 1e3:.0f} |"


def draw(found: dict[str, Any]) -> None:
    """Work against the number of declarations, both on logarithmic axes, every line with its name at its end."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {
        "svg.hashsalt": "cdsl",
        "svg.fonttype": "none",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained", facecolor="white")
    panels = (
        ("Compiling a spec", found["compiler"], ("all", "parse", "check", "emit")),
        ("A compiled module", found["module"], ("make", "bytecode", "import", "load", "state_dict")),
    )
    for axis, (title, rows, names) in zip(axes, panels, strict=True):
        counts = [*rows]
        ends = apart({name: rows[counts[-1]][name] for name in names})
        for name in names:
            (line,) = axis.loglog(
                counts, [rows[count][name] for count in counts], marker="o", markersize=3, linewidth=1.5
            )
            axis.annotate(
                name, (counts[-1], ends[name]), (6, 0), textcoords="offset points", va="center", color=line.get_color(),
                annotation_clip=False,
            )  # fmt: skip
        axis.set(title=title, xlabel="declarations", ylabel="seconds of one core")
        axis.grid(which="major", color="0.9", linewidth=0.8)
        axis.set_xlim(right=counts[-1] * 1.2)
    figure.savefig(PICTURE, metadata={"Date": None})
    pyplot.close(figure)


def apart(ends: dict[str, float], least: float = 1.55) -> dict[str, float]:
    """Where names stand that would lie on each other: each at least this many times above the one below it."""
    placed: dict[str, float] = {}
    below = 0.0
    for name in sorted(ends, key=ends.__getitem__):
        below = placed[name] = max(ends[name], below * least)
    return placed


def put(page: str, part: str, lines: Iterator[str]) -> str:
    """The page with these lines between the marks of one of its parts."""
    begin, end = BEGIN.format(part), END.format(part)
    before, _, rest = page.partition(begin)
    if end not in rest:
        raise ValueError(f"docs/speed.md has no `{begin}` with an `{end}` below it")
    written = "\n".join(lines)
    return f"{before}{begin}\n{written}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Measure and print; write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, help="keep the figures in this file")
    arguments.add_argument("--write", action="store_true", help="renew docs/speed.md and its picture")
    chosen = arguments.parse_args()
    parser()  # the tables are read, or made
    gc.freeze()
    found: dict[str, Any] = {"compiler": {}, "cold": cold(), "module": {}}
    tables = {"compiler": growth_table, "cold": cold_table, "module": growth_table}
    print("\n".join(cold_table(found["cold"])), flush=True)
    for part, sizes, measure in (("compiler", SIZES, compiled), ("module", MODULES, module)):
        for count in sizes:
            found[part][count] = measure(count)
        print("", *growth_table(found[part]), sep="\n", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if chosen.write:
        page = (DOCS / "speed.md").read_text(encoding="utf-8")
        for part, table in tables.items():
            page = put(page, part, table(found[part]))
        draw(found)
        (DOCS / "speed.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
