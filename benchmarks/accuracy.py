"""How exact the maps are, beside torch.distributions, NumPyro and Stan, on the same raws: `python -m benchmarks.accuracy`.

The truth has 60 digits (`tests/oracle.py`, mpmath). Every figure is the worst of its row's raws: *value* in ulp of each
entry, *log-det* in eps of max(1, |log-det|), *back* the error of the inverse of the side's own value, in eps of max(1, |raw|)
against the exact inverse of that very float, *slope* the log-det's gradient in eps of max(1, |slope|). `∞` is NaN or an
infinity where the truth is a number, or a value whose error has no digits left. Raws: *ordinary* 3 · N(0, 1); *extreme* the
grid ±{1e-300 … 1e6} as all, first, last, alternating. NumPyro and Stan come with `pip install -e '.[benchmarks]'`; a side that is
not installed, or has no such map, shows `-`. Stan gives its log-Jacobian and that one's gradient, in float64 alone.

`--write` renews the table of `docs/accuracy.md`, `--json FILE` keeps the figures.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributions import biject_to, constraints, transforms

import cdsl.runtime
from cdsl.constraints import domains
from tests import oracle, oracle_triangles, oracle_vectors
from tests.oracle import Real, Vec, exact, mp

MEASURED = Path(__file__).parents[1] / "cdsl" / "measured.json"
GRID = [1e-300, 1e-30, 1e-8, 1.0, 10.0, 20.0, 37.0, 50.0, 88.0, 100.0, 300.0, 709.0, 745.0, 1e3, 1e6]
DOCS = Path(__file__).parents[1] / "docs" / "accuracy.md"
BEGIN, END = "<!-- python -m benchmarks.accuracy --write -->", "<!-- end -->"
HAS_NUMPYRO = importlib.util.find_spec("numpyro") is not None
HAS_STAN = importlib.util.find_spec("stanli") is not None
DIGITLESS = 1e15
"""Relative errors in eps from which nothing of a float64 is right."""


@dataclass(frozen=True, eq=False)
class Row:
    """A map of ours, and what the peers call the same one."""

    domain: str
    transform: str
    arguments: tuple[float, ...] = ()
    size: int = 0
    """Of a vector or a matrix; 0: numbers."""
    torch: Any = None
    numpyro: str = ""
    """An expression in which `c` and `t` are NumPyro's constraints and transforms."""
    stan: str = ""
    """A declaration's type; `{K}` is the size."""

    def __str__(self) -> str:
        arguments = f"({', '.join(f'{one:g}' for one in self.arguments)})" if self.arguments else ""
        return f"{self.domain}{arguments}{f'[{self.size}]' if self.size else ''} via {self.transform}"


