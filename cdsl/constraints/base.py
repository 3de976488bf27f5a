"""What a domain is, what a transform is, and the contract that both keep.

The contract; each sentence is one test in `tests/test_laws.py`, run for every transform of every domain.
A transform that departs from a sentence says so in its docstring.

1. `forward` of any finite raw lies in the domain, closed at the resolution of the dtype.
2. `inverse(forward(raw))` is raw to the stated accuracy, but for what is `spare`. What lies outside the domain is refused by
   `contains`, and explained by `violation`; no map ever clamps to hide it.
3. `log_det` is log |det ∂ chart(value) / ∂ raw|, summed over the event. The chart is the identity unless the
   domain names another one.
4. Leading dimensions are batch.
5. dtype and device of the result are those of raw: float16, bfloat16, float32, float64.
6. No NaN or infinity in value, log_det or gradients where the true result is representable.
7. A map uses torch and its arguments, nothing else: no tensor constants, nothing in place, no `.item()`.

That is what a map means. Beside it a transform may have a `Lean` form, which is what plain eager code runs.

The files of this package name torch without importing it. `cdsl.runtime` gives it to them when it is imported, so
that a spec is checked and compiled where torch is not installed.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Scalar = float | Tensor


SHARE = 2.0**-24


class Transform:
    """How raw becomes a value: pure formulas, tensor first, batched over leading dimensions.

    A transform is *bijective* if inverse and log-Jacobian exist, otherwise *surjective*: it lands in the domain,
    but several raws give one value, and `inverse` picks one of them.
    """

    surjective: ClassVar[bool] = False
    scan: ClassVar[bool] = False
    """Adds up along the event: float32 is computed in float64 and rounded once."""
    explosive: ClassVar[bool] = False
    """Its log-Jacobian grows like exp(raw), and overflows where that does."""
    own_parts: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """The elementwise steps that a spec may choose: each with the domain whose transforms it takes, and the one that it is."""

    @property
    def built_on(self) -> dict[str, Transform]:
        """The transforms that this one is made of, by the names of its fields: what is made of others is a data class."""
        fields = getattr(self, "__dataclass_fields__", ())  # dynamo of torch 2.6 knows neither `vars` nor `__dict__`
        steps = [(name, getattr(self, name)) for name in fields]
        return {name: step for name, step in steps if isinstance(step, Transform)}

    @property
    def bijective(self) -> bool:
        """Whether inverse and log-Jacobian exist: this formula has them, and every transform that it is built on."""
        return not self.surjective and all(step.bijective for step in self.built_on.values())

    @property
    def parts(self) -> Mapping[str, tuple[str, str]]:
        """The steps that a spec may choose, its own and those of the transforms that it is built on."""
        inner = {name: part for step in self.built_on.values() for name, part in step.parts.items()}
        return {**inner, **self.own_parts}

    def using(self, **parts: Any) -> Transform:
        """This transform with these for its parts; unless it says otherwise, handed to the transforms that it is built on."""
        inner = {name: step.using(**parts) if step.parts else step for name, step in self.built_on.items()}
        return type(self)(**inner)  # a data class of transforms

    def raw_event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of one event's raw, from the sizes that its spec writes."""
        return sizes

    @abstractmethod
    def forward(self, raw: Tensor, /, *arguments: Any, **named: Any) -> Tensor:
        """raw ↦ value."""

    @abstractmethod
    def inverse(self, value: Tensor, /, *arguments: Any, **named: Any) -> Tensor:
        """value ↦ raw."""

    def log_det(self, raw: Tensor, /, *arguments: Any, **named: Any) -> Tensor:
        """raw ↦ log |det ∂ value / ∂ raw|, summed over the event."""
        raise NotImplementedError(f"{type(self).__name__} is surjective: it has no log-Jacobian")

    def spare(self, raw: Tensor, /, *arguments: Any, **named: Any) -> Tensor | None:
        """What raw holds beyond the value, as coordinates that the log-Jacobian counts beside the chart's; None: nothing.

        With a spare coordinate several raws give one value, and `inverse` picks one; together with it they are told
        apart, so there is a log-Jacobian.
        """
        return None

    def forward_and_log_det(self, raw: Tensor, /, *arguments: Any, **named: Any) -> tuple[Tensor, Tensor]:
        """Both, for a transform whose two formulas share work."""
        return self.forward(raw, *arguments), self.log_det(raw, *arguments)

    def lean(self, *arguments: Any) -> Lean | None:
        """The form of this transform that plain eager code runs, with these arguments; None: its formulas."""
        return None


