"""One declaration of a generated module: what it says, and how a value given by a user becomes its raw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import inf, isinf, isnan, prod, sqrt
from typing import Any, TypeAlias

import torch
from torch import Tensor

from cdsl.constraints.base import Bounded, text
from cdsl.constraints.real import is_identity
from cdsl.runtime.errors import DomainError
from cdsl.runtime.maps import Map, Step

Argument: TypeAlias = "float | str | Tensor | tuple[Argument, ...]"
"""A number, or an array as nested tuples, which broadcasts to the batch; the text of what is computed, or what came out."""


@dataclass(frozen=True)
class Declared:
    """A parameter as its spec declares it."""

    name: str
    map: Map
    arguments: tuple[Argument, ...] = ()
    batch: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    """Of one event, as the spec writes them."""
    start: Any = None
    """A number or nested tuples of numbers on the constrained side; None: the domain's neutral value."""
    frozen: bool = False
    held: tuple[bool, ...] = ()
    """Of each entry of the value, row-major, whether it stays at its start; empty where none does."""
    doc: str = ""
    eval: Map | None = None
    """That of a module that does not train, where it is another one."""
    loc: Step = 0.0
    scale: Step = 1.0
    """The affine step that its spec gives `via`: raw ↦ loc + scale · raw comes before the map."""

    def __post_init__(self) -> None:
        if not is_identity(self.loc, self.scale):
            object.__setattr__(self, "map", self.map.after(self.loc, self.scale))

    def at(self, training: bool) -> Declared:
        """The same with the map of a stage alone."""
        return self if self.eval is None else replace(self, map=self.map if training else self.eval, eval=None)

    @property
    def via(self) -> str:
        """The transform as a spec writes it: `increments(gap=softplus)`, `staged(train=logistic, eval=hard_sigmoid)`."""
        return self.map.written if self.eval is None else f"staged(train={self.map.written}, eval={self.eval.written})"

    @property
    def raw_name(self) -> str:
        """The attribute that holds the raw `nn.Parameter`."""
        return f"{self.name}_raw"

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of one event of the value."""
        return self.map.domain.event(self.sizes)

    @property
    def computed(self) -> bool:
        """Whether an argument depends on what is known when the module runs alone."""
        return any(isinstance(one, str) for one in (*self.arguments, self.loc, self.scale))

    def under(self, computed: tuple[Argument, ...]) -> Declared:
        """The same with arguments that were computed, and after them the step where that was.

        Raises:
            DomainError: one is not a number, bounds leave no room between them, or a scale is not positive.
        """
        arguments, step = computed[: len(self.arguments)], computed[len(self.arguments) :]
        loc, scale = map(number_of, step) if step else (self.loc, self.scale)
        one = replace(self, arguments=arguments, loc=loc, scale=scale)
        if one.arguments:
            one.refuse_arguments()
        wide = torch.as_tensor(scale, dtype=torch.float64)
        if step and not wide.is_meta and not ((wide > 0) & wide.isfinite()).all():
            raise DomainError(
                f"{self.name}: the scale of its transform is {wide.min().item():g}, must be greater than 0"
            )
        return one

    def refuse_arguments(self) -> None:
        """Hold computed arguments against the domain, those of the first entry that does not fit."""
        domain = self.map.domain
        arrays = [torch.as_tensor(one, dtype=torch.float64).detach().cpu() for one in self.arguments]
        if any(one.is_meta for one in arrays):
            return
        fits = torch.stack([~one.isnan().any() if domain.infinite else one.isfinite().all() for one in arrays]).all()
        if fits and isinstance(domain, Bounded):
            low, high = (torch.as_tensor(one, dtype=torch.float64) for one in domain.bounds(*arrays))
            if (low < high).all():
                return
        shape = sum(arrays[1:], arrays[0]).shape  # as they broadcast
        for index in product(*map(range, shape)):
            numbers = [float(one.expand(shape)[index]) for one in arrays]
            wrong = next((one for one in numbers if isnan(one) or (isinf(one) and not domain.infinite)), None)
            refused = f"an argument is {wrong}" if wrong is not None else domain.refuse_arguments(*numbers)
            if refused:
                raise DomainError(f"{index_text(self.name, index)}: {refused}")

    @property
    def given(self) -> tuple[Any, ...]:
        """What maps and tests of membership take beside a tensor: the arguments, then the sizes where the domain asks.

        Arrays are tensors in float64, on CPU.
        """
        arguments = (tensor_of(one) if isinstance(one, tuple) else one for one in self.arguments)
        return (*arguments, *(self.sizes if self.map.domain.sized else ()))

    def given_as(self, like: Tensor) -> tuple[Any, ...]:
        """The same, arrays in the dtype and on the device of a tensor."""
        return tuple(one.to(like) if isinstance(one, Tensor) else one for one in self.given)

    def buffers(self) -> Iterator[tuple[str, tuple[Argument, ...]]]:
        """The arguments that are arrays, and the entries that stay, each with the attribute of the generated module that
        holds it as a buffer."""
        for name, argument in zip(self.map.domain.arguments, self.arguments, strict=False):
            if isinstance(argument, tuple):
                yield f"_{self.name}_{name}", argument
        if self.held:
            yield f"_{self.name}_held", tuple(map(nested, self.standing().tolist()))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.batch + self.event

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """The shape of the raw, as maps see it; a scalar's is stored as `(1,)`, see the generated module."""
        if self.held:
            return (self.held.count(False),)
        return self.batch + self.map.transform.raw_event(self.sizes)

    @property
    def raw_size(self) -> int:
        """How many entries of the flat vector are this parameter's."""
        return prod(self.raw_shape)

    @property
    def domain(self) -> str:
        """The domain as a spec writes it: `interval(0.1, 10.0)[3]`."""
        return self.written(most=None)

    @property
    def brief(self) -> str:
        """The same with the first entries of long arrays, for those who read it."""
        return self.written(most=4)

    def written(self, most: int | None) -> str:
        """The domain as a spec writes it, with so many entries of each row of an array."""
        arguments = f"({', '.join(argument_text(one, most) for one in self.arguments)})" if self.arguments else ""
        written = self.batch + self.sizes
        sizes = f"[{', '.join(map(str, written))}]" if written else ""
        return f"{self.map.domain.name}{arguments}{sizes}"

    def labels(self) -> Iterator[str]:
        """A label for each entry of the raw, row-major: `w_raw[2]`; a scalar's has no index."""
        return labels(self.raw_name, self.raw_shape)

    def signature(self) -> dict[str, str]:
        """What a checkpoint's raw means nothing without."""
        signature = {"domain": self.domain, "transform": self.via}
        return signature | ({"frozen": held_text(self.standing().tolist())} if self.held else {})

    def start_value(self) -> Tensor:
        """The start value in float64, of the value's shape."""
        start = self.neutral() if self.start is None else self.start
        start = start.detach() if isinstance(start, Tensor) else start
        value = torch.as_tensor(start, dtype=torch.float64, device="cpu")
        if self.start is not None and value.shape not in (self.shape, self.event, ()):
            raise DomainError(f"{self.name}: expected a start value of shape {self.shape}, got {tuple(value.shape)}")
        return value.expand(self.shape)

    def standing(self) -> Tensor:
        """The entries that stay, in float64, of the value's shape; infinite elsewhere."""
        free = torch.tensor(self.held, device="cpu").reshape(self.shape).logical_not()
        return self.start_value().masked_fill(free, inf)

    @property
    def trains(self) -> str:
        """How much of it an optimizer moves."""
        return f"{self.held.count(False)} of {len(self.held)}" if self.held else "yes"

    def refuse_rounded(self, dtype: torch.dtype) -> None:
        """Hold the entries that stay, as this dtype has them, against the domain.

        Raises:
            DomainError: rounding takes one of them out of it.
        """
        standing = self.standing()
        rounded = standing.to(dtype).to(torch.float64)
        lost = standing.isfinite() & ~rounded.isfinite()
        if lost.any():
            at = first_index(lost, lost.ndim)
            raise DomainError(
                f"{index_text(self.name, at)} is frozen at {standing[at].item()!r}, which does not fit {dtype}"
            )
        self.inside(torch.where(standing.isfinite(), rounded, self.start_value()), torch.finfo(dtype).eps)

    def value_of(self, raw: Tensor) -> Tensor:
        """raw `(…, *raw_shape)` ↦ value `(…, *shape)`."""
        held = {"held": self.standing().to(raw.device)} if self.held else {}
        return self.map(raw, *self.given_as(raw), **held)

    def raws_of(self, value: Tensor) -> Tensor:
        """A value `(…, *shape)` that lies in the domain ↦ its raw `(…, *raw_shape)`."""
        raw = self.map.inverse(value, *self.given_as(value))
        if not self.held:
            return raw
        free = [place for place, held in enumerate(self.held) if not held]
        return raw.flatten(raw.ndim - len(self.shape))[..., free]

    def neutral(self) -> Any:
        """The domain's neutral value; where arguments are arrays, that of each entry."""
        domain = self.map.domain
        if not any(isinstance(one, (tuple, Tensor)) for one in self.arguments):
            return domain.start(self.sizes, *self.arguments)
        arrays = [tensor_of(one) for one in self.arguments]
        shape = sum(arrays[1:], arrays[0]).shape  # as they broadcast
        entries = zip(*(one.expand(shape).flatten().tolist() for one in arrays), strict=True)
        starts = [torch.as_tensor(domain.start(self.sizes, *numbers), dtype=torch.float64) for numbers in entries]
        event = starts[0].shape if starts else torch.Size()
        whole = torch.stack(starts) if starts else torch.empty(0, dtype=torch.float64, device="cpu")
        return whole.reshape((*shape, *event, *[1] * (len(self.event) - len(event))))

    def raw_of(self, value: Any, dtype: torch.dtype) -> Tensor:
        """The raw of a user's value, on CPU, of the raw's shape; inverted in float64 and rounded to dtype.

        A value of the event's shape is broadcast over the batch, a single number over an elementwise domain.

        Raises:
            DomainError: a wrong shape or type, a value outside the domain, one whose raw does not fit the dtype, or a
                tensor that requires grad.
        """
        given = self.read(value)
        value64 = self.broadcast(given.to(device="cpu", dtype=torch.float64))
        inside = self.inside(value64, eps_of(given))
        raw = self.raws_of(inside).to(dtype)
        if not torch.isfinite(raw).all():
            where = index_text(self.name, () if self.held else first_index(~torch.isfinite(raw), len(self.batch)))
            raise DomainError(f"{where}: the raw value of what was given does not fit {dtype}")
        return raw

    def read(self, value: Any) -> Tensor:
        """What a user gave, as a tensor of real numbers: a tensor or an array in its own dtype, numbers in float64.

        Raises:
            DomainError: it is not that, or it has a graph.
        """
        if has_graph(value):
            raise DomainError(
                f"{self.name}: the value requires grad, and setting keeps no graph: detach it, `{self.name}.detach()`"
            )
        try:
            given = value if isinstance(value, Tensor) else torch.tensor(value)
            if not given.is_complex() and not hasattr(value, "dtype"):
                given = torch.as_tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            message = f"{self.name}: expected numbers of shape {self.shape}, got {short(value)} ({error})"
            raise DomainError(message) from None
        if given.is_complex() or given.is_meta or given.layout is not torch.strided:
            kind = "meta" if given.is_meta else given.dtype if given.is_complex() else given.layout
            raise DomainError(f"{self.name}: expected a dense tensor of real numbers, got a {kind} one")
        return given

    def broadcast(self, given: Tensor) -> Tensor:
        """The tensor in this declaration's shape: one event for the whole batch, one number for every entry.

        Raises:
            DomainError: its shape is another one.
        """
        if given.shape not in (self.shape, self.event, ()) or (given.shape == () and self.event):
            also = f" (or {self.event}, for all alike)" if self.batch else ""
            raise DomainError(f"{self.name}: expected shape {self.shape}{also}, got {tuple(given.shape)}")
        return given.expand(self.shape)

    def inside(self, value: Tensor, eps: float) -> Tensor:
        """The value, checked to lie in the domain; shape `(…, *event)`.

        An equation, such as a sum of 1, may be missed by max(1e-6, 8 eps √K): eps of the dtype the value came in.

        Raises:
            DomainError: names the first entry that does not, and by how much.
        """
        domain, given = self.map.domain, self.given_as(value)
        inside, residual = domain.contains(value, *given), domain.residual(value, *given)
        if residual is not None:
            inside = inside & (residual <= residual_allowed(eps, self.event))
        if not inside.all():
            at = first_index(~inside, inside.ndim)
            here = [one.expand(inside.shape)[at].item() if isinstance(one, Tensor) else one for one in given]
            violation = domain.violation(value[at].tolist(), *here)
            if violation is None:
                raise AssertionError(f"{domain.name}.contains and .violation disagree about {value[at].tolist()}")
            arrays = any(isinstance(one, (tuple, Tensor)) for one in self.arguments)
            of_entry = f"{domain.name}({', '.join(map(str, here))})" if arrays else self.domain
            raise DomainError(f"{index_text(self.name, at + violation.index)} is outside {of_entry}: {violation}")
        if self.held:
            self.refuse_moved(value, eps)
        return value

    def refuse_moved(self, value: Tensor, eps: float) -> None:
        """Hold the entries that stay against what they stay at, to the resolution that the value came in.

        Raises:
            DomainError: names the first of them that is another number.
        """
        standing = self.standing()
        moved = standing.isfinite() & ((value - standing).abs() > 2 * eps * standing.abs())
        if moved.any():
            at = first_index(moved, moved.ndim)
            entry = at[moved.ndim - len(self.shape) :]
            message = f"is frozen at {text(standing[entry].item())}, got {text(value[at].item())}"
            raise DomainError(f"{index_text(self.name, at)} {message}")


