"""The monitor: counts steps, and records every so many."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import torch
from torch import nn

from cdsl.monitor.sinks import To, sinks
from cdsl.monitor.warn import Warner
from cdsl.monitor.watched import find, laid_out, numbers


class Monitor:
    """Records a model's parameters every so many steps, and warns of those that no longer train.

    `to` is the path of a run file, `"live"` for a table at the terminal, a TensorBoard `SummaryWriter`, a callable that takes
    the step and numbers by name, or a list of these; without it there are warnings alone. A run file that is there already is
    gone on with where `resume` says so, and steps are counted from its last one. `model` may hold constrained modules inside.

    `most` entries of one value have columns of their own; of larger ones there are minimum, mean and maximum. `patience` is for
    how many records in a row a parameter may be without a gradient.

    Between records `step` counts, and asks nothing of the device.

    Raises:
        TypeError: there is nothing to record, or `to` takes no records.
        ValueError: a number below 1, or a path that does not end in `.csv`.
        RunError: the run file is there already, or of another model.
    """

    def __init__(
        self,
        model: nn.Module,
        every: int = 10,
        to: To | Sequence[To] | None = None,
        *,
        optimizer: torch.optim.Optimizer | None = None,
        resume: bool = False,
        most: int = 16,
        patience: int = 5,
    ) -> None:
        for name, number in (("every", every), ("most", most), ("patience", patience)):
            if not isinstance(number, int) or number < 1:
                raise ValueError(f"{name}: expected a whole number from 1, got {number!r}")
        self.every = every
        self._watched = find(model)
        with torch.no_grad():
            self._layout = laid_out(self._watched, most)
        self._warner = Warner(self._watched, self._layout, patience)
        self._sinks = sinks(to, self._layout, resume=resume)
        self.steps = max((sink.last for sink in self._sinks), default=0)
        """How many steps there were."""
        self._hook: Any = None
        if optimizer is not None:
            self._hook = optimizer.register_step_post_hook(lambda *_: self.step())

    def step(self) -> None:
        """Count a step of the optimizer, and record if it is its turn. With `optimizer=` this happens by itself."""
        self.steps += 1
        if self.steps % self.every == 0:
            self.record()

    def record(self) -> dict[str, float]:
        """Record now, whatever the count; what was recorded, by column."""
        with torch.no_grad():
            found = numbers(self._watched, self._layout)
            record = dict(zip(self._layout.names, found, strict=True))
            for sink in self._sinks:
                sink(self.steps, record)
            self._warner.look(self.steps, record)
        return record

    def close(self) -> None:
        """Close what was opened; the optimizer is followed no longer."""
        if self._hook is not None:
            self._hook.remove()
        for sink in self._sinks:
            sink.close()
        self._sinks = []

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
