"""Text of a spec as Python literals: the only way in which it reaches generated source."""

from __future__ import annotations

import math


def literal(text: str) -> str:
    """A string literal, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + escaped(text, quote) + quote


def docstring(text: str, indent: int) -> list[str]:
    """A docstring as lines: one line for one line, closing quotes of their own otherwise."""
    lines = [escaped(line, '"') for line in text.split("\n")]
    pad = " " * indent
    if len(lines) == 1:
        return [f'{pad}"""{lines[0]}"""']
    rest = [f"{pad}{line}" if line else "" for line in lines[1:]]
    return [f'{pad}"""{lines[0]}', *rest, f'{pad}"""']


def escaped(text: str, quote: str) -> str:
    """The text between such quotes, with everything that is not plainly visible as an escape."""
    if text.isprintable() and "\\" not in text and quote not in text:
        return text
    return "".join(escape(char, quote) for char in text)


def escape(char: str, quote: str) -> str:
    """One character."""
    if char in ("\\", quote):
        return "\\" + char
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")


def number(value: float) -> str:
    """A float literal as the formatter writes it, `1e300`, not `1e+300`; `torch.inf` for what has no literal."""
    if math.isinf(value):
        return "torch.inf" if value > 0 else "-torch.inf"
    return repr(value).replace("e+", "e")
