"""The laws of the contract in `cdsl/constraints/base.py`, for any domain: `check_domain(MyDomain)`.

The test suite holds every domain of cdsl to these very functions. Tolerances are as wide as the coarsest goal of any map of
ours, and say why; how many ulp a map keeps is for an oracle to say.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.func import jacrev, vmap

import cdsl
from cdsl.constraints import constraint, domains
from cdsl.constraints.base import Bounded, Domain, Transform
from cdsl.runtime import Declared

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

GRID = (0.0, 1e-300, 1e-30, 1e-8, 1.0, 10.0, 20.0, 37.0, 50.0, 88.0, 100.0, 300.0, 709.0, 745.0, 1e3, 1e6)
"""Where maps change their formula, underflow or overflow, in float32 and in float64."""

FORWARD = 40
"""The coarsest goal of a forward map, in eps of the numbers that it adds up: 40 ulp, isometric log-ratio in float64."""
INVERSE = 8
"""The coarsest goal of an inverse map, in eps of max(1, |raw|): the same map."""
KERNELS = 4
"""torch runs a long row through a vector kernel and its tail, or a single number, through a scalar one. Each is within
1 ulp of the truth, so the two differ by 2; a formula of two or three such steps by 4 eps."""


class LawBroken(AssertionError):
    """A domain does not keep its contract; the text says which sentence, of which declaration, and shows the numbers."""


# -- cases -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A declaration, `spec` being what stands after the colon, the class of a model that declares `x` so, and its map."""

    spec: str
    model: Any

    @property
    def declared(self) -> Declared:
        """The declaration, as the generated module has it."""
        declared: Declared = self.model._declared[0]
        return declared

    def __str__(self) -> str:
        return self.spec

    @property
    def domain(self) -> Domain:
        """The domain."""
        return self.declared.map.domain

    @property
    def transform(self) -> Transform:
        """The transform."""
        return self.declared.map.transform

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The domain's arguments."""
        return self.declared.arguments

    @property
    def given(self) -> tuple[Any, ...]:
        """What its map takes beside raw."""
        return self.declared.given

    @property
    def batch(self) -> tuple[int, ...]:
        """The sizes before the event's."""
        return self.declared.batch

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of one event of the value."""
        return self.declared.event

    @property
    def raw_event(self) -> tuple[int, ...]:
        """The shape of one event of raw."""
        return self.transform.raw_event(self.declared.sizes)

    def forward(self, raw: Tensor) -> Tensor:
        """raw ↦ value."""
        return self.declared.map(raw, *self.given)

    def inverse(self, value: Tensor) -> Tensor:
        """value ↦ raw."""
        return self.declared.map.inverse(value, *self.given)

    def log_det(self, raw: Tensor) -> Tensor:
        """The log-Jacobian, summed over the event alone."""
        return self.declared.map.with_log_det(raw, *self.given)[1]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """By the bounds as they are in the dtype of the value; the closure at its resolution, where that is `inward`."""
        bounds = [torch.tensor(bound, dtype=value.dtype).item() for bound in self.arguments]
        wide = self.domain.inward(value.double(), torch.finfo(value.dtype).eps) if closed else value.double()
        return self.domain.contains(wide, *bounds, *self.given[len(bounds) :], closed=closed)

    def scale(self, value: Tensor) -> Tensor:
        """The size of the numbers that a value is computed from: its event's largest entry, and the finite bounds."""
        largest = value.abs()
        for _ in self.event:
            largest = largest.amax(-1)
        bounds = self.domain.bounds(*self.arguments) if hasattr(self.domain, "bounds") else ()
        for bound in map(float, bounds):
            largest = largest.clamp(min=abs(bound) if math.isfinite(bound) else 0.0)
        return largest.reshape(largest.shape + (1,) * len(self.event))


@functools.cache
def type_of(example: str) -> str:
    """`interval(0.1, 10)` of the example `interval(0.1, 10) = 2.5`"""
    text = f"x: {example}"
    (written,) = cdsl.parse(text).declarations
    if not hasattr(written, "type"):
        raise ValueError(f"`{example}` is no right-hand side of a declaration")
    return text[written.type.span.start : written.type.span.end]


