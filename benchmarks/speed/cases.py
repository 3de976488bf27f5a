"""What is timed: one declaration of each kind and size, and more and more small ones, in every library's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.distributions import constraints

SIZES = (10, 1_000, 100_000, 1_000_000, 10_000_000)
MOST_OF_MATRICES = 1_000_000
"""Raw values; ten times as many take the peers more memory than the machine has."""
COUNTS = (4, 40, 400, 10_000)
"""Of declarations."""


@dataclass(frozen=True)
class Case:
    """A model, in every library's words; `None` where it has none."""

    name: str
    size: int
    """How many raw values."""
    spec: str
    torch: list[tuple[Any, tuple[int, ...]]] | None
    """Each constraint, and the shape of its raw."""
    numpyro: list[tuple[str, tuple[int, ...]]]
    """None of them for hundreds of declarations: XLA takes minutes to compile these."""
    stan: tuple[str, str]
    """Declarations, and what of them is summed."""
    read: int | None = None
    """How many values the loss reads, the first; None: all of them."""
    count: int = 1
    """How many declarations."""
    kind: str = ""
    """What those have in common that differ in size alone."""


def cases(most: int) -> Iterator[Case]:
    """Every domain at every size up to the most, and many small declarations."""
    for size in (one for one in SIZES if one <= most):
        yield vector("positive", size, size, constraints.positive, "positive", "vector<lower=0>[{}]")
        yield vector("prob", size, size, constraints.unit_interval, "unit_interval", "vector<lower=0, upper=1>[{}]")
        yield vector("ordered", size, size, None, "ordered_vector", "ordered[{}]")
        yield vector("simplex", size, size + 1, constraints.simplex, "simplex", "simplex[{}]")
        if size > MOST_OF_MATRICES:
            continue
        k = round((2 * size) ** 0.5 + 0.5)
        raw = k * (k - 1) // 2
        yield vector("cholesky_corr", raw, k, constraints.corr_cholesky, "corr_cholesky", "cholesky_factor_corr[{}]")
        yield vector("cholesky_cov", raw, k - 1, None, "lower_cholesky", "cholesky_factor_cov[{}]")


def counts(most: int) -> Iterator[Case]:
    """More and more small declarations, of which the loss reads two, or all."""
    for count in (one for one in COUNTS if one <= most):
        yield many(count // 4, 2)
        yield many(count // 4, None)


def vector(domain: str, raw: int, size: int, in_torch: Any, in_numpyro: str, in_stan: str) -> Case:
    """One declaration."""
    return Case(
        name=f"{domain}[{size}]",
        size=raw,
        spec=f"x: {domain}[{size}]",
        torch=None if in_torch is None else [(in_torch, (raw,))],
        numpyro=[(in_numpyro, (raw,))],
        stan=(f"{in_stan.format(size)} x;", "dot_self(to_vector(x))"),
        kind=domain,
    )


def many(each: int, read: int | None) -> Case:
    """Declarations of four kinds, as many of each; the loss reads all, or a probability and a scale."""
    kinds = (
        ("p", "prob", constraints.unit_interval, (), "real<lower=0, upper=1> {};", "square({})"),
        ("s", "positive", constraints.positive, (), "real<lower=0> {};", "square({})"),
        ("q", "interval(0, 2)", constraints.interval(0.0, 2.0), (), "real<lower=0, upper=2> {};", "square({})"),
        ("w", "simplex[4]", constraints.simplex, (3,), "simplex[4] {};", "dot_self({})"),
    )
    ones = [(f"{name}{at}", *rest) for at in range(each) for name, *rest in kinds]
    return Case(
        name=f"{len(ones)} declarations, {'two' if read else 'all'} read",
        size=6 * each,
        spec="\n".join(f"{name}: {domain}" for name, domain, *_ in ones),
        torch=[(constraint, shape) for _, _, constraint, shape, *_ in ones],
        numpyro=[],
        stan=(
            "\n".join(declared.format(name) for name, _, _, _, declared, _ in ones),
            "; target += ".join([squared.format(name) for name, *_, squared in ones][:read]),
        ),
        read=read,
        count=len(ones),
        kind="two read" if read else "all read",
    )


def raw_of(case: Case) -> Tensor:
    """The same raw values for every side."""
    return torch.randn(case.size, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) / 2
