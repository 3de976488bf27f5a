"""The pictures of maps: what they make of raw, computed by the maps themselves in float64."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite, prod, sqrt

import torch
from torch import Tensor

from cdsl.constraints import domains
from cdsl.constraints.base import Bounded
from cdsl.model import Parameter
from cdsl.runtime import Map
from cdsl.runtime.declared import labels
from cdsl.show.html import Markup, element
from cdsl.show.parts import Picture, Point

WIDE, HIGH = 324.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 54.0, 10.0, 20.0
"""Of a picture, and the margins of the frame in it: a number of nine characters fits, and a name of seven."""
REACH = 3.0
"""Of raw, to both sides of 0."""
FARTHEST = 30.0
"""Of a known raw that is still drawn."""
POINTS = 121
COLOURS = 6
LINE = 11.0
"""The height of a label."""
SMALLEST = {1: ((2,), (3,), (4,)), 2: ((2, 2), (3, 2), (3, 3)), 3: ((3, 3, 1), (4, 3, 1))}
"""Sizes to draw a domain with, by how many sizes a spec writes for it; the first that it takes."""


def picture(one: Parameter, known: Sequence[Point] = ()) -> Picture | None:
    """The picture of a parameter's map, with points that are known; None where it depends on more than raw.

    That of a map of single numbers is its curve; of others what becomes of the smallest value of its kind.
    """
    given = [*one.arguments, *one.step]
    numbers = [float(argument) for argument in given if isinstance(argument, int | float)]
    if len(numbers) < len(given):
        return None
    arguments, step = numbers[: len(one.arguments)], numbers[len(one.arguments) :]
    domain, map = domains()[one.domain], map_of(one, step)
    with torch.no_grad():
        return curve(map, arguments, known) if domain.elementwise else smallest(map, arguments)


def map_of(one: Parameter, step: Sequence[float]) -> Map:
    """The map that a parameter is declared with."""
    map = Map(domains()[one.domain], one.transform)
    if one.parts:
        has = map.transform.parts
        map = map.using(**{name: Map(domains()[has[name][0]], part) for name, part in one.parts})
    return map.after(*step) if step else map


def curve(map: Map, arguments: Sequence[float], known: Sequence[Point]) -> Picture | None:
    """Value against raw, with the bounds that are finite, and as much of raw as the known points need.

    None where the values are so large that their differences overflow.
    """
    shown = [point for point in known if abs(point[0]) <= FARTHEST]
    reach = max([REACH, *(abs(raw) for raw, _ in shown)])
    raw = torch.linspace(-reach, reach, POINTS, dtype=torch.float64)
    bounds: list[float] = []
    if isinstance(map.domain, Bounded):
        bounds = [float(bound) for bound in map.domain.bounds(*arguments) if isfinite(bound)]
    frame = Frame(reach, [map(raw, *arguments)], [*bounds, *(value for _, value in shown)])
    if not isfinite(frame.range):
        return None
    lines = [frame.level(bound, "bound") for bound in bounds]
    dots = [element("circle", cx=frame.x(raw), cy=frame.y(value), r=3.5, class_="dot") for raw, value in shown]
    left = len(known) - len(shown)
    words = "value against raw" + ("; the dots are values of the checkpoint" if shown else "")
    words += f"; {left} of its values lie farther out than {FARTHEST:g}" if left else ""
    return Picture(frame.drawn(*lines, *frame.paths(), *dots, said=words), words)


def smallest(map: Map, arguments: Sequence[float]) -> Picture | None:
    """What becomes of the smallest value of this kind: entries against one raw; or in the triangle, if its entries sum to 1."""
    sizes = next((sizes for sizes in SMALLEST[len(map.domain.sizes)] if takes(map, arguments, sizes)), None)
    if sizes is None:
        return None
    raws = prod(map.transform.raw_event(sizes))
    given = (*arguments, *(sizes if map.domain.sized else ()))
    shape = map.transform.raw_event(sizes)
    name = f"{map.domain.name}[{', '.join(str(size) for size in sizes)}]"
    if map.domain.event(sizes) == (3,) and raws >= 2:
        grid = torch.stack([*map_lines(raws, 0), *map_lines(raws, 1)])
        values = map(grid, *given)
        if ((values >= 0).all(-1) & ((values.sum(-1) - 1).abs() < 1e-9)).all():
            others = ", the others at 0" if raws > 2 else ""
            words = f"{name}: lines along which the first or the second raw is the same, a step of 1 apart{others}"
            return Picture(triangle(values, words), words)
    raw = torch.full((POINTS, raws), 0.5, dtype=torch.float64)
    raw[:, 0] = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    values = map(raw.reshape(POINTS, *shape), *given)
    if not values.isfinite().all():
        return None
    entries = [*values.flatten(1).T]
    others = ", the others at ½" if raws > 1 else ""
    words = f"{name}: its entries as the first raw goes from −{REACH:g} to {REACH:g}{others}"
    words += "; … for others like it" if len({tuple(entry.tolist()) for entry in entries}) < len(entries) else ""
    frame = Frame(REACH, entries, [])
    ends = [*labels("", map.domain.event(sizes))]
    return Picture(frame.drawn(*frame.paths(), *frame.labels(ends), said=words), words)


def takes(map: Map, arguments: Sequence[float], sizes: tuple[int, ...]) -> bool:
    """Whether a domain has values of these sizes, which raw moves: of a vector two entries are too few to look at."""
    domain = map.domain
    if min(sizes) < domain.least or domain.refuse_sizes(*sizes) or domain.refuse(tuple(arguments), sizes):
        return False
    return prod(domain.event(sizes)) > 2 and prod(map.transform.raw_event(sizes)) > 0


def map_lines(raws: int, held: int) -> Iterator[Tensor]:
    """Lines in raw: one of the first two raws is the same along each, the other goes from one side to the other."""
    for number in range(-int(REACH), int(REACH) + 1):
        line = torch.zeros(POINTS, raws, dtype=torch.float64)
        line[:, held] = number
        line[:, 1 - held] = torch.linspace(-2 * REACH, 2 * REACH, POINTS, dtype=torch.float64)
        yield line


class Frame:
    """A frame that lines of values over raw are drawn in."""

    def __init__(self, reach: float, lines: Sequence[Tensor], others: Sequence[float]) -> None:
        self._reach = reach
        self._lines = [line.tolist() for line in lines]
        seen = [value for value in (*(value for line in self._lines for value in line), *others) if isfinite(value)]
        low, high = min(seen, default=0.0), max(seen, default=1.0)
        self._low, self._high = (low, high) if high > low else (low - 1, high + 1)
        self.range = self._high - self._low

    def x(self, raw: float) -> float:
        """Where a raw is."""
        return LEFT + (raw + self._reach) / (2 * self._reach) * (WIDE - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Where a value is; a little room is left above and below."""
        return TOP + 4 + (self._high - value) / self.range * (HIGH - TOP - BOTTOM - 8)

    def level(self, value: float, kind: str) -> Markup:
        """A line at a value."""
        return element("line", x1=LEFT, x2=WIDE - RIGHT, y1=self.y(value), y2=self.y(value), class_=kind)

    def paths(self) -> Iterator[Markup]:
        """The lines, with gaps where there is no finite value."""
        step = 2 * self._reach / (POINTS - 1)
        for at, line in enumerate(self._lines):
            points = [(self.x(-self._reach + step * place), value) for place, value in enumerate(line)]
            runs = [list(run) for finite, run in groupby(points, lambda point: isfinite(point[1])) if finite]
            path = "".join(path_of([(x, self.y(value)) for x, value in run]) for run in runs)
            yield element("path", d=path, class_=f"curve c{at % COLOURS}")

    def labels(self, names: Sequence[str]) -> Iterator[Markup]:
        """A name at the end of each line; those that are the same line share a place."""
        same: dict[str, list[int]] = {}
        for at, line in enumerate(self._lines):
            same.setdefault(" ".join(f"{self.y(value):.1f}" for value in line), []).append(at)
        ends = sorted((self.y(self._lines[those[0]][-1]), those) for those in same.values())
        reached = TOP - LINE
        for place, (y, those) in enumerate(ends):
            room = HIGH - BOTTOM - LINE * (len(ends) - 1 - place)
            reached = max(min(y, room), reached + LINE)
            words = names[those[0]] + ("…" if len(those) > 1 else "")
            yield element("text", words, x=WIDE - RIGHT + 4, y=reached + 3.5, class_=f"small c{those[-1] % COLOURS}")

    def drawn(self, *inside: Markup, said: str) -> Markup:
        """The frame with what is in it, and the numbers at its corners."""
        right, low, high = WIDE - RIGHT, self.y(self._low), self.y(self._high)
        zero = [self.level(0.0, "zero")] if self._low < 0 < self._high else []
        return element(
            "svg",
            element("rect", x=LEFT, y=TOP, width=right - LEFT, height=HIGH - TOP - BOTTOM, class_="frame"),
            element("line", x1=self.x(0), x2=self.x(0), y1=TOP, y2=HIGH - BOTTOM, class_="zero"),
            *zero,
            *inside,
            element("text", short(self._high), x=LEFT - 5, y=high + 4, text_anchor="end", class_="small"),
            element("text", short(self._low), x=LEFT - 5, y=low + 4, text_anchor="end", class_="small"),
            element("text", short(-self._reach), x=LEFT, y=HIGH - 6, text_anchor="middle", class_="small"),
            element("text", "raw", x=self.x(0), y=HIGH - 6, text_anchor="middle", class_="small"),
            element("text", short(self._reach), x=right, y=HIGH - 6, text_anchor="middle", class_="small"),
            viewBox=f"0 0 {WIDE:g} {HIGH:g}",
            role="img",
            aria_label=said,
        )


