"""A spec's text, and places in it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of offsets into a text, in characters."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """A text under the name that messages call it by."""

    text: str
    name: str = "<spec>"
    first: int = 0
    """The offset of its first character."""
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [self.first, *(self.first + found.end() for found in re.finditer("\n", self.text))]
        object.__setattr__(self, "_starts", starts)

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.first + len(self.text)

    def position(self, offset: int) -> Position:
        """Where an offset is, for a reader."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def start_of(self, number: int) -> int:
        """The offset at which a line begins."""
        return self._starts[number - 1]

    def span_of(self, number: int) -> Span:
        """Where a line stands, counted from 1, without its end; behind the last one, nothing at the end of the text."""
        if number > len(self._starts):
            return Span(self.end, self.end)
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else self.end
        return Span(start, start + len(self.text[start - self.first : end - self.first].rstrip("\r\n")))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start, end = self.span_of(number)
        return self.text[start - self.first : end - self.first]


def width(text: str) -> int:
    """How many columns a terminal gives the text: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = {"W": 2, "F": 2}
    return sum(0 if unicodedata.combining(char) else wide.get(unicodedata.east_asian_width(char), 1) for char in text)
