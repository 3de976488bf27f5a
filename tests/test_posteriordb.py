"""The models of posteriordb: cdsl's log-Jacobians, their gradients and the values of whole models are Stan's own.

`benchmarks/posteriordb.py` says what the files of `posteriordb/` are, and writes them. Nothing here asks Stan: its numbers are in
`reference.json`.

Unconstrained values are in Stan's order, but for one thing: Stan goes through a matrix of numbers by columns, cdsl by rows, as
any array's entries; `as_cdsl_orders` moves them. Domains of matrices (`cholesky_corr` …) have Stan's own order.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
import torch

import cdsl

pytestmark = pytest.mark.untraced

HOME = Path(__file__).parent / "posteriordb"
REFERENCE = json.loads((HOME / "reference.json").read_text(encoding="utf-8"))["models"]
SPECS = sorted(file.stem for file in HOME.glob("*.cdsl"))

NEAR = {"rtol": 1e-9, "atol": 1e-9}
"""Sums of up to 2000 terms, in another order than Stan's."""


def built(name):
    """The module of a fixture, in float64, with the data beside it."""
    given = json.loads((HOME / f"{name}.json").read_text(encoding="utf-8"))
    module = cdsl.loads((HOME / f"{name}.cdsl").read_text(encoding="utf-8"))
    return module.Model(**given, dtype=torch.float64)


def points(size):
    """The two points at which Stan was asked."""
    rng = random.Random(0)
    rows = [[0.5 * math.sin(i) for i in range(size)], [rng.uniform(-2, 2) for _ in range(size)]]
    return torch.tensor(rows, dtype=torch.float64)


def as_cdsl_orders(model, matrices):
    """Where each entry of the unconstrained vector is in Stan's: the same, but in these parameters by rows, not by columns."""
    places, start = [], 0
    for name in model.constrain(torch.zeros(model.unconstrained_size, dtype=torch.float64))._fields:
        raw = getattr(model, f"{name}_raw", None)
        if raw is None:
            continue  # no parameter: a let
        here = torch.arange(start, start + raw.numel())
        if name in matrices:
            *batch, rows, columns = raw.shape
            here = here.reshape(*batch, columns, rows).mT
        places.append(here.flatten())
        start += raw.numel()
    return torch.cat(places)


def weighted(entries):
    """Σᵢ cos(i) · (entry i)"""
    return torch.dot(torch.arange(entries.numel()).to(entries).cos(), entries)


def by_columns(value):
    """The entries of an array as Stan writes them: the first index fastest."""
    return value.permute(tuple(reversed(range(value.ndim)))).flatten()


def test_every_program_of_posteriordb_is_there():
    assert (len(SPECS), sorted(REFERENCE)) == (120, SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_a_model_is_stans(name):
    model, stan = built(name), REFERENCE[name]
    assert model.unconstrained_size == stan["size"]
    order = as_cdsl_orders(model, stan["matrices"])
    for theta, expected in zip(points(stan["size"]), stan["points"], strict=True):
        theta.requires_grad_()
        values, log_det = model.constrain_and_log_det(theta[order])
        (slope,) = torch.autograd.grad(log_det + 0 * theta.sum(), theta)  # that of `real` alone has no graph
        flat = torch.cat([by_columns(value) for value in values])
        torch.testing.assert_close(log_det.item(), expected["log_density"], **NEAR)
        torch.testing.assert_close(weighted(slope).item(), expected["slope"], **NEAR)
        torch.testing.assert_close(weighted(flat).item(), expected["values"], **NEAR)
