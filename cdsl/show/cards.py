"""The maps of a page: a card for each, shared by the parameters that have it."""

from __future__ import annotations

from collections.abc import Sequence

from cdsl.catalogue import formula
from cdsl.constraints import domains, made_of
from cdsl.describe import argument_text
from cdsl.describe.rows import Description, ParameterRow
from cdsl.describe.text import via
from cdsl.model import Model, Parameter
from cdsl.places import places
from cdsl.show.html import Markup, element, joined
from cdsl.show.parts import Draw, Values
from cdsl.show.tables import code

MOST_DOTS = 64
"""Values of a checkpoint on one curve."""
MOST_NAMES = 8
"""Parameters that are named beside the map that they share."""

COMMON = str.maketrans("﹤﹥", "<>")
"""Signs of formulas that few fonts of a browser have."""


def cards(found: Description, model: Model, draw: Draw | None, values: Values) -> Markup | None:
    """A card for each map that a parameter has: its formula, its picture, and the parameters that share it."""
    declared = [one for _, one in places(model) if isinstance(one, Parameter)]
    shared: dict[tuple[object, ...], list[int]] = {}
    for at, one in enumerate(declared):
        shared.setdefault((one.domain, one.arguments, one.transform, one.parts, one.step, one.eval), []).append(at)
    made = [card(found, declared, those, draw, values) for those in shared.values()]
    if not made:
        return None
    missing = [] if draw else [element("p", "The curves are drawn where torch is installed.", class_="quiet")]
    return joined([*missing, element("div", *made, class_="maps")])


def card(
    found: Description,
    declared: Sequence[Parameter],
    those: Sequence[int],
    draw: Draw | None,
    values: Values,
) -> Markup:
    """One map."""
    one, row = declared[those[0]], found.parameters[those[0]]
    domain = domains()[one.domain]
    known = [point for at in those for value in values.get(found.parameters[at].path, ()) for point in value.points]
    drawn = draw(one, known[:MOST_DOTS]) if draw else None
    names = [element("a", code(found.parameters[at].path), href=f"#p{at}") for at in those[:MOST_NAMES]]
    more = f" and {len(those) - MOST_NAMES:,} more" if len(those) > MOST_NAMES else ""
    picture = (
        [drawn.drawing, element("p", drawn.words + "; as it trains" * bool(one.eval), class_="quiet")] if drawn else []
    )
    return element(
        "figure",
        element("h3", code(title(one, row))),
        element("p", Markup(", ".join(names)), more),
        *picture,
        element("p", code(formula(made_of(domain, one.transform, one.parts).forward).translate(COMMON))),
        element("p", domain.summary, class_="quiet"),
        class_="map",
    )


def title(one: Parameter, row: ParameterRow) -> str:
    """`interval(0, 10) via logistic`"""
    arguments = f"({', '.join(map(argument_text, one.arguments))})" if one.arguments else ""
    return f"{one.domain}{arguments} via {via(row)}"
