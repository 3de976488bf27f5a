"""What torch computes for a page, as plain data: pictures of maps, and values of a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from cdsl.model import Parameter
from cdsl.show.html import Markup

Point: TypeAlias = tuple[float, float]
"""A raw and its value."""


class Picture(NamedTuple):
    """A drawing of a map, and in words what it shows."""

    drawing: Markup
    words: str


class Value(NamedTuple):
    """What a parameter is in a checkpoint; one of a list of models by its own name."""

    name: str
    text: str
    points: tuple[Point, ...]
    """Raw and value of the first entries, where each entry of raw has a value of its own."""


Draw: TypeAlias = Callable[[Parameter, Sequence[Point]], Picture | None]
"""Draws a parameter's map with points that are known; None where there is no true picture."""
Values: TypeAlias = Mapping[str, Sequence[Value]]
"""The values of every parameter, by its path."""
