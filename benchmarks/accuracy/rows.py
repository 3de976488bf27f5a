"""The rows of the table: every transform of the registry, at its sizes, with what the peers call the same map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.distributions import biject_to, constraints, transform_to, transforms

import cdsl.runtime  # noqa: F401  binds torch to the maps
from cdsl.constraints import domains
from cdsl.constraints.base import Transform
from tests.oracle_triangles import below, below_by_columns, triangle

Sizes = tuple[int, ...]


class TorchOrthogonal:
    """`torch.nn.utils.parametrizations.orthogonal`, of the matrices that hold raw below their diagonal."""

    bijective = False
    inv = None

    def __init__(self, via: str) -> None:
        self.via = via

    def __call__(self, raw: Tensor) -> Tensor:
        return torch.stack([self.one(matrix) for matrix in raw])

    def one(self, matrix: Tensor) -> Tensor:
        """Of a single matrix: what is parametrized is a layer's weight."""
        layer = torch.nn.Linear(*matrix.shape, bias=False, dtype=matrix.dtype)
        torch.nn.utils.parametrizations.orthogonal(layer, orthogonal_map=self.via, use_trivialization=False)
        layer.parametrizations.weight.original.data = matrix  # type: ignore[union-attr]  # a module, not a tensor
        return layer.weight.detach()


@dataclass(frozen=True, eq=False)
class Peers:
    """What other libraries call a map; `{K}` and `{N}` stand for its sizes."""

    torch: Any = None
    numpyro: str = ""
    """An expression in which `b` is NumPyro's `biject_to`, and `c` its constraints."""
    stan: str = ""
    """A declaration's type."""
    torch_order: str = ""
    numpyro_order: str = ""
    stan_order: str = ""
    """A key of `ORDERS`, where it has the entries of raw in places of its own."""


def in_matrix(sizes: Sizes, at: list[tuple[int, int]]) -> list[int]:
    """The places in a K × K matrix, row by row; -1, which holds 0, for those that raw has not."""
    k = sizes[0]
    return [at.index((i, j)) if (i, j) in at else -1 for i in range(k) for j in range(k)]


def diagonal_last(sizes: Sizes) -> list[int]:
    """What is below the diagonal, row by row, and then the diagonal."""
    at = triangle(sizes[0], sizes[0])
    return [at.index(place) for place in (*below(sizes[0]), *((i, i) for i in range(sizes[0])))]


def by_rows(sizes: Sizes) -> list[int]:
    """What is below the diagonal, row by row, where ours goes by columns."""
    return [below_by_columns(sizes[0]).index(place) for place in below(sizes[0])]


def row_after_row(sizes: Sizes) -> list[int]:
    """Simplex after simplex, where ours has the order of a matrix of their raws as its columns."""
    m, length = sizes[0], sizes[1] - 1
    return [j * m + i for i in range(m) for j in range(length)]


ORDERS: dict[str, tuple[Callable[[Sizes], list[int]], bool]] = {
    "triangle in a matrix": (lambda sizes: in_matrix(sizes, triangle(sizes[0], sizes[0])), True),
    "below in a matrix": (lambda sizes: in_matrix(sizes, below(sizes[0])), True),
    "diagonal last": (diagonal_last, False),
    "by rows": (by_rows, False),
    "row after row": (row_after_row, False),
}
"""Of each entry of a peer's raw the place in ours; and whether it is a matrix."""

BOUNDED = {"real": (10.0, 2.0), "interval": (-1.0, 2.0), "greater_than": (1.5,), "less_than": (1.5,)}
ARGUMENTS = BOUNDED | {"scaled_simplex": (5.0,), "floored_simplex": (0.001,), "ordered_in": (-1.0, 2.0)}
SIGNED_UNIT = ("interval", "tanh")
"""y = tanh x itself, between -1 and 1, is what others have too."""

LONG = {"ordered", "positive_ordered", "simplex", "zero_sum", "unit_vector"}
"""Vectors that are measured at 100 and at 1000 too."""
SIZES: dict[str, tuple[Sizes, ...]] = {
    "cholesky_corr": ((3,), (10,), (40,)),
    "row_stochastic": ((3, 4), (10, 10)),
    "column_stochastic": ((4, 3), (10, 10)),
    "stiefel": ((3, 2), (10, 5)),
    "grassmann": ((3, 2), (10, 5)),
    "psd_rank": ((3, 2), (10, 5)),
    "low_rank": ((3, 4, 2), (10, 10, 5)),
}
"""Of matrices that are not simply 3 × 3 and 10 × 10."""

