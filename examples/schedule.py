"""One transform for training, another for evaluation: the value moves, the raw number behind it changes.

Three gates are trained `via logistic`, whose slope is never 0, so that no gate gets stuck. For evaluation their values
are carried into a module that is compiled `via hard_sigmoid`: a straight line between two ends, which needs no exp and
suits small devices. `assign_` sets each value through the inverse of its new transform, so both modules agree.

What this version cannot do: change a transform inside one module. Annealing an argument of it (`via
logistic(temperature)`, with `temperature` as data) and `via staged(train=logistic, eval=hard_sigmoid)` arrive with the
language's data declarations.

    python examples/schedule.py
"""

from __future__ import annotations

from typing import Any

import torch

import cdsl
from cdsl.runtime import ConstrainedModule

TARGET = torch.tensor([0.05, 0.5, 0.95])


def gates(transform: str) -> ConstrainedModule[Any]:
    """Three gates between closed and open, by way of this transform."""
    return cdsl.loads(f"g: prob[3] via {transform}", name="Gates").Gates()


def train(model: ConstrainedModule[Any], steps: int = 1000) -> None:
    """Pull the gates to their targets."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model.g, TARGET).backward()
        optimizer.step()


def carry(trained: ConstrainedModule[Any], transform: str) -> ConstrainedModule[Any]:
    """The gates with the values of `trained`, by way of another transform."""
    carried = gates(transform)
    with torch.no_grad():  # values are copied, gradients are not
        carried.assign_(**trained()._asdict())
    return carried


def main() -> None:
    """Train with one transform, evaluate with the other."""
    training = gates("logistic")
    train(training)
    evaluation = carry(training, "hard_sigmoid")
    for stage, model in (("training", training), ("evaluation", evaluation)):
        raw = ", ".join(f"{number:.3f}" for number in model.to_flat().tolist())
        print(f"{stage}: raw [{raw}]\n{model.summary()}\n")


if __name__ == "__main__":
    main()