@functools.cache
def declare(spec: str) -> Case:
    """The case of one declaration's right-hand side."""
    return Case(spec, cdsl.loads(f"x: {spec}").Model)


def types(domain: Domain) -> Iterator[str]:
    """The types of a domain's examples, and with the first one's arguments the smallest event and an empty batch."""
    examples = list(dict.fromkeys(map(type_of, domain.examples)))
    yield from examples
    bare, event = examples[0].partition("[")[0], [str(domain.least)] * len(domain.sizes)
    if event:
        yield f"{bare}[{', '.join(event)}]"
    yield f"{bare}[{', '.join(['0', *event])}]"


def every(domain: Domain) -> Iterator[str]:
    """A domain's types by its transforms, then the first of them with every other bijective part of its own, and one of what
    it is built on."""
    for written, transform in product(types(domain), domain.transforms):
        yield f"{written} via {transform}"
    for name, made in domain.transforms.items():
        for part, (of, own) in made.parts.items():
            others = [one for one, it in domains()[of].transforms.items() if it.bijective and one != own]
            for one in others if part in made.own_parts else others[:1]:
                yield f"{next(types(domain))} via {name}({part}={one})"


# -- raws --------------------------------------------------------------------------------------------------------------


def ordinary(case: Case, dtype: torch.dtype = torch.float64, count: int = 16, spread: float = 3.0) -> Tensor:
    """Normal raws, `(count, *raw_shape)`, the same ones every time."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(count, *case.declared.raw_shape, generator=generator, dtype=torch.float64)
    return (spread * drawn).to(dtype)


def patterns(size: int) -> list[list[float]]:
    """All, the first alone, the last alone, alternating."""
    first = [float(k == 0) for k in range(size)]
    return [[1.0] * size, first, first[::-1], [(-1.0) ** k for k in range(size)]]


def extreme(case: Case, dtype: torch.dtype, sizes: tuple[float, ...] = GRID) -> Tensor:
    """Raws of these sizes, either sign, in the patterns, as far as the dtype holds them: `(many, *raw_shape)`."""
    held = torch.tensor(sizes, dtype=dtype)
    sizes = tuple(held[held.isfinite()].tolist())
    shape = case.declared.raw_shape
    rows = dict.fromkeys(
        tuple(sign * size * factor for factor in pattern)
        for size, sign, pattern in product(sizes, (1.0, -1.0), patterns(math.prod(shape)))
    )
    return torch.tensor(list(rows), dtype=dtype).reshape(len(rows), *shape)


def largest(case: Case, dtype: torch.dtype) -> Tensor:
    """The same of the largest number of the dtype."""
    return extreme(case, dtype, (torch.finfo(dtype).max,))


def steps(transform: Transform) -> Iterator[Transform]:
    """A transform, and those that it is built on."""
    yield transform
    for step in vars(transform).values():
        if isinstance(step, Transform):
            yield from steps(step)


def is_explosive(case: Case) -> bool:
    """Whether its log-det grows like exp(x)."""
    return any(step.explosive for step in steps(case.transform))


def representable(raw: Tensor, case: Case) -> Tensor:
    """Where log-dets surely fit the dtype: none grows faster than K x² + K for a raw of K entries of size x, or exp(x)."""
    size = raw.double().reshape(raw.shape[0], -1).abs().sum(-1)
    if is_explosive(case):
        size = torch.exp(size / 2)
    return (size * size + math.prod(case.event) < torch.finfo(raw.dtype).max / 2).reshape(-1, *[1] * len(case.batch))


def events_of(case: Case, raw: Tensor) -> Tensor:
    """A batch of raws as a batch of single events, `(many, *raw_event)`."""
    return raw.reshape(math.prod(raw.shape[: raw.ndim - len(case.raw_event)]), *case.raw_event)


# -- what the laws speak of --------------------------------------------------------------------------------------------


def require(holds: bool | Tensor, case: Case, law: str, **numbers: Any) -> None:
    """That something holds.

    Raises:
        LawBroken: it does not; with the law, the declaration and the numbers.
    """
    if not bool(holds):
        shown = "".join(f"\n    {name} = {value}" for name, value in numbers.items())
        raise LawBroken(f"`x: {case}`: {law}{shown}")


def over_event(mask: Tensor, event: tuple[int, ...]) -> Tensor:
    """Whether it holds for all entries of each event; an event without entries has it."""
    return mask.flatten(-len(event)).all(-1) if event else mask


def rows(mask: Tensor) -> Tensor:
    """Whether any entry of each row is true."""
    return mask.reshape(len(mask), -1).any(1)


def is_bounded(case: Case) -> bool:
    """Whether no value of the domain is large."""
    if isinstance(case.domain, Bounded):
        return all(map(math.isfinite, case.domain.bounds(*case.arguments)))
    return case.domain.bounded


def overflows(case: Case, raw: Tensor) -> Tensor:
    """Where the exact value may exceed the dtype, for each event.

    By the same map in float64. In float64 itself an infinity is right where the value was on its way there: of raw,
    halved as often as it takes to be finite, it is above 1e100, which half of an exponent that overflows reaches.
    """
    if is_bounded(case):
        return torch.zeros(raw.shape[: raw.ndim - len(case.raw_event)], dtype=torch.bool)
    largest = value_size(case, raw.double())
    if raw.dtype != torch.float64:
        return largest >= torch.finfo(raw.dtype).max
    unit = (1,) * len(case.raw_event)
    few, many = torch.zeros_like(largest), torch.full_like(largest, 1100.0)  # of halvings: enough for any float64
    while (many - few > 1).any():
        middle = ((few + many) / 2).floor()
        infinite = value_size(case, torch.ldexp(raw, -middle.reshape(*middle.shape, *unit))).isinf()
        few, many = torch.where(infinite, middle, few), torch.where(infinite, many, middle)
    halved = value_size(case, torch.ldexp(raw, -many.reshape(*many.shape, *unit)))
    return largest.isinf() & (halved > 1e100)


def value_size(case: Case, raw: Tensor) -> Tensor:
    """The largest entry of each event of the value, as far as it is a number."""
    size = case.forward(raw).abs()
    return size.flatten(-len(case.event)).amax(-1) if case.event else size


def seen_through(function: Any, at: Tensor, errors: Tensor, like: Tensor) -> Tensor:
    """Errors of the argument as errors of the result: Σₖ |∂ result / ∂ argumentₖ| errorₖ, for a batch of events."""
    many, size = len(at), math.prod(at.shape[1:])
    slopes = vmap(jacrev(function))(at).abs().reshape(many, -1, size)
    seen: Tensor = (slopes @ errors.expand(at.shape).reshape(many, size, 1)).reshape(like.shape)
    return seen


def raw_rounding(raw: Tensor) -> Tensor:
    """The size that an error of raw is measured by."""
    return raw.abs().clamp(min=1)


def gradient(result: Tensor, raw: Tensor, weight: Tensor) -> Tensor:
    """That of the weighted sum; of a constant it is 0."""
    return torch.autograd.grad(result, raw, weight)[0] if result.requires_grad else torch.zeros_like(raw)


# -- the laws ----------------------------------------------------------------------------------------------------------


def image_in_domain(case: Case, dtype: torch.dtype) -> None:
    """1. `forward` of any finite raw lies in the domain, closed at the resolution of the dtype."""
    for raw in (ordinary(case, dtype), extreme(case, dtype), largest(case, dtype)):
        if not raw.numel():
            continue
        value = case.forward(raw)
        finite = over_event(value.isfinite(), case.event)
        require(not value.isnan().any(), case, "a finite raw gives NaN", raw=raw[rows(value.isnan())])
        wrong = ~(finite | overflows(case, raw)) | (finite & ~case.contains(value, closed=True))
        require(not wrong.any(), case, "a value lies outside", raw=raw[wrong], value=value[wrong])
        residual = case.domain.residual(value.double(), *case.given)
        if residual is not None:
            # the design's goal: sums within 4 eps, plus log K for the length of the sum
            goal = (4 + math.log2(max(2, math.prod(case.event)))) * torch.finfo(dtype).eps
            off = residual > goal
            require(
                not (off & finite).any(), case, "the equation of the domain is missed", raw=raw[off], by=residual[off]
            )


def round_trip(case: Case, dtype: torch.dtype) -> None:
    """2. `inverse(forward(raw))` is raw: to 8 eps of raw, and 40 eps of the value as the slope of the inverse shows them.

    That is all there is to know of raw where the value has kept it to three digits; in float64 this must be so for all
    raws within ±3. Where raw holds more than the value, the law of `forward` of `inverse` says all that there is to say.
    """
    if case.transform.spare(ordinary(case), *case.given) is not None:
        return
    raw, eps = torch.cat([ordinary(case, dtype), ordinary(case, dtype, spread=1.0)]), torch.finfo(dtype).eps
    raw = events_of(case, raw)
    if not raw.numel():
        return
    value = case.forward(raw)
    inside = case.contains(value)
    raw, value = raw[inside], value[inside]
    wide, known = raw.double(), value.double()
    seen = seen_through(case.inverse, known, case.scale(known), wide)
    tolerance = eps * (INVERSE * raw_rounding(wide) + FORWARD * seen)
    resolved = over_event(tolerance < 1e-3 * raw_rounding(wide), case.raw_event)
    if dtype == torch.float64:
        within = over_event(wide.abs() <= 3, case.raw_event)
        require(within.any() & resolved[within].all(), case, "the value keeps less than three digits of raw", raw=raw)
        require(inside.sum() >= within.sum(), case, "a raw within ±3 gives a value outside")
    off = (case.inverse(value).double() - wide).abs()
    bad = resolved & ~over_event(off <= tolerance, case.raw_event)
    require(not bad.any(), case, "inverse(forward(raw)) is not raw", raw=raw[bad], value=value[bad], off=off[bad])


def reached(case: Case, value: Tensor) -> Tensor:
    """Without what lies on a boundary that belongs to the domain: a bijective transform is there at infinite raw only."""
    at_edge = [case.domain.unreached(one.tolist(), *case.given) is not None for one in value]
    return ~torch.tensor(at_edge, dtype=torch.bool) | (not case.transform.bijective)


def value_back(case: Case, dtype: torch.dtype) -> None:
    """2. `forward(inverse(value))` is the value: to 40 eps of its numbers, and what the rounding of raw moves it."""
    raw, eps = events_of(case, ordinary(case, dtype)), torch.finfo(dtype).eps
    value = case.forward(raw)
    value = value[case.contains(value)]
    value = value[reached(case, value)]
    back = case.inverse(value)
    require(back.isfinite().all(), case, "the inverse of a value inside is not finite", value=value, back=back)
    if not back.numel():
        return
    seen = seen_through(case.forward, back.double(), raw_rounding(back.double()), value)
    tolerance = eps * (INVERSE * seen + FORWARD * case.scale(value.double()))
    off = (case.forward(back).double() - value.double()).abs()
    require(
        (off <= tolerance).all(), case, "forward(inverse(value)) is not the value", value=value, off=off / tolerance
    )


def explained(case: Case) -> None:
    """2. What lies outside is refused by `contains` and explained by `violation`, which say the same of every value."""
    reached = case.forward(events_of(case, ordinary(case, spread=1.0))[:4])
    moved = []
    for position, off in product(range(math.prod(case.event)), (-30.0, 1e-3, 30.0, math.inf, math.nan)):
        step = torch.zeros(case.event, dtype=torch.float64)
        step.reshape(-1)[position] = off
        moved.append(reached[:1] + step)
    for value in torch.cat([reached, *moved]):
        inside, residual = case.domain.contains(value, *case.given), case.domain.residual(value, *case.given)
        if residual is not None:
            inside = inside & (residual <= 1e-6)
        violation = case.domain.violation(value.tolist(), *case.given)
        said = "contains and violation disagree"
        require((violation is None) == bool(inside), case, said, value=value, contains=inside, violation=violation)


def jacobian(case: Case) -> None:
    """3. `log_det` is log |det ∂ chart(value) / ∂ raw|: against autograd and LU in float64.

    Derivatives are good to 4 eps, and so is the logarithm of one. A determinant of n × n loses its condition number: for
    raws of ±2 increments differ by e⁴, shares by e⁸, so 1e5 eps with room for n = 3.
    """
    raw = ordinary(case, spread=1.0).clamp(-2, 2)
    events = events_of(case, raw)

    def chart(one: Tensor) -> Tensor:
        value, spare = case.forward(one), case.transform.spare(one, *case.given)
        coordinates = case.domain.chart(value, *case.given[len(case.arguments) :]).reshape(-1)
        return coordinates if spare is None else torch.cat((coordinates, spare))

    if events.numel():
        slopes = vmap(jacrev(chart))(events)
        size = math.prod(case.raw_event)
        slopes = slopes.flatten(2) if case.raw_event else slopes[..., None]
        if case.domain.surface:
            expected = torch.linalg.slogdet(slopes.mT @ slopes).logabsdet / 2
        else:
            require(slopes.shape[1:] == (size, size), case, "the chart has not as many coordinates as raw")
            expected = torch.linalg.slogdet(slopes).logabsdet
    else:
        expected = events.new_zeros(events.shape[0])  # no entries: the determinant of a matrix of 0 × 0 is 1
    eps = torch.finfo(torch.float64).eps
    tolerance = eps * (1e5 if case.event else 8) * expected.abs().clamp(min=1)
    got = case.log_det(raw)
    require(got.shape == raw.shape[: raw.ndim - len(case.raw_event)], case, "log_det has another shape than the batch")
    off = (got.reshape(-1) - expected).abs()
    require(
        (off <= tolerance).all(), case, "log_det is not that of the Jacobian", got=got.reshape(-1), expected=expected
    )


def batched(case: Case, dtype: torch.dtype) -> None:
    """4. Leading dimensions are batch; an empty batch has empty results."""
    raw = ordinary(case, dtype, count=4, spread=1.0)
    value, eps = case.forward(raw), torch.finfo(dtype).eps
    require(value.shape == (4, *case.declared.shape), case, "the value has another shape", shape=tuple(value.shape))
    stacked = case.forward(raw.reshape(2, 2, *case.declared.raw_shape))
    require(torch.equal(stacked, value.reshape(2, 2, *case.declared.shape)), case, "two leading dimensions are not one")
    for one, of_one in zip(raw, value, strict=True):
        off = (case.forward(one).double() - of_one.double()).abs()
        within = off <= KERNELS * eps * case.scale(of_one).double()
        require(within.all(), case, "one of a batch is not one alone", raw=one, off=off)
    for lead in ((0,), (2, 0)):
        none = torch.zeros(*lead, *case.declared.raw_shape)
        require(case.forward(none).shape == (*lead, *case.declared.shape), case, "an empty batch is not empty")
        require(case.inverse(case.forward(none)).shape == none.shape, case, "an empty batch is not empty, inverted")
        if case.transform.bijective:
            require(case.log_det(none).shape == (*lead, *case.batch), case, "an empty batch has a log_det")


def dtype_kept(case: Case, dtype: torch.dtype) -> None:
    """5. dtype and device of the result are those of raw; of the formulas themselves, in the dtype they are given."""
    raw = case.declared.map.widen(ordinary(case, dtype, spread=1.0))
    value = case.transform.forward(raw, *case.given)
    results = [value, case.transform.inverse(value, *case.given)]
    results += [case.transform.log_det(raw, *case.given)] if case.transform.bijective else []
    found = [one.dtype for one in results]
    require(found == [raw.dtype] * len(results), case, "another dtype than that of raw", found=found)


def finite(case: Case, dtype: torch.dtype) -> None:
    """6. No NaN or infinity in value, log_det or gradients where the true result is representable.

    Weights of 1/K: then the gradient of a value that fits its dtype fits as well.
    """
    for raw in (extreme(case, dtype), largest(case, dtype)):
        if not raw.numel():
            continue
        raw.requires_grad_()
        value = case.forward(raw)
        slope = gradient(value, raw, torch.full_like(value, 1 / max(1, math.prod(case.event))))
        fits = over_event(value.isfinite(), case.event)
        bad = rows(fits & ~over_event(slope.isfinite(), case.raw_event)) | rows(value.isnan()) | rows(slope.isnan())
        require(not bad.any(), case, "a gradient of the value is not finite", raw=raw[bad], slope=slope[bad])
        if case.transform.bijective:
            log_det = case.log_det(raw)
            slope = gradient(log_det, raw, torch.ones_like(log_det))
            fits = representable(raw, case)
            bad = rows(log_det.isnan() | (fits & ~log_det.isfinite())) | rows(slope.isnan())
            # the slope of what grows like exp(x) overflows with it, and others where they are too steep alone
            bad = bad | rows(~slope.isfinite()) & (rows(fits) if is_explosive(case) else ~too_steep(case, raw))
            require(not bad.any(), case, "log_det or its gradient is not finite", raw=raw[bad], log_det=log_det[bad])


def too_steep(case: Case, raw: Tensor) -> Tensor:
    """Where the exact slope of log_det may exceed the dtype, for each row of raw.

    It grows no faster than raw does, as log_det no faster than x²: so at raw over 2¹⁰ it is 2⁻¹⁰ of it, or more.
    """
    near = (raw.detach().double() / 2**10).requires_grad_()
    log_det = case.log_det(near)
    slope = gradient(log_det, near, torch.ones_like(log_det))
    return rows(slope.abs() * 2**11 >= torch.finfo(raw.dtype).max)


def refused(case: Case) -> None:
    """3. A surjective transform has no log_det and says so."""
    try:
        case.log_det(ordinary(case))
    except NotImplementedError:
        return
    require(holds=False, case=case, law="a surjective transform has a log_det")


class Law(NamedTuple):
    """A sentence of the contract as a function of a case, and of a dtype where that matters."""

    check: Callable[..., None]
    every_dtype: bool
    bijective: bool | None
    """Of which transforms: bijective ones, surjective ones, or all."""

    @property
    def name(self) -> str:
        """`1. image in domain`"""
        return f"{(self.check.__doc__ or '').strip()[0]}. {self.check.__name__.replace('_', ' ')}"


LAWS = (
    Law(image_in_domain, every_dtype=True, bijective=None),
    Law(round_trip, every_dtype=True, bijective=True),
    Law(value_back, every_dtype=True, bijective=None),
    Law(explained, every_dtype=False, bijective=None),
    Law(jacobian, every_dtype=False, bijective=True),
    Law(refused, every_dtype=False, bijective=False),
    Law(batched, every_dtype=True, bijective=None),
    Law(dtype_kept, every_dtype=True, bijective=None),
    Law(finite, every_dtype=True, bijective=None),
)


def check_domain(domain: type[Domain] | Domain, *, declarations: Sequence[str] = ()) -> None:
    """Hold a domain to the contract of `cdsl.Domain`, by every transform, in float16, bfloat16, float32 and float64.

    It is tried as its `examples` declare it, with the smallest event, with an empty batch, and by the right-hand sides
    of more `declarations`, such as `"between(0, 1)[3]"`. A domain that is not registered yet is.

    Raises:
        LawBroken: it breaks laws; the text lists each with the declaration and the numbers that show it.
        ValueError: a declaration has an array of arguments.
    """
    one = domain() if isinstance(domain, type) else domain
    if one.name not in domains():
        constraint(type(one))
    for spec in declarations:
        if any(isinstance(argument, tuple) for argument in declare(spec).arguments):
            raise ValueError(
                f"`{spec}`: the laws are asked of single events; declare each entry of the array by itself"
            )
    broken = [
        f"{law.name}: {found}"
        for spec in dict.fromkeys([*every(one), *declarations])
        for law in LAWS
        if law.bijective in (None, declare(spec).transform.bijective)
        for found in broken_by(law, declare(spec))
    ]
    if broken:
        raise LawBroken(f"`{one.name}` breaks its contract:\n" + "\n".join(broken))


def broken_by(law: Law, case: Case) -> Iterator[str]:
    """How a case breaks a law, if it does: once, in the first dtype that shows it."""
    tries = ((case, dtype) for dtype in DTYPES) if law.every_dtype else [(case,)]
    yield from islice(filter(None, (broken(law, *one) for one in tries)), 1)


def broken(law: Law, case: Case, *dtype: torch.dtype) -> str:
    """What a law says against a case, or nothing."""
    try:
        law.check(case, *dtype)
    except LawBroken as error:
        return "\n    dtype = ".join([str(error), *map(str, dtype)])
    except Exception as error:  # a map that raises breaks the law as well
        return f"`x: {case}`: {type(error).__name__}: {error}"
    return ""
