"""The same map as each library computes it."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

import cdsl.runtime
from benchmarks.accuracy.rows import Row

SIDES = ("cdsl", "torch", "numpyro", "stan")
HAS_NUMPYRO = importlib.util.find_spec("numpyro") is not None
HAS_STAN = importlib.util.find_spec("stanli") is not None


@dataclass
class Side:
    """One library's form of a map, of a batch of our raws: value, log-det with its gradient, inverse; None: it has none."""

    forward: Callable[[Tensor], Tensor] | None
    log_det: Callable[[Tensor], tuple[Tensor, Tensor]] | None
    inverse: Callable[[Tensor], Tensor] | None
    pullback: Callable[[Tensor, Tensor], Tensor] | None = None
    """The gradient of the sum of value times weights, of one event."""


def sides_of(row: Row, dtype: torch.dtype) -> dict[str, Side | None]:
    """All of them, None for a library without this map."""
    both = (ours(row), theirs_torch(row), theirs_numpyro(row, dtype), theirs_stan(row, dtype))
    return dict(zip(SIDES, both, strict=True))


def ours(row: Row) -> Side:
    """As generated modules compute it: what adds up along the event goes through float64."""
    map_ = getattr(cdsl.runtime, row.domain).__dict__[row.transform]

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        leaf = raw.clone().requires_grad_()
        total = map_.with_log_det(leaf, *row.given)[1]
        return total.detach(), slope_of(total, leaf)

    return Side(
        lambda raw: map_(raw, *row.given),
        log_det if row.of.bijective else None,
        lambda value: map_.inverse(value, *row.given),
        pullback_of(lambda raw: map_(raw, *row.given)),
    )


def theirs_torch(row: Row) -> Side | None:
    """torch's transform; not every one of them has a log-Jacobian or an inverse."""
    transform = row.peers.torch
    if transform is None:
        return None
    there, back = row.ordered_as(row.peers.torch_order)

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        leaf = raw.clone().requires_grad_()
        total = transform.log_abs_det_jacobian(there(leaf), transform(there(leaf)))
        return total.detach(), slope_of(total, leaf)

    def inverse(value: Tensor) -> Tensor:
        return torch.cat([inverse_of_one(value[i : i + 1]) for i in range(len(value))]) if row.sizes else of_all(value)

    def of_all(value: Tensor) -> Tensor:
        return back(transform.inv(value))

    def inverse_of_one(value: Tensor) -> Tensor:
        try:
            return of_all(value)
        except torch.linalg.LinAlgError:  # no Cholesky factor, it says, of a value that has one
            return torch.full((1, *row.of.raw_event(row.sizes)), math.nan, dtype=value.dtype)

    return Side(
        lambda raw: transform(there(raw)),
        log_det if transform.bijective else None,
        None if transform.inv is None else inverse,
        pullback_of(lambda raw: transform(there(raw))),
    )


def pullback_of(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """By autograd, of each event of a batch."""

    def pullback(raw: Tensor, weights: Tensor) -> Tensor:
        leaf = raw.clone().requires_grad_()
        return slope_of((function(leaf) * weights).sum(), leaf)

    return pullback


def slope_of(total: Tensor, leaf: Tensor) -> Tensor:
    """The gradient, 0 of a constant."""
    if not total.requires_grad:
        return torch.zeros_like(leaf)
    (slope,) = torch.autograd.grad(total.sum(), leaf)
    return slope


def theirs_numpyro(row: Row, dtype: torch.dtype) -> Side | None:
    """NumPyro's transform, jitted by XLA, in the dtype of raw."""
    if not (row.peers.numpyro and HAS_NUMPYRO):
        return None
    import jax
    import numpy
    from numpyro.distributions import biject_to as b
    from numpyro.distributions import constraints as c

    jax.config.update("jax_enable_x64", dtype == torch.float64)  # its cholesky_corr takes no float32 otherwise
    transform = eval(row.peers.numpyro, {"b": b, "c": c})
    there, back = row.ordered_as(row.peers.numpyro_order)

    def through(function: Any) -> Callable[[Tensor], Tensor]:
        return lambda tensor: torch.from_numpy(numpy.array(function(tensor.numpy())))

    def log_det(raw: Any) -> Any:
        return transform.log_abs_det_jacobian(raw, transform(raw))

    total, slope = through(jax.jit(log_det)), through(jax.jit(jax.grad(lambda raw: log_det(raw).sum())))
    functions = (lambda raw: transform(raw), lambda y: transform._inverse(y))  # noqa: PLW0108  jit hashes a function
    forward, inverse = (through(jax.jit(one)) for one in functions)
    pulled = jax.jit(jax.grad(lambda raw, weights: (transform(raw) * weights).sum()))
    return Side(
        lambda raw: forward(there(raw)),
        lambda raw: (total(there(raw)), back(slope(there(raw)))),
        lambda value: back(inverse(value)),
        lambda raw, weights: back(through(lambda one: pulled(one, weights.numpy()))(there(raw))),
    )


def theirs_stan(row: Row, dtype: torch.dtype) -> Side | None:
    """Stan's kernels: the density of a model that is nothing but a declaration is its log-Jacobian."""
    if not (row.peers.stan and HAS_STAN) or dtype != torch.float64:
        return None
    model = stan_model(row.peers.stan.format(**dict(zip("KN", row.sizes, strict=False))))
    there, back = row.ordered_as(row.peers.stan_order)

    def log_det(raw: Tensor) -> tuple[Tensor, Tensor]:
        pairs = [density_of(model, one) for one in there(raw).reshape(len(raw), -1)]
        total = torch.tensor([density for density, _ in pairs], dtype=dtype)
        slope = torch.stack([torch.as_tensor(slope, dtype=dtype) for _, slope in pairs])
        return total, back(slope).reshape(raw.shape)

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
