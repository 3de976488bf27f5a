"""The values that a checkpoint has, by the paths of a description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from cdsl.diff import Told, pattern
from cdsl.migrate import evaluated
from cdsl.migrate.build import modules
from cdsl.migrate.files import read
from cdsl.migrate.state import MigrationError, loaded
from cdsl.model import Model
from cdsl.show.parts import Value

MOST = 6
"""Entries that are written out."""
MOST_DOTS = 16
"""Entries of one parameter that are drawn."""


def values_of(
    model: Model, checkpoint: Path, sizes: Mapping[str, int], data: Path | None, prefix: str
) -> dict[str, list[Value]]:
    """Every parameter's values by its path.

    Raises:
        MigrationError: the checkpoint is not of this model, or sizes or data are missing.
    """
    state = {name.removeprefix(prefix): value for name, value in read(checkpoint).items() if name.startswith(prefix)}
    if not state:
        raise MigrationError("E803", [f"no entry of the checkpoint begins with `{prefix}`"])
    given = {} if data is None else read(data)
    module = loaded(modules(model, model, state, Told(None, (), ()), sizes, given)[0], state)
    values = evaluated(module)
    found: dict[str, list[Value]] = {}
    for leaf in module._leaves():
        value, raw = values[leaf.name], leaf.parameter.detach().reshape(leaf.one.raw_shape)
        own = leaf.one.map.domain.elementwise and not leaf.one.held
        pairs = (
            zip(raw.flatten()[:MOST_DOTS].tolist(), value.flatten()[:MOST_DOTS].tolist(), strict=True) if own else ()
        )
        found.setdefault(pattern(leaf.name), []).append(Value(leaf.name, written(value), tuple(pairs)))
    return found


def written(value: Tensor) -> str:
    """A value: its entries, or of many the first, and how far they reach."""
    flat = value.flatten()
    entries = [f"{entry:.6g}" for entry in flat[:MOST].tolist()]
    if value.ndim == 0:
        return entries[0]
    if flat.numel() <= MOST:
        return f"[{', '.join(entries)}]"
    least, mean, most = (f"{float(one):.4g}" for one in (flat.min(), flat.mean(), flat.max()))
    return f"[{', '.join(entries)}, … {flat.numel() - MOST} more] from {least} to {most}, mean {mean}"
