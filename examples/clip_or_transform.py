"""Keeping a probability in (0, 1): clipping it after each step, or training an unconstrained number behind it.

Each month a subscriber stays with probability p, so a share p**t is left after t months. The shares after 3, 6, …, 24
months are known, and p is wanted. From 0.95, one step of gradient descent overshoots far below 0. Clipping puts p on
the bound, where the slope of every p**t is exactly 0: it never moves again. The transform turns the same step into a
small one, because it cannot leave (0, 1), and arrives. (A smaller step would have saved the clipped run. Which step is
small enough depends on the data and the start; the transform does not need to know.)

    python examples/clip_or_transform.py [PLOT.png]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import torch
from matplotlib.figure import Figure
from torch import Tensor

import cdsl

TRUTH, START, STEPS = 0.8, 0.95, 100
MONTHS = torch.arange(3, 25, 3, dtype=torch.float64)
SHARES = TRUTH**MONTHS

Trace = tuple[list[float], list[float]]


def descend(parameter: Tensor, value: Callable[[], Tensor], after_step: Callable[[], object]) -> Trace:
    """Values of p and gradients of what the optimizer moves, step by step."""
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    values, gradients = [], []
    for _ in range(STEPS):
        p = value()
        loss = torch.nn.functional.mse_loss(p**MONTHS, SHARES)
        optimizer.zero_grad()
        loss.backward()
        values.append(p.item())
        gradients.append(parameter.grad.item())
        optimizer.step()
        after_step()
    return values, gradients


def clipped() -> Trace:
    """The optimizer moves p itself, and p is put back after each step."""
    p = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    return descend(p, lambda: p, lambda: p.data.clamp_(0, 1))


def transformed() -> Trace:
    """The optimizer moves the raw number, and p follows."""
    model = cdsl.loads(f"p: prob = {START}", name="Churn").Churn(dtype=torch.float64)
    return descend(model.p_raw, lambda: model.p, lambda: None)


def plot(paths: dict[str, Trace], file: Path) -> None:
    """p and its gradient over the steps, one line a path."""
    orange, blue, grey = "#D55E00", "#0072B2", "#595959"  # Okabe and Ito: distinct to colour-blind readers too
    with mpl.rc_context({"font.size": 12, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 6), layout="constrained", facecolor="white")
        above, below = figure.subplots(2, sharex=True)
        for (values, gradients), colour in zip(paths.values(), (orange, blue), strict=True):
            above.plot(values, color=colour, linewidth=2.5)
            below.plot([abs(gradient) for gradient in gradients], color=colour, linewidth=2.5)
        above.axhline(TRUTH, color=grey, linestyle=":")
        above.set(ylabel="p", ylim=(-0.06, 1.06), title="One problem, one optimizer, two ways to stay in (0, 1)")
        above.text(3, 0.04, "clipped after each step: on the bound for good", color=orange)
        above.text(10, 0.9, "transformed: arrives", color=blue)
        above.text(STEPS, TRUTH - 0.09, f"best: {TRUTH}", color=grey, ha="right")
        below.set_yscale("symlog", linthresh=1e-5)
        below.set(ylabel="size of gradient", xlabel="step", ylim=(-1e-6, 10), yticks=[0, 1e-4, 1e-2, 1])
        below.text(3, 2e-6, "clipped: exactly 0, though far from the best value", color=orange)
        below.text(10, 0.1, "transformed: fades only as p arrives", color=blue)
        figure.savefig(file, dpi=150)


def main() -> None:
    """Run both, say where they ended, and draw them."""
    paths = {"clipped after each step": clipped(), "transformed": transformed()}
    for name, (values, gradients) in paths.items():
        print(f"{name}: p = {values[-1]:.6f}, gradient = {gradients[-1]:.2g}  (best: p = {TRUTH})")
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png")
    plot(paths, file)
    print(f"plot: {file}")


if __name__ == "__main__":
    main()
