"""The catalogue of the docs, from the registry: `python docs/make.py` writes `docs/domains.md`, a picture for every domain, and
`docs/reference.md`.

A domain of numbers is drawn as its transforms, value against raw; one of vectors as values of three entries, with raws from
N(0, 1), in space; one of matrices as four such values. Each picture is SVG of 10 kB at most, in colours that are read on a light
ground and on a dark one. What the registry gains the pages gain; tests hold that they are fresh.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import cdsl
from cdsl import catalogue
from cdsl.constraints import domains
from cdsl.constraints.base import Domain
from cdsl.diagnostics.codes import CODES
from cdsl.limits import LIMITS
from cdsl.show.html import Markup, element
from cdsl.syntax.parse import grammar_text

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
SIDE = {1: (4,), 2: (4, 3), 3: (4, 3, 1)}
"""Sizes of a matrix to draw, by how many sizes a spec writes for it."""
KINDS = ("Numbers", "Vectors", "Matrices")
"""What a value is, by how many axes it has."""

WIDE, HIGH, LOW = 420, 230, 146
LEFT, RIGHT, TOP, BOTTOM = 46, 126, 16, 30
"""Of a picture, LOW being the height of one of matrices, and the margins of the frame of curves."""
GREY = "#7a7a7a"
COLOURS = ("#2a7fd4", "#c8701a", "#2e8f57", "#c4588f", "#8a63d2", "#14909a", "#9a7440", "#d04545")
BELOW, ABOVE = COLOURS[0], COLOURS[7]
"""Of entries below 0, and above."""


def page() -> str:
    """`docs/domains.md`."""
    every, rows = [*domains().values()], accuracy()
    blocks = [
        "# Domains",
        "Made by `docs/make.py` from the registry. `cdsl types NAME` prints one of these at the terminal.",
        "\n".join(f"* **{kind}**: {', '.join(map(link, those))}" for kind, those in of_each_kind(every)),
        "In the tables *value*, *log-det*, its *slope*, and the way *back* are the worst errors of ordinary raws in float64: of "
        "cdsl / torch / NumPyro / Stan, where `∞` is no digit right or not finite, and `-` no such map. "
        "[accuracy.md](accuracy.md) says what they are counted in, and has extreme raws, float32 and larger sizes.",
    ]
    for domain in every:
        blocks += [
            f"## `{catalogue.written(domain)}`",
            f"![{domain.name}: {domain.summary}](pictures/{domain.name}.svg)",
            f"```text\n{catalogue.page(domain)}```",
            table_of(rows[domain.name]),
        ]
    return "\n\n".join(blocks) + "\n"


def of_each_kind(every: Sequence[Domain]) -> Iterator[tuple[str, list[Domain]]]:
    """The domains of numbers, of vectors and of matrices."""
    for axes, kind in enumerate(KINDS):
        yield kind, [domain for domain in every if len(domain.event(size_of(domain))) == axes]


def link(domain: Domain) -> str:
    """The name of a domain, and where it stands on the page: forges and MyST make the same anchor of a heading."""
    anchor = re.sub(r"[^\w\- ]", "", catalogue.written(domain).lower()).replace(" ", "-")
    return f"[`{domain.name}`](#{anchor})"


def accuracy() -> dict[str, list[list[str]]]:
    """The rows of `docs/accuracy.md` for ordinary raws in float64, the smallest size of each map, by domain."""
    found: dict[str, list[list[str]]] = {}
    for line in (DOCS / "accuracy.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 and cells[2:4] == ["ordinary", "float64"]:
            written, _, transform = cells[0].partition(" via ")
            rows = found.setdefault(re.split(r"\W", written)[0], [])
            if not any(row[0].endswith(f" via {transform}") for row in rows):
                rows.append([cells[0], *cells[4:], cells[1]])
    return found


def table_of(rows: list[list[str]]) -> str:
    """A table of errors, a line for each map."""
    header = ["map", "value", "log-det", "slope", "back", "in"]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def reference() -> str:
    """`docs/reference.md`."""
    codes = "".join(f"{code}  {one.title}\n" for code, one in CODES.items())
    limits = [
        "| what | at most | beyond it |",
        "| --- | --- | --- |",
        *(f"| {one.what} | {one.most} | {one.code} |" for one in LIMITS),
    ]
    blocks = [
        "# Reference",
        "Made by `docs/make.py` from the grammar and the registries. [spec.md](spec.md) tells what each of it means.",
        "## Grammar",
        "LALR(1), as lark has it. Names of domains, transforms and functions are data, looked up in registries.",
        f"```text\n{grammar_text()}```",
        "## Types of data",
        "Beside every domain of [domains.md](domains.md), closed.",
        f"```text\n{catalogue.data_types_table()}```",
        "## Functions",
        "Elementwise ones broadcast. A reduction runs over everything, or along `axis`; a scan along its last axis, or `axis`.",
        f"```text\n{catalogue.functions_table()}```",
        "## Limits",
        "A spec may come from anyone. What goes beyond a limit is told with its code before anything is built.",
        "\n".join(limits),
        "A file is read as far as a spec may go, and only if it is a regular one: no device, no pipe (`-` reads a stream). Imports stay below "
        "their root, wherever links lead. How large a tensor a module may make is for the machine to say, when it is built.",
        "## Diagnostics",
        "`E…` stops the compiler, `W…` does not; `cdsl explain CODE` says more.",
        f"```text\n{codes}```",
    ]
    return "\n\n".join(blocks) + "\n"


def declared(domain: Domain, sizes: tuple[int, ...], transform: str) -> Any:
    """A model of one parameter, with the arguments of the domain's first example."""
    arguments = domain.examples[0].partition("[")[0]
    written = f"[{', '.join(map(str, sizes))}]" if sizes else ""
    return cdsl.loads(f"x: {arguments}{written} via {transform}").Model(dtype=torch.float64)


