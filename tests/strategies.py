"""Every domain by every transform, with the arguments and sizes of the domain's examples, as the tests share them.

Nothing is listed here: a domain that is added to the registry is a case of every law from then on. A case's id is the
text that declares it, `interval(-1, 2) via probit`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import torch

import cdsl
from cdsl.constraints import domains
from cdsl.testing import Case, declare, every, type_of, types
from tests.conftest import THOROUGH

DEVICES = ("cpu", "meta", *(["cuda"] if torch.cuda.is_available() else []))


def one_choice_a_part(cases: Iterable[Case]) -> Iterable[Case]:
    """Of the cases with parts of their own choice, the first of each transform, wherever that occurs: those of a few minutes."""
    seen: set[type] = set()
    for case in cases:
        transform = type(case.transform)
        if not case.declared.map.parts or transform not in seen:
            yield case
        seen |= {transform} if case.declared.map.parts else set()


ALL = tuple(declare(spec) for domain in domains().values() for spec in every(domain))
CASES = ALL if THOROUGH else tuple(one_choice_a_part(ALL))
PLAIN = tuple(case for case in CASES if not case.declared.map.parts)
"""Those without parts of their own choice."""
SHAPES = tuple({(case.domain.name, case.declared.map.name, case.batch, case.event): case for case in PLAIN}.values())
"""One case of every map for each shape, for slow tests of what does not depend on the numbers in the arguments."""


def by_map(cases: Iterable[Case]) -> dict[str, tuple[Case, ...]]:
    """Those of one map together, by its name, `interval via probit`."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(f"{case.domain.name} via {case.declared.map.name}", []).append(case)
    return {name: tuple(ones) for name, ones in found.items()}


CASES_OF = by_map(CASES)
"""A test of a map loops over its cases, and over dtypes: an item of pytest costs more than a small tensor."""
SHAPES_OF = by_map(SHAPES)
"""The same with one case for each shape: one graph for all shapes of a map."""


@functools.cache
def module_of(cases: tuple[Case, ...]) -> Any:
    """The class of a model that declares `x0`, `x1`, … as these cases."""
    return cdsl.loads("\n".join(f"x{i}: {case}" for i, case in enumerate(cases))).Model


def with_start(example: str, transform: str) -> str:
    """`interval(0.1, 10) via probit = 2.5` of the example `interval(0.1, 10) = 2.5`"""
    start = f" = {example.partition('=')[2].strip()}" if "=" in example else ""
    return f"{type_of(example)} via {transform}{start}"


STARTS_OF = {
    f"{domain.name} via {transform}": tuple(
        dict.fromkeys(with_start(example, transform) for example in (*domain.examples, *types(domain)))
    )
    for domain in domains().values()
    for transform in domain.transforms
}
"""Every example by every transform with its start value; those without start at the domain's neutral one."""
