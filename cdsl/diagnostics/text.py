"""Diagnostics as a terminal shows them: the message, the lines that it is about, what is underlined in them, help."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, groupby
from typing import Literal, NamedTuple, TypeAlias

from cdsl.diagnostics import Diagnostic, Label, Severity
from cdsl.source import Source, Span, width

LONGEST_SHOWN = 160
"""Characters of a line that is shown whole."""

Role = Literal["error", "warning", "also", "gutter", "help"]
Paint: TypeAlias = Callable[[str, Role], str]
"""How a terminal shows a piece of the report."""


def plain(text: str, role: Role) -> str:
    """A terminal without colours, or no terminal at all."""
    return text


def render(diagnostics: Iterable[Diagnostic], source: Source, paint: Paint = plain) -> str:
    """One block for each diagnostic, a blank line between them; empty where there is none."""
    return "\n".join(block(one, source, paint) for one in diagnostics)


def block(one: Diagnostic, source: Source, paint: Paint = plain) -> str:
    """One diagnostic, ending in a newline."""
    lines = [paint(f"{one.severity.value}[{one.code}]", role_of(one)) + f": {printable(one.message)}"]
    if one.span is None:
        lines.append(f" {paint('-->', 'gutter')} {printable(source.name)}")
    else:
        lines += excerpt(one, one.span, source, paint)
    if one.help:
        lines.append(f"  {paint('= help:', 'help')} {printable(one.help)}")
    return "\n".join(lines) + "\n"


def role_of(one: Diagnostic) -> Role:
    """How a problem itself is shown."""
    return "error" if one.severity is Severity.ERROR else "warning"


class Mark(NamedTuple):
    """What is underlined in a line, in columns from 0."""

    start: int
    end: int
    text: str
    role: Role


def excerpt(one: Diagnostic, span: Span, source: Source, paint: Paint) -> list[str]:
    """The lines that a diagnostic is about, each with its marks below it."""
    line, column = source.position(span.start)
    placed = [place(Label(span=span, text=one.label), source, role_of(one))]
    placed += [place(also, source, "also") for also in one.also]
    placed.sort(key=lambda found: found[0])
    numbers = len(str(placed[-1][0]))
    gutter = f"{' ' * numbers} {paint('|', 'gutter')}"
    lines = [f"{' ' * numbers}{paint('-->', 'gutter')} {printable(source.name)}:{line}:{column}", gutter]
    before = placed[0][0]
    for number, found in groupby(placed, key=lambda found: found[0]):
        if number > before + 1:
            lines.append(paint("...", "gutter"))
        before = number
        marks = [mark for _, mark in found]
        focus = next((mark for mark in marks if mark.role != "also"), marks[0])
        shown, marks = window(source.line(number), focus, marks)
        head = paint(f"{number:>{numbers}} |", "gutter")
        lines.append(f"{head} {printable(shown)}".rstrip())
        lines += [f"{gutter} {row}".rstrip() for row in underlined(shown, marks, paint)]
    return lines


def place(label: Label, source: Source, role: Role) -> tuple[int, Mark]:
    """The line of a label, and its mark there: of several lines the first, to its end."""
    line, column = source.position(label.span.start)
    end = source.position(label.span.end)
    last = end.column if end.line == line else len(source.line(line)) + 1
    return line, Mark(column - 1, max(last - 1, column), label.text, role)


def window(text: str, focus: Mark, marks: Sequence[Mark]) -> tuple[str, list[Mark]]:
    """A line and its marks; of a long line only what is near the mark in focus, and what is marked there."""
    if len(text) <= LONGEST_SHOWN:
        return text, list(marks)
    first = max(0, focus.start - LONGEST_SHOWN // 2)
    last = first + LONGEST_SHOWN
    before = "…" if first else ""
    shift = len(before) - first
    seen = [mark for mark in marks if first <= mark.start < last]
    moved = [mark._replace(start=mark.start + shift, end=min(mark.end, last) + shift) for mark in seen]
    return before + text[first:last] + "…" * (last < len(text)), moved


Cells: TypeAlias = dict[int, tuple[str, Role]]
"""What stands in the columns of a row."""


def underlined(text: str, marks: Sequence[Mark], paint: Paint) -> list[str]:
    """The rows below a line: every mark underlined, its label behind the last one, or hanging from it."""
    columns = [*accumulate((width(printable(char)) for char in text), initial=0)]
    columns += [columns[-1] + 1]  # the end of the line has a column too
    marks = [
        mark._replace(start=columns[mark.start], end=max(columns[mark.end], columns[mark.start] + 1)) for mark in marks
    ]
    last = max(marks, key=lambda mark: (mark.end, mark.start))
    hanging = sorted((mark for mark in marks if mark.text and mark is not last), key=lambda mark: mark.start)
    under: Cells = {}
    for mark in sorted(marks, key=lambda mark: mark.role != "also"):  # what is guilty hides what is beside it
        write(under, mark.start, ("-" if mark.role == "also" else "^") * (mark.end - mark.start), mark.role)
    write(under, last.end + 1, printable(last.text), last.role)
    rows = [under, {mark.start: ("|", mark.role) for mark in hanging}] if hanging else [under]
    while hanging:
        mark = hanging.pop()
        rows.append({left.start: ("|", left.role) for left in hanging})
        write(rows[-1], mark.start, printable(mark.text), mark.role)
    return [drawn(row, paint) for row in rows]


def write(row: Cells, column: int, text: str, role: Role) -> None:
    """Put a text into a row."""
    row.update({column + place: (char, role) for place, char in enumerate(text)})


def drawn(row: Cells, paint: Paint) -> str:
    """A row as text."""
    cells = (row.get(column, (" ", None)) for column in range(max(row) + 1))
    runs = ((role, "".join(char for char, _ in run)) for role, run in groupby(cells, key=lambda cell: cell[1]))
    return "".join(paint(text, role) if role else text for role, text in runs)


def printable(text: str) -> str:
    """Tabs as one space; what a terminal would act on or hide, as an escape."""
    return "".join(char if char.isprintable() else escape(char) for char in text.replace("\t", " "))


def visible(data: str) -> str:
    """A document of JSON with the same escaped in its strings, so that it reads back as it was."""
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in data)


def escape(char: str) -> str:
    """`\\u202e` for a character that must not reach a terminal as it is."""
    return char.encode("unicode_escape").decode("ascii")


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty where there is none."""
    found = [one.severity for one in diagnostics]
    parts = [(found.count(severity), severity.value) for severity in Severity]
    return ", ".join(f"{number} {word}{'s' * (number > 1)}" for number, word in parts if number)
