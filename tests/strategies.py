"""Every domain by every transform, with the arguments and sizes of the domain's examples; and raws to try them on.

Nothing is listed here: a domain that is added to the registry is a case of every law from then on. A case's id is the
text that declares it, `interval(-1, 2) via probit`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor

import cdsl
from cdsl.constraints import domains
from cdsl.constraints.base import Bounded, Domain, Transform
from cdsl.runtime import Declared

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
DEVICES = ("cpu", "meta", *(["cuda"] if torch.cuda.is_available() else []))

GRID = (0.0, 1e-300, 1e-30, 1e-8, 1.0, 10.0, 20.0, 37.0, 50.0, 88.0, 100.0, 300.0, 709.0, 745.0, 1e3, 1e6)
"""Where maps change their formula, underflow or overflow, in float32 and in float64."""


@dataclass(frozen=True)
class Case:
    """A declaration, `spec` being what stands after the colon, the class of a model that declares `x` so, and its map."""

    spec: str
    model: Any

    @property
    def declared(self) -> Declared:
        return self.model._declared[0]

    def __str__(self) -> str:
        return self.spec

    @property
    def domain(self) -> Domain:
        return self.declared.map.domain

    @property
    def transform(self) -> Transform:
        return self.declared.map.transform

    @property
    def arguments(self) -> tuple[float, ...]:
        return self.declared.arguments

    @property
    def given(self) -> tuple[Any, ...]:
        """What its map takes beside raw."""
        return self.declared.given

    @property
    def batch(self) -> tuple[int, ...]:
        return self.declared.batch

    @property
    def event(self) -> tuple[int, ...]:
        return self.declared.event

    @property
    def raw_event(self) -> tuple[int, ...]:
        return self.transform.raw_event(self.declared.sizes)

    def forward(self, raw: Tensor) -> Tensor:
        return self.declared.map(raw, *self.given)

    def inverse(self, value: Tensor) -> Tensor:
        return self.declared.map.inverse(value, *self.given)

    def log_det(self, raw: Tensor) -> Tensor:
        """Summed over the event alone."""
        return self.declared.map.with_log_det(raw, *self.given)[1]

    def contains(self, value: Tensor, *, closed: bool = False) -> Tensor:
        """By the bounds as they are in the dtype of the value."""
        bounds = [torch.tensor(bound, dtype=value.dtype).item() for bound in self.arguments]
        return self.domain.contains(value.double(), *bounds, *self.given[len(bounds) :], closed=closed)

    def scale(self, value: Tensor) -> Tensor:
        """The size of the numbers that a value is computed from: its event's largest entry, and the finite bounds."""
        largest = value.abs()
        for _ in self.event:
            largest = largest.amax(-1)
        bounds = self.domain.bounds(*self.arguments) if isinstance(self.domain, Bounded) else ()
        for bound in bounds:
            largest = largest.clamp(min=abs(bound) if math.isfinite(bound) else 0.0)
        return largest.reshape(largest.shape + (1,) * len(self.event))


@functools.cache
def type_of(example: str) -> str:
    """`interval(0.1, 10)` of the example `interval(0.1, 10) = 2.5`"""
    text = f"x: {example}"
    (written,) = cdsl.parse(text).declarations
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
    """A domain's types by its transforms."""
    for written, transform in product(types(domain), domain.transforms):
        yield f"{written} via {transform}"


CASES = tuple(declare(spec) for domain in domains().values() for spec in every(domain))
BIJECTIVE = tuple(case for case in CASES if case.transform.bijective)
SURJECTIVE = tuple(case for case in CASES if not case.transform.bijective)

SHAPES = tuple({(case.domain.name, case.declared.map.name, case.batch, case.event): case for case in CASES}.values())
"""One case of every map for each shape, for slow tests of what does not depend on the numbers in the arguments."""

BY_TRANSFORM: dict[str, tuple[Case, ...]] = {
    f"{domain.name} via {name}": tuple(
        case for case in SHAPES if case.domain is domain and case.declared.map.name == name
    )
    for domain in domains().values()
    for name in domain.transforms
}
"""The same, those of one map together: one graph for all of its shapes."""


@functools.cache
def module_of(cases: tuple[Case, ...]) -> Any:
    """The class of a model that declares `x0`, `x1`, … as these cases."""
    return cdsl.loads("\n".join(f"x{i}: {case}" for i, case in enumerate(cases))).Model


def with_start(example: str, transform: str) -> str:
    """`interval(0.1, 10) via probit = 2.5` of the example `interval(0.1, 10) = 2.5`"""
    start = f" = {example.partition('=')[2].strip()}" if "=" in example else ""
    return f"{type_of(example)} via {transform}{start}"


STARTS = tuple(
    dict.fromkeys(
        with_start(example, transform)
        for domain in domains().values()
        for example in (*domain.examples, *types(domain))
        for transform in domain.transforms
    )
)
"""Every example by every transform with its start value; those without start at the domain's neutral one."""


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


def representable(raw: Tensor, case: Case) -> Tensor:
    """Where log-dets surely fit the dtype: none grows faster than K x² + K for a raw of K entries of size x."""
    size = raw.double().reshape(raw.shape[0], -1).abs().sum(-1)
    return (size * size + math.prod(case.event) < torch.finfo(raw.dtype).max / 2).reshape(-1, *[1] * len(case.batch))


def events_of(case: Case, raw: Tensor) -> Tensor:
    """A batch of raws as a batch of single events, `(many, *raw_event)`."""
    return raw.reshape(math.prod(raw.shape[: raw.ndim - len(case.raw_event)]), *case.raw_event)
