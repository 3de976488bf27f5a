"""Where records go: a run file, TensorBoard, a table at the terminal, or whatever takes a step and numbers by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from cdsl.monitor.warn import warn
from cdsl.monitor.watched import Layout
from cdsl.runs import Writer, cells

Record: TypeAlias = Mapping[str, float]


class Sink(Protocol):
    """Something that takes records."""

    last: int
    """The last step that it has from before."""

    def __call__(self, step: int, record: Record) -> None:
        """Take one."""

    def close(self) -> None:
        """No more will come."""


To: TypeAlias = "str | os.PathLike[str] | Callable[[int, dict[str, float]], object] | Any"
"""What `to=` may be: a path that ends in `.csv`, `"live"`, a `SummaryWriter`, a callable, or a list of these."""


def sinks(to: To | Sequence[To] | None, layout: Layout, *, resume: bool) -> list[Sink]:
    """Each that was asked for.

    Raises:
        TypeError: something that takes no records.
        ValueError: a path of another kind of file.
    """
    if to is None:
        return []
    if isinstance(to, list | tuple):
        return [one for part in to for one in sinks(part, layout, resume=resume)]
    if to == "live":
        from cdsl.monitor.live import Live  # noqa: PLC0415  rich, which is an extra

        return [Live(layout)]
    if isinstance(to, str | os.PathLike):
        path = Path(to)
        if path.suffix.lower() != ".csv":
            raise ValueError(f'to: expected a path that ends in `.csv`, or "live", got {str(to)!r}')
        return [RunFile(path, layout, resume=resume)]
    if callable(getattr(to, "add_scalar", None)):
        return [TensorBoard(to)]
    if callable(to):
        return [Called(to)]
    raise TypeError(f"to: expected a path, a SummaryWriter, a callable or a list of these, got {type(to).__name__}")


class RunFile:
    """A run file, see `cdsl.runs`. Where the disk is full training goes on, and the file has what was written before."""

    def __init__(self, path: Path, layout: Layout, *, resume: bool) -> None:
        self._writer = Writer(path, layout.names, resume=resume)
        self._digits = layout.digits
        self._full = False
        self.last = self._writer.last

    def __call__(self, step: int, record: Record) -> None:
        if self._full:
            return
        try:
            self._writer.write(step, list(cells(list(record.values()), self._digits)))
        except OSError as error:
            self._full = True
            warn(f"`{self._writer.path}`: {error.strerror or error}; nothing more is recorded there")

    def close(self) -> None:
        self._writer.close()


class TensorBoard:
    """A `SummaryWriter`, or anything else with `add_scalar`; it stays open, being the caller's."""

    last = 0

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def __call__(self, step: int, record: Record) -> None:
        for name, number in record.items():
            self._writer.add_scalar(tag(name), number, step)

    def close(self) -> None:
        self._writer.flush()


def tag(name: str) -> str:
    """A column's name in characters that TensorBoard keeps: `value/w.2`, `value/w.mean`."""
    return name.translate({ord("["): ".", ord(":"): ".", ord("]"): None, ord(","): ".", ord(" "): None})


class Called:
    """A function of step and numbers by name."""

    last = 0

    def __init__(self, function: Callable[[int, dict[str, float]], object]) -> None:
        self._function = function

    def __call__(self, step: int, record: Record) -> None:
        self._function(step, dict(record))

    def close(self) -> None:
        """Nothing is open."""