ROWS = [
    Row("positive", "exp", torch=biject_to(constraints.positive), numpyro="b(c.positive)", stan="real<lower=0>"),
    Row("positive", "softplus", torch=transforms.SoftplusTransform(), numpyro="b(c.softplus_positive)"),
    Row(
        "prob", "logistic",
        torch=biject_to(constraints.unit_interval), numpyro="b(c.unit_interval)", stan="real<lower=0, upper=1>",
    ),
    Row(
        "interval", "logistic", (-1.0, 2.0),
        torch=biject_to(constraints.interval(-1.0, 2.0)), numpyro="b(c.interval(-1.0, 2.0))", stan="real<lower=-1, upper=2>",
    ),
    Row("interval", "tanh", (-1.0, 1.0), torch=transforms.TanhTransform()),
    Row(
        "greater_than", "exp", (1.5,),
        torch=biject_to(constraints.greater_than(1.5)), numpyro="b(c.greater_than(1.5))", stan="real<lower=1.5>",
    ),
    Row(
        "less_than", "exp", (1.5,),
        torch=biject_to(constraints.less_than(1.5)), numpyro="b(c.less_than(1.5))", stan="real<upper=1.5>",
    ),
    *(
        row
        for size in (10, 100, 1000)
        for row in (
            Row("ordered", "increments", size=size, numpyro="b(c.ordered_vector)", stan="ordered[{K}]"),
            Row("positive_ordered", "increments", size=size, stan="positive_ordered[{K}]"),
            Row("simplex", "isometric_log_ratio", size=size, stan="simplex[{K}]"),
            Row("simplex", "stick_breaking", size=size, torch=biject_to(constraints.simplex), numpyro="b(c.simplex)"),
            Row("zero_sum", "isometric", size=size, stan="sum_to_zero_vector[{K}]"),
            Row("zero_sum", "householder", size=size, numpyro="b(c.zero_sum(1))"),
            Row("unit_vector", "normalize", size=size, stan="unit_vector[{K}]"),
        )
    ),
    *(Row(domain, transform, ours, size=10)
      for domain, transform, ours in (
          ("log_simplex", "isometric_log_ratio", ()), ("scaled_simplex", "isometric_log_ratio", (5.0,)),
          ("descending", "decrements", ()), ("ball", "algebraic", ()), ("l1_ball", "algebraic", ()),
          ("ordered_simplex", "isometric_log_ratio", ()), ("stationary", "partial_autocorrelations", ()),
          ("unit_vector", "stereographic", ()),
      )),
    *(
        Row("cholesky_corr", "tanh", size=size, torch=biject_to(constraints.corr_cholesky),
            numpyro="b(c.corr_cholesky)", stan="cholesky_factor_corr[{K}]")
        for size in (2, 10, 40)
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What a row's map computes, from lists of numbers; slope is the gradient of log_det, where the oracle has it."""

    forward: Callable[[Vec], Vec]
    inverse: Callable[[Vec], Vec]
    log_det: Callable[[Vec], Real]
    slope: Callable[[Vec], Vec] | None


def truth_of(row: Row) -> Truth:
    """The oracle of a row."""
    key, arguments, k = (row.domain, row.transform), tuple(map(mp.mpf, row.arguments)), row.size
    if not k:
        scalar = oracle.SCALARS[key]
        return Truth(
            lambda x: [scalar.forward(*x, *arguments)], lambda y: [scalar.inverse(*y, *arguments)],
            lambda x: scalar.log_det(*x, *arguments), lambda x: [scalar.log_det_slope(*x, *arguments)],
        )  # fmt: skip
    if key in oracle.VECTORS:
        vector = oracle.VECTORS[key]
        return Truth(vector.forward, vector.inverse, vector.log_det, vector.log_det_gradient)
    if key in oracle_vectors.VECTORS:
        other = oracle_vectors.VECTORS[key]
        return Truth(
            lambda x: other.forward(x, *arguments), lambda y: other.inverse(y, *arguments),
            lambda x: mp.fsum(other.log_det(x, *arguments)), None,
        )  # fmt: skip
    places = oracle_triangles.below(k)
    return Truth(
        lambda x: oracle_triangles.flat(oracle_triangles.tanh_factor(x, places, k)),
        lambda y: oracle_triangles.tanh_inverse([y[i * k : (i + 1) * k] for i in range(k)], places),
        lambda x: oracle_triangles.weighted(lambda i, j: i - j + 1)(x, places),
        lambda x: [-(i - j + 1) * mp.tanh(one) for one, (i, j) in zip(x, places, strict=True)],
    )


@dataclass
class Side:
    """One library's form of a map: value, log-det with its gradient, inverse; None where it has none."""

    forward: Callable[[Tensor], Tensor] | None
    log_det: Callable[[Tensor], tuple[Tensor, Tensor]] | None
    inverse: Callable[[Tensor], Tensor] | None


def ours(row: Row) -> Side:
    """As generated modules compute it: what adds up along the event goes through float64."""
    map_ = getattr(cdsl.runtime, row.domain).__dict__[row.transform]

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        leaf = raw.clone().requires_grad_()
        total = map_.with_log_det(leaf, *row.arguments)[1]
        return total.detach(), slope_of(total, leaf)

    return Side(lambda raw: map_(raw, *row.arguments), log_det, lambda value: map_.inverse(value, *row.arguments))


def theirs_torch(row: Row) -> Side | None:
    """torch.distributions' transform."""
    if row.torch is None:
        return None

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        leaf = raw.clone().requires_grad_()
        total = row.torch.log_abs_det_jacobian(leaf, row.torch(leaf))
        return total.detach(), slope_of(total, leaf)

    return Side(row.torch, log_det, row.torch.inv)


def slope_of(total: Tensor, leaf: Tensor) -> Tensor:
    """The gradient, 0 of a constant."""
    if not total.requires_grad:
        return torch.zeros_like(leaf)
    (slope,) = torch.autograd.grad(total.sum(), leaf)
    return slope


def theirs_numpyro(row: Row, dtype: torch.dtype) -> Side | None:
    """NumPyro's transform, jitted by XLA, in the dtype of raw."""
    if not (row.numpyro and HAS_NUMPYRO):
        return None
    import jax
    import numpy
    from numpyro.distributions import biject_to as b
    from numpyro.distributions import constraints as c

    jax.config.update("jax_enable_x64", dtype == torch.float64)  # its cholesky_corr takes no float32 otherwise
    transform = eval(row.numpyro, {"b": b, "c": c})

    def through(function: Any) -> Callable[[Tensor], Tensor]:
        return lambda tensor: torch.from_numpy(numpy.array(function(tensor.numpy())))

    def log_det(raw: Any) -> Any:
        return transform.log_abs_det_jacobian(raw, transform(raw))

    total, slope = through(jax.jit(log_det)), through(jax.jit(jax.grad(lambda raw: log_det(raw).sum())))
    functions = (lambda raw: transform(raw), lambda y: transform._inverse(y))  # noqa: PLW0108  jit hashes a function
    forward, inverse = (through(jax.jit(one)) for one in functions)
    return Side(forward, lambda raw: (total(raw), slope(raw)), inverse)


def theirs_stan(row: Row, dtype: torch.dtype) -> Side | None:
    """Stan's kernels: the density of a model that is nothing but a declaration is its log-Jacobian."""
    if not (row.stan and HAS_STAN) or dtype != torch.float64:
        return None
    model = stan_model(row.stan.replace("{K}", str(row.size)))

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        rows = raw.reshape(-1, raw.shape[-1] if row.size else 1)
        pairs = [density_of(model, one) for one in rows]
        total = torch.tensor([density for density, _ in pairs], dtype=dtype)
        slope = torch.stack([torch.as_tensor(slope, dtype=dtype) for _, slope in pairs])
        return total, slope.reshape(raw.shape)

    return Side(None, log_det, None)


def density_of(model: Any, raw: Tensor) -> tuple[float, Any]:
    """Stan's log density and gradient; NaN where it refuses the point."""
    try:
        density: tuple[float, Any] = model.log_prob_grad(raw.numpy())
    except RuntimeError:
        return math.nan, [math.nan] * len(raw)
    return density


@cache
def stan_model(declared: str) -> Any:
    """Compiled once."""
    import stanli

    return stanli.Model(stan_code=f"parameters {{ {declared} y; }} model {{ }}")


def raws(row: Row, kind: str, dtype: torch.dtype) -> Tensor:
    """Numbers `(many,)`, or vectors `(many, raw size)`."""
    if not row.size:
        if kind == "extreme":
            held = torch.tensor([sign * size for size in GRID for sign in (1, -1)], dtype=torch.float64).to(dtype)
            return held[held.isfinite()]
        return (3 * torch.randn(400, dtype=torch.float64, generator=torch.Generator().manual_seed(0))).to(dtype)
    (length,) = domains()[row.domain].transforms[row.transform].raw_event((row.size,))
    if kind == "ordinary":
        many = max(2, 200 // row.size)
        generator = torch.Generator().manual_seed(row.size)
        return (3 * torch.randn(many, length, dtype=torch.float64, generator=generator)).to(dtype)
    index = torch.arange(length)
    patterns = [index >= 0, index == 0, index == length - 1]
    signs = torch.where(index % 2 == 0, 1.0, -1.0).double()
    sizes = [sign * size for size in GRID for sign in (1, -1)]
    rows = [torch.where(pattern, size, 0.0).double() for size in sizes for pattern in patterns]
    all_rows = torch.stack(rows + [size * signs for size in sizes]).to(dtype)
    return all_rows[all_rows.any(-1)]  # 1e-300 is 0 in float32, and 0 has no direction


@dataclass
class Figures:
    """The worst errors of one side; None where there is nothing to measure."""

    value: float | None = None
    log_det: float | None = None
    slope: float | None = None
    back: float | None = None


def measure(row: Row, side: Side, raw: Tensor) -> Figures:
    """One side on these raws."""
    found, dtype = Figures(), raw.dtype
    eps = torch.finfo(dtype).eps
    truth = truths(row, tuple(raw.flatten().tolist()), raw.shape, dtype)
    if side.forward is not None:
        value = side.forward(raw)
        found.value = worst(
            oracle.ulps(got, true, dtype)
            for gots, trues in zip(value.reshape(len(raw), -1).tolist(), truth["value"], strict=True)
            for got, true in zip(gots, trues, strict=True)
        )
        if side.inverse is not None:
            found.back = back(row, side, value, eps)
    if side.log_det is not None:
        total, slope = side.log_det(raw)
        pairs = zip(total.tolist(), truth["log_det"], strict=True)
        found.log_det = worst(relative(got, true, eps) for got, true in pairs if abs(true) < torch.finfo(dtype).max)
        if truth["slope"]:
            found.slope = worst(
                relative(got, true, eps)
                for gots, trues in zip(slope.reshape(len(raw), -1).tolist(), truth["slope"], strict=True)
                for got, true in zip(gots, trues, strict=True)
            )
    return found


def back(row: Row, side: Side, value: Tensor, eps: float) -> float:
    """The inverse of what forward gave, where that lies inside the domain."""
    inside = value[domains()[row.domain].contains(value.double(), *row.arguments)]
    if not len(inside):
        return 0.0
    assert side.inverse is not None
    errors = []
    for one, got in zip(inside.reshape(len(inside), -1), side.inverse(inside).reshape(len(inside), -1), strict=True):
        true = truth_of(row).inverse(exact(one))
        errors += [relative(a, b, eps) for a, b in zip(got.tolist(), true, strict=True)]
    return worst(errors)


@cache
def truths(row: Row, flat: tuple[float, ...], shape: torch.Size, dtype: torch.dtype) -> dict[str, Any]:
    """What the oracle says of these raws."""
    rows = [exact(one) for one in torch.tensor(flat, dtype=torch.float64).reshape(len(torch.empty(shape)), -1)]
    truth = truth_of(row)
    return {
        "value": list(map(truth.forward, rows)),
        "log_det": list(map(truth.log_det, rows)),
        "slope": list(map(truth.slope, rows)) if truth.slope else None,
    }


def relative(got: float, true: Any, eps: float) -> float:
    """The error in eps of max(1, |true|)."""
    if not math.isfinite(got):
        return math.inf
    return float(abs(mp.mpf(got) - true) / max(abs(true), 1) / eps)


def worst(errors: Any) -> float:
    """The largest; what has no digits left is as good as infinite."""
    largest = max(errors, default=0.0)
    return math.inf if math.isnan(largest) or largest > DIGITLESS else largest


def measured(found: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """What `cdsl types NAME` shows: our worst figures of each map, float64, ordinary raws."""
    shown: dict[str, dict[str, float]] = {}
    for one in found:
        if (one["raws"], one["dtype"]) == ("ordinary", "float64"):
            domain, _, transform = one["map"].partition(" via ")
            worst_yet = shown.setdefault(f"{domain.partition('[')[0].partition('(')[0]} via {transform}", {})
            for name, figure in (("value", "value"), ("inverse", "back"), ("log_det", "log_det")):
                if one["sides"]["cdsl"][figure] is not None:
                    worst_yet[name] = max(worst_yet.get(name, 0.0), float(f"{one['sides']['cdsl'][figure]:.2g}"))
    return shown


SIDES = ("cdsl", "torch", "numpyro", "stan")


def figures(row: Row, kind: str, dtype: torch.dtype) -> dict[str, Figures]:
    """Every side of one row."""
    sides = {
        "cdsl": ours(row),
        "torch": theirs_torch(row),
        "numpyro": theirs_numpyro(row, dtype),
        "stan": theirs_stan(row, dtype),
    }
    raw = raws(row, kind, dtype)
    return {name: Figures() if side is None else measure(row, side, raw) for name, side in sides.items()}


def shown(figure: float | None) -> str:
    """A figure in three characters or so."""
    if figure is None:
        return "-"
    if math.isinf(figure):
        return "∞"
    return f"{figure:.2g}" if figure < 1000 else f"{figure:.0e}".replace("e+0", "e").replace("e+", "e")


def table(found: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each map, kind of raws and dtype; a column for each figure with the sides in order."""
    head = [
        "map",
        "raws",
        "dtype",
        *(f"{figure}: {' / '.join(SIDES)}" for figure in ("value", "log-det", "slope", "back")),
    ]
    rows = [
        [
            one["map"], one["raws"], one["dtype"],
            *(
                " / ".join(shown(one["sides"][side][figure]) for side in SIDES)
                for figure in ("value", "log_det", "slope", "back")
            ),
        ]
        for one in found
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"


def main() -> None:
    """Measure and print; write where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--write", action="store_true", help="renew the table of docs/accuracy.md")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for row in ROWS:
        for kind in ("ordinary", "extreme") if row.size in (0, 10) else ("ordinary",):
            for dtype in (torch.float64, torch.float32):
                sides = {name: vars(figure) for name, figure in figures(row, kind, dtype).items()}
                name = str(dtype).removeprefix("torch.")
                found.append({"map": str(row), "raws": kind, "dtype": name, "sides": sides})
    lines = "\n".join(table(found))
    print(lines)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if chosen.write:
        MEASURED.write_text(json.dumps(measured(found), indent=1) + "\n", encoding="utf-8")
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
