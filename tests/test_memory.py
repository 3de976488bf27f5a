"""What value, log-Jacobian and gradient have in memory at once, at most: in sizes of raw, beyond it."""

import pytest
import torch

import cdsl
from benchmarks.speed.floors import peak
from tests.conftest import THOROUGH

SIZE = 100_000
MOST = {"positive": 3, "prob": 4, "interval(0, 2)": 5.125, f"ordered[{SIZE}]": 8, f"simplex[{SIZE + 1}]": 6}
"""Of eager code: the value, its gradient and that of raw, and what the way back needs."""
MOST_COMPILED = {"positive": 1, "prob": 2}
"""The gradient, and for `prob` the factors of its log-Jacobian."""


def sizes(spec, compiled):
    """The peak, of a function that holds nothing of its own."""
    domain = spec if "[" in spec else f"{spec}[{SIZE}]"
    model = cdsl.loads(f"x: {domain}").Model(dtype=torch.float64)
    theta = torch.linspace(-2, 2, SIZE, dtype=torch.float64)
    model.load_flat_(theta)
    weight = torch.linspace(0, 1, model.x.numel(), dtype=torch.float64)

    def loss(values, log_det):
        return torch.dot(values.x, weight) + log_det

    def eagerly():
        model.zero_grad()
        loss(*model.forward_and_log_det()).backward()

    if not compiled:
        return peak(eagerly) / (8 * SIZE)
    f = model.value_and_grad(loss)
    f(theta)
    assert f.compiled
    return peak(lambda: f(theta)) / (8 * SIZE)


@pytest.mark.parametrize("spec", MOST)
def test_eager_code_holds_no_more_than_is_promised(spec):
    assert sizes(spec, compiled=False) < MOST[spec] + 0.1  # numbers, and sums of blocks


@pytest.mark.skipif(not THOROUGH, reason="it compiles: CDSL_THOROUGH=1 asks")
@pytest.mark.parametrize("spec", MOST_COMPILED)
def test_compiled_code_holds_no_more_than_is_promised(spec):
    assert sizes(spec, compiled=True) < MOST_COMPILED[spec] + 0.1
