"""Stan's own log-Jacobians, their gradients and its unconstrained values are ours: a model moves with its raw values.

`stanli` runs Stan's kernels without a C++ compiler: the log density of a model that is nothing but a declaration is the
log-Jacobian of its transform.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

import cdsl.runtime  # noqa: F401  binds torch to the maps
from cdsl.constraints import domains
from cdsl.constraints.base import Transform

pytestmark = pytest.mark.untraced

stanli = pytest.importorskip("stanli")

BOUNDED = [
    ("real", "real", "identity", ()),
    ("real<lower=0>", "positive", "exp", ()),
    ("real<upper=0>", "negative", "exp", ()),
    ("real<lower=1.5>", "greater_than", "exp", (1.5,)),
    ("real<lower=-2>", "greater_than", "exp", (-2.0,)),
    ("real<upper=1.5>", "less_than", "exp", (1.5,)),
    ("real<lower=0, upper=1>", "prob", "logistic", ()),
    ("real<lower=-1, upper=2>", "interval", "logistic", (-1.0, 2.0)),
    ("real<lower=0.1, upper=10>", "interval", "logistic", (0.1, 10.0)),
    ("real<lower=1000, upper=1001>", "interval", "logistic", (1000.0, 1001.0)),
]
VECTORS = [
    ("ordered", "ordered", "increments"),
    ("positive_ordered", "positive_ordered", "increments"),
    ("simplex", "simplex", "isometric_log_ratio"),  # of Stan 2.37 and later, which stanli has; before: stick_breaking
]


@cache
def declared(declaration: str) -> Any:
    return stanli.Model(stan_code=f"parameters {{ {declaration} y; }} model {{ }}")


def assert_log_det_is_stans(declaration: str, ours: Transform, raw: Tensor, *arguments: float) -> None:
    leaf = raw.clone().requires_grad_()
    log_det = ours.log_det(leaf, *arguments).sum()
    gradient = torch.zeros_like(raw)
    if log_det.requires_grad:
        (gradient,) = torch.autograd.grad(log_det, leaf)
    density, slope = declared(declaration).log_prob_grad(raw.numpy())
    torch.testing.assert_close(log_det.item(), density, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(gradient, torch.as_tensor(slope), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("declaration", "domain", "via", "arguments"), BOUNDED, ids=[row[0] for row in BOUNDED])
@pytest.mark.parametrize("raw", [-7.5, -1.0, 0.0, 0.3, 4.0])
def test_numbers(declaration: str, domain: str, via: str, arguments: tuple[float, ...], raw: float) -> None:
    ours = domains()[domain].transforms[via]
    x = torch.tensor([raw], dtype=torch.float64)
    assert_log_det_is_stans(declaration, ours, x, *arguments)
    value = ours.forward(x, *arguments)
    theirs = torch.as_tensor(declared(declaration).unconstrain({"y": value.item()}))
    torch.testing.assert_close(ours.inverse(value, *arguments), theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("declaration", "domain", "via"), VECTORS, ids=[row[0] for row in VECTORS])
@pytest.mark.parametrize("size", [2, 3, 10, 50])
@pytest.mark.parametrize("seed", range(3))
def test_vectors(declaration: str, domain: str, via: str, size: int, seed: int) -> None:
    ours = domains()[domain].transforms[via]
    (length,) = ours.raw_event((size,))
    raw = 2 * torch.randn(length, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    assert_log_det_is_stans(f"{declaration}[{size}]", ours, raw)
    value = ours.forward(raw)
    theirs = torch.as_tensor(declared(f"{declaration}[{size}]").unconstrain({"y": value.tolist()}))
    torch.testing.assert_close(ours.inverse(value), theirs, rtol=1e-9, atol=1e-9)
