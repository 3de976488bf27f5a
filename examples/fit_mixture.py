"""Fit a Gaussian mixture to real data, with every constraint written in `mixture.cdsl`.

The data are the mean radii of the cell nuclei in 569 breast tumours, as scikit-learn ships them. Nobody tells the model
which tumours are malignant: it finds by itself that there are two kinds, with small and with large nuclei, and sets
aside the few tumours that are like neither. The spec says what the parameters are; this script says only how likely
they make the data. The optimizer moves unconstrained numbers, which neither of the two ever mentions.

    python examples/fit_mixture.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sklearn.datasets import load_breast_cancer
from torch import Tensor
from torch.distributions import Normal

import cdsl
from cdsl.runtime import ConstrainedModule

mixture = cdsl.load(Path(__file__).with_name("mixture.cdsl"))


def radii() -> Tensor:
    """The mean radius of the nuclei of each tumour, `(569,)`."""
    tumours = load_breast_cancer()
    return torch.from_numpy(tumours.data[:, tumours.feature_names == "mean radius"].squeeze(1))


def log_likelihood(model: ConstrainedModule[Any], x: Tensor) -> Tensor:
    """Σ log(background · uniform(x) + (1 - background) · Σₖ weightsₖ · normal(x; meansₖ, scalesₖ)), over all x"""
    background, weights, means, scales = model()
    either_kind = torch.logsumexp(torch.log(weights) + Normal(means, scales).log_prob(x[:, None]), -1)
    neither = -torch.log(x.max() - x.min())
    return torch.logaddexp(torch.log(background) + neither, torch.log1p(-background) + either_kind).sum()


def fit(model: ConstrainedModule[Any], x: Tensor, steps: int = 600) -> float:
    """Move `model` to the maximum of the likelihood, and return the log-likelihood there."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("fitting", total=steps)
        for _ in range(steps):
            optimizer.zero_grad()
            reached = log_likelihood(model, x)
            (-reached).backward()
            optimizer.step()
            progress.update(task, advance=1, description=f"log-likelihood {reached.item():.3f}")
    return log_likelihood(model, x).item()


def main() -> None:
    """Fit, and print what was found."""
    x = radii()
    model = mixture.Mixture(dtype=torch.float64)
    reached = fit(model, x)
    print(f"\n{model.summary()}\n\nlog-likelihood of the {len(x)} tumours: {reached:.3f}")


if __name__ == "__main__":
    main()