class Lean:
    """A transform once more, in few passes over memory, with its derivative written out.

    The formulas say what a transform is: `torch.func`, `torch.compile`, export, forward mode and second derivatives have
    them alone. The lean form gives the same numbers, to the accuracy that is promised of them (`tests/test_lean.py`). It may
    write into tensors that it has made itself, and into no others; it reads no number out of one.
    """

    @abstractmethod
    def forward(
        self, raw: Tensor, batch: int | None, *arguments: Any
    ) -> tuple[Tensor, Tensor | None, tuple[Tensor, ...]]:
        """raw ↦ value; log |det ∂ value / ∂ raw|, summed over the event and `batch` dimensions before it, if that is not None;
        and what the way back needs."""

    @abstractmethod
    def backward(
        self,
        raw: Tensor,
        saved: tuple[Tensor, ...],
        to_value: Tensor | None,
        to_log_det: Tensor | None,
        *arguments: Any,
    ) -> Tensor:
        """The gradient by raw, of those by value and by log-det, one of which may be None; the latter with a dimension of size 1
        for each that was summed. raw is as it was given, what was saved in the precision that it was computed in."""

    def fusing(self) -> Lean:
        """The form for a compiler that makes one loop of many operators: these cost it nothing, and transcendental functions all."""
        return self


def summed_over(log_det: Tensor, batch: int) -> Tensor:
    """The sum over the last dimensions, so many."""
    if batch == 1:
        return log_det.sum(-1)
    return log_det.sum(tuple(range(-batch, 0))) if batch else log_det


def in_pairs(x: Tensor, pairs: Sequence[tuple[float, float]]) -> Tensor:
    """The polynomial of these coefficients, two terms of it at a time: steps that do not wait for each other (Estrin's scheme)"""
    square, (*lower, highest) = x * x, (low + high * x for low, high in pairs)
    for pair in reversed(lower):
        highest = highest * square + pair
    return highest


def sum_of(terms: Tensor, dimensions: int = 1) -> Tensor:
    """Σ of terms of either sign over the last dimensions, so many: of 2⁻²⁴ of each, so that no part of it overflows

    Never ∞ - ∞ then. It costs no digit of a term above 1e-300, in float32 above 1e-30.
    """
    return (terms * SHARE).sum(tuple(range(-dimensions, 0))) / SHARE


@dataclass(frozen=True)
class Violation:
    """Why a value is not in a domain: where, what is there, what must hold, and by how much it fails."""

    index: tuple[int, ...]
    found: str
    must: str
    off: float | None = None

    def __str__(self) -> str:
        off = f", off by {self.off:.3g}" if self.off else ""
        return f"{self.found}, must {self.must}{off}"


