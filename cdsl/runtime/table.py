"""A model as a table: for `repr`, `summary()` and notebooks."""

from __future__ import annotations

import html
from collections.abc import Sequence

from torch import Tensor

HEADER = ("name", "domain", "transform", "shape", "value", "trainable")


def text_table(rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned, a rule under the header."""
    table = [HEADER, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def html_table(rows: Sequence[Sequence[str]]) -> str:
    """The same as one HTML table."""
    head = "".join(f"<th>{cell}</th>" for cell in HEADER)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def brief(value: Tensor, most: int = 4) -> str:
    """The value in a cell: up to `most` entries of four digits, then how many more there are."""
    if value.device.type == "meta":
        return "(meta)"
    flat = value.detach().reshape(-1)
    shown = [f"{entry:.4g}" for entry in flat[:most].tolist()]
    if value.ndim == 0:
        return shown[0]
    more = f", … {flat.numel() - most} more" if flat.numel() > most else ""
    return f"[{', '.join(shown)}{more}]"
