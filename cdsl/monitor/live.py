"""A table at the terminal that changes as a model trains: every value with its course so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import TYPE_CHECKING

from cdsl.monitor.watched import Layout

if TYPE_CHECKING:
    from rich.table import Table

BARS = "▁▂▃▄▅▆▇█"
LENGTH = 24
"""Records that a sparkline shows."""
ROWS = 24
"""At most, so that the table fits on a screen."""


class Live:
    """The table, drawn anew at each record; where there is no terminal it is printed once, at the end.

    Raises:
        ModuleNotFoundError: rich is not installed; says what installs it.
    """

    last = 0

    def __init__(self, layout: Layout) -> None:
        try:
            from rich.live import Live as Screen  # noqa: PLC0415  of the extra
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "rich":
                raise
            raise ModuleNotFoundError("`to=\"live\"` needs rich: `pip install 'cdsl[monitor]'`", name="rich") from None
        self._values = [name for name in layout.names if name.startswith("value/")]
        self._courses = {name: deque[float](maxlen=LENGTH) for name in self._values[:ROWS]}
        self._screen = Screen(auto_refresh=False)

    def __call__(self, step: int, record: Mapping[str, float]) -> None:
        for name, course in self._courses.items():
            course.append(record[name])
        self._screen.start()
        self._screen.update(self._table(step, record), refresh=True)

    def close(self) -> None:
        started = self._screen.is_started
        self._screen.stop()
        if started and not self._screen.console.is_terminal:
            self._screen.console.line()

    def _table(self, step: int, record: Mapping[str, float]) -> Table:
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415  of the extra
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        left = len(self._values) - len(self._courses)
        caption = f"and {left:,} more" if left else None
        table = Table(title=f"step {step:,}", caption=caption, title_justify="left", box=SIMPLE_HEAD)
        for column in ("parameter", "value", "raw", "gradient"):
            table.add_column(column, justify="left" if column == "parameter" else "right", no_wrap=True)
        table.add_column("course", no_wrap=True)
        table.add_column("", no_wrap=True)
        for column, course in self._courses.items():
            entry = column.removeprefix("value/")
            name = parameter(entry, record)
            table.add_row(
                Text(entry),
                number(record[column]),
                number(record.get(f"raw/{entry}")),
                number(record.get(f"grad/{name}")),
                Text(sparkline(course), style="cyan"),
                Text(state(name, record), style="yellow"),
            )
        return table


def parameter(entry: str, record: Mapping[str, float]) -> str:
    """The parameter that an entry belongs to: `w` of `w[2]`; of what is derived, the entry's own name."""
    name = entry.partition(":")[0]
    return name if f"grad/{name}" in record or not name.endswith("]") else name.rpartition("[")[0]


def state(name: str, record: Mapping[str, float]) -> str:
    """What is to be said of a parameter."""
    said = {"saturated": record.get(f"saturated/{name}"), "on its bound": record.get(f"bound/{name}")}
    return ", ".join(word for word, many in said.items() if many)


def number(given: float | None) -> str:
    """Four digits of a number; nothing where there is none."""
    return "" if given is None or isnan(given) else f"{given:.4g}"


def sparkline(course: Sequence[float]) -> str:
    """Numbers as bars between the least and the greatest; a blank for what is no number."""
    finite = [one for one in course if isfinite(one)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    middle = len(BARS) // 2 * (high == low)
    return "".join(BARS[middle + round((one - low) * scale)] if isfinite(one) else " " for one in course)