def values(domain: Domain, sizes: tuple[int, ...], many: int) -> Tensor:
    """So many values by the default transform, of raws from N(0, 1)."""
    model = declared(domain, sizes, domain.default)
    theta = torch.randn(many, model.unconstrained_size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        drawn: Tensor = model.constrain(theta).x
    return drawn


def size_of(domain: Domain) -> tuple[int, ...]:
    """The sizes that it is drawn with."""
    if not domain.sizes:
        return ()
    return (3,) if len(domain.event((3,) * len(domain.sizes))) == 1 else SIDE[len(domain.sizes)]


def draw(domain: Domain) -> str:
    """The picture of one domain, as SVG."""
    kind = len(domain.event(size_of(domain)))
    high = (HIGH, HIGH, LOW)[kind]
    drawn = element(
        "svg",
        *(draw_numbers, draw_vectors, draw_matrices)[kind](domain),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDE} {high}",
        width=WIDE,
        height=high,
        font_family="system-ui, sans-serif",
        font_size=12,
        fill=GREY,
    )
    return drawn + "\n"


def draw_numbers(domain: Domain) -> Iterator[Markup]:
    """Value against raw, a line for each transform; surjective ones dashed."""
    raw = torch.linspace(-4, 4, 65, dtype=torch.float64)
    with torch.no_grad():
        lines = {name: declared(domain, (len(raw),), name).constrain(raw).x for name in domain.transforms}
        start = torch.as_tensor(declared(domain, (1,), domain.default).x).item()
    shown = torch.stack([*lines.values()])
    low, high = max(shown.min().item(), -11), min(shown.max().item(), 11)

    def x(at: float) -> float:
        return LEFT + (at + 4) / 8 * (WIDE - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HIGH - TOP - BOTTOM)

    right, bottom = WIDE - RIGHT, HIGH - BOTTOM
    yield element("rect", x=LEFT, y=TOP, width=right - LEFT, height=bottom - TOP, fill="none", stroke=GREY, opacity=0.5)
    yield line((x(0), TOP), (x(0), bottom))
    yield line((LEFT, y(start)), (right, y(start)))
    for at, text in ((-4, "−4"), (0, "raw"), (4, "4")):
        yield words(text, x(at), bottom + 18, "middle")
    for value in (low, start, high):
        yield words(short(value), LEFT - 6, y(value) + 4, "end")
    for at, (name, values) in enumerate(lines.items()):
        dash = None if domain.transforms[name].bijective else "5 4"
        height = TOP + 8 + 19 * at
        places = [(x(one), y(value)) for one, value in zip(raw.tolist(), values.tolist(), strict=True)]
        yield stroke([*inside(places, TOP, bottom)], COLOURS[at % 8], dash)
        yield stroke([[(right + 10, height), (right + 30, height)]], COLOURS[at % 8], dash)
        yield words(name, right + 36, height + 4)


def inside(points: Sequence[tuple[float, float]], top: float, bottom: float) -> Iterator[list[tuple[float, float]]]:
    """The pieces of a line that are inside of the frame, torn where it jumps over half of that."""
    piece: list[tuple[float, float]] = []
    for point in points:
        if piece and (not top <= point[1] <= bottom or abs(point[1] - piece[-1][1]) > (bottom - top) / 2):
            yield piece
            piece = []
        if top <= point[1] <= bottom:
            piece.append(point)
    if piece:
        yield piece


