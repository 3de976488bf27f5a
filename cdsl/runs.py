"""Run files: what a monitor records, as CSV. Written a line at a time, read with a reason for whatever is wrong.

The first column is `step`. Every other is named for what it holds, of which parameter: `value/p`, `raw/w[2]`, `grad/p`. What has
many entries has three columns, `value/w:min`, `:mean` and `:max`. A cell without a number is empty.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cdsl.errors import CdslError

KINDS = ("value", "raw", "grad", "saturated", "bound")
"""A constrained value; its raw; the norm of the gradient of raw; how many raw entries no longer move the value; how many
events lie on the boundary of their domain."""

SUMMARY = (":min", ":mean", ":max")
"""What is recorded of many entries."""

COLUMN = re.compile(rf"({'|'.join(KINDS)})/(.+?)(\[\d+(?:, \d+)*\]|{'|'.join(SUMMARY)})?", re.DOTALL)
"""The kind, the parameter, and which of its entries; `many[0].x` is a parameter's name."""


class RunError(CdslError):
    """A run file that is not one, or cannot be gone on with."""


class Column(NamedTuple):
    """What one column holds."""

    kind: str
    name: str
    entry: str
    """`[2]`, `:mean`, or nothing for a single number."""


class Run(NamedTuple):
    """What a file holds: the steps, and the numbers of each column at these."""

    steps: list[int]
    columns: dict[Column, list[float]]
    notes: tuple[str, ...]
    """What was left out in reading."""

    def names(self) -> list[str]:
        """Everything that has a value or a raw, in the order of the file."""
        return list(dict.fromkeys(one.name for one in self.columns))

    def of(self, kind: str, name: str) -> dict[str, list[float]]:
        """The numbers of one kind and name, by entry."""
        return {one.entry: numbers for one, numbers in self.columns.items() if (one.kind, one.name) == (kind, name)}


def line(cells: Sequence[str]) -> bytes:
    """One line of a file, as CSV quotes it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


class Writer:
    """A run file that grows. Each line is written at once, so that whoever is killed leaves whole ones.

    Raises:
        RunError: the file is there and is not to be gone on with, or holds other columns.
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, columns: Sequence[str], *, resume: bool) -> None:
        self.path = path
        self.last = 0
        """The last step that the file had."""
        header = line(["step", *columns])
        self._file = path.open("ab+", buffering=0)
        try:
            if os.fstat(self._file.fileno()).st_size:
                self._go_on(header, resume)
            else:
                self._put(header)
        except BaseException:
            self._file.close()
            raise

    def _go_on(self, header: bytes, resume: bool) -> None:
        """Hold a file that is there against what is to be written, and cut off a line that was never finished."""
        self._file.seek(0)
        held = self._file.readall()
        if b"\n" not in held and header.startswith(held):  # what wrote it was ended before the first line was whole
            self._file.truncate(0)
            self._put(header)
            return
        if not resume and held != header:
            raise RunError(f"`{self.path}` is there already: go on with it by `resume=True`, or write elsewhere")
        whole = held[: held.rfind(b"\n") + 1]
        if not whole.startswith(header):
            held_names = first_row(whole.partition(b"\n")[0])
            other = next((name for name in first_row(header) if name not in held_names), None)
            why = f"it has no column `{other}`" if other else "its columns are others"
            raise RunError(f"`{self.path}` was recorded of another model, {why}: write elsewhere")
        last = whole.rstrip(b"\n").rpartition(b"\n")[2].partition(b",")[0]
        self.last = int(last) if last.isdigit() else 0
        if len(whole) < len(held):
            self._file.truncate(len(whole))

    def write(self, step: int, cells: Sequence[str]) -> None:
        """Add one record.

        Raises:
            OSError: it could not be written whole; nothing of it is left.
        """
        self._put(line([str(step), *cells]))

    def _put(self, data: bytes) -> None:
        before = os.fstat(self._file.fileno()).st_size
        try:
            if (written := self._file.write(data)) != len(data):
                raise OSError(None, f"{written} of {len(data)} bytes were written")
        except OSError:
            self._file.truncate(before)
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(path: Path) -> Run:
    """A run file, whole. Of lines of the same step the last counts, as where a run was gone on with from an earlier one.

    Raises:
        RunError: it cannot be read, or is no run file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot read `{path}`: {error.strerror or error}") from None
    notes = []
    if not data:
        raise RunError(f"`{path}` is empty: the run has not recorded anything yet")
    if not data.endswith(b"\n"):
        data = data[: data.rfind(b"\n") + 1]
        notes.append("the last line was never finished, and is left out")
    try:
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RunError(f"`{path}` is no run file: {error}") from None
    columns = header(path, rows[0] if rows else [])
    records: dict[int, list[float]] = {}
    for number, row in enumerate(rows[1:], 2):
        step, numbers = record(f"`{path}`, line {number}", row, len(columns))
        while records and next(reversed(records)) >= step:
            records.popitem()
        records[step] = numbers
    if not records:
        raise RunError(f"`{path}` has columns and no records: the run has not recorded anything yet")
    return Run(
        list(records), dict(zip(columns, map(list, zip(*records.values(), strict=True)), strict=True)), tuple(notes)
    )


def first_row(data: bytes) -> list[str]:
    """The cells of a line; none where it is no CSV."""
    try:
        return next(csv.reader([data.decode("utf-8", "replace")]), [])
    except csv.Error:
        return []


def header(path: Path, names: Sequence[str]) -> list[Column]:
    """The columns of a file.

    Raises:
        RunError: they are not those of a run.
    """
    found = [COLUMN.fullmatch(name) for name in names[1:]]
    if names[:1] != ["step"] or not found or None in found:
        odd = next((name for name, match in zip(names[1:], found, strict=True) if not match), None)
        why = (
            f"a column is `{odd[:40]}`"
            if names[:1] == ["step"] and odd is not None
            else "its first line names no columns"
        )
        raise RunError(
            f"`{path}` is no run file, {why}: expected `step`, then `value/…`, `raw/…` and so on, as `cdsl.monitor` writes them"
        )
    if len(set(names)) < len(names):
        raise RunError(f"`{path}` is no run file: two columns have one name")
    return [Column(match[1], match[2], match[3] or "") for match in found if match]


def record(where: str, row: Sequence[str], many: int) -> tuple[int, list[float]]:
    """The step of a line, and its numbers.

    Raises:
        RunError: it has too few or too many, or something else.
    """
    if len(row) != many + 1:
        raise RunError(f"{where}: expected {many + 1} cells, found {len(row)}")
    if not (row[0].isascii() and row[0].isdigit() and len(row[0]) <= 18):
        raise RunError(f"{where}: expected a step, found `{row[0][:40]}`")
    try:
        return int(row[0]), [float(cell) if cell else math.nan for cell in row[1:]]
    except ValueError as error:
        raise RunError(f"{where}: {error}") from None


def cells(numbers: Sequence[float], digits: Sequence[int]) -> Iterator[str]:
    """Numbers as a file has them, each with the digits that it takes to read it back."""
    for number, many in zip(numbers, digits, strict=True):
        yield "" if math.isnan(number) else f"{number:.{many}g}"
