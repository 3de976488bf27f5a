"""Diagnostics as a terminal shows them: the message, the line, a caret under the guilty part, help."""

from __future__ import annotations

from collections.abc import Iterable

from cdsl.diagnostics import Diagnostic, Severity
from cdsl.source import Source, width

LONGEST_SHOWN = 160
"""Characters of a line that is shown whole."""


def render(diagnostics: Iterable[Diagnostic], source: Source) -> str:
    """One block for each diagnostic, a blank line between them; empty where there is none."""
    return "\n".join(block(one, source) for one in diagnostics)


def block(one: Diagnostic, source: Source) -> str:
    """One diagnostic, ending in a newline."""
    lines = [f"{one.severity.value}[{one.code}]: {printable(one.message)}"]
    if one.span is None:
        lines.append(f" --> {printable(source.name)}")
    else:
        line, column = source.position(one.span.start)
        text, end = source.line(line), source.position(one.span.end)
        last = end.column if end.line == line else len(text) + 1
        shown, marked, rest = map(printable, window(text, column - 1, last - 1))
        gutter = " " * len(str(line))
        carets = "^" * max(1, width(marked))
        lines += [
            f"{gutter}--> {printable(source.name)}:{line}:{column}",
            f"{gutter} |",
            f"{line} | {shown}{marked}{rest}".rstrip(),
            f"{gutter} | {' ' * width(shown)}{carets} {one.label}".rstrip(),
        ]
    if one.help:
        lines.append(f"  = help: {one.help}")
    return "\n".join(lines) + "\n"


def window(text: str, start: int, end: int) -> tuple[str, str, str]:
    """A line before, in and after its guilty part; of a long line only what is near that part's beginning."""
    if len(text) <= LONGEST_SHOWN:
        return text[:start], text[start:end], text[end:]
    first = max(0, start - LONGEST_SHOWN // 2)
    last = first + LONGEST_SHOWN
    before = ("…" if first else "") + text[first:start]
    return before, text[start : min(end, last)], text[max(start, min(end, last)) : last] + "…" * (last < len(text))


def printable(text: str) -> str:
    """Tabs as one space; what a terminal would act on or hide, as an escape."""
    return "".join(char if char.isprintable() else escape(char) for char in text.replace("\t", " "))


def escape(char: str) -> str:
    """`\\u202e` for a character that must not reach a terminal as it is."""
    return char.encode("unicode_escape").decode("ascii")


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty where there is none."""
    found = [one.severity for one in diagnostics]
    parts = [(found.count(severity), severity.value) for severity in Severity]
    return ", ".join(f"{number} {word}{'s' * (number > 1)}" for number, word in parts if number)
