"""Neighbouring declarations in columns: types below types, transforms, start values, comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cdsl.source import width
from cdsl.syntax.spacing import Line

STEPS = ("COLON", "VIA", "EQUAL", "VIA", "FROZEN", "TILDE")
"""The columns from left to right; an alias has its transform after its `=`."""
MOST_PADDING = 20
"""Blanks that a column may cost its narrowest line: what is wider stands out of the column, and pushes nobody."""
MOST_BEFORE_COMMENTS = 40


def in_columns(lines: Sequence[Line], room: int) -> list[str]:
    """The texts of neighbours, each of which has this room at most: like parts of declarations of one kind in columns.

    A start value is below those of declarations with a transform if its own has one, and else below the others.
    """
    cells = [list(line.cells()) for line in lines]
    plain = [" ".join(text for _, text in one) for one in cells]
    texts = [one.pop(0)[1] for one in cells]
    before = [""] * len(lines)
    for step in STEPS:
        for run in runs(lines, [before[at] if one and one[0][0] == step else None for at, one in enumerate(cells)]):
            for at, text in zip(run, column([texts[at] for at in run], MOST_PADDING, 1), strict=True):
                texts[at] = text + cells[at].pop(0)[1]
                before[at] += step
    return [text if width(text) <= room else flat for text, flat in zip(texts, plain, strict=True)]


def runs(lines: Sequence[Line], has: Sequence[str | None]) -> Iterator[list[int]]:
    """The places of neighbours that have the same before a part, up to a line of another kind.

    A `dim` may stand among data: it has no type.
    """
    places = [at for at, line in enumerate(lines) if has[at] is not None or line.kind != "DIM"]
    for _, run in groupby(places, lambda at: lines[at].kind):
        alike: dict[str, list[int]] = {}
        for at in run:
            if (before := has[at]) is not None:
                alike.setdefault(before, []).append(at)
        yield from alike.values()


def column(texts: Sequence[str], most: int, least: int) -> list[str]:
    """Texts with blanks after them, to one width: the widest that costs the narrowest no more than so many."""
    widths = [width(text) for text in texts]
    narrowest = min(widths, default=0)
    target = max((one for one in widths if one <= narrowest + most), default=0)
    return [text + " " * (max(target - one, 0) + least) for text, one in zip(texts, widths, strict=True)]
