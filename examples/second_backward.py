"""Why the value of a constrained parameter cannot be kept.

The module that everybody writes first computes `p = sigmoid(p_raw)` once, in `__init__`. The first training step works.
The second one fails, because the graph from `p_raw` to `p` was built once and freed by the first backward; and even
where torch did not object, `p` would not follow `p_raw`. A compiled spec keeps `p_raw` alone and computes `p` from it
whenever it is asked for. So it trains for as long as you like: here, 10,000 steps of Adam from 0.5 to 0.9.

    python examples/second_backward.py
"""

from __future__ import annotations

from typing import Any

import torch

import cdsl
from cdsl.runtime import ConstrainedModule

TARGET = 0.9


class Kept(torch.nn.Module):
    """A probability that is computed in `__init__`, and never again."""

    def __init__(self) -> None:
        super().__init__()
        self.p_raw = torch.nn.Parameter(torch.zeros(()))
        self.p = torch.sigmoid(self.p_raw)


def train(model: Kept | ConstrainedModule[Any], steps: int = 10_000) -> float:
    """Pull `model.p` to the target by the mean squared error, and return where it ended."""
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model.p, torch.tensor(TARGET))
        loss.backward()
        optimizer.step()
    return model.p.item()


def main() -> None:
    """Train both."""
    try:
        train(Kept())
    except RuntimeError as error:
        print(f"computed in __init__: {error}\n")

    model = cdsl.loads("p: prob", name="Coin").Coin()
    print(f"computed when read: after 10,000 steps p = {train(model):.6f}\n\n{model.summary()}")


if __name__ == "__main__":
    main()
