"""What the examples of the gallery share: one fit, one comparison, one look of a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from scipy.optimize import minimize
from torch import Tensor

from cdsl.runtime import ConstrainedModule

BLUE, ORANGE, GREEN, GREY, PALE = "#0072B2", "#D55E00", "#009E73", "#595959", "#BFBFBF"
"""Okabe and Ito: distinct to colour-blind readers too."""
PLATE = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5}
"""Behind a word that stands on points."""

mpl.rcParams.update({"font.size": 12, "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 2})


def fit(model: ConstrainedModule[Any], log_likelihood: Callable[[Any], Tensor], steps: int = 5000) -> float:
    """Move `model` to a maximum of `log_likelihood(values)` by L-BFGS over its raw numbers, and return what is reached."""
    f = model.value_and_grad(lambda values: -log_likelihood(values), compile=False)

    def value_and_gradient(raw: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = f(torch.from_numpy(raw))
        return value.item(), gradient.numpy()

    options = {"maxiter": steps, "maxfun": 2 * steps, "ftol": 1e-14, "gtol": 1e-7}
    found = minimize(value_and_gradient, model.to_flat().numpy(), jac=True, method="L-BFGS-B", options=options)
    model.load_flat_(torch.from_numpy(found.x))
    return -float(found.fun)


def compare(name: str, values: dict[str, tuple[Any, Any]], within: float) -> None:
    """Print ours beside theirs, a line a number; each must be theirs to `within`, relative to the largest of its array."""
    print(f"{'':<22}{'cdsl':>12}{name:>24}")
    for label, both in values.items():
        ours, theirs = (np.asarray(one.detach() if isinstance(one, Tensor) else one) for one in both)
        digits = max(0, 4 - int(np.floor(np.log10(np.abs(theirs).max()))))
        for place in np.ndindex(theirs.shape):
            where = f"{label}[{place[0]}]" if place else label
            print(f"{where:<22}{ours[place]:>12.{digits}f}{theirs[place]:>24.{digits}f}")
        assert np.abs(ours - theirs).max() <= within * np.abs(theirs).max(), label


def canvas(**options: Any) -> tuple[Figure, Any]:
    """A light figure that is read at 600 pixels, and its axes."""
    figure = Figure(figsize=(7, 4.2), dpi=120, layout="constrained", facecolor="white")
    return figure, figure.subplots(**options)


def save(figure: Figure) -> None:
    """Write the picture where the command line says, or beside the script."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else sys.argv[0]).with_suffix(".png")
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    Image.open(buffer).convert("RGB").quantize(64).save(file, optimize=True)  # few colours make a small file
    print(f"picture: {file}", file=sys.stderr)
