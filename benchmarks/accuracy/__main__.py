"""The table: measured and printed, with `--write` in `docs/accuracy.md`, with `--json FILE` kept as figures."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.accuracy.figures import Figures, measure, raws
from benchmarks.accuracy.rows import ROWS, Row
from benchmarks.accuracy.sides import SIDES, sides_of

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "cdsl" / "measured.json"
DOCS = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- python -m benchmarks.accuracy --write -->", "<!-- end -->"
FIGURES = {"value": "value", "log-det": "log_det", "slope": "slope", "back": "back"}


def figures(row: Row, kind: str, dtype: torch.dtype) -> dict[str, Figures]:
    """Every side of one row."""
    raw = raws(row, kind, dtype)
    sides = sides_of(row, dtype).items()
    return {name: Figures() if side is None else measure(row, side, raw) for name, side in sides}


def line(row: Row, kind: str, dtype: torch.dtype) -> dict[str, Any]:
    """One line of the table, as data."""
    return {
        "map": str(row),
        "raws": kind,
        "dtype": str(dtype).removeprefix("torch."),
        "value_in": "ulp" if row.in_ulp else "max",
        "back_in": "value" if row.back_to_value else "raw",
        "sides": {name: vars(one) for name, one in figures(row, kind, dtype).items()},
    }


def measured(found: list[tuple[Row, dict[str, Any]]]) -> dict[str, dict[str, float | str]]:
    """What `cdsl types NAME` shows: our worst figures of each map, float64, ordinary raws; and what they are counted in."""
    shown: dict[str, dict[str, Any]] = {}
    for row, one in found:
        if (one["raws"], one["dtype"]) == ("ordinary", "float64"):
            worst_yet = shown.setdefault(row.name, {"value_in": "ulp" if row.in_ulp else f"eps of the {beside(row)}"})
            if row.back_to_value:
                worst_yet["inverse_in"] = "ulp of the value" if row.in_ulp else "eps of the value"
            for name, figure in (("value", "value"), ("inverse", "back"), ("log_det", "log_det")):
                if one["sides"]["cdsl"][figure] is not None:
                    worst_yet[name] = max(worst_yet.get(name, 0.0), float(f"{one['sides']['cdsl'][figure]:.2g}"))
    return shown


def beside(row: Row) -> str:
    """What a value that is not counted in ulp is measured by, in words."""
    ends = "argument" if row.arguments else "bound"
    if row.sizes:
        return f"largest entry or {ends}" if row.ends else "largest entry"
    return f"larger of value and {ends}s"


def shown(figure: float | None) -> str:
    """A figure in three characters or so; what differences leave of 0 is 0."""
    if figure is None:
        return "-"
    if math.isinf(figure):
        return "∞"
    if figure < 1e-3:
        return "0"
    if figure < 99.5:
        return f"{figure:.2g}"
    return f"{figure:.0f}" if figure < 999.5 else f"{figure:.0e}".replace("e+0", "e").replace("e+", "e")


def table(found: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each map, kind of raws and dtype; a column for each figure with the sides in order."""
    head = ["map", "in", "raws", "dtype", *(f"{name}: {' / '.join(SIDES)}" for name in FIGURES)]
    rows = [
        [
            one["map"], f"{one['value_in']}, {one['back_in']}", one["raws"], one["dtype"],
            *(" / ".join(shown(one["sides"][side][figure]) for side in SIDES) for figure in FIGURES.values()),
        ]
        for one in found
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--write", action="store_true", help="renew the table of docs/accuracy.md")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for row in ROWS:
        began = time.perf_counter()
        found += [(row, line(row, kind, dtype)) for kind, dtype in row.kinds]
        print(f"{time.perf_counter() - began:6.1f} s  {row}", file=sys.stderr, flush=True)
    lines = "\n".join(table([one for _, one in found]))
    print(lines)
    if chosen.json:
        chosen.json.write_text(json.dumps([one for _, one in found], indent=1) + "\n", encoding="utf-8")
    if chosen.write:
        MEASURED.write_text(json.dumps(measured(found), indent=1) + "\n", encoding="utf-8")
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
