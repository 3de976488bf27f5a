"""Three ways to watch a constrained value while it is trained; none of them spells out a sigmoid.

A coin fell heads up in 70 of 100 throws. The compiled model is asked for its value

1. in `forward`: what `model()` returns is what the loss uses, and can be kept or printed as it is;
2. inside the loop: `model.scalar_dict()` is what loggers take, here TensorBoard;
3. at any time: `model.p` is the value now, whatever has happened to the raw parameter since.

    python examples/watch.py [LOG_DIR]        # and then: tensorboard --logdir LOG_DIR
"""

from __future__ import annotations

import sys
import tempfile
from typing import Any

import torch
from torch.utils.tensorboard import SummaryWriter

import cdsl
from cdsl.runtime import ConstrainedModule

HEADS, THROWS = 70, 100


def train(model: ConstrainedModule[Any], log_dir: str, steps: int = 500) -> list[float]:
    """Fit the coin, write its path to TensorBoard, and return the same path."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    path = []
    with SummaryWriter(log_dir) as writer:
        for step in range(steps):
            p = model().p  # 1. from what forward returns
            path.append(p.item())
            for name, number in model.scalar_dict(prefix="coin/").items():  # 2. recorded in the loop
                writer.add_scalar(name, number, step)
            loss = -(HEADS * torch.log(p) + (THROWS - HEADS) * torch.log1p(-p))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return path


def main() -> None:
    """Train, and show the value before and after."""
    log_dir = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="cdsl-watch-")
    model = cdsl.loads("p: prob", name="Coin").Coin()
    print(f"before training: p = {model.p:.4f}")  # 3. read at any time
    path = train(model, log_dir)
    print(f"after training:  p = {model.p:.4f}")
    print(f"from forward:    {', '.join(f'{p:.4f}' for p in path[::100])}, …")
    print(f"in TensorBoard:  tensorboard --logdir {log_dir}")


if __name__ == "__main__":
    main()