def triangle(values: Tensor, said: str) -> Markup:
    """Lines of values with three entries that sum to 1, in the triangle of all of these."""
    tall = HIGH - 40
    side = tall * 2 / sqrt(3)
    corners = [(WIDE / 2 - side / 2, HIGH - 20), (WIDE / 2 + side / 2, HIGH - 20), (WIDE / 2, HIGH - 20 - tall)]
    places = values @ torch.tensor(corners, dtype=torch.float64)
    half = len(values) // 2
    lines = [
        element("path", d=path_of(line), class_=f"curve thin c{int(at >= half)}")
        for at, line in enumerate(places.tolist())
    ]
    names = [
        element("text", f"[{at}]", x=x, y=y + (-6 if at == 2 else 14), text_anchor="middle", class_="small")
        for at, (x, y) in enumerate(corners)
    ]
    outline = element("path", d=path_of(corners) + "Z", class_="frame")
    return element("svg", outline, *lines, *names, viewBox=f"0 0 {WIDE:g} {HIGH:g}", role="img", aria_label=said)


def path_of(points: Sequence[Sequence[float]]) -> str:
    """Straight lines from point to point, without those that no screen tells apart."""
    written = [f"{x:.1f} {y:.1f}" for x, y in points]
    return "M" + "L".join(one for at, one in enumerate(written) if at == 0 or one != written[at - 1])


def short(number: float) -> str:
    """A number at a frame's corner."""
    found = f"{number:.3g}"
    return (found if len(found) <= 9 else f"{number:.1e}").replace("-", "−")
