"""A graph without cycles, laid out in layers: what is used above what uses it, long arrows around what they pass.

Sugiyama's method: layers by the longest path, a stand-in wherever an arrow crosses a layer, order within a layer by the mean
of the neighbours' places, and places as near to these as their widths allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Edge = tuple[int, int]
"""What is used, and what uses it."""

SWEEPS = 8
GAP = 18.0
"""Between neighbours of a layer."""
THIN = 8.0
"""The width of a stand-in."""


class Layout(NamedTuple):
    """Where nodes are: the centre of each in its layer; and each arrow as the places that it goes through."""

    centres: dict[int, float]
    layers: dict[int, int]
    routes: dict[Edge, list[tuple[float, int]]]
    width: float


def lay_out(widths: Mapping[int, float], edges: Sequence[Edge]) -> Layout:
    """Nodes of these widths; edges make no cycle."""
    layers = layered(widths, edges)
    size, chains = dict(widths), dict[Edge, list[int]]()
    levels, free = dict(layers), max(widths, default=0) + 1
    for edge in edges:
        crossed = range(layers[edge[0]] + 1, layers[edge[1]])
        inner = list(range(free, free + len(crossed)))
        free += len(crossed)
        levels.update(zip(inner, crossed, strict=True))
        size.update(dict.fromkeys(inner, THIN))
        chains[edge] = [edge[0], *inner, edge[1]]
    above: dict[int, list[int]] = {node: [] for node in levels}
    below: dict[int, list[int]] = {node: [] for node in levels}
    for used, by in (pair for chain in chains.values() for pair in pairwise(chain)):
        above[by].append(used)
        below[used].append(by)
    rows: list[list[int]] = [[] for _ in range(max(levels.values(), default=-1) + 1)]
    for node, level in levels.items():
        rows[level].append(node)
    for sweep in range(SWEEPS):
        order_rows(rows, above if sweep % 2 == 0 else below, down=sweep % 2 == 0)
    centres = placed(rows, size, above, below)
    left = min((centres[node] - size[node] / 2 for node in levels), default=0.0)
    centres = {node: centre - left for node, centre in centres.items()}
    width = max((centres[node] + size[node] / 2 for node in levels), default=0.0)
    routes = {edge: [(centres[node], levels[node]) for node in chain] for edge, chain in chains.items()}
    return Layout({node: centres[node] for node in widths}, layers, routes, width)


def layered(nodes: Iterable[int], edges: Sequence[Edge]) -> dict[int, int]:
    """The layer of each node: below all that it uses; of one that uses nothing, right above the first that uses it."""
    layers, moved = dict.fromkeys(nodes, 0), True
    while moved:
        moved = False
        for used, by in edges:
            if layers[by] <= layers[used]:
                layers[by], moved = layers[used] + 1, True
    users: dict[int, list[int]] = {}
    for used, by in edges:
        users.setdefault(used, []).append(layers[by])
    uses = {by for _, by in edges}
    return {
        node: layer if node in uses or node not in users else min(users[node]) - 1 for node, layer in layers.items()
    }


def order_rows(rows: list[list[int]], towards: Mapping[int, Sequence[int]], *, down: bool) -> None:
    """Sort each layer by the mean place of its neighbours in the one before; who has none keeps its place."""
    for row in rows if down else rows[::-1]:
        place = {node: at for other in rows for at, node in enumerate(other)}
        row.sort(key=lambda node, place=place: mean([place[one] for one in towards[node]], place[node]))  # type: ignore[misc]  # bound


def placed(
    rows: Sequence[Sequence[int]],
    size: Mapping[int, float],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
) -> dict[int, float]:
    """The centre of every node: near its neighbours, in the order of its layer."""
    centres: dict[int, float] = {}
    for row in rows:
        centres.update(packed(row, size, dict.fromkeys(row, 0.0)))
    for sweep in range(SWEEPS):
        towards = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = {node: mean([centres[one] for one in towards[node]], centres[node]) for node in row}
            centres.update(packed(row, size, wanted))
    return centres


def packed(row: Sequence[int], size: Mapping[int, float], wanted: Mapping[int, float]) -> dict[int, float]:
    """Centres in order, apart, with the least sum of squared distances from those that are wanted.

    Without the widths it would be isotonic regression; so they are taken off first.
    """
    offsets, reach = [], 0.0
    for at, node in enumerate(row):
        reach += 0.0 if at == 0 else (size[row[at - 1]] + size[node]) / 2 + GAP
        offsets.append(reach)
    blocks: list[tuple[float, int]] = []
    for node, offset in zip(row, offsets, strict=True):
        total, many = wanted[node] - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / many:
            before, count = blocks.pop()
            total, many = total + before, many + count
        blocks.append((total, many))
    found = [total / many for total, many in blocks for _ in range(many)]
    return {node: one + offset for node, one, offset in zip(row, found, offsets, strict=True)}


def mean(numbers: Sequence[float], otherwise: float) -> float:
    """The mean; of no numbers something else."""
    return sum(numbers) / len(numbers) if numbers else otherwise
