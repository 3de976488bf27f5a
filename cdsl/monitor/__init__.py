"""Training, watched: what parameters are, and what their raw values and gradients are, every so many steps.

    monitor = cdsl.monitor.Monitor(model, every=10, to="run.csv")
    ...
    optimizer.step()
    monitor.step()

It warns of a parameter that has saturated, whose gradient has vanished, or that is no finite number any more; once each, with
what to do about it.
"""

from __future__ import annotations

from cdsl.monitor.monitor import Monitor as Monitor
from cdsl.monitor.warn import MonitorWarning as MonitorWarning

__all__ = ["Monitor", "MonitorWarning"]
