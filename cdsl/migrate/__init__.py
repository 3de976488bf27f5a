"""Checkpoints of one spec as checkpoints of another: raw values copied where they mean the same, constrained ones carried over.

What would be lost is refused unless told. Optimizer states are no part of it: what an optimizer knows of a raw value means
nothing of another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from cdsl.diff import Told
from cdsl.migrate.state import MigrationError as MigrationError
from cdsl.migrate.state import (
    Module,
    data_names,
    hold,
    kept_data,
    loaded,
    placed,
    raw_key,
    short,
    wide,
)
from cdsl.runtime.errors import DomainError
from cdsl.runtime.module import named

if TYPE_CHECKING:
    from cdsl.runtime.declared import Declared
    from cdsl.runtime.module import Leaf

NOISE = 16
"""Of arguments that were computed: in how many units of the last place they may differ and be the same."""


class Row(NamedTuple):
    """What became of an entry, and by how much its value moved; None where there is nothing to compare."""

    name: str
    done: str
    moved: float | None = None


class Carried(NamedTuple):
    """A state dict of the new module, and what became of every entry."""

    state: dict[str, Tensor]
    rows: tuple[Row, ...]


def migrate(
    old: Module,
    new: Module,
    state: Mapping[str, Tensor],
    *,
    rename: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    start: Sequence[str] = (),
) -> dict[str, Tensor]:
    """A state dict of the old module as one of the new module, on CPU, in the dtype that it has; neither module changes.

    `rename` has names of the old module, `drop` those that may be lost, `start` names of the new one that keep the value
    that it has. Modules have their dims and data as the checkpoint is to be read.

    Raises:
        MigrationError: the state is not the old module's, or not all of it can be carried over.
        Unknown: a name that neither module has.
    """
    return carry(old, new, state, Told(rename, drop, start)).state


def carry(old: Module, new: Module, state: Mapping[str, Tensor], told: Told) -> Carried:
    """The same, with what became of every entry."""
    carrier = Carrier(loaded(old, state), wide(new), state, told)
    carrier.carry_data()
    carrier.carry_parameters()
    carrier.account()
    return carrier.result()


class Carrier:
    """What the old module has, on its way into the new one; both in float64. Problems are collected."""

    def __init__(self, was: Module, now: Module, state: Mapping[str, Tensor], told: Told) -> None:
        self.was, self.now, self.told = was, now, told
        self.rows: list[Row] = []
        self.problems: list[str] = []
        self.leaves = {leaf.name: leaf for leaf in was._leaves()}
        self.data = kept_data(was)
        told.require([*self.leaves, *data_names(was)], [*(one.name for one in now._leaves()), *data_names(now)])
        self.source = {told(name): name for name in (*self.leaves, *self.data) if not told.drops(name)}
        self.values = evaluated(was)
        self.dtypes = {name: state[raw_key(leaf)].dtype for name, leaf in self.leaves.items()}
        self.common = next(iter(self.dtypes.values()), torch.get_default_dtype())
        """The dtype of what the checkpoint does not have."""

    def carry_data(self) -> None:
        """Give the new module the data that the old one had."""
        for name, owner in kept_data(self.now).items():
            origin = self.source.get(name)
            with self.collected(name):
                if origin is None or self.told.starts(name):
                    self.rows.append(Row(name, "its default"))
                elif origin not in self.data:
                    raise DomainError(f"{short(name)}: a parameter of the old spec, data of the new one")
                else:
                    hold(owner, short(name), getattr(self.data[origin], short(origin)))
                    self.rows.append(Row(name, "copied"))

    def carry_parameters(self) -> None:
        """Give every new parameter the raw of the old one, or where that means another value the raw of its value."""
        then, now = Settled(), Settled()
        for leaf in self.now._leaves():
            origin = self.source.get(leaf.name)
            with self.collected(leaf.name):
                if origin is None or self.told.starts(leaf.name):
                    now.write(leaf, leaf.parameter, self.common)
                    self.rows.append(Row(leaf.name, "its start"))
                elif origin not in self.leaves:
                    raise DomainError(f"{leaf.one.name}: data of the old spec, a parameter of the new one")
                else:
                    self.carry_parameter(then(self.leaves[origin]), self.leaves[origin], leaf, now)

    def carry_parameter(self, before: Declared, old: Leaf, leaf: Leaf, now: Settled) -> None:
        """One parameter that both have.

        Raises:
            DomainError: its value has no place in the new one.
        """
        origin, after = old.name, now(leaf)
        dtype = self.dtypes[origin]
        if means_the_same(before, after, torch.finfo(dtype).eps):
            now.write(leaf, old.parameter, dtype)
            self.rows.append(Row(leaf.name, "raw copied"))
        else:
            fit(before, after)
            now.write(leaf, after.raw_of(self.values[origin], dtype), dtype)
            self.rows.append(Row(leaf.name, "value carried"))

    @contextmanager
    def collected(self, name: str) -> Iterator[None]:
        """What is wrong with one declaration joins the problems, under the name that it has outside."""
        try:
            yield
        except DomainError as error:
            self.problems.append(placed(name, error))

    def account(self) -> None:
        """Hold every entry of the old module against where it went.

        Raises:
            MigrationError: something is lost, or could not be carried over.
        """
        reached = {*(leaf.name for leaf in self.now._leaves()), *kept_data(self.now)}
        for name in (*self.leaves, *self.data):
            if self.told.drops(name):
                self.rows.append(Row(name, "dropped"))
            elif self.told(name) not in reached:
                self.problems.append(f"{name}: the new spec has no place for it")
        if self.problems:
            help = "`--rename OLD=NEW`, `--drop OLD` or `--start NEW` says what is to be done"
            raise MigrationError("E804", self.problems, help)

    def result(self) -> Carried:
        """The state of the new module, and how far each value is from where it was.

        Raises:
            MigrationError: one is farther than rounding of raw explains.
        """
        after, eps, rows = evaluated(self.now), torch.finfo(self.common).eps, list[Row]()
        for row in self.rows:
            if row.done not in ("raw copied", "value carried"):
                rows.append(row)
                continue
            then, now = torch.broadcast_tensors(self.values[self.source[row.name]], after[row.name])
            away = torch.where(then == now, 0.0, then - now)  # infinities too
            moved, largest = (float(one.abs().max()) if one.numel() else 0.0 for one in (away, then))
            if row.done == "value carried" and not moved <= eps**0.5 * largest + eps:  # nor where it is no number
                self.problems.append(f"{row.name}: the nearest value that its new raw can give is {moved:.3g} away")
            rows.append(row._replace(moved=moved))
        if self.problems:
            help = "save the checkpoint in float64, or begin anew with `--start`"
            raise MigrationError("E804", self.problems, help)
        origins = {raw_key(leaf): self.source.get(leaf.name, "") for leaf in self.now._leaves()}
        dtypes = {key: self.dtypes.get(origin, self.common) for key, origin in origins.items()}
        state = {key: narrow(value, dtypes.get(key, self.common)) for key, value in self.now.state_dict().items()}
        return Carried(state, tuple(rows))


def fit(before: Declared, after: Declared) -> None:
    """Hold the shapes of values against each other; a value without batch serves a batch.

    Raises:
        DomainError: they do not fit.
    """
    if before.shape != after.shape and (before.batch or before.shape != after.event):
        raise DomainError(f"{after.name}: its shape was {before.shape} and is {after.shape}")


class Settled:
    """Declarations with their arguments as they are, while raw values are set in order."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, Any]] = {}
        """The values of modules, of those that a bound has asked for."""

    def __call__(self, leaf: Leaf) -> Declared:
        """One declaration, now.

        Raises:
            DomainError: its bounds leave no room.
        """
        if not leaf.one.computed:
            return leaf.one
        with torch.no_grad():
            if id(leaf.owner) not in self._known:
                self._known[id(leaf.owner)] = dict(leaf.owner._evaluate(leaf.owner._raw())._asdict())
            return leaf.one.under(leaf.owner._arguments(leaf.one.name, self._known[id(leaf.owner)]))

    def write(self, leaf: Leaf, raw: Tensor, dtype: torch.dtype) -> None:
        """Set a raw, rounded as it will be kept; its value follows, and other modules are asked anew."""
        with torch.no_grad():
            leaf.parameter.copy_(raw.detach().to(dtype).reshape(leaf.parameter.shape))
            known = self._known.get(id(leaf.owner))
            self._known = {} if known is None else {id(leaf.owner): known}
            if known is not None:
                one = self(leaf)
                known[one.name] = one.value_of(leaf.parameter.detach().reshape(one.raw_shape))


def means_the_same(then: Declared, now: Declared, eps: float) -> bool:
    """Whether a raw value of one gives the value that it gives of the other."""
    words = [
        (one.map.domain.name, one.map.name, one.batch, one.sizes, one.signature().get("frozen")) for one in (then, now)
    ]
    numbers = [
        [torch.as_tensor(given, dtype=torch.float64) for given in (*one.arguments, one.loc, one.scale)]
        for one in (then, now)
    ]
    return (
        words[0] == words[1]
        and len(numbers[0]) == len(numbers[1])
        and all(
            one.shape == other.shape and torch.allclose(one, other, rtol=NOISE * eps, atol=0)
            for one, other in zip(*numbers, strict=True)
        )
    )


def evaluated(module: Module) -> dict[str, Tensor]:
    """Every value by name."""
    with torch.no_grad():
        values = named(module._evaluate(module._raw()), "")
        return {name: value.detach().clone() for name, value in values}


def narrow(value: Tensor, dtype: torch.dtype) -> Tensor:
    """A tensor of its own; real numbers in this dtype."""
    return (value.to(dtype) if value.is_floating_point() else value).clone().contiguous()