def draw_vectors(domain: Domain) -> Iterator[Markup]:
    """Values of three entries as points in space, seen from above one corner; what is near is blue, what is far green."""
    points = values(domain, size_of(domain), 520)
    low, high = points.quantile(0.01, 0), points.quantile(0.99, 0)
    spare = 0.05 * (high - low)
    low, high = torch.maximum(low - spare, points.amin(0)), torch.minimum(high + spare, points.amax(0))
    points = points[((points >= low) & (points <= high)).all(-1)]
    spread = (high - low).max().expand(3) if (high - low).max() < 4 * (high - low).min() else high - low
    turn, rise = math.radians(40), math.radians(25)
    across = torch.tensor([-math.sin(turn), math.cos(turn), 0], dtype=torch.float64)
    up = torch.tensor(
        [-math.cos(turn) * math.sin(rise), -math.sin(turn) * math.sin(rise), math.cos(rise)], dtype=torch.float64
    )
    near = torch.linalg.cross(across, up)

    def flat(of: Tensor) -> Tensor:
        scaled = (of - low) / spread
        return torch.stack((scaled @ across, -(scaled @ up)), -1)

    corner = torch.stack([low, low, low])
    reached = flat(torch.cat([points, corner, corner + torch.diag(high - low)]))
    least, most = reached.amin(0), reached.amax(0)
    room = torch.tensor([WIDE - 230, HIGH - 70], dtype=torch.float64)
    scale = (room / (most - least)).min()

    def places(of: Tensor) -> list[tuple[float, float]]:
        middle = torch.tensor([WIDE / 2, HIGH / 2 - 4], dtype=torch.float64)
        return [(x, y) for x, y in (middle + scale * (flat(of) - (least + most) / 2)).tolist()]

    for axis, (end, at) in enumerate(zip(places(corner + torch.diag(high - low)), places(corner), strict=True)):
        yield line(at, end)
        yield words(f"y{'₁₂₃'[axis]}  {short(low[axis].item())} … {short(high[axis].item())}", *beyond(at, end))
    thirds = (((points - low) / spread) @ near).argsort().tensor_split(3)
    for third, colour in zip(thirds, (COLOURS[2], COLOURS[5], COLOURS[0]), strict=True):
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places(points[third]))
        yield element("path", d=dots, stroke=colour, stroke_width=2.6, stroke_linecap="round", opacity=0.8)
    yield words("raw ~ N(0, 1)", WIDE / 2, HIGH - 8, "middle")


def beyond(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float, str]:
    """Where the words at the end of an axis stand, and what of them is there."""
    if abs(end[0] - start[0]) < 1:
        return end[0], end[1] - 8, "middle"
    return end[0], end[1] + 16, "end" if end[0] < start[0] else "start"


def draw_matrices(domain: Domain) -> Iterator[Markup]:
    """Four values: blue below 0, red above, the stronger the larger they are (as the square root, so that small ones show)."""
    drawn = values(domain, size_of(domain), 4)
    top = drawn.abs().max().item()
    rows, columns = drawn.shape[1:]
    cell = min(92 / columns, 100 / rows)
    for number, value in enumerate(drawn.tolist()):
        x, y = 9 + 103 * number, 8
        for row, entries in enumerate(value):
            for column, entry in enumerate(entries):
                if entry:
                    yield element(
                        "path",
                        d=f"M{x + cell * column:.1f} {y + cell * row:.1f}h{cell:.1f}v{cell:.1f}h-{cell:.1f}z",
                        fill=BELOW if entry < 0 else ABOVE,
                        opacity=max(round(math.sqrt(abs(entry) / top), 2), 0.01),
                    )
        yield element("rect", x=x, y=y, width=cell * columns, height=cell * rows, fill="none", stroke=GREY, opacity=0.7)
    base = LOW - 12
    yield words(f"{domain.name}{list(size_of(domain))}, raw ~ N(0, 1)", 9, base)
    for x, colour, end in ((282, BELOW, -top), (352, ABOVE, top)):
        if colour == ABOVE or (drawn < 0).any():
            yield element("rect", x=x, y=base - 11, width=13, height=13, fill=colour)
            yield words(short(end), x + 18, base)


def words(text: str, x: float, y: float, anchor: str = "start") -> Markup:
    """Text that begins, is centred or ends there."""
    return element("text", text, x=x, y=y, text_anchor=None if anchor == "start" else anchor)


def line(start: tuple[float, float], end: tuple[float, float]) -> Markup:
    """A thin line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=GREY, opacity=0.5)


def stroke(pieces: Sequence[Sequence[tuple[float, float]]], colour: str, dash: str | None) -> Markup:
    """A line in colour, in pieces."""
    path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in piece) for piece in pieces)
    return element("path", d=path, fill="none", stroke=colour, stroke_width=1.8, stroke_dasharray=dash)


def short(number: float) -> str:
    """A number at an axis."""
    return f"{number:.2g}".replace("-", "−") if abs(number) > 5e-3 else "0"


def main() -> None:
    """Write the pages and the pictures."""
    PICTURES.mkdir(exist_ok=True)
    (DOCS / "domains.md").write_text(page(), encoding="utf-8")
    (DOCS / "reference.md").write_text(reference(), encoding="utf-8")
    for domain in domains().values():
        (PICTURES / f"{domain.name}.svg").write_text(draw(domain), encoding="utf-8")


if __name__ == "__main__":
    main()