ULPS = {
    *("positive", "negative", "nonnegative", "prob", "greater_than", "angle"),
    *("positive_ordered", "simplex", "scaled_simplex", "floored_simplex", "ordered_simplex", "ball", "l1_ball"),
    *("cholesky_corr", "cholesky_cov", "row_stochastic", "column_stochastic", "generator"),
    *("lower_triangular", "unit_lower", "symmetric", "skew"),
}
"""Domains whose every entry has its digits. Other entries cross 0, or are sums of both signs."""
BACK_TO_VALUE = {
    *("corr", "cov", "precision", "psd", "psd_rank", "stationary", "invertible", "special_linear", "hurwitz"),
}
"""Domains with a boundary near which many raws give one value: whether the value comes back is what can be asked."""
FAR = {
    *("cholesky_corr", "corr", "cholesky_cov", "cov", "precision", "psd"),
    *("row_stochastic", "column_stochastic", "generator", "zero_sum_matrix"),
}
"""Matrices whose maps keep their digits at extreme raws: the others are as exact as a linear system with raw in it is."""
SPREAD = {"hurwitz": 1.0}
"""Of ordinary raws, where it is not 3: as the tests draw them."""


@dataclass(frozen=True)
class Row:
    """A map of ours."""

    domain: str
    transform: str
    arguments: tuple[float, ...] = ()
    sizes: Sizes = ()

    def __str__(self) -> str:
        arguments = f"({', '.join(f'{one:g}' for one in self.arguments)})" if self.arguments else ""
        sizes = f"[{', '.join(map(str, self.sizes))}]" if self.sizes else ""
        return f"{self.domain}{arguments}{sizes} via {self.transform}"

    @property
    def name(self) -> str:
        """The map, whatever its arguments and sizes."""
        return f"{self.domain} via {self.transform}"

    @property
    def of(self) -> Transform:
        """The transform."""
        return domains()[self.domain].transforms[self.transform]

    @property
    def given(self) -> tuple[float, ...]:
        """What maps and tests of membership take beside raw or value."""
        return (*self.arguments, *(self.sizes if domains()[self.domain].sized else ()))

    @property
    def event(self) -> Sizes:
        """The shape of a value."""
        return domains()[self.domain].event(self.sizes)

    @property
    def ends(self) -> tuple[float, ...]:
        """The numbers beside which a value is as exact as it can be."""
        return (-math.pi, math.pi) if self.domain == "angle" else self.arguments

    @property
    def in_ulp(self) -> bool:
        """Whether every entry of a value is measured by itself, and not beside the largest one and the bounds."""
        if (self.domain, self.transform) == ("angle", "cloglog"):
            return False  # the middle of its range is not at raw 0, where a float could be as small as raw
        of_direction = (self.domain, self.transform) == ("unit_vector", "normalize")
        return self.domain in ULPS or (self.domain, self.transform) == SIGNED_UNIT or of_direction

    @property
    def back_to_value(self) -> bool:
        """Whether the inverse is measured by the value that it leads back to, and not as a raw."""
        return self.domain in BACK_TO_VALUE or not self.of.bijective

    @property
    def kinds(self) -> list[tuple[str, torch.dtype]]:
        """The raws and the dtypes of its lines. What is computed through float64 is rounded once, be raw what it may."""
        far = not self.sizes or self.event == (10,) or (self.domain in FAR and max(self.sizes) <= 4)
        extremes = (torch.float64,) if self.of.scan else (torch.float64, torch.float32)
        lines = [("ordinary", torch.float64), ("ordinary", torch.float32)]
        return lines + [("extreme", dtype) for dtype in extremes if far]

    @property
    def peers(self) -> Peers:
        """Who else has it."""
        return PEERS.get((self.domain, self.transform), Peers())

    def ordered_as(self, order: str) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
        """A batch of our raws as a peer has them, and back."""
        if not order:
            return (lambda ours: ours), (lambda theirs: theirs)
        places, square = ORDERS[order][0](self.sizes), ORDERS[order][1]
        shape = (self.sizes[0], self.sizes[0]) if square else (len(places),)
        raw = self.of.raw_event(self.sizes)
        known = [places.index(place) for place in range(math.prod(raw))]

        def there(ours: Tensor) -> Tensor:
            padded = torch.nn.functional.pad(ours.flatten(1), (0, 1))
            return padded[:, places].reshape(-1, *shape)

        return there, lambda theirs: theirs.flatten(1)[:, known].reshape(-1, *raw)


def of_registry() -> Iterator[Row]:
    """Every transform of every domain."""
    for domain in domains().values():
        for transform in domain.transforms:
            arguments = ARGUMENTS.get(domain.name, ())
            if (domain.name, transform) == SIGNED_UNIT:
                arguments = (-1.0, 1.0)
            for sizes in sizes_of(domain.name):
                yield Row(domain.name, transform, arguments, sizes)


def sizes_of(name: str) -> tuple[Sizes, ...]:
    """Those at which a domain is measured."""
    domain = domains()[name]
    if name in SIZES or not domain.sizes:
        return SIZES.get(name, ((),))
    if len(domain.event((3,) * len(domain.sizes))) == 1:
        return ((10,), (100,), (1000,)) if name in LONG else ((10,),)
    return tuple((k,) * len(domain.sizes) for k in (3, 10))


