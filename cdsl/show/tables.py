"""The tables of a page: a row for each declaration, with what its spec says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdsl.describe.rows import Description
from cdsl.describe.text import flat_text, listed, origin, shape_text, via
from cdsl.show.html import Markup, element, escaped, joined
from cdsl.show.parts import Value, Values

MOST_VALUES = 20
"""Of a list of models, values that are shown."""


def parameters(found: Description, values: Values | None) -> Markup:
    """The table of parameters, if there are any."""
    if not found.parameters:
        return Markup("")
    header = ["parameter", "domain", "value" if values is not None else "start", "shape", "raw", "flat", "depends on"]
    rows: list[list[Markup]] = []
    for one in found.parameters:
        transform = element("span", f" via {via(one)}", class_="quiet mono")
        held = (
            element("p", f"{sum(one.held)} of {len(one.held)} entries frozen", class_="quiet")
            if one.held
            else Markup("")
        )
        rows.append(
            [
                named(one.path, one.doc),
                joined([code(one.type), transform, held]),
                code(one.start.text) if values is None else shown(values.get(one.path, ())),
                code(shape_text(one.shape)),
                code(shape_text(one.raw_shape)),
                code(flat_text(one)),
                listing(one.depends_on),
            ]
        )
    notes = ["surjective: no log-Jacobian"] if any(not one.bijective for one in found.parameters) else []
    return joined([table(header, rows, prefix="p"), *(element("p", f"* {note}", class_="quiet") for note in notes)])


def shown(values: Sequence[Value]) -> Markup:
    """The values of a parameter; in a list of models, of each that has it."""
    if len(values) == 1 and "[" not in values[0].name:
        return code(values[0].text)
    lines = [element("p", code(f"{one.name} = {one.text}")) for one in values[:MOST_VALUES]]
    more = (
        [element("p", f"and {len(values) - MOST_VALUES:,} more", class_="quiet")] if len(values) > MOST_VALUES else []
    )
    return joined([*lines, *more])


def others(found: Description) -> Iterator[Markup]:
    """The tables of what is no parameter, those that have rows."""
    tables: list[tuple[list[str], list[list[Markup]]]] = [
        (
            ["dim", "comes from", "depends on"],
            [[named(one.path, one.doc), plain(origin(one)), listing(one.depends_on)] for one in found.dims],
        ),
        (
            ["data", "type", "shape", "comes from", "depends on"],
            [
                [
                    named(one.path, one.doc),
                    code(one.type),
                    code(shape_text(one.shape)),
                    plain(origin(one)),
                    listing(one.depends_on),
                ]
                for one in found.data
            ],
        ),
        (
            ["derived", "value", "shape", "depends on"],
            [
                [named(one.path, one.doc), code(one.value), code(shape_text(one.shape)), listing(one.depends_on)]
                for one in found.lets
            ],
        ),
        (
            ["nested model", "is a", "depends on"],
            [[named(listed(one), one.doc), code(one.model), listing(one.depends_on)] for one in found.models],
        ),
    ]
    yield from (table(header, rows) for header, rows in tables if rows)


def table(header: Sequence[str], rows: Sequence[Sequence[Markup]], prefix: str = "") -> Markup:
    """A table; columns without anything are left out. Where it is narrow each cell says which it is."""
    kept = [at for at in range(len(header)) if any(row[at] for row in rows)]
    head = element("tr", *(element("th", header[at], scope="col") for at in kept))
    body = [
        element(
            "tr",
            *(element("td", row[at], data_label=header[at] if at else None) for at in kept),
            id=f"{prefix}{place}" if prefix else None,
        )
        for place, row in enumerate(rows)
    ]
    return element(
        "div", element("table", element("thead", head), element("tbody", *body)), class_="scroll", tabindex="0"
    )


def code(text: str) -> Markup:
    """Text as a spec writes it."""
    return element("code", text) if text else Markup("")


def listing(names: Sequence[str]) -> Markup:
    """Names, one after the other."""
    return Markup(", ".join(map(code, names)))


def named(path: str, said: str) -> Markup:
    """A declaration's name, and what its spec says of it."""
    return joined([code(path), doc(said)])


def doc(text: str) -> Markup:
    """What a spec says of a declaration; nothing where it says nothing."""
    return element("p", text, class_="doc", dir="auto") if text.strip() else Markup("")


def plain(text: str) -> Markup:
    """Text as it is."""
    return Markup(escaped(text))
