"""A description as aligned tables."""

from __future__ import annotations

from collections.abc import Sequence

from cdsl.describe.rows import DataRow, Description, DimRow, ModelRow, Number, ParameterRow
from cdsl.source import width

LONGEST = 60
"""Of a cell, in characters; JSON has all of it."""


def table(found: Description) -> str:
    """Aligned tables: the parameters, then dims, data, derived values and nested models, where there are any."""
    blocks: list[tuple[Sequence[str], Sequence[Sequence[str]]]] = [
        (
            ("parameter", "domain", "transform", "value", "raw", "flat", "start", "depends on"),
            [
                (
                    one.path,
                    one.type,
                    via(one),
                    shape_text(one.shape),
                    shape_text(one.raw_shape),
                    flat_text(one),
                    one.start.text,
                    ", ".join(one.depends_on),
                )
                for one in found.parameters
            ],
        ),
        (
            ("dim", "comes from", "depends on"),
            [(one.path, origin(one), ", ".join(one.depends_on)) for one in found.dims],
        ),
        (
            ("data", "type", "shape", "comes from", "depends on"),
            [(one.path, one.type, shape_text(one.shape), origin(one), ", ".join(one.depends_on)) for one in found.data],
        ),
        (
            ("let", "value", "shape", "depends on"),
            [(one.path, one.value, shape_text(one.shape), ", ".join(one.depends_on)) for one in found.lets],
        ),
        (
            ("nested", "model", "depends on"),
            [(listed(one), one.model, ", ".join(one.depends_on)) for one in found.models],
        ),
    ]
    size = f"{found.name}: {found.unconstrained_size} unconstrained\n"
    marks = "* surjective: no log-Jacobian\n" * any(not one.bijective for one in found.parameters)
    return "\n".join([size, *(aligned(header, rows) for header, rows in blocks if rows), *filter(None, [marks])])


def via(one: ParameterRow) -> str:
    """A transform with its parts or its step; a surjective one is marked."""
    mark = "" if one.bijective else "*"
    given = {**one.parts, **one.step}
    step = f"({', '.join(f'{name}={value}' for name, value in given.items())})" if given else ""
    return f"{one.transform}{mark}{step}" + (f", {one.eval} in eval" if one.eval else "")


def shape_text(shape: Sequence[Number]) -> str:
    """A shape as Python writes it."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def flat_text(one: ParameterRow) -> str:
    """A slice of the flat vector, in a list of models that of the first; by names its beginning: how long it is says raw."""
    if one.flat is None:
        return "frozen"
    stop = one.flat.stop if isinstance(one.flat.stop, int) else ""
    held = f", {sum(one.held)} of {len(one.held)} frozen" if one.held else ""
    return f"{one.flat.start}:{stop}" + "".join(f" every {stride}" for stride in one.flat.strides) + held


def origin(one: DimRow | DataRow) -> str:
    """Where a size, or an input, comes from."""
    if one.bound is not None:
        return f"= {one.bound}"
    sources = [f"shape of {' or '.join(one.shape_of)}"] if isinstance(one, DimRow) and one.shape_of else []
    given = [] if "." in one.path else ["keyword"]
    return "; ".join([*given, *sources, *([f"default {one.default}"] if one.default is not None else [])])


def listed(one: ModelRow) -> str:
    """A nested model, or so many of it."""
    return one.path if one.count is None else f"{one.path}[{one.count}]"


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], longest: int = LONGEST) -> str:
    """Columns; cells that are long are cut, and columns without anything left out."""
    cells = [[cut(cell, longest) for cell in row] for row in rows]
    kept = [column for column in range(len(header)) if any(row[column] for row in cells)]
    lines = [[row[column] for column in kept] for row in (header, *cells)]
    widths = [max(width(line[at]) for line in lines) for at in range(len(kept))]
    padded = (
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(padded) + "\n"


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or the beginning of a long one."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