class Domain:
    """A set that a parameter lives in, with the transforms that reach it. The docstring's first line is its summary.

    `arguments` and `sizes` name what a spec writes in `( )` and in `[ ]`; `sizes` are those of one event. `also` are the
    names that Stan or torch have for it.
    `transforms` maps the word after `via` to its transform, the default first; `aliases` maps other words for them.
    `examples` are declarations' right-hand sides: parsed, law-tested, and shown to users in help texts.
    """

    name: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    arguments: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[tuple[float, ...]] = ()
    """Of the last arguments: a spec may leave them out, and maps have them as their own defaults."""
    infinite: ClassVar[bool] = False
    """Its arguments are bounds, and an infinite one is none."""
    sizes: ClassVar[tuple[str, ...]] = ()
    square: ClassVar[bool] = False
    """Of two sizes a spec may write one: `cholesky_cov[3]` is `cholesky_cov[3, 3]`."""
    least: ClassVar[int] = 1
    """The smallest size of an event."""
    sized: ClassVar[bool] = False
    """Its maps and its tests of membership take the event's sizes, after the arguments: raw alone does not tell them.
    So does its chart, which takes no arguments."""
    bounded: ClassVar[bool] = False
    """No entry of a value is large, whatever raw is."""
    surface: ClassVar[bool] = False
    """No chart covers it: the log-Jacobian is that of its surface measure, ½ log det JᵀJ of all that `chart` gives."""
    transforms: ClassVar[Mapping[str, Transform]]
    aliases: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[tuple[str, ...]]
    notation: ClassVar[str]
    """The set in one line of mathematics."""
    starts_at: ClassVar[str]
    """The start value of a declaration that names none, in words."""

    def refuse_arguments(self, *arguments: Any, **named: Any) -> str | None:
        """What is wrong with these arguments taken together, or None."""
        return None

    def refuse_sizes(self, *sizes: int) -> str | None:
        """What is wrong with these sizes taken together, or None."""
        return None

    def refuse(self, arguments: tuple[float, ...], sizes: tuple[int, ...]) -> str | None:
        """What is wrong with arguments and sizes that are right by themselves, or None."""
        return None

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of one event, from the sizes that its spec writes: `cholesky_corr[K]` is K × K."""
        return sizes

    @abstractmethod
    def start(self, sizes: tuple[int, ...], *arguments: Any, **named: Any) -> Scalar:
        """The neutral value that a declaration without `=` starts from, broadcast over the event.

        A number, wherever that is enough: the checker reads it where torch is not installed.
        """

    @abstractmethod
    def contains(self, value: Tensor, *arguments: Any, **named: Any) -> Tensor:
        """Whether each event lies in the domain, with `closed=True` in its closure; boolean, batch shape.

        Inequalities only: what must hold exactly is `residual`'s.
        """

    def residual(self, value: Tensor, *arguments: Any, **named: Any) -> Tensor | None:
        """By how much each event misses the equation that defines the domain; None where there is no equation."""
        return None

    @abstractmethod
    def violation(self, value: Any, *arguments: Any, **named: Any) -> Violation | None:
        """The first reason why one event, as a float or nested lists of floats, is not in the domain.

        Says of plain numbers what `contains` says of tensors, without torch: compile-time checks use it, and
        run-time errors are explained by it.
        """

    def inward(self, value: Tensor, eps: float) -> Tensor:
        """The value, moved into the domain by what rounding its entries by eps may have moved it out.

        The identity, unless the boundary bends: then no rounding of single entries keeps to one side of it, and it is
        this value that contract 1 finds in the domain, closed.
        """
        return value

    def unreached(self, value: Any, *arguments: Any) -> Violation | None:
        """Why no finite raw of a bijective transform gives this value of the domain: it is on a boundary that belongs to it."""
        return None

    def chart(self, value: Tensor, *sizes: Any, **named: Any) -> Tensor:
        """The coordinates in which the log-Jacobian is taken; the identity unless one is redundant.

        It takes the event's sizes where the domain is `sized`.
        """
        return value

    @property
    def elementwise(self) -> bool:
        """Whether an event is a single number."""
        return not self.sizes

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return (type(self).__doc__ or "").strip().splitlines()[0]

    @property
    def default(self) -> str:
        """The name of the transform of a declaration without `via`."""
        return next(iter(self.transforms))


class Bounded(Domain):
    """A domain of single numbers between two bounds, each of them possibly infinite."""

    @abstractmethod
    def bounds(self, *arguments: Any, **named: Any) -> tuple[Scalar, Scalar]:
        """The bounds, low and high; neither belongs to the domain."""

    def contains(self, value: Tensor, *arguments: Any, closed: bool = False) -> Tensor:
        low, high = self.bounds(*arguments)
        inside = (low <= value) & (value <= high) if closed else (low < value) & (value < high)
        return inside & torch.isfinite(value)

    def violation(self, value: float, *arguments: Any) -> Violation | None:
        low, high = self.bounds(*arguments)
        if not math.isfinite(value):
            return Violation((), text(value), "be finite")
        if low < value < high:
            return None
        off = float(max(low - value, value - high))
        if math.isinf(high):
            return Violation((), text(value), f"be greater than {text(low)}", off)
        if math.isinf(low):
            return Violation((), text(value), f"be less than {text(high)}", off)
        return Violation((), text(value), f"be strictly between {text(low)} and {text(high)}", off)


class SquareMatrix(Domain):
    """A linear space of K × K matrices, or one moved: equations alone say what belongs to it, beside being finite."""

    sizes = ("K",)
    starts_at = "the identity matrix"

    def event(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (sizes[0], sizes[0])

    def start(self, sizes: tuple[int, ...]) -> Scalar:
        return torch.eye(sizes[0], dtype=torch.float64)

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        return torch.isfinite(value).all((-2, -1))


def text(number: Any) -> str:
    """A number in the fewest digits that read back as it: `10`, `0.1`, `-inf`."""
    return repr(float(number)).removesuffix(".0")


def for_entries(argument: Scalar) -> Scalar:
    """An argument of an event as each entry of a vector meets it: one number, or a tensor of one for each event."""
    return argument.unsqueeze(-1) if isinstance(argument, torch.Tensor) else argument


def attach(value: Tensor, surrogate: Tensor) -> Tensor:
    """`value`, bit for bit, with the derivatives of `surrogate`.

    For maps whose most exact form and whose exactly differentiable form are two formulas. The term added is exactly
    zero wherever the surrogate is finite, and being plain autograd it serves vmap, jvp, hessians and compilation.
    """
    return value.detach() + (surrogate - surrogate.detach())


def attach_log(value: Tensor, log_surrogate: Tensor) -> Tensor:
    """`value`, bit for bit, with the derivatives of `exp(log_surrogate)`, relative errors kept: d value = value · d log."""
    return value.detach() * torch.exp(log_surrogate - log_surrogate.detach())


def at_least(value: Tensor, low: Scalar) -> Tensor:
    """max(value, low), flat below low and not at it, where torch's `clamp` has from 2.15 on no slope, or half of one"""
    below = value < low
    return value.masked_fill(below, low) if isinstance(low, (int, float)) else torch.where(below, low, value)


def at_most(value: Tensor, high: Scalar) -> Tensor:
    """min(value, high), flat above high and not at it: see `at_least`"""
    above = value > high
    return value.masked_fill(above, high) if isinstance(high, (int, float)) else torch.where(above, high, value)


def first_infinite(value: Any, index: tuple[int, ...] = ()) -> Violation | None:
    """The first entry that is not finite, of a number or nested lists of numbers."""
    if not isinstance(value, (list, tuple)):
        return None if math.isfinite(value) else Violation(index, text(value), "be finite")
    return next(filter(None, (first_infinite(entry, (*index, i)) for i, entry in enumerate(value))), None)