POSITIVE = Peers(biject_to(constraints.positive), "b(c.positive)", "real<lower=0>")
SOFTPLUS = Peers(transforms.SoftplusTransform(), "b(c.softplus_positive)")
COVARIANCE = Peers(
    transform_to(constraints.positive_definite), "b(c.positive_definite)", "cov_matrix[{K}]",
    torch_order="triangle in a matrix", numpyro_order="diagonal last",
)  # fmt: skip

PEERS = {
    ("real", "identity"): Peers(transforms.AffineTransform(10.0, 2.0), stan="real<offset=10, multiplier=2>"),
    ("positive", "exp"): POSITIVE,
    ("nonnegative", "exp"): POSITIVE,
    ("positive", "softplus"): SOFTPLUS,
    ("nonnegative", "softplus"): SOFTPLUS,
    ("positive", "abs"): Peers(transforms.AbsTransform()),
    ("nonnegative", "abs"): Peers(transforms.AbsTransform()),
    ("negative", "exp"): Peers(biject_to(constraints.less_than(0.0)), "b(c.less_than(0.0))", "real<upper=0>"),
    ("prob", "logistic"): Peers(
        biject_to(constraints.unit_interval), "b(c.unit_interval)", "real<lower=0, upper=1>"
    ),
    ("prob", "probit"): Peers(transforms.CumulativeDistributionTransform(torch.distributions.Normal(0.0, 1.0))),
    ("interval", "logistic"): Peers(
        biject_to(constraints.interval(-1.0, 2.0)), "b(c.interval(-1.0, 2.0))", "real<lower=-1, upper=2>"
    ),
    ("interval", "tanh"): Peers(transforms.TanhTransform()),
    ("angle", "logistic"): Peers(
        biject_to(constraints.interval(-math.pi, math.pi)), "b(c.circular)", "real<lower=-pi(), upper=pi()>"
    ),
    ("greater_than", "exp"): Peers(
        biject_to(constraints.greater_than(1.5)), "b(c.greater_than(1.5))", "real<lower=1.5>"
    ),
    ("less_than", "exp"): Peers(biject_to(constraints.less_than(1.5)), "b(c.less_than(1.5))", "real<upper=1.5>"),
    ("ordered", "increments"): Peers(numpyro="b(c.ordered_vector)", stan="ordered[{K}]"),
    ("positive_ordered", "increments"): Peers(stan="positive_ordered[{K}]"),
    ("simplex", "isometric_log_ratio"): Peers(stan="simplex[{K}]"),
    ("simplex", "stick_breaking"): Peers(biject_to(constraints.simplex), "b(c.simplex)"),
    ("simplex", "softmax"): Peers(transform_to(constraints.simplex)),
    ("zero_sum", "isometric"): Peers(stan="sum_to_zero_vector[{K}]"),
    ("zero_sum", "householder"): Peers(numpyro="b(c.zero_sum(1))"),
    ("unit_vector", "normalize"): Peers(stan="unit_vector[{K}]"),
    ("l1_ball", "stick_breaking"): Peers(numpyro="b(c.l1_ball)"),
    ("cholesky_corr", "tanh"): Peers(
        biject_to(constraints.corr_cholesky), "b(c.corr_cholesky)", "cholesky_factor_corr[{K}]"
    ),
    ("corr", "partial_correlations"): Peers(
        numpyro="b(c.corr_matrix)", stan="corr_matrix[{K}]", numpyro_order="by rows"
    ),
    ("cholesky_cov", "log_diagonal"): Peers(
        transform_to(constraints.lower_cholesky), "b(c.lower_cholesky)", "cholesky_factor_cov[{K}]",
        torch_order="triangle in a matrix", numpyro_order="diagonal last",
    ),
    ("cholesky_cov", "softplus_diagonal"): Peers(
        numpyro="b(c.softplus_lower_cholesky)", numpyro_order="diagonal last"
    ),
    ("cov", "log_cholesky"): COVARIANCE,
    ("precision", "log_cholesky"): COVARIANCE,
    ("psd", "log_cholesky"): COVARIANCE,
    ("zero_sum_matrix", "isometric"): Peers(stan="sum_to_zero_matrix[{K}, {N}]"),
    ("row_stochastic", "isometric_log_ratio"): Peers(stan="array[{K}] simplex[{N}]", stan_order="row after row"),
    ("column_stochastic", "isometric_log_ratio"): Peers(stan="array[{N}] simplex[{K}]"),
    ("rotation", "cayley"): Peers(TorchOrthogonal("cayley"), torch_order="below in a matrix"),
    ("rotation", "matrix_exp"): Peers(TorchOrthogonal("matrix_exp"), torch_order="below in a matrix"),
}  # fmt: skip

ROWS = list(of_registry())
