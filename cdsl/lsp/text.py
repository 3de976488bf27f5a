"""A document as an editor has it: lines and characters of its protocol, offsets of ours."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Literal, NamedTuple

from cdsl.source import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]
"""What the protocol counts the characters of a line in."""

LINE_END = re.compile(r"\r\n|\n|\r")


class Place(NamedTuple):
    """A line and a character, both counted from 0."""

    line: int
    character: int


class Text:
    """The content of a document. A spec is what follows the byte order mark: offsets are those of the spec."""

    def __init__(self, content: str, encoding: Encoding = "utf-16") -> None:
        self.content = content
        self.encoding = encoding
        self.spec = content.removeprefix("\ufeff")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line of the content begins."""
        return [0, *(end.end() for end in LINE_END.finditer(self.content))]

    def offset(self, place: Place) -> int:
        """The offset of a place; what lies beyond a line or the text is the end of that."""
        return max(0, self.place_in_content(place) - self.mark)

    def place(self, offset: int) -> Place:
        """The place of an offset."""
        at = min(max(offset, 0) + self.mark, len(self.content))
        line = self.line(offset)
        return Place(line, units(self.content[self.starts[line] : at], self.encoding))

    def line(self, offset: int) -> int:
        """The line of an offset."""
        return bisect_right(self.starts, offset + self.mark) - 1

    def changed(self, start: Place, end: Place, new: str) -> Text:
        """The document with other text between two places."""
        first, last = sorted((self.place_in_content(start), self.place_in_content(end)))
        return Text(self.content[:first] + new + self.content[last:], self.encoding)

    @property
    def mark(self) -> int:
        """How many characters stand before the spec: a byte order mark, or none."""
        return len(self.content) - len(self.spec)

    def place_in_content(self, place: Place) -> int:
        """The offset of a place, with the byte order mark."""
        if place.line < 0 or place.line >= len(self.starts):
            return 0 if place.line < 0 else len(self.content)
        start = self.starts[place.line]
        end = self.starts[place.line + 1] if place.line + 1 < len(self.starts) else len(self.content)
        line = self.content[start:end].rstrip("\r\n")
        return start + characters(line, max(place.character, 0), self.encoding)


def units(text: str, encoding: Encoding) -> int:
    """How many code units a text has."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def characters(line: str, count: int, encoding: Encoding) -> int:
    """How many characters of a line fit into so many code units; one that is cut through does not."""
    if encoding == "utf-32" or line.isascii():
        return min(count, len(line))
    taken = 0
    for at, char in enumerate(line):
        taken += units(char, encoding)
        if taken > count:
            return at
    return len(line)


class Change(NamedTuple):
    """A part of a spec, and what is to stand there."""

    span: Span
    text: str


def applied(text: str, changes: tuple[Change, ...]) -> str:
    """The text with changes that do not overlap."""
    for span, new in sorted(changes, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text
