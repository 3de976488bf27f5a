"""A run as a picture: a row for each parameter, with its value, its raw and the norm of its gradient over the steps."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from math import isfinite, isnan, nan
from typing import Any, NamedTuple

from cdsl.runs import SUMMARY, Run

MOST = 12
"""Rows of a picture."""
LONGEST = 24
"""Characters of a name."""
WIDE, TALL = 11.0, 0.95
"""Of the picture, and of each row, in inches."""
TOP, BOTTOM, RIGHT, GAP = 0.55, 0.5, 0.85, 0.24
"""Around the rows, and between them."""
HUES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
"""Of single entries: from Okabe and Ito's palette, which the colour-blind tell apart. Its vermilion is for what is wrong."""
WRONG, INK, QUIET = "#D55E00", "#222222", "#767676"
LARGEST = 1e300
"""What is larger is not drawn: differences of such numbers overflow."""
FORMATS = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
"""What a picture can be written as, and the metadata that would make it another each time."""
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#BBBBBB",
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#EEEEEE",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.size": 2,
    "ytick.major.size": 2,
    "lines.linewidth": 1.2,
    "lines.solid_capstyle": "round",
    "axes.formatter.limits": (-4, 5),
    "svg.fonttype": "none",
    "svg.hashsalt": "cdsl",
}


class Series(NamedTuple):
    """The numbers of one line."""

    label: str
    numbers: Sequence[float]
    colour: Any


def chosen(run: Run, only: Sequence[str]) -> list[str]:
    """The names to draw: those that were asked for; otherwise so many, what went wrong before what did not."""
    names = run.names()
    if only:
        return [name for name in names if name in only]
    wrong = [name for name in names if any(map(any, (counts(run, kind, name) for kind in ("saturated", "bound"))))]
    kept = {*[*wrong, *(name for name in names if name not in wrong)][:MOST]}
    return [name for name in names if name in kept]


def counts(run: Run, kind: str, name: str) -> list[float]:
    """How many entries were flagged at each step."""
    return next(iter(run.of(kind, name).values()), [])


def draw(run: Run, title: str, only: Sequence[str] = (), form: str = "png") -> bytes:
    """The picture, as the bytes of a file of this format."""
    import matplotlib as mpl  # noqa: PLC0415  an extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    names, every = chosen(run, only), len(run.names())
    with mpl.rc_context(mpl.rcParamsDefault), mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a name in letters that the font has not
        height = TOP + BOTTOM + (TALL + GAP) * len(names) - GAP
        begin = 0.75 + 0.08 * max(len(cut(name, LONGEST)) for name in names)
        figure = Figure(figsize=(WIDE, height), dpi=150)
        grid = figure.subplots(len(names), 3, sharex=True, squeeze=False)
        figure.subplots_adjust(
            begin / WIDE, BOTTOM / height, 1 - RIGHT / WIDE, 1 - TOP / height, wspace=0.5, hspace=GAP / TALL
        )
        for row, name in zip(grid, names, strict=True):
            draw_row(row, run, name)
        for axes, heading in zip(grid[0], ("value", "raw", "gradient norm"), strict=True):
            axes.set_title(heading, loc="left", color=QUIET, fontsize=8)
        for column in grid.T:
            lowest = next((axes for axes in reversed(column) if axes.axison), column[-1])
            lowest.set_xlabel("step", color=QUIET, fontsize=7)
            lowest.tick_params(labelbottom=True)
        aside = f"steps {run.steps[0]:,} to {run.steps[-1]:,}, {len(run.steps):,} records"
        aside += f"; {len(names)} of {every} parameters" if len(names) < every else ""
        figure.text(
            0.1 / WIDE, 1 - 0.1 / height, f"{cut(title, 60)}    {aside}", va="top", fontsize=9, color=INK, parse_math=False
        )  # fmt: skip
        file = io.BytesIO()
        figure.savefig(file, format=form, metadata=FORMATS[form])
    return file.getvalue()


def draw_row(row: Sequence[Any], run: Run, name: str) -> None:
    """One parameter, or derived value, which has neither raw nor gradient."""
    value, raw, grad = row
    where = ("figure fraction", "axes fraction")
    shown = cut(name, LONGEST)
    value.annotate(shown, (0.1 / WIDE, 0.5), xycoords=where, va="center", color=INK, weight="bold", parse_math=False)
    for axes, kind, flag, word in ((value, "value", "bound", "on its bound"), (raw, "raw", "saturated", "saturated")):
        entries = run.of(kind, name)
        if not entries:
            axes.set_axis_off()
            continue
        draw_lines(axes, run.steps, entries)
        mark(axes, run.steps, [many > 0 for many in counts(run, flag, name)], word, WRONG)
        lost = [not all(isfinite(column[at]) for column in entries.values()) for at in range(len(run.steps))]
        mark(axes, run.steps, lost, "no finite number", INK)
    norms = run.of("grad", name)
    if not norms:
        grad.set_axis_off()
        return
    (norm,) = norms.values()
    if not any(1 / LARGEST < one < LARGEST for one in norm):
        grad.text(0.5, 0.5, "no gradient", transform=grad.transAxes, ha="center", va="center", color=QUIET)
        grad.set(yticks=[])
        return
    grad.set_yscale("log")
    draw_lines(grad, run.steps, {"": [one if one > 1 / LARGEST else nan for one in norm]})
    mark(grad, run.steps, [one == 0 for one in norm], "exactly 0", QUIET)