def residual_allowed(eps: float, event: tuple[Any, ...]) -> float:
    """By how much an equation may be missed by a value of a dtype of this eps: what its entries owe to rounding, and what
    people write; and a thousandth of it, as `violation`, which says what is wrong, sums floats to other last bits."""
    return max(1e-6, 8 * eps * sqrt(prod(event))) * 1.001


def number_of(argument: Argument) -> Step:
    """A number that was computed."""
    return argument if isinstance(argument, (Tensor, str)) else float(argument)  # type: ignore[arg-type]  # no array


def tensor_of(argument: Argument) -> Tensor:
    """An argument as it was declared or computed, in float64 on CPU."""
    return torch.as_tensor(argument, dtype=torch.float64, device="cpu")


def argument_text(argument: Argument, most: int | None) -> str:
    """An argument as a spec writes it, `[0.0, -inf, 0.1]`; of the rows of an array so many entries."""
    if isinstance(argument, Tensor):
        return argument_text(nested(argument.tolist()), most)
    if not isinstance(argument, tuple):
        return str(argument)
    shown = [argument_text(one, most) for one in argument[:most]]
    more = [f"… {len(argument) - most} more"] if most is not None and len(argument) > most else []
    return f"[{', '.join(shown + more)}]"


def nested(lists: Any) -> Argument:
    """Nested lists as nested tuples."""
    if isinstance(lists, list):
        return tuple(map(nested, lists))
    return float(lists)


def held_text(standing: Any) -> str:
    """The entries that stay, `_` where one does not: `[1.0, _]`."""
    if isinstance(standing, list):
        return f"[{', '.join(map(held_text, standing))}]"
    return "_" if isinf(standing) else str(standing)


def labels(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    """`name[i, j]` for every index of the shape, row-major; `name` alone for a scalar."""
    return (index_text(name, index) for index in product(*map(range, shape)))


def index_text(name: str, index: tuple[int, ...]) -> str:
    """`name[i, j]`, or `name` where the index is empty."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def first_index(mask: Tensor, dims: int) -> tuple[int, ...]:
    """The leading `dims` coordinates of the first true entry."""
    return tuple(mask.nonzero()[0].tolist())[:dims]


def has_graph(value: Any) -> bool:
    """Whether there is a tensor that requires grad, in nested sequences too."""
    if isinstance(value, (list, tuple)):
        return any(map(has_graph, value))
    return isinstance(value, Tensor) and value.requires_grad


def eps_of(given: Tensor) -> float:
    """The resolution of the numbers in a tensor; integers have all of theirs."""
    return torch.finfo(given.dtype).eps if given.is_floating_point() else 0.0


def short(value: Any) -> str:
    """The value in at most 40 characters."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
