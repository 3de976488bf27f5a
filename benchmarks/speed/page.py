"""Figures → the tables and plots of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SIDES = ("module", "flat", "compiled", "aot", "torch", "parametrize", "gpytorch", "numpyro", "stan")
DYNAMO = ("torch.compile", "its floor", "its floor, scans", "lean alone", "torch.compile, torch")
DYNAMO_RATIOS = (
    *((side, "its floor") for side in DYNAMO if side != "its floor"),
    ("torch.compile", "its floor, scans"),
)
ARRAYS = ("aot", "arrays, aot", "stan")
CALLS = ("compiled", "no map", "aot", "no map, aot", "stan")
EAGER = ("module", "function", "operators", "torch")
RATIOS = (("torch", "module"), ("numpyro", "compiled"), ("stan", "compiled"), ("stan", "aot"))
MANY_SIDES = ("module", "packed", "flat", "hand", "loss", "compiled", "aot", "torch", "parametrize", "stan")
MANY_RATIOS = (("torch", "packed"), ("packed", "hand"), ("stan", "compiled"), ("stan", "aot"))

COLOURS = {
    "module": "#0b6e99", "packed": "#0b6e99", "flat": "#56b4e9", "compiled": "#003f5c", "aot": "#009e73",
    "loss": "#bbbbbb", "torch": "#d55e00", "parametrize": "#e69f00", "gpytorch": "#f0b060", "numpyro": "#cc79a7", "stan": "#777777", "hand": "#999933",
}  # fmt: skip
"""Told apart by those who see fewer colours, and named beside each line."""


def write(found: Row, docs: Path) -> None:
    """Renew the page: each table between its markers, each plot beside it."""
    page = docs / "speed.md"
    text = page.read_text(encoding="utf-8")
    single = {name: one for name, one in found["cases"].items() if one["count"] == 1}
    many = {name: one for name, one in found["cases"].items() if one["count"] > 1}
    tables = {
        "sizes": [found["machine"], "", *timings(single, SIDES, RATIOS)],
        "dynamo": [*timings(of_sides(single, DYNAMO[:2]), DYNAMO, DYNAMO_RATIOS)],
        "calls": [*timings(of_sides(single, CALLS[:-1]), CALLS, (("stan", "no map"), ("stan", "no map, aot")))],
        "arrays": [*timings(of_sides(many, ARRAYS), ARRAYS, (("stan", "aot"), ("stan", "arrays, aot")))],
        "eager": [
            *timings(
                of_sides(single, EAGER[:-1]),
                EAGER,
                (("torch", "module"), ("torch", "function"), ("torch", "operators")),
            )
        ],
        "declarations": [*timings(many, MANY_SIDES, MANY_RATIOS)],
        "large": [*floors(found["large"])],
    }
    for name, lines in tables.items():
        before, begin, rest = text.partition(f"<!-- {name}: python -m benchmarks.speed --write -->\n")
        if not begin:
            raise ValueError(f"{page} has no marker of the table `{name}`")
        text = before + begin + "\n".join(lines) + "\n<!-- end -->" + rest.partition("<!-- end -->")[2]
    page.write_text(text, encoding="utf-8")
    plot_sizes(single, docs / "pictures" / "speed_sizes.svg")
    plot_counts(many, docs / "pictures" / "speed_declarations.svg")


def timings(found: Row, sides: Sequence[str], ratios: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One line a case: raw values, µs of each side, and how many times as long another takes."""
    head = ["case", "raw", *sides, *(f"{other}/{own}" for other, own in ratios)]
    rows = []
    for name, one in found.items():
        us = one["us"]
        shares = [us[other] / us[own] if other in us and own in us else None for other, own in ratios]
        rows.append([name, f"{one['raw']:,}", *(shown(us.get(side)) for side in sides), *map(shown, shares)])
    return aligned(head, rows)


def of_sides(found: Row, sides: Sequence[str]) -> Row:
    """The cases that all of these sides have."""
    return {name: one for name, one in found.items() if all(side in one["us"] for side in sides)}


def floors(found: Row) -> Iterator[str]:
    """One line a case: µs, the share of the pass, and peaks of memory."""
    sides = ("compiled", "no log-det", "pass", "copy")
    head = ["case", *sides, "compiled/pass", "no log-det/pass", "peak eager", "peak compiled"]
    rows = []
    for name, one in found.items():
        us, peak = one["us"], one["peak"]
        shares = [us[side] / us["pass"] if side in us else None for side in sides[:2]]
        figures = [*map(us.get, sides), *shares, peak["eager"], peak["compiled"]]
        rows.append([name, *map(shown, figures)])
    return aligned(head, rows)


def aligned(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A table in Markdown, its columns of one width."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"


def shown(figure: float | None) -> str:
    """A figure in three digits."""
    if figure is None:
        return "-"
    return f"{figure:,.0f}" if figure >= 99.5 else f"{figure:.3g}"


def plot_sizes(found: Row, file: Path) -> None:
    """Time against the number of raw values, a panel for each domain."""
    kinds = list(dict.fromkeys(one["kind"] for one in found.values()))
    panels = [(kind, [one for one in found.values() if one["kind"] == kind]) for kind in kinds]
    plot(panels, lambda one: one["raw"], "raw values", SIDES, file, columns=3)


def plot_counts(found: Row, file: Path) -> None:
    """Time against the number of declarations, for few and for all of them read."""
    kinds = list(dict.fromkeys(one["kind"] for one in found.values()))
    panels = [(kind, [one for one in found.values() if one["kind"] == kind]) for kind in kinds]
    plot(panels, lambda one: one["count"], "declarations", MANY_SIDES, file, columns=2)


def plot(
    panels: list[tuple[str, list[Row]]],
    across: Callable[[Row], float],
    label: str,
    sides: Sequence[str],
    file: Path,
    columns: int,
) -> None:
    """Log-log lines, each named at its end."""
    import matplotlib.pyplot as plt  # the one thing here that needs it

    plt.rcParams |= {"svg.hashsalt": "cdsl", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(4 * columns, 3 * rows), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (title, found) in zip(axes.flat, panels, strict=False):
        ends = []
        for side in sides:
            points = sorted((across(one), one["us"][side]) for one in found if side in one["us"])
            if points:
                axis.loglog(*zip(*points, strict=True), "o-", color=COLOURS[side], markersize=3, linewidth=1.4)
                ends.append((points[-1], side))
        ends.sort(key=lambda end: end[0][1])
        for ((x, _), side), y in zip(ends, apart([y for (_, y), _ in ends]), strict=True):
            axis.annotate(
                side, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7.5, color=COLOURS[side]
            )
        axis.set_title(title, loc="left", fontweight="bold")
        axis.grid(True, which="major", color="#e5e5e5")
        axis.set_axisbelow(True)
        axis.margins(x=0.28)
    for axis in axes[:, 0]:
        axis.set_ylabel("µs a call")
    for axis in axes[-1]:
        axis.set_xlabel(label)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def apart(ends: list[float], factor: float = 1.55) -> list[float]:
    """Where names stand, from below: at the ends of their lines, apart from one another, and none far above the highest line."""
    places: list[float] = []
    for y in ends:
        places.append(max(y, places[-1] * factor if places else 0.0))
    down = max(1.0, places[-1] / (1.5 * ends[-1])) if places else 1.0
    return [place / down for place in places]
