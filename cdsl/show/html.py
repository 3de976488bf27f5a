"""HTML from plain text: every text that comes from a spec goes through here, and nothing of it is markup afterwards."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = ("meta", "path", "rect", "circle", "line")
"""Elements without content; those of SVG close themselves."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | float | None) -> Markup:
    """`<name key="…">content</name>`. `class_` is `class`, an underscore inside a key is a hyphen; None leaves a key out."""
    keys = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{keys}>" if name == "meta" else f"<{name}{keys}/>")
    return Markup(f"<{name}{keys}>{joined(content)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Parts one after the other, each escaped unless it is markup."""
    return Markup("".join(part if isinstance(part, Markup) else escaped(part) for part in parts))


def escaped(plain: str) -> str:
    """Text as HTML has it; what no page may contain is shown as such."""
    return html.escape("".join(char if allowed(char) else "\ufffd" for char in plain))


def allowed(char: str) -> bool:
    """Whether a page may contain it: no controls but the line's end and the tab, no halves of characters."""
    code = ord(char)
    return char in "\n\t" or not (
        code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE
    )


def text(value: str | float) -> str:
    """An attribute's value; numbers with the digits that a screen tells apart."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