def draw_lines(axes: Any, steps: Sequence[int], entries: dict[str, list[float]]) -> None:
    """A line for each entry with its name and last number at its end; of a summary its mean, in a band."""
    if set(entries) == set(SUMMARY):
        low, mean, high = (finite(entries[part]) for part in SUMMARY)
        axes.fill_between(steps, low, high, color=HUES[0], alpha=0.15, linewidth=0)
        lines = [Series(part[1:], one, HUES[0]) for part, one in zip(SUMMARY, (low, mean, high), strict=True)]
        axes.plot(steps, mean, color=HUES[0])
    else:
        colours = hues(len(entries))
        lines = [Series(name, finite(one), hue) for (name, one), hue in zip(entries.items(), colours, strict=True)]
        for line in lines:
            axes.plot(steps, line.numbers, color=line.colour, marker="o" if len(steps) == 1 else None, markersize=3)
    axes.margins(x=0.0, y=0.12)
    if len(lines) <= len(HUES):
        label(axes, lines)
    else:
        first, last = lines[0].label, lines[-1].label
        words = f"{len(lines)} entries,\ndark {first}\nto light {last}"
        axes.annotate(words, (1, 0.5), (4, 0), "axes fraction", "offset points", va="center", fontsize=6.5, color=QUIET)


def finite(numbers: Sequence[float]) -> list[float]:
    """Numbers with a gap for what cannot be drawn."""
    return [one if abs(one) < LARGEST else nan for one in numbers]


def hues(many: int) -> list[Any]:
    """As many colours: apart from each other, or where there are more than names for them, from dark to light."""
    if many <= len(HUES):
        return list(HUES[:many])
    import matplotlib as mpl  # noqa: PLC0415  an extra

    return [mpl.colormaps["viridis"](0.9 * at / (many - 1)) for at in range(many)]


def label(axes: Any, lines: Sequence[Series]) -> None:
    """The name and the last number of each line, beside its end; moved apart where they would touch."""
    ends = [(next((one for one in reversed(line.numbers) if not isnan(one)), None), line) for line in lines]
    found = sorted(((end, line) for end, line in ends if end is not None), key=lambda pair: pair[0])
    if not found:
        return
    axes.get_ylim()  # settles the limits
    to_axes = axes.transData + axes.transAxes.inverted()
    x = axes.get_xlim()[1]
    wanted = [float(to_axes.transform((x, end))[1]) for end, _ in found]
    for place, (end, line) in zip(apart(wanted, 0.17), found, strict=True):
        words = f"{line.label} {end:.3g}".strip()
        axes.annotate(
            words, (1, place), (4, 0), "axes fraction", "offset points", va="center", fontsize=6.5, color=line.colour
        )  # fmt: skip


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Places in ascending order, moved as little as it takes to be so far from each other; all around the middle of theirs."""
    places: list[float] = []
    for one in wanted:
        places.append(max(one, places[-1] + gap) if places else one)
    over = places[-1] - max(wanted[-1], 0.0)
    return [one - over / 2 for one in places]


def mark(axes: Any, steps: Sequence[int], flags: Sequence[bool], word: str, colour: str) -> None:
    """Shade the steps that are flagged, and say once what that means, where there is no line."""
    to_axes = (axes.transData + axes.transAxes.inverted()).transform
    heights = [to_axes((0, line.get_ydata()[at]))[1] for line in axes.lines for at, flag in enumerate(flags) if flag]
    above = not any(height > 0.8 for height in heights)
    for at, (begin, end) in enumerate(spans(steps, flags)):
        axes.axvspan(begin, end, color=colour, alpha=0.13, linewidth=0)
        if at == 0:
            right = begin > (steps[0] + steps[-1]) / 2
            axes.annotate(
                word, (end if right else begin, int(above)), (-2 if right else 2, -2 if above else 2),
                ("data", "axes fraction"), "offset points",
                ha="right" if right else "left", va="top" if above else "bottom", fontsize=6.5, color=colour,
            )  # fmt: skip


def spans(steps: Sequence[int], flags: Sequence[bool]) -> Iterator[tuple[float, float]]:
    """Where neighbours are flagged, from half a record before the first to half a record after the last."""
    begin: int | None = None
    for at, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = at
        elif not flag and begin is not None:
            first, last = between(steps, begin - 1, begin), between(steps, at - 1, at)
            yield (first, last) if first < last else (first - 0.5, last + 0.5)
            begin = None


def between(steps: Sequence[int], one: int, other: int) -> float:
    """The middle of two neighbours, or the one that there is."""
    known = [steps[at] for at in (one, other) if 0 <= at < len(steps)]
    return sum(known) / len(known)


def cut(text: str, longest: int) -> str:
    """A text as one line, the beginning of a long one."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
