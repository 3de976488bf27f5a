"""The graph of a model's declarations as SVG: what is used above what uses it."""

from __future__ import annotations

from collections.abc import Sequence

from cdsl.describe.graph import KINDS, edges, label
from cdsl.describe.text import cut
from cdsl.model import Dim, Model
from cdsl.places import Declaration, declarations
from cdsl.show.html import Markup, element
from cdsl.show.layered import lay_out
from cdsl.source import width

MOST_NODES, MOST_EDGES = 60, 150
"""Beyond these a drawing shows nothing that the column of the table does not."""
LONGEST = 24
"""Characters of a line in a node."""
CHAR, TALL, APART, MARGIN = 7.4, 40.0, 46.0, 10.0
"""The width of a character, the height of a node, the room between layers, and around all."""
NARROW = 470.0
"""A drawing of this width is still read when it is made as narrow as a telephone; a wider one is moved aside."""


def drawing(model: Model) -> Markup | None:
    """The drawing with what it leaves out in words; None where nothing depends on anything."""
    own = declarations(model)
    at = {one.name: index for index, one in enumerate(own)}
    pairs = list(dict.fromkeys((at[used], at[by]) for used, by in edges(model)))
    if not pairs:
        return None
    joined = sorted({node for pair in pairs for node in pair})
    if len(joined) > MOST_NODES or len(pairs) > MOST_EDGES:
        words = f"{len(joined):,} declarations and {len(pairs):,} arrows are too many to draw; the tables say what each depends on."
        return element("p", words, class_="quiet")
    lines = {node: lines_of(own[node]) for node in joined}
    widths = {node: CHAR * max(map(width, lines[node])) + 24 for node in joined}
    layout = lay_out(widths, pairs)
    arrows = [arrow([(x + MARGIN, layer) for x, layer in route]) for route in layout.routes.values()]
    boxes = [
        box(own[node], lines[node], widths[node], layout.centres[node] + MARGIN, top(layout.layers[node]))
        for node in joined
    ]
    wide, high = layout.width + 2 * MARGIN, top(max(layout.layers.values())) + TALL + MARGIN
    said = "What depends on what; the tables say it in words"
    box_of = f"0 0 {wide:.0f} {high:.0f}"
    fits = "fits" if wide <= NARROW else None
    picture = element(
        "svg", *arrows, *boxes, width=wide, height=high, viewBox=box_of, role="img", aria_label=said, class_=fits
    )
    alone = len(own) - len(joined)
    note = (
        "Arrows lead from what is used to what uses it. Parameters are round, dims and data dashed, nested models bold."
    )
    note += f" {alone:,} more {'stands' if alone == 1 else 'stand'} alone." if alone else ""
    return element("figure", element("div", picture, class_="scroll", tabindex="0"), element("p", note, class_="quiet"))


def lines_of(one: Declaration) -> list[str]:
    """What a node says: its name, and what it is."""
    what = "dim" if isinstance(one, Dim) else label(one).removeprefix(one.name).lstrip(": ")
    return [cut(one.name, LONGEST), cut(what, LONGEST)]


def top(layer: int) -> float:
    """Where a layer begins."""
    return MARGIN + layer * (TALL + APART)


def box(one: Declaration, lines: Sequence[str], wide: float, x: float, y: float) -> Markup:
    """A node around `x`, below `y`."""
    kind = KINDS[type(one)]
    return element(
        "g",
        element("title", label(one)),
        element(
            "rect",
            x=x - wide / 2,
            y=y,
            width=wide,
            height=TALL,
            rx=TALL / 2 if kind == "parameter" else 4,
            class_="box",
        ),
        element("text", lines[0], x=x, y=y + 17, text_anchor="middle"),
        element("text", lines[1], x=x, y=y + 31, text_anchor="middle", class_="small"),
        class_=kind,
    )


def arrow(route: Sequence[tuple[float, int]]) -> Markup:
    """A curve from the foot of one node, past those between, to the head of another."""
    (x, layer), *rest = route
    path = f"M{x:.1f} {top(layer) + TALL:.1f}"
    for at, (to, level) in enumerate(rest):
        begin, end = top(level) - APART, top(level) - (6 if at == len(rest) - 1 else 0)
        path += f"C{x:.1f} {begin + APART / 2:.1f} {to:.1f} {end - APART / 2:.1f} {to:.1f} {end:.1f}"
        path += f"V{top(level) + TALL:.1f}" if at < len(rest) - 1 else ""
        x = to
    tip = f"M{x - 4:.1f} {end - 1:.1f}L{x:.1f} {end + 6:.1f}L{x + 4:.1f} {end - 1:.1f}Z"
    return element("g", element("path", d=path, class_="edge"), element("path", d=tip, class_="tip"))
